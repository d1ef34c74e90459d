"""Finds places to fill in, such as "[Name of signer]", which must not be left in a final campaign."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from letters.model.problems import Place, Problem, Severity
from letters.model.records import Letter, Recipient, Source, Status
from letters.read.toml import TomlFile

_BRACKETS = re.compile(r"(?<![\]^\\])\[((?:[^\[\]^\n\\]|\n(?!\s*\n)){2,240})\](?![({\[])")
"""A placeholder ends in its paragraph, but may run over several lines of it."""
_LINK_ADDRESS = re.compile(r":[ \t]+(?:\w+:|/|#|\.)\S*[ \t]*$", re.MULTILINE)
"""The rest of a line that gives the address of a link: [name]: address."""
_EDITORIAL = re.compile(
    r"(?:sic|\.{3}|…|emphasis (?:added|omitted|in original)|(?:internal )?(?:citations?|quotation marks?|footnotes?)"
    r"(?: and .*)? omitted|alterations? (?:in original|omitted)|cleaned up)",
    re.IGNORECASE,
)
"""Words in brackets that belong to a legal quotation, besides a changed letter."""
_TAG = re.compile(r"\{[{%#].*?[}%#]\}", re.DOTALL)
_TOML_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


def in_text(text: str) -> Iterator[tuple[int, str]]:
    """Yield the offset and the words of each placeholder in a text."""
    for match in _BRACKETS.finditer(text):
        if not _EDITORIAL.fullmatch(match[1].strip()) and not _LINK_ADDRESS.match(text, match.end()):
            yield match.start(), " ".join(match[1].split())


def in_source(source: Source, status: Status) -> Iterator[Problem]:
    """Yield a problem for each placeholder of a text; brackets inside tags are none."""
    for offset, words in in_text(_without_tags(source.text)):
        yield _problem(source.place(offset), words, status)


def in_front(letter: Letter, status: Status) -> Iterator[Problem]:
    """Yield a problem for each placeholder of the front matter."""
    for key, source in letter.front:
        for _, words in in_text(_without_tags(source.text)):
            yield _problem(Place(source.path, source.first_line, field=key), words, status)


def _without_tags(text: str) -> str:
    return _TAG.sub(lambda tag: re.sub(r"[^\n]", " ", tag[0]), text)


def in_toml(file: TomlFile, status: Status, but: str = "#") -> Iterator[Problem]:
    """Yield a problem for each placeholder in the quoted texts of a TOML file, except in comments and the key `but`."""
    for number, line in enumerate(file.text.split("\n"), start=1):
        for string in _TOML_STRING.finditer(line):
            if line[: string.start()].lstrip().startswith(("#", but)):
                continue
            for offset, words in in_text(string[0]):
                yield _problem(Place(file.shown, number, string.start() + offset + 1), words, status)


def in_recipients(recipients: Sequence[Recipient], status: Status) -> Iterator[Problem]:
    """Yield a problem for each placeholder in the cells of the list; rows that are held back are passed over."""
    for recipient in recipients:
        for column, cell in recipient.columns.items():
            if "[" in cell and not recipient.hold:
                for _, words in in_text(cell):
                    place = Place(recipient.place.path, recipient.place.line, field=column)
                    yield _problem(place, words, status, recipient.id)


def _problem(place: Place, words: str, status: Status, recipient: str = "") -> Problem:
    if status is Status.FINAL:
        hint = "fill it in, or set status to draft; brackets that are meant are written \\[so\\]"
        return Problem(place, f'"[{words}]" is still to be filled in', hint, recipient=recipient)
    return Problem(place, f'"[{words}]" is to be filled in before the campaign is final', severity=Severity.WARNING)
