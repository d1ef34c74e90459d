"""Merges finished PDFs into one that prints and reads well: tags, bookmarks, labels; what is the same is shared."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, BinaryIO

from letters.mail.letterhead_art import letterhead_marks, without_letterhead
from letters.mail.pdf_content import content_of, cut, without_strays
from letters.mail.pdf_copy import Copier
from letters.mail.pdf_elements import narrowed, read_elements
from letters.mail.pdf_fonts import FontMerger
from letters.mail.pdf_objects import number_of
from letters.mail.pdf_outline import Outline
from letters.mail.pdf_places import Links, annotations_of, named_places
from letters.mail.pdf_tags import Parents, TagWriter
from letters.mail.pdf_trees import NumberTree
from letters.mail.pdf_writer import PdfWriter

_PAGE = ("/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox", "/Rotate", "/UserUnit", "/Group")
_KIDS = 64
"""Pages below one node of the page tree."""
_BLANK = b"/Artifact BMC EMC"
_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<pdfuaid:part>1</pdfuaid:part>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
<xmp:CreateDate>{moment}</xmp:CreateDate><xmp:ModifyDate>{moment}</xmp:ModifyDate>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a sheet in a print file."""

    label: str
    page: int | None
    """The page of the document, from 0; None for a blank back."""
    mark: bytes = b""
    """Something to draw on it besides the page, such as a mark for an inserting machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a print file says of itself."""

    title: str
    author: str
    language: str
    moment: str
    """When its letters are dated, in ISO 8601: never the clock."""
    duplex: bool


