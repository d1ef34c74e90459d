"""Writes the moulds of a text as plain values, and makes them again: its lines are set then without laying it out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tinycss2 import color4, color5  # type: ignore[import-untyped]
from weasyprint.css import AnonymousStyle, Style
from weasyprint.css.properties import Dimension
from weasyprint.formatting_structure import boxes

from letters.render.pdf.line_cache import Memory, UnfitError
from letters.render.pdf.paragraph import Mould

_CLASSES: dict[str, Any] = {each.__name__: each for each in vars(boxes).values() if isinstance(each, type)}
_APART = frozenset(["cached_counter_values", "children", "element", "footnote", "pango_layout", "style"])
"""What of a box is written by itself, or belongs to the text or the page that it was on."""
_SIMPLE = (str, int, float, bytes, bool, type(None))

Fonts = Mapping[str, tuple[Any, str]]
"""The fonts of a text by their names: a style and a text that is set in the font."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What is known of a text that was laid out once."""

    moulds: Mapping[object, Mould | None]
    """None for what cannot be set apart."""
    heads: Mapping[object, Mould]
    """Those of running heads, by their look."""
    fonts: Fonts


def freeze(learned: Learned) -> Any:
    """Write what was learned as numbers, texts and bytes; None where something in it cannot be written so."""
    writer = _Writer()
    try:
        return (
            [(key, mould and writer.mould(mould)) for key, mould in learned.moulds.items()],
            [(key, writer.mould(mould)) for key, mould in learned.heads.items()],
            [(name, writer.style(style), text) for name, (style, text) in learned.fonts.items()],
            writer.styles,
        )
    except UnfitError:
        return None


def thaw(written: Any, font_config: Any, memory: Memory) -> Learned:
    """Make again what `freeze` has written; raises UnfitError if this machine sets a text in another font."""
    moulds, heads, fonts, styles = written
    reader = _Reader(font_config, styles)
    for name, style, text in fonts:
        _meet_font(name, reader.styles[style], text, memory)
    return Learned(
        {key: mould and reader.mould(mould) for key, mould in moulds},
        {key: reader.mould(mould) for key, mould in heads},
        {name: (reader.styles[style], text) for name, style, text in fonts},
    )


def fonts_of(texts: Iterable[Any], memory: Memory) -> Fonts:
    """Draw boxes of text that were laid out, and tell their fonts."""
    fonts: dict[str, tuple[Any, str]] = {}
    for box in texts:
        for name, glyphs in memory.draw(box)[1].items():
            if name not in fonts and glyphs:
                fonts[name] = (box.style, next(iter(glyphs.values())))
    return fonts


def _meet_font(name: str, style: Any, text: str, memory: Memory) -> None:
    """Draw a text, since a font is known only after something was drawn in it."""
    if name not in memory.faces.by_name:
        box = boxes.TextBox(None, style, None, text)
        box.pango_layout = memory.split(text, style, None, None, 0)[0]
        memory.draw(box)
    if name not in memory.faces.by_name:
        raise UnfitError("a font is not what it was")


class _Frozen(Style):  # type: ignore[misc]
    """The values of a style that were needed to set and to draw text, without the rules that they came from."""

    def __init__(self, values: Mapping[str, Any], font_config: Any) -> None:
        super().__init__(values)
        self.root_style = self.specified = self
        self.cache: dict[str, Any] = {}
        self.font_config = font_config

    def copy(self) -> _Frozen:
        """Return a style with the same values."""
        return _Frozen(self, self.font_config)

    def __missing__(self, key: str) -> Any:
        raise UnfitError(f'the value of "{key}" was not needed before')


@dataclass(slots=True)
class _Writer:
    styles: list[tuple[int | None, Any]] = field(default_factory=list)
    """The values of each style; for that of an anonymous box also the number of the style it belongs to."""
    _by_identity: dict[int, tuple[Any, int]] = field(default_factory=dict)
    _by_values: dict[str, int] = field(default_factory=dict)

    def mould(self, mould: Mould) -> Any:
        container = mould.container and self._box(mould.container, is_alone=True)
        return self._box(mould.line), container, [self.mould(note) for note in mould.notes]

    def _box(self, box: Any, *, is_alone: bool = False) -> Any:
        values = {name: _plain(value) for name, value in vars(box).items() if name not in _APART}
        children = [] if is_alone else [self._box(child) for child in box.children]
        return type(box).__name__, self.style(box.style), values, box.footnote is not None, children

    def style(self, style: Any) -> int:
        if id(style) not in self._by_identity:
            parent = self.style(style.parent_style) if isinstance(style, AnonymousStyle) else None
            written = (parent, {name: _plain(style[name]) for name in sorted(style)})
            number = self._by_values.setdefault(repr(written), len(self.styles))
            if number == len(self.styles):
                self.styles.append(written)
            self._by_identity[id(style)] = (style, number)
        return self._by_identity[id(style)][1]


class _Reader:
    def __init__(self, font_config: Any, styles: Iterable[tuple[int | None, Any]]) -> None:
        self.styles: list[Any] = []
        for parent, written in styles:
            values = {name: _value(value) for name, value in written.items()}
            style = _Frozen(values, font_config) if parent is None else AnonymousStyle(self.styles[parent])
            style.update(values)
            self.styles.append(style)

    def mould(self, written: Any) -> Mould:
        line, container, notes = written
        return Mould(
            self._box(line),
            None,
            notes=[self.mould(note) for note in notes],
            container=container and self._box(container),
        )

    def _box(self, written: Any) -> Any:
        name, style, values, calls_note, children = written
        box = object.__new__(_CLASSES[name])
        vars(box).update({each: _value(value) for each, value in values.items()})
        box.style, box.element, box.footnote = self.styles[style], None, calls_note or None
        box.children = [self._box(child) for child in children]
        return box


def _plain(value: Any) -> Any:
    """Write a value of a box or of CSS; raises UnfitError for one of another kind."""
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
    """Read a value that `_plain` has written."""
    if type(written) is dict:
        return Dimension(**written) if "unit" in written else color5.Color(**written)
    if type(written) in (tuple, list, set):
        return type(written)(map(_value, written))
    return written
