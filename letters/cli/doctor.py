"""The command that says what is missing on this machine."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from letters import __version__
from letters.cli import screen
from letters.cli.options import JsonOption
from letters.model.problems import Exit

if TYPE_CHECKING:
    from letters.formats.machine import Need


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(doctor)


def doctor(json: JsonOption = False) -> None:
    """Say what is missing on this machine, what each is for, and the command to get it.

    Ends with 3 where something is missing without which no letter is made; all else is for those who want it.

    Example: letters doctor
    """
    from letters.formats.machine import needs

    found = needs()
    if json:
        screen.print_json([need._asdict() for need in found])
    else:
        columns = ("", "what", "for", "how to get it")
        screen.print_table(columns, [(_state(need), need.name, need.use, _way(need)) for need in found])
    missing = [need for need in found if need.is_needed and not need.is_there]
    version = f"letters {__version__}, Python {sys.version.partition(' ')[0]}"
    if missing:
        screen.say(f"{version}: no letter can be made before {' and '.join(need.name for need in missing)} is there")
        raise typer.Exit(Exit.MISSING_ON_MACHINE)
    screen.say(f"{version}: letters can be made on this machine")


def _state(need: Need) -> str:
    if need.is_there:
        return "there"
    return "MISSING" if need.is_needed else "not there"


def _way(need: Need) -> str:
    return "" if need.is_there else need.how
