# `make help` is the door. Needed on the machine: Python 3.11 to 3.13, make, and a package index.

# The Python to use, such as python3.12; without it, the first that fits.
PYTHON =
VENV = .venv
HOST = 127.0.0.1
PORT = 8000
WORKERS = 2
# What else to tell pytest or uv, and how many tests run side by side.
ARGS =
JOBS ?= auto
POSTGRESQL_URL ?= postgres://postgres@127.0.0.1:5432/kam
MARIADB_URL ?= mysql://root@127.0.0.1:3306/kam

BIN = $(VENV)/bin
MANAGE = $(BIN)/python manage.py
PYTEST = $(BIN)/python -m pytest -n $(JOBS)
PIP_INSTALL = $(BIN)/python -m pip install --quiet --no-input --disable-pip-version-check --require-hashes
RUN = $(VENV)/.run
DEV = $(VENV)/.dev

.DEFAULT_GOAL = help
.PHONY: help
help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: $(RUN) ## Serve on this machine, with demo data where there is none (HOST= PORT= WORKERS=)
	@exec $(MANAGE) serve --host $(HOST) --port $(PORT) --workers $(WORKERS)

.PHONY: demo
demo: $(RUN) ## Fill an empty database with a believable organisation
	$(MANAGE) migrate --no-input --verbosity 0
	$(MANAGE) demo

# --- Tests ----------------------------------------------------------------------------------------
.PHONY: test
test: $(DEV) ## Run the tests, on SQLite unless DATABASE_URL says otherwise (ARGS= JOBS=)
	$(PYTEST) $(ARGS)

.PHONY: test-postgresql
test-postgresql: $(DEV) ## Run the tests on PostgreSQL (POSTGRESQL_URL=)
	DATABASE_URL=$(POSTGRESQL_URL) $(PYTEST) $(ARGS)

.PHONY: test-mariadb
test-mariadb: $(DEV) ## Run the tests on MariaDB or MySQL (MARIADB_URL=)
	DATABASE_URL=$(MARIADB_URL) $(PYTEST) $(ARGS)

MESSAGES ?= 5000
WRITES ?= 5000
ROWS ?= 1000000
ROUNDS ?= 500
RESILIENCE = RESILIENCE_MESSAGES=$(MESSAGES) RESILIENCE_WRITES=$(WRITES) RESILIENCE_ROWS=$(ROWS) RESILIENCE_ROUNDS=$(ROUNDS)
.PHONY: test-resilience
test-resilience: $(DEV) ## Kill servers, workers, PostgreSQL and the mail server, and let many meet, while much is written (MESSAGES= WRITES= ROWS= ROUNDS= DATABASE_URL= ARGS=)
	$(RESILIENCE) $(BIN)/python -m pytest -n 0 $(or $(ARGS),tests/resilience)

SIZE ?= 1000000
BENCH_URL ?= postgres://postgres@127.0.0.1:5432/kam_bench
.PHONY: bench-data
bench-data: $(DEV) ## Fill a database of its own with made-up restaurants to measure with (SIZE= BENCH_URL=)
	$(BIN)/python -m benchmarks.dataset --restaurants $(SIZE) --database-url $(BENCH_URL)

.PHONY: bench-statements
bench-statements: $(DEV) ## Measure what the database does for an answer (BENCH_URL= ARGS=next)
	$(BIN)/python -m benchmarks.statements --database-url $(BENCH_URL) $(ARGS)

MINUTES ?= 30
USERS ?= 100
.PHONY: soak
soak: $(DEV) ## Let many people work for a while on a copy of made-up data, and see whether the service stays as it is (MINUTES= USERS= BENCH_URL= ARGS="--think 5 10")
	$(BIN)/python -m benchmarks.soak --database-url $(BENCH_URL) --minutes $(MINUTES) --users $(USERS) $(ARGS)

REQUESTS ?= 100000
.PHONY: bench-memory
bench-memory: $(DEV) ## Measure what two workers hold over many requests, on a copy (REQUESTS= BENCH_URL=)
	$(BIN)/python -m benchmarks.memory --requests $(REQUESTS) --database-url $(BENCH_URL)

# The peers have an environment of their own: what they need never reaches the service's.
PEERS = .venv-peers
SIZES ?= 10000 100000 1000000
.PHONY: bench
bench: $(PEERS)/.ready ## Measure the service beside its peers, on what bench-data made (BENCH_URL= ARGS=)
	$(PEERS)/bin/python -m benchmarks --database-url $(BENCH_URL) $(ARGS)

.PHONY: bench-scale
bench-scale: $(PEERS)/.ready ## Do so for one size after the other, and draw cost against size (SIZES= BENCH_URL= ARGS=)
	@for size in $(SIZES); do \
	  $(MAKE) bench-data SIZE=$$size BENCH_URL=$(BENCH_URL)_$$size && $(MAKE) bench BENCH_URL=$(BENCH_URL)_$$size || exit 1; \
	done
	$(PEERS)/bin/python -m benchmarks.plot

.PHONY: bench-pins
bench-pins: $(DEV) ## Pin what the peers need with hashes
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command "make bench-pins" $(ARGS) benchmarks/peers/requirements.in \
	  --output-file benchmarks/peers/requirements.txt

$(PEERS)/.ready: benchmarks/peers/requirements.txt | $(BIN)/python
	@echo "Installing benchmarks/peers/requirements.txt"
	@$(BIN)/python -m venv --clear $(PEERS)
	@$(PEERS)/bin/python -m pip install --quiet --no-input --disable-pip-version-check --require-hashes -r $<
	@touch $@

EXAMPLES ?= 20
.PHONY: fuzz
fuzz: $(DEV) ## Call every documented operation with made-up requests (EXAMPLES= DATABASE_URL= ARGS=)
	$(BIN)/python -m tests.fuzz --examples $(EXAMPLES) -- $(ARGS)