@dataclass(slots=True)
class Merger:
    """A PDF that documents are added to, one after the other; memory does not grow with their number."""

    file: BinaryIO
    about: About
    sides: int = 0
    _writer: PdfWriter = field(init=False)
    _fonts: FontMerger = field(init=False)
    _tags: TagWriter = field(init=False)
    _labels: NumberTree = field(init=False)
    _outline: Outline = field(init=False)
    _nodes: list[tuple[int, int]] = field(default_factory=list)
    _kids: list[int] = field(default_factory=list)
    _pages: int = field(init=False)
    _node: int = field(init=False)

    def __post_init__(self) -> None:
        self._writer = PdfWriter(self.file)
        self._fonts = FontMerger(self._writer)
        self._tags = TagWriter(self._writer)
        self._labels = NumberTree(self._writer)
        self._outline = Outline(self._writer)
        self._pages = self._writer.reserve()
        self._node = self._writer.reserve()

    def add(self, pdf: Any, sides: Sequence[Side], title: str, prefix: str, *, has_letterhead: bool = True) -> None:
        """Add the sides of one document, with a bookmark; `prefix` is unique to it.

        Raises NoLetterhead where the letterhead is to be left out and there is none.
        """
        copier = Copier(pdf, self._writer, self._fonts)
        chosen = {side.page: pdf.pages[side.page].obj for side in sides if side.page is not None}
        pages = {page: number_of(thing) for page, thing in chosen.items()}
        copier.numbers |= dict.fromkeys((number_of(page.obj) for page in pdf.pages), 0)
        copier.numbers |= {number: self._writer.reserve() for number in pages.values()}
        places = named_places(pdf)
        links = Links(copier, places, {number: self._writer.reserve() for number in annotations_of(chosen.values())})
        copier.numbers |= links.numbers
        elements = read_elements(pdf)
        bare = set() if has_letterhead or 0 not in pages else letterhead_marks(elements, pages[0])
        found = [narrowed(element, set(pages.values()), links.numbers) for element in elements]
        name = _text(title)
        parents = self._tags.add([element for element in found if element], copier, name, prefix)
        keys = self._add_sides(sides, chosen, copier, parents, bare) | self._add_links(links, parents)
        for key, value in sorted(keys.items()):
            self._tags.set_parents(key, value)
        self._outline.add(name, copier.numbers[next(iter(pages.values()))], pdf, copier, places)

    def _add_sides(
        self, sides: Sequence[Side], chosen: dict[int, Any], copier: Copier, parents: Parents, bare: Collection[int]
    ) -> dict[int, bytes]:
        """Write the pages of a document; `bare` is the letterhead that the first is to be without.

        Returns the entries of the parent tree by key.
        """
        keys: dict[int, bytes] = {}
        for side in sides:
            if side.page is None:
                self._blank(sides, chosen)
            else:
                page = chosen[side.page]
                key = self._tags.key()
                keys[key] = parents.of_page(number_of(page))
                content = without_strays(content_of(page), parents.content.get(number_of(page), {}))
                if bare and not side.page:
                    content = without_letterhead(content, bare)
                self._page(page, copier, key, [side.mark, *cut(content)])
            self._labels.put(b"%d" % self.sides, _label(side.label))
            self.sides += 1
        return keys

    def _add_links(self, links: Links, parents: Parents) -> dict[int, bytes]:
        """Write the annotations of a document; returns the entries of the parent tree by key."""
        keys: dict[int, bytes] = {}
        for old, new in links.numbers.items():
            key = None
            if old in parents.annotations:
                key = self._tags.key()
                keys[key] = b"%d 0 R" % parents.annotations[old]
            links.write(old, new, key, self._writer)
        return keys

    def finish(self, identity: bytes) -> None:
        """Write what holds everything together; the file is then complete."""
        self._fonts.finish()
        self._close_node()
        kids = b" ".join(b"%d 0 R" % number for number, _ in self._nodes)
        self._writer.put(self._pages, b"<</Type/Pages/Count %d/Kids[%s]>>" % (self.sides, kids))
        root = self._writer.add(
            b"<</Type/Catalog/Pages %d 0 R/Outlines %d 0 R/PageMode/UseOutlines/PageLabels %d 0 R/StructTreeRoot %d 0 R"
            b"/MarkInfo<</Marked true>>/Lang%s/Metadata %d 0 R"
            b"/ViewerPreferences<</DisplayDocTitle true/PrintScaling/None/Duplex/%s>>>>"
            % (
                self._pages,
                self._outline.finish(),
                self._labels.finish(),
                self._tags.finish(),
                _text(self.about.language),
                self._writer.add_stream(b"/Type/Metadata/Subtype/XML", _xmp(self.about)),
                b"DuplexFlipLongEdge" if self.about.duplex else b"Simplex",
            )
        )
        date = _text("D:" + re.sub(r"\D", "", self.about.moment) + "Z")
        info = self._writer.add(
            b"<</Title%s/Author%s/CreationDate%s/ModDate%s>>"
            % (_text(self.about.title), _text(self.about.author), date, date)
        )
        self._writer.finish(root, info, identity)

    def _page(self, page: Any, copier: Copier, key: int, contents: Sequence[bytes]) -> None:
        number = copier.numbers[number_of(page)]
        entries = b"".join(name.encode() + b" " + copier.value(page[name]) for name in _PAGE if name in page)
        streams = b" ".join(b"%d 0 R" % self._writer.share_compressed(content) for content in contents if content)
        entries += b"/Resources " + copier.value(page.Resources)
        annotations = [copier.numbers[number_of(each)] for each in page.get("/Annots", ())]
        if annotations:
            entries += b"/Annots[%s]" % b" ".join(b"%d 0 R" % each for each in annotations)
        self._add_page(number, entries + b"/Contents[%s]/StructParents %d/Tabs/S" % (streams, key))

    def _blank(self, sides: Sequence[Side], chosen: dict[int, Any]) -> None:
        """Add a back with nothing on it, as large as the page before."""
        like = chosen[next(side.page for side in sides if side.page is not None)]
        box = bytes(like.MediaBox.unparse(resolved=True))
        content = self._writer.share_compressed(_BLANK)
        self._add_page(self._writer.reserve(), b"/MediaBox " + box + b"/Resources<<>>/Contents %d 0 R/Tabs/S" % content)

    def _add_page(self, number: int, entries: bytes) -> None:
        if len(self._kids) == _KIDS:
            self._close_node()
            self._node = self._writer.reserve()
        self._kids.append(number)
        self._writer.put(number, b"<</Type/Page/Parent %d 0 R%s>>" % (self._node, entries))

    def _close_node(self) -> None:
        kids = b" ".join(b"%d 0 R" % number for number in self._kids)
        body = b"<</Type/Pages/Parent %d 0 R/Count %d/Kids[%s]>>" % (self._pages, len(self._kids), kids)
        self._writer.put(self._node, body)
        self._nodes.append((self._node, len(self._kids)))
        self._kids = []


def _label(label: str) -> bytes:
    return b"<</P%s>>" % _text(label)


def _text(text: str) -> bytes:
    from pikepdf import String

    return bytes(String(text).unparse())


def _xmp(about: About) -> bytes:
    """Write the metadata that say the file is accessible (ISO 14289-1, 5)."""
    return _XMP.format(
        title=escape(about.title), author=escape(about.author), moment=about.moment, language=about.language
    ).encode()
