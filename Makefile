# Rapport's commands. `make demo` and `make test` are complete from a fresh clone: they set up what is missing.

PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin
DEMO    = demo

.DEFAULT_GOAL := help
.PHONY: help demo test test-all dev check format bench fuzz lock clean

help:            ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.ready   ## run the latest month of twelve simulated clinics, down to their PDFs
	@$(BIN)/rapport demo $(DEMO)

test: $(VENV)/.ready   ## run the whole test-suite
	@$(BIN)/python -m pytest -n $${PYTEST_WORKERS:-auto} $(ARGS)

test-all:              ## run the test-suite on Python 3.11, 3.12 and 3.13
	@scripts/test-on-every-python

dev: $(VENV)/.ready    ## open the Dagster UI on the demo home (or on RAPPORT_HOME)
	@scripts/dagster-ui $(BIN) $${RAPPORT_HOME:-$(DEMO)}

check: $(VENV)/.ready  ## format, lint, strict types, tests: all of them, and count what failed
	@scripts/check $(BIN)

format: $(VENV)/.ready ## rewrite the code in the agreed format
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

bench: $(VENV)/.ready  ## measure the budgets of docs/measurements.md, as ratios in one run
	@$(BIN)/python -m benchmarks

fuzz: $(VENV)/.ready   ## fuzz one reader of exports for some minutes: make fuzz READER=fhir MINUTES=10
	@BIN=$(BIN) scripts/fuzz $${READER:-delimited} --minutes $${MINUTES:-10}

lock: $(VENV)/.ready   ## resolve requirements/*.in again into constraints.txt, with hashes
	@scripts/lock $(BIN)

clean:                 ## remove the environment, the demo and everything built
	rm -rf $(VENV) .venv-* $(DEMO) build *.egg-info

$(VENV)/.ready: requirements/constraints.txt pyproject.toml scripts/set-up
	@PYTHON=$(PYTHON) scripts/set-up $(VENV)
