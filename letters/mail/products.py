"""Reads the stationer's products of a campaign, and finds what fits into them and what would make thick pieces fit."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any, TypeVar

from letters.campaign.load import Project
from letters.mail.pieces import Piece, sheets_of_parts
from letters.model.postal import Box, Envelope, LabelSheet, Postage, Products, WindowProfile
from letters.model.problems import CannotGoOn, Exit, Place, Problem, did_you_mean, many
from letters.model.settings import Paper
from letters.read.text import read_text
from letters.read.toml import parse_toml, read_toml, validate

_SLACK = 0.005
"""Inches; the measures on a box of labels are rounded."""
_LARGEST = 60
"""Inches that anything of a stationer may measure."""
_MOST_LABELS = 100
"""Labels beside or above each other on a sheet."""
# A name becomes a part of names of files, as in envelopes-9x12.pdf: no slash, and nothing that begins with a point.
_NAME = re.compile(r"[\w#][\w #.-]{0,60}")
_Product = TypeVar("_Product", Envelope, LabelSheet, WindowProfile)
_RECORDS: Mapping[str, Any] = {"envelope": Envelope, "labels": LabelSheet, "window": WindowProfile}
"""By the table of their file."""
PAPERS = {Paper.LETTER: (8.5, 11.0), Paper.A4: (210 / 25.4, 297 / 25.4)}
"""Inches across and down."""
# A profile of a mailing house may give A4 as 8.27 x 11.69 in.
_ROUNDED = 0.02
BY_SHEETS = {Paper.LETTER: ("10", "9x12"), Paper.A4: ("DL", "C4")}
"""The envelopes for folded and for flat pieces."""
_FOLDED = 6
"""Sheets that can be folded in three and still lie flat in an envelope, as makers of #10 envelopes give it."""
_MOST_LEFT_OUT = 3
"""Enclosures that are left out at once in what is tried."""


def read_products(templates: Path, shown: str) -> tuple[Products, list[Problem]]:
    """Read all products of a campaign; `shown` is the name of the templates' folder for messages.

    Raises CannotGoOn when one of the three files is missing.
    """
    folder, shown = templates / "postal", f"{shown}/postal"
    envelopes, problems = _read(folder / "envelopes.toml", f"{shown}/envelopes.toml", "envelope")
    labels, more = _read(folder / "labels.toml", f"{shown}/labels.toml", "labels")
    windows, most = _read(folder / "windows.toml", f"{shown}/windows.toml", "window")
    return Products(envelopes, labels, windows), [*problems, *more, *most]


def read_postage(templates: Path, shown: str) -> tuple[Postage | None, list[Problem]]:
    """Read the prices of the post office; None where the user has filled in none."""
    path, shown = templates / "postal" / "postage.toml", f"{shown}/postal/postage.toml"
    if not path.is_file():
        return None, []
    file = read_toml(path, shown)
    if not file.table:
        return None, list(file.problems)
    postage, problems = validate(Postage, file.table, file)
    faults = _price_faults(postage) if postage else ()
    more = [Problem(file.place("rate", number), what, hint) for number, what, hint in faults]
    return postage, [*file.problems, *problems, *more]


def _price_faults(postage: Postage) -> Iterator[tuple[int, str, str]]:
    """Yield the number of each price that cannot be right, from 0, with what is wrong and a hint."""
    if not postage.rate:
        yield 0, "there is no price", "add a [[rate]] with shape, ounces and price, or remove the file"
    seen: dict[tuple[str, float], int] = {}
    for number, rate in enumerate(postage.rate):
        # TOML has "nan" and "inf", and Decimal takes both; a negative price was once added up.
        if not (rate.price.is_finite() and rate.price > 0):
            yield number, f'"{rate.price}" is not a price', "dollars, such as 1.50"
        # A weight that is no number would never be reached, or by every piece.
        if not (math.isfinite(rate.ounces) and rate.ounces > 0):
            yield number, f'"{rate.ounces:g}" is not a weight', "ounces, such as 3.5"
        first = seen.setdefault((rate.shape, rate.ounces), number)
        if first != number:
            what = f"the price of a {rate.shape.value} of {rate.ounces:g} ounces is there twice"
            yield number, what, f"it is also in rate {first + 1}"


