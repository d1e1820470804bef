# `make run` and `make test` do all the set-up that they need, on a machine that has Python 3.11 or later and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Compiled tests are kept, whatever the shell says: that halves the time until the first test runs.
export PYTHONDONTWRITEBYTECODE :=

# Who has nothing left to do takes half of what the other still has. Dealt out beforehand, one had nearly every test that runs a
# server, and the other stood idle for half the time.
SHARED := -n 2 --dist worksteal

.PHONY: run test check fast fuzz bench format lock mails sentences servers suites clean help

help:  ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(READY): requirements.lock pyproject.toml
	@echo "setting up $(VENV) (once)"
	@$(PYTHON) scripts/make_venv.py $(VENV)
	@touch $@

run: $(READY)  ## the demonstration: everything on the embedded default, with a sandbox for outgoing mail
	@$(BIN)/relay demo $(ARGS)

servers:  ## the servers that tests use, from Debian's packages (as root; otherwise those tests skip and say so)
	@sh scripts/install_test_servers.sh

suites: $(READY)  ## published test suites that are not ours to copy (without a network those tests skip and say so)
	@$(BIN)/python scripts/fetch_spf_suite.py

test: $(READY) servers suites  ## every test, real servers included
	$(BIN)/python -m pytest -q $(SHARED) $(ARGS)

# The plugin that asks the API what its description promises serves slow tests alone, and takes long to import.
fast: $(READY)
	$(BIN)/python -m pytest -q -m "not slow" -p no:schemathesis $(SHARED) $(ARGS)

check: $(READY)  ## format, lint, types, import contracts, fast tests
	$(BIN)/ruff format --check relay tests bench scripts
	$(BIN)/ruff check relay tests bench scripts
	$(BIN)/mypy
	$(BIN)/pyright relay
	$(BIN)/lint-imports --no-logo
	@$(MAKE) --no-print-directory fast

fuzz: $(READY)  ## coverage-guided fuzzing of the core: make fuzz TARGET=page SECONDS=600 (needs the extra `fuzz`)
	@$(BIN)/python tests/fuzz/hunt.py $(or $(TARGET),message) --seconds $(or $(SECONDS),600) $(ARGS)

bench: $(READY)  ## throughput, latency, CPU and memory beside Postfix, in one run (as root): make bench ARGS="--only throughput"
	@sh scripts/install_test_servers.sh --bench
	@$(BIN)/python bench/run.py $(ARGS)

format: $(READY)  ## put the code into its form
	$(BIN)/ruff format relay tests bench scripts
	$(BIN)/ruff check --fix relay tests bench scripts

sentences: $(READY)  ## bring the catalogues of the pages up to date with their sentences
	@$(BIN)/python scripts/sentences.py

lock: $(READY)  ## write requirements.lock anew from pyproject.toml
	$(BIN)/python scripts/lock.py

mails: $(READY)  ## write docs/mails anew: every mail about a booking, as its reader gets it
	@$(BIN)/python scripts/mails.py

clean:  ## remove what was built here
	rm -rf $(VENV) build dist *.egg-info
