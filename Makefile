# make help | setup | demo | run | test | check | docs | bench | simulate | vendor
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
STAMP := .venv/.setup-done

# What Debian or Ubuntu must have: Python with venv, a browser for the journeys, Pango for PDF, fonts to draw with.
SYSTEM := python3-venv chromium libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-liberation fonts-dejavu-core

.PHONY: help setup system demo run test check docs bench simulate vendor clean

help:
	@echo "make setup     install everything into .venv (and system packages, when root and missing)"
	@echo "make demo      a demonstration area on http://127.0.0.1:$(PORT), with accounts to sign in with"
	@echo "make run       serve with the settings of the environment (docs/settings.md)"
	@echo "make test      every test: SQLite, PostgreSQL, a real browser"
	@echo "make check     everything but the tests: style, types, contracts, documents"
	@echo "make docs      write the generated documents again"
	@echo "make bench     the benchmarks"
	@echo "make simulate  the long statistical simulations"
	@echo "make vendor    fetch the browser libraries again"

system:
	@missing=$$(for p in $(SYSTEM); do dpkg -s $$p 2>/dev/null | grep -q '^Status: install ok installed' || echo $$p; done); \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  echo "installing $$missing"; apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	else echo "please install: $$missing" >&2; fi

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e '.[test]'
	touch $@

setup: system $(STAMP)

demo: setup
	@exec $(BIN)/moderation demo --port $(PORT)

run: setup
	@exec $(BIN)/moderation serve --port $(PORT)

test: setup
	$(BIN)/pytest -q -n 2 --dist worksteal

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/docs.py --check

docs: setup
	$(BIN)/python scripts/docs.py

bench: setup
	@for file in benchmarks/*.py; do echo "== $$file"; $(BIN)/python -m benchmarks.$$(basename $$file .py); done

simulate: setup
	$(BIN)/python -m tests.stats.simulate

vendor: setup
	$(BIN)/python scripts/vendor.py

clean:
	rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache .hypothesis
