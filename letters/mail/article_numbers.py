"""Reads the article numbers of certified mail, as the labels or the post office give them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from letters.model.problems import Place, Problem
from letters.read.text import read_text

_NUMBER = re.compile(r"\d{20}|\d{22}")
_SPACES = re.compile(r"[\s-]+")
_HEADERS = ("id", "recipient")


@dataclass(frozen=True, slots=True)
class ArticleNumber:
    """The number of one certified label."""

    number: str
    """Digits only."""
    recipient: str
    """Whose piece it is for; empty where the numbers are used in order."""
    place: Place


def read_article_numbers(path: Path, shown: str) -> tuple[list[ArticleNumber], list[Problem]]:
    """Read one number a line, or a table "id,number" that says whose each is.

    Raises CannotGoOn when the file is missing or is no text.
    """
    text, problems = read_text(path, shown)
    numbers = []
    rows = csv.reader(io.StringIO(text, newline=""))
    for line, cells in enumerate(rows, start=1):
        filled = [cell.strip() for cell in cells if cell.strip()]
        if not filled or filled[0].lower() in (*_HEADERS, "number"):
            continue
        recipient = filled[0] if len(filled) > 1 else ""
        numbers.append(ArticleNumber(_SPACES.sub("", filled[-1]), recipient, Place(shown, line)))
    return numbers, [*problems, *_number_problems(numbers, shown)]


def _number_problems(numbers: list[ArticleNumber], shown: str) -> Iterable[Problem]:
    if not numbers:
        yield Problem(Place(shown), "there is no number", "write one article number a line")
    if len({bool(each.recipient) for each in numbers}) > 1:
        place = next(each.place for each in numbers if not each.recipient)
        yield Problem(place, "some lines say whose the number is, and some do not", "write id,number on all or on none")
    seen: dict[str, int] = {}
    for each in numbers:
        if not _NUMBER.fullmatch(each.number):
            what = f'"{each.number}" is not an article number'
            hint = "the numbers of certified labels have 20 or 22 digits; spreadsheets spoil them unless they are text"
            yield Problem(each.place, what, hint)
        elif each.number in seen:
            yield Problem(each.place, f'"{each.number}" is there twice', f"it is also in line {seen[each.number]}")
        seen.setdefault(each.number, each.place.line)
