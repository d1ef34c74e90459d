"""Lists what is still open in a DOCX: tracked changes, comments, hidden text, words nobody sees, words that say so.

Clause numbers are those of ECMA-376 part 1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from lxml import etree

from letters.formats.docx import revisions
from letters.formats.docx.opening import COMMENTS, DOCUMENT, ENDNOTES, FOOTNOTES
from letters.formats.docx.shown import (
    Formats,
    Styles,
    hidden_parts,
    hidden_runs,
    is_on,
    is_repeated,
    is_set,
    style_formats,
    value_of,
)
from letters.formats.docx.text import DocxText
from letters.formats.docx.word_fields import CHANGING, all_fields
from letters.formats.ooxml import parse, text_in, w
from letters.formats.text_diff import one_line, shortened
from letters.model.records import OpenPoint

_TINY = 5
"""Half points: type of two and a half points is a line of dust."""
_NARROW = 10
"""Percent of the usual width of letters (17.3.2.43)."""
# Each part of the colour is at least 224 of 255: on white paper nobody sees it.
_PALE = re.compile("[EF][0-9A-F][EF][0-9A-F][EF][0-9A-F]", re.IGNORECASE)
_PAPER = frozenset(("background1", "light1", "bg1", "lt1"))
"""Colours of the theme that are those of the paper (17.18.97)."""
_HIGHLIGHTS = {"black": "000000", "white": "FFFFFF"}
_OF_REMARKS = frozenset(
    (
        *("C00000", "FF0000", "FFC000", "FFFF00", "92D050", "00B050", "00B0F0", "0070C0", "7030A0"),
        *("EE0000", "0000FF", "00FF00", "FF00FF", "00FFFF", "008000", "800080", "FF6600", "ED7D31"),
    )
)
"""Colours that Word and LibreOffice offer first, in which people write what is still open."""
_FILLS = ("{*}solidFill", "{*}gradFill", "{*}blipFill", "{*}pattFill", "{*}fill")
"""What gives a shape a ground of its own, in DrawingML and in VML."""
_SHAPES = frozenset(("wsp", "shape", "rect", "roundrect"))
HIDDEN = "hidden text"
UNSEEN = "text that nobody sees"
HIGHLIGHTED = "highlighted"
STRUCK = "text that is struck through"
_EMPTY = "an empty draft"
_CHANGING = "a date that Word changes whenever the file is opened, printed or saved"
_EMPTY_NOTE = "a note without words"
PROMPT, BLANK = "a content control to be filled in", "a form field to be filled in"
"""Kinds of open points."""
_HEAD = re.compile(r"word/(?:header|footer)\d*\.xml")
_EXTENDED = "word/commentsExtended.xml"
"""Which comments are resolved ([MS-DOCX])."""
_W15 = "http://schemas.microsoft.com/office/word/2012/wordml"
_W14 = "http://schemas.microsoft.com/office/word/2010/wordml"
_KINDS = {
    "ins": "put in",
    "moveTo": "moved here",
    "del": "taken out",
    "moveFrom": "moved away",
    "cellIns": "a table cell put in",
    "cellDel": "a table cell taken out",
    "cellMerge": "table cells joined",
}
_CALLS = (w("footnoteReference"), w("endnoteReference"))
OpenWords = Callable[[str], Iterator[tuple[str, str]]]
"""Finds what is left to do in a text, such as notes in brackets: the kind and the words of each."""
_RULES = ("separator", "continuationSeparator")
"""The rules above notes (17.11.23, 17.11.1), which are no text."""


def unseen_runs(root: etree._Element, styles: Styles) -> Iterator[etree._Element]:
    """Yield the runs of a part whose words nobody sees although Word prints them, in document order."""
    for run in root.iter(w("r")):
        if text_in(run).strip() and _is_unseen(run, styles):
            yield run


def _is_unseen(run: etree._Element, styles: Styles) -> bool:
    """Return whether the type of a run is too small or too narrow to be seen, or has the colour of its ground."""
    given = list(styles.of_run(run))
    size, width = _number(given, "sz"), _number(given, "w")
    # 0 is what nobody has set.
    if 0 < size <= _TINY or 0 < width <= _NARROW:
        return True
    colour = _colour(given)
    ground = _ground(run, given, styles)
    if ground is None:  # of a table or a shape whose colours are not known here
        return False
    if _PALE.fullmatch(ground):
        return _PALE.fullmatch(colour) is not None
    return colour.upper() == ground.upper() or (ground == "000000" and colour == "")


def _ground(run: etree._Element, given: Sequence[etree._Element], styles: Styles) -> str | None:
    """Return the colour behind a run; white where nothing is said, None where it cannot be known."""
    light = _property(given, "highlight")
    if light is not None and light.get(w("val")) != "none":
        return _HIGHLIGHTS.get(str(light.get(w("val"))))
    shades = [_property(given, "shd")]
    for outer in run.iterancestors(w("p"), w("tc")):
        name = "pPr" if outer.tag == w("p") else "tcPr"
        shades.append(outer.find(f"{w(name)}/{w('shd')}"))
        if outer.tag == w("p"):
            style = styles.by_id.get(value_of(outer, "pPr/pStyle"))
            shades.append(style.find(f"{w('pPr')}/{w('shd')}") if style is not None else None)
    for shade in shades:
        fill = str(shade.get(w("fill"), "auto")) if shade is not None else "auto"
        if fill != "auto":
            return fill
        if shade is not None and (shade.get(w("themeFill")) or shade.get(w("val")) not in (None, "clear", "nil")):
            return None
    return None if _is_on_a_ground(run, styles) else "FFFFFF"


def _is_on_a_ground(run: etree._Element, styles: Styles) -> bool:
    """Return whether a run is in a shape that is filled, or in a table whose style shades any of its cells."""
    for outer in run.iterancestors():
        is_table = outer.tag == w("tbl")
        style = styles.by_id.get(value_of(outer, "tblPr/tblStyle")) if is_table else None
        if style is not None and next(style.iter(w("shd")), None) is not None:
            return True
        is_shape = isinstance(outer.tag, str) and etree.QName(outer).localname in _SHAPES
        if is_shape and (outer.get("fillcolor") or next(outer.iter(*_FILLS), None) is not None):
            return True
    return False


def _property(given: Sequence[etree._Element], name: str) -> etree._Element | None:
    """Return a property of a run from the nearest place that says anything of it."""
    return next((found for properties in given if (found := properties.find(w(name))) is not None), None)


def _number(given: Sequence[etree._Element], name: str) -> int:
    found = _property(given, name)
    value = str(found.get(w("val"))).rstrip("%") if found is not None else ""
    return int(value) if value.isdecimal() else 0


def _colour(given: Sequence[etree._Element]) -> str:
    found = _property(given, "color")
    if found is None:
        return ""
    is_plain = found.get(w("themeTint")) is None and found.get(w("themeShade")) is None
    if found.get(w("themeColor")) in _PAPER and is_plain:
        return "FFFFFF"
    value = str(found.get(w("val"), ""))
    return "" if value == "auto" else value


def open_points(document: DocxText, open_words: OpenWords, known: frozenset[str]) -> list[OpenPoint]:
    """List what is still open in a draft; `known` are the words of this kind that it had when we wrote it."""
    roots, formats = document.roots, style_formats(document.parts)
    if ENDNOTES in document.parts:
        roots.append(parse(document.parts[ENDNOTES]))
    notes = {_call(note): _said(note) for root in roots[1:] for note in root if note.get(w("type")) is None}
    found = [change for root in roots for change in _changes(root, notes)]
    found += _empty_notes(document.body, notes)
    found += _comments(document.parts)
    found += _prompts(document.parts)
    # A tracked change or hidden words at the head of a page would go out, too.
    heads = [parse(content) for name, content in sorted(document.parts.items()) if _HEAD.fullmatch(name)]
    for root in heads:
        found += [*_changes(root, notes), *_hidden(root, formats)]
    styles = Styles(document.parts)
    for root in roots:
        found += [*_dates(root), *_blanks(root), *_hidden(root, formats)]
        unseen = unseen_runs(root, styles)
        for kind, runs in ((HIGHLIGHTED, _highlighted(root)), (STRUCK, _struck(root)), (UNSEEN, unseen)):
            said = (shortened(words) for words in _stretches(root, runs))
            found += (OpenPoint(kind, text=words) for words in said if words not in known)
    # The texts of a document are those of its body and its footnotes.
    in_endnotes = [_said(paragraph) for root in roots if root.tag == w("endnotes") for paragraph in root.iter(w("p"))]
    for line in (*document.texts, *in_endnotes):
        for kind, words in open_words(line):
            if words not in known and shortened(words) not in known:
                found.append(OpenPoint(kind, text=shortened(words)))
    if not any(document.texts):
        found.append(OpenPoint(_EMPTY, text="no words are left"))
    return found


def coloured_texts(document: DocxText) -> list[OpenPoint]:
    """List what is set in a colour of remarks; in a draft that is one of the looks that its PDF does not have."""
    found = ((root, _coloured(root)) for root in document.roots)
    return [
        OpenPoint("text in a colour", text=shortened(said)) for root, runs in found for said in _stretches(root, runs)
    ]


def _call(note: etree._Element) -> tuple[str, str]:
    """Return what a footnote or an endnote is known by: the element that calls it, and its id."""
    return f"{note.tag}Reference", str(note.get(w("id")))


def _changes(root: etree._Element, notes: Mapping[tuple[str, str], str]) -> Iterator[OpenPoint]:
    # Word writes a change for each run; neighbours by one author on one day are listed as one.
    last: OpenPoint | None = None
    for element in revisions.changes(root):
        name = etree.QName(element).localname
        kind = f"a tracked change: {_KINDS.get(name, 'other looks')}"
        said = _said(element) or _said_around(element, notes)
        author, date = element.get(w("author"), ""), element.get(w("date"), "")[:10]
        if last and (last.kind, last.author, last.date) == (kind, author, date) and name in _KINDS:
            last = OpenPoint(kind, author, date, shortened(f"{last.text} {said}".strip()))
            continue
        if last:
            yield last
        last = OpenPoint(kind, author, date, shortened(said))
    if last:
        yield last


def _said(element: etree._Element) -> str:
    if element.tag in (w("tr"), w("tc"), w("footnote"), w("endnote")):
        return " ".join(filter(None, map(_said, element.iter(w("p")))))
    return one_line("".join(t.text or "" for t in element.iter(w("t"), w("delText"))))


def _said_around(element: etree._Element, notes: Mapping[tuple[str, str], str]) -> str:
    """Return the text of the notes in a change, or of the run, paragraph, cell or row that it is about."""
    called = [notes.get((str(each.tag), str(each.get(w("id")))), "") for each in element.iter(*_CALLS)]
    around = next(element.iterancestors(w("r"), w("p"), w("tc"), w("tr")), None)
    if called or around is None:
        return f"a note: {' '.join(called)}" if called else ""
    # The mark of a paragraph the words of which were changed, too, has nothing to add to them.
    return "" if around.tag == w("p") and around.find(element.tag) is not None else _said(around)


def _empty_notes(body: etree._Element, notes: Mapping[tuple[str, str], str]) -> Iterator[OpenPoint]:
    """Yield the notes without words: a number would be printed, and nothing beside it."""
    for call in body.iter(*_CALLS):
        is_kept = next(call.iterancestors(w("del"), w("moveFrom")), None) is None
        if is_kept and not notes.get((str(call.tag), str(call.get(w("id"))))):
            paragraph = next(call.iterancestors(w("p")), None)
            yield OpenPoint(_EMPTY_NOTE, text=shortened(_said(paragraph)) if paragraph is not None else "")


def _comments(parts: Mapping[str, bytes]) -> Iterator[OpenPoint]:
    """Yield the comments that nobody has marked as resolved."""
    if COMMENTS not in parts:
        return
    done = _resolved(parts)
    for comment in parse(parts[COMMENTS]).iter(w("comment")):
        paragraphs = {str(p.get(f"{{{_W14}}}paraId")) for p in comment.iter(w("p"))}
        if not paragraphs & done:  # "done" is said of a paragraph of the comment, by its id
            date = comment.get(w("date"), "")[:10]
            yield OpenPoint("a comment", comment.get(w("author"), ""), date, shortened(_said(comment)))


def _resolved(parts: Mapping[str, bytes]) -> set[str]:
    if _EXTENDED not in parts:
        return set()
    return {
        str(each.get(f"{{{_W15}}}paraId"))
        for each in parse(parts[_EXTENDED])
        if each.get(f"{{{_W15}}}done") in ("1", "true")
    }


def _dates(root: etree._Element) -> Iterator[OpenPoint]:
    """Yield the dates that are fields: what is printed is the date of the last time that Word had the file."""
    for each in all_fields(root):
        if each.kind in CHANGING:
            yield OpenPoint(_CHANGING, text=shortened(each.said()))


def _prompts(parts: Mapping[str, bytes]) -> Iterator[OpenPoint]:
    """Yield the content controls that still show their prompt (17.5.2.39), which is no text of the letter."""
    for name in (DOCUMENT, FOOTNOTES, ENDNOTES):
        for mark in parse(parts[name]).iter(w("showingPlcHdr")) if name in parts else ():
            control = next(mark.iterancestors(w("sdt")), None)
            if control is not None and is_on(mark):
                yield OpenPoint(PROMPT, text=shortened(_said(control)))


def _blanks(root: etree._Element) -> Iterator[OpenPoint]:
    """Yield the text fields of a form that nobody has filled in (17.16.5.21): Word shows five wide spaces."""
    for each in all_fields(root):
        if each.kind == "FORMTEXT" and not each.said().strip():
            yield OpenPoint(BLANK, text=shortened(_said(each.paragraph)) if each.paragraph is not None else "")


def _hidden(root: etree._Element, formats: Formats) -> Iterator[OpenPoint]:
    """Yield the texts that Word hides, adjacent runs as one: they are not printed, and somebody should know of them."""
    before: etree._Element | None = None
    stretch: list[str] = []
    for each in hidden_parts(root):
        said = "" if is_repeated(each) else shortened(_said(each))
        if said or each.tag == w("tr"):
            yield OpenPoint(HIDDEN, text=said)
    for run in hidden_runs(root, formats):
        if any(run.find(w(rule)) is not None for rule in _RULES):
            continue
        if before is not None and run.getprevious() is not before:
            yield OpenPoint(HIDDEN, text=shortened(one_line("".join(stretch))))
            stretch = []
        stretch += ("a note" if t.tag in _CALLS else t.text or "" for t in run.iter(w("t"), *_CALLS))
        before = run
    if before is not None:
        yield OpenPoint(HIDDEN, text=shortened(one_line("".join(stretch))))


def _highlighted(root: etree._Element) -> Iterator[etree._Element]:
    """Yield the runs that are highlighted (17.3.2.15), or shaded in one of the colours of a marker (17.3.2.32)."""
    for run in root.iter(w("r")):
        mark, shade = (run.find(f"{w('rPr')}/{w(name)}") for name in ("highlight", "shd"))
        is_marked = mark is not None and mark.get(w("val")) != "none"
        if is_marked or (shade is not None and str(shade.get(w("fill"))).upper() in _OF_REMARKS):
            yield run


def _coloured(root: etree._Element) -> Iterator[etree._Element]:
    """Yield the runs that somebody set in a colour of remarks (17.3.2.6); a link has its own colour."""
    for run in root.iter(w("r")):
        colour = run.find(f"{w('rPr')}/{w('color')}")
        is_link = run.find(f"{w('rPr')}/{w('rStyle')}") is not None or any(
            True for _ in run.iterancestors(w("hyperlink"))
        )
        if colour is not None and not is_link and str(colour.get(w("val"))).upper() in _OF_REMARKS:
            yield run


def _struck(root: etree._Element) -> Iterator[etree._Element]:
    """Yield the runs that somebody struck through by hand (17.3.2.37, 17.3.2.9), which is no tracked change."""
    for run in root.iter(w("r")):
        if any(is_set(run.find(w("rPr")), name) for name in ("strike", "dstrike")):
            yield run


def _stretches(root: etree._Element, runs: Iterator[etree._Element]) -> Iterator[str]:
    """Yield the words of runs, those of adjacent ones of a paragraph as one."""
    chosen = set(runs)
    for paragraph in root.iter(w("p")) if chosen else ():
        stretch: list[str] = []
        for run in [*paragraph.iter(w("r")), None]:
            if run is not None and run in chosen:
                stretch += (t.text or "" for t in run.iter(w("t")))
            elif stretch:
                if said := one_line("".join(stretch)):
                    yield said
                stretch = []
