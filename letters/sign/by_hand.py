"""Sheets to sign by hand: listed, and apart from the others, in the order of the letters."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from letters.campaign.load import Project
from letters.formats.files import write_whole
from letters.formats.spreadsheet import csv_bytes
from letters.mail.assemble import Assembler
from letters.mail.pieces import DocumentKind, LeftOut, Piece, label
from letters.mail.print_file import Printing, add_sheets
from letters.mail.typeset import about_print_files
from letters.model.problems import CannotGoOn, Exit
from letters.sign.blocks import Block, find_room

LISTED, SHEETS = "to-sign.csv", "to-sign.pdf"


def write_sheets(project: Project, pieces: Sequence[Piece], folder: Path, printing: Printing) -> list[LeftOut]:
    """Write who signs which page of which letter, and the sheets these pages are on, as they are in the print files.

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
    write_whole(folder / LISTED, _list(found, printing))
    write_whole(folder / SHEETS, _sheets(project, found, printing))
    return left_out


def _list(found: Sequence[tuple[Piece, Sequence[Block]]], printing: Printing) -> bytes:
    rows: list[list[object]] = [["number", "id", "recipient", "signer", "page", "sheet"]]
    for piece, blocks in found:
        for block in blocks:
            place = (block.page + 1, _sheet_of(block, printing) + 1)
            rows.append([label(piece.number, printing.last), piece.recipient, piece.name, block.signer, *place])
    return csv_bytes(rows)


def _sheets(project: Project, found: Sequence[tuple[Piece, Sequence[Block]]], printing: Printing) -> bytes:
    """Put the sheets into one PDF, both sides of each, with the bookmarks and page labels of the print files."""
    out = io.BytesIO()
    about = about_print_files(project, duplex=printing.duplex)
    assembler = Assembler(out, replace(about, title="Sheets to sign"))
    for piece, blocks in found:
        add_sheets(assembler, piece, printing, {_sheet_of(block, printing) for block in blocks})
    assembler.finish()
    return out.getvalue()


def _sheet_of(block: Block, printing: Printing) -> int:
    """Return the sheet that a block is on, counted from 0: people sign on the letter, which begins on a front."""
    return block.page // (2 if printing.duplex else 1)
