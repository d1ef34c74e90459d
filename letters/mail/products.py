"""Finds the stationer's products of a campaign, what fits into them, and what would make thick pieces fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import TypeVar

from letters.campaign.load import Project
from letters.mail.addresses import Ruler
from letters.mail.pieces import Piece
from letters.model.postal import Box, Envelope, LabelSheet, Postage, Products, WindowProfile
from letters.model.problems import CannotGoOn, Exit, Problem, did_you_mean, many
from letters.model.settings import Paper
from letters.read.products import read_postage, read_products

_Product = TypeVar("_Product", Envelope, LabelSheet, WindowProfile)
_PAPERS = {Paper.LETTER: (8.5, 11.0), Paper.A4: (210 / 25.4, 297 / 25.4)}
_ROUNDED = 0.02
BY_SHEETS = {Paper.LETTER: ("10", "9x12"), Paper.A4: ("DL", "C4")}
"""The envelopes for folded and for flat pieces."""
_FOLDED = 6
"""Sheets that can be folded in three and still lie flat in an envelope, as makers of #10 envelopes give it."""


def products_of(project: Project) -> Products:
    """Read the stationer's products; raises CannotGoOn with every mistake in their files."""
    products, problems = read_products(project.templates, project.campaign.templates.as_posix())
    stop_at(problems)
    return products


def stop_at(problems: Iterable[Problem]) -> None:
    """Raise CannotGoOn with all problems that stop something; nothing is raised where there is none."""
    if found := [problem for problem in problems if problem.stops]:
        raise CannotGoOn(Exit.PROBLEMS, "nothing was written\n" + "\n".join(map(str, found)))


def choose(products: Mapping[str, _Product], name: str, kind: str) -> _Product:
    """Find a product by name; raises CannotGoOn where there is none."""
    if name not in products:
        message = f'there is no {kind} "{name}" in templates/postal/'
        raise CannotGoOn(Exit.WRONG_CALL, message, did_you_mean(name, products))
    return products[name]


def choose_envelope(project: Project, name: str) -> Envelope:
    """Find an envelope by name; raises CannotGoOn where there is none, or letters do not fit into it however folded."""
    envelope, paper = choose(products_of(project).envelopes, name, "envelope"), project.campaign.paper
    across, down = _PAPERS[paper]
    room = sorted((envelope.width, envelope.height))
    folded = [sorted((across, down / panels)) for panels in (1, 2, 3)]
    if not any(short <= room[0] and long <= room[1] for short, long in folded):
        short, long = folded[-1]
        message = f"letters on {paper.value} do not fit into an envelope {name}: {short:.2f} x {long:.2f} in., folded"
        hint = f"envelopes for {paper.value}: {' and '.join(BY_SHEETS[paper])}; or leave --envelopes away"
        raise CannotGoOn(Exit.WRONG_CALL, message, hint)
    return envelope


def choose_window(project: Project, name: str) -> WindowProfile:
    """Find a window profile by name; raises CannotGoOn where there is none, or it is for pages of another size."""
    profile = choose(products_of(project).windows, name, "window")
    paper = project.campaign.paper
    width, height = _PAPERS[paper]
    if abs(profile.page_width - width) > _ROUNDED or abs(profile.page_height - height) > _ROUNDED:
        size = f"{profile.page_width:g} x {profile.page_height:g} in."
        message = f"the window {name} is for pages of {size}, and the letters are on {paper.value}"
        hint = f"add a profile with page_width = {width:.4g} and page_height = {height:.4g} to templates/postal/"
        raise CannotGoOn(Exit.WRONG_CALL, message, hint)
    return profile


def folded_envelope(project: Project) -> Envelope:
    """Return the envelope for folded letters that suits the paper."""
    return choose(products_of(project).envelopes, BY_SHEETS[project.campaign.paper][0], "envelope")


def postage_of(project: Project) -> Postage | None:
    """Read the prices that the user filled in; None where there are none. Raises CannotGoOn with every mistake."""
    postage, problems = read_postage(project.templates, project.campaign.templates.as_posix())
    stop_at(problems)
    return postage


def most_sheets(goods: Envelope | WindowProfile, paper: Paper) -> int:
    """Return how many sheets an envelope takes; 0 where they need not be folded in three, and nothing bounds them."""
    panel = _PAPERS[paper][1] / 2
    return goods.most_sheets or (_FOLDED if min(goods.width, goods.height) < panel else 0)


def ruler_of(project: Project) -> Ruler:
    """Return the widths of characters in the faces of addresses."""
    return Ruler(project.templates / "fonts")


def room_of(label: Box, padding: float) -> Box:
    """Return where on a label text may stand; above and below half as much stays free as at the sides."""
    return Box(label.left + padding, label.top + padding / 2, label.right - padding, label.bottom - padding / 2)


_MOST_LEFT_OUT = 3
"""Enclosures that are left out at once in what is tried."""


def advise(pieces: Sequence[Piece], most: int, *, duplex: bool) -> list[str]:
    """Return what would bring pieces down to so many sheets, a line for each way; nothing where none has more."""
    thick = [piece for piece in pieces if piece.sheets(duplex=duplex) > most]
    if not thick:
        return []
    sheets = sorted({piece.sheets(duplex=duplex) for piece in thick})
    span = f"{sheets[0]}" if len(sheets) == 1 else f"{sheets[0]} to {sheets[-1]}"
    said = [f"{many(len(thick), 'piece')} of {span} sheets, more than the {most} that can be folded"]
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
