# Two commands: `make verify` runs the main job, `make test` passes the tests.
# Each makes the virtual environment from pyproject.toml when it is missing or out of date.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: verify test lint docs bench paper campaign forward-errors fuzz check-certificates formal formal-check clean

$(STAMP): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python >= 3.11 is needed" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $(STAMP)

verify: $(STAMP)
	$(BIN)/deepexp-exact verify $(ARGS)

test: $(STAMP) lint
	$(BIN)/python -m pytest $(ARGS)

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/mypy

# The documentation as a site in out/site; a warning is an error.
docs: $(STAMP)
	$(BIN)/python -m mkdocs build --quiet --strict

# Runs the shipped studies on their quick grids (full ones: ARGS=--full); everything goes to out/paper.
paper: $(STAMP)
	$(BIN)/python scripts/make_paper_tables.py $(ARGS)

bench: $(STAMP)
	$(BIN)/python scripts/benchmark.py $(ARGS)

# 2,000 random problems, every multiprecision result held against its ball enclosure; resumes.
campaign: $(STAMP)
	$(BIN)/python scripts/campaign.py $(ARGS)

# Forward errors of exp and log on published hard matrices against the condition number.
forward-errors: $(STAMP)
	$(BIN)/python scripts/forward_errors.py $(ARGS)

# Both checkers on every sample certificate; the first needs nothing but Python.
check-certificates: $(STAMP)
	$(PYTHON) -O proofs/checker/check_certificate.py proofs/certificates/*.json proofs/certificates/version-1/*.json
	$(BIN)/deepexp-exact check proofs/certificates/*.json proofs/certificates/version-1/*.json

# Fuzz the parsers of both checkers for longer: make fuzz EXAMPLES=20000
EXAMPLES ?= 20000
fuzz: $(STAMP)
	DEEPEXP_FUZZ_EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest -n 0 tests/checker/test_fuzz.py

formal:
	$(MAKE) -C proofs/formal formal

formal-check:
	$(MAKE) -C proofs/formal formal-check

clean:
	rm -rf $(VENV) build dist *.egg-info
