"""Finds the sentence that a citation supports."""

from __future__ import annotations

import re

_END = re.compile(r"[.?!][”’\"')\]]*(?=\s+[“‘\"'(\[]?[A-Z0-9‹])|[.?!][”’\"')\]]*\s*(?=\n|$)|\n|$")
_SHORTENED = re.compile(
    r"(?:^|[\s(“‘])(?:v|vs|No|Nos|Mr|Mrs|Ms|Dr|Hon|St|Ste|art|amend|cl|ch|Inc|Co|Corp|Ltd|Bd|Cir|Supp|App|Ct|Ed|Dep’t|Dist"
    r"|e\.g|i\.e|cf|Cf|al|seq|(?:[A-Z]\.)*[A-Z]|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.$"
)
_BLANKS = re.compile(r"\s+")


def sentence_at(text: str, position: int) -> str:
    """Return the sentence in which a position stands; a note called behind a full stop belongs to what is before it."""
    position = len(text[:position].rstrip()) - 1
    start = 0
    for end in _END.finditer(text):
        if _SHORTENED.search(text[max(0, end.start() - 12) : end.start() + 1]) and end[0].startswith("."):
            continue
        if end.end() > position:
            return _BLANKS.sub(" ", text[start : end.end()]).strip()
        start = end.end()
    return _BLANKS.sub(" ", text[start:]).strip()
