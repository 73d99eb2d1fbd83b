# One target per task; each works from a clean clone.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
# A folder with speech/, goemotions/ and summaries/. Missing data is fetched, or the step reports that it was skipped.
DATA ?= data
# Tests run in one process per CPU and one more, the long ones first. WORKERS=0: in a single process.
WORKERS ?= auto
PYTEST = $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadscope --no-loadscope-reorder
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help run test lint lint-javascript bench verify mutants emotion insight summaries lock clean

help:  ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run: $(VENV)/local  ## Install SAMO, show the insight of a sample note and serve the journal
	@$(BIN)/samo run --demo

test: $(VENV)/test  ## Run every test; list what could not run here and what it needs
	@$(PYTEST)

lint: $(VENV)/test lint-javascript  ## Check the lock, formatting, style, types and the import contracts
	$(BIN)/uv lock --check --quiet
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lint-javascript:
	@if command -v npm >/dev/null; then npm ci --silent && npm run --silent lint && npm run --silent types; \
	elif [ "$$CI" = true ]; then echo "JavaScript lint needs node and npm"; exit 1; \
	else echo "NOT RUN: JavaScript lint (install node)"; fi

bench: $(VENV)/test  ## Measure the documented figures on this machine (DATA=folder with speech and texts)
	$(BIN)/python -m tests.benchmarks --data $(DATA)

verify: $(VENV)/build $(VENV)/checkov lint  ## Run everything at full size: tests, properties, faults, mutants, benchmarks
	HYPOTHESIS_PROFILE=verify $(PYTEST)
	$(BIN)/python -m tests.faults --entries 1000
	$(BIN)/python -m tests.terraform.mutate
	$(BIN)/python -m tests.benchmarks --data $(DATA)

mutants: $(VENV)/mutation  ## Mutate access, quotas, retention, leases and search, and report what no test catches (an hour)
	$(BIN)/python -m tests.mutation

emotion: $(VENV)/build  ## Train the emotion model that ships (DATA=folder; DEV=1: on a twentieth of it, in minutes)
	$(BIN)/python -m build.emotion run $(if $(wildcard $(DATA)/goemotions),--data $(DATA)) \
	  $(if $(DEV),--dev --models runs/models)

insight: $(VENV)/build  ## Train the journal reader (DATA=folder; DEV=1: a small one on little data, in minutes)
	$(BIN)/python -m build.insight run $(if $(wildcard $(DATA)/summaries),--data $(DATA)) \
	  $(if $(DEV),--dev --release runs/models)

summaries: $(VENV)/build  ## Train the summarizers that ship (DATA=folder; DEV=1: on a hundredth of it, in minutes)
	$(BIN)/python -m build.summarization run --data $(DATA) $(if $(DEV),--dev --models runs/models)

# uv.lock names versions and hashes but no registry, because every machine has its own: sed removes the addresses, which
# uv does not need to check or export the lock. (It needs them to install from it, so `uv sync` does not work here.)
lock: $(VENV)/uv  ## Pin every dependency with its hashes (UPGRADE=1: to the newest versions allowed)
	UV_SYSTEM_CERTS=1 $(BIN)/uv lock $(if $(UPGRADE),--upgrade)
	sed -i.bak -E -e 's|registry = "[^"]*://[^"]*"|registry = "index"|' \
	  -e 's|url = "[^"]*://[^"]*/([^/"]+)"|path = "\1"|' uv.lock && rm uv.lock.bak
	$(BIN)/uv export --quiet --frozen --only-group uv --output-file requirements/uv.txt
	UV_SYSTEM_CERTS=1 $(BIN)/uv pip compile requirements/checkov.in --output-file requirements/checkov.txt --quiet \
	  --universal --python-version 3.11 --generate-hashes --no-emit-index-url $(if $(UPGRADE),--upgrade)

clean:  ## Remove the environment and every cache (never a journal)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache node_modules *.egg-info

# -- environments: one stamp per set of requirements -----------------------------------------------

# uv installs in seconds what takes pip a minute. If uv reaches no package index, pip installs: it may be configured for another.
UV_INSTALL = UV_SYSTEM_CERTS=1 $(BIN)/uv pip install --quiet --python $(BIN)/python
PIP_INSTALL = echo "uv could not install; trying pip …" && $(BIN)/pip install --quiet
# $(call install,EXTRA …): what uv.lock pins for these extras
define install
@$(BIN)/uv export --quiet --frozen --no-emit-project $(addprefix --extra ,$(1)) --output-file $@.txt >/dev/null
@for arguments in "--require-hashes --requirement $@.txt" "--no-deps --editable ."; do \
  $(UV_INSTALL) $$arguments || { $(PIP_INSTALL) $$arguments; } || exit 1; \
done
endef

$(VENV)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "SAMO needs Python 3.11 or newer")'
	@echo "Creating an environment in $(VENV) …"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/uv: requirements/uv.txt | $(VENV)/python
	@$(BIN)/pip install --quiet --require-hashes --requirement requirements/uv.txt
	@touch $@

$(VENV)/local: uv.lock pyproject.toml setup.py models/manifest.json | $(VENV)/uv
	@echo "Installing SAMO (about 300 MB, once) …"
	$(call install,local)
	@$(BIN)/samo models fetch
	@touch $@

$(VENV)/test: uv.lock pyproject.toml setup.py models/manifest.json | $(VENV)/uv
	@echo "Installing SAMO and what its tests need …"
	$(call install,test)
	@$(BIN)/samo models fetch
	@touch $@ $(VENV)/local

$(VENV)/build: requirements/torch.txt $(VENV)/test
	@echo "Installing what training needs (torch: about 1 GB) …"
	$(call install,test build)
	@$(BIN)/pip install --quiet --requirement requirements/torch.txt
	@touch $@

$(VENV)/mutation: $(VENV)/test
	$(call install,test mutation)
	@touch $@

# checkov has an environment of its own, to keep its many dependencies apart from ours.
$(VENV)/checkov: requirements/checkov.txt | $(VENV)/python
	@echo "Installing checkov …"
	@rm -rf $@ && $(PYTHON) -m venv $@
	@$@/bin/pip install --quiet --require-hashes --requirement requirements/checkov.txt || { rm -rf $@; exit 1; }
	@touch $@
