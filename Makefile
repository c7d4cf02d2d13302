# Two commands are enough: `make run` and `make test`. Both make their own .venv and install what they
# need into it; both are quick once that is done. `make help` lists the rest.

PORT ?= 64700
ARGS ?=
# make bench QUICK=1: fewer cells, in two minutes, and docs/ is left alone.
QUICK ?=

VENV := .venv
BIN := $(VENV)/bin
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PACKAGING := setup.cfg pyproject.toml
# Everything but the tests that start a real daemon.
UNIT := $(shell find tests -name 'test_*.py' -not -path 'tests/e2e/*' | sort)
# Tests in memory run side by side. Those with a real daemon do not: they measure waits, and would wait for one another.
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
TRIAL := $(BIN)/python -m twisted.trial --temp-directory=$(VENV)/trial-temp

.PHONY: help lock sbom run test lint types unit e2e debian crash soak fuzz bench docs news clean

help:  ## list the targets
	@sed -n 's/^\([a-z0-9]*\):.*##  */\1  /p' $(MAKEFILE_LIST) | awk -F'  ' '{ printf "make %-7s %s\n", $$1, $$2 }'

run: $(VENV)/run.stamp  ## start the daemon on PORT (64700), with its history in ./chatroom-data
	@exec $(BIN)/twistd --nodaemon --pidfile= chatroom --port $(PORT) $(ARGS)

test: lint types $(VENV)/dev.stamp  ## check style and types, then run every test, those with a real daemon too
	$(TRIAL) --jobs $(JOBS) $(UNIT)
	$(TRIAL) tests.e2e

lint: $(VENV)/dev.stamp  ## ruff
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --check --quiet --diff .

types: $(VENV)/dev.stamp  ## mypy --strict
	$(BIN)/mypy

unit: $(VENV)/dev.stamp  ## only the tests that start no daemon: a minute or two
	$(TRIAL) --jobs $(JOBS) $(UNIT)

crash: $(VENV)/dev.stamp  ## kill a real twistd CRASHES (200) times under load, and see that nothing is lost: some minutes
	@$(BIN)/python -m tests.e2e.crash

# make soak PEOPLE=200 MINUTES=5 SEED=7: fewer, shorter, with the same dice again.
PEOPLE ?= 2000
MINUTES ?= 60
SEED ?=

soak: $(VENV)/dev.stamp  ## let PEOPLE (2000) live in a real twistd for MINUTES (60), and see that nothing grows or leaks
	@$(BIN)/python -m tests.e2e.soak --people $(PEOPLE) --minutes $(MINUTES) $(if $(SEED),--seed $(SEED))

# make fuzz SECONDS=3600 TARGETS=member SEED=7: longer, one of them alone, with the same dice again.
SECONDS ?= 60
TARGETS ?=

fuzz: $(VENV)/fuzz.stamp  ## feed every door what nobody would think of, for SECONDS (60) in all
	@$(BIN)/python -m fuzz --seconds $(SECONDS) $(if $(SEED),--seed $(SEED)) $(TARGETS)

debian: $(VENV)/dev.stamp  ## follow the guides for operators on a clean Debian; needs root, debootstrap, systemd-nspawn, some minutes
	@$(BIN)/python -m tests.e2e.install --root build/debian
	@$(BIN)/python -m tests.e2e.operations --root build/debian

e2e: $(VENV)/dev.stamp  ## only the tests that start a real twistd
	$(TRIAL) tests.e2e

bench: $(VENV)/dev.stamp  ## measure ourselves beside ngIRCd, InspIRCd and NATS, where installed: a quarter of an hour
	@$(BIN)/python -m benchmarks $(if $(QUICK),--quick --out build/bench,--out docs/performance)

lock: $(VENV)/release.stamp  ## write contrib/constraints.txt and contrib/requirements.txt: the newest versions that fit
	@bash contrib/lock.sh $(BIN)/uv

sbom: $(VENV)/release.stamp  ## write dist/chatroom.cdx.json: all that an installation consists of, with licences (CycloneDX)
	@mkdir -p dist && rm -rf build/sbom && $(BIN)/python -m venv --without-pip build/sbom
	@$(BIN)/python -m pip --python build/sbom/bin/python install --quiet --disable-pip-version-check --require-hashes -r contrib/requirements.txt
	@$(BIN)/python -m pip --python build/sbom/bin/python install --quiet --disable-pip-version-check --no-deps .
	@$(BIN)/cyclonedx-py environment --output-reproducible --of JSON -o dist/chatroom.cdx.json build/sbom/bin/python
	@echo "Wrote dist/chatroom.cdx.json"

docs: $(VENV)/dev.stamp  ## build docs/_build/html; a warning is an error
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html
	@echo "Built docs/_build/html/index.html"

news: $(VENV)/dev.stamp  ## show the coming release's notes
	$(BIN)/towncrier build --draft --version next

clean:  ## remove everything made here, except chatroom-data
	rm -rf $(VENV) build dist docs/_build .tox .mypy_cache .ruff_cache .hypothesis _trial_temp* ./*.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -f twisted/plugins/dropin.cache

# A stamp older than setup.cfg: install again. A .venv whose Python is gone or that was moved: make it again.
$(VENV)/run.stamp: $(PACKAGING) | $(VENV)/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/dev.stamp: $(PACKAGING) | $(VENV)/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/run.stamp

# atheris has wheels for some systems only: where it has none, fuzzing says so, and nothing else needs it.
$(VENV)/fuzz.stamp: $(PACKAGING) $(VENV)/dev.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary atheris --editable '.[fuzz]' || true
	@touch $@

$(VENV)/release.stamp: $(PACKAGING) $(VENV)/dev.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[release]'
	@touch $@

$(shell [ "$$(cat $(VENV)/ready 2>/dev/null)" = "$(CURDIR)" ] && $(BIN)/python -c "" || rm -f $(VENV)/ready)

$(VENV)/ready:
	@python=$$(bash .ci/find_python $(PYTHON)); \
	echo "Making $(VENV) with $$python"; \
	"$$python" -m venv --clear $(VENV); \
	printf '%s' "$(CURDIR)" > $@
