# make demo  - set up, reorient the bundled study, report it with rest, name what was written
# make test  - set up and run the tests
# make lint  - style, types, import contracts, whether pages show the stored results; the review page too, where npm is there
# make docs  - build the documentation
# make results - measure stored results that are stale, the cheapest first (MINUTES=30)
# make lock  - pin new requirements of pyproject.toml (UPGRADE=1: take the newest releases in its ranges)
# make audit - look the pinned releases up among known vulnerabilities
# make sbom  - list what is installed for users and for the node, as CycloneDX
# make release-check - whether tag, version, changelog and pins agree; docs/how-to/release.md has the rest

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OUT ?= out/demo
# Two workers fill two cores; more threads inside each only get in each other's way.
TEST_WORKERS ?= 2
export OMP_NUM_THREADS ?= 1
# Tests start hundreds of processes: each would compile the package anew.
unexport PYTHONDONTWRITEBYTECODE
# The theme advertises its successor at every build.
export NO_MKDOCS_2_WARNING ?= 1

# A file stays with one worker, which makes what its tests share once; dear files come first.
BY_FILE := --dist loadfile --no-loadscope-reorder

# Nothing is installed that requirements/ does not name with the hash of its file, and nothing is built from source.
PINNED := -m pip install --quiet --no-deps --only-binary :all: --require-hashes --requirement

.PHONY: demo test lint lint-page docs results system-packages clean lock audit sbom release-check

demo: $(VENV)/.base
	@$(BIN)/shortaxis reorient demo/study.dcm --out $(OUT) --force
	@$(BIN)/shortaxis report demo/study.dcm demo/rest.dcm --out $(OUT)/report --force

test: $(VENV)/.dev system-packages
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
	$(BIN)/mkdocs build --strict

# More minutes than all results take, unless fewer are given.
MINUTES ?= 100000
results: $(VENV)/.dev system-packages
	$(BIN)/python -m evidence run --stale --minutes $(MINUTES)

system-packages:
	@sh tools/install_system_packages.sh

$(VENV)/.venv: requirements/pip.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "ShortAxis needs Python 3.11 or newer; try: make PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python $(PINNED) requirements/pip.txt
	@touch $@

$(VENV)/.base: $(VENV)/.venv pyproject.toml requirements/base.txt
	$(BIN)/python $(PINNED) requirements/base.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-index --no-build-isolation --editable .
	@touch $@

# Where pip finds the build of torch without CUDA, a tenth of the size, that one is taken.
$(VENV)/.torch: $(VENV)/.base requirements/torch.txt requirements/torch-cpu.txt
	$(BIN)/python $(PINNED) requirements/torch-cpu.txt 2>/dev/null \
	  || $(BIN)/python $(PINNED) requirements/torch.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.torch requirements/dev.txt
	$(BIN)/python $(PINNED) requirements/dev.txt
	@touch $@

$(VENV)/.docs: $(VENV)/.base requirements/docs.txt
	$(BIN)/python $(PINNED) requirements/docs.txt
	@touch $@

$(VENV)-release/.tools: requirements/pip.txt requirements/release.txt
	$(PYTHON) -m venv $(VENV)-release
	$(VENV)-release/bin/python $(PINNED) requirements/pip.txt
	$(VENV)-release/bin/python $(PINNED) requirements/release.txt
	@touch $@

clean:
	rm -rf $(VENV) $(VENV)-release out site .pytest_cache .hypothesis .mypy_cache .ruff_cache
