"""Reads the manifest of a mailing back: the pieces that it lists."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ListedPiece:
    """A piece as the manifest lists it."""

    number: str
    id: str
    name: str
    address: tuple[str, ...]
    pages: int
    sheets: int
    spans: tuple[tuple[str, int, int], ...]
    """The file, first and last side in it, counted from 1; one, or one for each tray."""
    sha256: str
    envelope: str
    article: str = ""


def read_manifest(path: Path) -> list[ListedPiece]:
    """Read the pieces of a manifest in their order; raises ValueError where it is spoilt."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            if "sha256" not in (rows.fieldnames or ()):  # without a row nothing would be missing
                raise KeyError("sha256")
            return [_listed(row) for row in rows]
    except (KeyError, TypeError, csv.Error) as error:  # a column or a cell is missing
        raise ValueError(f"a column or a cell is missing or spoilt: {error}") from None


def _listed(row: Mapping[str, str]) -> ListedPiece:
    rest = ("rest_file", "rest_first_side", "rest_last_side")
    spans = [(row["file"], int(row["first_side"]), int(row["last_side"]))]
    spans += [(row[rest[0]], int(row[rest[1]]), int(row[rest[2]]))] if row[rest[0]] else []
    if not row["number"].isdecimal():
        raise ValueError(f'"{row["number"]}" is no number of a piece')
    return ListedPiece(
        number=row["number"],
        id=_plain(row["id"]),
        name=_plain(row["name"]),
        address=tuple(_plain(row["address"]).split(" | ")),
        pages=int(row["pages"]),
        sheets=int(row["sheets"]),
        spans=tuple(spans),
        sha256=row["sha256"],
        envelope=_plain(row["envelope"]),
        article=_plain(row["certified_number"]),
    )


def _plain(cell: str) -> str:
    """Return a text without the apostrophe that keeps a spreadsheet from running it."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in set("=+-@\t\r") else cell
