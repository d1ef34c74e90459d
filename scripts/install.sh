#!/usr/bin/env bash
# Installs what is missing on this machine: Pango, which WeasyPrint draws with, and a virtual environment in .venv.
# System packages are installed with apt (as root or with sudo) or with Homebrew; where neither is there, it says what to
# install by hand. With the word "browser" it installs Chromium for the tests, and nothing else.
set -euo pipefail
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-python3}
DEBIAN_PACKAGES=(libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig)

# What the installers say is kept here, and shown where one of them fails.
LOG=$(mktemp)
trap 'rm -f "$LOG"' EXIT

say() { printf '%s\n' "$*" >&2; }

stop() {
    tail -n 15 "$LOG" >&2
    say "error: $1"
    say "    hint: $2"
    exit 3
}

python_is_new_enough() {
    "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

has_pango() {
    "$PYTHON" - <<'PY' 2>/dev/null
import ctypes
import ctypes.util
import os
import sys

os.environ.setdefault("DYLD_FALLBACK_LIBRARY_PATH", "/opt/homebrew/lib:/usr/local/lib")
names = {
    "pango-1.0": ("libpango-1.0.so.0", "libpango-1.0.dylib"),
    "pangoft2-1.0": ("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib"),
    "harfbuzz-subset": ("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib"),
}


def there(name, files):
    for file in (ctypes.util.find_library(name), *files):
        try:
            ctypes.CDLL(file or "")
        except OSError:
            continue
        return bool(file)
    return False


sys.exit(not all(there(*item) for item in names.items()))
PY
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else return 1; fi
}

apt_install() {
    command -v apt-get >/dev/null || return 1
    say "Installing $* ..."
    as_root apt-get update -qq >>"$LOG" 2>&1 || return 1
    # One by one: where a release names one of them otherwise, the others are installed all the same.
    for package in "$@"; do
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >>"$LOG" 2>&1
    done
}

has_browser() {
    local name
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" >/dev/null && return 0
    done
    return 1
}

# Whether apt is here, may be used, and can fetch Chromium from where it is; on Ubuntu there is only a snap, which it cannot.
apt_gets_browser() {
    command -v apt-get >/dev/null && as_root apt-get install -y -qq --download-only chromium >>"$LOG" 2>&1
}

# Whether Playwright's own program starts; a bare Debian lacks a library that it needs.
has_driver() {
    .venv/bin/python -m playwright --version >>"$LOG" 2>&1
}

# With "browser": only Chromium, in which the desk is tested. Letters, and the desk itself, need none of it. It fails where
# apt can fetch it and it is not there all the same; where it cannot be had, that is said.
if [ "${1:-}" = browser ]; then
    has_browser || apt_install chromium || true
    has_browser && { has_driver || apt_install libatomic1 || true; }
    has_browser && { has_driver || stop "Playwright cannot start" "install the library that it names, such as libatomic"; }
    has_browser && exit 0
    apt_gets_browser && stop "Chromium could not be installed" "the lines above say why; by hand: sudo apt install chromium"
    say "Chromium is missing, and apt does not have it here: the tests of the desk in a browser are left out"
    exit 0
fi

python_is_new_enough || stop "\"$PYTHON\" is not Python 3.11 or newer" \
    "install it, or name another: make PYTHON=python3.12 letters"

if ! has_pango; then
    if command -v brew >/dev/null; then
        brew install pango >>"$LOG" 2>&1 || true
    else
        apt_install "${DEBIAN_PACKAGES[@]}" || true
    fi
    has_pango || stop "Pango is missing" \
        "Debian, Ubuntu: sudo apt install ${DEBIAN_PACKAGES[*]} · Fedora: sudo dnf install pango harfbuzz · macOS: brew install pango"
fi

make_venv() {
    "$PYTHON" -m venv .venv >/dev/null 2>&1 && [ -x .venv/bin/pip ]
}

if [ ! -x .venv/bin/pip ]; then
    rm -rf .venv
    if ! make_venv; then
        rm -rf .venv
        version=$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        apt_install "python$version-venv" || apt_install python3-venv || true
        make_venv || "$PYTHON" -m virtualenv .venv >/dev/null 2>&1 ||
            stop "Python's venv module is missing" "Debian, Ubuntu: sudo apt install python3-venv"
    fi
fi

say "Installing Python packages into .venv ..."
pip_install() {
    .venv/bin/pip install --quiet --disable-pip-version-check --no-input "$@" >>"$LOG" 2>&1
}
pip_install --require-hashes --only-binary :all: --no-binary docxtpl -r requirements.lock ||
    pip_install --require-hashes -r requirements.lock ||
    stop "the Python packages could not be installed" "the lines above are the last of what pip said; is the network there?"
pip_install --no-deps --no-build-isolation --editable . || stop "the toolkit could not be installed into .venv" "the lines above say why"
