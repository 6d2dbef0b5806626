# One way to do each thing, the same on a laptop and in CI. `make help` lists them.
PYTHON ?= $(firstword $(foreach p,python3 python3.14 python3.13 python3.12 python3.11,$(shell $(p) -c 'import sys; sys.version_info >= (3, 11) and print("$(p)")' 2>/dev/null)) python3)
ROWS ?= 1000000
BIN := .venv/bin

# Our own modules are compiled once too, not by every process that a test, the demo or Airflow starts.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup check format test demo up env bench lock clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

setup: .venv/.ready ## install everything into .venv; quick when nothing changed

.venv/.ready: requirements.lock pyproject.toml scripts/setup.py
	@$(PYTHON) scripts/setup.py
	@touch $@

check: setup ## style, types and import layers, in seconds
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: setup ## mend the style where a tool can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test: setup ## every test, with branch coverage
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder --cov --cov-report term:skip-covered --cov-fail-under 90

demo: setup ## a real Airflow publishes the sample city, from nothing
	$(BIN)/rongtong demo

up: setup ## Airflow on this lake, until Ctrl-C
	$(BIN)/rongtong up

env: ## write .env with random secrets, for docker compose; never over one that is there
	@sh pipelines/scaffold/make-env

bench: setup ## ours against DuckDB's own scan-and-write; ROWS=10000000 for more
	$(BIN)/python -m benchmarks --rows $(ROWS)

lock: setup ## compile requirements.lock anew from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links -p 3.11 -o requirements.lock

clean: ## remove the environment and caches; the lake stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage* htmlcov
