"""One letter on its way through the batch engine: its parts, and the pieces of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from unicodedata import normalize

from letters.model import Values
from letters.render.pdf.template_marks import Filled, is_odd

Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A marked element of one letter."""

    number: int
    key: Any
    """What the pages depend on: the shape of its lines, or all of its content where lines cannot be set apart."""
    blocks: tuple[Any, ...] = ()
    texts: tuple[str, ...] = ()
    """The texts in its lines, where lines are set apart."""


@dataclass(slots=True)
class Kind:
    """Letters whose lines are as many and as high."""

    name: Key
    """What tells it from other kinds in every process."""
    heads: list[Key]
    """The look of each of its running heads."""
    presses: dict[Key, Any] = field(default_factory=dict)
    """By the shape of the running heads."""


@dataclass(slots=True)
class Part:
    """One part of one letter on its way."""

    number: int
    filled: Filled
    notes: Values
    kind: int = 0
    """The number of the text it shares with others."""
    pieces: list[Piece] = field(default_factory=list)
    laid: Any = None

    def key(self) -> Key:
        """Tell what its pages depend on."""
        return (self.kind, *(piece.key for piece in self.pieces))

    def text_key(self) -> Key:
        """Tell what its boxes depend on before texts are put in."""
        return (self.kind, *(piece.key[0] if piece.blocks else piece.key for piece in self.pieces))

    def texts(self) -> dict[int, tuple[str, ...]]:
        """Return the texts of the pieces whose lines are set apart, by their numbers."""
        return {piece.number: piece.texts for piece in self.pieces if piece.blocks}

    def needs(self) -> dict[int, tuple[object, object]]:
        """Tell what its pages depend on, piece by piece."""
        return {piece.number: (piece.key, piece.texts) for piece in self.pieces}

    def elements(self) -> list[tuple[int, str]]:
        """List the marked elements but the title, which is on no page."""
        return [(number, content) for number, content in enumerate(self.filled.contents) if self._is_shown(number)]

    def _is_shown(self, number: int) -> bool:
        return self.filled.contents[number][:1] == ">" and not self.filled.frame[number].endswith("<title")

    def title(self) -> str | None:
        """Return the title that the document has; None where it is the same for all."""
        for number, content in enumerate(self.filled.contents):
            if self.filled.frame[number].endswith("<title"):
                return _ordinary(content[1:])
        return None

    def values(self) -> dict[int, str]:
        """Return the marked attributes by their numbers."""
        contents = enumerate(self.filled.contents)
        return {number: _ordinary(content) for number, content in contents if content[:1] != ">"}

    def moulds(self) -> list[Any]:
        """List the moulds of the pieces as they are on its own pages."""
        from letters.render.pdf.line_cache import UnfitError

        numbers = [piece.number for piece in self.pieces if piece.blocks]
        if not all(number in self.laid.moulds for number in numbers):
            raise UnfitError("an element is not where it was expected")
        return [mould for number in numbers for mould in self.laid.moulds[number].family()]


def blocks_of(parts: Sequence[Part]) -> Iterator[Any]:
    """List the blocks of a letter in the order of the text."""
    return (block for part in parts for piece in part.pieces for block in piece.blocks)


def _ordinary(content: str) -> str:
    from letters.render.pdf.line_cache import UnfitError

    if is_odd(text := unescape(content)):
        raise UnfitError("white space that HTML collapses")
    return text


def refuse_shown(text: str, parts: Sequence[Part]) -> None:
    """Raise UnfitError where a value stands in text that letters share: it might be there because of its letter."""
    from letters.render.pdf.line_cache import UnfitError

    if any(is_shown(text, part) for part in parts):
        raise UnfitError("a value of the letter stands in the text that all share")


def is_shown(text: str, part: Part) -> bool:
    """Tell whether a value of a part stands in a folded text."""
    return any(value.strip() and folded(value) in text for value in part.values().values())


def folded(text: str) -> str:
    """Return a text without spaces, its letters as if no style sheet had made them capitals, or wide ones."""
    return "".join(normalize("NFKC", text).casefold().split())
