"""Keeps the last few of many things in memory, by the hash of their content."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Generic, TypeVar

from letters.formats.files import sha256

_Content = TypeVar("_Content", bytes, str)


class Recent(Generic[_Content]):
    """The contents that were kept or asked for last; older ones are forgotten."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[str, _Content] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, content: _Content) -> str:
        """Keep a content; return its hash."""
        digest = sha256(content.encode() if isinstance(content, str) else content)
        with self._lock:
            self._kept[digest] = content
            self._kept.move_to_end(digest)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return digest

    def get(self, digest: str) -> _Content | None:
        """Return a content that is kept, by its hash."""
        return self._kept.get(digest)
