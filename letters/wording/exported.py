"""Stores the words that a Word file of a letter began with, so that an import can tell whose change is whose.

They are the base of the three-way merge, stored under the hash that the Word file carries.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from letters.formats.files import sha256, write_whole
from letters.model.problems import CannotGoOn, Exit
from letters.read.folder import CLAUSES
from letters.read.letter import split_front_matter
from letters.read.text import read_text
from letters.wording.chunks import LetterOutline, cut

WORDING, KEPT = "wording", "kept"
"""Folders of the output: the Word files of letters, and the Markdown as it was before each import."""


def digest(texts: Mapping[str, str]) -> str:
    """Return the hash of the texts of a letter and its clauses, by their paths as shown."""
    return sha256(_json(texts))


def keep(out: Path, texts: Mapping[str, str]) -> None:
    """Store the words of an export."""
    write_whole(_path(out, digest(texts)), _json(texts))


def find(out: Path, wanted: str, now: Mapping[str, str]) -> dict[str, str]:
    """Return the words of an export by their hash; raises CannotGoOn where they are gone.

    They are in the store, or, if somebody deleted it, among the files that imports since then have kept. `now` are the
    words of today.
    """
    path = _path(out, wanted)
    if path.is_file():
        return dict(json.loads(path.read_text("utf-8")))
    for kept in sorted((out / KEPT).glob("wording *")):
        copies = {shown_path: kept / shown_path for shown_path in now}
        texts = {shown_path: read_text(copy, shown_path)[0] for shown_path, copy in copies.items() if copy.is_file()}
        if digest({**now, **texts}) == wanted:
            return {**now, **texts}
    message = "the letter was changed after this Word file was made, and the words it began with are gone"
    hint = "letters redline shows where the two differ; or put the Markdown of that day back, and import again"
    raise CannotGoOn(Exit.PROBLEMS, message, hint)


def _path(out: Path, name: str) -> Path:
    return out / WORDING / ".base" / f"{name}.json"


def _json(texts: Mapping[str, str]) -> bytes:
    return json.dumps(texts, ensure_ascii=False, indent=1).encode()


def body_line(path: str, text: str) -> int:
    """Return the line on which the text below the front matter begins."""
    return split_front_matter(text, path)[0].body_line


def front(path: str, text: str) -> str:
    """Return what stands above the text of a letter: its keys."""
    return "".join(text.splitlines(keepends=True)[: body_line(path, text) - 1])


def outline(texts: Mapping[str, str]) -> LetterOutline:
    """Return the words of an export as chunks; the first text is that of the letter itself."""
    first = next(iter(texts))

    def clause(name: str) -> tuple[str, str, int] | None:
        path = next((path for path in texts if path != first and path.endswith(f"/{CLAUSES}/{name}.md")), "")
        return (path, texts[path], body_line(path, texts[path])) if path else None

    return cut(first, texts[first], body_line(first, texts[first]), clause)
