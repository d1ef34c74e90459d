"""Reads the stationer's products: envelopes, label sheets, windows."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

from letters.model.postal import Box, Envelope, LabelSheet, Postage, Products, WindowProfile
from letters.model.problems import Place, Problem, did_you_mean
from letters.read.text import read_text
from letters.read.toml import parse_toml, read_toml, validate

_RECORDS: Mapping[str, Any] = {"envelope": Envelope, "labels": LabelSheet, "window": WindowProfile}
"""By the table of their file."""
_SLACK = 0.005
"""Inches; the measures on a box of labels are rounded."""
_LARGEST = 60
"""Inches that anything of a stationer may measure."""
_MOST_LABELS = 100
"""Labels beside or above each other on a sheet."""
_NAME = re.compile(r"[\w#][\w #.-]{0,60}")


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
        if not (rate.price.is_finite() and rate.price > 0):
            yield number, f'"{rate.price}" is not a price', "dollars, such as 1.50"
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
        return 4, 72, "points"
    if name in ("columns", "rows"):
        return 1, _MOST_LABELS, "labels"
    if name == "most_sheets":
        return 0, 1000, "sheets"
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
    if (sheet.columns > 1 and sheet.pitch_x < sheet.width - _SLACK) or (
        sheet.rows > 1 and sheet.pitch_y < sheet.height - _SLACK
    ):
        yield "the labels overlap", "a pitch is measured from one label to the next, so it is at least a label's size"


def _window_faults(profile: WindowProfile) -> Iterable[tuple[str, str]]:
    if profile.address is None and (profile.visible is None or profile.clear is None):
        yield "neither a window nor places on the page are given", "add address = {…}, or both visible = {…} and clear"
    heights = (0.0, *profile.folds, profile.page_height)
    if list(heights) != sorted(set(heights)):
        yield "the folds are not in order between the edges of the sheet", "folds are measured from the top edge"
    elif profile.address and max(b - a for a, b in pairwise(heights)) > profile.height:
        yield "the folded letter is higher than the envelope", "fold it in more or more equal parts"
