# What a person types; .ci/run types the same. `make help` lists it.
#
# PYTHON=/path/to/python3.12 chooses the interpreter; without it the first good one is taken.
PYTHONS := $(or $(PYTHON),python3 python3.13 python3.12 python3.11 python3.14)
NEW_ENOUGH := sys; sys.exit(sys.version_info < (3, 11))
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input -q
UV := $(BIN)/uv
# Appended to by hand for newer versions: make lock LOCK=--upgrade
LOCK :=
COMPILE = $(UV) pip compile -q --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header $(LOCK)

# More processes than most machines have processors: tests wait about as long as they reckon.
SPREAD := -n 4 --dist worksteal

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test long slowest check lock

help: ## Show this
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1|\2/p' Makefile | awk -F'|' '{printf "%-12s %s\n", $$1, $$2}'

demo: $(VENV)/.runtime ## Harvest a made-up account into SQLite and show what comes of it
	@$(BIN)/harvest demo

test: $(VENV)/.dev ## Run all tests
	@$(BIN)/python -m pytest $(SPREAD)

# The searching tests over all their engines for an hour or so, then weeks and a year of harvests.
long: $(VENV)/.dev ## Look for trouble for hours: crashes, storms, a soak, a year
	@HARVESTER_TEST_TIMES=45 $(BIN)/python -m pytest $(SPREAD) -m slow
	@$(BIN)/python benchmarks/soak.py
	@$(BIN)/python benchmarks/year.py
	@$(BIN)/python benchmarks/disk.py

# make slowest TESTS=tests/cli: what to look at when the tests take longer than four minutes.
TESTS :=
slowest: $(VENV)/.dev ## Run tests and show the thirty slowest
	@$(BIN)/python -m pytest $(SPREAD) --durations=30 --durations-min=0.5 $(TESTS)

check: $(VENV)/.dev ## Check format, lint, types and layers
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

# runtime: what the program needs. build: what makes its wheel. dev: both, and the tools.
# The later files keep to the versions of the earlier ones. hatchling asks for editables only when
# it comes to `pip install -e`, and that runs without a network.
lock: $(VENV)/.python ## Write requirements/*.txt anew from pyproject.toml (needs uv)
	@test -x $(UV) || $(PIP) install uv
	@$(BIN)/python -c 'import tomllib; project = tomllib.load(open("pyproject.toml", "rb")); \
		print(*project["build-system"]["requires"], "editables", sep="\n")' > $(VENV)/build.in
	@$(COMPILE) pyproject.toml --extra report -o requirements/runtime.txt
	@$(COMPILE) $(VENV)/build.in -c requirements/runtime.txt -o requirements/build.txt
	@$(COMPILE) pyproject.toml --extra parquet --extra report --extra dev $(VENV)/build.in -c requirements/runtime.txt \
		-c requirements/build.txt -o requirements/dev.txt
	@$(COMPILE) --group audit -c requirements/dev.txt -o requirements/audit.txt
	@! grep -n -e '://' -e '^-' requirements/*.txt

# Stamps inside the venv, newer than what they are made of: nothing is installed twice.
$(VENV)/.python:
	@$(BIN)/python -c 'import pip, $(NEW_ENOUGH)' 2> /dev/null || { \
		for python in $(PYTHONS); do \
			"$$python" -c 'import venv, ensurepip, $(NEW_ENOUGH)' 2> /dev/null \
				&& exec "$$python" -m venv --clear $(VENV); \
		done; \
		echo "harvester needs Python 3.11 or newer with its venv module; tried: $(PYTHONS)." >&2; \
		echo "Install one (Debian: apt install python3-venv), or name it: make PYTHON=..." >&2; \
		exit 1; }
	@touch $@

$(VENV)/.runtime: requirements/runtime.txt requirements/build.txt pyproject.toml | $(VENV)/.python
	@echo "Installing into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements/runtime.txt -r requirements/build.txt
	@$(PIP) install --no-build-isolation --no-deps -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml | $(VENV)/.python
	@echo "Installing into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@$(PIP) install --no-build-isolation --no-deps -e .
	@touch $@ $(VENV)/.runtime
