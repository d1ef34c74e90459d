"""Audits one finished DOCX that nobody has edited: the words that Word shows, and what is in the file besides.

It is read by itself, and not by the reader of drafts: two readers that agree are worth more than one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from lxml import etree

from letters.audit.expected import SOFT, PartWords, squeezed
from letters.audit.findings import Audited, Finding
from letters.formats.docx.opening import DOCUMENT, ENDNOTES, FOOTNOTES, Refused, open_docx
from letters.formats.docx.shown import Formats, is_repeated, show, simplify, style_formats
from letters.formats.docx.styles import is_on, value_of
from letters.formats.docx.word_fields import all_fields, in_symbols, write_results
from letters.formats.ooxml import parent_of, parse, w
from letters.model.records import DOCX
from letters.render.proof import docx_differences

_SHOWN = 40
_SYMBOL = "\ue0f0"
"""Stands for a character of a font for symbols, which is another one in the PDF."""
_CONTENTS = re.compile(r"toc \d|toc heading|contents (title|edge)", re.IGNORECASE)
"""Styles of a table of contents, whose words Word makes of the headings."""
_TEXT, _HYPHEN, _CALLS = w("t"), w("noBreakHyphen"), (w("footnoteReference"), w("endnoteReference"))
_RUN, _PROPERTIES, _HIDDEN = w("r"), w("rPr"), w("vanish")


def audit_docx(identifier: str, content: bytes, parts: Sequence[PartWords], anew: bytes = b"") -> Audited:
    """Audit a DOCX that should say what is given, part by part; `anew` is the DOCX as it would be made now, if another.

    What its words do not tell is found by the second: letterhead and running heads, numbers of lists, hidden or pale
    words, size of the page, title.
    """
    try:
        members = open_docx(content)
    except Refused as error:
        return Audited(identifier, DOCX, 0, (Finding(identifier, DOCX, "file", f"it cannot be read: {error.what}"),))
    wanted = "".join(part.docx for part in parts)
    found = _read(members)
    if found != wanted and _says(_read(members, as_shown=True), wanted):
        found = wanted
    if found == wanted:
        unlike = docx_differences(anew, content) if anew else ()
        findings = (Finding(identifier, DOCX, "looks", f"{each} from the DOCX made anew") for each in unlike)
        return Audited(identifier, DOCX, 0, tuple(findings))
    pairs = enumerate(zip(found, wanted, strict=False))
    place = next((place for place, (one, other) in pairs if one != other), min(len(found), len(wanted)))
    said = f'"{found[place : place + _SHOWN]}" stands where "{wanted[place : place + _SHOWN]}" should'
    if place == len(found):
        said = f'words are missing: "{wanted[place : place + _SHOWN]}"'
    elif place == len(wanted):
        said = f'"{found[place : place + _SHOWN]}" stands at its end, and should not'
    return Audited(identifier, DOCX, 0, (Finding(identifier, DOCX, "words", said),))


def _says(found: str, wanted: str) -> bool:
    """Return whether a text is the one that is wanted, whatever the symbols in it are."""
    return re.fullmatch(re.escape(found).replace(_SYMBOL, ".?"), wanted) is not None


def _read(members: Mapping[str, bytes], *, as_shown: bool = False) -> str:
    """Return the text of the document, that of its notes behind the paragraphs that call them, without spaces.

    Contents are passed over, which Word makes of the headings. In a letter made in Word they are words like others, and
    fields, boxes and alternatives say something: `as_shown` reads it as Word shows it, which takes longer.
    """
    roots = {name: parse(members[name]) for name in (DOCUMENT, FOOTNOTES, ENDNOTES) if name in members}
    if as_shown:
        formats = style_formats(members)
        for root in roots.values():
            _show(root, formats)
    styles = parse(members["word/styles.xml"]).iter(w("style"))
    contents = {str(style.get(w("styleId"))) for style in styles if _CONTENTS.match(value_of(style, "name"))}
    return squeezed("".join(_shown(roots, frozenset() if as_shown else contents))).replace(SOFT, "")


def _show(root: etree._Element, formats: Formats) -> None:
    """Rewrite a part in place as Word shows it, a sign in the place of each symbol."""
    show(root, formats)
    write_results(root)
    simplify(root)
    for symbol in root.iter(w("sym")):
        symbol.tag, symbol.text = _TEXT, _SYMBOL
    for piece in root.iter(_TEXT):
        said = piece.text or ""
        if (as_letters := in_symbols(parent_of(piece), said)) != said:
            piece.text = as_letters if as_letters.strip() else _SYMBOL * len(said)
    for page in [text for each in all_fields(root) if each.kind == "PAGEREF" for text in each.texts]:
        page.text = ""  # the PDF has the present number
    for call in root.iter(*_CALLS):
        if is_on(call, "customMarkFollows", "0"):  # its mark stands behind it, and is a number in the PDF
            for mark in call.itersiblings(_TEXT):
                mark.text = ""


def _shown(roots: Mapping[str, etree._Element], passed: Collection[str]) -> Iterator[str]:
    """Yield the texts of the paragraphs, and of the notes that they call, but for those in some styles."""
    notes = {
        (f"{note.tag}Reference", note.get(w("id"))): "".join(map(_text, note.iter(w("p"))))
        for name in (FOOTNOTES, ENDNOTES)
        for note in roots.get(name, ())
        if note.get(w("type")) is None
    }
    called: list[tuple[str, str | None]] = []
    for paragraph in roots[DOCUMENT].iter(w("p")):
        if value_of(paragraph, "pPr/pStyle") in passed or is_repeated(paragraph):
            continue
        yield _text(paragraph)
        for call in paragraph.iter(*_CALLS):
            called.append((str(call.tag), call.get(w("id"))))
            yield notes.get(called[-1], "")
    # A note that nothing calls, or two call, is no note of the letter.
    yield "".join(text for name, text in notes.items() if called.count(name) != 1)


def _text(paragraph: etree._Element) -> str:
    """Return the text of a paragraph, without that of text boxes in it, which are paragraphs themselves."""
    said = []
    for piece in paragraph.iter(_TEXT, _HYPHEN):
        run = piece.getparent()
        looks = run.find(_PROPERTIES) if run is not None and run.tag == _RUN else None
        is_hidden = looks is not None and looks.find(_HIDDEN) is not None
        if not is_hidden and next(piece.iterancestors(w("p"))) is paragraph:
            said.append("\u2011" if piece.tag == _HYPHEN else piece.text or "")
    return "".join(said)
