# make run · make test: each does its own set-up on a machine that has Python 3.11+ and make.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

# Each process that starts would compile all modules again.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show what can be made.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Freehold needs Python 3.11 or newer: make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-compile --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	$(BIN)/python -m compileall -q -j 0 $(VENV)/lib server
	@touch $@

.PHONY: run
run: $(READY) ## Start everything on this machine: collector, pipeline, embedded ClickHouse.
	$(BIN)/freehold up

NODE := PATH="$(CURDIR)/$(BIN):$$PATH"
JS   := js_snippet/node_modules/.package-lock.json

$(JS): js_snippet/package.json js_snippet/package-lock.json | $(READY)
	cd js_snippet && $(NODE) npm ci --silent --no-progress
	@touch $@

.PHONY: script
script: $(JS) ## Build the tag's pieces of its sources: js_snippet/built.
	cd js_snippet && $(NODE) npm run --silent build

.PHONY: test
test: $(READY) ## Run every check: lint, types, tests, Chromium.
	@$(MAKE) --no-print-directory --jobs 2 programs check
	$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder

.PHONY: check
check: $(READY) $(JS) ## Check what need not run: the tag's build, lint, types.
	cd js_snippet && $(NODE) npm run --silent check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

.PHONY: bench
bench: $(READY) ## Measure the collector beside nginx and a bare server, with wrk.
	$(BIN)/python -m loadtests.bench

.PHONY: locust
locust: $(READY) ## Let visitors come to a Freehold of their own, and verify what is stored of them.
	$(BIN)/python -m loadtests.visitors

.PHONY: bench-store
bench-store: $(READY) ## Measure how small and how fast the rows are: ten million of them.
	$(BIN)/python -m loadtests.store --rows 10_000_000

.PHONY: drain
drain: $(READY) ## Measure the rest of the way: from a journal to countable rows, on one core.
	$(BIN)/python -m loadtests.drain
	$(BIN)/python -m loadtests.drain --hits 25000 --events 8

.PHONY: partners
partners: $(READY) ## Let partners fail for ten minutes under 500 events/s, and verify what each took.
	$(BIN)/python -m loadtests.partners

.PHONY: forwarding
forwarding: $(READY) ## Measure what sending to partners costs, beside a bare client.
	$(BIN)/python -m loadtests.forwarding

.PHONY: faults
faults: $(READY) ## Inject every fault, many times: crashes, power cuts, full disks, outages.
	$(BIN)/python -m loadtests.faults

.PHONY: tag
tag: $(READY) chromium ## Measure in Chromium what the tag costs a page, and what it loses on evil days.
	$(BIN)/python -m loadtests.tag

.PHONY: sizes
sizes: $(READY) ## Measure the tag beside the builds that others publish: npm fetches them.
	$(NODE) $(BIN)/python -m loadtests.tag.sizes

.PHONY: chromium
chromium: $(READY) ## Install Chromium for the browser tests when none is found.
	@$(BIN)/python tests/chromium.py

.PHONY: servers
servers: $(READY) ## Install nginx and Caddy, where root can, for the tests of their recipes.
	@$(BIN)/python -m tests.fronts

.PHONY: programs
programs: $(READY)
	@$(MAKE) --no-print-directory chromium
	@$(MAKE) --no-print-directory servers

.PHONY: worker
worker: $(READY) servers ## Try the Worker for Cloudflare in the real runtime: npm fetches 150 MB.
	$(NODE) npm install --silent --no-progress --ignore-scripts --prefix $(VENV)/workerd workerd@1.20261117.1
	$(BIN)/pytest tests/test_recipes.py -k workerd -v

.PHONY: format
format: $(READY) ## Format and sort imports.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: documents
documents: $(READY) ## Make the documents that are made from the code.
	$(BIN)/freehold container schema > tag_configs/schema.json
	$(BIN)/freehold container reference > tag_configs/README.md
	$(BIN)/freehold container destinations --markdown page > docs/destinations.md
	$(BIN)/freehold container destinations --markdown table | $(BIN)/python docs/fill.py README.md

.PHONY: lock
lock: ## Pin the dependencies again (needs uv).
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --group pyproject.toml:dev pyproject.toml -o requirements.lock

.PHONY: clean
clean: ## Remove what was installed and built; data/ stays.
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache build dist
