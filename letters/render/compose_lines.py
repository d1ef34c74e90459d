"""Sets single paragraphs and notes with WeasyPrint's own line breaker, outside any page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import inf
from typing import Any

from weasyprint.draw.color import get_color
from weasyprint.draw.text import draw_first_line
from weasyprint.formatting_structure import boxes, build
from weasyprint.layout.inline import iter_line_boxes
from weasyprint.matrix import Matrix
from weasyprint.pdf.fonts import Font
from weasyprint.pdf.stream import Stream
from weasyprint.text.fonts import get_pango_font_key

from letters.render.compose_template import Inline

Glyphs = dict[str, dict[int, str]]
"""The text that each glyph stands for, by font."""
_INLINE = (boxes.LineBox, boxes.InlineBox, boxes.InlineBlockBox, boxes.TextBox)


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a line in one style: where its baseline begins, how it is drawn, and with which glyphs."""

    x: float
    y: float
    """Below the top of the line."""
    body: bytes
    """The operators between the text matrix and the end of the text object."""
    glyphs: Glyphs


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or note, set."""

    shape: tuple[object, ...]
    """Whatever the page depends on: for each line its height, how it is built, and which notes it calls."""
    runs: tuple[Run, ...]
    glyphs: Glyphs
    """Those of all runs; where they disagree about the text of a glyph, the first run counts."""


class Faces:
    """The fonts that were met, by WeasyPrint's key and by their name in a PDF."""

    def __init__(self) -> None:
        self._by_key: dict[int, Any] = {}
        self.by_name: dict[str, Any] = {}

    def recorder(self, pango_font: Any, glyphs: Glyphs) -> tuple[Any, float]:
        """Return a font that notes down its glyphs in `glyphs`, and its size; widths are shared."""
        key, description, size = get_pango_font_key(pango_font)
        if key not in self._by_key:
            font = Font(pango_font, description, size)
            self._by_key[key] = self.by_name.setdefault(font.hash, font)
        known = self._by_key[key]
        font = _Recorder()
        font.__dict__.update(known.__dict__)
        font.to_unicode = glyphs.setdefault(known.hash, {})
        return font, size


class _Recorder(Font):  # type: ignore[misc]
    def __init__(self) -> None:
        """Start empty; all is copied from a font."""


class Pen(Stream):  # type: ignore[misc]
    """Draws runs of text one by one."""

    def __init__(self, faces: Faces) -> None:
        super().__init__({}, None, {}, {}, None, {}, None)
        self.faces = faces
        self.glyphs: Glyphs = {}

    def add_font(self, pango_font: Any) -> tuple[Any, float]:
        """Hand out a font that notes down its glyphs."""
        return self.faces.recorder(pango_font, self.glyphs)

    def draw(self, box: Any, top: float) -> Run:
        """Draw a box of text that lies in a line with the given top."""
        self.stream: list[bytes] = []
        self.glyphs, self._current_font = {}, None
        x, y = box.position_x, box.position_y + box.baseline
        box.pango_layout.reactivate(box.style)
        draw_first_line(self, box, "clip", "none", Matrix(d=-1, e=x, f=y))
        box.pango_layout.deactivate()
        return Run(x, y - top, b"\n".join(self.stream[1:]), self.glyphs)


@dataclass(slots=True)
class Mould:
    """The boxes of a paragraph before layout, into which other texts can be put; its notes have moulds of their own."""

    line: Any
    element: Any
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


def _is_free(box: Any) -> bool:
    """Tell text of the letter from text that the style sheet makes."""
    return isinstance(box, boxes.TextBox) and "::" not in (box.element_tag or "")


def find_moulds(root: Any) -> dict[int, Mould]:
    """Find the marked elements of a page before layout whose lines can be set apart from it."""
    moulds: dict[int, Mould] = {}
    for number, box in _marked(root, flows=True):
        mould = _mould(box)
        if mould and all(_is_plain(line) for each in mould.family() for line in _in_order(each.line)):
            moulds[number] = mould
    return moulds


def _marked(box: Any, *, flows: bool) -> Iterator[tuple[int, Any]]:
    """List the marked blocks on whose text nothing depends but their own lines."""
    if isinstance(box, boxes.LineBox) or not isinstance(box, boxes.ParentBox):
        return
    flows = flows and type(box) is boxes.BlockBox and box.is_in_normal_flow() and _is_simple(box)
    number = None if box.element is None else box.element.get("data-slot")
    if flows and number is not None and box.element_tag == box.element.tag:
        yield int(number), box
    for child in box.children:
        yield from _marked(child, flows=flows)


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


class Typesetter:
    """Sets paragraphs with the context of a page that WeasyPrint has laid out."""

    def __init__(self, context: Any, faces: Faces) -> None:
        self._context = context
        self._pen = Pen(faces)
        context.footnotes = []
        context.create_block_formatting_context(self)

    def set_inline(self, mould: Mould, inline: Inline) -> list[Block]:
        """Set a paragraph and its notes."""
        lines = mould.fill(iter(inline.texts))
        return [self.set_line(line, each.container) for line, each in zip(lines, mould.family(), strict=True)]

    def set_line(self, line: Any, container: Any) -> Block:
        """Break a line that is too long and draw its parts."""
        pieces = iter_line_boxes(self._context, line, 0, -inf, None, container, [], [], None, None)
        laid = [piece for piece, _ in pieces]
        runs = tuple(self._pen.draw(box, piece.position_y) for piece in laid for box in text_boxes(piece))
        calls = iter(range(10**6))
        shape = tuple((piece.height, _build_of(piece, calls)) for piece in laid)
        return Block(shape, runs, first_texts(run.glyphs for run in runs))


def _build_of(box: Any, calls: Iterator[int]) -> object:
    if isinstance(box, boxes.TextBox):
        return "text"
    inside = tuple(_build_of(child, calls) for child in box.children)
    return (type(box).__name__, box.element_tag, -1 if box.footnote is None else next(calls), inside)


def text_boxes(line: Any) -> Iterator[Any]:
    """List the boxes of text in a line that was laid out."""
    for child in line.children:
        if isinstance(child, boxes.TextBox):
            yield child
        else:
            yield from text_boxes(child)


def first_texts(records: Iterable[Glyphs]) -> Glyphs:
    """Join records of glyphs; the first to name a glyph tells its text."""
    joined: Glyphs = {}
    for record in records:
        for font, glyphs in record.items():
            known = joined.setdefault(font, {})
            for glyph, text in glyphs.items():
                known.setdefault(glyph, text)
    return joined
