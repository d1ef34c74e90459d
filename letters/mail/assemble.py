"""Assembles print files with pikepdf: the pages, tags, bookmarks and page labels of all documents in one PDF.

Documents are opened one at a time and copied; what several have in common, such as fonts and stretches of text, is in
the print file once. Until it is saved, a print file is held in memory: about 1 MB a letter.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import pikepdf
from lxml import etree
from pikepdf import Array, Dictionary, Name, NumberTree, Object, OutlineItem, Pdf

from letters.formats.pdf_content import digest, short_hash
from letters.formats.pdf_ua import says_accessible
from letters.mail.structure import ObjectId, StructureTree, elements_below, marks_below, prune, take_whole

_END = b"EMC\n"
_CUT = 5
"""One in so many marked runs ends a piece of content; what is the same in many letters is cut at the same places."""
_LONGEST = 1 << 14
_PIXEL = 0.75
"""Points of a pixel of CSS, in which WeasyPrint draws."""
# As WeasyPrint writes content: one operator a line, marked content never inside of other marked content.
_MARKED = re.compile(rb"/\w+\s*<<\s*/MCID (\d+)\s*>>\s*BDC")
_RUN = re.compile(rb"/\w+\s*<<\s*/MCID (\d+)\s*>>\s*BDC\b.*?\bEMC\b", re.DOTALL)
_ARTIFACT = re.compile(rb"/Artifact\s+BMC\b.*?\bEMC\b", re.DOTALL)
_SHOWN = re.compile(rb"\bBT\b.*?\bET\b|/\w+ Do\b", re.DOTALL)
_PAINTED = re.compile(rb"^(?:f\*?|F|S|s|B\*?|b\*?)[ \t]*$", re.MULTILINE)
_BASELINE = re.compile(rb"1 0 0 -1 [-.\d]+ ([-.\d]+) Tm\s+/\S+ ([.\d]+) Tf")
_RECTANGLE = re.compile(rb"[-.\d]+ ([-.\d]+) [-.\d]+ ([-.\d]+) re\b")
_POINT = re.compile(rb"[-.\d]+ ([-.\d]+) [ml]\b")
_PAGE_ENTRIES = frozenset(
    (
        *("/Type", "/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox", "/Rotate", "/UserUnit", "/Group"),
        "/StructParents",
    )
)
"""The entries of a page that are taken over as they are."""
_OF_PLACES = frozenset(("/StructParent", "/Parent", "/Popup", "/Dest", "/A"))
"""The entries of an annotation that lead to other places of its file."""
_PAGES_IN_NODE = 64
"""Pages in a node of the tree of pages."""
_BLANK = b"/Artifact BMC EMC"


def _content_of(page: Object) -> bytes:
    """Return the operators that draw a page, unpacked."""
    contents = page.get("/Contents")
    if contents is None:
        return b""
    return b"\n".join(stream.read_bytes() for stream in (contents if isinstance(contents, Array) else [contents]))


def without_strays(content: bytes, owned: Container[int]) -> bytes:
    """Make an artifact of content that no element of the structure tree owns, such as a running head."""
    if all(int(mark) in owned for mark in _MARKED.findall(content)):
        return content
    return _MARKED.sub(lambda match: match[0] if int(match[1]) in owned else b"/Artifact BMC", content)


def cut(content: bytes) -> list[bytes]:
    """Cut content at the end of marked runs, by a hash of what stands there: equal stretches give equal pieces.

    A page may have its content in several streams (ISO 32000-1, 7.8.2). Every page of a letter has something of its
    own, so that only parts of pages can be shared; what a change moves is at most two pieces.
    """
    *runs, rest = content.split(_END)
    pieces, piece = [], b""
    for run in (*(run + _END for run in runs), rest):
        piece += run
        if zlib.crc32(run) % _CUT == 0 or len(piece) > _LONGEST:
            pieces.append(piece)
            piece = b""
    return [*pieces, piece] if piece else pieces


class NoLetterhead(Exception):  # noqa: N818 - reads as a statement
    """Raised where a letter has no letterhead that could be taken off."""


def _letterhead_marks(pdf: Pdf, page: Object) -> set[int]:
    """Return the numbers of the marked content of the letterhead on the first page; raises NoLetterhead if it has none.

    The letterhead is what comes before the text of the letter, as a header of its own.
    """
    root = pdf.Root.get("/StructTreeRoot")
    documents = elements_below(root) if root is not None else ()
    top = [kid for document in documents for kid in elements_below(document)]
    roles = [str(kid.S) for kid in top]
    # WeasyPrint makes a NonStruct of <header>, and a Part of the <section> of the letter's text.
    if "/NonStruct" not in roles or "/Part" not in roles or roles.index("/NonStruct") > roles.index("/Part"):
        raise NoLetterhead
    marks = marks_below(top[roles.index("/NonStruct")], page.objgen)
    if not marks:
        raise NoLetterhead
    return marks


def _without_letterhead(content: bytes, marks: Collection[int]) -> bytes:
    """Take what the letterhead shows out of a page's content: its words, logos, and the lines above the text.

    The page keeps everything else to the dot, since nothing is laid out again. The marked content of the letterhead
    stays, empty, so that the structure tree needs no change.
    """
    end = _end_of_letterhead(content, marks)

    def empty(run: re.Match[bytes]) -> bytes:
        return _SHOWN.sub(b"", run[0]) if int(run[1]) in marks else run[0]

    def unpainted(artifact: re.Match[bytes]) -> bytes:
        heights = list(_heights(artifact[0]))
        return _PAINTED.sub(b"n", artifact[0]) if heights and max(heights) <= end else artifact[0]

    return _ARTIFACT.sub(unpainted, _RUN.sub(empty, content))


def end_of_letterhead(pdf: Pdf, page: Object) -> float:
    """Return where the text below the letterhead begins, in points from the upper edge of a page; 0 without one."""
    try:
        marks = _letterhead_marks(pdf, page)
    except NoLetterhead:
        return 0.0
    return _end_of_letterhead(_content_of(page), marks) * _PIXEL


def _end_of_letterhead(content: bytes, marks: Collection[int]) -> float:
    """Return where the text below the letterhead begins, downwards in the units of the page's content."""
    inside: list[float] = []
    tops: list[tuple[float, float]] = []
    for run in _RUN.finditer(content):
        for baseline, size in _BASELINE.findall(run[0]):
            if int(run[1]) in marks:
                inside.append(float(baseline))
            else:
                tops.append((float(baseline), float(size)))
    # Where the letterhead has no words, as with a logo alone, everything below the top is text.
    last = max(inside, default=0.0)
    return min((baseline - size for baseline, size in tops if baseline > last), default=last)


