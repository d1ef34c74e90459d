"""The parts of one letter on its way through the engine: what is set, their boxes before layout, and their pages.

The boxes of a template branch are built once and laid out with the texts of many letters; parts that were laid out are
kept for letters with the same ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from unicodedata import normalize

from letters.model.records import Values
from letters.render.pdf.page_cache import CachedPage, Needs, PageCache
from letters.render.pdf.paragraph import ParagraphTemplate, SetParagraph, find_templates
from letters.render.pdf.plain import VARIANT, PdfRenderer, UnfitError, check_notes
from letters.render.pdf.running_heads import FinishedPages, HeadValues, RunningHead
from letters.render.pdf.template_marks import FilledTemplate, is_odd
from letters.render.pdf.weasyprint_internals import (
    LayoutBox,
    boxes,
    boxes_with_notes,
    built,
    context_like,
    layout_document,
    page_box,
    set_content_lists,
)
from letters.render.store import Limits

Key = tuple[object, ...]


@dataclass(slots=True)
class LaidOutPart:
    """One part of a letter, laid out."""

    document: Any
    paragraphs: dict[int, ParagraphTemplate]
    """By the number of the marked element, with their lines on these pages."""
    tree: BoxTree
    known: set[int]
    """The numbers of the pages that were laid out for another letter: its texts stand where this letter's belong."""
    new: list[tuple[str, CachedPage]]
    finished: FinishedPages
    heads: dict[int, tuple[RunningHead, ...]]
    """The running heads of each page."""

    def keep(self, letter: Needs) -> None:
        """Keep the pages for other letters."""
        self.tree.pages.keep(self.finished.placed, self.new, letter)
        self.finished.keep(self.document.pages, self.heads)
        self.new = []

    def text_boxes(self) -> Iterator[LayoutBox]:
        """Yield the text boxes on its pages."""
        for page in self.document.pages:
            for box in page_box(page).descendants():
                if isinstance(box, boxes.TextBox) and box.style["font_size"]:
                    yield box


