# Two commands do all the set-up: `make demo` runs the chain, `make test` passes the tests.
# Both need Python 3.11 or newer and make, nothing else; everything is installed in .venv.

# a module is compiled once, not by each of the hundreds of processes that tests start
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
TYPES := $(BIN)/mypy && $(BIN)/lint-imports --no-cache
PARTS := $(dir $(wildcard examples/magister_like/pyproject.toml plugins/*/pyproject.toml))

.PHONY: help demo check style types format test soak bench docs lock install clean

help: ## Show the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

demo: $(VENV)/.run ## Run the whole chain on this machine (KEEP=DIR leaves the dossiers)
	@$(BIN)/oso-adapter demo $(if $(KEEP),--keep "$(KEEP)")

check: style ## Format, lint, types and import contracts
	$(TYPES)

style: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

# The types are judged beside the tests. It takes four processes of tests to keep two cores busy, as
# each waits now and then for what it started.
test: style ## Everything that has to pass; a file of tests stays in one process
	@{ $(TYPES); } & types=$$!; \
	  $(BIN)/pytest --numprocesses 4 --dist loadfile --no-loadscope-reorder; tests=$$?; \
	  wait $$types || { echo "the types are not right, or the contracts: make check"; exit 1; }; \
	  exit $$tests

soak: $(VENV)/.test ## Long runs: kills and fuzzing
	$(BIN)/pytest -m soak

bench: $(VENV)/.test ## Measure speed and memory; ratios within one run
	$(BIN)/python tests/bench.py

docs: $(VENV)/.run ## Write the reference pages from the code
	$(BIN)/python docs/generate.py
	$(BIN)/python -m oso_webhook.openapi > plugins/oso-webhook/openapi.json

format: $(VENV)/.test ## Bring the code into form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

install: $(VENV)/.run ## Install the adapter alone, as the Dockerfile does

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	@$(PYTHON) -c 'import ensurepip' || { echo "this Python lacks venv (on Debian: python3-venv)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# what the lock file names, with its hashes, and the parts of this project; compiled meanwhile, since
# whoever runs it may not write here, and then each process would compile it anew
define INSTALL
	$(BIN)/pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r $<
	@{ $(BIN)/python -m compileall -q -j 0 $(VENV)/lib oso_adapter $(PARTS); } & compiled=$$!; \
	  $(BIN)/pip install --quiet --disable-pip-version-check --no-compile --no-deps \
	    --no-build-isolation -e . $(patsubst %,-e %,$(PARTS)) && wait $$compiled
endef

$(VENV)/.run: requirements/run.lock pyproject.toml $(VENV)/bin/python
	$(INSTALL)
	touch $@

$(VENV)/.test: requirements/test.lock pyproject.toml $(VENV)/bin/python
	$(INSTALL)
	touch $(VENV)/.run $@ # the other lock file is a part of this one

lock: ## Make the lock files anew (needs uv)
	uv pip compile --generate-hashes --no-emit-index-url --no-header --universal \
	  --python-version 3.11 pyproject.toml --extra build -o requirements/run.lock
	uv pip compile --generate-hashes --no-emit-index-url --no-header --universal \
	  --python-version 3.11 pyproject.toml --extra build --extra test --extra official --extra pdf \
	  -o requirements/test.lock

clean: ## Remove what was installed
	rm -rf $(VENV)