.PHONY: coverage
coverage: $(DEV) ## Run the tests and show which branches they miss
	$(PYTEST) --cov --cov-report=term --cov-report=html $(ARGS)

# --- Gates ----------------------------------------------------------------------------------------
.PHONY: check check-style check-types check-layers check-spelling check-django check-migrations check-schema check-pins
check: check-style check-types check-layers check-spelling check-django check-migrations check-schema check-pins ## Run every gate but the tests
	@echo "Every gate is passed."

check-style: $(DEV)
	$(BIN)/ruff format --check --output-format concise .
	$(BIN)/ruff check --output-format concise .

check-types: $(DEV)
	$(BIN)/mypy .

check-layers: $(DEV)
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m tests.architecture

check-spelling: $(DEV)
	$(BIN)/codespell

# A database in memory: a look at the models needs no other, and leaves none behind.
check-django: export DATABASE_URL = sqlite://:memory:
check-django: $(DEV)
	$(MANAGE) check --fail-level WARNING
	@echo "$(MANAGE) check --deploy --fail-level WARNING  # as in production"
	@random() { $(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(48))'; }; \
	ENVIRONMENT=production SECRET_KEY=$$(random) JWT_SIGNING_KEY=$$(random) AUDIT_KEY=$$(random) ALLOWED_HOSTS=kam.example.com \
	$(MANAGE) check --deploy --fail-level WARNING
	$(MANAGE) makemigrations --check --dry-run

check-migrations: export DATABASE_URL = sqlite://:memory:
check-migrations: $(DEV)
	$(MANAGE) check_migrations

check-schema: export DATABASE_URL = sqlite://:memory:
check-schema: $(DEV)
	@mkdir -p var
	$(MANAGE) spectacular --file var/openapi.yaml --validate --fail-on-warn
	@diff -u docs/openapi.yaml var/openapi.yaml || { echo "docs/openapi.yaml is behind the code: make schema" >&2; exit 1; }

check-pins:
	@for pins in requirements.txt requirements-optional.txt requirements-dev.txt; do \
	  grep -q '$(PINS_MADE_BY)' $$pins || { echo "$$pins is behind the .in files: make pins" >&2; exit 1; }; \
	done

.PHONY: audit
audit: $(DEV) ## Look the pins up in the advisory database (needs the network)
	$(BIN)/pip-audit --strict --disable-pip --require-hashes -r requirements-dev.txt

# --- What is written by tools ---------------------------------------------------------------------
.PHONY: format
format: $(DEV) ## Put the code in the common style
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

.PHONY: schema
schema: $(DEV) ## Write docs/openapi.yaml from the code
	$(MANAGE) spectacular --file docs/openapi.yaml --validate --fail-on-warn

.PHONY: migrations
migrations: $(DEV) ## Write the migration of an app: make migrations APP=leads NAME=add_the_pool
	@test -n "$(APP)" && test -n "$(NAME)" || { echo "Say which, and what it does: make migrations APP=leads NAME=add_the_pool" >&2; exit 1; }
	$(MANAGE) makemigrations $(APP) --name $(NAME)
	$(BIN)/ruff check --fix-only --quiet $(APP)/migrations
	$(BIN)/ruff format --quiet $(APP)/migrations

# Each pin file names what it was made from, so that `make check` sees without a network when one is behind.
PINS_MADE_BY = make pins, of $(shell cat requirements.in requirements-optional.in requirements-dev.in | git hash-object --stdin)
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
  --no-emit-index-url --no-emit-find-links --custom-compile-command "$(PINS_MADE_BY)" $(ARGS)
.PHONY: pins
pins: $(DEV) ## Pin the requirements with hashes (ARGS=--upgrade takes the newest that fit)
	$(COMPILE) requirements.in --output-file requirements.txt
	$(COMPILE) requirements-optional.in --output-file requirements-optional.txt
	$(COMPILE) requirements-dev.in --output-file requirements-dev.txt

# --- The virtual environment ----------------------------------------------------------------------
# Stamps say what is installed, so that the second time is quick. The development pins hold the others.
$(RUN): requirements.txt | $(BIN)/python
	@echo "Installing requirements.txt"
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

$(DEV): requirements-dev.txt | $(BIN)/python
	@echo "Installing requirements-dev.txt"
	@$(PIP_INSTALL) -r requirements-dev.txt
	@touch $(RUN) $@

VERSION = -c 'import sys; print(sys.version.split()[0])'
$(BIN)/python:
	@for python in $(or $(PYTHON),python3 python3.13 python3.12 python3.11); do \
	  "$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || continue; \
	  echo "Making $(VENV) with Python $$("$$python" $(VERSION))"; \
	  "$$python" -m venv --clear $(VENV) && exit 0; \
	  rm -rf $(VENV); echo "Python's venv module is incomplete; on Debian: apt install python3-venv" >&2; exit 1; \
	done; \
	echo "$(or $(PYTHON),This machine's Python) is not 3.11, 3.12 or 3.13. Name one that is: make run PYTHON=python3.12" >&2; exit 1

# Another Python than the one inside is a reason to begin again.
ifneq ($(PYTHON),)
ifneq ($(shell $(PYTHON) $(VERSION) 2>/dev/null),$(shell $(BIN)/python $(VERSION) 2>/dev/null))
.PHONY: $(BIN)/python
$(RUN) $(DEV): FORCE
FORCE:
endif
endif

.PHONY: clean
clean: ## Remove what can be made again; var/, with the database, stays
	rm -rf $(VENV) $(PEERS) var/coverage var/static var/openapi.yaml .*_cache .hypothesis .coverage*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
