"""Finds where people sign: the signature blocks on the pages of finished letters, and sheets to be signed by hand."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from letters.campaign.load import Project
from letters.formats.files import csv_bytes, write_whole
from letters.mail.assemble import Assembler
from letters.mail.page_words import Word, bounds, read_words
from letters.mail.pieces import DocumentKind, LeftOut, Piece, label
from letters.mail.print_file import Printing, add_sheets
from letters.mail.typeset import about_print_files
from letters.model.postal import Box, Inches
from letters.model.problems import CannotGoOn, Exit
from letters.model.settings import Signer

_ROOM_HEIGHT: Inches = 0.6
_ROOM_WIDTH: Inches = 2.6
_LINE_ABOVE: Inches = 0.1
"""From the top of the printed name to the line one signs on."""
LISTED, SHEETS = "to-sign.csv", "to-sign.pdf"


@dataclass(frozen=True, slots=True)
class Block:
    """Where one person signs."""

    signer: str
    page: int
    """Counted from 0."""
    left: Inches
    line: Inches
    """The line the signature stands on, from the top of the page."""
    room: Box
    """What a signature may fill."""


def find_blocks(words: Sequence[Word], signers: Sequence[Signer]) -> dict[str, Block]:
    """Find the signature block of each signer: the last words that read as the name, title and organization."""
    texts = [word.text for word in words]
    blocks = {}
    for signer in signers:
        wanted = " ".join((signer.name, signer.title, signer.organization)).split()
        length = len(signer.name.split())
        starts = range(len(texts) - len(wanted), -1, -1)
        start = next((n for n in starts if texts[n : n + len(wanted)] == wanted), None)
        if start is not None:
            blocks[signer.name] = _block(signer.name, words[start : start + length])
    return blocks


def _block(signer: str, name: Sequence[Word]) -> Block:
    printed = bounds(name)
    line = printed.top - _LINE_ABOVE
    room = Box(printed.left, line - _ROOM_HEIGHT + _LINE_ABOVE, printed.left + _ROOM_WIDTH, printed.top)
    return Block(signer, name[0].page, printed.left, line, room)


def crowded(block: Block, words: Sequence[Word]) -> list[Word]:
    """List the words that stand where somebody should sign."""
    return [word for word in words if word.page == block.page and block.room.touches(word.box)]


def find_room(
    content: bytes, pages: int, signers: Sequence[Signer], names: Iterable[str]
) -> tuple[dict[str, Block], str]:
    """Find the signature blocks in the first pages of a PDF, and say why one of those named cannot sign, if so.

    Pages are read from the last one on, no more than needed: to read one takes 9 ms, and people sign at the end.
    """
    words: list[Word] = []
    blocks: dict[str, Block] = {}
    for page in reversed(range(pages)):
        words = [*read_words(content, [page]), *words]
        blocks = find_blocks(words, signers)
        if len(blocks) == len(signers):
            break
    return blocks, next(filter(None, (_fault(blocks.get(name), name, words) for name in names)), "")


def _fault(block: Block | None, name: str, words: Sequence[Word]) -> str:
    if block is None:
        return f"the signature block of {name} was not found in the letter"
    in_the_way = crowded(block, words)
    return f'"{in_the_way[0].text}" stands where {name} should sign' if in_the_way else ""


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
