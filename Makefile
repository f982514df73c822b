# mastery-graph: `make serve` sets up and runs the service, `make test` sets up and runs every check.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
STORE ?= var/store

# What each of many processes imports is compiled once, also where the environment says not to keep it.
export PYTHONDONTWRITEBYTECODE :=

WEB := api/web
BUILT := $(WEB)/static/built/.ready
SITE := api/mastery_api/site/index.html

.PHONY: notebook serve build pages pages-matrix docs messages check test snapshots examples mutants crash lint format lock bench fuzz audit sbom clean

serve: build pages
	@$(MAKE) --no-print-directory docs || echo "The documentation was not built: /docs/ says how to build it."
	$(BIN)/mastery-graph serve --store $(STORE)

build: $(READY)
	$(BIN)/mastery-graph build --store $(STORE)

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

# The scripts of the pages, where Node.js is present; without them the plain pages are served.
pages:
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory $(BUILT) || echo "The scripts were not built: the plain pages are served."; \
	else echo "Node.js is missing: the plain pages are served, without scripts."; fi

$(BUILT): $(WEB)/package-lock.json $(WEB)/package.json $(wildcard $(WEB)/scripts/*.js)
	cd $(WEB) && npm ci --ignore-scripts --no-audit --no-fund --silent && rm -rf static/built && npm run --silent build
	touch $@

# Bring the catalogue of each language up to date with the texts of the code, the templates, the shapes and the ontology.
messages: $(READY)
	$(BIN)/python -m mastery_graph.languages.extraction

# The fast loop of a contributor: format, lint, types, and the tests that start no server, browser or command.
UNIT_TESTS := tests/queries tests/ontology tests/sources tests/credentials tests/questions/test_golden.py \
	tests/questions/test_levels.py tests/questions/test_policy.py tests/project/test_names.py
check: lint
	$(BIN)/python -m pytest -n auto --dist loadfile $(UNIT_TESTS)

test: $(READY) pages docs lint .venv-sssom/.ready
	bash tests/system-packages.sh
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

# The tests of the pages in every size and language, beside the representative ones that `make test` runs.
pages-matrix: $(READY) pages
	bash tests/system-packages.sh
	$(BIN)/python -m pytest -n auto --dist loadfile -m matrix tests/browser

# Write the snapshots of the faces of answers again, after a change that is meant: read their diff before you commit it.
snapshots: $(READY)
	RENEW_SNAPSHOTS=1 $(BIN)/python -m pytest -q -n 0 tests/questions/test_snapshots.py

# Write the example responses of the OpenAPI document again; read their diff.
examples: build
	$(BIN)/python -m tests.api.update_examples $(STORE)

# Make one small wrong change after the other in a copy, and see whether a test notices: make mutants MUTANTS="comparison coverage"
MUTANTS ?=
mutants: $(READY)
	$(BIN)/python -m tests.mutation $(MUTANTS)

# Kill builds, loads, restores and updates a hundred times, at moments that a seed draws, and look at the store each time.
crash: $(READY)
	CRASHES=17 $(BIN)/python -m pytest -s tests/pipeline/test_killed.py tests/api/test_writing.py -k killed

# The reference implementation of SSSOM has an environment of its own: its dependencies would replace some of ours.
.venv-sssom/.ready: tests/sssom.lock
	$(PYTHON) -m venv .venv-sssom
	.venv-sssom/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/sssom.lock
	touch $@

.venv-examples/.ready: examples/requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv-examples
	.venv-examples/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r examples/requirements.lock
	touch $@

# The documentation site, for /docs/ of the service; a broken link fails. Its renderer has an environment of its own.
docs: $(SITE)

$(SITE): .venv-docs/.ready $(READY) $(shell find docs ontology shapes queries mastery_graph api/mastery_api tests/questions/golden \
		-not -path '*/site/*' -not -path '*/__pycache__*' -type f) CHANGELOG.md
	$(BIN)/python -m docs.generator

.venv-docs/.ready: docs/requirements.lock
	$(PYTHON) -m venv .venv-docs
	.venv-docs/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r docs/requirements.lock
	touch $@

notebook: .venv-examples/.ready
	PYTHONPATH=. .venv-examples/bin/python -c "import mastery_graph; mastery_graph.open().close()"
	cd examples && PYTHONPATH=.. ../.venv-examples/bin/jupyter execute --inplace first-look.ipynb

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
		--python-version 3.11 --extra tracing --group dev pyproject.toml --output-file requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
		--python-version 3.11 --group examples pyproject.toml --output-file examples/requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
		--python-version 3.11 --group fuzz --output-file tests/fuzz.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
		--python-version 3.11 --group docs --output-file docs/requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
		--python-version 3.11 --extra tracing --constraints requirements.lock pyproject.toml --output-file runtime.lock
	echo sssom | $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
		--python-version 3.11 - --output-file tests/sssom.lock

# Searches each entry of a parser for FUZZ_SECONDS; where one breaks, its input is left in tests/fuzz/found, and the others are searched all the same.
FUZZ_SECONDS ?= 60
FUZZ_TARGETS ?= $(shell $(BIN)/python -m tests.fuzz.targets)
fuzz: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/fuzz.lock
	@broken=; for target in $(FUZZ_TARGETS); do \
		echo "== $$target"; $(BIN)/python -m tests.fuzz $$target $(FUZZ_SECONDS) || broken="$$broken $$target"; \
	done; \
	if [ -n "$$broken" ]; then echo "Broken:$$broken"; exit 1; fi

# Asks the databases of vulnerabilities, over the network.
audit: $(READY)
	$(BIN)/python .ci/audit

# What the software is made of, as CycloneDX: the locked packages that run it, and those of the scripts of the pages.
sbom: $(READY)
	mkdir -p dist
	$(BIN)/cyclonedx-py requirements runtime.lock --pyproject pyproject.toml --output-reproducible --no-validate \
		--output-file dist/mastery-graph.cdx.json
	cd $(WEB) && npm sbom --sbom-format cyclonedx --package-lock-only > ../../dist/mastery-graph-pages.cdx.json

# One of the benchmarks, into the page of figures: make bench NAME=sparql
NAME ?= queries
bench: $(READY)
	$(BIN)/python -m benchmarks $(NAME) --write

clean:
	rm -rf api/mastery_api/site $(VENV) .venv-sssom .venv-examples .venv-docs var dist $(WEB)/node_modules $(WEB)/static/built
