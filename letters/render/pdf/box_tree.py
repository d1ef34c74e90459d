"""Keeps the boxes of a text that letters share, and lays them out with the texts of one letter after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from weasyprint import DEFAULT_OPTIONS
from weasyprint.css.counters import CounterStyle
from weasyprint.document import Document
from weasyprint.formatting_structure import boxes
from weasyprint.formatting_structure.build import build_formatting_structure, set_content_lists
from weasyprint.html import get_html_metadata
from weasyprint.layout import LayoutContext, layout_document
from weasyprint.pdf import VARIANTS
from weasyprint.pdf.metadata import DocumentMetadata

from letters.render.pdf.heads import Head
from letters.render.pdf.letter_parts import folded
from letters.render.pdf.line_cache import UnfitError
from letters.render.pdf.page_cache import Needs, Sheet, Sheets
from letters.render.pdf.paragraph import Mould, find_moulds
from letters.render.pdf.plain import VARIANT
from letters.render.pdf.running_heads import Folios, Names

OPTIONS = {**DEFAULT_OPTIONS, "pdf_variant": VARIANT, **VARIANTS[VARIANT][1]}


@dataclass(slots=True)
class Laid:
    """One part of a letter, laid out; its moulds know where their lines went."""

    document: Any
    moulds: dict[int, Mould]
    """By the number of the marked element."""
    forme: Forme
    known: set[int]
    """The numbers of the pages that were laid out for another letter: its texts stand where this letter's belong."""
    new: list[tuple[str, Sheet]]
    folios: Folios
    heads: dict[int, tuple[Head, ...]]
    """The running heads of each page."""

    def keep(self, letter: Needs) -> None:
        """Keep the pages for other letters."""
        self.forme.sheets.keep(self.folios.placed, self.new, letter)
        self.folios.keep(self.document.pages, self.heads)
        self.new = []


class Forme:
    """A text before layout; what stands in its marked elements can be replaced."""

    def __init__(self, html: Any, style: Any, fonts: Any) -> None:
        """Read a text."""
        counters = CounterStyle()
        self._html = html
        self._context = Document._build_layout_context(html, fonts, counters, {}, {**OPTIONS, "stylesheets": [style]})
        self._root = build_formatting_structure(
            html.etree_element,
            self._context.style_for,
            self._context.get_image_from_uri,
            html.base_url,
            self._context.target_collector,
            counters,
            self._context.footnotes,
        )
        self._named = [box for box in self._root.descendants() if box.string_set and box.element_tag == "body"]
        marked = [element for element in html.etree_element.iter() if "data-slot" in element.attrib]
        self._slots = {id(element): int(element.get("data-slot")) for element in marked}
        self._moulds = find_moulds(self._root, self._slots)
        self._notes = tuple(self._context.footnotes)
        self._texts = {number: tuple(mould.texts()) for number, mould in self._moulds.items()}
        self._metadata = DocumentMetadata(**get_html_metadata(html))
        referring = [box for box, use in self._context.target_collector.counter_lookup_items if use == "content"]
        holders = [_holder(box) for box in referring]
        self._references = [(holder, holder.children) for holder in holders]
        references = list(_references(self._root, flows=True))
        found = {id(box) for line in references for box in line.descendants()}
        inside = [*self._root.descendants(), *(box for note in self._notes for box in note.descendants())]
        # What is fixed is put on the pages of others, too, after these were laid out.
        is_fixed = any(box.style["position"] == "fixed" for box in inside)
        can_be_kept = not is_fixed and all(id(box) in found for box in referring)
        self.sheets = Sheets(self._root if can_be_kept else None, references, self._slots)

    def attributes(self) -> dict[str, str]:
        """Return the attributes of the body."""
        return dict(self._html.etree_element.find("body").attrib)

    def text(self) -> str:
        """Return the text that no letter replaces, folded."""
        own = {id(place) for mould in self._moulds.values() for place in mould.places}
        texts = (box for box in with_notes(self._root) if isinstance(box, boxes.TextBox))
        return folded("".join(box.text for box in texts if id(box) not in own))

    def fill(self, texts: Mapping[int, Sequence[str]], attributes: Mapping[str, str]) -> None:
        """Put in the texts of a letter, by the numbers of the marked elements, and the attributes of its body."""
        if not self._moulds.keys() >= texts.keys():
            raise UnfitError("an element is not where it was expected")
        for number, each in {**self._texts, **texts}.items():
            self._moulds[number].write(each)
        self._html.etree_element.find("body").attrib.update(attributes)
        for box in self._named:
            if not all(kind in ("string", "attr()") for _, content in box.style["string_set"] for kind, _ in content):
                raise UnfitError("a running head depends on more than attributes")
            set_content_lists(box.element, box, box.style, {}, self._context.target_collector, None)

    def lay_out(self, letter: Needs, names: Names, *, only_proven: bool = False) -> Laid:
        """Lay out the text as HTML.render does, but for the pages that are known."""
        context = self._new_context()
        with self.sheets.in_use(letter, only_proven=only_proven):
            folios = Folios(self.sheets.placed, names)
            with folios.in_use():
                laid = enumerate(layout_document(self._html, self._root, context), start=1)
                pages = [folios.page(number, box) for number, box in laid]
        placed, known = self.sheets.placed, self.sheets.known
        if not all(placed[number].is_proven for number in known):
            return self.lay_out(letter, names, only_proven=True)
        document = Document(pages, self._metadata, self._html.url_fetcher, context.font_config, {}, None)
        fragments = _fragments(document)
        found = ((number, _on_pages(mould, fragments)) for number, mould in self._moulds.items())
        moulds = {number: mould for number, mould in found if mould}
        heads = {number: folios.heads(number, page) for number, page in enumerate(pages, start=1)}
        return Laid(document, moulds, self, known, self.sheets.new, folios, heads)

    def _new_context(self) -> Any:
        """Make all as it was before anything was laid out."""
        old = self._context
        context = LayoutContext(
            old.style_for, old.get_image_from_uri.func, old.font_config, old.counter_style, old.target_collector
        )
        context.footnotes = list(self._notes)
        for box in self._root.descendants():
            box.remove_decoration_sides = set()
        for target in old.target_collector.target_lookup_items.values():
            target.page_maker_index, target.cached_page_counter_values = None, {}
        for lookup in old.target_collector.counter_lookup_items.values():
            lookup.page_maker_index, lookup.pending, lookup.cached_page_counter_values = None, False, {}
        for box, children in self._references:
            box.children = children
        return context