class BoxTree:
    """The boxes of one template branch; what stands in its marked elements can be replaced."""

    def __init__(self, html: Any, style: Any, font_config: Any, limits: Limits) -> None:
        """Build the boxes of a page of HTML."""
        self._html = html
        self._document, self._root, self._context = built(html, style, font_config, pdf_variant=VARIANT)
        self._named = [box for box in self._root.descendants() if box.string_set and box.element_tag == "body"]
        elements = [element for element in html.etree_element.iter() if "data-slot" in element.attrib]
        # Identities are safe as keys: the tree keeps its elements alive.
        marked = {id(element): int(element.get("data-slot")) for element in elements}
        self._paragraphs = find_templates(self._root, marked)
        self._notes = tuple(self._context.footnotes)
        self._texts = {number: tuple(template.texts()) for number, template in self._paragraphs.items()}
        referring = [box for box, use in self._context.target_collector.counter_lookup_items if use == "content"]
        # WeasyPrint parses content with target-counter() again when page numbers change, and replaces these children.
        holders = [_holder(box) for box in referring]
        self._references = [(holder, holder.children) for holder in holders]
        references = list(_references(self._root, flows=True))
        found = {id(box) for line in references for box in line.descendants()}
        inside = [*self._root.descendants(), *(box for note in self._notes for box in note.descendants())]
        # layout_document puts what is fixed on all pages, those that are known included, where it would stand twice.
        is_fixed = any(box.style["position"] == "fixed" for box in inside)
        # A page number in any other place could change what stands on a page without anybody having compared it.
        can_be_kept = not is_fixed and all(id(box) in found for box in referring)
        self.pages = PageCache(self._root if can_be_kept else None, references, marked, limits)

    def body_attributes(self) -> dict[str, str]:
        """Return the attributes of the body."""
        return dict(self._html.etree_element.find("body").attrib)

    def shared_text(self) -> str:
        """Return the text that no letter replaces."""
        own = {id(place) for template in self._paragraphs.values() for place in template.places}
        texts = (box for box in boxes_with_notes(self._root) if isinstance(box, boxes.TextBox))
        return "".join(box.text for box in texts if id(box) not in own)

    def fill(self, texts: Mapping[int, Sequence[str]], attributes: Mapping[str, str]) -> None:
        """Put in the texts of a letter, by the numbers of the marked elements, and the attributes of its body.

        Raises UnfitError.
        """
        if not self._paragraphs.keys() >= texts.keys():
            raise UnfitError("a paragraph is not in the text where it was expected")
        for number, each in {**self._texts, **texts}.items():
            self._paragraphs[number].write(each)
        self._html.etree_element.find("body").attrib.update(attributes)
        for box in self._named:
            if not all(kind in ("string", "attr()") for _, content in box.style["string_set"] for kind, _ in content):
                raise UnfitError("a running head depends on more than attributes")
            set_content_lists(box.element, box, box.style, {}, self._context.target_collector, None)

    def lay_out(self, letter: Needs, names: HeadValues, *, only_proven: bool = False) -> LaidOutPart:
        """Lay out the text as HTML.render does, but for the pages that are known."""
        context = self._new_context()
        with self.pages.in_use(letter, only_proven=only_proven):
            finished = FinishedPages(self.pages.placed, names)
            with finished.in_use():
                laid_out = enumerate(layout_document(self._html, self._root, context), start=1)
                pages = [finished.page(number, box) for number, box in laid_out]
        placed, known = self.pages.placed, self.pages.known
        # Pages of an earlier loop of layout_document are kept, too, though nobody compared their lines.
        if not all(placed[number].is_proven for number in known):
            return self.lay_out(letter, names, only_proven=True)
        document = self._document.copy(pages)
        fragments = _fragments(document)
        found = ((number, template.on_pages(fragments)) for number, template in self._paragraphs.items())
        paragraphs = {number: template for number, template in found if template}
        heads = {number: finished.heads(number, page) for number, page in enumerate(pages, start=1)}
        return LaidOutPart(document, paragraphs, self, known, self.pages.new, finished, heads)

    def _new_context(self) -> Any:
        """Return a context for layout, and make boxes and lookups as they were before anything was laid out."""
        context = context_like(self._context)
        context.footnotes = list(self._notes)
        for box in self._root.descendants():
            # Where a block was broken over pages, the last layout took its margins and borders off at the break.
            box.remove_decoration_sides = set()
        targets = context.target_collector
        # Page numbers of the last letter would be taken for those of this one.
        for target in targets.target_lookup_items.values():
            target.page_maker_index, target.cached_page_counter_values = None, {}
        for lookup in targets.counter_lookup_items.values():
            lookup.page_maker_index, lookup.pending, lookup.cached_page_counter_values = None, False, {}
        for box, children in self._references:
            box.children = children
        return context


def _holder(box: LayoutBox) -> Any:
    """Return the box whose children change with the numbers of pages in it."""
    return box.children[0] if len(box.children) == 1 and isinstance(box.children[0], boxes.LineBox) else box


def _references(box: LayoutBox, *, flows: bool) -> Iterator[Any]:
    """Yield the lines that name other pages and on whose texts nothing depends but their own paragraph."""
    if isinstance(box, boxes.LineBox):
        if flows and any(each.missing_link for each in box.descendants()):
            yield box
    elif isinstance(box, boxes.ParentBox):
        flows = flows and type(box) is boxes.BlockBox and box.is_in_normal_flow()
        for child in box.children:
            yield from _references(child, flows=flows)


def _fragments(document: Any) -> dict[int, list[Any]]:
    """Return the blocks of lines by the identity of their element; one that breaks over pages has several."""
    found: dict[int, list[Any]] = {}
    for page in document.pages:
        for box in _blocks_of_lines(page_box(page)):
            if box.element is not None and box.element_tag == box.element.tag:
                found.setdefault(id(box.element), []).append(box)
    return found


