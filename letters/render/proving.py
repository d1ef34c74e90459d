"""Proves that letters made by the batch engine are as docxtpl and WeasyPrint make them one by one."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from typing import Any

from letters.formats.ooxml import read_package

_FEWEST = 3
"""Letters that are proved, however small the share is."""


def choose(ids: Iterable[str], percent: float, template: str) -> frozenset[str]:
    """Choose a share of letters, others for each template, but the same ones in each run."""
    ranked = sorted(set(ids), key=lambda identifier: hashlib.sha256(f"{template} {identifier}".encode()).digest())
    return frozenset(ranked[: max(_FEWEST, math.ceil(len(ranked) * percent / 100))])


def pdf_differences(plain: bytes, fast: bytes) -> tuple[str, ...]:
    """Compare two PDFs of a letter: looks, text, tags, bookmarks, links and properties."""
    from letters.render.proof import differences

    return tuple(differences(plain, fast))


def docx_differences(plain: bytes, fast: bytes) -> tuple[str, ...]:
    """Compare two DOCX of a letter: their members, byte for byte."""
    one, other = read_package(plain), read_package(fast)
    names: Any = dict.fromkeys((*one, *other))
    return tuple(f"{name} differs" for name in names if one.get(name) != other.get(name))
