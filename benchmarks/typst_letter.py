"""Writes the campaign's letter for Typst: the same words and notes from the same tree, in a plain frame."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from letters.cite.style import write_cites_of
from letters.compile.fields import statics
from letters.compile.lower import Guards, lower
from letters.compile.parse import parse
from letters.compile.settle import settle
from letters.compile.word_body import HOIST, Snippets
from letters.formats import pandoc
from letters.formats.jinja import TOKEN, roots, token_number
from letters.formats.tree import Node
from letters.model.records import Letter
from letters.model.settings import Campaign
from letters.read.campaign import AUTHORITIES, read_authorities, read_campaign
from letters.read.letter import read_enclosure, read_letter
from letters.read.toml import read_toml

VALUES_NAME = "typst-values.json"
"""The file that lists what to compute for each letter; Typst gets the results."""
_FIRST = ("campaign.date | long_date", "letter.subject", "recipient.running_name", "recipient.jurisdiction | capfirst")
_TAG = re.compile(r"\{\{ (.*?) \}\}|\{% (\w+) ?(.*?) %\}", re.DOTALL)
_LETTER_START = """
#let values = json(bytes(sys.inputs.values))
#let recipient = json(bytes(sys.inputs.recipient))
#let at(n) = { let x = values.at(n); if x == none { false } else if type(x) == str { x != "" } else { x } }
#set document(title: recipient.agency)
#set text(font: "Charis SIL", size: 10.5pt, lang: "en")
#set par(justify: false, leading: 0.55em, spacing: 0.9em)
#set page(paper: "us-letter", margin: (x: 1.2in, y: 1in), header: context if counter(page).get().first() > 1 [
  #set text(size: 9pt)
  #values.at(2) #h(1fr) #values.at(0) #h(1fr) Page #counter(page).display() of #counter(page).final().first()
])
#set heading(numbering: none)
#show heading: set text(size: 11pt)
#let horizontalrule = line(length: 100%)
"""
_FRAME_START = """
#for organization in {organizations} [ *#organization* #h(1fr) ]

#v(2em)
#values.at(0)

#for line in recipient.inside_address [#line \\ ]

Re: *#values.at(1)* \\ #values.at(3)

#recipient.salutation

"""


def write_typst(folder: Path) -> None:
    """Write letter.typ of a campaign's folder, and the list of the values it needs."""
    campaign, _ = read_campaign(read_toml(folder / "campaign.toml", "campaign.toml"), folder)
    assert campaign is not None
    templates = folder / campaign.templates
    letter, _ = read_letter(campaign.letter, templates, "templates")
    names = letter.enclosures if campaign.enclosures is None else campaign.enclosures
    enclosures = [read_enclosure(name, letter, templates, "templates")[0] for name in names]
    authorities, _ = read_authorities(read_toml(templates / AUTHORITIES, AUTHORITIES))
    parts = [write_cites_of(each, authorities, AUTHORITIES)[0] for each in (letter, *enclosures)]
    writer = _Writer(campaign, parts)
    organizations = json.dumps([organization.name for organization in campaign.organizations])
    text = _LETTER_START + _FRAME_START.replace("{organizations}", f"({organizations[1:-1]},)")
    text += writer.part(0) + _signatures(campaign)
    for number in range(1, len(enclosures) + 1):
        text += f"\n#pagebreak()\n\n{writer.part(number)}"
    (folder / "letter.typ").write_text(text, "utf-8")
    (folder / VALUES_NAME).write_text(json.dumps(writer.expressions), "utf-8")


def _signatures(campaign: Campaign) -> str:
    cells = "".join(f"[#{json.dumps(signer.name)} \\ #{json.dumps(signer.title)}], " for signer in campaign.signers)
    copies = "".join(f"cc: #{json.dumps(copy.name)} \\\n" for copy in campaign.copies)
    return f"\n#{json.dumps(campaign.closing)}\n\n#v(3em)\n#grid(columns: (1fr, 1fr), {cells})\n\n{copies}\n"


class _Writer:
    def __init__(self, campaign: Campaign, letters: Sequence[Letter]) -> None:
        self._letters = letters
        self._statics = statics(campaign, letters[0], letters[1:])
        self.expressions = list(_FIRST)

    def part(self, number: int) -> str:
        """Write the body of a letter or an enclosure."""
        parsed, _ = parse(self._letters[number].body)
        settled, _ = settle(parsed, self._statics)
        snippets = Snippets()
        written = _pandoc(lower(settled, number, snippets, Guards()))
        if number == 0:  # where Word's headings begin with the second level; PDF/UA wants the first
            written = re.sub("^==", "=", written, flags=re.MULTILINE)
        return self._with_code(_hoisted(written, snippets), snippets)

    def _with_code(self, text: str, snippets: Snippets) -> str:
        return TOKEN.sub(lambda token: _TAG.sub(self._code, snippets.texts[token_number(token)]), text)

    def _code(self, tag: re.Match[str]) -> str:
        if tag[1]:
            return f"#{self._value(tag[1])};"
        if tag[2] == "for":
            name, _, listed = tag[3].partition(" in ")
            return f"#for {name} in {self._value(listed)} ["
        opening = {
            "if": "#if at({0}) [",
            "elif": "] else if at({0}) [",
            "else": "] else [",
            "endif": "]",
            "endfor": "]",
        }
        return opening[tag[2]].format(self._number(tag[3]) if tag[3] else 0)

    def _value(self, expression: str) -> str:
        """Name a value: a loop's variable as it stands, all else by its number among those computed beforehand."""
        # A loop runs in Typst, so its variable is known there only.
        if roots(expression) <= {"recipient", "campaign", "letter", "notes", "note"}:
            return f"values.at({self._number(expression)})"
        return expression

    def _number(self, expression: str) -> int:
        self.expressions.append(expression)
        return len(self.expressions) - 1


def _hoisted(text: str, snippets: Snippets) -> str:
    """Move the tags that stand between the items of a list out of the item that carries them."""

    def move(item: re.Match[str]) -> str:
        snippet = snippets.texts[token_number(re.fullmatch(TOKEN, item[2]))]  # type: ignore[arg-type]
        if not snippet.startswith(HOIST):
            return item[0]
        return snippets.token(snippet.removeprefix(HOIST)) + "\n" + item[1]

    return re.sub(rf"^(\s*(?:[-+]|\d+\.)\s+)({TOKEN.pattern})", move, text, flags=re.MULTILINE)


def _pandoc(blocks: list[Node]) -> str:
    tree = json.dumps({"pandoc-api-version": [1, 23, 1], "meta": {}, "blocks": blocks})
    command = [pandoc.program(), "--from", "json", "--to", "typst", "--wrap", "none"]
    return subprocess.run(command, input=tree, capture_output=True, text=True, check=True).stdout
