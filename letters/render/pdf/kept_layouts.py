"""Writes what was learned of a template branch to disk: the next process sets its lines without a layout.

Boxes are written as numbers and texts, with those values of their styles that were needed to set and to draw them. A
font is known only after something was drawn in it, so a text for each font is written, too. If a value was not needed
before, or a font is another one on this machine, the branch is laid out again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tinycss2 import color4, color5

from letters.render.pdf.line_cache import LineCache
from letters.render.pdf.paragraph import ParagraphTemplate
from letters.render.pdf.plain import UnfitError
from letters.render.pdf.weasyprint_internals import Dimension, LayoutBox, boxes

# By name, as they are written: a pickle of boxes would hold all that they refer to, the whole document.
_BOX_CLASSES: dict[str, Any] = {each.__name__: each for each in vars(boxes).values() if isinstance(each, type)}
_NOT_PLAIN = frozenset(["cached_counter_values", "children", "element", "footnote", "pango_layout", "style"])
"""What of a box is written in a way of its own, or belongs to the page that it was on."""
_VARIABLE = ("--", "__")
"""What the names of variables begin with, as in a style sheet and as WeasyPrint keeps them."""
_ASKED_WHEN_DRAWN = ("color", "text_decoration_color", "visibility")
"""What draw_text asks of the style of every line, of those lines, too, that the first letter did not have it draw."""
_SIMPLE = (str, int, float, bytes, bool, type(None))

Fonts = Mapping[str, tuple[Any, str]]
"""The fonts of a text by their names: a style and a text that is set in the font."""


@dataclass(frozen=True, slots=True)
class KnownBranch:
    """What is known of a template branch that was laid out once."""

    paragraphs: Mapping[Any, ParagraphTemplate | None]
    """By the number and the markup of the marked element; None for what cannot be set outside its page."""
    heads: Mapping[Any, ParagraphTemplate]
    """Those of running heads, by their look."""
    fonts: Fonts


def pack_branch(known: KnownBranch) -> Any:
    """Return what is known of a branch as numbers, texts and bytes; None where something cannot be written so."""
    packer = _Packer()
    try:
        return (
            [(key, template and packer.paragraph(template)) for key, template in known.paragraphs.items()],
            [(key, packer.paragraph(template)) for key, template in known.heads.items()],
            [(name, packer.style(style), text) for name, (style, text) in known.fonts.items()],
            packer.styles,
        )
    except UnfitError:
        return None


def unpack_branch(packed: Any, font_config: Any, lines: LineCache) -> KnownBranch:
    """Return what `pack_branch` has written; raises UnfitError if this machine sets a text in another font."""
    paragraphs, heads, fonts, styles = packed
    unpacker = _Unpacker(font_config, styles)
    for name, style, text in fonts:
        _meet_font(name, unpacker.styles[style], text, lines)
    return KnownBranch(
        {key: template and unpacker.paragraph(template) for key, template in paragraphs},
        {key: unpacker.paragraph(template) for key, template in heads},
        {name: (unpacker.styles[style], text) for name, style, text in fonts},
    )


def fonts_of(texts: Iterable[LayoutBox], lines: LineCache) -> Fonts:
    """Draw text boxes that were laid out, and return their fonts."""
    fonts: dict[str, tuple[Any, str]] = {}
    for box in texts:
        for name, glyphs in lines.draw(box)[1].items():
            if name not in fonts and glyphs:
                fonts[name] = (box.style, next(iter(glyphs.values())))
    return fonts


def _meet_font(name: str, style: Any, text: str, lines: LineCache) -> None:
    """Draw a text in a font that was not met yet; raises UnfitError where it is drawn in another one."""
    if name not in lines.fonts.by_name:
        box = boxes.TextBox(None, style, None, text)
        box.pango_layout = lines.split(text, style, None, None, 0)[0]
        lines.draw(box)
    if name not in lines.fonts.by_name:
        raise UnfitError("a font is not what it was")


class _KeptStyle(dict[str, Any]):
    """The values of a style that were needed to set and to draw text, without the rules that they came from."""

    parent_style = None
    is_root_element = False

    def __init__(self, values: Mapping[str, Any], font_config: Any) -> None:
        super().__init__(values)
        self.root_style = self.specified = self
        self.cache: dict[str, Any] = {}
        self.font_config = font_config

    def copy(self) -> _KeptStyle:
        """Return a style with the same values."""
        return _KeptStyle(self, self.font_config)

    def __missing__(self, key: str) -> Any:
        raise UnfitError(f'the value of "{key}" was not needed before')


@dataclass(slots=True)
class _Packer:
    styles: list[Any] = field(default_factory=list)
    """The values of each style."""
    _by_identity: dict[int, tuple[Any, int]] = field(default_factory=dict)
    _by_values: dict[str, int] = field(default_factory=dict)

    def paragraph(self, template: ParagraphTemplate) -> Any:
        container = template.container and self._box(template.container, is_alone=True)
        return self._box(template.line), container, [self.paragraph(note) for note in template.notes]

    def _box(self, box: LayoutBox, *, is_alone: bool = False) -> Any:
        values = {name: _plain(value) for name, value in vars(box).items() if name not in _NOT_PLAIN}
        # The children of a container are its lines on a page, which are not kept.
        children = [] if is_alone else [self._box(child) for child in box.children]
        return type(box).__name__, self.style(box.style), values, box.footnote is not None, children

    def style(self, style: Any) -> int:
        if id(style) not in self._by_identity:
            # Variables are in the style of a box that uses them; their values are in its properties by then.
            names = sorted(name for name in {*style, *_ASKED_WHEN_DRAWN} if not name.startswith(_VARIABLE))
            written = {name: _plain(style[name]) for name in names}
            # Most boxes have one of few styles; each is written once.
            number = self._by_values.setdefault(repr(written), len(self.styles))
            if number == len(self.styles):
                self.styles.append(written)
            self._by_identity[id(style)] = (style, number)
        return self._by_identity[id(style)][1]


class _Unpacker:
    def __init__(self, font_config: Any, styles: Iterable[Mapping[str, Any]]) -> None:
        self.styles = [
            _KeptStyle({name: _value(value) for name, value in each.items()}, font_config) for each in styles
        ]

    def paragraph(self, written: Any) -> ParagraphTemplate:
        line, container, notes = written
        return ParagraphTemplate(
            self._box(line),
            None,
            notes=[self.paragraph(note) for note in notes],
            container=container and self._box(container),
        )

    def _box(self, written: Any) -> Any:
        name, style, values, calls_note, children = written
        # Box.__init__ needs an element and a whole style, which nothing that is done with these boxes asks for.
        box = object.__new__(_BOX_CLASSES[name])
        vars(box).update({each: _value(value) for each, value in values.items()})
        box.style, box.element, box.footnote = self.styles[style], None, calls_note or None
        box.children = [self._box(child) for child in children]
        return box


def _plain(value: Any) -> Any:
    """Return a value of a box or of CSS as plain values; raises UnfitError for one of another kind."""
    if isinstance(value, Dimension):
        return {"value": value.value, "unit": value.unit}
    if isinstance(value, color4.Color):
        return {"space": value.space, "coordinates": value.coordinates, "alpha": value.alpha}
    if type(value) in (tuple, list, set):
        return type(value)(map(_plain, value))
    if type(value) in _SIMPLE:
        return value
    raise UnfitError(f"a {type(value).__name__} cannot be kept")


def _value(written: Any) -> Any:
    """Return a value that `_plain` has written."""
    if type(written) is dict:
        # Both are written as dictionaries, which no other value is.
        return Dimension(**written) if "unit" in written else color5.Color(**written)
    if type(written) in (tuple, list, set):
        return type(written)(map(_value, written))
    return written
