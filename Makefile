# make demo  - set up, reorient the bundled study, report it with rest, name what was written
# make test  - set up and run the tests
# make lint  - style, types, import contracts, whether pages show the stored results; the review page too, where npm is there
# make docs  - build the documentation
# make results - measure stored results that are stale, the cheapest first (MINUTES=30)
# make lock  - pin new requirements of pyproject.toml (UPGRADE=1: take the newest releases in its ranges)
# make audit - look the pinned releases up among known vulnerabilities
# make sbom  - list what is installed for users and for the node, as CycloneDX
# make pin-image - write the digests of the containers' base images into their recipes
# make images - build the containers of deploy/, where a builder and the base images are there
# make release-check - whether tag, version, changelog and pins agree (DRY_RUN=1: before the tag)
# make release - build, list, attest and sum up what is published; docs/how-to/release.md
# make release DRY_RUN=1 - rehearse all of that in a clone that is thrown away (VERSION=0.2.0)

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OUT ?= out/demo
# Two workers fill two cores; more threads inside each only get in each other's way.
# One more than the usual two cores: tests wait for processes and ports, and another worker computes.
TEST_WORKERS ?= 3
export OMP_NUM_THREADS ?= 1
# Tests start hundreds of processes: each would compile the package anew.
unexport PYTHONDONTWRITEBYTECODE
# The theme advertises its successor at every build.
export NO_MKDOCS_2_WARNING ?= 1

# A file stays with one worker, which makes what its tests share once; dear files come first.
BY_FILE := --dist loadfile --no-loadscope-reorder

# Nothing is installed that requirements/ does not name with the hash of its file, and nothing is built from source.
PINNED := install --quiet --no-deps --only-binary :all: --require-hashes --requirement
OURSELVES := install --quiet --no-deps --no-index --no-build-isolation

# A list of components that was not finished is none.
.DELETE_ON_ERROR:

.PHONY: demo test lint lint-page docs results system-packages ohif clean lock audit sbom pin-image images \
	release-check release

demo: $(VENV)/.base
	@$(BIN)/shortaxis reorient demo/study.dcm --out $(OUT) --force
	@$(BIN)/shortaxis report demo/study.dcm demo/rest.dcm --out $(OUT)/report --force

test: $(VENV)/.dev system-packages ohif
	$(BIN)/pytest -n $(TEST_WORKERS) $(BY_FILE)

lint: $(VENV)/.dev lint-page
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m evidence check

lint-page:
	@if command -v npm >/dev/null; then npm ci --silent && npm run --silent lint; \
	  else echo "npm is not there: the JavaScript of the review page is not linted"; fi

docs: $(VENV)/.docs
	@if command -v npm >/dev/null; then npm ci --ignore-scripts --silent --prefix deploy/browser; \
	  else echo "npm is not there: the page in the browser is built without its runtime"; fi
	$(BIN)/mkdocs build --strict

# More minutes than all results take, unless fewer are given.
MINUTES ?= 100000
results: $(VENV)/.dev system-packages
	$(BIN)/python -m evidence run --stale --minutes $(MINUTES)

lock: $(VENV)-release/.tools
	@sh tools/lock_requirements.sh $(VENV)-release/bin/uv $(if $(UPGRADE),--upgrade)

# What users and the node install, and what tests and documentation need.
AUDITED := $(patsubst %,requirements/%.txt,base node dev docs)
audit: $(VENV)-release/.tools
	@sh tools/audit.sh $(VENV)-release/bin/pip-audit $(AUDITED)

sbom: out/sbom/base.cdx.json out/sbom/node.cdx.json

# Of an environment, which knows licences and what needs what; a list of pins knows neither.
out/sbom/%.cdx.json: $(VENV)-release/.tools requirements/%.txt pyproject.toml
	@$(PYTHON) -m venv --clear --without-pip $(VENV)-$*
	@$(VENV)-release/bin/python -m pip --python $(VENV)-$*/bin/python $(PINNED) requirements/$*.txt
	@$(VENV)-release/bin/python -m pip --python $(VENV)-$*/bin/python $(OURSELVES) .
	@mkdir -p out/sbom
	@$(VENV)-release/bin/cyclonedx-py environment --output-reproducible --pyproject pyproject.toml \
	  --output-file $@ $(VENV)-$*/bin/python
	@$(PYTHON) tools/state_version.py $@
	@echo $@