def _heights(artifact: bytes) -> Iterable[float]:
    """List the heights that the lines and rectangles of an artifact reach down to."""
    for top, height in _RECTANGLE.findall(artifact):
        yield max(float(top), float(top) + float(height))
    for height in _POINT.findall(artifact):
        yield float(height)


@dataclass(frozen=True, slots=True)
class PrintSide:
    """One side of a sheet in a print file."""

    label: str
    page: int | None
    """The page of the document, from 0; None for a blank back."""
    mark: bytes = b""
    """Something to draw on it besides the page, such as a mark for an inserting machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintFileInfo:
    """The metadata of a print file."""

    title: str
    author: str
    language: str
    moment: str
    """When its letters are dated, in ISO 8601: never the clock."""
    duplex: bool


class Assembler:
    """A print file that documents are added to, one after the other."""

    def __init__(self, file: BinaryIO, info: PrintFileInfo) -> None:
        self.sides = 0
        self._file = file
        self._info = info
        self._pdf = pikepdf.new()
        self._pages: list[Object] = []
        self._objects = _SharedObjects(self._pdf)
        self._tags = StructureTree(self._pdf)
        self._labels = NumberTree.new(self._pdf)
        self._bookmarks: list[OutlineItem] = []
        self._is_accessible = True

    def add(
        self, pdf: Pdf, sides: Sequence[PrintSide], title: str, prefix: str, *, has_letterhead: bool = True
    ) -> None:
        """Add the sides of one document, with a bookmark; `prefix` is unique to it.

        The document is changed in memory: open it again to add it to another print file. Raises NoLetterhead where the
        letterhead is to be left out and there is none.
        """
        self._objects.open(pdf)
        # The print file says it only where all of its letters do.
        is_accessible = says_accessible(pdf)
        self._is_accessible = self._is_accessible and is_accessible
        pages = {side.page: pdf.pages[side.page].obj for side in sides if side.page is not None}
        bare = _letterhead_marks(pdf, pages[0]) if 0 in pages and not has_letterhead else set()
        destinations = _Destinations(pdf, {page.objgen: page for page in pages.values()})
        key = self._tags.next_key
        # Half the time of a piece was reading all of its elements again, which the check of the letter has done.
        tags = take_whole(pdf, prefix, key) if is_accessible and len(pages) == len(pdf.pages) else None
        links = {number: _links(pdf, page, destinations, is_whole=tags is not None) for number, page in pages.items()}
        if tags is None:
            annotations = {link.objgen for each in links.values() for link in each}
            tags = prune(pdf, destinations.pages, annotations, prefix, key)
        copies: dict[int, Object] = {}
        for side in sides:
            if side.page is None:
                self._add_blank(next(iter(pages.values())))
            else:
                page = pages[side.page]
                content = _content_of(page)
                if tags.owned is not None:
                    content = without_strays(content, tags.owned.get(page.objgen, ()))
                if bare and side.page == 0:
                    content = _without_letterhead(content, bare)
                copies[side.page] = self._add_page(page, [side.mark, *cut(content)])
            self._labels[self.sides] = Dictionary(P=side.label)
            self.sides += 1
        # What refers to pages comes last: qpdf writes null for a page that it has not copied yet.
        self._add_links(pdf, {number: links[number] for number in copies if links[number]}, copies)
        self._tags.add(pdf, tags, title)
        first = OutlineItem(title, Array([next(iter(copies.values())), Name.XYZ, None, None, None]))
        self._add_bookmarks(first, pdf.open_outline().root, destinations)
        self._bookmarks.append(first)

    def finish(self) -> None:
        """Write the print file; equal documents give equal bytes."""
        info = self._info
        root = self._pdf.Root
        self._write_page_tree()
        with self._pdf.open_outline() as outline:
            outline.root.extend(self._bookmarks)
        root.PageMode = Name.UseOutlines
        root.PageLabels = self._labels.obj
        root.StructTreeRoot = self._tags.finish()
        root.MarkInfo = Dictionary(Marked=True)
        root.Lang = info.language
        root.ViewerPreferences = Dictionary(
            DisplayDocTitle=True,
            # Scaled, the address would leave its window.
            PrintScaling=Name("/None"),
            Duplex=Name.DuplexFlipLongEdge if info.duplex else Name.Simplex,
        )
        # Dates of PDF have neither signs nor a "T" (PDF 32000-2, 7.9.4).
        date = "D:" + re.sub(r"\D", "", info.moment) + "Z"
        self._pdf.docinfo = self._pdf.make_indirect(
            Dictionary(Title=info.title, Author=info.author, CreationDate=date, ModDate=date)
        )
        with self._pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
            if self._is_accessible:  # all of its documents say that they are (ISO 14289-1, 5)
                metadata["pdfuaid:part"] = "1"
            metadata["dc:title"] = info.title
            metadata["dc:creator"] = [info.author]
            metadata["dc:language"] = {info.language}
            metadata["xmp:CreateDate"] = metadata["xmp:ModifyDate"] = info.moment
        root.Metadata.write(_with_names_at_the_top(root.Metadata.read_bytes()))
        self._pdf.save(
            self._file,
            min_version="1.7",
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
        self._pdf.close()

    def _write_page_tree(self) -> None:
        """Put the pages into a tree of two levels; to append each to pikepdf's list takes longer the more there are."""
        top = self._pdf.Root.Pages
        nodes = []
        # In a file of 300 pieces pikepdf’s own list took a tenth of the time.
        for first in range(0, len(self._pages), _PAGES_IN_NODE):
            own = self._pages[first : first + _PAGES_IN_NODE]
            kids = Dictionary(Type=Name.Pages, Parent=top, Kids=Array(own), Count=len(own))
            nodes.append(self._pdf.make_indirect(kids))
            for page in own:
                page.Parent = nodes[-1]
        top.Kids, top.Count = Array(nodes), len(self._pages)

    def _add_page(self, page: Object, contents: Iterable[bytes]) -> Object:
        """Copy a page without its links; return the copy."""
        resources = self._objects.add_resources(page.get("/Resources", Dictionary()))
        # Links, thumbnails and private data would take along what they refer to, the parent of the page among it.
        for key in page.keys() - _PAGE_ENTRIES:
            del page[key]
        copied = self._pdf.copy_foreign(page)
        self._pages.append(copied)
        copied.Resources = resources
        copied.Contents = Array([self._objects.add_content(content) for content in contents if content])
        # The tab key follows the structure (PDF/UA-1, 7.18.3).
        copied.Tabs = Name.S
        return copied

    def _add_blank(self, like: Object) -> None:
        """Add a back with nothing on it, as large as another page of the document."""
        page = Dictionary(Type=Name.Page, MediaBox=Array(list(like.MediaBox)), Resources=Dictionary(), Tabs=Name.S)
        page.Contents = self._objects.add_content(_BLANK)
        self._pages.append(self._pdf.make_indirect(page))

    def _add_links(self, pdf: Pdf, links: Mapping[int, Sequence[Object]], copies: Mapping[int, Object]) -> None:
        """Copy the links of a document at once, which takes a third of the time that it takes for each by itself."""
        copied = self._pdf.copy_foreign(pdf.make_indirect(Array([Array(each) for each in links.values()])))
        for number, own in zip(links, copied, strict=True):
            copies[number].Annots = own

    def _add_bookmarks(self, parent: OutlineItem, items: Iterable[OutlineItem], destinations: _Destinations) -> None:
        """Copy bookmarks below another one, closed; those to pages that are not in the print file are left out."""
        parent.is_closed = True
        for item in items:
            action = item.action
            target = item.destination if action is None else action.get("/D")
            place = destinations.find(target)
            if place is not None:
                copied = OutlineItem(item.title, Array([self._pdf.copy_foreign(place[0]), *list(place)[1:]]))
                parent.children.append(copied)
                self._add_bookmarks(copied, item.children, destinations)


