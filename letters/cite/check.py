"""Checks the citations of a letter: every one in the authorities file, spelt as there, and read by somebody."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from letters.cite.find import (
    Citation,
    CitationKind,
    Passage,
    find_citations,
    read_passages,
    read_phrase,
    reporter_of,
)
from letters.cite.style import PAGE
from letters.model.problems import Place, Problem, Severity
from letters.model.records import Source
from letters.model.settings import UNREAD, WHOLE, Authorities, Authority, Status

_ALIKE = 82
"""Of 100: names that are at least so similar are one name misspelt."""
# A database cites the day of an opinion, a reporter its year alone.
_DATE = re.compile(r"\b(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.? \d+,?$")
_DATABASE = " WL "
_DOCKET = re.compile(r"\bNos?\. \S")
_NAMED = (CitationKind.CASE, CitationKind.CODE, CitationKind.CONSTITUTION, CitationKind.SHORT)
# Bluebook, table T6, to compare names that are abbreviated in one place only.
_EXPANDED = {
    "bd": "board",
    "cnty": "county",
    "cty": "county",
    "commrs": "commissioners",
    "commr": "commissioner",
    "dept": "department",
    "assn": "association",
    "natl": "national",
    "intl": "international",
    "govt": "government",
    "servs": "services",
    "serv": "service",
    "soc": "social",
    "univ": "university",
    "twp": "township",
    "dist": "district",
    "sch": "school",
    "auth": "authority",
    "educ": "education",
    "pub": "public",
    "us": "united states",
}


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
            # Where reporter and volume, or reporter and page, are the same, half of the name is enough.
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
            # Two digits that changed their places, or one that is missing.
            slipped = sorted(other) == sorted(section) or _one_digit_apart(other, section)
            if (other_code, other_title) == (code, title) and other != section and slipped:
                return key
        return ""

    def _by_party(self, name: str) -> str:
        return next((key for key, known in self._cases.items() if self._is_party(name, known.name)), "")

    @staticmethod
    def _is_party(name: str, whole: str) -> bool:
        return f" {_folded(name)} " in f" {_folded(whole)} "

    def _differences(self, mine: Citation, theirs: Citation) -> Iterable[str]:
        if mine.name and theirs.name and mine.kind is CitationKind.CASE and _folded(mine.name) != _folded(theirs.name):
            yield f'"{mine.name}", there "{theirs.name}"'
        # Of parallel cites one is enough.
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


def _folded(name: str) -> str:
    """Write a name without punctuation and abbreviations, to compare it."""
    words = re.sub(r"[’'.]", "", name.lower()).replace("&", " and ")
    plain = re.findall(r"\w+", words)
    return " ".join(_EXPANDED.get(word, word) for word in plain if word != "the")


def _both_parties(one: str, other: str) -> tuple[list[str], list[str]]:
    """Split two names at their "v.", to compare party with party; half of all cases have United States for one."""
    pairs = [[_folded(party) for party in re.split(r" v\.? ", name)] for name in (one, other)]
    if len(pairs[0]) == len(pairs[1]):
        return pairs[0], pairs[1]
    return [_folded(one)], [_folded(other)]


def _one_digit_apart(one: str, other: str) -> bool:
    """Return whether one has a digit that the other lacks."""
    longer, shorter = sorted((one, other), key=len, reverse=True)
    return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))


class Found(NamedTuple):
    """A citation where it stands, and the authority it is."""

    citation: Citation
    passage: Passage
    body: Passage
    """The body of the source that the passage belongs to."""
    place: Place
    match: Match


def find_in_sources(sources: Sequence[Source], authorities: Authorities | None) -> list[Found]:
    """Find every citation of a letter, in the order of its texts: first the body, then its notes."""
    known = authorities.by_key if authorities else {}
    full = {key: read_phrase(authority.full) for key, authority in known.items()}
    matcher = Matcher(full)
    others = [(key, *_words(phrase.text)) for key, phrase in full.items() if not matcher.knows(key)]
    found = []
    for source in sources:
        passages = read_passages(source)
        for passage in passages:
            citations = find_citations(passage.text, passage.emphasis)
            pairs = [(citation, matcher.match(citation)) for citation in citations]
            pairs += _other_sources(passage, others)
            pairs = _as_written(pairs, passage, known)
            pairs.sort(key=lambda pair: pair[0].start)
            found += [Found(c, passage, passages[0], passage.place(c.start), match) for c, match in pairs]
    return found


def _as_written(
    pairs: list[tuple[Citation, Match]], passage: Passage, known: Mapping[str, Authority]
) -> list[tuple[Citation, Match]]:
    """Give what stands for a tag the authority that the tag names, one citation for each."""
    for each in passage.source.insertions:
        if not passage.may_hold(each.start):
            continue
        start, end = passage.position(each.start), passage.position(max(each.start, each.end - 1))
        if start is None or end is None or each.key not in known:
            continue
        inside = [pair for pair in pairs if start <= pair[0].start <= end]
        pairs = [pair for pair in pairs if pair not in inside]
        first = inside[0][0] if inside else Citation(CitationKind.OTHER, start, end + 1, "")
        words = passage.text[start : end + 1].strip()
        pairs.append((first._replace(start=start, end=end + 1, text=words), Match(each.key)))
    return pairs


def _words(text: str) -> tuple[str, re.Pattern[str]]:
    """Return the longest word of a text, and the pattern of all of it."""
    words = r"\s+".join(map(re.escape, text.split()))
    return max(text.split(), key=len, default=""), re.compile(rf"(?<!\w){words}(?!\w)")


def _other_sources(
    passage: Passage, others: Sequence[tuple[str, str, re.Pattern[str]]]
) -> Iterator[tuple[Citation, Match]]:
    """Find sources that are no cases or laws, such as a report, by the words of the authorities file."""
    for key, word, words in others:
        # To look for a word takes a hundredth of the time.
        for match in words.finditer(passage.text) if word in passage.text else ():
            yield Citation(kind=CitationKind.OTHER, start=match.start(), end=match.end(), text=match[0]), Match(key)


def check_citations(found: Sequence[Found], authorities: Authorities, status: Status) -> Iterator[Problem]:
    """Return what is wrong with citations: in a draft nothing of it stops a letter, in a final campaign it does."""
    severity = Severity.ERROR if status is Status.FINAL else Severity.WARNING
    for each in found:
        if fault := _fault(each, found, authorities):
            yield Problem(each.place, *fault, severity)
    # One message for each authority, where it is cited first.
    first: dict[str, Found] = {}
    for each in found:
        if each.match.key:
            first.setdefault(each.match.key, each)
    for key, each in first.items():
        authority = authorities.by_key[key]
        if is_unread(authority):
            where = f"{each.place.path}:{each.place.line}"
            what = f"{read_phrase(authority.full).text} is cited ({where}), but nobody has read it"
            what += f': read_by is "{authority.read_by}"' if authority.read_by.startswith("[") else ""
            hint = 'have counsel read it, then write read_by = "…" and read_on = year-month-day'
            yield Problem(authorities.places[key], what, hint, severity)
        if PAGE in "".join(other.citation.text for other in found if other.match.key == key):
            open_page = f'"{PAGE}" of {read_phrase(authority.full).text} ({each.place.path}:{each.place.line})'
            left = (
                "is still to be filled in"
                if status is Status.FINAL
                else "is to be filled in before the campaign is final"
            )
            what = f"{open_page} {left}"
            hint = f'add pin = "…", the page it is cited for; or pin = "{WHOLE}" where all of it is meant'
            yield Problem(authorities.places[key], what, hint, severity)


def is_unread(authority: Authority) -> bool:
    """Return whether nobody has read an authority yet; "[counsel]" is a place for a name, and no name."""
    return authority.read_by.strip().lower() in ("", UNREAD) or authority.read_by.strip().startswith("[")


def _fault(each: Found, found: Sequence[Found], authorities: Authorities) -> tuple[str, str] | None:
    citation, match = each.citation, each.match
    if match.differences:
        where, known = authorities.places[match.key], authorities.by_key[match.key]
        what = f'"{citation.text}" is not as the authorities have it: {"; ".join(match.differences)}'
        theirs = read_phrase(known.full).text
        return what, f'{where.path}:{where.line} has "{theirs}"; correct the one that is wrong'
    if citation.kind in _NAMED and not match.key:
        hint = f'add a table for it with full = "{citation.text}" and read_by = "unread"'
        if match.near:
            hint = f"did you mean {read_phrase(authorities.by_key[match.near].full).text}? If not, {hint}"
        return f'"{citation.text}" is not in the authorities file', hint
    if citation.kind is CitationKind.CASE and _DATABASE in citation.text and not _DOCKET.search(citation.text):
        hint = (
            "an opinion that no reporter has is cited with it: name, No. 3:12-cv-02317, 2014 WL 1414305, at *9, court"
        )
        return f'"{citation.text}" has no docket number', hint
    if citation.kind is CitationKind.SHORT and not _is_cited_in_full(each, found):
        hint = f"cite it in full where it comes first: {{{{ cite.{match.key} }}}}"
        return f'"{citation.text}" is a short form, and the text does not cite the case in full', hint
    if citation.kind is CitationKind.SUPRA:
        return _supra_fault(each, found)
    return _id_fault(each, found) if citation.kind is CitationKind.ID else None


def _supra_fault(each: Found, found: Sequence[Found]) -> tuple[str, str] | None:
    """Find a reference back by a typed number, by an unknown name, or to a note that does not cite that case."""
    citation = each.citation
    if citation.note.isdigit():
        hint = "numbers change with what a letter leaves out: name the note, and write {{ note.NAME }}"
        return f'"{citation.text}" has the number of a note typed by hand', hint
    if citation.name and not each.match.key:
        return f'"{citation.text}": no authority has that name', "spell it as in the authorities file"
    target = citation.note.strip("‹›").removeprefix("note.")
    there = [other for other in found if other.passage.note == target and other.body is each.body]
    cited = any(other.match.key == each.match.key for other in there)
    if citation.name and target and not cited:
        hint = "refer to the note that cites it first, or cite it in full"
        return f'"{citation.name}" is not cited in the note [^{target}]', hint
    # Bluebook 4.2(a) keeps "supra" for what is no case, statute or constitution.
    if each.match.key or _follows_a_law(each, found):
        key = each.match.key or "KEY"
        hint = f'cite its short form, {{{{ cite.{key}.short("…") }}}}, or cite it in full once more'
        return f'"{citation.text}": supra is for reports and letters, not for cases, statutes and constitutions', hint
    return None


def _is_cited_in_full(each: Found, found: Sequence[Found]) -> bool:
    cases = (other for other in found if other.citation.kind is CitationKind.CASE and other.body is each.body)
    return any(other.match.key == each.match.key for other in cases)


def _follows_a_law(each: Found, found: Sequence[Found]) -> bool:
    """Return whether supra stands behind a statute, a regulation or a constitution."""
    laws = (CitationKind.CODE, CitationKind.CONSTITUTION)
    return any(
        other.passage is each.passage
        and other.citation.kind in laws
        and not each.passage.text[other.citation.end : each.citation.start].strip(" ,")
        and other.citation.end <= each.citation.start
        for other in found
    )


def _id_fault(each: Found, found: Sequence[Found]) -> tuple[str, str] | None:
    """Find an "id." that begins a note, where some letters have another note before it than others."""
    note, body = each.passage.note, each.body
    if not note or any(other.passage is each.passage and other.citation.start < each.citation.start for other in found):
        return None
    # Bluebook 4.1: "id." is what was cited last, which may stand under a condition.
    order = sorted(body.calls, key=lambda name: body.calls[name])
    at = order.index(note) if note in order else 0
    if at and body.path.get(order[at - 1]) == body.path.get(note):
        return None
    hint = "conditions change which note that is: cite again, or refer with {{ note.NAME }}"
    return f'"{each.citation.text}" points to whatever note stands before', hint
