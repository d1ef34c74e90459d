"""Tells fontconfig which fonts there are: those of a campaign alone for its PDFs, those of the machine for programs.

WeasyPrint asks fontconfig, and fontconfig reads a file that the environment names (fonts-conf(5)). Programs that are
started from here inherit the environment: a browser without a font for its own words ends at once.
"""

from __future__ import annotations

import functools
import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path

from letters.model.problems import CannotGoOn, Exit

_SETTING = "FONTCONFIG_FILE"
_HEAD = '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n'


def use_fonts_of(folder: Path) -> None:
    """Restrict fontconfig in this process to the fonts of one folder, so that every machine breaks the same lines.

    Raises CannotGoOn where fontconfig could not be told the name of the folder: it would take other fonts.
    """
    where = str(folder.resolve())
    if not where.isprintable():
        what = f"the fonts of {where!a} cannot be found: its name has a character that is none"
        raise CannotGoOn(Exit.PROBLEMS, what, "move the campaign to a folder with a plain name")
    _own_setting()
    cache = _machine_cache()
    conf = cache / f"{hashlib.sha256(where.encode()).hexdigest()[:16]}.conf"
    # Other processes may be reading the file at this moment, and must never see half of it.
    whole = conf.with_name(f"{conf.name}.{os.getpid()}.part")
    settings = f"<fontconfig><dir>{escape(where)}</dir><cachedir>{escape(str(cache))}</cachedir></fontconfig>\n"
    whole.write_text(_HEAD + settings, "utf-8")
    whole.replace(conf)
    os.environ[_SETTING] = str(conf)


@contextmanager
def fonts_of_the_machine() -> Iterator[None]:
    """Let programs that are started meanwhile have the fonts of the machine, or those that its user has set."""
    own, ours = _own_setting(), os.environ.pop(_SETTING, None)
    if own is not None:
        os.environ[_SETTING] = own
    try:
        yield
    finally:
        if ours is not None:
            os.environ[_SETTING] = ours


def write_settings_with(fonts: Path, path: Path) -> dict[str, str]:
    """Write settings with the fonts of the machine and those of a folder; return an environment that names them."""
    machine = '<include ignore_missing="yes">/etc/fonts/fonts.conf</include>'
    path.write_text(f"{_HEAD}<fontconfig>{machine}<dir>{escape(str(fonts.resolve()))}</dir></fontconfig>\n", "utf-8")
    return {**os.environ, _SETTING: str(path)}


@functools.cache
def _own_setting() -> str | None:
    """Return what the user's environment says, asked before anything is restricted."""
    return os.environ.get(_SETTING) or None


def _machine_cache() -> Path:
    """Return a folder for what all builds on this machine share, which nobody else can write to; safe to delete."""
    user = os.getuid() if hasattr(os, "getuid") else 0
    folder = Path(tempfile.gettempdir(), f"letters-{user}")
    folder.mkdir(mode=0o700, exist_ok=True)
    # /tmp is open to all: somebody else may have made the folder first.
    status = folder.lstat()
    if hasattr(os, "getuid") and (status.st_uid != user or not stat.S_ISDIR(status.st_mode) or status.st_mode & 0o022):
        return Path(tempfile.mkdtemp(prefix="letters-"))
    return folder