pin-image:
	@for recipe in deploy/Containerfile deploy/*/Containerfile; do \
	  sh tools/pin_image.sh $$recipe || exit 1; done

images:
	@sh tools/build_images.sh deploy/Containerfile deploy/*/Containerfile

# A word that may mean a rehearsal, and is none here, would publish.
ifneq ($(filter release release-check,$(MAKECMDGOALS)),)
ifneq ($(filter-out 0 1,$(DRY_RUN)),)
$(error DRY_RUN is $(DRY_RUN): DRY_RUN=1 rehearses, DRY_RUN=0 or nothing releases)
endif
endif
IS_REHEARSAL := $(filter 1,$(DRY_RUN))

release-check:
	@$(PYTHON) tools/release_check.py $(if $(IS_REHEARSAL),--before-the-tag)

ifneq ($(IS_REHEARSAL),)
release:
	@$(PYTHON) tools/rehearse_release.py out/rehearsal $(if $(VERSION),--version $(VERSION))
else
release: release-check sbom $(VENV)/.base
	@rm -rf out/release && mkdir -p out/release
	@SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) \
	  $(VENV)-release/bin/python -m build --no-isolation --outdir out/release
	@cp out/sbom/*.json out/release
	@$(VENV)-release/bin/twine check --strict out/release/*.whl out/release/*.tar.gz
	@$(PYTHON) tools/conda_recipe.py out/release/*.tar.gz > out/release/recipe.yaml
	@$(BIN)/python tools/man_pages.py out/man
	@$(PYTHON) tools/archived.py out/release/shortaxis-man.zip out/man
	@$(PYTHON) tools/archived.py out/release/shortaxis-data-sheets.zip \
	  docs/reference/benchmarks.md docs/explanation/model-card.md docs/explanation/how-good-it-is.md cohorts
	@$(PYTHON) tools/attest.py out/release
	@if [ -n "$(KEY)" ]; then ssh-keygen -Y sign -n file -f "$(KEY)" out/release/SHA256SUMS; \
	  else echo "Not signed: make release KEY=a private SSH key"; fi
endif

# The build that deploy/ohif is tested with.
ohif:
	@sh tools/fetch_ohif.sh

system-packages:
	@sh tools/install_system_packages.sh

$(VENV)/.venv: requirements/pip.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "ShortAxis needs Python 3.11 or newer; try: make PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip $(PINNED) requirements/pip.txt
	@touch $@

$(VENV)/.base: $(VENV)/.venv pyproject.toml requirements/base.txt
	$(BIN)/python -m pip $(PINNED) requirements/base.txt
	$(BIN)/python -m pip $(OURSELVES) --editable .
	@touch $@

# Where pip finds the build of torch without CUDA, a tenth of the size, that one is taken.
$(VENV)/.torch: $(VENV)/.base requirements/torch.txt requirements/torch-cpu.txt
	$(BIN)/python -m pip $(PINNED) requirements/torch-cpu.txt 2>/dev/null \
	  || $(BIN)/python -m pip $(PINNED) requirements/torch.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.torch requirements/dev.txt
	$(BIN)/python -m pip $(PINNED) requirements/dev.txt
	@touch $@

$(VENV)/.docs: $(VENV)/.base requirements/docs.txt
	$(BIN)/python -m pip $(PINNED) requirements/docs.txt
	@touch $@

$(VENV)-release/.tools: requirements/pip.txt requirements/release.txt
	$(PYTHON) -m venv $(VENV)-release
	$(VENV)-release/bin/python -m pip $(PINNED) requirements/pip.txt
	$(VENV)-release/bin/python -m pip $(PINNED) requirements/release.txt
	@touch $@

clean:
	rm -rf $(VENV) $(VENV)-release out site .pytest_cache .hypothesis .mypy_cache .ruff_cache
