# make demo  - set up, reorient the bundled study, report it with rest, name what was written
# make test  - set up and run the tests
# make lint  - style, types, import contracts, whether pages show the stored results; the review page too, where npm is there
# make docs  - build the documentation
# make results - measure stored results that are stale, the cheapest first (MINUTES=30)

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

.PHONY: demo test lint lint-page docs results system-packages clean

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

$(VENV)/.venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "ShortAxis needs Python 3.11 or newer; try: make PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	@touch $@

$(VENV)/.base: $(VENV)/.venv pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.base
	$(BIN)/python -m pip install --quiet --group dev
	@touch $@

$(VENV)/.docs: $(VENV)/.base
	$(BIN)/python -m pip install --quiet --group docs
	@touch $@

clean:
	rm -rf $(VENV) out site .pytest_cache .hypothesis .mypy_cache .ruff_cache
