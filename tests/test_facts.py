"""Every sentence of the pack that states law or a fact names what it rests on: an authority, or a fact."""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from letters.cite.sheet import sentence_at
from tests.desk import ROOT

TEMPLATES = ROOT / "templates"
FACTS = tomllib.loads((TEMPLATES / "facts.toml").read_text("utf-8"))
AUTHORITIES = tomllib.loads((TEMPLATES / "authorities.toml").read_text("utf-8"))
TEXTS = sorted(
    path for path in TEMPLATES.rglob("*.md") if "frames" not in path.parts and path.name != "model-policy.md"
)
"""The letters, clauses and enclosures, those of the editions too; the model policy proposes rules and states none."""
AFTER = datetime.date(2025, 9, 17)
_NOTE = re.compile(r"^\[\^([^\]]+)\]:(.*?)(?=\n\s*\n(?! )|\Z)", re.MULTILINE | re.DOTALL)
_STATES = re.compile(
    r"\b(?:laws?|statutes?|courts?|judges?|Congress|Constitution|Amendment|Circuit|Acts?|regulations?|Bills?|House|Senate"
    r"|legislature|ICE|detainers?|warrants?|seizure|immun\w+|liab\w+|licen[cs]e|crime|visas?|survey|report\w*|listed?"
    r"|Department|section|percent|federal|agreements?|sued?|held)\b|§|\$|\b\d{4}\b|“(?!\[)",
)
"""Words by which a sentence may state law or a fact."""
_LEAD = r"^(?:\d+\. |\([a-z]+\) |[-*] )?(?:\*[^*]+\*,? )?"
_WE = "ask|recommend|suggest|hope|write|wrote|would|can|do not know|have written|request|may"
_OTHERS = (
    "Please|Thank|If (?:you|it|one|an?|your|this|part)|May (?:we|officers)|To correct|Until then, we|This letter"
    "|It states our|Source:|In short|You(?:r agency)? (?:can|may)|An agency without|Was the|The request|Their agent"
    "|Once a year|The board may|Under that Act|The letter (?:to|asks)|And if|By keeping|Where records|Unless an item"
    "|There is more|The model policy|This request|It asks for|It recommends"
)
_ASKS = re.compile(rf"{_LEAD}(?:We (?:also )?(?:{_WE})\b|(?:{_OTHERS})(?!\w)|“\[|\*\*In short)")
"""How a sentence begins that asks, offers or recommends, and states nothing that it would have to prove."""
_IMPERATIVES = "Hold|Honor|Begin|Ask|Give|Enter|Have|Name|Let|Take|Record|Say|Every|Policies|Records|For each|Each"
_IMPERATIVE = re.compile(rf"^\d+\. \*[^*]+\* (?:{_IMPERATIVES}|How many|What|Is there|Officers)\b")
_OF_A_LIST = re.compile(
    r"^(?:\([a-z]+\) |(?:Honor|Let|Take|Groups ask|Each|We think not|\d+\. (?:give|from|tell|keep))\b)"
)


def body_and_notes(path: Path) -> tuple[str, dict[str, str]]:
    text = path.read_text("utf-8")
    text = text.partition("\n---\n")[2] if text.startswith("---\n") else text
    text = re.sub(r"\{#\s*(fact:\s*[^#]*?|ours|list)\s*#\}", lambda mark: f"‹{' '.join(mark[1].split())}›", text)
    text = re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)
    text = re.sub(r"\{\{\s*cite\.([\w-]+)[^{}]*\}\}", r"‹cite \1›", text)
    text = re.sub(r"\{%[^%]*%\}|^:::.*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"\{\{[^{}]*\}\}", "X", text)
    notes = {match[1]: " ".join(match[2].split()) for match in _NOTE.finditer(text)}
    body = re.sub(r"\[\^([^\]]+)\]", r"‹note \1›", _NOTE.sub("", text))
    return body, notes


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text, each with the marks that stand behind its full stop."""
    for block in re.split(r"\n\s*\n", text):
        if block.lstrip().startswith("#"):
            continue
        line = re.sub(r"([.?!][”)]?)((?:‹[^›]+›)+)", r"\2\1", " ".join(block.split()))
        position = 0
        while position < len(line):
            sentence = sentence_at(line, position + 1)
            if not sentence:
                break
            yield sentence
            position = line.index(sentence, position) + len(sentence) + 1


def marks(sentence: str, kind: str) -> list[str]:
    return [key for mark in re.findall(rf"‹{kind}:? ([^›]+)›", sentence) for key in re.split(r",\s*", mark)]


def rests(sentence: str, notes: dict[str, str]) -> bool:
    """Return whether a sentence or its note names an authority, a fact or a part of the letter, or is our own."""
    told = [sentence, *(notes.get(name, "") for name in marks(sentence, "note"))]
    return any(re.search(r"‹(?:cite|fact|ours|list)|\(Part \d\)", each) for each in told)


_OPEN = re.compile(r"\s*\[[^\[\]]*\]\s*")
"""Words that somebody has yet to write."""


def untraced(path: Path) -> list[str]:
    body, notes = body_and_notes(path)
    found = []
    for sentence in sentences(body):
        plain = re.sub("‹[^›]*›", "", sentence)
        if plain.startswith("|") or plain.endswith("?") or _OPEN.fullmatch(plain) or not _STATES.search(plain):
            continue
        if _ASKS.match(plain) or _IMPERATIVE.match(plain) or _OF_A_LIST.match(plain) or rests(sentence, notes):
            continue
        found.append(plain)
    found += [f"[^{name}]: {note}" for name, note in notes.items() if not ("‹" in note or _OPEN.fullmatch(note))]
    return found


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_every_sentence_that_states_law_or_a_fact_names_what_it_rests_on(path: Path) -> None:
    assert untraced(path) == []


def test_a_sentence_that_rests_on_nothing_is_found(tmp_path: Path) -> None:
    path = tmp_path / "letter.md"
    text = "Congress has said so.{# fact: models #} The Senate has not. We ask for a law. The court held it.[^one]"
    notes = "[^one]: {{ cite.printz }}.\n\n[^two]: A note without a source."
    path.write_text(f"---\ntitle: T\n---\n\n{{# Counsel must review. #}}\n\n{text}\n\n{notes}\n", "utf-8")
    assert untraced(path) == ["The Senate has not.", "[^two]: A note without a source."]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_every_key_that_a_letter_names_is_an_entry(path: Path) -> None:
    body, notes = body_and_notes(path)
    text = "\n".join([body, *notes.values()])
    assert [key for key in marks(text, "fact") if key not in FACTS] == []
    assert [key for key in marks(text, "cite") if key not in AUTHORITIES] == []


def test_facts_of_later_stand_in_later_editions_alone() -> None:
    later = {key for key, fact in FACTS.items() if fact["date"] > AFTER}
    assert later
    for path in TEXTS:
        if "editions" not in path.parts:
            body, notes = body_and_notes(path)
            assert [key for key in marks("\n".join([body, *notes.values()]), "fact") if key in later] == []


def test_every_fact_tells_its_source_and_its_date() -> None:
    for key, fact in FACTS.items():
        assert set(fact) == {"says", "source", "date", "status"}, key
        assert fact["status"] in ("text", "page"), key
        assert isinstance(fact["date"], datetime.date), key


def test_every_parenthetical_is_short_and_nothing_of_the_authorities_is_taken_for_read() -> None:
    for key, authority in AUTHORITIES.items():
        assert len(authority.get("says", "").split()) <= 20, key
        assert authority["read_by"] in ("unread", "[counsel]"), key