def with_notes(box: Any) -> Iterator[Any]:
    """List all in a block, and in the notes where they are called."""
    for each in box.descendants():
        yield each
        if each.footnote is not None:
            yield from with_notes(each.footnote)


def _holder(box: Any) -> Any:
    """Return the box whose children change with the numbers of pages in it."""
    return box.children[0] if len(box.children) == 1 and isinstance(box.children[0], boxes.LineBox) else box


def _references(box: Any, *, flows: bool) -> Iterator[Any]:
    """List the lines on whose texts nothing depends but their own paragraph, and which name other pages."""
    if isinstance(box, boxes.LineBox):
        if flows and any(each.missing_link for each in box.descendants()):
            yield box
    elif isinstance(box, boxes.ParentBox):
        flows = flows and type(box) is boxes.BlockBox and box.is_in_normal_flow()
        for child in box.children:
            yield from _references(child, flows=flows)


def _fragments(document: Any) -> dict[int, list[Any]]:
    """List the blocks of lines by the identity of their element; one that breaks over pages has several."""
    found: dict[int, list[Any]] = {}
    for page in document.pages:
        for box in _blocks_of_lines(page._page_box):
            if box.element is not None and box.element_tag == box.element.tag:
                found.setdefault(id(box.element), []).append(box)
    return found


def _blocks_of_lines(box: Any) -> Iterator[Any]:
    if isinstance(box, boxes.BlockContainerBox) and box.children and isinstance(box.children[-1], boxes.LineBox):
        yield box
    elif isinstance(box, boxes.ParentBox):
        for child in box.children:
            yield from _blocks_of_lines(child)


def _on_pages(mould: Mould, fragments: Mapping[int, Sequence[Any]]) -> Mould | None:
    """Return a mould that knows its lines and their measure; None where it, or a note of it, has none or two."""
    found = fragments.get(id(mould.element), ())
    notes = [note for each in mould.notes if (note := _on_pages(each, fragments))]
    if len(notes) < len(mould.notes) or len({(box.content_box_x(), box.width) for box in found}) != 1:
        return None
    lines = [line for box in found for line in box.children]
    return replace(mould, notes=notes, container=found[0].copy(), lines=lines)
