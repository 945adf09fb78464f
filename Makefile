# The only commands to know; CI calls the same ones. `make` alone lists them.

FLOWEX_HOME ?= .flowex
PORT ?= 8080
# Two processes by default, because that is what a small machine has.
TEST_PROCESSES ?= 2
TEST ?= tests

BIN := .venv/bin
export PYTHON

.DEFAULT_GOAL := help
.PHONY: help setup run test core-test check format bench soak crash docs lock clean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Make .venv: locked dependencies, FlowEx, its native core (PYTHON=python3.12 to choose)
	@sh scripts/setup

run: setup ## Start an exchange with simulated traders on http://127.0.0.1:8080 (PORT=, FLOWEX_HOME=)
	@exec $(BIN)/flowex run --demo --home "$(FLOWEX_HOME)" --port $(PORT)

test: setup core-test ## Run every test (TEST=tests/unit for a part)
	@$(BIN)/python -m pytest -n $(TEST_PROCESSES) $(TEST)

core-test: setup # The core's own tests, in C++, under sanitizers; without a compiler there is nothing to run.
	@sh scripts/core-test

check: setup ## Enforce the house rules: ruff, mypy, import contracts, tests/tidy, fresh locks
	@sh scripts/check

format: setup ## Put the Python in its standard form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix-only --quiet .

bench: setup ## Measure the speeds of the README, with the checksums of the answers (ARGS=--quick)
	@$(BIN)/python -m bench $(ARGS)

soak: setup ## Try for long what `make test` tries for short: random commands, fuzzing, faults
	@sh scripts/soak

crash: setup ## Kill a running exchange 20 times under load and count what was lost
	@$(BIN)/python -m bench.crash

docs: setup ## Write again what is made from declarations: sdk/openapi, docs/reference
	@$(BIN)/python -m flowex.services.gateway.binance.openapi > sdk/openapi/binance.json
	@$(BIN)/python -m flowex.services.gateway.binance.reference > docs/reference/binance.md

lock: setup ## Resolve the dependencies of pyproject.toml again (UPGRADE=1 moves all versions)
	@scripts/lock $(if $(UPGRADE),--upgrade)

clean: ## Remove what the commands above made; never the data of an exchange
	rm -rf .venv .venv.lock build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
