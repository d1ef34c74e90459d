"""The command line: options in, words and exit codes out; all work is done elsewhere.

There is one module for each family of commands, and one for each subject that is shown. A command imports what it runs
when it is run: loading all features would take longer than most commands need.
"""

from __future__ import annotations

import errno
import functools
import io
import logging
import sys
from typing import Any

import typer

from letters.build.executors import collect_less_often
from letters.cli import (
    approval,
    build,
    campaign,
    draft,
    looks,
    mail,
    mail_record,
    post,
    preview,
    recipients,
    sign,
    upkeep,
)
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
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM)
_STOPPED = "\nstopped; finished letters are kept, and the same command goes on from there"


@functools.cache
def program() -> typer.Typer:
    """Return the program with all of its commands."""
    app = typer.Typer(
        help=_ABOUT,
        no_args_is_help=True,
        rich_markup_mode="markdown",
        add_completion=True,
        pretty_exceptions_enable=False,
    )
    app.callback(invoke_without_command=True)(build.common)
    build.add_to(app)
    preview.add_to(app)
    campaign.add_to(app)
    looks.add_to(app)
    draft.add_to(app)
    approval.add_to(app)
    upkeep.add_to(app)
    mail.add_to(app)
    post.add_to(mail.mail_app)
    mail_record.add_to(mail.mail_app)
    recipients.add_to(app)
    draft.add_wording_to(app)
    sign.add_to(app)
    return app


@functools.cache
def _command() -> Any:
    """Return the program as Typer runs it; to read the options of all commands takes a fifth of a second."""
    return typer.main.get_command(program())


def _print_every_character() -> None:
    """Let the output escape what its encoding has no character for, such as an arrow in a file of Windows."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
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
        sys.stderr.close()
        sys.exit(Exit.DONE)
    except OSError as error:
        if error.filename is None:
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
