"""Lays out the parts of letters, and keeps what others can use of it: texts as boxes, their pages, whole enclosures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from letters.render.pdf.letter_parts import Key, Part, is_shown
from letters.render.pdf.plain import PdfRenderer, with_notes

_KEPT_FORMES = 6
"""Texts that are kept as boxes, with their pages."""
_KEPT_PARTS = 6
"""Enclosures that are kept laid out, with all their boxes."""


class Layouts:
    """What was laid out lately."""

    def __init__(self, plain: PdfRenderer, shape_of: Callable[[Key, str], object]) -> None:
        """Prepare; `shape_of` tells the shape of a running head, by its look and its text."""
        self._plain = plain
        self._shape_of = shape_of
        self._formes: dict[Key, Any] = {}
        """Texts before layout, with the pages that are known of each."""
        self._parts: dict[Key, Part] = {}
        self.laid = 0
        """How many times a part was laid out."""

    def of(self, part: Part) -> Any:
        """Lay out a part, but for pages that are known, once."""
        from letters.render.pdf.running_heads import Names

        if part.laid is None:
            forme = self._formes.get(part.text_key())
            if forme is None:
                forme = self._new_forme(part)
            else:
                forme.fill(part.texts(), self._attributes(part))
            part.laid = forme.lay_out(part.needs(), Names(part.number, part.values(), self._shape_of))
            self.laid += 1
            with_notes(part.laid.document, part.notes)
        return part.laid

    def _new_forme(self, part: Part) -> Any:
        from letters.render.pdf.box_tree import Forme

        return Forme(self._plain.read(part.filled.html()), self._plain.style, self._plain.fonts)

    def _attributes(self, part: Part) -> dict[str, str]:
        """Return the attributes of the body of a part; none where they are those of all letters."""
        return dict(self._plain.read(part.filled.opening()).etree_element.find("body").attrib) if part.values() else {}

    def alike(self, part: Part) -> Part:
        """Return a part that is laid out like this one: the enclosures of a letter are often those of another, too."""
        key = part.key()
        if part.laid is None and key in self._parts:
            return self._parts[key]
        self.of(part)
        _make_room(self._parts, _KEPT_PARTS)
        self._parts[key] = part
        return part

    def keep(self, part: Part) -> None:
        """Keep the boxes and the pages of a part, whose lines were compared, for others with the same text."""
        forme, key = part.laid.forme, part.text_key()
        if key not in self._formes and self._can_be_shared(forme, part):
            _make_room(self._formes, _KEPT_FORMES)
            self._formes[key] = forme
        if self._formes.get(key) is forme:
            self._formes[key] = self._formes.pop(key)
            part.laid.keep(part.needs())

    def _can_be_shared(self, forme: Any, part: Part) -> bool:
        """Tell whether all that a text has of its first letter is replaced for another."""
        read_alike = self._attributes(part).items() <= forme.attributes().items()
        return read_alike and not is_shown(forme.text(), part)


def _make_room(kept: dict[Key, Any], most: int) -> None:
    while len(kept) >= most:
        del kept[next(iter(kept))]
