"""The command that opens the desk, a page in the browser."""

from __future__ import annotations

import contextlib
import importlib
import sys
from typing import Annotated, Any

import typer

from letters.cli import screen
from letters.cli.options import HERE, CampaignOption, LetterOption, OutOption
from letters.model.problems import CannotGoOn, Exit


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("open")(open_desk)


def open_desk(
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    out: OutOption = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="Look at everything, and change nothing.")] = False,
    port: Annotated[
        int, typer.Option("--port", help="A port of this machine. [default: any that is free]", min=0, max=65535)
    ] = 0,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open it in the browser, or only print the address.")
    ] = True,
) -> None:
    """Open the desk: the campaign as a page in your browser, for people who would rather look than type.

    It shows the same folder as every other command, and the files stay the truth. Nothing leaves this computer, and
    no other can reach the page. It ends with Ctrl-C, or ten minutes after its last page was closed.

    Example: letters open
    """
    try:
        # By its name, since it is an extra: what it needs may not be installed.
        desk: Any = importlib.import_module("letters.desk.app")
    except ModuleNotFoundError as error:
        hint = 'install it: pip install "letters-toolkit[desk]", or in the repository: make install'
        raise CannotGoOn(Exit.MISSING_ON_MACHINE, f"the desk needs {error.name}, which is missing", hint) from None
    settings = desk.DeskSettings(campaign=campaign, letter=letter, out=out, read_only=read_only, port=port)
    server = desk.open_desk(settings)
    with contextlib.suppress(KeyboardInterrupt):
        print(server.url, flush=True)
        print("The address works once. End with Ctrl-C.", file=sys.stderr, flush=True)
        if browser:
            screen.open_in_program(server.url)
        server.run()
    print("the desk is closed; everything that was saved is in the files", file=sys.stderr)
