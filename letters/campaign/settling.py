"""Settles what a campaign leaves open: [brackets], date, status, writers, signers, merge fields of Word letters.

Everything else in the files stays as it is, remarks too.
"""

from __future__ import annotations

import datetime
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import partial
from itertools import chain
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from letters.campaign.init import TABLES
from letters.campaign.load import read_sources
from letters.compile.fields import expression_problems, schema
from letters.formats.files import cannot_write, write_whole
from letters.formats.pictures import SUFFIXES, UnusablePicture, check_picture
from letters.model.problems import CannotGoOn, Exit, Place, Problem, did_you_mean
from letters.model.records import Tag
from letters.model.settings import Status
from letters.read import placeholders
from letters.read.campaign import FORMS, offices_of, read_campaign, read_forms
from letters.read.recipients import imported_headings, read_recipients
from letters.read.text import decode, rewritten
from letters.read.toml import Document, add_table, edited, parse_toml, put, read_toml, remove_table, with_tables
from letters.read.word_letter import read_merge_fields
from letters.read.word_merge import DERIVED, MergeNames, spelling

_NAMED = re.compile(r"(?P<table>organizations|signers)\.(?P<number>[1-9]\d?)\.(?P<key>\w+)")
"""How a value of a table is named: organizations.1.phone."""
_KEYS = {table: [each.name for each in fields(record)] for table, record in TABLES.items()}
_UNSAFE = re.compile(r"[^\w.()+-]+")
SETTINGS = ("date", "status", "subject", "delivery", "closing", "letter")
"""The keys that may be set by name."""
_FRONT_MATTER = re.compile(r"---[ \t]*\r?\n.*?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_BRACKETS = re.compile(r"\[[^\]]*\]")
_MARKDOWN = re.compile(r"[\\`*_\[\]<>^~$|@{}#]")
"""What would be markup in a text, and is meant as it stands."""


def _set_value(document: Document, what: str, value: str) -> None:
    """Set a value of one of a campaign's tables, such as organizations.1.phone.

    Lines of an address are set apart by semicolons. The number after the last one begins a table, by its name; an empty
    name takes a table away, another empty value its key. Who signs for an organization goes on to do so under its new
    name. Raises CannotGoOn where there is no such place.
    """
    named = _NAMED.fullmatch(what)
    assert named
    name, number, key = named["table"], int(named["number"]) - 1, named["key"]
    if key not in _KEYS[name]:
        raise CannotGoOn(Exit.WRONG_CALL, f'"{key}" is not a key of {name}', did_you_mean(key, _KEYS[name]))
    tables = document.get(name, [])
    if not isinstance(tables, list) or number > len(tables) or (number == len(tables) and (key != "name" or not value)):
        hint = f"they are numbered from 1 to {len(tables)}; the next one begins with its name"
        raise CannotGoOn(Exit.WRONG_CALL, f'there is no "{what}"', hint)
    if number == len(tables):
        add_table(document, name, {"name": value})
        return
    if key == "name" and not value:
        if len(tables) == 1:
            raise CannotGoOn(Exit.WRONG_CALL, f"{name}: at least one has to stay", "give it another name")
        remove_table(document, name, number)
        return
    table = tables[number]
    if name == "organizations" and key == "name":
        _rename(document, str(table.get("name", "")), value)
    if value:
        lines = [line.strip() for line in value.split(";") if line.strip()]
        put(table, key, lines if key == "address" else value)
    else:
        table.pop(key, None)


def _rename(document: Document, old: str, new: str) -> None:
    """Write an organization's new name wherever somebody signs or approves for it."""
    for signer in document.get("signers", []):
        if old and signer.get("organization") == old:
            put(signer, "organization", new)
    approvals = document.get("approvals", [])
    for number, name in enumerate(approvals):
        if name == old:
            approvals[number] = new


def _take_logo(campaign: Path, logo: Path, templates: str) -> Path:
    """Copy a picture into the templates of a campaign, unless it lies in its folder; return its name from there.

    Raises CannotGoOn for what is no picture, or one that a letterhead cannot show.
    """
    try:
        if logo.suffix.lower() not in SUFFIXES:
            raise UnusablePicture("it is neither SVG, PNG nor JPEG", "save it as .png, .jpg or .svg")
        check_picture(logo)
        content = logo.read_bytes()
    except UnusablePicture as error:
        raise CannotGoOn(Exit.PROBLEMS, f'"{logo.name}" cannot be placed: {error.what}', error.hint) from None
    except OSError as error:
        raise CannotGoOn(Exit.PROBLEMS, f'"{logo}" cannot be read: {error.strerror}') from None
    folder = campaign.parent.resolve()
    if logo.resolve().is_relative_to(folder):
        return logo.resolve().relative_to(folder)
    name = _UNSAFE.sub("-", logo.stem).strip("-.") or "logo"
    for number in range(1, 1000):
        there = Path(templates, f"{name}{f'-{number}' if number > 1 else ''}{logo.suffix.lower()}")
        if not (folder / there).exists():
            try:
                shutil.copyfile(logo, folder / there)
            except OSError as error:
                raise cannot_write(folder / there, error) from None
            return there
        # The same picture once more, such as for two organizations of one house.
        if (folder / there).read_bytes() == content:
            return there
    raise CannotGoOn(Exit.CANNOT_WRITE, f'too many files are called "{logo.name}"', "give it another name")


