#!/usr/bin/env bash
# Installs what is missing on this machine: Pango, which WeasyPrint draws with, and a virtual environment in .venv.
# System packages are installed with apt (as root or with sudo) or with Homebrew; where neither is there, it says what to
# install by hand. With the word "browser" it installs Chromium for the tests, and nothing else.
set -euo pipefail
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-python3}
DEBIAN_PACKAGES=(libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig)

say() { printf '%s\n' "$*" >&2; }

stop() {
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
    as_root apt-get update -qq >&2 || return 1
    # One by one: where a release names one of them otherwise, the others are installed all the same.
    for package in "$@"; do
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null
    done
}

has_browser() {
    local name
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" >/dev/null && return 0
    done
    return 1
}

# With "browser": only Chromium, in which the desk is tested. Letters, and the desk itself, need none of it.
if [ "${1:-}" = browser ]; then
    has_browser || apt_install chromium || true
    has_browser || say "Chromium is missing: the tests of the desk in a browser are left out (Debian: sudo apt install chromium)"
    exit 0
fi

python_is_new_enough || stop "\"$PYTHON\" is not Python 3.11 or newer" \
    "install it, or name another: make PYTHON=python3.12 letters"

if ! has_pango; then
    if command -v brew >/dev/null; then
        brew install pango || true
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
quiet=(--quiet --disable-pip-version-check --no-input)
.venv/bin/pip install "${quiet[@]}" --require-hashes --only-binary :all: --no-binary docxtpl -r requirements.lock ||
    .venv/bin/pip install "${quiet[@]}" --require-hashes -r requirements.lock
.venv/bin/pip install "${quiet[@]}" --no-deps --no-build-isolation --editable .
