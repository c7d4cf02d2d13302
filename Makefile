# Two commands are enough: `make run` and `make test`. Both make their own .venv and install what they
# need into it; both are quick once that is done. `make help` lists the rest.

PORT ?= 64700
WEB ?= 8080
ARGS ?=
# make bench QUICK=1: fewer cells, in two minutes, and docs/ is left alone.
QUICK ?=

VENV := .venv
BIN := $(VENV)/bin
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
# What Python has compiled is kept, whatever the environment says: without it, each start of a daemon takes twice as long.
unexport PYTHONDONTWRITEBYTECODE

PACKAGING := setup.cfg pyproject.toml
# Everything but the tests that start a real daemon. What takes longest goes first: at the end, it would run alone.
LONG := $(wildcard tests/upgrade/test_state.py tests/server/test_server.py tests/doors/test_work.py)
UNIT := $(LONG) $(filter-out $(LONG),$(shell find tests -name 'test_*.py' -not -path 'tests/e2e/*' | sort))
# Those that start one: with Chromium; with kills, floods, full disks and crowds; several on one PostgreSQL; and the
# rest, which are quick.
BROWSER := $(sort $(wildcard tests/e2e/test_page*.py))
STRESS := $(patsubst %,tests/e2e/test_%.py,abuse attacks clock_jumps crash full_disk load many_people power_loss soak)
NODES := $(sort $(wildcard tests/e2e/test_cluster*.py tests/e2e/test_postgres*.py))
# Those of upgrades take longest, and go first: at the end, one of them would run alone.
QUICK_E2E := $(filter-out $(BROWSER) $(STRESS) $(NODES),$(sort $(wildcard tests/e2e/test_upgrade*.py)) $(sort $(wildcard tests/e2e/test_*.py)))
# How many tests run side by side; more where they start a real twistd, as they wait more than they work.
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
E2E_JOBS ?= $(shell echo $$((2 * $(JOBS))))
# What trial says of each test is counted: that it runs, and how far it is, can be seen.
TRIAL := $(BIN)/python .ci/suite.py --temp-directory=$(VENV)/trial-temp

.PHONY: help lock sbom run test lint types unit e2e browser nodes stress chaos debian crash soak fuzz bench cluster dist docs news clean

help:  ## list the targets
	@sed -n 's/^\([a-z0-9]*\):.*##  */\1  /p' $(MAKEFILE_LIST) | awk -F'  ' '{ printf "make %-7s %s\n", $$1, $$2 }'

run: $(VENV)/run.stamp  ## start a server: nc on PORT (64700), the web page on WEB (8080), its data in ./chatroom-data
	@for port in $(PORT) $(WEB); do \
		number=$$(sed -E 's/^tcp6?:([0-9]+)(:.*)?$$/\1/' <<<"$$port"); \
		if (exec 3<>/dev/tcp/127.0.0.1/$$number) 2>/dev/null; then \
			echo "Port $$number is taken by another program. Choose other ports, such as: make run PORT=64701 WEB=8081"; \
			exit 1; \
		fi; \
	done
	@exec $(BIN)/twistd --nodaemon --pidfile= chatroom --port $(PORT) --web $(WEB) $(ARGS)

test: lint types $(VENV)/dev.stamp  ## check style and types, then run the tests: six minutes at most on two processors
	@echo "Tests in memory"
	@$(TRIAL) --jobs $(JOBS) $(UNIT)
	@echo "Tests with a real twistd"
	@$(TRIAL) --jobs $(E2E_JOBS) $(QUICK_E2E)

lint: $(VENV)/dev.stamp  ## ruff
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --check --quiet --diff .

types: $(VENV)/dev.stamp  ## mypy --strict
# Its workers have a few seconds to start, which a busy machine may not give them: status 2, and once more without them.
	@status=0; MYPY_NUM_WORKERS=$(JOBS) $(BIN)/mypy || status=$$?; [ $$status -ne 2 ] || exec $(BIN)/mypy; exit $$status

unit: $(VENV)/dev.stamp  ## only the tests that start no daemon: a minute or two
	@$(TRIAL) --jobs $(JOBS) $(UNIT)

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

# make chaos SECONDS=1800 SEED=7 ONLY=kill PLANT=early-answer: longer, with the same dice again, with a fault of ours.
ONLY ?=
PLANT ?=

chaos: $(VENV)/dev.stamp  ## disturb a cluster of three daemons for SECONDS (60), and see that nobody loses anything
	@$(BIN)/python -m tests.chaos --seconds $(SECONDS) $(if $(SEED),--seed $(SEED)) $(if $(ONLY),--only '$(ONLY)') $(if $(PLANT),--plant $(PLANT))

debian: $(VENV)/dev.stamp  ## follow the guides for operators on a clean Debian; needs root, debootstrap, systemd-nspawn, some minutes
	@$(BIN)/python -m tests.e2e.install --root build/debian
	@$(BIN)/python -m tests.e2e.operations --root build/debian

e2e: $(VENV)/dev.stamp  ## every test that starts a real twistd: those of make test, browser, nodes and stress
	@$(TRIAL) --jobs $(JOBS) tests.e2e

browser: $(VENV)/dev.stamp  ## the tests of the page in Chromium, with a real twistd
	@$(TRIAL) --jobs $(JOBS) $(BROWSER)

nodes: $(VENV)/dev.stamp  ## the tests of several daemons on one PostgreSQL, a real one
	@$(TRIAL) --jobs $(E2E_JOBS) $(NODES)

stress: $(VENV)/dev.stamp  ## a real twistd that is killed, flooded, crowded, and has no room on its disk
	@$(TRIAL) --jobs $(JOBS) $(STRESS)

bench: $(VENV)/dev.stamp  ## measure ourselves beside ngIRCd, InspIRCd and NATS, where installed: a quarter of an hour
	@$(BIN)/python -m benchmarks $(if $(QUICK),--quick --out build/bench,--out docs/performance)
	@$(BIN)/python -m benchmarks --irc --quick $(if $(QUICK),--out build/bench/irc,--rounds 3 --out docs/performance/irc)

cluster: $(VENV)/dev.stamp  ## measure two and three nodes on one PostgreSQL, beside SQLite: some minutes on a quiet machine
	@$(BIN)/python -m benchmarks.cluster $(if $(QUICK),--rounds 1 --seconds 1 --out build/bench,--out docs/performance)

dist: $(VENV)/dev.stamp  ## build dist/: the wheel and the source distribution, the same bytes for the same commit
	@bash contrib/build.sh $(BIN)/python dist
	@ls -l dist

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
	$(BIN)/pydoctor
	@echo "Built docs/_build/html/index.html"

news: $(VENV)/dev.stamp  ## show the coming release's notes
	$(BIN)/towncrier build --draft --version next

clean:  ## remove everything made here, except chatroom-data
	rm -rf $(VENV) build dist docs/_build .tox .mypy_cache .ruff_cache .hypothesis _trial_temp* ./*.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -f twisted/plugins/dropin.cache

# A stamp older than setup.cfg: install again. A .venv whose Python is gone or that was moved: make it again.
$(VENV)/run.stamp: $(PACKAGING) | $(VENV)/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[web]'
	@touch $@

# Of the last one, tests need the script of axe-core and not what it is for: without that, it is 160 kB instead of 160 MB.
$(VENV)/dev.stamp: $(PACKAGING) | $(VENV)/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps 'axe-playwright-python >= 0.1.8'
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
