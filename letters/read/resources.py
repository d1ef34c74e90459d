"""Reads what the PDF is set with: the style sheet, the files it names, the fonts, the logos."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from letters.model.problems import CannotGoOn, Exit, Place, Problem
from letters.read.text import decode

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_ADDRESS = re.compile(r"""url\(\s*["']?([^"')]*)["']?\s*\)|@import\s+["']([^"']+)["']""")
FONT_SUFFIXES = (".ttf", ".otf", ".ttc")


def without_comments(sheet: str) -> str:
    """Return a style sheet with spaces in the place of its comments."""
    return _COMMENT.sub(lambda comment: re.sub(r"[^\n]", " ", comment[0]), sheet)


def read_resources(templates: Path, shown: str, logos: Iterable[Path]) -> tuple[dict[str, bytes], list[Problem]]:
    """Read every file a PDF depends on, by name; the style sheet may name files of its own folder only."""
    sheet = templates / "letterhead.css"
    if not sheet.is_file():
        raise CannotGoOn(Exit.PROBLEMS, f'there is no "letterhead.css" in {shown}/', "copy it from the toolkit")
    files = {"letterhead.css": sheet.read_bytes()}
    text, problems = decode(files["letterhead.css"], f"{shown}/letterhead.css")
    text = without_comments(text)
    for match in _ADDRESS.finditer(text):
        address = match[1] or match[2] or ""
        line = text.count("\n", 0, match.start()) + 1
        file = (templates / address).resolve()
        if ":" in address or address.startswith("/") or not file.is_relative_to(templates.resolve()):
            hint = "nothing outside the folder is read, and nothing from the network; copy the file there"
            problems.append(Problem(Place(f"{shown}/letterhead.css", line), f'"{address}" is outside {shown}/', hint))
        elif not file.is_file():
            problems.append(Problem(Place(f"{shown}/letterhead.css", line), f'"{address}" does not exist', ""))
        else:
            files[address] = file.read_bytes()
    for font in sorted(p for p in (templates / "fonts").glob("*") if p.suffix.lower() in FONT_SUFFIXES):
        files[f"fonts/{font.name}"] = font.read_bytes()
    files |= {f"logo {n} {logo.name}": logo.read_bytes() for n, logo in enumerate(logos) if logo.is_file()}
    if not any(name.startswith("fonts/") for name in files):
        problems.append(Problem(Place(f"{shown}/fonts"), "there are no fonts", "copy the folder from the toolkit"))
    return files, problems