class _Destinations:
    """The places in a document that links and bookmarks lead to."""

    def __init__(self, pdf: Pdf, pages: Mapping[ObjectId, Object]) -> None:
        self.pages = pages
        """The pages that are in the print file."""
        self._named: dict[str, Object] = {}
        # There are two kinds of names (ISO 32000-1, 12.3.2.3): strings and, since PDF 1.1, names.
        if "/Names" in pdf.Root and "/Dests" in pdf.Root.Names:
            self._named |= {str(name): target for name, target in pikepdf.NameTree(pdf.Root.Names.Dests).items()}
        if "/Dests" in pdf.Root:
            self._named |= dict(pdf.Root.Dests.items())

    def find(self, target: object) -> Array | None:
        """Return a destination as a page and a position on it; None where the page is not in the print file."""
        place = target if isinstance(target, Array) else self._named.get(str(target))
        if isinstance(place, Dictionary):
            place = place.D
        if not isinstance(place, Array) or not isinstance(place[0], Dictionary) or place[0].objgen not in self.pages:
            return None
        return place


def _links(pdf: Pdf, page: Object, destinations: _Destinations, *, is_whole: bool) -> list[Object]:
    """List the annotations of a page; in place, links to named places become links to the places themselves.

    Of a document that `is_whole`, pages and tags that links name are in the print file.
    """
    links = []
    for each in page.get("/Annots", ()):
        link = each if each.is_indirect else pdf.make_indirect(each)
        links.append(link)
        target = link.get("/Dest")
        if is_whole and isinstance(target, Array):
            continue
        keys = link.keys()
        action = link.A if "/A" in keys else Dictionary()
        is_jump = action.get("/S") == "/GoTo"
        target = action.get("/D") if is_jump else target
        places = _OF_PLACES - {"/StructParent"} if is_whole else _OF_PLACES
        for key in keys & places - ({"/A"} if not is_jump else set()):
            del link[key]
        place = destinations.find(target)
        if place is not None:
            link.Dest = place
    return links


