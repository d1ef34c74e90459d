"""The command line: options in, words and exit codes out; all work is done elsewhere.

There is a module for each family of commands or two, and all commands are listed here. A command imports what it runs
when it is run: loading all features would take longer than most commands need.
"""

from __future__ import annotations

import errno
import functools
import io
import logging
import sys
from collections.abc import Callable, Mapping
from typing import Any

import typer

from letters.build.executors import collect_less_often
from letters.cli import approval, build, campaign, draft, mail, post, recipients, show
from letters.model.problems import CannotGoOn, Exit

_ABOUT = """
Turn a list of recipients and one letter into personal letters: PDFs to print, sign and post, and DOCX drafts to edit
in Word.

The three commands one needs:

* letters check: read everything, make nothing, list every mistake
* letters build: make every letter that is missing or out of date
* letters preview ID: show one letter

The words are in templates/*.md, the list is recipients.csv, who writes is in campaign.toml.
"""
_Commands = Mapping[str, Callable[..., None]]
_COMMANDS: _Commands = {
    "check": build.check,
    "build": build.build,
    "status": build.status,
    "adopt": build.adopt,
    "open": campaign.open_desk,
    "preview": show.preview,
    "init": campaign.init,
    "settle": campaign.settle,
    "cites": show.cites,
    "looks": show.looks,
    "approve": approval.approve,
    "log": approval.log,
    "audit": build.audit,
    "doctor": build.doctor,
    "clean": build.clean,
    "redline": draft.redline,
}
"""The commands that belong to no family, in the order of the help page."""
_FAMILIES: Mapping[str, tuple[str, Mapping[str | None, _Commands]]] = {
    "draft": (
        "Work on drafts in Word: one recipient's letter, or the letter itself.",
        {
            None: {
                "list": draft.list_drafts,
                "show": draft.show,
                "check": draft.check,
                "conflicts": draft.conflicts,
                "merge": draft.merge,
                "discard": draft.discard,
                "export": draft.export,
                "import": draft.import_,
            }
        },
    ),
    "mail": (
        "Make finished letters ready to print, sign, fold and post, and keep the record of it.",
        {
            "Make what is posted": {
                "prepare": mail.prepare,
                "envelopes": post.envelopes,
                "labels": post.labels,
                "eml": mail.eml,
            },
            "Look before you print": {"check": post.check, "products": post.products},
            "Keep the record": {
                "reprint": post.reprint,
                "posted": post.posted,
                "returned": post.returned,
                "undo": post.undo,
            },
        },
    ),
    "recipients": (
        "Work on the list: bring one in, undo that, check it, look at it, join facts to it.",
        {
            None: {
                "import": recipients.import_list,
                "set": recipients.set_row,
                "undo": recipients.undo,
                "check": recipients.check,
                "list": recipients.show_list,
                "map": recipients.show_map,
                "join-287g": recipients.join_287g,
            }
        },
    ),
    "sign": (
        "Sign settled letters, as their signers authorized: with a picture, a key, or by hand.",
        {
            None: {
                "authorize": approval.authorize,
                "digital": approval.digital,
                "wet": approval.wet,
                "verify": approval.verify,
            }
        },
    ),
}
"""The families of commands, letters NAME COMMAND: what each is about, and its commands by panel of the help page."""
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM)
"""What the system says where nothing can be written: a disk that is full, broken or locked, too many open files."""
_STOPPED = "\nstopped; finished letters are kept, and the same command goes on from there"


@functools.cache
def program() -> typer.Typer:
    """Return the program with all of its commands."""
    app = typer.Typer(
        help=_ABOUT,
        no_args_is_help=True,
        rich_markup_mode="markdown",
        add_completion=True,
        # A traceback is a fault of ours, to be sent as it is: Typer’s boxes would show the values of variables.
        pretty_exceptions_enable=False,
    )
    app.callback(invoke_without_command=True)(build.common)
    _add(app, _COMMANDS)
    fields = typer.Typer(
        cls=campaign.FieldsGroup, help="The fields that a letter may use.", invoke_without_command=True
    )
    _add(fields, {"list": campaign.fields, "map": campaign.map_fields})
    app.add_typer(fields, name="fields")
    for name, (about, panels) in _FAMILIES.items():
        family = typer.Typer(help=about, no_args_is_help=True, rich_markup_mode="markdown")
        for panel, commands in panels.items():
            _add(family, commands, panel)
        app.add_typer(family, name=name)
    return app


def _add(app: typer.Typer, commands: _Commands, panel: str | None = None) -> None:
    for name, command in commands.items():
        app.command(name, rich_help_panel=panel)(command)


@functools.cache
def _command() -> Any:
    """Return the program as Typer runs it; to read the options of all commands takes a fifth of a second."""
    return typer.main.get_command(program())


def _print_every_character() -> None:
    """Let the output escape what its encoding has no character for, such as an arrow in a file of Windows."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Of cp1252, in which Windows writes to files, a name such as "Łódź" would else end the command.
            stream.reconfigure(errors="backslashreplace")


def main() -> None:
    """Run the command line; the one place where errors become words and exit codes."""
    _print_every_character()
    collect_less_often()
    # What libraries log, as of a font with an odd date, tells a user nothing; what matters is looked at and said here.
    logging.getLogger().addHandler(logging.NullHandler())
    try:
        _command()()
    except CannotGoOn as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.code)
    except PermissionError as error:
        print(f'error: "{error.filename}" cannot be read or written: you may not', file=sys.stderr)
        sys.exit(Exit.CANNOT_WRITE)
    except BrokenPipeError:
        # Whoever read the output is gone, as "head" is; when it ends, Python would complain of that on stderr.
        sys.stderr.close()
        sys.exit(Exit.DONE)
    except OSError as error:
        if error.filename is None:
            # A temporary file has no name that could be told; any other error without one is a fault of ours.
            if error.errno not in _NO_ROOM:
                raise
            print(f"error: a file for the moment cannot be written: {error.strerror}", file=sys.stderr)
            print("    hint: is the disk full? make room, then run the same command", file=sys.stderr)
            sys.exit(Exit.CANNOT_WRITE)
        why = error.strerror or "the disk or the network does not answer"
        print(f'error: "{error.filename}" cannot be read or written: {why}', file=sys.stderr)
        sys.exit(Exit.CANNOT_WRITE)
    except (RecursionError, MemoryError) as error:
        why = "nested too deep" if isinstance(error, RecursionError) else "too large for the memory of this machine"
        print(f"error: something that was read is {why}", file=sys.stderr)
        print("    hint: run letters check on one letter after the other to find which", file=sys.stderr)
        sys.exit(Exit.PROBLEMS)
    except KeyboardInterrupt:
        print(_STOPPED, file=sys.stderr)
        sys.exit(Exit.INTERRUPTED)
    except SystemExit as end:
        if end.code == Exit.INTERRUPTED:  # Typer turns Ctrl-C into this code and says nothing
            print(_STOPPED, file=sys.stderr)
        raise
