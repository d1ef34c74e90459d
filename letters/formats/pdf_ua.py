"""Checks a PDF against the conditions of PDF/UA-1 (ISO 14289-1) that a program can decide.

They are numbered as in the Matterhorn Protocol 1.1 of the PDF Association, which lists 89 conditions for software and
47 for people; conditions without a number there are marked "tree" or "link". Whether words are right, headings
apt and alternative texts true, only a person can tell.
"""

from __future__ import annotations

import functools
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

import pikepdf
from pikepdf import Array, Dictionary, Name, NumberTree, Object, Pdf

from letters.formats.pdf_content import listed, page_content

CONDITIONS: Mapping[str, str] = {
    "01-003": "content marked as an artifact stands inside tagged content",
    "01-004": "tagged content stands inside an artifact",
    "01-005": "content is neither an artifact nor tagged",
    "01-007": "the entry Suspects is true",
    "02-001": "a role is neither standard nor mapped to a standard one",
    "02-003": "roles are mapped in a circle",
    "02-004": "a standard role is mapped to another one",
    "06-001": "the document has no XMP metadata",
    "06-003": "the metadata has no title",
    "07-001": "the viewer is not told to show the title of the document",
    "09-004": "a table, list or table of contents holds an element that may not stand there",
    "10-001": "a font does not say which text its glyphs stand for",
    "11-006": "the document does not say in which language it is",
    "13-004": "a figure has neither an alternative nor an actual text",
    "14-002": "the first heading is not one of level 1",
    "14-003": "a level of headings is left out",
    "14-006": "an element holds more than one H",
    "14-007": "H and H1 to H6 stand in one document",
    "15-003": "a header cell has no scope, and cells do not name their headers",
    "17-002": "a formula has neither an alternative nor an actual text",
    "19-003": "a note has no ID",
    "19-004": "an ID stands for two elements",
    "20-001": "a layer has no name",
    "25-001": "there is a dynamic XFA form",
    "26-001": "the file is encrypted",
    "28-002": "an annotation is not in the structure tree",
    "28-004": "an annotation has no description",
    "28-009": "a page with annotations does not say that they are in the order of the structure tree",
    "28-011": "a link is not inside of an element Link",
    "28-012": "a link has no description",
    "31-005": "a font with TrueType outlines has no CIDToGIDMap",
    "31-006": "the encoding of a composite font is neither predefined nor embedded",
    "31-009": "a font is not embedded",
    "tree-01": "there is no structure tree, or the document is not marked as tagged",
    "tree-02": "the parent that an element names is not the one that holds it",
    "tree-03": "marked content has two numbers, no owner or two of them, or an owner without content",
    "tree-04": "the parent tree does not lead to the owner of content or of an annotation",
    "tree-05": "IDs are used, and there is no IDTree, or it does not lead to their elements",
    "tree-06": "an item of a list has no LBody",
    "link-01": "a link leads nowhere",
    "link-02": "two links of a page lie over each other, or lead from one place to one place",
    "link-03": "a link is described by the name of its target and not in words",
}
"""What is wrong, by number."""
_STANDARD = frozenset(
    (
        *("Document", "Part", "Art", "Sect", "Div", "BlockQuote", "Caption", "TOC", "TOCI", "Index", "NonStruct"),
        *("Private", "H", "H1", "H2", "H3", "H4", "H5", "H6", "P", "L", "LI", "Lbl", "LBody", "Table", "TR", "TH"),
        *("TD", "THead", "TBody", "TFoot", "Span", "Quote", "Note", "Reference", "BibEntry", "Code", "Link", "Annot"),
        *("Ruby", "RB", "RT", "RP", "Warichu", "WT", "WP", "Figure", "Formula", "Form"),
    )
)
"""ISO 32000-1, 14.8.4."""
_PARENTS = {
    "TR": {"Table", "THead", "TBody", "TFoot"},
    "THead": {"Table"},
    "TBody": {"Table"},
    "TFoot": {"Table"},
    "TH": {"TR"},
    "TD": {"TR"},
    "LI": {"L"},
    "LBody": {"LI"},
    "TOCI": {"TOC"},
}
"""The elements that some may stand in."""
_KIDS = {
    "Table": {"TR", "THead", "TBody", "TFoot", "Caption"},
    "TR": {"TH", "TD"},
    "L": {"LI", "Caption", "L"},
    "LI": {"Lbl", "LBody"},
    "TOC": {"TOCI", "TOC", "Caption"},
}
"""The elements that some may hold."""
_OPERATOR = re.compile(
    rb"\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)|\[[^\[\]()]*+\]"
    rb"|(?P<tag>/[^\s/<>\[\]()]+)\s*(?:<<(?:[^<>]|<[^<>]*>)*?(?:/MCID\s+(?P<mark>\d+)(?:[^<>]|<[^<>]*>)*)?>>\s*BDC"
    rb"|(?P<properties>/[^\s/<>\[\]()]+)\s+BDC|\s*BMC)\b"
    rb"|(?<!\S)(?:(?P<end>EMC)|(?P<paint>Tj|TJ|'|\"|S|s|f\*?|F|B\*?|b\*?|sh|Do|EI))(?!\S)",
    re.DOTALL,
)
"""A mark, its end, or something drawn; strings, which may look like anything, are stepped over (ISO 32000-1, 7.8.2).

So are arrays, which hold no operator: the glyphs of a line are most of a page.
"""
# What programs write by themselves where nobody described a link: "note-3", "#section".
_TARGET = re.compile(r"(?:part|note|sec|section|call|mark|bookmark)?[-_ ]?\d*|#\S*")
# XMP may have a property as an attribute or as an element, alone in its Description or beside others.
_CLAIM = re.compile(
    rb'<rdf:Description[^<>]*pdfuaid:part="1"[^<>]*/>|<pdfuaid:part\b[^>]*>1</pdfuaid:part>|pdfuaid:part="1"'
)
# A tree in a circle would end at the limit of Python, that is in a traceback.
_DEEPEST = 200
_PAGES = 64
"""Of which the marks are kept."""

