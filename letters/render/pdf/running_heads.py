"""Running heads and all else around the text of a page, which letters share where it shows the same.

What stands around a page (margin boxes and backgrounds) follows from the strings and the counters that it shows.
Where a running head shows a value of the letter, the finished page of another letter serves as well if its value has
as many lines, since running heads are gaps of the page template in any case. A finished page records how it is drawn,
and is drawn once for all page templates that it is part of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from letters.render.pdf.fonts import FontRegistry, GlyphTexts
from letters.render.pdf.line_cache import text_style
from letters.render.pdf.page_cache import CachedPage
from letters.render.pdf.paragraph import ParagraphTemplate, text_boxes
from letters.render.pdf.weasyprint_internals import (
    LayoutBox,
    LayoutState,
    Page,
    Stream,
    boxes,
    layout_backgrounds,
    make_margin_boxes,
    page_box,
    replaced,
    tags_of,
)

_REPEATABLE = frozenset(["string", "string()", "counter()", "counters()"])
"""The kinds of content that may stand in the margins of a page that is kept."""


@dataclass(frozen=True, slots=True)
class RunningHead:
    """A margin box that shows a marked attribute, such as the name of the recipient."""

    attribute: int
    """The number of the value among the marked contents."""
    template: ParagraphTemplate
    look: tuple[object, ...]
    """Its part, its attribute and its style: heads with the same value and the same look are set alike."""


@dataclass(frozen=True, slots=True)
class HeadValues:
    """The values that running heads of a letter may show."""

    part: int
    values: Mapping[int, str]
    """The marked attributes, by their numbers."""
    shape_of: Callable[[tuple[object, ...], str], object]
    """Returns how many lines a value has in heads of some look, and how high they are."""

    def shape(self, head: RunningHead) -> object:
        """Return the shape of a running head of this letter."""
        return self.shape_of(head.look, self.values[head.attribute])


def find_heads(part: int, page: Any, values: Mapping[int, str]) -> Iterator[RunningHead]:
    """Yield the margin boxes of a page whose only content is a string that was set from a marked attribute."""
    for box in _margins(page):
        content, lines = box.style["content"], box.children
        # With more than the string, or a width by its content, the box of another name is elsewhere.
        if len(content) != 1 or content[0][0] != "string()" or box.style["width"] == "auto":
            continue
        if not lines or not isinstance(lines[0], boxes.LineBox) or len(lines[0].children) != 1:
            continue
        text = " ".join(each.text for line in lines for each in text_boxes(line))
        for number, value in values.items():
            if value == text:
                line = lines[0].copy_with_children([lines[0].children[0].copy_with_text(text)])
                # Margin boxes have no element of the document.
                template = ParagraphTemplate(line, None, container=box.copy(), lines=list(lines))
                yield RunningHead(number, template, (part, number, *_measures(box)))


def _margins(page: Any) -> Iterator[Any]:
    """Yield the margin boxes of a page."""
    return (box for box in page_box(page).children if isinstance(box, boxes.MarginBox))


def _measures(margin: LayoutBox) -> tuple[object, ...]:
    more = (str(margin.style[name]) for name in ("text_align_all", "line_height"))
    return (margin.content_box_x(), margin.width, text_style(margin.style), *more)


@dataclass(frozen=True, slots=True)
class FinishedPage:
    """A page with its margins."""

    page: DrawnPage
    heads: tuple[RunningHead, ...]
    shapes: tuple[object, ...]
    """The shape of each."""


@dataclass(slots=True)
class FinishedPages:
    """The pages of one letter with their margins, some of them those of other letters."""

    placed: Mapping[int, CachedPage]
    """The pages without, by their numbers, where they can be kept."""
    names: HeadValues
    known: dict[int, FinishedPage] = field(default_factory=dict)
    """The pages of other letters that serve as well, by their numbers."""
    _keys: dict[int, tuple[object, frozenset[str]]] = field(default_factory=dict)
    """What the margins of each page depend on, with the strings that show a value of the letter."""
    _number: int = 0

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Make WeasyPrint lay out no margins and backgrounds that are known."""
        functions: dict[str, Callable[..., Any]] = {
            "make_margin_boxes": self._make_margins,
            "layout_backgrounds": self._lay_out_backgrounds,
        }
        with replaced(functions):
            yield

    def page(self, number: int, box: LayoutBox) -> DrawnPage:
        """Return a page that was laid out, or that of another letter."""
        return self.known[number].page if number in self.known else DrawnPage(box)

    def heads(self, number: int, page: DrawnPage) -> tuple[RunningHead, ...]:
        """Return the running heads of a page."""
        if number in self.known:
            return self.known[number].heads
        return tuple(find_heads(self.names.part, page, self.names.values))

    def keep(self, pages: Sequence[DrawnPage], heads: Mapping[int, tuple[RunningHead, ...]]) -> None:
        """Keep the pages of a letter whose lines were compared with those set apart from them."""
        for number, cached in self.placed.items():
            key, own = self._keys[number]
            page, found = pages[number - 1], heads[number]
            if number not in self.known and _shows_only_heads(page, found, own):
                cached.finished[key] = FinishedPage(page, found, tuple(map(self.names.shape, found)))

    def _make_margins(self, context: LayoutState, page: LayoutBox, state: Any) -> Any:
        """Return margin boxes as make_margin_boxes does; none for a page that is not used."""
        self._number = context.current_page
        # make_margin_boxes is called once for each page, in order, and layout_backgrounds right after it.
        self._keys[self._number] = key, _ = self._find_key(context, page, state)
        cached = self.placed.get(self._number)
        finished = cached.finished.get(key) if cached else None
        if finished and tuple(map(self.names.shape, finished.heads)) == finished.shapes:
            self.known[self._number] = finished
            return []
        return make_margin_boxes(context, page, state)

    def _lay_out_backgrounds(self, page: LayoutBox, get_image: Any) -> None:
        if self._number not in self.known:
            layout_backgrounds(page, get_image)

    def _find_key(self, context: LayoutState, page: Any, state: Any) -> tuple[object, frozenset[str]]:
        """Return what the margins of a page depend on, with the number of each value of the letter in its place."""
        # Two letters of different names have the same key if each shows its own name.
        numbers: dict[str, object] = {value: number for number, value in self.names.values.items()}
        shown: list[object] = []
        own = set()
        # string() shows the value of this page or of one before it (CSS GCPM 3, 1.3).
        for name, pages in context.string_set.items():
            for number, texts in sorted(pages.items()):
                if number <= context.current_page:
                    shown.append((name, number, tuple(numbers.get(text, text) for text in texts)))
                    if any(text in numbers for text in texts):
                        own.add(name)
        return (page.page_type, repr(state), tuple(shown)), frozenset(own)