def _read(path: Path, shown: str, table: str) -> tuple[dict[str, Any], list[Problem]]:
    text, of_encoding = read_text(path, shown)
    products, problems = _understood(text, shown, tuple(of_encoding), table)
    return dict(products), list(problems)


@functools.lru_cache(8)  # a mailing asks for its products eight times
def _understood(
    text: str, shown: str, of_encoding: tuple[Problem, ...], table: str
) -> tuple[Mapping[str, Any], Sequence[Problem]]:
    """Read the products of a file from its text; `of_encoding` are the problems with that."""
    file = parse_toml(text, shown, of_encoding)
    problems = list(file.problems)
    problems += [
        Problem(Place(shown, field=key), f'"{key}" is not a table of this file', did_you_mean(key, [table]))
        for key in file.table
        if key != table
    ]
    products: dict[str, Any] = {}
    for number, each in enumerate(file.table.get(table, [])):
        product, more = validate(_RECORDS[table], each, file, (table, number))
        problems += more
        if product is None:
            continue
        place = file.place(table, number)
        if product.name in products:
            problems.append(Problem(place, f'"{product.name}" is described twice', "give one of them another name"))
        # What follows from measures is only worth saying where each of them can be one.
        faults = list(_measure_faults(product)) or list(_faults(product))
        problems += [Problem(place, f'"{product.name}": {what}', hint) for what, hint in faults]
        products[product.name] = product
    return products, problems


def _measure_faults(product: Envelope | LabelSheet | WindowProfile) -> Iterator[tuple[str, str]]:
    """Yield what cannot be a name, a measure or a count, each with a hint."""
    if not _NAME.fullmatch(product.name):
        yield "its name is a part of the names of files", "letters, digits, blanks, points and hyphens"
    for path, value in _numbers(asdict(product)):
        least, most, hint = _bounds(path.rpartition(".")[2])
        # A label of no width, or a sheet of a million labels, would keep the program busy for hours.
        if not least <= value <= most:  # what is no number, such as nan, is within no bounds
            yield f'{path} cannot be "{value:g}"', f"{hint}, from {least:g} to {most:g}"
    if not isinstance(product, WindowProfile) and product.smallest > product.size:
        yield f"smallest is larger than size, {product.size:g}", "size is where it begins, smallest where it ends"


