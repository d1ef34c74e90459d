# Two commands do everything: "make letters" and "make test". Both first install what is missing.

PYTHON ?= python3
BIN = .venv/bin
# Where Homebrew puts Pango. Given with each command, since macOS takes it out of the environment of a shell.
PYTHON_HERE = DYLD_FALLBACK_LIBRARY_PATH=/opt/homebrew/lib:/usr/local/lib $(BIN)/python
SHELL = /bin/bash
# Where it is set, each process of the tests, and each that they start, compiles every module anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: letters open check test test-all lint bench parity bench-national bench-mail pictures install lock sbom fuzz clean

letters: .venv/ready  ## build every letter of the campaign
	@$(PYTHON_HERE) generate.py build
	@echo "To look at them, change them, approve them and print them in your browser: $(BIN)/letters open"

open: .venv/ready  ## the campaign as a page in the browser
	$(PYTHON_HERE) generate.py open

# Where there are 4 GB free in memory, temporary files of the tests are there: the program waits for the disk at each
# file that it writes. They are gone afterwards; pytest without make keeps those of three runs.
test: .venv/ready .venv/browser  ## run the test suite
	@free=$$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $$4 }'); folder=; \
	if [ "$${free:-0}" -gt 4000000 ] && ! grep -q ' /dev/shm .*noexec' /proc/mounts \
	  && folder=$$(mktemp -d /dev/shm/letters-tests.XXXXXX); then trap 'rm -rf "$$folder"' EXIT; fi; \
	$(PYTHON_HERE) -m pytest -n auto -rs -m "not slow" $${folder:+"--basetemp=$$folder/tests"}

test-all: .venv/ready .venv/browser  ## run the slow tests, too
	$(PYTHON_HERE) -m pytest -n auto -rs --hypothesis-profile "new examples"

check: test lint  ## tests, linters, types

lint: .venv/ready  ## linters, types, the import contract
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/ready  ## compare with the plain loops, in one run, and time the commands of a working day
	$(PYTHON_HERE) -m benchmarks
	$(PYTHON_HERE) -m benchmarks.commands
	$(PYTHON_HERE) -m benchmarks.live
	$(PYTHON_HERE) -m benchmarks.lists

parity: .venv/ready  ## compare PDF and DOCX page by page, over the pack (needs LibreOffice)
	$(PYTHON_HERE) -m benchmarks.parity --out docs/benchmarks/parity.md

bench-national: .venv/ready  ## one letter to every agency of a list: make bench-national LIST=agencies.csv
	$(PYTHON_HERE) -m benchmarks.national "$(LIST)"

bench-mail: .venv/ready  ## print files of ever more pieces
	$(PYTHON_HERE) -m benchmarks.mailing

pictures: .venv/ready  ## make the pictures of the pages in docs/ again
	$(PYTHON_HERE) scripts/make_pictures.py
	$(PYTHON_HERE) scripts/make_mail_pictures.py
	$(PYTHON_HERE) scripts/make_desk_pictures.py

install: .venv/ready  ## install what is missing

.venv/ready: requirements.lock pyproject.toml scripts/install.sh
	@PYTHON="$(PYTHON)" bash scripts/install.sh
	@touch .venv/ready

.venv/browser: .venv/ready  ## Chromium, in which the desk is tested
	bash scripts/install.sh browser || echo "The tests of the desk in a browser are left out." >&2
	touch .venv/browser

lock:  ## renew requirements.lock from the ranges in pyproject.toml (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --upgrade --group dev pyproject.toml -o requirements.lock

sbom: .venv/ready  ## write sbom.json, what the program is made of (CycloneDX), and the page of licences
	$(PYTHON_HERE) scripts/sbom.py > sbom.json
	$(PYTHON_HERE) scripts/sbom.py --licences > docs/licences.md

SECONDS ?= 300
fuzz: .venv/ready  ## spoil the files that people send, for five minutes: make fuzz SECONDS=60
	$(PYTHON_HERE) scripts/fuzz.py --seconds $(SECONDS)

clean:
	rm -rf .venv dist
