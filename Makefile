# The commands of this project. Everything that the lab does needs root: `sudo make demo`.

PYTHON := .venv/bin/python
FRR := 8.4,10.3,newest
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/sixpeer

.DEFAULT_GOAL := help
.PHONY: help set-up demo up down test test-matrix record bench lint lock clean distclean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

set-up: ## Debian packages, .venv, and the lab's programs (compiled once: about 5 minutes on two cores)
	@lab/setup.sh

demo: up ## bring the lab up and deploy on it; it stays up
	@echo
	$(PYTHON) -m runbooks.deploy --yes
	@echo
	@$(PYTHON) -m lab status --hints

up: set-up ## bring the lab up
	@$(PYTHON) -m lab up

down: ## end the lab
	@$(PYTHON) -m lab down

test: set-up ## all tests, the lab's included
	SIXPEER_LAB=required .venv/bin/pytest $(PYTEST_OPTIONS)

test-matrix: set-up ## the drivers' live tests on each version of FRR (FRR=8.4,10.3,newest), fetched from Debian
	$(PYTHON) -m lab frr $$(echo $(FRR) | tr , ' ')
	SIXPEER_LAB=required SIXPEER_FRR=$(FRR) .venv/bin/pytest -m matrix $(PYTEST_OPTIONS)

record: set-up ## what FRR of each version (FRR=8.4,10.3,newest) says to NAPALM's suite of getters; look at git diff
	$(PYTHON) -m lab frr $$(echo $(FRR) | tr , ' ')
	PYTHONPATH=. $(PYTHON) tests/lab/record.py $$(echo $(FRR) | tr , ' ')
	.venv/bin/pytest --quiet --accept tests/unit/frr_getters

bench: set-up ## what a plan costs, beside a bare script: BENCH="1 10 50" routers
	$(PYTHON) -m bench.plan $(BENCH)

lint: set-up ## ruff, mypy, import-linter, gofmt, go vet
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(PYTHON) -m lab vet

lock: ## pin the dependencies of pyproject.toml in requirements.lock (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --group dev --custom-compile-command "make lock" \
	  --output-file requirements.lock pyproject.toml

# The tests' labs have their state below build/labs: what a killed run of tests left is ended, too.
clean: ## end everything that runs, and remove what it left (also after a crash)
	@if [ -x $(PYTHON) ]; then \
	  for state in .lab build/labs/*/.lab; do if [ -e "$$state" ]; then $(PYTHON) -m lab --state "$$state" down || exit; fi; done; \
	fi
	@rm -rf build/labs
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage coverage.xml

distclean: clean ## also the compiled programs, Go's cache, unpacked FRRs and .venv; Debian packages stay
	rm -rf $(CACHE) .venv build sixpeer.egg-info
