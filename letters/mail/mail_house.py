"""Writes the package for a mail house: print files, one record for each piece, and what the fields of a record are."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from letters.formats.files import csv_bytes
from letters.mail.manifest import COLUMNS, Totals

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest date a ZIP can hold: the same bytes whenever the package is written."""
_MEANINGS = {
    "number": "sequence number of the piece; also in page labels, bookmarks and the mark",
    "id": "the sender's name for the recipient",
    "name": "addressee and agency in one line",
    "agency": "agency",
    "county": "county",
    "address": "lines of the address, joined with a bar",
    "zip": "ZIP code, 5 digits or ZIP+4; a text",
    "pages": "pages with something on them",
    "sheets": "sheets of paper",
    "ounces": "weight of the paper, without the envelope",
    "file": "print file",
    "first_side": "first page of the piece in that file, from 1",
    "last_side": "last page of the piece in that file",
    "rest_file": "print file of the second tray, if any",
    "rest_first_side": "first page of the piece in that file",
    "rest_last_side": "last page of the piece in that file",
    "sha256": "SHA-256 of the letter's own PDF",
    "edition": "edition of the letter",
    "approvals": "who approved it, joined with a bar",
    "enclosures": "enclosures, joined with a bar",
    "certified_number": "article number of certified mail",
    "kind": "letter, or copy: a copy of a letter for somebody else, with an address of its own",
    "envelope": "size of its envelope",
    "postage": "price in dollars by the sender's table, without extra services",
}


def record_layout(table: Sequence[Sequence[object]]) -> list[Sequence[object]]:
    """Describe the fields of the manifest: position, name, kind, the longest there is, meaning."""
    rows: list[Sequence[object]] = [("position", "field", "type", "longest", "meaning")]
    for position, name in enumerate(COLUMNS):
        values = [row[position] for row in table[1:]]
        kind = "number" if any(isinstance(value, int | float) for value in values) else "text"
        longest = max((len(str(value)) for value in values), default=0)
        rows.append((position + 1, name, kind, longest, _MEANINGS[name]))
    return rows


def sample_record(table: Sequence[Sequence[object]]) -> list[Sequence[object]]:
    """Write the record of the first piece, field by field."""
    return [("field", "value"), *zip(table[0], table[1], strict=True)]


def counts(totals: Totals) -> list[Sequence[object]]:
    """Count what the package holds: in all, by print file, by three-digit ZIP."""
    return [
        ("what", "which", "pieces", "sheets", "sides"),
        ("all", "", totals.pieces, totals.sheets, sum(file.sides for file in totals.files)),
        *(("file", file.name, file.pieces, file.sheets, file.sides) for file in totals.files),
        *(("zip3", prefix, count, "", "") for prefix, count in totals.zips),
    ]


def read_me(title: str, totals: Totals, *, duplex: bool, marked: bool) -> str:
    """Write the page that a mail house reads first."""
    mark = (
        'Each front has a Data Matrix in its lower left corner: "piece,sheet,sheets", such as "017,2,7".\n'
        if marked
        else ""
    )
    return (
        f"{title}\n\n"
        f"{totals.pieces:,} pieces, {totals.sheets:,} sheets, {totals.ounces:,.1f} oz of paper.\n"
        f"Printed on {'both sides, turned along the long edge' if duplex else 'one side'}, at 100 %.\n"
        f"{mark}\n"
        "print-NN.pdf        the pieces in the order of the records; page labels name piece and page\n"
        "pdfvt-NN.pdf        where they are here: the same as PDF/VT-1 (ISO 16612-2)\n"
        "records.csv         one record for each piece (UTF-8, comma, header)\n"
        "record-layout.csv   the fields of a record\n"
        "sample-record.csv   the first record, field by field: compare it with the first piece of print-01.pdf\n"
        "counts.csv          counts in all, by file and by three-digit ZIP\n\n"
        "Addresses are as the sender has them. They are not CASS-certified and were not checked for moves (NCOA);\n"
        "pieces are in ZIP order only if the sender chose it, and are not presorted.\n"
    )


def pack(
    file: BinaryIO,
    folder: Path,
    table: Sequence[Sequence[object]],
    totals: Totals,
    about: str,
    also: Sequence[str] = (),
) -> None:
    """Write the package; print files are copied from their folder piece by piece, so that memory stays flat."""
    texts: Mapping[str, bytes] = {
        "README.txt": about.encode(),
        "counts.csv": csv_bytes(counts(totals), for_excel=True),
        "record-layout.csv": csv_bytes(record_layout(table), for_excel=True),
        "records.csv": csv_bytes(table, for_excel=True),
        "sample-record.csv": csv_bytes(sample_record(table), for_excel=True),
    }
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in texts.items():
            archive.writestr(_entry(name, zipfile.ZIP_DEFLATED), content)
        _store(archive, folder, (*(each.name for each in totals.files), *also))


def _store(archive: zipfile.ZipFile, folder: Path, names: Iterable[str]) -> None:
    """Copy files that are compressed already."""
    for name in names:
        with (folder / name).open("rb") as source, archive.open(_entry(name, zipfile.ZIP_STORED), "w") as target:
            shutil.copyfileobj(source, target, 1 << 20)


def _entry(name: str, how: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = how
    info.external_attr = 0o644 << 16
    return info
