"""Writes who writes and who signs into the document of campaign.toml; every other line of it stays, remarks too."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from letters.formats.files import cannot_write
from letters.formats.pictures import SUFFIXES, UnusablePicture, check_picture
from letters.formats.toml_edit import Document, add_table, put, remove_table
from letters.model.problems import CannotGoOn, Exit, did_you_mean

NAMED = re.compile(r"(?P<table>organizations|signers)\.(?P<number>[1-9]\d?)\.(?P<key>\w+)")
"""How a value of a table is named: organizations.1.phone."""
_KEYS = {
    "organizations": ("name", "address", "phone", "email", "web", "logo"),
    "signers": ("name", "title", "organization"),
}
_UNSAFE = re.compile(r"[^\w.()+-]+")


def set_value(document: Document, what: str, value: str) -> None:
    """Set a value of one of a campaign's tables, such as organizations.1.phone.

    Lines of an address are set apart by semicolons. The number after the last one begins a table, by its name; an empty
    name takes a table away, another empty value its key. Who signs for an organization goes on to do so under its new
    name. Raises CannotGoOn where there is no such place.
    """
    named = NAMED.fullmatch(what)
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


def take_logo(campaign: Path, logo: Path, templates: str) -> Path:
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
        if (folder / there).read_bytes() == content:
            return there
    raise CannotGoOn(Exit.CANNOT_WRITE, f'too many files are called "{logo.name}"', "give it another name")
