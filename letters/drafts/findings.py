"""Finds what a person must settle before a draft is final: tracked changes, comments, highlighting, bracketed notes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from lxml import etree

from letters import words
from letters.drafts import revisions
from letters.drafts.opening import COMMENTS
from letters.drafts.text import Document
from letters.formats.ooxml import parse, w
from letters.model import OpenPoint

_EXTENDED = "word/commentsExtended.xml"
_W15 = "http://schemas.microsoft.com/office/word/2012/wordml"
_W14 = "http://schemas.microsoft.com/office/word/2010/wordml"
_KINDS = {
    "ins": "put in",
    "moveTo": "moved here",
    "del": "taken out",
    "moveFrom": "moved away",
    "cellIns": "a table cell put in",
    "cellDel": "a table cell taken out",
}
_LONGEST = 120
"""Characters of a text that is shown."""

Brackets = Callable[[str], Iterator[tuple[int, str]]]
"""Finds the notes in brackets in a text: where each stands, and its words."""


def open_points(document: Document, brackets: Brackets, known: frozenset[str]) -> list[OpenPoint]:
    """List what is still open in a draft; `known` are the bracketed words that stood in it when we wrote it."""
    found = [*_changes(document.body)]
    if document.notes is not None:
        found += _changes(document.notes)
    found += _comments(document.parts)
    found += _highlights(document.body)
    if document.notes is not None:
        found += _highlights(document.notes)
    for line in document.texts:
        for _, inside in brackets(line):
            if inside not in known:
                found.append(OpenPoint("a note in brackets", text=_shortened(f"[{inside}]")))
    return found


def _changes(root: etree._Element) -> Iterator[OpenPoint]:
    last: OpenPoint | None = None
    for element in revisions.changes(root):
        name = etree.QName(element).localname
        kind = f"a tracked change: {_KINDS.get(name, 'other looks')}"
        said = _said(element) or _said_around(element)
        author, date = element.get(w("author"), ""), element.get(w("date"), "")[:10]
        if last and (last.kind, last.author, last.date) == (kind, author, date) and name in _KINDS:
            last = OpenPoint(kind, author, date, _shortened(f"{last.text} {said}".strip()))
            continue
        if last:
            yield last
        last = OpenPoint(kind, author, date, _shortened(said))
    if last:
        yield last


def _said(element: etree._Element) -> str:
    return words.one_line("".join(t.text or "" for t in element.iter(w("t"), w("delText"))))


def _said_around(element: etree._Element) -> str:
    """Tell the beginning of the paragraph or run whose looks were changed."""
    around = next(element.iterancestors(w("r"), w("p")), None)
    return _said(around) if around is not None else ""


def _comments(parts: Mapping[str, bytes]) -> Iterator[OpenPoint]:
    """List the comments that nobody has marked as resolved."""
    if COMMENTS not in parts:
        return
    done = _resolved(parts)
    for comment in parse(parts[COMMENTS]).iter(w("comment")):
        paragraphs = {str(p.get(f"{{{_W14}}}paraId")) for p in comment.iter(w("p"))}
        if not paragraphs & done:
            date = comment.get(w("date"), "")[:10]
            yield OpenPoint("a comment", comment.get(w("author"), ""), date, _shortened(_said(comment)))


def _resolved(parts: Mapping[str, bytes]) -> set[str]:
    if _EXTENDED not in parts:
        return set()
    return {
        str(each.get(f"{{{_W15}}}paraId"))
        for each in parse(parts[_EXTENDED])
        if each.get(f"{{{_W15}}}done") in ("1", "true")
    }


def _highlights(root: etree._Element) -> Iterator[OpenPoint]:
    """List the highlighted stretches, runs that follow each other as one."""
    stretch: list[str] = []
    for paragraph in root.iter(w("p")):
        for run in [*paragraph.iter(w("r")), None]:
            mark = run.find(f"{w('rPr')}/{w('highlight')}") if run is not None else None
            if run is not None and mark is not None and mark.get(w("val")) != "none":
                stretch.append("".join(t.text or "" for t in run.iter(w("t"))))
            elif stretch:
                if said := words.one_line("".join(stretch)):
                    yield OpenPoint("highlighted", text=_shortened(said))
                stretch = []


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rstrip()}…"
