# One target a habit; each works from a clean clone.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
# A folder with speech/, goemotions/ and summaries/; what is not there is fetched or left out, aloud.
DATA ?= data
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help run test lint bench verify emotion summaries lock clean

help:  ## What there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run: $(VENV)/local  ## Set up, put a voice note through SAMO, show its insight, serve the journal
	@$(BIN)/samo run --demo

test: $(VENV)/test  ## Every test; says what could not run and what it would need
	@$(BIN)/python -m pytest

lint: $(VENV)/test  ## Format, lint, types, and who may import whom
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/test  ## The figures of README's table, measured here (DATA=folder with speech and texts)
	$(BIN)/python -m tests.benchmarks --data $(DATA)

verify: $(VENV)/build $(VENV)/checkov lint  ## The full counts: every test, long property and fault runs, mutations, benchmarks
	HYPOTHESIS_PROFILE=verify $(BIN)/python -m pytest
	$(BIN)/python -m tests.faults --entries 1000
	$(BIN)/python -m tests.terraform.mutate
	$(BIN)/python -m tests.benchmarks --data $(DATA)

emotion: $(VENV)/build  ## From data to the emotion model that ships (DATA=folder; DEV=1: a twentieth, in minutes)
	$(BIN)/python -m build.emotion run $(if $(wildcard $(DATA)/goemotions),--data $(DATA)) \
	  $(if $(DEV),--dev --models runs/models)

summaries: $(VENV)/build  ## From data to the summarizers that ship (DATA=folder; DEV=1: a hundredth, in minutes)
	$(BIN)/python -m build.summarization run --data $(DATA) $(if $(DEV),--dev --models runs/models)

lock: $(VENV)/test  ## Pin every requirement again, with hashes
	$(BIN)/pip install --quiet uv
	@for extra in test build local dictation whisper emotion summarization journal; do \
	  echo "requirements/$$extra.txt"; \
	  test $$extra = test && pins="" || pins="--constraint requirements/test.txt"; \
	  case $$extra in dictation|emotion|summarization|journal) pins="$$pins --extra gcp";; esac; \
	  $(BIN)/uv pip compile pyproject.toml --extra $$extra $$pins --output-file requirements/$$extra.txt \
	    --universal --python-version 3.11 --generate-hashes --no-emit-index-url --quiet \
	    --custom-compile-command "make lock" || exit 1; \
	done

clean:  ## Remove the environment and every cache (never a journal)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info

# -- environments: a stamp a set of requirements ----------------------------------------------------

$(VENV)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "SAMO needs Python 3.11 or newer")'
	@echo "Making an environment in $(VENV) …"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/local: requirements/local.txt pyproject.toml models/manifest.json | $(VENV)/python
	@echo "Installing SAMO (about 300 MB, once) …"
	@$(BIN)/pip install --quiet --require-hashes --requirement requirements/local.txt
	@$(BIN)/pip install --quiet --no-deps --editable .
	@$(BIN)/samo models fetch
	@touch $@

$(VENV)/test: requirements/test.txt pyproject.toml models/manifest.json | $(VENV)/python
	@echo "Installing SAMO and what its tests need …"
	@$(BIN)/pip install --quiet --require-hashes --requirement requirements/test.txt
	@$(BIN)/pip install --quiet --no-deps --editable .
	@$(BIN)/samo models fetch
	@touch $@ $(VENV)/local

$(VENV)/build: requirements/build.txt requirements/torch.txt $(VENV)/test
	@echo "Installing what training needs (torch: about 1 GB) …"
	@$(BIN)/pip install --quiet --require-hashes --requirement requirements/build.txt
	@$(BIN)/pip install --quiet --requirement requirements/torch.txt
	@touch $@

# Apart from the rest: what it depends on is much, and not for us to depend on.
$(VENV)/checkov: requirements/checkov.txt | $(VENV)/python
	@echo "Installing checkov …"
	@rm -rf $@ && $(PYTHON) -m venv $@
	@$@/bin/pip install --quiet --require-hashes --requirement requirements/checkov.txt || { rm -rf $@; exit 1; }
	@touch $@