def _blocks_of_lines(box: LayoutBox) -> Iterator[Any]:
    if isinstance(box, boxes.BlockContainerBox) and box.children and isinstance(box.children[-1], boxes.LineBox):
        yield box
    elif isinstance(box, boxes.ParentBox):
        for child in box.children:
            yield from _blocks_of_lines(child)


@dataclass(frozen=True, slots=True)
class MarkedElement:
    """A marked element of one letter."""

    number: int
    key: Key | str
    """What the pages depend on: the shape of its lines, or all of its content where it is not set apart from them."""
    paragraphs: tuple[SetParagraph, ...] = ()
    """The paragraph and its notes, set; none where it is not set apart."""
    texts: tuple[str, ...] = ()
    """The texts in its lines, where it is set apart."""


@dataclass(slots=True)
class LetterPart:
    """One part of one letter: the letter itself or an enclosure."""

    number: int
    """Which part: 0 for the letter itself."""
    filled: FilledTemplate
    notes: Values
    branch: str = ""
    """The hash of the part's number and of the text that it shares with others."""
    elements: list[MarkedElement] = field(default_factory=list)
    laid_out: LaidOutPart | None = None

    def find_branch(self) -> str:
        """Return the hash of the part's number and of its shared text, the same in every process."""
        return hashlib.sha256(repr((self.number, self.filled.branch)).encode()).hexdigest()

    def key(self) -> Key:
        """Return what its pages depend on."""
        return (self.branch, *(element.key for element in self.elements))

    def tree_key(self) -> Key:
        """Return what its boxes depend on before texts are put in."""
        # The first item of the key of an element that is set apart is its markup; its texts are put in.
        return (self.branch, *(each.key[0] if each.paragraphs else each.key for each in self.elements))

    def texts(self) -> dict[int, tuple[str, ...]]:
        """Return the texts of the elements that are set apart, by their numbers."""
        return {element.number: element.texts for element in self.elements if element.paragraphs}

    def needs(self) -> dict[int, tuple[object, object]]:
        """Return what its pages depend on, by the numbers of the elements: their shapes, and their texts."""
        return {element.number: (element.key, element.texts) for element in self.elements}

    def contents(self) -> list[tuple[int, str]]:
        """Return the contents of the marked elements but the title, which is on no page."""
        return [(number, content) for number, content in enumerate(self.filled.contents) if self._is_on_page(number)]

    def _is_on_page(self, number: int) -> bool:
        return self.filled.contents[number][:1] == ">" and not self.filled.branch[number].endswith("<title")

    def title(self) -> str | None:
        """Return the title of the document; None where it is the same for all letters."""
        for number, content in enumerate(self.filled.contents):
            if self.filled.branch[number].endswith("<title"):
                return _plain_text(content[1:])
        return None

    def attributes(self) -> dict[int, str]:
        """Return the marked attributes by their numbers."""
        contents = enumerate(self.filled.contents)
        return {number: _plain_text(content) for number, content in contents if content[:1] != ">"}

    def own_paragraphs(self) -> list[ParagraphTemplate]:
        """Return the templates of the elements that are set apart, with their lines on the part's own pages."""
        assert self.laid_out is not None
        found = self.laid_out.paragraphs
        numbers = [element.number for element in self.elements if element.paragraphs]
        if not all(number in found for number in numbers):
            raise UnfitError("a paragraph is not on the page where it was expected")
        return [template for number in numbers for template in found[number].with_notes()]


def paragraphs_of(parts: Iterable[LetterPart]) -> Iterator[SetParagraph]:
    """Yield the set paragraphs of a letter in the order of the text."""
    return (paragraph for part in parts for element in part.elements for paragraph in element.paragraphs)


def _plain_text(content: str) -> str:
    if is_odd(text := unescape(content)):
        raise UnfitError("a title or a running head has line breaks or double spaces")
    return text


