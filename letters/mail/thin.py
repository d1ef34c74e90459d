"""Says what would make thick pieces thin enough to be folded: both sides, fewer pages, fewer enclosures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from letters.mail.pieces import Piece

_MOST_LEFT_OUT = 3
"""Enclosures that are left out at once in what is tried."""


def advise(pieces: Sequence[Piece], most: int, *, duplex: bool) -> list[str]:
    """Return what would bring pieces down to so many sheets, a line for each way; nothing where none has more."""
    thick = [piece for piece in pieces if piece.sheets(duplex=duplex) > most]
    if not thick:
        return []
    sheets = sorted({piece.sheets(duplex=duplex) for piece in thick})
    span = f"{sheets[0]}" if len(sheets) == 1 else f"{sheets[0]} to {sheets[-1]}"
    said = [f"{_pieces(len(thick))} of {span} sheets, more than the {most} that can be folded"]
    return [*said, *_ways(thick, most, duplex=duplex)]


def _ways(thick: Sequence[Piece], most: int, *, duplex: bool) -> Iterator[str]:
    ways = 0
    if not duplex and (fit := sum(piece.sheets(duplex=True) <= most for piece in thick)):
        ways += 1
        yield f"on both sides of the paper (--duplex): {_would_fit(fit, len(thick))}"
    if duplex and (fit := sum(_shorter(piece) <= most for piece in thick)):
        ways += 1
        odd = sorted({_name(piece, part) for piece in thick for part, n in enumerate(piece.letter.parts) if n % 2})
        yield f"with a page less in {_listed(odd)}, of an odd number of pages: {_would_fit(fit, len(thick))}"
    for count in range(1, _MOST_LEFT_OUT + 1):
        best = 0
        for left_out in combinations(_enclosures(thick), count):
            fit = sum(_without(piece, left_out, duplex=duplex) <= most for piece in thick)
            best = max(best, fit)
            if fit:
                ways += 1
                yield f"without {_listed([f'“{title}”' for title in left_out])}: {_would_fit(fit, len(thick))}"
        if best == len(thick):
            break
    if not ways:
        yield "nothing of this alone is enough: shorten the letter, or post it in flat envelopes"


def _pieces(count: int) -> str:
    return f"{count:,} piece{'' if count == 1 else 's'}"


def _would_fit(fit: int, of: int) -> str:
    return "all of them would fit" if fit == of else f"{fit:,} of them would fit"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1] if names else "")))


def _name(piece: Piece, part: int) -> str:
    """Name the letter itself, part 0, or an enclosure."""
    titled = 0 < part <= len(piece.enclosures)
    return f"“{piece.enclosures[part - 1]}”" if titled else "the letter itself"


def _enclosures(pieces: Sequence[Piece]) -> list[str]:
    return list(dict.fromkeys(title for piece in pieces for title in piece.enclosures))


def _sheets(parts: Sequence[int], *, duplex: bool) -> int:
    return sum((pages + 1) // 2 if duplex else pages for pages in parts)


def _shorter(piece: Piece) -> int:
    """Count the sheets of a piece each of whose odd parts has a page less; a part of one page stays."""
    return _sheets([pages - pages % 2 if pages > 1 else pages for pages in piece.letter.parts], duplex=True)


def _without(piece: Piece, left_out: Sequence[str], *, duplex: bool) -> int:
    """Count the sheets of a piece without some enclosures, by title."""
    titles = ("", *piece.enclosures)
    named = [titles[part] if part < len(titles) else "" for part in range(len(piece.letter.parts))]
    kept = [pages for pages, title in zip(piece.letter.parts, named, strict=True) if title not in left_out or not title]
    return _sheets(kept, duplex=duplex)