_Id = tuple[int, int]


class Failure(NamedTuple):
    """A condition that is not met."""

    condition: str
    """A key of CONDITIONS."""
    where: str
    """The page or the element."""

    def __str__(self) -> str:
        return f"{self.condition}: {CONDITIONS[self.condition]} ({self.where})"


def says_accessible(pdf: Pdf) -> bool:
    """Return whether an open PDF says of itself that it is PDF/UA-1."""
    return "/Metadata" in pdf.Root and b"pdfuaid:part" in pdf.Root.Metadata.read_bytes()


def without_claim(metadata: bytes) -> bytes:
    """Return XMP metadata that does not say that the document is PDF/UA."""
    return _CLAIM.sub(b"", metadata)


def failures(content: bytes) -> list[Failure]:
    """Return each condition that a PDF does not meet, once for each place."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return list(dict.fromkeys(_Check(pdf).run()))


@dataclass(slots=True, eq=False)
class _UaElement:
    role: str
    object: Object
    parent: _UaElement | None
    kids: list[_UaElement] = field(default_factory=list)
    annotations: list[Object] = field(default_factory=list)


class _Check:
    """One document, while it is checked."""

    def __init__(self, pdf: Pdf) -> None:
        self._pdf = pdf
        self._pages = {page.obj.objgen: number for number, page in enumerate(pdf.pages, start=1)}
        self._roles = {str(key)[1:]: str(value)[1:] for key, value in (_tree(pdf).get("/RoleMap") or {}).items()}
        self._elements: list[_UaElement] = []
        self._owners: dict[tuple[_Id | None, int], list[_UaElement]] = {}

    def run(self) -> Iterator[Failure]:
        yield from self._document()
        tree = _tree(self._pdf)
        marked = self._pdf.Root.get("/MarkInfo", Dictionary())
        if "/K" not in tree or not bool(marked.get("/Marked", False)):
            yield Failure("tree-01", "document")
            return
        yield from self._read(tree.K, None, None, 0)
        yield from self._names(tree)
        yield from self._nesting()
        yield from self._headings()
        yield from self._cells_and_pictures()
        yield from self._annotations()
        yield from self._content(NumberTree(tree.ParentTree) if "/ParentTree" in tree else {})
        yield from self._fonts()

    def _document(self) -> Iterator[Failure]:
        root = self._pdf.Root
        metadata = root.Metadata.read_bytes().decode("utf-8", "replace") if "/Metadata" in root else ""
        forms = root.get("/AcroForm", Dictionary())
        marked = root.get("/MarkInfo", Dictionary())
        layers = root.get("/OCProperties", Dictionary()).get("/OCGs", ())
        said = {
            "01-007": bool(marked.get("/Suspects", False)),
            "06-001": not metadata,
            "06-003": not re.search(r"<dc:title\b[^>]*>(?:\s|<[^/>][^>]*>)*[^\s<]", metadata),
            "07-001": not bool(root.get("/ViewerPreferences", Dictionary()).get("/DisplayDocTitle", False)),
            "11-006": not str(root.get("/Lang", "")),
            "20-001": any(not str(layer.get("/Name", "")) for layer in layers),
            "25-001": "/XFA" in forms,
            "26-001": self._pdf.is_encrypted,
        }
        yield from (Failure(number, "document") for number, is_wrong in said.items() if is_wrong)

    def _role(self, name: str) -> tuple[str, str]:
        """Return the standard role of an element, and the condition that it breaks if it has none."""
        seen = set()
        while name not in _STANDARD:
            if name in seen:
                return name, "02-003"
            seen.add(name)
            if name not in self._roles:
                return name, "02-001"
            name = self._roles[name]
        return name, ""

    def _read(self, kid: Any, parent: _UaElement | None, page: _Id | None, depth: int) -> Iterator[Failure]:
        """Read an element, content or annotation of the tree, and all below it."""
        if isinstance(kid, Array):
            for each in kid.as_list():
                yield from self._read(each, parent, page, depth)
            return
        if isinstance(kid, int):
            self._own(parent, page, kid)
            return
        if "/S" not in kid:
            if "/MCID" in kid:
                self._own(parent, kid.Pg.objgen if "/Pg" in kid else page, int(kid.MCID))
            elif "/Obj" in kid and parent is not None:
                parent.annotations.append(kid.Obj)
            return
        if depth > _DEEPEST:
            yield Failure("tree-01", f"more than {_DEEPEST} elements inside one another")
            return
        role, fault = self._role(str(kid.S)[1:])
        if fault:
            yield Failure(fault, role)
        element = _UaElement(role, kid, parent)
        self._elements.append(element)
        if parent is not None:
            parent.kids.append(element)
            if "/P" not in kid or kid.P.objgen != parent.object.objgen:
                yield Failure("tree-02", role)
        if "/K" in kid:
            yield from self._read(kid.K, element, kid.Pg.objgen if "/Pg" in kid else page, depth + 1)

    def _own(self, owner: _UaElement | None, page: _Id | None, mark: int) -> None:
        if owner is not None:
            self._owners.setdefault((page, mark), []).append(owner)

    def _where(self, element: _UaElement) -> str:
        here: _UaElement | None = element
        while here is not None and "/Pg" not in here.object:
            here = here.kids[0] if here.kids else None
        return f"{element.role}, page {self._pages.get(here.object.Pg.objgen, '?')}" if here else element.role

    def _names(self, tree: Object) -> Iterator[Failure]:
        yield from (Failure("02-004", name) for name in self._roles if name in _STANDARD)
        # WeasyPrint gives cells of tables IDs, and writes no IDTree.
        ids = Counter(str(each.object.ID) for each in self._elements if "/ID" in each.object)
        yield from (Failure("19-004", name) for name, count in ids.items() if count > 1)
        places = {}
        if "/IDTree" in tree:
            places = {str(name): element.objgen for name, element in pikepdf.NameTree(tree.IDTree).items()}
        for each in self._elements:
            if "/ID" in each.object and places.get(str(each.object.ID)) != each.object.objgen:
                yield Failure("tree-05", str(each.object.ID))

    def _nesting(self) -> Iterator[Failure]:
        for each in self._elements:
            around = each.parent.role if each.parent else "the root"
            if around not in _PARENTS.get(each.role, {around}) or each.role not in _KIDS.get(around, {each.role}):
                yield Failure("09-004", f"{each.role} in {around}")
            if each.role == "LI" and all(kid.role != "LBody" for kid in each.kids):
                yield Failure("tree-06", self._where(each))

    def _headings(self) -> Iterator[Failure]:
        levels = [(int(each.role[1]), each) for each in self._elements if re.fullmatch("H[1-6]", each.role)]
        if levels and levels[0][0] != 1:
            yield Failure("14-002", self._where(levels[0][1]))
        for (before, _), (level, each) in pairwise(levels):
            if level > before + 1:
                yield Failure("14-003", self._where(each))
        if levels and any(each.role == "H" for each in self._elements):
            yield Failure("14-007", "document")
        for each in self._elements:
            if sum(kid.role == "H" for kid in each.kids) > 1:
                yield Failure("14-006", self._where(each))

    def _cells_and_pictures(self) -> Iterator[Failure]:
        named = all(_attribute(each.object, "/Headers") for each in self._elements if each.role == "TD")
        for each in self._elements:
            if each.role in ("Figure", "Formula") and not _is_described(each.object):
                yield Failure("13-004" if each.role == "Figure" else "17-002", self._where(each))
            if each.role == "TH" and not named and not _attribute(each.object, "/Scope"):
                yield Failure("15-003", self._where(each))
            if each.role == "Note" and not str(each.object.get("/ID", "")):
                yield Failure("19-003", self._where(each))

    def _annotations(self) -> Iterator[Failure]:
        owned = {each.objgen: element for element in self._elements for each in element.annotations}
        for number, page in enumerate(self._pdf.pages, start=1):
            annotations = [each for each in page.obj.get("/Annots", ()) if each.get("/Subtype") != Name.Popup]
            if annotations and page.obj.get("/Tabs") != Name.S:
                yield Failure("28-009", f"page {number}")
            yield from _doubles(annotations, number)
            for each in annotations:
                if each.objgen not in owned:
                    yield Failure("28-002", f"page {number}")
                yield from self._annotation(each, owned.get(each.objgen), f"page {number}")

    def _annotation(self, annotation: Object, owner: _UaElement | None, where: str) -> Iterator[Failure]:
        words = str(annotation.get("/Contents", "")).strip()
        if annotation.get("/Subtype") != Name.Link:
            if annotation.get("/Subtype") != Name.Widget and not words:
                yield Failure("28-004", where)
            return
        if owner is None or owner.role != "Link":
            yield Failure("28-011", where)
        if not words:
            yield Failure("28-012", where)
        elif _TARGET.fullmatch(words):
            yield Failure("link-03", f'{where}, "{words}"')
        if "/Dest" not in annotation and "/A" not in annotation:
            yield Failure("link-01", where)

    def _content(self, parents: Any) -> Iterator[Failure]:
        known = {int(key): value for key, value in parents.items()}
        found: set[tuple[_Id | None, int]] = set()
        for number, page in enumerate(self._pdf.pages, start=1):
            marks, failed = _marks_of(page)
            yield from (Failure(condition, f"page {number}") for condition in failed)
            found |= {(page.obj.objgen, mark) for mark in marks}
            # -1 is no key of the parent tree: it stands for a page without an entry there.
            yield from self._owned(page, marks, known.get(int(page.obj.get("/StructParents", -1))), number)
            for each in page.obj.get("/Annots", ()):
                holder = known.get(int(each.get("/StructParent", -1)))
                is_right = isinstance(holder, Dictionary) and any(
                    _same(kid.get("/Obj"), each) for kid in listed(holder.get("/K")) if isinstance(kid, Dictionary)
                )
                if each.get("/Subtype") != Name.Popup and not is_right:
                    yield Failure("tree-04", f"page {number}, annotation")
        for key in self._owners.keys() - found:
            yield Failure("tree-03", f"page {self._pages.get(key[0] or (0, 0), '?')}, number {key[1]}")

    def _owned(self, page: Any, marks: Mapping[int, int], owners: Any, number: int) -> Iterator[Failure]:
        elements = list(owners.as_list()) if isinstance(owners, Array) else []
        for mark, count in marks.items():
            own = self._owners.get((page.obj.objgen, mark), [])
            if count > 1 or len(own) != 1:
                yield Failure("tree-03", f"page {number}, number {mark}")
            elif mark >= len(elements) or not _same(elements[mark], own[0].object):
                yield Failure("tree-04", f"page {number}, number {mark}")

    def _fonts(self) -> Iterator[Failure]:
        seen: set[_Id] = set()
        fonts: dict[_Id, Object] = {}
        for page in self._pdf.pages:
            fonts |= _fonts_of(page.obj.get("/Resources", Dictionary()), seen)
        for font in fonts.values():
            yield from _font(font)


def _fonts_of(resources: Any, seen: set[_Id]) -> dict[_Id, Object]:
    """Return the fonts of a page and of the forms that it may draw; resources that were seen before have none."""
    if resources.is_indirect and resources.objgen in seen:
        return {}
    seen.add(resources.objgen)
    fonts = {font.objgen: font for font in (resources.get("/Font") or {}).values()}
    for thing in (resources.get("/XObject") or {}).values():
        if thing.get("/Subtype") == Name.Form and "/Resources" in thing and thing.objgen not in seen:
            seen.add(thing.objgen)
            fonts |= _fonts_of(thing.Resources, seen)
    return fonts


def _tree(pdf: Pdf) -> Any:
    return pdf.Root.get("/StructTreeRoot", Dictionary())


def _is_described(element: Object) -> bool:
    return any(str(element.get(key, "")).strip() for key in ("/Alt", "/ActualText"))


def _same(one: Any, other: Object) -> bool:
    return isinstance(one, Object) and one.objgen == other.objgen


def _attribute(element: Object, key: str) -> bool:
    """Return whether an element has an attribute."""
    return any(isinstance(each, Dictionary) and key in each for each in listed(element.get("/A")))


def _doubles(annotations: Iterable[Object], number: int) -> Iterator[Failure]:
    """Yield the links of a page that are there twice."""
    # WeasyPrint writes several annotations for one link, some of them over each other.
    links = [each for each in annotations if each.get("/Subtype") == Name.Link]
    places = Counter(each.Rect.unparse() for each in links)
    targets = Counter(each.Dest.unparse() for each in links if "/Dest" in each)
    for count in (*places.values(), *targets.values()):
        if count > 1:
            yield Failure("link-02", f"page {number}")


def _marks_of(page: Any) -> tuple[Mapping[int, int], tuple[str, ...]]:
    """Return how often each number marks content of a page, and the conditions that what is drawn on it breaks."""
    lists = page.obj.get("/Resources", Dictionary()).get("/Properties", Dictionary())
    numbers = frozenset((name, int(each.MCID)) for name, each in lists.items() if "/MCID" in each)
    return _walk(page_content(page.obj), numbers)


@functools.lru_cache(_PAGES)
def _walk(content: bytes, lists: Iterable[tuple[str, int]]) -> tuple[Mapping[int, int], tuple[str, ...]]:
    """Go through the operators of a page: what is drawn has to be tagged, or an artifact.

    `lists` are the property lists that have a number, by their names. Letters of a batch have many pages in common.
    """
    numbers = dict(lists)
    marks, failed = Counter[int](), []
    inside: list[tuple[bool, bool]] = []
    artifacts = tagged = 0
    for match in _OPERATOR.finditer(content):
        tag, properties, mark = match["tag"], match["properties"], match["mark"]
        if match["end"]:
            is_artifact, is_tagged = inside.pop() if inside else (False, False)
            artifacts, tagged = artifacts - is_artifact, tagged - is_tagged
        elif tag:
            if properties:
                mark = numbers.get(properties.decode("latin-1"))
            is_artifact, is_tagged = tag == b"/Artifact", mark is not None
            if is_artifact and tagged:
                failed.append("01-003")
            if is_tagged:
                marks[int(mark)] += 1
                if artifacts:
                    failed.append("01-004")
            inside.append((is_artifact, is_tagged))
            artifacts, tagged = artifacts + is_artifact, tagged + is_tagged
        elif match["paint"] and not (artifacts or tagged):
            failed.append("01-005")
    return marks, tuple(failed)


def _font(font: Object) -> Iterator[Failure]:
    name = str(font.get("/BaseFont", "?"))[1:]
    if "/ToUnicode" not in font:
        yield Failure("10-001", name)
    inner = font
    if font.get("/Subtype") == Name.Type0:
        inner = font.DescendantFonts[0]
        if inner.get("/Subtype") == Name.CIDFontType2 and "/CIDToGIDMap" not in inner:
            yield Failure("31-005", name)
        if str(font.get("/Encoding")) not in ("/Identity-H", "/Identity-V") and not isinstance(
            font.get("/Encoding"), pikepdf.Stream
        ):
            yield Failure("31-006", name)
    described = inner.get("/FontDescriptor", Dictionary())
    if not any(key in described for key in ("/FontFile", "/FontFile2", "/FontFile3")):
        yield Failure("31-009", name)
