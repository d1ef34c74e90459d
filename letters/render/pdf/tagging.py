"""Patch: the structure tree of a PDF as ISO 14289-1 (PDF/UA-1) wants it, set right after WeasyPrint has written it.

WeasyPrint 70 writes notes as Span, unconnected with their calls; one link as several annotations, some of them in no
element, described by the name of their target; a table of contents as paragraphs; the paragraphs of a list item without
LBody; elements that go on over a page as one element for each page; IDs without an IDTree; headings of the levels that
the page asks for, with gaps (upstream issues: none yet). What only adorns a page, that is running heads, the draft mark
and the dots of a table of contents, it writes as content that no element owns, and each dot as a link of its own; it
has to be an artifact (ISO 14289-1, 7.1; ISO 32000-2, 14.8.2.2; https://github.com/Kozea/WeasyPrint/issues/1836).
This is set right once for each page template, with the same result as when a letter is made the plain way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pydyf

from letters.render.pdf.tag_tree import POINTS, MarkedContent, Node, NoteLink, drop_unused, object_number, take_marker
from letters.render.pdf.weasyprint_internals import LayoutBox, boxes, original, page_box, replace, replaced

_INLINE = frozenset(("/Span", "/NonStruct", "/Link", "/Reference", "/Lbl", "/Quote", "/Code"))
"""Roles of elements that stand in a line of text."""
_HEADINGS = frozenset(f"/H{level}" for level in range(1, 7))
_GOES_ON = frozenset(("/Part", "/Sect", "/Div", "/BlockQuote", "/P", "/L", "/LI", "/LBody", "/Note", "/TOC", "/TOCI"))
"""Roles of elements of which there is one, however many pages they stand on."""
_JOINER = "\u2060"
"""Stands before the number of a note, which never begins a line."""


def patch_tags() -> None:
    """Make WeasyPrint write such a tree, without ornaments, and one annotation for each link."""
    replace("add_links", _add_own_links)
    replace("add_tags", _add_tags)
    replace("Page.paint", _paint)
    replace("Stream.marked", _marked)
    replace("Stream.clone", _clone)


def write_tags(pdf: Any, document: Any, *arguments: Any) -> None:
    """Write the structure tree of a document as WeasyPrint does, and set it right."""
    made: dict[int, Any] = {}

    def build(box: Any, *more: Any) -> Iterator[Any]:
        for element in original("_build_box_tree")(box, *more):
            # The boxes of pages and of the body pass on what their children are.
            made.setdefault(id(element), getattr(box, "_box", box))
            yield element

    first = len(pdf.objects)
    with replaced({"_build_box_tree": build}):
        original("add_tags")(pdf, document, *arguments)
    _Tagging(pdf, document, made).finish()
    drop_unused(pdf, first)


def _add_own_links(links_and_anchors: tuple[list[Any], Any], *arguments: Any) -> None:
    """Write the annotations of a page: one for each box that is a link, none for what stands in it."""
    links, anchors = links_and_anchors
    own = [link for link in links if link[3].link]
    original("add_links")((own, anchors), *arguments)


def _is_ornament(box: LayoutBox) -> bool:
    # Children of a box may also be placeholders of positioned boxes, which have no is_leader.
    return isinstance(box, boxes.MarginBox) or (isinstance(box, boxes.Box) and box.is_leader)


def _paint(page: Any, stream: Any, scale: float = 1) -> None:
    ornaments = filter(_is_ornament, page_box(page).descendants())
    stream.ornaments = {id(box) for ornament in ornaments for box in ornament.descendants()}
    original("Page.paint")(page, stream, scale)


@contextmanager
def _marked(stream: Any, box: LayoutBox, tag: str) -> Iterator[None]:
    with stream.artifact() if id(box) in stream.ornaments else original("Stream.marked")(stream, box, tag):
        yield


def _clone(stream: Any, **arguments: Any) -> Any:
    """Return the stream of a part of a page that is drawn apart, such as what is half transparent."""
    part = original("Stream.clone")(stream, **arguments)
    part.ornaments = getattr(stream, "ornaments", ())
    return part


def _add_tags(pdf: Any, document: Any, *arguments: Any) -> None:
    """Add the structure tree of a document, as if its ornaments were not there."""
    parents = [box for page in document.pages for box in _with_ornaments(page)]
    whole = [box.children for box in parents]
    for box in parents:
        box.children = [child for child in box.children if not _is_ornament(child)]
    try:
        write_tags(pdf, document, *arguments)
    finally:
        for box, children in zip(parents, whole, strict=True):
            box.children = children


def _with_ornaments(page: Any) -> list[Any]:
    """Return the boxes of a page that have ornaments in them; the engine writes the same page into several files."""
    if not hasattr(page, "with_ornaments"):
        page.with_ornaments = [box for box in page_box(page).descendants() if any(map(_is_ornament, box.children))]
    found: list[Any] = page.with_ornaments
    return found


class _Tagging:
    """The structure tree of one document, while it is set right."""

    def __init__(self, pdf: Any, document: Any, made: Mapping[int, Any]) -> None:
        self._pdf = pdf
        self._made = made
        self._numbers = {reference: number for number, reference in enumerate(pdf.page_references)}
        self._boxes = [page_box(page) for page in document.pages]
        self._root = self._object(pdf.catalog["StructTreeRoot"])
        self._top = self._read(self._root["K"][0])
        self._links: list[NoteLink] = []
        self._notes_tied = 0

    def _object(self, reference: bytes) -> Any:
        return self._pdf.objects[object_number(reference)]

    def _read(self, reference: bytes) -> Node:
        element = self._object(reference)
        kids = [self._read_kid(kid) for kid in element["K"]]
        return Node(element, self._made.get(id(element)), kids)

    def _read_kid(self, kid: Any) -> Any:
        is_element = isinstance(kid, bytes) and self._object(kid).get("Type") == "/StructElem"
        return self._read(kid) if is_element else kid

    def finish(self) -> None:
        """Set the tree right, and write it back into the file."""
        for parent in list(self._top.below()):
            for kid in parent.kids:
                if isinstance(kid, Node):
                    _name(kid, parent)
        self._join(self._top, {})
        for node in list(self._top.below()):
            self._set_right(node)
        self._place_notes()
        self._set_levels()
        self._top.prune()
        parents = self._parents()
        for node in self._top.below():
            # References to annotations are short enough to stand in their elements.
            node.kids = [self._object(kid) if isinstance(kid, bytes) else kid for kid in node.kids]
            node.write_kids()
            for kid in node.kids:
                if isinstance(kid, MarkedContent):
                    parents[2 * self._numbers[kid.page] + 1][kid.mark] = node.element.reference
        self._name_all()
        self._root["ParentTreeNextKey"] = len(self._parents()) // 2
        self._pdf.note_links = self._links

    def _parents(self) -> Any:
        return self._object(self._root["ParentTree"])["Nums"]

    def _new(self, role: str, kids: Sequence[Any], like: Node) -> Node:
        """Return a new element on the page of another."""
        element = pydyf.Dictionary({"Type": "/StructElem", "S": role, "K": None, "Pg": like.element["Pg"], "P": None})
        self._pdf.add_object(element)
        return Node(element, None, list(kids))

    def _join(self, parent: Node, known: dict[Any, tuple[Node, int]]) -> None:
        """Make one element of what goes on from page to page; not in tables, which repeat their heads."""
        kids: list[Any] = []
        for kid in parent.kids:
            if not isinstance(kid, Node) or kid.role not in _GOES_ON or kid.box is None or kid.box.element is None:
                kids.append(kid)
                continue
            key, page = (id(kid.box.element), kid.box.element_tag, kid.role), self._numbers[kid.element["Pg"]]
            first, last = known.get(key, (None, page))
            if first is None or last == page:
                kids.append(kid)
                first = kid
            else:
                first.kids += kid.kids
            known[key] = first, page
        parent.kids = kids
        for kid in kids:
            if isinstance(kid, Node) and kid.role != "/Table":
                self._join(kid, known)

    def _set_right(self, node: Node) -> None:
        """Put in the elements that WeasyPrint leaves out around the content of some, and describe links."""
        role = node.role
        if role == "/L":
            node.kids = list(self._items(node))
        elif role == "/LI":
            labels = [kid for kid in node.kids if isinstance(kid, Node) and kid.role == "/Lbl"]
            rest = [kid for kid in node.kids if kid not in labels]
            if rest and not (len(rest) == 1 and isinstance(rest[0], Node) and rest[0].role == "/LBody"):
                bodies = (kid.kids if isinstance(kid, Node) and kid.role == "/LBody" else [kid] for kid in rest)
                node.kids = [*labels, self._new("/LBody", [kid for body in bodies for kid in body], node)]
        elif role == "/TOCI":
            node.kids = [self._new("/Reference", node.kids, node)]
        elif role == "/TH":
            is_row = node.box.element.get("scope") == "row"
            node.element["A"]["Scope"] = "/Row" if is_row else "/Column"
        elif role == "/Figure":
            self._set_box(node)
        for place, kid in enumerate(node.kids):
            if isinstance(kid, bytes) and self._object(kid).get("Type") == "/OBJR":
                self._describe(node, place)

    def _items(self, node: Node) -> Iterator[Any]:
        """Yield the kids of a list, each nested list in the item that it belongs to (ISO 32000-1, table 336)."""
        last: Node | None = None
        for kid in node.kids:
            if last is not None and isinstance(kid, Node) and kid.role == "/L":
                last.kids.append(kid)
                continue
            yield kid
            last = kid if isinstance(kid, Node) and kid.role == "/LI" else last

    def _set_box(self, node: Node) -> None:
        """Give the place of a picture in points from the lower left; WeasyPrint gives CSS pixels from the top."""
        left, top, right, bottom = node.element["A"]["BBox"]
        height = self._boxes[self._numbers[node.element["Pg"]]].margin_height()
        node.element["A"]["BBox"] = pydyf.Array(
            [round(edge * POINTS, 2) for edge in (left, height - bottom, right, height - top)]
        )

    def _describe(self, node: Node, place: int) -> None:
        """Say in words where a link leads, and put it into an element of its own if it has none."""
        annotation = self._object(self._object(node.kids[place])["Obj"])
        if node.box is not None and annotation.get("Subtype") == "/Link":
            words = " ".join("".join(node.box.element.itertext()).split())
            target = annotation["Contents"].string
            is_told = "Dest" in annotation or target.removeprefix("mailto:") in words
            said = [words] if words and is_told else [words, target]
            annotation["Contents"] = pydyf.String(": ".join(filter(None, said)))
        if node.role != "/Link":
            link = self._new("/Link", node.kids, node)
            number = annotation["StructParent"]
            self._parents()[2 * number + 1] = link.element.reference
            node.kids = [link]

    def _set_levels(self) -> None:
        """Number the levels of headings from 1 without gaps, whatever sizes the letter has chosen for their looks.

        A reader who steps through the headings would take a level that is left out for a heading that was missed
        (ISO 14289-1, 7.4.2).
        """
        around: list[int] = []
        for node in self._top.below():
            if node.role in _HEADINGS:
                level = int(node.role.removeprefix("/H"))
                around = [*(each for each in around if each < level), level]
                node.role = f"/H{len(around)}"

    def _place_notes(self) -> None:
        """Put each note behind the words that call it (ISO 32000-1, 14.8.4.4.1), tied to them by links."""
        notes: dict[int, Node] = {}
        for node in self._top.below():
            found = [kid for kid in node.kids if isinstance(kid, Node) and kid.role == "/Note"]
            notes |= {id(note.box.element): note for note in found}
            node.kids = [kid for kid in node.kids if kid not in found] if found else node.kids
        # The areas at the foot of pages, which the notes have left empty.
        self._top.kids = [
            kid
            for kid in self._top.kids
            if not (isinstance(kid, Node) and isinstance(kid.box, boxes.FootnoteAreaBox) and not kid.kids)
        ]
        for number, note in enumerate(notes.values(), start=1):
            note.element["ID"] = pydyf.String(f"note-{number:04d}")
        self._attach(self._top, (), notes)

    def _attach(self, node: Node, around: tuple[Node, ...], notes: Mapping[int, Node]) -> None:
        for kid in list(node.kids):
            if isinstance(kid, Node):
                self._attach(kid, (*around, node), notes)
        note = notes.get(id(node.box.element)) if node.role == "/Reference" and node.box is not None else None
        if note is None:
            return
        blocks = [each for each in around if each.role not in _INLINE]
        block = blocks[-1]
        if block.role in _HEADINGS:
            # Whoever lists the headings of a letter does not want their notes.
            kids = blocks[-2].kids
            kids.insert(kids.index(block) + 1, note)
        else:
            block.kids.append(note)
        self._tie(node, note)

    def _tie(self, call: Node, note: Node) -> None:
        """Write the link from a note's number in the text to the note, and the one back."""
        marker = take_marker(note)
        number = "".join(box.text for box in _texts(call.box)).strip().removeprefix(_JOINER)
        self._link(call, note, note.box.position_y, f"To note {number}")
        if marker is not None:
            line = _texts(call.box)
            top = line[0].position_y + line[0].baseline - 2 * line[0].style["font_size"] if line else 0
            # Links from two notes to one line would pass for one link twice; a step is 0.015 points, and heights are
            # written to a hundredth.
            top += self._notes_tied / 50
            self._notes_tied += 1
            self._link(marker, call, top, f"Back to note {number} in the text")

    def _link(self, place: Node, target: Node, top: float, words: str) -> None:
        """Make a link of what stands in an element, to a height of the page of another, in CSS pixels."""
        texts = _texts(place.box)
        if len(texts) != 1:
            return
        page = self._numbers[place.element["Pg"]]
        there = target.element["Pg"]
        height = self._boxes[self._numbers[there]].margin_height()
        destination = [there, "/XYZ", "null", round((height - top) * POINTS, 2), "null"]
        annotation = pydyf.Dictionary(
            {
                "Type": "/Annot",
                "Subtype": "/Link",
                "Rect": None,
                "BS": pydyf.Dictionary({"W": 0}),
                "Contents": pydyf.String(words),
                "Dest": pydyf.Array(destination),
                "StructParent": len(self._parents()) // 2,
            }
        )
        self._pdf.add_object(annotation)
        link = NoteLink(annotation, texts[0], self._boxes[page].margin_height())
        annotation["Rect"] = pydyf.Array(link.rectangle())
        self._links.append(link)
        reference = pydyf.Dictionary({"Type": "/OBJR", "Obj": annotation.reference, "Pg": place.element["Pg"]})
        self._pdf.add_object(reference)
        place.kids = [self._new("/Link", [reference.reference, *place.kids], place)]
        self._parents().extend([annotation["StructParent"], place.kids[0].element.reference])
        self._object(place.element["Pg"]).setdefault("Annots", pydyf.Array()).append(annotation.reference)

    def _name_all(self) -> None:
        """Name the cells of tables alike in every file, and list all names in the IDTree (ISO 32000-1, 14.7.2)."""
        named = [node.element for node in self._top.below() if "ID" in node.element]
        tables: dict[str, int] = {}
        for element in named:
            head, _, cell = element["ID"].string.partition("-")
            if element["S"] == "/TH":
                # Cells have this very string among their headers.
                element["ID"].string = f"table-{tables.setdefault(head, len(tables) + 1)}-{cell}"
        if named:
            names = sorted((element["ID"].string, element) for element in named)
            tree = pydyf.Dictionary({"Names": pydyf.Array()})
            for name, element in names:
                tree["Names"] += [pydyf.String(name), element.reference]
            self._pdf.add_object(tree)
            self._root["IDTree"] = tree.reference


def _texts(box: Any) -> list[Any]:
    """Return the text boxes in a box that was laid out."""
    return [each for each in box.descendants() if isinstance(each, boxes.TextBox)]


def _name(node: Node, parent: Node) -> None:
    """Give an element the role of what it is, where WeasyPrint takes it for something else."""
    box = node.box
    if box is None or box.element is None:
        return
    classes = (box.element.get("class") or "").split()
    if box.element_tag == "span::footnote-call":
        node.role = "/Reference"
    elif box.element_tag == "span::footnote-marker":
        node.role = "/Lbl"
    elif isinstance(parent.box, boxes.FootnoteAreaBox):
        node.role = "/Note"
    elif box.element_tag.startswith("a::"):
        # The number of a page in the contents is a part of the link around it.
        node.role = "/Span"
    elif box.element_tag == "nav" and "contents" in classes:
        node.role = "/TOC"
    elif parent.role == "/TOC":
        node.role = "/TOCI" if "contents-entry" in classes else "/Caption"
