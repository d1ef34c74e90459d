"""What letters of one template share: for a while in the memory of a process, or as plain values in a cache on disk."""

from __future__ import annotations

import hashlib
import marshal
import sys
import zlib
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from letters.formats.cache import Cache, program_hash
from letters.model.records import DOCX, PDF, DocumentTemplate

PROGRAMS = {PDF: ("weasyprint", "pydyf", "fonttools", "jinja2"), DOCX: ("docxtpl", "python-docx", "lxml", "jinja2")}
"""The packages whose versions documents depend on, by medium."""
K = TypeVar("K")
V = TypeVar("V")


def lists_pages(template: DocumentTemplate) -> bool:
    """Return whether a letter or an enclosure has contents, so that its DOCX depends on the pages of the PDF."""
    return any('<nav class="contents">' in part.html for part in template.parts)


class Store:
    """Numbers, texts, bytes, and containers of them, by a key, the sources, and the programs that made them.

    The repr of a key must be the same in every process. Without a folder nothing is stored.
    """

    def __init__(self, folder: Path | None, sources: Sequence[str], medium: str = PDF) -> None:
        self._cache = Cache(folder) if folder else None
        # What is kept was computed by all of these; marshal has another format in another Python.
        tools = [program_hash(), *(f"{name} {version(name)}" for name in PROGRAMS[medium])] if folder else []
        self._sources = hashlib.sha256("\n".join((sys.version, *tools, *sources)).encode()).hexdigest()

    def get(self, key: object) -> Any:
        """Return the value stored under a key; None where there is none."""
        content = self._cache.get(self._name(key)) if self._cache else None
        # marshal cannot run code, but damaged input may crash it: the cache has compared the checksum.
        return None if content is None else marshal.loads(zlib.decompress(content))  # noqa: S302

    def put(self, key: object, value: Any) -> None:
        """Store a value; a disk that cannot take it only costs time."""
        if self._cache:
            # The quickest level: values are read and written with each branch and each kind of layout.
            self._cache.put(self._name(key), zlib.compress(marshal.dumps(value), 1))

    def _name(self, key: object) -> str:
        return f"{self._sources}\n{key!r}"


class RecentCache(Generic[K, V]):
    """A dictionary that keeps the `most` values that were used last, and up to as many older ones."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._new: dict[K, V] = {}
        self._old: dict[K, V] = {}

    def __setitem__(self, key: K, value: V) -> None:
        # Two generations do with one comparison what a list by last use would need an update for at every look.
        if len(self._new) >= self._most:
            self._old, self._new = self._new, {}
        self._new[key] = value

    def __len__(self) -> int:
        return len(self._new) + len(self._old)

    def get(self, key: K) -> V | None:
        """Return a value; None where there is none, or none any more."""
        found = self._new.get(key)
        if found is None and (found := self._old.pop(key, None)) is not None:
            self[key] = found
        return found

    def values(self) -> list[V]:
        """Return the values."""
        return [*self._old.values(), *self._new.values()]


class Limits(NamedTuple):
    """How many of each thing a process keeps; changing them changes nothing but time and memory."""

    elements: int = 1_000
    """Marked elements that were set, a few kB each."""
    branches: int = 20
    """Template branches whose paragraph templates are kept, about half a MB each; those of others are on the disk."""
    kinds: int = 30
    """Kinds of layout whose page templates are kept, about 0.3 MB each; those of others are on the disk."""
    box_trees: int = 6
    """Box trees with their pages."""
    parts: int = 6
    """Enclosures that are kept laid out, with all their boxes."""
    pages: int = 24
    """Pages of each box tree, about 0.5 MB each."""
    paragraphs: int = 1_000
    """Paragraphs of each box tree whose lines are kept."""
    lines: int = 3_000
    """Lines that were broken or drawn, about 1 kB each."""
    words: int = 2_000
    """Words of each style, less than 1 kB each."""
    pairs: int = 5_000
    """Pairs of words that look the same side by side as alone, of each style."""
    fonts: int = 100
    """Subsets of fonts, about 30 kB each."""
