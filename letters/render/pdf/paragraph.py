"""Paragraphs: templates, which are boxes before layout into which texts are put, and what becomes of them once set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from letters.render.pdf.fonts import GlyphTexts
from letters.render.pdf.weasyprint_internals import LayoutBox, boxes, create_anonymous_boxes

_INLINE = (boxes.LineBox, boxes.InlineBox, boxes.InlineBlockBox, boxes.TextBox)

Place = tuple[int, ...]
"""Where something is among the boxes of a paragraph: the numbers of the boxes, then of bytes in a text."""


class TextRun(NamedTuple):
    """A piece of a line in one style: where its baseline begins, how it is drawn, with which glyphs, how wide it is."""

    x: float
    y: float
    """Below the top of the line."""
    operators: bytes
    """The operators between the text matrix and the end of the text object (ISO 32000-2, 9.4)."""
    glyphs: GlyphTexts
    width: float


class SetLine(NamedTuple):
    """One line, set."""

    shape: object
    """Its height, how its boxes are nested, and which of them call notes."""
    runs: tuple[TextRun, ...]
    glyphs: GlyphTexts

    @classmethod
    def of(cls, shape: object, runs: tuple[TextRun, ...]) -> SetLine:
        """Return the line of these runs; the first that shows a glyph has its text."""
        glyphs: GlyphTexts = runs[0].glyphs if runs else {}
        for run in runs[1:]:
            glyphs = {**glyphs, **{font: {**texts, **glyphs.get(font, {})} for font, texts in run.glyphs.items()}}
        return cls(shape, runs, glyphs)


@dataclass(frozen=True, slots=True)
class SetParagraph:
    """A paragraph or note, set."""

    shape: tuple[object, ...]
    """All that the page depends on: the shape of each line."""
    runs: tuple[TextRun, ...]
    glyphs: tuple[GlyphTexts, ...]
    """Those of each line."""


@dataclass(slots=True, eq=False)
class ParagraphTemplate:
    """The boxes of a paragraph before layout, into which other texts can be put; its notes are templates, too."""

    line: LayoutBox
    """A line box with all of the paragraph, as WeasyPrint has it before it breaks lines."""
    element: Any
    places: list[LayoutBox] = field(default_factory=list)
    """The text boxes of the box tree that it was copied from, those of the notes where they are called."""
    notes: list[ParagraphTemplate] = field(default_factory=list)
    container: Any = None
    """The block that its lines are set in, laid out; None until the page is."""
    lines: list[Any] = field(default_factory=list)
    """Its lines on the pages."""

    def texts(self) -> Iterator[str]:
        """Yield the texts that stand in it, those of the notes where they are called."""
        notes = iter(self.notes)
        for box in _in_order(self.line):
            if box.footnote is not None:
                yield from next(notes).texts()
            elif _is_own_text(box):
                yield box.text

    def write(self, texts: Iterable[str]) -> None:
        """Put other texts into the box tree, before it is laid out again."""
        for place, text in zip(self.places, texts, strict=True):
            place.text = text

    def with_notes(self) -> list[ParagraphTemplate]:
        """Return this template and those of its notes."""
        return [self, *(template for note in self.notes for template in note.with_notes())]

    def fill(self, texts: Iterator[str]) -> list[Any]:
        """Return copies of its line with other texts, and of the lines of its notes."""
        more: list[Any] = []
        notes = iter(self.notes)

        def fill(box: LayoutBox) -> Any:
            if isinstance(box, boxes.TextBox):
                return box.copy_with_text(next(texts)) if _is_own_text(box) else box.copy()
            new = box.copy()
            new.children = [fill(child) for child in box.children]
            if box.footnote is not None:
                more.extend(next(notes).fill(texts))
            return new

        return [fill(self.line), *more]

    def on_pages(self, fragments: Mapping[int, list[Any]]) -> ParagraphTemplate | None:
        """Return a copy that has its lines on the pages, and their measure; None where its lines have none or two.

        `fragments` are the blocks of lines on the pages, by the identity of their element.
        """
        found = fragments.get(id(self.element), [])
        notes = [note for each in self.notes if (note := each.on_pages(fragments))]
        if len(notes) < len(self.notes) or len({(box.content_box_x(), box.width) for box in found}) != 1:
            return None
        lines = [line for box in found for line in box.children]
        return ParagraphTemplate(self.line, self.element, self.places, notes, found[0].copy(), lines)


def text_boxes(line: LayoutBox) -> Iterator[Any]:
    """Yield the text boxes in a line that was laid out."""
    return (box for box, _ in with_parents(line))


def with_parents(box: LayoutBox, parents: tuple[Any, ...] = ()) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Yield the text boxes in a line that was laid out, each with the boxes around it."""
    for child in box.children:
        if isinstance(child, boxes.TextBox):
            yield child, parents
        else:
            yield from with_parents(child, (*parents, child))