class _SharedObjects:
    """The streams and resources of a print file: equal ones are in it once."""

    def __init__(self, target: Pdf) -> None:
        self._target = target
        self._known: dict[bytes, Object] = {}
        self._source = target
        self._resources: dict[ObjectId, Object] = {}

    def open(self, source: Pdf) -> None:
        """Begin to copy from another document."""
        self._source = source
        self._resources = {}

    def add_content(self, content: bytes) -> Object:
        """Return the stream with some page content."""
        key = short_hash(content)
        if key not in self._known:
            self._known[key] = self._target.make_stream(content)
        return self._known[key]

    def add_resources(self, resources: Object) -> Object:
        """Return a copy of a page's resources, in which each font, image and so on is shared by itself."""
        # All pages of a letter of ours have one resource dictionary: its fonts need not be hashed for each page.
        found = self._resources.get(resources.objgen) if resources.is_indirect else None
        if found is not None:
            return found
        copied = Dictionary()
        for kind, entries in resources.items():
            if isinstance(entries, Dictionary):
                copied[kind] = Dictionary({name: self._add(entry) for name, entry in entries.items()})
            else:
                copied[kind] = self._add(entries)
        key = short_hash(copied.unparse())
        if key not in self._known:
            self._known[key] = self._target.make_indirect(copied)
        self._resources[resources.objgen] = self._known[key]
        return self._known[key]

    def _add(self, thing: Object) -> Object:
        thing = thing if thing.is_indirect else self._source.make_indirect(thing)
        key = digest(self._source, thing)
        if key not in self._known:
            self._known[key] = self._target.copy_foreign(thing)
        return self._known[key]


def _with_names_at_the_top(metadata: bytes) -> bytes:
    """Return metadata with its namespaces declared once, as in letters; some readers look for plain <dc:title>."""
    tree = etree.fromstring(metadata.strip()).getroottree()
    names = {str(prefix): str(space) for each in tree.iter(etree.Element) for prefix, space in each.nsmap.items()}
    for rdf in tree.iter(f"{{{names['rdf']}}}RDF"):
        etree.cleanup_namespaces(rdf, top_nsmap=names)
    return etree.tostring(tree, encoding="utf-8")
