# mastery-graph: `make serve` sets up and runs the service, `make test` sets up and runs every check.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
STORE ?= var/store

.PHONY: serve build test lint format lock bench clean

serve: build
	$(BIN)/mastery-graph serve --store $(STORE)

build: $(READY)
	$(BIN)/mastery-graph build --store $(STORE)

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

test: $(READY) lint
	bash tests/system-packages.sh
	$(BIN)/python -m pytest

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m mastery_graph.sources.turtle --check ontology

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/python -m mastery_graph.sources.turtle ontology

lock: $(READY)
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
		--python-version 3.11 --group dev pyproject.toml --output-file requirements.lock

bench: $(READY)
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) var dist