def _in_order(box: LayoutBox) -> Iterator[Any]:
    yield box
    if box.footnote is None:
        for child in box.children:
            yield from _in_order(child)


def _places(line: LayoutBox) -> Iterator[Any]:
    for box in _in_order(line):
        if box.footnote is not None:
            yield from _places(box.footnote)
        elif _is_own_text(box):
            yield box


def _is_own_text(box: LayoutBox) -> bool:
    """Return whether a box is text of the letter, and not text that the style sheet makes, such as a note's number."""
    return isinstance(box, boxes.TextBox) and "::" not in (box.element_tag or "")


def find_templates(root: LayoutBox, marked: Mapping[int, int]) -> dict[int, ParagraphTemplate]:
    """Return templates of the marked elements of a box tree whose lines can be set outside their page, by number.

    `marked` has the numbers of all marked elements, by the identities of these.
    """
    templates: dict[int, ParagraphTemplate] = {}
    for number, box in _marked(root, marked, flows=True):
        template = _template(box)
        if template and all(_is_only_text(line) for each in template.with_notes() for line in _in_order(each.line)):
            template.places = list(_places(box.children[0]))
            # The template is a copy: texts and places must be the same ones, in the same order.
            if [place.text for place in template.places] == list(template.texts()):
                templates[number] = template
    return templates


def _marked(box: Any, marked: Mapping[int, int], *, flows: bool) -> Iterator[tuple[int, Any]]:
    """Yield the marked blocks on whose text nothing depends but their own lines."""
    # Inside a line nothing is set apart: an inline block would be measured by its text.
    if isinstance(box, boxes.LineBox) or not isinstance(box, boxes.ParentBox):
        return
    # Exactly BlockBox: cells, flexible boxes and grids are measured by their content.
    flows = flows and type(box) is boxes.BlockBox and box.is_in_normal_flow() and _is_simple(box)
    if flows and id(box.element) in marked and box.element_tag == box.element.tag:
        yield marked[id(box.element)], box
    for child in box.children:
        yield from _marked(child, marked, flows=flows)


def _is_simple(box: LayoutBox) -> bool:
    """Return whether the text of a block is not cut, hidden, set in columns, or shown elsewhere, too."""
    style = box.style
    named = () if style["string_set"] == "none" else style["string_set"]
    return bool(
        style["column_count"] == style["column_width"] == "auto"
        and style["max_lines"] == "none"
        and style["visibility"] == "visible"
        and style["overflow"] == "visible"
        and style["bookmark_level"] == "none"
        and all(kind in ("string", "attr()") for _, content in named for kind, _ in content)
    )


def _template(box: LayoutBox) -> ParagraphTemplate | None:
    if len(box.children) != 1 or not isinstance(box.children[0], boxes.LineBox):
        return None
    # These styles apply on the page only, where the line is the first of its block.
    if box.first_letter_style is not None or box.first_line_style is not None:
        return None
    template = ParagraphTemplate(box.children[0].deepcopy(), box.element)
    for child in _in_order(template.line):
        if child.footnote is not None:
            # In the box tree a note is as it was parsed; layout_footnote makes blocks and lines of it in this way.
            note = _template(create_anonymous_boxes(child.footnote.deepcopy()))
            # Notes in notes are left to WeasyPrint.
            if note is None or note.notes:
                return None
            template.notes.append(note)
    return template


def _is_only_text(box: Any) -> bool:
    """Return whether nothing but its text is drawn of an inline box, and nothing links to it or away from it."""
    style = box.style
    return bool(
        isinstance(box, _INLINE)
        and box.is_in_normal_flow()
        and style["position"] == "static"
        and style["visibility"] == "visible"
        and style["opacity"] == 1
        and not style["transform"]
        and style["text_decoration_line"] == "none"
        and style["text_transform"] == "none"
        # "currentcolor" is a text, which has no alpha.
        and getattr(style["background_color"], "alpha", 1) == 0
        and all(image[0] == "none" for image in style["background_image"])
        and not any(style[f"border_{side}_width"] for side in ("top", "right", "bottom", "left"))
        and not style["outline_width"]
        and not (box.link or style["anchor"] or box.string_set or box.is_leader)
        and not (style["bookmark_level"] != "none" and box.bookmark_label)
        and (isinstance(box, boxes.TextBox) or "::" in box.element_tag or _has_no_edge_styles(box))
    )


def _has_no_edge_styles(box: Any) -> bool:
    return getattr(box, "first_letter_style", None) is None and getattr(box, "first_line_style", None) is None