def _numbers(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, float]]:
    """Yield each number of a record with the path that leads to it."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _numbers(value, f"{before}{name}.")
        else:
            each = value if isinstance(value, tuple) else (value,)
            yield from ((f"{before}{name}", number) for number in each if isinstance(number, int | float))


def _bounds(name: str) -> tuple[float, float, str]:
    """Return the least and the most that a measure or count may be, and what it is measured in."""
    if name in ("size", "smallest"):
        # Below 4 points nobody reads it, and an envelope has no room for type of an inch.
        return 4, 72, "points"
    if name in ("columns", "rows"):
        return 1, _MOST_LABELS, "labels"
    if name == "most_sheets":
        return 0, 1000, "sheets"
    # A width of nothing would be divided by; a margin may be nothing.
    least = _SLACK if name in ("width", "height", "page_width", "page_height") else 0
    return (least, _LARGEST, "inches") if name != "ounces" else (0, 100, "ounces")


def _faults(product: Envelope | LabelSheet | WindowProfile) -> Iterator[tuple[str, str]]:
    """Yield what cannot be right about a product, each with a hint."""
    if isinstance(product, Envelope):
        if not Box(0, 0, product.width, product.height).holds(product.room):
            yield "the room for the address reaches over the edge", "compare address_… with width and height"
        if product.return_left + product.return_width > product.width:
            yield "the return address reaches over the edge", "compare return_left and return_width with width"
    elif isinstance(product, LabelSheet):
        yield from _label_faults(product)
    else:
        yield from _window_faults(product)


def _label_faults(sheet: LabelSheet) -> Iterable[tuple[str, str]]:
    if not Box(0, 0, sheet.page_width, sheet.page_height).holds(sheet.box(sheet.count - 1), _SLACK):
        yield "the last label reaches over the edge of the sheet", "compare left, top and pitches with a ruler"
    # With one column or row the pitch is the distance to a label that is not there.
    if (sheet.columns > 1 and sheet.pitch_x < sheet.width - _SLACK) or (
        sheet.rows > 1 and sheet.pitch_y < sheet.height - _SLACK
    ):
        yield "the labels overlap", "a pitch is measured from one label to the next, so it is at least a label's size"


def _window_faults(profile: WindowProfile) -> Iterable[tuple[str, str]]:
    if profile.address is None and (profile.visible is None or profile.clear is None):
        yield "neither a window nor places on the page are given", "add address = {…}, or both visible = {…} and clear"
    # The folds cut the sheet into panels; the lowest ends at the lower edge.
    heights = (0.0, *profile.folds, profile.page_height)
    if list(heights) != sorted(set(heights)):
        yield "the folds are not in order between the edges of the sheet", "folds are measured from the top edge"
    # Where only places on the page are given, the mailing house folds, and knows how.
    elif profile.address and max(b - a for a, b in pairwise(heights)) > profile.height:
        yield "the folded letter is higher than the envelope", "fold it in more or more equal parts"


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
    across, down = PAPERS[paper]
    room = sorted((envelope.width, envelope.height))
    # Flat, folded once, and in three as a letter; an envelope may lie either way, so both sides are sorted. A4 in three
    # is half a millimetre higher than a #9 envelope.
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
    width, height = PAPERS[paper]
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
    # An envelope that takes half a sheet, such as C5, holds letters that are folded once: its maker bounds nothing.
    panel = PAPERS[paper][1] / 2
    return goods.most_sheets or (_FOLDED if min(goods.width, goods.height) < panel else 0)


def room_of(label: Box, padding: float) -> Box:
    """Return where on a label text may stand; above and below half as much stays free as at the sides."""
    return Box(label.left + padding, label.top + padding / 2, label.right - padding, label.bottom - padding / 2)


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
    titles = dict.fromkeys(title for piece in thick for title in piece.enclosures)
    # Each way is tried alone; what would fit by two of them together a person sees from both lines.
    if not duplex and (fit := sum(piece.sheets(duplex=True) <= most for piece in thick)):
        ways += 1
        yield f"on both sides of the paper (--duplex): {_would_fit(fit, len(thick))}"
    if duplex and (fit := sum(_shorter(piece) <= most for piece in thick)):
        ways += 1
        odd = sorted({_name(piece, part) for piece in thick for part, n in enumerate(piece.letter.parts) if n % 2})
        yield f"with a page less in {_listed(odd)}, of an odd number of pages: {_would_fit(fit, len(thick))}"
    # One enclosure less first, then two: as soon as some choice helps all pieces, larger ones are not told.
    for count in range(1, _MOST_LEFT_OUT + 1):
        best = 0
        for left_out in combinations(titles, count):
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
    """Return one or more names as people list them: "A, B and C"."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _name(piece: Piece, part: int) -> str:
    """Name the letter itself, part 0, or an enclosure."""
    titled = 0 < part <= len(piece.enclosures)
    return f"“{piece.enclosures[part - 1]}”" if titled else "the letter itself"


def _shorter(piece: Piece) -> int:
    """Count the sheets of a piece each of whose odd parts has a page less; a part of one page stays."""
    shorter = (pages - pages % 2 if pages > 1 else pages for pages in piece.letter.parts)
    return sheets_of_parts(shorter, duplex=True)


def _without(piece: Piece, left_out: Sequence[str], *, duplex: bool) -> int:
    """Count the sheets of a piece without some enclosures, by title."""
    titles = ("", *piece.enclosures)
    named = [titles[part] if part < len(titles) else "" for part in range(len(piece.letter.parts))]
    kept = [pages for pages, title in zip(piece.letter.parts, named, strict=True) if title not in left_out or not title]
    return sheets_of_parts(kept, duplex=duplex)
