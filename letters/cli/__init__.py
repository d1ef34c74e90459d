"""The words of the command line: what it asks, what it says; all work is done elsewhere.

One module for each family of commands; each offers its commands to the program that is put together here.
"""

from __future__ import annotations

import atexit
import functools
import gc
import sys
from typing import TYPE_CHECKING

from letters.cli import swift
from letters.problems import CannotGoOn, Exit

if TYPE_CHECKING:
    import typer

_ABOUT = """
Turn a list of recipients and one letter into personal letters: PDFs to print, sign and post, and DOCX drafts to edit
in Word.

The three commands one needs:

  letters check      read everything, make nothing, list every mistake\n
  letters build      make every letter that is missing or out of date\n
  letters preview ID show one letter

The words are in templates/*.md, the list is recipients.csv, who writes is in campaign.toml.
"""
_STOPPED = "\nstopped; finished letters are kept, and the same command goes on from there"

_EVERY_DAY = ("check", "build", "preview", "status")
"""Commands for which the others are not loaded: that takes as long as to make two hundred letters."""

_OBJECTS = 50_000
"""New objects after which Python looks for those that hold each other: it is 700 by itself, and takes a twentieth of a
short run."""


@functools.cache
def program(word: str = "") -> typer.Typer:
    """Put the program together, or as much of it as it needs that is called with this word first."""
    import typer

    from letters.cli import build

    app = typer.Typer(
        help=_ABOUT, no_args_is_help=True, rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False
    )
    app.callback(invoke_without_command=True)(build.common)
    build.add_to(app)
    if word not in _EVERY_DAY:
        _add_others(app)
    return app


def _add_others(app: typer.Typer) -> None:
    from letters.cli import approval, campaign, draft, mail, mail_record, post, post_eml, sign, wording

    campaign.add_to(app)
    draft.add_to(app)
    approval.add_to(app)
    mail.add_to(app)
    post.add_to(mail.mail_app)
    post_eml.add_to(mail.mail_app)
    mail_record.add_to(mail.mail_app)
    wording.add_to(app, draft.draft_app)
    sign.add_to(app)


def main() -> None:
    """Run the command line; the one place where errors become words and exit codes."""
    gc.set_threshold(_OBJECTS)
    atexit.register(gc.freeze)  # at the end everything is freed: there is nothing to look for
    words = sys.argv[1:]
    try:
        if call := swift.understood(words):
            sys.exit(call())
        program(words[0] if words else "")()
    except CannotGoOn as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.code)
    except KeyboardInterrupt:
        print(_STOPPED, file=sys.stderr)
        sys.exit(Exit.INTERRUPTED)
    except SystemExit as end:
        if end.code == Exit.INTERRUPTED:  # Typer turns Ctrl-C into this code and says nothing
            print(_STOPPED, file=sys.stderr)
        raise
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(Exit.DONE)
