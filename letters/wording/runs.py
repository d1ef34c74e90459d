"""Tidies stretches of text with their emphasis, so that what looks alike is alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from letters.wording.labels import LABEL

Runs = tuple[tuple[str, frozenset[str]], ...]
"""Stretches of text, each with what is special about it: "i" and "b" for italic and bold, "link ADDRESS", and so on."""


def tidy(pieces: Any) -> Runs:
    """Join pieces into stretches; spaces at the edge of emphasis, which no reader sees, belong to none."""
    runs: list[tuple[str, frozenset[str]]] = []
    for piece, flags in _whole_labels(list(pieces)):
        for part in _apart(piece.replace("\u00a0", " ")):
            own = flags if part.strip() else frozenset()
            if runs and runs[-1][1] == own:
                runs[-1] = (runs[-1][0] + part, own)
            elif part:
                runs.append((part, own))
    return _one_spaced(_bridged(runs))


def _whole_labels(pieces: list[tuple[str, frozenset[str]]]) -> Iterator[tuple[str, frozenset[str]]]:
    """Keep each label whole where emphasis begins or ends inside of it; it has that of its beginning."""
    ends = [label.span() for label in LABEL.finditer("".join(piece for piece, _ in pieces))]
    position, owed = 0, 0
    for piece, flags in pieces:
        start, end = position, position + len(piece)
        position = end
        rest = piece[owed:]
        owed = max(0, owed - len(piece))
        crossing = next((stop for begin, stop in ends if start <= begin < end < stop), end)
        if crossing > end:
            whole = "".join(each for each, _ in pieces)
            rest += whole[end:crossing]
            owed = crossing - end
        if rest:
            yield rest, flags


def _apart(piece: str) -> Iterator[str]:
    """Split a piece into words with their marks, labels and spaces."""
    position = 0
    for label in LABEL.finditer(piece):
        yield from _spaces_apart(piece[position : label.start()])
        yield label[0]
        position = label.end()
    yield from _spaces_apart(piece[position:])


def _spaces_apart(piece: str) -> Iterator[str]:
    inner = piece.strip()
    if not inner:
        yield piece
        return
    start = piece.index(inner)
    yield from filter(None, (piece[:start], inner, piece[start + len(inner) :]))


def _bridged(runs: list[tuple[str, frozenset[str]]]) -> list[tuple[str, frozenset[str]]]:
    """Let emphasis go on over a space or a label where it is the same on both sides."""
    bridged: list[tuple[str, frozenset[str]]] = []
    for run, flags in runs:
        plain = len(bridged) > 1 and not bridged[-1][1] and not LABEL.sub("", bridged[-1][0]).strip()
        if flags and plain and bridged[-2][1] == flags and "\n" not in bridged[-1][0]:
            between, _ = bridged.pop()
            bridged[-1] = (bridged[-1][0] + between + run, flags)
        elif bridged and bridged[-1][1] == flags:
            bridged[-1] = (bridged[-1][0] + run, flags)
        else:
            bridged.append((run, flags))
    return bridged


def _one_spaced(runs: list[tuple[str, frozenset[str]]]) -> Runs:
    """Write white space as single spaces, none at the ends."""
    result: list[tuple[str, frozenset[str]]] = []
    after_space = True
    for run, flags in runs:
        lines = [" ".join(line.split(" ")) for line in run.split("\n")]
        joined = "\n".join(lines)
        while "  " in joined:
            joined = joined.replace("  ", " ")
        if after_space:
            joined = joined.lstrip(" ")
        if joined:
            after_space = joined[-1] in " \n"
            result.append((joined, flags))
    while result and not result[-1][0].strip():
        result.pop()
    if result:
        result[-1] = (result[-1][0].rstrip(), result[-1][1])
    return tuple(result)
