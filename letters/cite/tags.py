"""Writes the citation that {{ cite.KEY }} stands for into the texts of a letter, before anything else reads them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from letters.cite.style import write_full, write_name, write_short
from letters.model.problems import Problem, did_you_mean
from letters.model.records import Insertion, Letter, Source
from letters.model.settings import Authorities, Authority

_TAG = re.compile(
    r"\{#.*?#\}|\{%-?\s*raw\s*-?%\}.*?\{%-?\s*endraw\s*-?%\}"
    r"|\{\{-?\s*cite\b(?P<rest>[^{}]*?)\s*-?\}\}",
    re.DOTALL,
)
_REST = re.compile(
    r"""\s*(?:\.\s*(?P<key>[\w-]+)|\[\s*["'](?P<quoted>[^"']+)["']\s*\])"""
    r"""(?:\s*\.\s*(?P<form>\w+)\s*(?:\(\s*(?:["'](?P<pin>[^"']*)["']\s*)?\))?)?""",
    re.DOTALL,
)
_LONGEST = 500_000
"""Characters of a text with its citations."""
_FORMS = ("full", "short", "name")
_HINT = (
    'such as {{ cite.printz }}, {{ cite.printz.short("935") }}, {{ cite.printz.full("935") }} or {{ cite.printz.name }}'
)


def write_cites_of(letter: Letter, authorities: Authorities | None, shown: str) -> tuple[Letter, list[Problem]]:
    """Return a letter or an enclosure with each citation in the place of its tag, and what is wrong with the tags.

    The tags of a letter made in Word stay in its file, where they are told as fields that there are not.
    """
    if letter.word:
        return letter, []
    body, problems = write_cites(letter.body, authorities, shown)
    if letter.frame is None:
        return letter._replace(body=body), problems
    frame, more = write_cites(letter.frame, authorities, shown)
    return letter._replace(body=body, frame=frame), [*more, *problems]


def write_cites(source: Source, authorities: Authorities | None, shown: str) -> tuple[Source, list[Problem]]:
    """Return a source with each citation in the place of its tag, and what is wrong with the tags.

    `shown` is the name of the authorities file for messages. Every other character keeps its place in the user's file.
    """
    writer = _Writer(source, authorities, shown)
    position = 0
    for match in _TAG.finditer(source.text):
        if match["rest"] is not None:
            writer.add(source.text[position : match.start()])
            writer.add_cite(match)
            position = match.end()
    if not position:
        return source, []
    writer.add(source.text[position:])
    text = "".join(writer.pieces)
    return source._replace(text=text, insertions=tuple(writer.insertions)), writer.problems


@dataclass(slots=True)
class _Writer:
    source: Source
    authorities: Authorities | None
    shown: str
    pieces: list[str] = field(default_factory=list)
    insertions: list[Insertion] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    length: int = 0
    is_full: bool = False
    """Whether the limit was reached, after which no citation is written."""

    def add(self, text: str) -> None:
        self.pieces.append(text)
        self.length += len(text)

    def add_cite(self, match: re.Match[str]) -> None:
        place = self.source.place(match.start())
        read = _REST.fullmatch(match["rest"])
        key = (read["key"] or read["quoted"]) if read else ""
        words = ""
        if not read or (read["form"] or "full") not in _FORMS:
            what = f"{' '.join(match[0].split())} is not how a citation is written"
            self.problems.append(Problem(place, what, _HINT))
        elif self.authorities is None:
            hint = f'write it with a table for each source: [{key}], and below it full = "…" and read_by = "unread"'
            self.problems.append(Problem(place, f"the letter cites {key}, but there is no {self.shown}", hint))
        elif not (authority := self._authority(key)):
            hint = did_you_mean(key, self.authorities.by_key)
            self.problems.append(Problem(place, f'there is no authority "{key}" in {self.shown}', hint))
        elif self.length > _LONGEST:
            if not self.is_full:
                what = f"with its citations the text has more than {_LONGEST:,} characters, too many for a letter"
                self.problems.append(Problem(place, what, "shorten the entries of the authorities file"))
            self.is_full = True
        else:
            words = " ".join(_words(authority, read).split())
            key = next(known for known, each in self.authorities.by_key.items() if each is authority)
        # A tag that goes on in the next line keeps its line breaks, so that every line below keeps its number.
        words += "\n" * match[0].count("\n")
        self.insertions.append(Insertion(self.length, self.length + len(words), match[0], key))
        self.add(words)

    def _authority(self, key: str) -> Authority | None:
        known = self.authorities.by_key if self.authorities else {}
        return known.get(key) or known.get(key.replace("_", "-"))


def _words(authority: Authority, read: re.Match[str]) -> str:
    form, pin = read["form"], (read["pin"] or "").strip()
    if form == "name":
        return write_name(authority)
    if form == "short":
        return write_short(authority, pin)
    return write_full(authority, pin, parenthetical=form is None)