def refuse_shown(text: str, parts: Sequence[LetterPart]) -> None:
    """Raise UnfitError where a value stands in text that letters share: it might be there because of one letter."""
    if any(_is_shown(text, part) for part in parts):
        raise UnfitError("a running head's value also stands in text that all letters share")


def _is_shown(text: str, part: LetterPart) -> bool:
    """Return whether a marked attribute of a part stands in a folded text."""
    return any(value.strip() and folded(value) in text for value in part.attributes().values())


def folded(text: str) -> str:
    """Return a text without spaces, its letters as if no style sheet had made them capitals, or wide ones."""
    # NFKC turns ligatures and full-width letters (text-transform: full-width) into plain ones.
    return "".join(normalize("NFKC", text).casefold().split())


class LayoutCache:
    """Lays out the parts of letters, and keeps what others can use of it: box trees, their pages, whole enclosures."""

    def __init__(self, plain: PdfRenderer, limits: Limits, shape_of: Callable[[Key, str], object]) -> None:
        """Prepare; `shape_of` returns the shape of a running head, by its look and its text."""
        self._plain = plain
        self._limits = limits
        self._shape_of = shape_of
        self._trees: dict[Key, BoxTree] = {}
        self._parts: dict[Key, LetterPart] = {}
        self.count = 0
        """How many times a part was laid out."""

    def lay_out(self, part: LetterPart) -> LaidOutPart:
        """Lay out a part, but for pages that are known, once."""
        if part.laid_out is None:
            tree = self._trees.get(part.tree_key())
            if tree is None:
                page = self._plain.read(part.filled.html())
                tree = BoxTree(page, self._plain.style, self._plain.fonts, self._limits)
            else:
                tree.fill(part.texts(), self._body_attributes(part))
            names = HeadValues(part.number, part.attributes(), self._shape_of)
            part.laid_out = tree.lay_out(part.needs(), names)
            self.count += 1
            # As the plain way does: a note that is on no page stops the letter.
            check_notes(part.laid_out.document, part.notes)
        return part.laid_out

    def _body_attributes(self, part: LetterPart) -> Mapping[str, str]:
        """Return the attributes of the body of a part, as HTML parses them; none where all letters have the same."""
        if not part.attributes():
            return {}
        return dict(self._plain.read(part.filled.opening()).etree_element.find("body").attrib)

    def same_layout(self, part: LetterPart) -> LetterPart:
        """Return this part, laid out, or one with the same pages: many letters have the same enclosures."""
        key = part.key()
        if part.laid_out is None and key in self._parts:
            return self._parts[key]
        self.lay_out(part)
        _make_room(self._parts, self._limits.parts)
        self._parts[key] = part
        return part

    def forget(self) -> None:
        """Forget all box trees and parts."""
        self._trees.clear()
        self._parts.clear()

    def keep(self, part: LetterPart) -> None:
        """Keep the box tree and the pages of a part whose lines were compared with those set apart from them."""
        assert part.laid_out is not None
        tree, key = part.laid_out.tree, part.tree_key()
        if key not in self._trees and self._is_free_of(tree, part):
            _make_room(self._trees, self._limits.box_trees)
            self._trees[key] = tree
        if self._trees.get(key) is tree:
            self._trees[key] = self._trees.pop(key)  # now the one that was used last
            part.laid_out.keep(part.needs())

    def _is_free_of(self, tree: BoxTree, part: LetterPart) -> bool:
        """Return whether all that a tree has of its first letter is replaced when it is filled for another."""
        # Attributes that only the first letter has would stay in the tree.
        are_replaced = self._body_attributes(part).items() <= tree.body_attributes().items()
        return are_replaced and not _is_shown(folded(tree.shared_text()), part)


def _make_room(kept: dict[Key, Any], most: int) -> None:
    while len(kept) >= most:
        del kept[next(iter(kept))]
