"""The batch engine for PDFs: letters that are laid out alike share their pages, and only their own lines are set anew.

WeasyPrint stays the judge of how a page looks: it lays out one letter of each kind in full, and breaks and draws every
line. A letter that does not fit this scheme is made the plain way.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from letters import jinja
from letters.model import PartTemplate, Values
from letters.render import RenderError
from letters.render.compose_garbage import Garbage
from letters.render.compose_layouts import Layouts
from letters.render.compose_letter import Key, Kind, Part, Piece, blocks_of, refuse_shown
from letters.render.compose_template import Inline, mark, read_inline, take_apart
from letters.render.pdf import Pdf, PdfRenderer, nothing_logged
from letters.render.pdf import load as load_weasyprint
from letters.render.recent import Recent
from letters.render.store import Store

_KEPT_PIECES = 1_000
"""Paragraphs that are kept in memory, a few kB each."""
_KEPT_FRAMES = 20
"""Frames whose moulds are kept in memory, about half a MB each; those of others are on the disk."""
_KEPT_KINDS = 30
"""Kinds of letters whose pages are kept in memory, about 0.3 MB each; those of others are on the disk."""


def load() -> None:
    """Import WeasyPrint and all of the engine; raises CannotGoOn where WeasyPrint, or what it needs, is missing."""
    load_weasyprint()
    import letters.render.compose_pages
    import letters.render.compose_used  # noqa: F401


class Composer:
    """A letter with its enclosures, ready to be made for one recipient after the other; see PdfRenderer."""

    def __init__(
        self,
        parts: Sequence[PartTemplate],
        roots: Mapping[str, Path],
        date: datetime.date,
        cache: Path | None = None,
        resources: str = "",
    ) -> None:
        """Prepare; `cache` is a folder for shared pages, and `resources` the hash of the files that pages depend on."""
        self.plain = PdfRenderer(parts, roots, date)
        """The plain way."""
        from letters.render.compose_fonts import FontCase
        from letters.render.compose_lines import Typesetter
        from letters.render.compose_memory import Faces, Memory
        from letters.render.compose_used import UsedValues

        self._store = Store(cache, (resources, date.isoformat(), *(part.html for part in parts)))
        environment = jinja.environment(quick=True)
        self._templates = [environment.from_string(mark(part.html, environment)) for part in parts]
        self._faces = Faces()
        self._case = FontCase(self._faces)
        self._memory = Memory(self._faces)
        self._used = UsedValues()
        self._garbage = Garbage()
        self._layouts = Layouts(self.plain, self._shape_of)
        self._typesetter = Typesetter(self.plain.fonts, self._memory)
        self._moulds: Recent[int, dict[Key, Any]] = Recent(_KEPT_FRAMES)
        """Moulds of marked elements, by their numbers and builds, of each frame."""
        self._frames: dict[tuple[int, tuple[str, ...]], int] = {}
        self._names: list[str] = []
        """The hashes of the frames."""
        self._heads: dict[Key, Any] = {}
        """A mould for running heads of each look."""
        self._pieces: Recent[Key, Piece] = Recent(_KEPT_PIECES)
        self._kinds: Recent[Key, Kind] = Recent(_KEPT_KINDS)
        self.composed = 0
        """How many letters were made from shared pages."""

    def render(self, context: Mapping[str, object], notes: Sequence[Values]) -> Pdf:
        """Make one letter; raises RenderError as PdfRenderer does."""
        filled = [
            take_apart(template.render({**context, "note": numbers}))
            for template, numbers in zip(self._templates, notes, strict=True)
        ]
        parts = [Part(number, each, notes[number]) for number, each in enumerate(filled) if each]
        if len(parts) < len(filled):
            return self.plain.render(context, notes)
        try:
            with nothing_logged(), self._memory.in_use(), self._used.in_use(), self._garbage.put_off():
                return self._compose(parts)
        except RenderError:
            raise
        except Exception:  # noqa: BLE001 - what does not fit, or surprises the engine, is made the plain way
            return self.plain.render(context, notes)

    def laid(self) -> int:
        """Count how many times it laid out a letter or an enclosure."""
        return self._layouts.laid

    def kinds(self) -> int:
        """Count the kinds of letters that it has pages of."""
        return sum(len(kind.presses) for kind in self._kinds.values())

    def _compose(self, parts: Sequence[Part]) -> Pdf:
        for part in parts:
            self._set(part)
        key = tuple(part.key() for part in parts)
        kind = self._kinds.get(key)
        if kind is None:
            kind = self._kinds[key] = self._find_kind(parts)
        heads = self._set_heads(kind.heads, parts)
        blocks = [*blocks_of(parts), *heads]
        shape = tuple(block.shape for block in heads)
        if shape not in kind.presses:
            kind.presses[shape] = self._find_press(kind, shape, parts)
        press = kind.presses[shape]
        refuse_shown(press.text, parts)
        self.composed += 1
        return Pdf(press.print(parts[0].title(), blocks), press.pages)

    def _find_kind(self, parts: Sequence[Part]) -> Kind:
        """Find out which running heads the letters of a kind have, from the disk or from the pages of one of them."""
        name = tuple((self._names[part.kind], *part.key()[1:]) for part in parts)
        heads = self._store.get(("heads", name))
        if heads is None or not all(head in self._heads for head in heads):
            alike = [parts[0], *map(self._layouts.alike, parts[1:])]
            heads = [head for part in alike for head in self._find_heads(part)]
            self._store.put(("heads", name), heads)
        return Kind(name, heads)

    def _find_press(self, kind: Kind, shape: Key, parts: Sequence[Part]) -> Any:
        """Find the pages that the letters of a kind share, on the disk or from one of them; raises UnfitError."""
        from letters.render.compose_file import Press

        plate = self._store.get(("press", kind.name, shape))
        if plate is None or not self._faces.by_name.keys() >= plate["glyphs"].keys():
            plate = self._new_plate(kind.heads, parts)
            self._store.put(("press", kind.name, shape), plate)
        return Press(plate, self._case)

    def _set(self, part: Part) -> None:
        """Set the lines of all marked elements of a part."""
        frame = (part.number, part.filled.frame)
        if frame not in self._frames:
            self._frames[frame] = len(self._frames)
            self._names.append(hashlib.sha256(repr(frame).encode()).hexdigest())
        part.kind = self._frames[frame]
        for number, content in part.elements():
            key = (part.kind, number, content)
            piece = self._pieces.get(key)
            if piece is None:
                piece = self._pieces[key] = self._set_piece(part, number, content)
            part.pieces.append(piece)

    def _set_piece(self, part: Part, number: int, content: str) -> Piece:
        inline = read_inline(content)
        if inline is None:
            return Piece(number, content)
        key = (number, inline.build)
        moulds = self._moulds.get(part.kind)
        if moulds is None or key not in moulds:
            moulds = self._learn(part)
        mould = moulds[key]
        if mould is None:
            return Piece(number, content)
        blocks = tuple(self._typesetter.set_inline(mould, inline))
        return Piece(number, (inline.build, *(block.shape for block in blocks)), blocks, inline.texts)

    def _learn(self, part: Part) -> dict[Key, Any]:
        """Find moulds of the marked elements of a part, on the disk or by laying it out in full."""
        from letters.render.compose_frozen import freeze

        inlines = {number: inline for number, content in part.elements() if (inline := read_inline(content))}
        name = ("moulds", self._names[part.kind], *((number, inline.build) for number, inline in inlines.items()))
        learned = self._recall(name)
        if learned is None:
            learned = self._learn_anew(part, inlines)
            if written := freeze(learned):
                self._store.put(name, written)
        self._moulds[part.kind] = moulds = {**learned.moulds, **(self._moulds.get(part.kind) or {})}
        self._heads = {**learned.heads, **self._heads}
        return moulds

    def _recall(self, name: Key) -> Any:
        """Find on the disk what was learned of a part; None where it is not, or cannot be used here."""
        from letters.render.compose_frozen import thaw
        from letters.render.compose_memory import UnfitError

        kept = self._store.get(name)
        try:
            return kept and thaw(kept, self.plain.fonts, self._memory)
        except UnfitError:
            return None

    def _learn_anew(self, part: Part, inlines: Mapping[int, Inline]) -> Any:
        from letters.render.compose_frozen import Learned, fonts_of
        from letters.render.compose_pages import texts_of

        laid = self._layouts.of(part)
        moulds: dict[object, Any] = {}
        for number, inline in inlines.items():
            mould = laid.moulds.get(number)
            fits = mould is not None and tuple(mould.texts()) == inline.texts
            moulds[number, inline.build] = mould if fits else None
        heads = {head.alike: head.mould for head in self._heads_of(part)}
        return Learned(moulds, heads, fonts_of(texts_of(laid), self._memory))

    def _find_heads(self, part: Part) -> list[Key]:
        """Tell the look of each running head of a part, page by page, and keep moulds of them."""
        found = []
        for head in self._heads_of(part):
            self._heads.setdefault(head.alike, head.mould)
            found.append(head.alike)
        return found

    def _heads_of(self, part: Part) -> list[Any]:
        return [head for heads in self._layouts.of(part).heads.values() for head in heads]

    def _set_heads(self, heads: Sequence[Any], parts: Sequence[Part]) -> list[Any]:
        """Set the running heads; those that are alike once."""
        values = [part.values() for part in parts]
        made = {head: self._set_head(head, values[head[0]][head[1]]) for head in dict.fromkeys(heads)}
        return [made[head] for head in heads]

    def _set_head(self, look: Any, text: str) -> Any:
        (block,) = self._typesetter.set_inline(self._heads[look], Inline("", (text,)))
        return block

    def _shape_of(self, look: Key, text: str) -> Any:
        return self._set_head(look, text).shape

    def _new_plate(self, heads: Sequence[Key], letter: Sequence[Part]) -> dict[str, Any]:
        """Lay out one letter of a kind and take its own lines out; raises UnfitError."""
        from letters.render.compose_file import engrave
        from letters.render.compose_pages import make_plate

        parts = [letter[0], *map(self._layouts.alike, letter[1:])]
        laid = [self._layouts.of(part) for part in parts]
        moulds = [mould for part in parts for mould in part.moulds()]
        moulds += [head.mould for part in parts for head in self._heads_of(part)]
        own = list(blocks_of(parts))
        plate = make_plate(
            laid, moulds, [*own, *self._set_heads(heads, parts)], len(own), self._faces, self.plain.moment
        )
        refuse_shown(plate.text, parts)
        for part in parts:
            self._layouts.keep(part)
        return engrave(plate, self._faces)
