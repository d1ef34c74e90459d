"""Understands offices as people write them: "Police Chief", "Chief of Police", "Sheriff's Office"."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection

_FILLERS = frozenset(
    (
        "of",
        "the",
        "for",
        "s",
        "office",
        "department",
        "dept",
        "county",
        "city",
        "township",
        "village",
        "town",
        "borough",
    )
)
_WORD = re.compile(r"[a-z]+")
_SYNONYMS = {"pd": "police", "so": "sheriff", "sheriffs": "sheriff", "chiefs": "chief", "dps": "public safety director"}


def understood_office(said: str, offices: Collection[str]) -> str:
    """Return the office that a text means; empty where it means none of those known, or more than one.

    Words count, not their order or case; words for an agency or a place are passed over. A status such as "Interim"
    is never passed over: it would be lost.
    """
    return said if said in offices else _understood(said, tuple(offices))


@functools.lru_cache(4096)
def _understood(said: str, offices: tuple[str, ...]) -> str:
    words = _words(said)
    known = {office: frozenset(office.split("_")) for office in offices}
    same = [office for office, own in known.items() if own == words]
    part = [office for office, own in known.items() if words and words < own]
    for found in (same, part):
        if len(found) == 1:
            return found[0]
    return ""


def _words(said: str) -> frozenset[str]:
    found = _WORD.findall(said.casefold().replace("’", "'"))
    spelt = " ".join(_SYNONYMS.get(word, word) for word in found).split()
    return frozenset(word for word in spelt if word not in _FILLERS)
