"""Finds the paragraphs of a page whose lines can be set apart from it, and keeps their boxes as moulds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from weasyprint.draw.color import get_color
from weasyprint.formatting_structure import boxes, build

_INLINE = (boxes.LineBox, boxes.InlineBox, boxes.InlineBlockBox, boxes.TextBox)


@dataclass(slots=True, eq=False)
class Mould:
    """The boxes of a paragraph before layout, into which other texts can be put; its notes have moulds of their own."""

    line: Any
    element: Any
    places: list[Any] = field(default_factory=list)
    """The boxes of the page, before layout, in which its texts stand, those of the notes where they are called."""
    notes: list[Mould] = field(default_factory=list)
    container: Any = None
    """The block that its lines are set in, laid out; None until the page is."""
    lines: list[Any] = field(default_factory=list)
    """Its lines on the pages."""

    def texts(self) -> Iterator[str]:
        """List the texts that stand in it, those of the notes where they are called."""
        notes = iter(self.notes)
        for box in _in_order(self.line):
            if box.footnote is not None:
                yield from next(notes).texts()
            elif _is_free(box):
                yield box.text

    def write(self, texts: Iterable[str]) -> None:
        """Put other texts in the page itself, before it is laid out again."""
        for place, text in zip(self.places, texts, strict=True):
            place.text = text

    def family(self) -> list[Mould]:
        """List this mould and those of its notes."""
        return [self, *(mould for note in self.notes for mould in note.family())]

    def fill(self, texts: Iterator[str]) -> list[Any]:
        """Put in other texts: the line, and those of the notes."""
        more: list[Any] = []
        notes = iter(self.notes)

        def fill(box: Any) -> Any:
            if isinstance(box, boxes.TextBox):
                return box.copy_with_text(next(texts)) if _is_free(box) else box.copy()
            new = box.copy()
            new.children = [fill(child) for child in box.children]
            if box.footnote is not None:
                more.extend(next(notes).fill(texts))
            return new

        return [fill(self.line), *more]


def _in_order(box: Any) -> Iterator[Any]:
    yield box
    if box.footnote is None:
        for child in box.children:
            yield from _in_order(child)


def _places(line: Any) -> Iterator[Any]:
    for box in _in_order(line):
        if box.footnote is not None:
            yield from _places(box.footnote)
        elif _is_free(box):
            yield box


def _is_free(box: Any) -> bool:
    """Tell text of the letter from text that the style sheet makes."""
    return isinstance(box, boxes.TextBox) and "::" not in (box.element_tag or "")


def find_moulds(root: Any, slots: Mapping[int, int]) -> dict[int, Mould]:
    """Find the marked elements of a page before layout whose lines can be set apart from it.

    `slots` are the numbers of all marked elements, by the identities of these.
    """
    moulds: dict[int, Mould] = {}
    for number, box in _marked(root, slots, flows=True):
        mould = _mould(box)
        if mould and all(_is_plain(line) for each in mould.family() for line in _in_order(each.line)):
            mould.places = list(_places(box.children[0]))
            if [place.text for place in mould.places] == list(mould.texts()):
                moulds[number] = mould
    return moulds


def _marked(box: Any, slots: Mapping[int, int], *, flows: bool) -> Iterator[tuple[int, Any]]:
    """List the marked blocks on whose text nothing depends but their own lines."""
    if isinstance(box, boxes.LineBox) or not isinstance(box, boxes.ParentBox):
        return
    flows = flows and type(box) is boxes.BlockBox and box.is_in_normal_flow() and _is_simple(box)
    if flows and id(box.element) in slots and box.element_tag == box.element.tag:
        yield slots[id(box.element)], box
    for child in box.children:
        yield from _marked(child, slots, flows=flows)


def _is_simple(box: Any) -> bool:
    """Tell whether the text of a block is not cut, hidden, set in columns, or shown elsewhere, too."""
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


def _mould(box: Any) -> Mould | None:
    if len(box.children) != 1 or not isinstance(box.children[0], boxes.LineBox):
        return None
    if box.first_letter_style is not None or box.first_line_style is not None:
        return None
    mould = Mould(box.children[0].deepcopy(), box.element)
    for child in _in_order(mould.line):
        if child.footnote is not None:
            note = _mould(build.create_anonymous_boxes(child.footnote.deepcopy()))
            if note is None or note.notes:
                return None
            mould.notes.append(note)
    return mould


def _is_plain(box: Any) -> bool:
    """Tell whether nothing but its text is drawn of an inline box, and nothing leads to it or away from it."""
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
        and get_color(style, "background_color").alpha == 0
        and all(image[0] == "none" for image in style["background_image"])
        and not any(style[f"border_{side}_width"] for side in ("top", "right", "bottom", "left"))
        and not style["outline_width"]
        and not (box.link or style["anchor"] or box.string_set or box.is_leader)
        and not (style["bookmark_level"] != "none" and box.bookmark_label)
        and (isinstance(box, boxes.TextBox) or "::" in box.element_tag or _has_no_edge_styles(box))
    )


def _has_no_edge_styles(box: Any) -> bool:
    return getattr(box, "first_letter_style", None) is None and getattr(box, "first_line_style", None) is None
