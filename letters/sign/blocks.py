"""Finds where people sign: the signature blocks on the pages of a finished letter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from letters.mail.page_words import Word, bounds, read_words
from letters.model.postal import Box, Inches
from letters.model.records import Signer

_ROOM_HEIGHT: Inches = 0.6
_ROOM_WIDTH: Inches = 2.6
_LINE_ABOVE: Inches = 0.1
"""From the top of the printed name to the line one signs on."""


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
