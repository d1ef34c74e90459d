"""Plain values that letters of one template share, in a cache on disk."""

from __future__ import annotations

import hashlib
import marshal
import sys
import zlib
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from letters.formats.cache import Cache, program_hash

_PDF_TOOLS = ("weasyprint", "pydyf", "fonttools")


class Store:
    """Numbers, texts, bytes, and containers of them, by a key and the sources and programs that they are made from.

    The repr of a key must be the same in every process. Without a folder nothing is stored.
    """

    def __init__(self, folder: Path | None, sources: Sequence[str], programs: Sequence[str] = _PDF_TOOLS) -> None:
        self._cache = Cache(folder) if folder else None
        tools = [program_hash(), *(f"{name} {version(name)}" for name in programs)] if folder else []
        self._sources = hashlib.sha256("\n".join((sys.version, *tools, *sources)).encode()).hexdigest()

    def get(self, key: object) -> Any:
        """Return the value stored under a key; None where there is none."""
        content = self._cache.get(self._name(key)) if self._cache else None
        # marshal cannot run code, but damaged input may crash it: the cache has compared the checksum.
        return None if content is None else marshal.loads(zlib.decompress(content))  # noqa: S302

    def put(self, key: object, value: Any) -> None:
        """Store a value; a disk that cannot take it only costs time."""
        if self._cache:
            self._cache.put(self._name(key), zlib.compress(marshal.dumps(value), 1))

    def _name(self, key: object) -> str:
        return f"{self._sources}\n{key!r}"
