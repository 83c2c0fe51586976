# make run    sets up everything and runs the main job once
# make test   sets up everything and runs the tests
# make check  what the continuous integration runs
PYTHON ?= python3
VENV := .venv
# Some tests wait for a clock or a server: one process more than there are cores.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2) + 1)
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq

.PHONY: run test check lint locks clean

run: $(VENV)/installed-run
	$(BIN)/feedwatch once

test: $(VENV)/installed-test
	$(BIN)/python -m pytest -n $(WORKERS) -q $(PYTEST_ARGS)

check: test lint
	$(BIN)/python -m pytest -q tests/test_architecture.py

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "feedwatch needs Python 3.11 or newer; name one with: make PYTHON=python3.12 …" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# Everything comes pinned and with hashes; only this project itself is installed from the folder.
$(VENV)/installed-%: requirements/%.txt pyproject.toml | $(BIN)/python
	@echo "installing what requirements/$*.txt pins (once; about half a minute)"
	@$(PIP) install --require-hashes -r requirements/$*.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# For maintainers: pin the newest versions again (needs uv).
locks:
	for name in run test dev; do \
	  uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	    --no-emit-index-url --group $$name pyproject.toml -o requirements/$$name.txt; \
	done

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
