"""Matches citations with authorities: the same, nearly the same and how they differ, or unknown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from letters.cite.find import Citation, CitationKind, find_citations, folded, reporter_of
from letters.cite.passages import Passage

_ALIKE = 82
"""Of 100: names that are at least so similar are one name misspelt."""
_DATE = re.compile(r"\b(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.? \d+,?$")


class Match(NamedTuple):
    """What is known of a citation."""

    key: str = ""
    """The authority it is, or was meant to be; empty for none."""
    differences: tuple[str, ...] = ()
    """How it differs from that authority, in words; empty where it does not."""
    near: str = ""
    """The authority whose section may have been meant, where the section cited is unknown."""


@dataclass(slots=True)
class Matcher:
    """The authorities of a campaign, ready to be compared with."""

    full: Mapping[str, Passage]
    """The full citation of each authority, by key."""
    _cites: dict[tuple[str, str, str], str] = field(default_factory=dict)
    _sections: list[tuple[tuple[str, str, str], tuple[str, ...], str]] = field(default_factory=list)
    _cases: dict[str, Citation] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for key, phrase in self.full.items():
            for citation in find_citations(phrase.text, phrase.emphasis):
                if citation.kind is CitationKind.CASE:
                    self._cases.setdefault(key, citation)
                    self._cites |= {cite: self._cites.get(cite, key) for cite in citation.keys}
                elif citation.keys:
                    self._sections.append((citation.keys[0], citation.path, key))

    def knows(self, key: str) -> bool:
        """Return whether an authority is a case or a law, which is recognized by its cite."""
        return key in self._cases or any(known == key for _, _, known in self._sections)

    def is_case(self, key: str) -> bool:
        """Return whether an authority is a case."""
        return key in self._cases

    def match(self, citation: Citation) -> Match:
        """Match one citation; one that points back by name is matched by that name."""
        if citation.kind is CitationKind.CASE:
            return self._case(citation)
        if citation.kind in (CitationKind.CODE, CitationKind.CONSTITUTION):
            key = self._section(citation)
            return Match(key, near="" if key else self._near_section(citation))
        if citation.kind is CitationKind.SHORT:
            return self._short(citation)
        return Match(self._by_party(citation.name) if citation.name else "")

    def _section(self, citation: Citation) -> str:
        """Find the authority that has a section, or the whole of which it is a part; the narrowest one."""
        cite, path = citation.keys[0], citation.path
        fitting = [(len(p), key) for known, p, key in self._sections if known == cite and path[: len(p)] == p]
        return max(fitting, key=lambda fit: fit[0], default=(0, ""))[1]

    def _case(self, citation: Citation) -> Match:
        for cite in citation.keys:
            if key := self._cites.get(cite, ""):
                return Match(key, tuple(self._differences(citation, self._cases[key])))
        key = self._nearest(citation)
        return Match(key, tuple(self._differences(citation, self._cases[key]))) if key else Match()

    def _nearest(self, citation: Citation) -> str:
        """Find the case that was meant, by its name or by its cite and most of its name."""
        from rapidfuzz import fuzz

        best, score = "", 0.0
        reporter, volume, page = citation.keys[0]
        for key, known in self._cases.items():
            alike = min(map(fuzz.ratio, *_both_parties(citation.name, known.name))) if citation.name else 0
            near = any(r == reporter and (v == volume or p == page) for r, v, p in known.keys)
            needed = _ALIKE if not near else _ALIKE - 30
            if alike >= needed and alike + 20 * near > score:
                best, score = key, alike + 20 * near
        return best

    def _short(self, citation: Citation) -> Match:
        reporter, volume, _ = citation.keys[0]
        for (other, known, _), key in self._cites.items():
            if (other, known) == (reporter, volume) and self._is_party(citation.name, self._cases[key].name):
                return Match(key)
        key = self._by_party(citation.name)
        if not key:
            return Match()
        return Match(key, tuple(self._differences(citation, self._cases[key])))

    def _near_section(self, citation: Citation) -> str:
        """Find the authority with the same section of another title, or with digits that are easily mistyped."""
        code, title, section = citation.keys[0]
        for (other_code, other_title, other), _, key in self._sections:
            if other == section and (other_code, other_title) != (code, title):
                return key
            slipped = sorted(other) == sorted(section) or _one_digit_apart(other, section)
            if (other_code, other_title) == (code, title) and other != section and slipped:
                return key
        return ""

    def _by_party(self, name: str) -> str:
        return next((key for key, known in self._cases.items() if self._is_party(name, known.name)), "")

    @staticmethod
    def _is_party(name: str, whole: str) -> bool:
        return f" {folded(name)} " in f" {folded(whole)} "

    def _differences(self, mine: Citation, theirs: Citation) -> Iterable[str]:
        if mine.name and theirs.name and mine.kind is CitationKind.CASE and folded(mine.name) != folded(theirs.name):
            yield f'"{mine.name}", there "{theirs.name}"'
        if not set(mine.keys) & set(theirs.keys):
            reporter, volume, page = mine.keys[0]
            same = next((cite for cite in theirs.keys if cite[0] == reporter), None)
            if not same:
                yield f"reporter {reporter_of(mine.text)}, there {reporter_of(theirs.text)}"
            if same and same[1] != volume:
                yield f"volume {volume}, there {same[1]}"
            if same and page and same[2] != page:
                yield f"page {page}, there {same[2]}"
        if mine.year and theirs.year and mine.year != theirs.year:
            yield f"year {mine.year}, there {theirs.year}"
        own, other = (_DATE.sub("", citation.court).strip(" ,") for citation in (mine, theirs))
        if own and other and own != other:
            yield f"court {own}, there {other}"


def _both_parties(one: str, other: str) -> tuple[list[str], list[str]]:
    """Split two names at their "v.", to compare party with party; half of all cases have United States for one."""
    pairs = [[folded(party) for party in re.split(r" v\.? ", name)] for name in (one, other)]
    if len(pairs[0]) == len(pairs[1]):
        return pairs[0], pairs[1]
    return [folded(one)], [folded(other)]


def _one_digit_apart(one: str, other: str) -> bool:
    """Return whether one has a digit that the other lacks."""
    longer, shorter = sorted((one, other), key=len, reverse=True)
    return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))
