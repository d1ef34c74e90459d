"""Brings the headers and footers of a merged draft up to date: they are the letterhead's, not the editor's."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree

from letters.formats.ooxml import parse, serialize, w

_HEAD = re.compile(r"word/(header|footer)\d*\.xml")


def with_new_heads(
    mine: Mapping[str, bytes], base: Mapping[str, bytes], theirs: Mapping[str, bytes]
) -> dict[str, bytes]:
    """Copy a package with the words of headers that changed from base to theirs; what a person wrote there stays."""
    renewed = _renewed(base, theirs)
    made = dict(mine)
    for name in [name for name in mine if _HEAD.fullmatch(name)] if renewed else []:
        root = parse(mine[name])
        for text in root.iter(w("t")):
            text.text = _replaced(text.text or "", renewed)
        made[name] = serialize(root)
    return made


def _renewed(base: Mapping[str, bytes], theirs: Mapping[str, bytes]) -> dict[str, str]:
    """List the texts of headers that became others, where both have the same build."""
    renewed: dict[str, str] = {}
    for name in base:
        if _HEAD.fullmatch(name) and name in theirs:
            old, new = _texts(parse(base[name])), _texts(parse(theirs[name]))
            if len(old) == len(new):
                renewed |= {before: after for before, after in zip(old, new, strict=True) if before != after}
    return {before: after for before, after in renewed.items() if before.strip()}


def _texts(root: etree._Element) -> list[str]:
    return [text.text or "" for text in root.iter(w("t"))]


def _replaced(text: str, renewed: Mapping[str, str]) -> str:
    for before, after in renewed.items():
        if text.strip() == before.strip():
            return text.replace(before.strip(), after.strip())
    return text