def brackets(text: str) -> list[str]:
    """List the places of a campaign's text that are to be filled in, each once, in the order of the file."""
    strings = _strings(parse_toml(text, "campaign.toml").table)
    return list(dict.fromkeys(f"[{words}]" for string in strings for _, words in placeholders.in_text(string)))


def settle(path: Path, said: Sequence[tuple[str, str]], also_known: Iterable[str] = ()) -> int:
    """Settle places of a campaign file, each with its value, all or none; return how many were changed.

    A place is a [bracket], which is filled in wherever it stands, a key such as date, or a value of a table, such as
    organizations.1.phone. The value of a logo is the path of a picture, which is copied into the campaign.
    `also_known` are places elsewhere, which may have been meant. Raises CannotGoOn where there is no such place, and
    where the value cannot stand there.
    """
    count = 0

    def change(text: str) -> str:
        known = list(dict.fromkeys([*brackets(text), *also_known]))
        return edited(text, path.name, lambda document: settle_all(document, known))

    def settle_all(document: Document, known: Sequence[str]) -> None:
        nonlocal count
        for what, value in said:
            count += _settle(document, path, what, " ".join(value.split()), known)

    write_whole(path, rewritten(path, change), private=False)
    return count


def _settle(document: Document, path: Path, what: str, value: str, known: Sequence[str]) -> int:
    """Settle one place of a campaign; return how often it stood there."""
    if what in SETTINGS:
        put(document, what, _setting(what, value))
        return 1
    if _NAMED.fullmatch(what):
        if what.endswith(".logo") and value:
            value = _take_logo(path, Path(value).expanduser(), str(document.get("templates", "templates"))).as_posix()
        _set_value(document, what, value)
        return 1
    if what not in known:
        hint = did_you_mean(what, known)
        raise CannotGoOn(Exit.WRONG_CALL, f'"{what}" is nowhere in the campaign and its letter', hint)
    if not value:
        raise CannotGoOn(Exit.WRONG_CALL, f'nothing was said for "{what}"', "write what stands in its place")
    return _fill_in(document, what, value)


def _setting(key: str, value: str) -> str | datetime.date:
    """Return the value of a key as it stands in the file; raises CannotGoOn where it cannot stand there."""
    if key == "status" and value not in tuple(Status):
        raise CannotGoOn(Exit.WRONG_CALL, f'"{value}" is no status', "draft or final")
    if key != "date":
        return value
    try:
        return datetime.date.fromisoformat(value)
    except ValueError:
        raise CannotGoOn(Exit.WRONG_CALL, f'"{value}" is not a date', "write it as 2025-09-17") from None


def _fill_in(container: Any, bracket: str, value: str) -> int:
    """Fill in a bracket in all strings of a table or a list, and of those inside; return how often it stood there."""
    count = 0
    for key, inside in list(container.items() if isinstance(container, dict) else enumerate(container)):
        if isinstance(inside, dict | list):
            count += _fill_in(inside, bracket, value)
        elif isinstance(inside, str) and bracket in inside:
            count += inside.count(bracket)
            filled = inside.replace(bracket, value)
            if isinstance(container, dict):
                put(container, key, filled)
            else:
                container[key] = filled
    return count


