"""Audits one finished DOCX that nobody has edited: the words that Word shows, and what is in the file besides.

It is read by itself, and not by the reader of drafts: two readers that agree are worth more than one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from lxml import etree

from letters.audit.expected import SOFT, PartWords, squeezed
from letters.audit.findings import Audited, Finding
from letters.formats.docx.opening import DOCUMENT, FOOTNOTES, Refused, open_docx
from letters.formats.docx.styles import value_of
from letters.formats.docx.word_fields import all_fields
from letters.formats.ooxml import parse, w
from letters.model.records import DOCX
from letters.render.proof import docx_differences

_SHOWN = 40
_CONTENTS = re.compile(r"toc \d|toc heading|contents (title|edge)", re.IGNORECASE)
"""Styles of a table of contents, whose words Word makes of the headings."""
_TEXT, _NOTE, _HYPHEN = w("t"), w("footnoteReference"), w("noBreakHyphen")
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
    # The contents of a letter in Markdown are a field of Word's; those of one made in Word are words like others.
    readings = [squeezed("".join(_shown(members, contents=each))).replace(SOFT, "") for each in (_CONTENTS, None)]
    found = next((each for each in readings if each == wanted), readings[0])
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


def _shown(members: Mapping[str, bytes], contents: re.Pattern[str] | None) -> Iterator[str]:
    """Yield the text of the document, that of its notes behind the paragraphs that call them.

    Paragraphs in styles of contents are passed over.
    """
    passed = {
        str(style.get(w("styleId")))
        for style in parse(members["word/styles.xml"]).iter(w("style"))
        if contents and contents.match(value_of(style, "name"))
    }
    notes: dict[str, str] = {}
    if FOOTNOTES in members:
        for note in parse(members[FOOTNOTES]).iter(w("footnote")):
            if note.get(w("type")) is None:
                notes[str(note.get(w("id")))] = "".join(_texts(note))
    called: list[str] = []
    document = parse(members[DOCUMENT])
    for page in [text for each in all_fields(document) if each.kind == "PAGEREF" for text in each.texts]:
        page.text = ""  # the PDF has the present number
    for paragraph in document.iter(w("p")):
        if value_of(paragraph, "pPr/pStyle") in passed:
            continue
        yield from _texts(paragraph)
        for call in paragraph.iter(_NOTE):
            called.append(str(call.get(w("id"))))
            yield notes.get(called[-1], "")
    # A note that nothing calls, or two call, is no note of the letter.
    yield "".join(text for name, text in notes.items() if called.count(name) != 1)


def _texts(element: etree._Element) -> Iterator[str]:
    for piece in element.iter(_TEXT, _HYPHEN):
        run = piece.getparent()
        looks = run.find(_PROPERTIES) if run is not None and run.tag == _RUN else None
        if looks is None or looks.find(_HIDDEN) is None:
            yield "\u2011" if piece.tag == _HYPHEN else piece.text or ""