def _shows_only_heads(page: DrawnPage, heads: Sequence[RunningHead], own: frozenset[str]) -> bool:
    """Return whether the margins of a page show nothing of its letter but in running heads that are gaps."""
    gaps = {id(line) for head in heads for line in head.template.lines}
    return all(
        (box.children and id(box.children[0]) in gaps) or _shows_none(box.style["content"], own)
        for box in _margins(page)
    )


def _shows_none(content: Any, own: frozenset[str]) -> bool:
    return all(kind in _REPEATABLE and not (kind == "string()" and value[0] in own) for kind, value in content)


class DrawnPage(Page):  # type: ignore[misc]
    """A page that records where each text box is drawn, and with which glyphs."""

    def __init__(self, box: LayoutBox) -> None:
        super().__init__(box)
        self.fonts: FontRegistry | None = None
        """To be set before it is drawn."""
        self.boxes: dict[int, Any] = {}
        """By the place among the operators where each begins."""
        self.records: list[tuple[int, GlyphTexts]] = []
        """The glyphs that are shown, in order: those of each text box with its identity, others with 0."""
        self._operators: list[Any] = []
        self._tags: dict[Any, Any] = {}
        self._resources: dict[tuple[Any, ...], None] = {}
        """What was asked of the file, as calls: its images and degrees of transparency."""
        self._start = -1
        """The place among the operators where it was drawn; -1 if that has to be done again."""

    def paint(self, stream: Any, scale: float = 1) -> None:
        """Draw the page, or repeat how it was drawn."""
        # generate_pdf makes the stream of each page itself; there is no way to hand it another class.
        stream.__class__ = _RecordingStream
        # generate_pdf may have put other operators before; what was drawn depends on the graphics state there.
        if self._start == len(stream.stream):
            self._repeat(stream)
            return
        stream.page, stream.glyphs, stream.resources, stream.is_repeatable = self, {}, {}, True
        self.boxes, self.records = {}, [(0, stream.glyphs)]
        start = len(stream.stream)
        super().paint(stream, scale)
        self._start = start if stream.is_repeatable else -1
        self._operators, self._tags, self._resources = stream.stream[start:], dict(tags_of(stream)), stream.resources

    def _repeat(self, stream: Any) -> None:
        for ask, *arguments in self._resources:
            ask(stream, *arguments)
        # Marked content is numbered from 0 on each page (MCID; ISO 32000-2, 14.7.5), so operators and tags fit.
        stream.stream[self._start :] = self._operators
        tags_of(stream).update(self._tags)


class _RecordingStream(Stream):  # type: ignore[misc]
    page: DrawnPage
    glyphs: GlyphTexts
    resources: dict[tuple[Any, ...], None]
    is_repeatable: bool
    """Whether what was drawn means the same in another file: it names no other objects of this one."""

    def add_font(self, pango_font: Any) -> tuple[Any, float]:
        assert self.page.fonts is not None
        return self.page.fonts.recorder(pango_font, self.glyphs)

    @contextmanager
    def marked(self, box: LayoutBox, tag: str) -> Iterator[None]:
        self.glyphs = {}
        self.page.records.append((id(box), self.glyphs))
        with super().marked(box, tag):
            self.page.boxes[len(self.stream)] = box
            yield
        self.glyphs = {}
        self.page.records.append((0, self.glyphs))

    def set_alpha(self, alpha: float, stroke: bool = False, fill: bool | None = None) -> None:
        # The names of graphics states follow from their values: the same call gives the same name in any file.
        self.resources[Stream.set_alpha, alpha, stroke, fill] = None
        super().set_alpha(alpha, stroke, fill)

    def add_image(self, image: Any, interpolate: Any, ratio: float) -> Any:
        self.resources[Stream.add_image, image, interpolate, ratio] = None
        return super().add_image(image, interpolate, ratio)

    def set_state(self, *arguments: Any) -> None:
        self.is_repeatable = False
        super().set_state(*arguments)

    def add_group(self, *arguments: Any) -> Any:
        self.is_repeatable = False
        return super().add_group(*arguments)

    def add_pattern(self, *arguments: Any) -> Any:
        self.is_repeatable = False
        return super().add_pattern(*arguments)

    def add_shading(self, *arguments: Any, **named: Any) -> Any:
        self.is_repeatable = False
        return super().add_shading(*arguments, **named)
