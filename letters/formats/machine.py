"""Finds what is there on this machine of all that the toolkit uses, and how to get what is not."""

from __future__ import annotations

import ctypes
import ctypes.util
import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from typing import NamedTuple

from letters.formats import pandoc
from letters.formats.programs import libreoffice
from letters.model.problems import CannotGoOn

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "msedge")
_PANGO = {
    "pango-1.0": ("libpango-1.0.so.0", "libpango-1.0.dylib", "libpango-1.0-0.dll"),
    "pangoft2-1.0": ("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib", "libpangoft2-1.0-0.dll"),
    "harfbuzz-subset": ("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib", "libharfbuzz-subset-0.dll"),
}
"""The libraries that WeasyPrint loads, with the names of their files on Linux, macOS and Windows."""
_HOMEBREW = "/opt/homebrew/lib:/usr/local/lib"


class Need(NamedTuple):
    """Something that the toolkit uses."""

    name: str
    use: str
    """What for."""
    is_there: bool
    is_needed: bool
    """Whether no letter is made without it."""
    how: str
    """The command that gets it on this machine."""


def needs(platform: str = sys.platform) -> list[Need]:
    """Return what the toolkit uses, what is needed first, and whether it is there."""
    return [
        Need(name, use, _is_there(found), needed, _command(commands, platform))
        for name, use, needed, found, commands in (
            ("Pango", "laying out every PDF", True, _has_pango, _GET_PANGO),
            ("fontconfig", "finding the fonts of the letters, which come with them", True, _has_fontconfig, _GET_FONTS),
            ("pandoc", "reading letters, writing DOCX", True, _has_pandoc, _GET_PANDOC),
            ("the desk", "letters open", False, _has_module("starlette", "uvicorn", "python_multipart"), _GET_DESK),
            ("pyHanko", "digital signatures (letters sign)", False, _has_module("pyhanko"), _GET_PYHANKO),
            ("LibreOffice", "letters build --as-word, and opening DOCX here", False, _has_office, _GET_OFFICE),
            ("Chromium", "testing the desk; to use it any browser will do", False, _has_any(*CHROMIUM), _GET_CHROMIUM),
            ("poppler", "looking at PDFs by command (pdftoppm, pdftotext)", False, _has_any("pdftoppm"), _GET_POPPLER),
            ("qpdf", "looking into PDFs by command", False, _has_any("qpdf"), _GET_QPDF),
        )
    ]


_Commands = Mapping[str, str]
"""How to get something, by the beginning of the platform's name."""


def _everywhere(package: str) -> _Commands:
    return dict.fromkeys(("linux", "darwin", "win"), package)


def _packages(debian: str, homebrew: str, windows: str) -> _Commands:
    return {"linux": f"sudo apt install {debian}", "darwin": f"brew install {homebrew}", "win": windows}


_GET_PANGO = _packages(
    "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
    "pango",
    "install MSYS2, then: pacman -S mingw-w64-x86_64-pango",
)
_GET_FONTS = _packages("fontconfig", "fontconfig", "comes with Pango")
_GET_PANDOC = _everywhere("install the toolkit again: pandoc comes with it")
_GET_DESK = _everywhere("install the toolkit again with the extra desk, see docs/install.md")
_GET_PYHANKO = _everywhere("install the toolkit again with the extra sign, see docs/install.md")
_GET_OFFICE = _packages("libreoffice-writer", "--cask libreoffice", "winget install TheDocumentFoundation.LibreOffice")
_GET_CHROMIUM = _packages("chromium", "--cask chromium", "Edge is there already")
_GET_POPPLER = _packages("poppler-utils", "poppler", "winget install oschwartz10612.Poppler")
_GET_QPDF = _packages("qpdf", "qpdf", "winget install QPDF.QPDF")


def _command(commands: _Commands, platform: str) -> str:
    """Return the command for a platform; that of Linux for one that is not known."""
    return next((command for name, command in commands.items() if platform.startswith(name)), commands["linux"])


def _is_there(found: Callable[[], bool]) -> bool:
    try:
        return found()
    except (CannotGoOn, OSError, ValueError):
        return False


def _has_any(*programs: str) -> Callable[[], bool]:
    return lambda: any(map(shutil.which, programs))


def _has_module(*names: str) -> Callable[[], bool]:
    return lambda: all(importlib.util.find_spec(name) for name in names)


def _has_office() -> bool:
    return bool(libreoffice())


def _has_pandoc() -> bool:
    return bool(pandoc.version())


def _has_fontconfig() -> bool:
    return _loads("fontconfig", ("libfontconfig.so.1", "libfontconfig.1.dylib", "libfontconfig-1.dll"))


def _has_pango() -> bool:
    return all(_loads(name, files) for name, files in _PANGO.items())


def _loads(name: str, files: tuple[str, ...]) -> bool:
    """Return whether a library can be loaded, under any of its names."""
    os.environ.setdefault("DYLD_FALLBACK_LIBRARY_PATH", _HOMEBREW)
    for file in (ctypes.util.find_library(name), *files):
        try:
            ctypes.CDLL(file or "")
        except OSError:
            continue
        if file:
            return True
    return False