def _strings(value: object) -> Iterator[str]:
    """Yield every string of a value, in the order of the file."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inside in value.values() if isinstance(value, dict) else value:
            yield from _strings(inside)


class FilledFile(NamedTuple):
    """A file in which places were filled in or set."""

    path: Path
    places: int


def settle_everywhere(path: Path, said: Sequence[tuple[str, str]]) -> list[FilledFile]:
    """Settle places of a campaign, each with its value, and where they are [brackets], of the texts of its letter.

    Return the files that were changed. Raises CannotGoOn where there is no such place, and where a value cannot stand
    there; nothing is changed then.
    """
    said = [(what, " ".join(value.split())) for what, value in said]
    is_bracket = [not (what in SETTINGS or _NAMED.fullmatch(what)) for what, _ in said]
    texts = texts_with_brackets(path) if any(is_bracket) else {}
    # A bracket may stand in campaign.toml and in the letter: it is filled in wherever it does.
    there = brackets(decode(path.read_bytes(), path.name)[0])
    own = [(what, value) for what, value in said if what not in texts or not value or what in there]
    filled = [FilledFile(path, settle(path, own, also_known=texts))] if own else []
    for text in dict.fromkeys(chain.from_iterable(texts.get(what, ()) for what, _ in said)):
        words = decode(text.read_bytes(), text.name)[0]
        if places := sum(len(_spans(words, what)) for what, _ in said):
            write_whole(text, rewritten(text, partial(_filled, said=said)), private=False)
            filled.append(FilledFile(text, places))
    return filled


def texts_with_brackets(path: Path) -> dict[str, list[Path]]:
    """Map the [brackets] of a campaign's letter, and of its enclosures, to the texts in which they stand.

    Other letters of the campaign may mean somebody else by the same words, and are left alone.
    """
    found: dict[str, list[Path]] = {}
    for source in read_sources(path):
        for offset, words in placeholders.in_text(placeholders.without_tags(source.text)):
            text = path.parent / source.place(offset).path
            if text.suffix == ".md" and text not in (texts := found.setdefault(f"[{words}]", [])):
                texts.append(text)
    return found


def _body(text: str) -> str:
    """Return a text with spaces for its tags and its front matter, in which a value would need other escapes."""
    front = _FRONT_MATTER.match(text)
    blank = re.sub(r"[^\n]", " ", front[0]) if front else ""
    return placeholders.without_tags(blank + text[len(blank) :])


def _filled(text: str, said: Sequence[tuple[str, str]]) -> str:
    """Return a text in Markdown with brackets filled in."""
    for bracket, value in said:
        written = _MARKDOWN.sub(r"\\\g<0>", value)
        # From the end, so that offsets of those before it stay.
        for start, end in reversed(_spans(text, bracket)):
            text = text[:start] + written + text[end:]
    return text


def _spans(text: str, bracket: str) -> list[tuple[int, int]]:
    """Return where a bracket stands in a text, from where to where."""
    return [
        (offset, match.end())
        for offset, words in placeholders.in_text(_body(text))
        if f"[{words}]" == bracket and (match := _BRACKETS.match(text, offset))
    ]


class MergeFields(NamedTuple):
    """The merge fields of a letter, and what each stands for."""

    found: Mapping[str, str]
    """The expression of each field by name; empty where nothing is known of it."""
    given: frozenset[str]
    """The names of which the campaign itself says what they stand for."""
    offices: tuple[str, ...]
    columns: tuple[str, ...]

    @property
    def known(self) -> list[str]:
        """Return the fields of a recipient that there are."""
        return [f"recipient.{name}" for name in (*DERIVED, *self.columns)]

    def settled(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return what all fields stand for, those that are given as they are given.

        Raises CannotGoOn for a name that the letter has not, and for what a letter could not print.
        """
        # People write «First_Name» as First Name on the command line.
        names = {spelling(name): name for name in self.found}
        wrong: list[Problem] = []
        meanings = dict(self.found)
        for name, expression in given.items():
            if spelling(name) not in names:
                hint = did_you_mean(f"«{name}»", [f"«{each}»" for each in self.found])
                raise CannotGoOn(Exit.WRONG_CALL, f"the letter has no merge field «{name}»", hint)
            known = schema(self.columns, self.offices, (), ())
            wrong += expression_problems([Tag("output", expression, Place())], known)
            meanings[names[spelling(name)]] = expression
        if wrong:
            raise CannotGoOn(Exit.WRONG_CALL, wrong[0].what, wrong[0].hint)
        return meanings


def list_merge_fields(campaign_file: Path, letter: str) -> MergeFields:
    """Return the merge fields of a letter made in Word; raises CannotGoOn where there is no such letter."""
    settings = read_toml(campaign_file, campaign_file.name)
    campaign, _ = read_campaign(settings, campaign_file.parent)
    if campaign is None:
        raise CannotGoOn(Exit.PROBLEMS, f"{campaign_file.name} has mistakes", "run: letters check")
    templates = campaign_file.parent / campaign.templates
    letter = PurePath(letter).name.removesuffix(".docx")
    path = templates / f"{letter}.docx"
    if not path.is_file():
        words = [each.stem for each in templates.glob("*.docx") if each.stem != "letterhead"]
        what = f'there is no letter made in Word named "{letter}"'
        raise CannotGoOn(Exit.WRONG_CALL, what, did_you_mean(letter, words))
    forms, _ = read_forms(read_toml(templates / FORMS, FORMS))
    offices, listed = offices_of(forms), campaign.recipients
    _, columns, _ = read_recipients(campaign_file.parent / listed, listed.as_posix(), offices)
    names = MergeNames(campaign.merge_fields, columns, imported_headings(campaign_file.parent))
    found = read_merge_fields(path, f"{campaign.templates.as_posix()}/{path.name}", names)
    return MergeFields(found, frozenset(campaign.merge_fields), offices, tuple(columns))


def keep_merge_fields(campaign_file: Path, meanings: Mapping[str, str]) -> None:
    """Write what merge fields stand for into campaign.toml; everything else in it stays as it is."""
    changed = partial(with_tables, shown=campaign_file.name, tables={"merge_fields": meanings})
    write_whole(campaign_file, rewritten(campaign_file, changed))
