"""Asks on a terminal, one thing at a time, who writes a campaign's letters, who signs them, and to whom they go."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from letters.campaign.init import PLACE_ORGANIZATION, PLACE_SIGNER, read_organization, read_signer
from letters.formats.pictures import SUFFIXES, UnusablePicture, check_picture
from letters.model.problems import CannotGoOn
from letters.model.settings import Organization, Signer

_MOST = 4
"""Organizations that a letterhead has room for."""


def ask_organizations() -> list[Organization]:
    """Ask for organizations with their address, telephone, website and logo until a name is left empty.

    An answer left empty becomes a place in brackets, but for telephone, website and logo, which a letterhead can do
    without. Where the name comes with its address on one line, that is not asked for.
    """
    found: list[Organization] = []
    while len(found) < _MOST:
        which = "another organization that writes" if found else "the organization that writes"
        name = ask(f"Name of {which}")
        if not name:
            break
        try:
            one = read_organization(name)
        except CannotGoOn as error:
            print(f"  {error}", file=sys.stderr)
            continue
        if one.address == PLACE_ORGANIZATION.address:
            street, last = one.address
            address = (ask("  Street and number") or street, ask("  City, state and ZIP") or last)
            one = replace(one, address=address)
        found.append(replace(one, phone=ask("  Telephone"), web=ask("  Website"), logo=_ask_logo()))
    return found


def ask_signers(organizations: Sequence[Organization]) -> list[Signer]:
    """Ask for those who sign, with title and organization, until a name is left empty."""
    found: list[Signer] = []
    while True:
        name = ask(f"Name of {'another person' if found else 'the person'} who signs")
        if not name:
            return found
        one = read_signer(name, organizations)
        if one.title == PLACE_SIGNER.title:
            one = replace(one, title=ask("  Title") or one.title)
        if not one.organization and organizations:
            numbers = {str(number): each.name for number, each in enumerate(organizations, start=1)}
            said = ask(f"  Of which organization: {', '.join(f'{n} {each}' for n, each in numbers.items())}")
            one = replace(one, organization=numbers.get(said, said))
        found.append(one)


def ask_list() -> Path | None:
    """Ask for the file of the person's own list; None for the one that comes with the toolkit."""
    while said := ask("Your list, a CSV file or a spreadsheet (Enter for Michigan's)", enter=""):
        path = Path(said.strip("'\"")).expanduser()
        if path.is_file():
            return path
        print(f'  there is no file "{said}"; it can be dragged into this window', file=sys.stderr)
    return None


def _ask_logo() -> Path | None:
    while said := ask("  Logo, a PNG, JPEG or SVG file"):
        path = Path(said.strip("'\"")).expanduser()
        try:
            if path.suffix.lower() not in SUFFIXES:
                raise UnusablePicture("it is none of these", "save it as .png, .jpg or .svg")
            check_picture(path)
        except UnusablePicture as error:
            print(f'  "{said}" cannot be placed: {error.what}; {error.hint}', file=sys.stderr)
        except OSError as error:
            print(f'  "{said}" cannot be read: {error.strerror}', file=sys.stderr)
        else:
            return path
    return None


def ask(what: str, enter: str = " (Enter to go on)") -> str:
    """Ask for a line on stderr, since stdout is for what the command makes."""
    print(f"{what}{enter}: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip()
