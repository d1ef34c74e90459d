"""Sheets to sign by hand: listed, and apart from the others, in the order of the letters."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from letters.campaign.load import Project
from letters.formats.files import write_whole
from letters.formats.spreadsheet import csv_bytes
from letters.mail.assemble import Assembler, PrintSide
from letters.mail.pieces import DocumentKind, LeftOut, Piece, label
from letters.mail.typeset import about_print_files
from letters.model.problems import CannotGoOn, Exit
from letters.sign.blocks import Block, find_room

LISTED, SHEETS = "to-sign.csv", "to-sign.pdf"


def write_sheets(project: Project, pieces: Sequence[Piece], folder: Path, *, duplex: bool) -> list[LeftOut]:
    """Write who signs which page of which letter, and the sheets these pages are on.

    Returned are the letters in which a signature block is missing or has no room. Raises CannotGoOn where all are such.
    """
    signers = project.campaign.signers
    found, left_out = [], []
    for piece in (each for each in pieces if each.kind is DocumentKind.LETTER):
        names = [signer.name for signer in signers]
        blocks, fault = find_room(piece.letter.pdf.read_bytes(), piece.letter.parts[0], signers, names)
        if fault:
            left_out.append(LeftOut(piece.recipient, piece.agency, fault))
        else:
            found.append((piece, list(blocks.values())))
    if not found:
        message = "no letter can be signed by hand: " + "; ".join(dict.fromkeys(each.why for each in left_out))
        raise CannotGoOn(Exit.PROBLEMS, message, "the frame of the letter needs its signature block")
    write_whole(folder / LISTED, _list(found, duplex=duplex))
    write_whole(folder / SHEETS, _sheets(project, found, duplex=duplex))
    return left_out


def _list(found: Sequence[tuple[Piece, Sequence[Block]]], *, duplex: bool) -> bytes:
    rows: list[list[object]] = [["number", "id", "recipient", "signer", "page", "sheet"]]
    last, sides = found[-1][0].number, 2 if duplex else 1
    for piece, blocks in found:
        for block in blocks:
            place = (block.page + 1, block.page // sides + 1)
            rows.append([label(piece.number, last), piece.recipient, piece.name, block.signer, *place])
    return csv_bytes(rows)


def _sheets(project: Project, found: Sequence[tuple[Piece, Sequence[Block]]], *, duplex: bool) -> bytes:
    """Put the sheets into one PDF, both sides of each, with the bookmarks and page labels of the print files."""
    import pikepdf

    out = io.BytesIO()
    assembler = Assembler(out, replace(about_print_files(project, duplex=duplex), title="Sheets to sign"))
    last = found[-1][0].number
    for piece, blocks in found:
        name = label(piece.number, last)
        sides = _sides(name, piece.letter.parts[0], blocks, 2 if duplex else 1)
        with pikepdf.open(piece.letter.pdf) as pdf:
            assembler.add(pdf, sides, f"{name} {piece.name}", f"{name}.")
    assembler.finish()
    return out.getvalue()


def _sides(name: str, pages: int, blocks: Sequence[Block], size: int) -> list[PrintSide]:
    """List the sides of the sheets that blocks are on; a side with nothing on it is blank, as in the print file."""
    sides = []
    for sheet in sorted({block.page // size for block in blocks}):
        for page in range(sheet * size, (sheet + 1) * size):
            sides.append(PrintSide(f"{name}-{page + 1}", page) if page < pages else PrintSide(f"{name}-blank", None))
    return sides
