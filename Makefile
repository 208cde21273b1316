# Two commands are enough: `make demo` and `make test`. Everything else is a part of them.

PYTHON ?= python3.11
VENV := .venv
RUN := $(VENV)/bin
WHAT ?= all
export PYTHONDONTWRITEBYTECODE := 1
# Two or more threads a library oversubscribe small machines; the code sets its own number where more helps.
export OMP_NUM_THREADS ?= 1

.PHONY: help setup tools demo check test prove page clean

help: ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/installed ## make .venv with what constraints.txt pins

$(VENV)/installed: pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: install Python 3.11, or name another with PYTHON=..."; exit 1; }
	test -x $(RUN)/python || $(PYTHON) -m venv $(VENV)
	$(RUN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,ml]'
	touch $@

tools: ## install the system tools the tests need, or name what is missing
	@sh scripts/system-tools.sh test

demo: setup ## simulate an economy, load its files, learn, and tell three scores with their reasons; then Neo4j where it can run
	@sh scripts/system-tools.sh run
	$(RUN)/creditgraph demo

check: setup ## format, lint, types, import contract, vocabulary check
	$(RUN)/ruff format --check .
	$(RUN)/ruff check .
	$(RUN)/mypy
	$(RUN)/lint-imports
	$(RUN)/python -m checks.vocabulary_literals graph ingest gnn api

test: tools setup check ## every check at a reduced count, on a real Neo4j
	$(RUN)/pytest --numprocesses 2 --dist loadfile

prove: tools setup ## full counts of one area, WHAT=AREA (benchmarks/prove.py names them), written to docs/results.json
	$(RUN)/python -m benchmarks.prove $(WHAT)

page: setup ## render docs/results.md from docs/results.json
	$(RUN)/python -m benchmarks.results

clean: ## stop the demo's Neo4j and remove what these commands made, except .venv
	@test ! -d demo-data/neo4j || $(RUN)/creditgraph neo4j down --home demo-data/neo4j
	rm -rf build demo-data .prove .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
