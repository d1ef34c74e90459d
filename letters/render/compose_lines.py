"""Sets single paragraphs and notes with WeasyPrint's own line breaker, outside any page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any

from weasyprint.draw.color import get_color
from weasyprint.formatting_structure import boxes, build
from weasyprint.layout.inline import get_next_linebox
from weasyprint.layout.percent import resolve_one_percentage, resolve_percentages

from letters.render.compose_memory import Glyphs, Memory
from letters.render.compose_template import Inline

_KEPT_LINES = 100_000
"""Lines that are kept in memory, about 1 kB each."""
_FULL = 0.85
"""How much of its measure a line of ordinary words fills at least."""
_ORDINARY = re.compile(r"[ -~\u00a0-\u00ac\u00ae-\u017f‘’“”–—…•·]*")
"""Text whose letters change neither shape nor direction by what follows further on."""
_TWO_WORDS = re.compile(r" ?[^ ]+ [^ ]+ ")
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
    glyphs: tuple[Glyphs, ...]
    """Those of each line; where its runs disagree about the text of a glyph, the first counts."""


@dataclass(slots=True, eq=False)
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


@dataclass(frozen=True, slots=True)
class Line:
    """One line, set."""

    shape: object
    """Its height, how it is built, and which of its boxes call notes."""
    runs: tuple[Run, ...]
    glyphs: Glyphs


class Typesetter:
    """Sets paragraphs with the context of a page that WeasyPrint has laid out.

    Lines are set once: what follows a break depends on the text after it only, and a line of ordinary text on no more
    than the two words that follow it.
    """

    def __init__(self, context: Any, memory: Memory) -> None:
        self._context = context
        self._memory = memory
        self._tails: dict[object, tuple[Line, ...]] = {}
        self._lines: dict[object, dict[int, dict[str, tuple[Line, int]]]] = {}
        context.footnotes = []
        context.create_block_formatting_context(self)

    def set_inline(self, mould: Mould, inline: Inline) -> list[Block]:
        """Set a paragraph and its notes."""
        lines = mould.fill(iter(inline.texts))
        return [self._set(each, line) for line, each in zip(lines, mould.family(), strict=True)]

    def _set(self, mould: Mould, box: Any) -> Block:
        """Break a line that is too long, and draw its parts."""
        resolve_percentages(box, mould.container)
        texts = list(_with_paths(box, ()))
        done: list[tuple[object, Line]] = []
        place: tuple[int, ...] | None = ()
        tail: tuple[Line, ...] = ()
        while place is not None:
            inside = any(path == place[:-1] for path, _ in texts)
            rest = (mould, (*place[:-1], -1) if place and inside else place, *_rest(texts, place))
            if rest in self._tails:
                tail = self._tails[rest]
                break
            line, place = self._next_line(mould, box, texts, place)
            if line is None:
                break
            done.append((rest, line))
        self._keep(done, tail)
        lines = (*(line for _, line in done), *tail)
        runs = tuple(run for line in lines for run in line.runs)
        return Block(tuple(line.shape for line in lines), runs, tuple(line.glyphs for line in lines))

    def _keep(self, done: Sequence[tuple[object, Line]], tail: tuple[Line, ...]) -> None:
        if len(self._tails) > _KEPT_LINES:
            self._tails.clear()
            self._lines.clear()
        for rest, line in reversed(done):
            tail = (line, *tail)
            self._tails[rest] = tail

    def _next_line(
        self, mould: Mould, box: Any, texts: Sequence[_Text], place: tuple[int, ...]
    ) -> tuple[Line | None, tuple[int, ...] | None]:
        """Set the line that begins at a place; return it, and where the next one begins."""
        text = _text_at(texts, place)
        known = self._lines.setdefault((mould, place[:-1], not place), {})
        for length, lines in known.items():
            if found := lines.get(text[:length]):
                return found[0], (*place[:-1], place[-1] + found[1]) if place else (0, found[1])
        resolve_one_percentage(box, "text_indent", mould.container.width)
        if place:
            box.text_indent = 0
        stack = _stack(place)
        piece, after = get_next_linebox(self._context, box, 0, -inf, stack, mould.container, [], [], None, None)
        if piece is None:
            return None, None
        runs = tuple(self._draw(each, piece.position_y) for each in text_boxes(piece))
        line = Line((piece.height, _build_of(piece)), runs, first_texts(run.glyphs for run in runs))
        begin = place or (0, 0)
        next_place = _place(after)
        if next_place is not None and next_place[:-1] == begin[:-1] and text and _is_full(piece, mould.container):
            self._keep_line(known, text, line, next_place[-1] - begin[-1])
        return line, next_place

    def _draw(self, box: Any, top: float) -> Run:
        body, glyphs = self._memory.draw(box)
        return Run(box.position_x, box.position_y + box.baseline - top, body, glyphs)

    def _keep_line(self, known: dict[int, dict[str, tuple[Line, int]]], text: str, line: Line, size: int) -> None:
        """Keep a line that depends on nothing but its own text and the two words after it."""
        start = len(text.encode()[:size].decode())
        if ahead := _TWO_WORDS.match(text, start):
            sure = text[: ahead.end()]
            if _ORDINARY.fullmatch(sure):
                known.setdefault(len(sure), {})[sure] = (line, size)


def _is_full(line: Any, container: Any) -> bool:
    """Tell a line of words that ends because the next word has no room; others end for reasons that lie further on.

    If the rest of a paragraph has room but for the space at its end, WeasyPrint 70 sets its first word alone.
    """
    first = line.children[0] if len(line.children) == 1 else None
    words = isinstance(first, boxes.TextBox) and " " in first.text.strip()
    return words and line.width > _FULL * container.width


_Text = tuple[tuple[int, ...], str]
"""Where a text is among the boxes, and the text."""


def _with_paths(box: Any, path: tuple[int, ...]) -> Iterator[_Text]:
    if isinstance(box, boxes.TextBox):
        yield path, box.text
    for number, child in enumerate(box.children):
        yield from _with_paths(child, (*path, number))


def _rest(texts: Sequence[_Text], place: tuple[int, ...]) -> tuple[str, ...]:
    """List the texts from a place on."""
    return tuple(
        _from(text, place[len(path) :]) if path == place[: len(path)] else text
        for path, text in texts
        if path >= place[: len(path)]
    )


def _from(text: str, place: tuple[int, ...]) -> str:
    return text.encode()[place[0] :].decode() if place and place[0] else text


def _text_at(texts: Sequence[_Text], place: tuple[int, ...]) -> str:
    """Return the text from a place within one text on; "" for a place between boxes."""
    where = place or (0, 0)
    return next((_from(text, where[-1:]) for path, text in texts if path == where[:-1]), "")


def _stack(place: tuple[int, ...]) -> dict[int, Any] | None:
    """Write a place as WeasyPrint does."""
    stack: dict[int, Any] | None = None
    for number in reversed(place):
        stack = {number: stack}
    return stack


def _place(stack: dict[int, Any] | None) -> tuple[int, ...] | None:
    if stack is None:
        return None
    ((number, inside),) = stack.items()
    return (number, *(_place(inside) or ()))


def _build_of(box: Any) -> object:
    if isinstance(box, boxes.TextBox):
        return "text"
    inside = tuple(_build_of(child) for child in box.children)
    return (type(box).__name__, box.element_tag, box.footnote is not None, inside)


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
