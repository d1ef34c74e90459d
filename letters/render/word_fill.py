"""Fills Word templates of the sort that we compile just as docxtpl does, without docxtpl, which takes long to load.

The tags of such a template stand whole in a run, or between paragraphs, and bring no mark-up; then all that docxtpl
does to them is little. Whatever is beyond that is not known here and left to docxtpl, which stays the judge: the tests
and `build --prove` compare every member.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml import etree

from letters.formats.ooxml import PROPERTY_LENGTH, W, serialize, w
from letters.render.braces import BRACE_ESCAPES, LISTING, without_guards
from letters.render.trace import Source
from letters.render.word_parts import CORE_PROPERTIES, OFFICE, NotKnownError, WordParts, tidy

_UNKNOWN = re.compile(r"\{<|>\}|\{#|\{\{\{|\{%-|-%\}|&#8216;|\{[{%](?:tr|tc|p|r)\s|\{%\s*(?:colspan|cellbg|vm|hm)\b")
"""What docxtpl does something about, and we do not: tags in pieces, comments, tags for rows and runs."""
_OPENED = re.compile(r"\{%(?:(?!%\}).)*|\{\{(?:(?!\}\}).)*", re.DOTALL)
_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")
_STRAIGHT = str.maketrans("“”‘’", "\"\"''")
_KEPT_SPACE = '<w:t xml:space="preserve">'
_PROPERTIES = ("title", "subject", "identifier")
_DC = "{http://purl.org/dc/elements/1.1/}"

Render = Callable[[Source], str]
"""Renders a template, and is asked for one after the other in docxtpl's order."""


class KnownWord:
    """A Word template that can be filled without docxtpl; raises NotKnownError."""

    def __init__(self, template: bytes) -> None:
        self._parts = parts = WordParts(template)
        self._document = parts.only_one("", f"{OFFICE}/officeDocument")
        self._properties = parts.only_one("", CORE_PROPERTIES)
        self._frames = parts.related(self._document, f"{OFFICE}/header")
        self._frames += parts.related(self._document, f"{OFFICE}/footer")
        notes = [name for name, kind in parts.types.items() if kind.endswith(".footnotes+xml")]
        if len(notes) > 1 or not all(map(parts.is_related_once, self._frames)):
            raise NotKnownError
        self._members = parts.written()
        root = tidy(parts.contents[self._document])
        body = root.find(w("body"))
        if body is None or body.tail or body.attrib or body.nsmap.get("w") != W or body.nsmap != root.nsmap:
            raise NotKnownError
        self._before, _, rest = _text(root).partition("<w:body>")
        self._after = rest.rpartition("</w:body>")[2]
        self._of_body = _source(_text(body))
        if "docPr" in self._of_body.text or not self._after:  # docxtpl numbers the pictures of the body anew
            raise NotKnownError
        self._of_frames = [_source(_text(tidy(self._members[name]))) for name in self._frames]
        self._of_notes = {name: _source(parts.contents[name].decode()) for name in notes}

    def fill(self, render: Render) -> dict[str, bytes]:
        """Return the members of a letter."""
        members = dict(self._members)
        members[self._document] = self._fill_body(_rendered(render, self._of_body))
        for name, source in zip(self._frames, self._of_frames, strict=True):
            members[name] = serialize(tidy(_rendered(render, source).encode()))
        members[self._properties] = self._fill_properties(render)
        for name, source in self._of_notes.items():
            members[name] = _rendered(render, source).encode()
        return {name: without_guards(name, content) for name, content in members.items()}

    def _fill_body(self, xml: str) -> bytes:
        """Make the document, given its body as docxtpl has it: by itself, with all namespaces declared."""
        inner = xml.partition(">")[2]
        try:
            root = etree.fromstring(f"{self._before}<w:body>{inner}{self._after}")
        except etree.XMLSyntaxError:
            raise NotKnownError from None
        if not all(map(_is_even, root.iter(w("tbl")))):
            raise NotKnownError
        mend_emptied(root)
        return serialize(root)

    def _fill_properties(self, render: Render) -> bytes:
        root = tidy(self._parts.contents[self._properties])
        for name in _PROPERTIES:
            element = root.find(f"{_DC}{name}")
            if element is None:
                raise NotKnownError
            element.text = render(Source(element.text or "", escaped=False))[:PROPERTY_LENGTH]
        return serialize(root)


def _text(element: etree._Element) -> str:
    return etree.tostring(element, encoding="unicode")


def _source(xml: str) -> Source:
    """Make the template that docxtpl hands to Jinja."""
    if _UNKNOWN.search(xml) or any("<" in tag or "\n" in tag for tag in _OPENED.findall(xml)):
        raise NotKnownError
    first, *texts = xml.split("<w:t>")
    texts = [(_KEPT_SPACE if _TAG.search(text) else "<w:t>") + text for text in texts]
    return Source(_TAG.sub(_plain_tag, first + "".join(texts)), escaped=True)


def _plain_tag(tag: re.Match[str]) -> str:
    return tag[0].replace("&lt;", "<").replace("&gt;", ">").translate(_STRAIGHT)


def _rendered(render: Render, source: Source) -> str:
    xml = render(source)
    if BRACE_ESCAPES.search(xml) or LISTING.search(xml):
        raise NotKnownError
    return xml


def _is_even(table: etree._Element) -> bool:
    """Tell whether the rows of a table fill its columns, so that docxtpl leaves these as they are."""
    columns = len(table.findall(f"{w('tblGrid')}/{w('gridCol')}"))
    rows = [row.findall(w("tc")) for row in table.iter(w("tr"))]
    spans = [sum(_span(cell) for cell in row) for row in rows]
    return not any(rows) or (max(map(len, rows)) <= columns <= max(spans))


def _span(cell: etree._Element) -> int:
    span = cell.find(f"{w('tcPr')}/{w('gridSpan')}")
    return 1 if span is None else int(span.get(w("val"), "1"))


def mend_emptied(body: etree._Element) -> None:
    """Mend what conditions have emptied: Word opens no table without rows, and no cell without a paragraph."""
    for name, child in (("tr", "tc"), ("tbl", "tr")):
        for element in list(body.iter(w(name))):
            if element.find(w(child)) is None:
                element.getparent().remove(element)  # type: ignore[union-attr]
    for cell in body.iter(w("tc")):
        if not len(cell) or cell[-1].tag != w("p"):
            cell.append(cell.makeelement(w("p")))
