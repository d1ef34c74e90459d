"""Keeps what letters share on disk, so that another process and the next build need not work it out again."""

from __future__ import annotations

import functools
import hashlib
import marshal
import os
import sys
import zlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from letters.versions import version

_MOST = 600
"""Files that are kept, about 0.1 MB each; the oldest go first."""
_PDF_TOOLS = ("weasyprint", "pydyf", "fonttools")


class Store:
    """A folder of files under the hash of all that they are made from; whoever deletes it loses nothing but time."""

    def __init__(self, folder: Path | None, sources: Sequence[str], programs: Sequence[str] = _PDF_TOOLS) -> None:
        self._folder = folder
        tools = [own_hash(), *(f"{name} {version(name)}" for name in programs)] if folder else []
        self._sources = hashlib.sha256("\n".join((sys.version, *tools, *sources)).encode())

    def path(self, key: object) -> Path | None:
        """Name the file of a key, which must be written the same way in every process; None without a folder."""
        if self._folder is None:
            return None
        name = self._sources.copy()
        name.update(f"\n{key!r}".encode())
        return self._folder / name.hexdigest()

    def get(self, key: object) -> Any:
        """Read what was kept under a key; None where there is nothing, or no whole file."""
        path = self.path(key)
        return read_values(path) if path else None

    def put(self, key: object, value: Any) -> None:
        """Keep a value; a disk that cannot take it is no mistake."""
        path = self.path(key)
        if path:
            write_values(path, value)
            with suppress(OSError):
                _forget_oldest(path.parent)


def read_values(path: Path) -> Any:
    """Read plain values from a file; None where there is nothing, or no whole file."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    if hashlib.sha256(content[32:]).digest() != content[:32]:
        return None
    return marshal.loads(zlib.decompress(content[32:]))  # noqa: S302 - numbers, texts and bytes; never code


def write_values(path: Path, value: Any) -> None:
    """Write plain values to a file, whole or not at all; a disk that cannot take it is no mistake."""
    content = zlib.compress(marshal.dumps(value), 1)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(hashlib.sha256(content).digest() + content)
        temporary.replace(path)
    except OSError:
        with suppress(OSError):
            temporary.unlink()


@functools.cache
def own_hash() -> str:
    """Hash the modules that make what is kept, and tell how it is written."""
    own = b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.rglob("*.py")))
    return hashlib.sha256(own).hexdigest()


def _forget_oldest(folder: Path) -> None:
    files = sorted((entry.stat().st_mtime_ns, entry.path) for entry in os.scandir(folder))
    for _, name in files[: max(0, len(files) - _MOST)]:
        Path(name).unlink(missing_ok=True)
