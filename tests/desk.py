"""Small campaigns written to a folder, and the commands run there as a user would."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from letters.formats.ooxml import read_package, write_package

ROOT = Path(__file__).parent.parent
COLUMNS = next(csv.reader([(ROOT / "recipients.csv").read_text("utf-8").partition("\n")[0]]))
SHERIFF = {
    "id": "berrien-county-sheriff",
    "office": "sheriff",
    "title": "Sheriff",
    "first_name": "Chuck",
    "last_name": "Heit",
    "agency": "Berrien County Sheriff’s Department",
    "jurisdiction": "Berrien County",
    "county": "Berrien",
    "address1": "2100 East Empire Avenue",
    "city": "Benton Harbor",
    "state": "MI",
    "zip": "49022",
    "agreement_287g": "warrant_service",
    "agreement_signed": "2025-05-06",
}
CHIEF = {
    "id": "adrian-police",
    "office": "police_chief",
    "agency": "Adrian Police Department",
    "jurisdiction": "the City of Adrian",
    "county": "Lenawee",
    "address1": "100 East Church Street",
    "city": "Adrian",
    "state": "MI",
    "zip": "49221",
}
CAMPAIGN = """
letter = "letter"
date = 2025-09-17
subject = "Local policy"
{more}
[[organizations]]
name = "First Organization"
address = ["1 Main Street", "Lansing, Michigan 48933"]

[[organizations]]
name = "Second Organization"

[[signers]]
name = "First Signer"
title = "Executive Director"
organization = "First Organization"
"""
LETTER = """
We write to the {{ recipient.agency }} about policy.[^one]

{% if recipient.agreement_287g %}
Your agreement was signed on {{ recipient.agreement_signed | long_date }}.[^two]
{% endif %}

[^one]: A note of every letter.

[^two]: A note on the agreement of {{ recipient.jurisdiction }}.
"""


@dataclass(frozen=True)
class Desk:
    """A campaign's folder, with the means to change its files and to run commands in it."""

    folder: Path

    def write(self, name: str, text: str, encoding: str = "utf-8") -> Path:
        """Write a file of the campaign."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode(encoding))
        return path

    def list_recipients(self, *rows: Mapping[str, str]) -> None:
        """Write recipients.csv."""
        further = [name for row in rows for name in row if name not in COLUMNS]
        with (self.folder / "recipients.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [*COLUMNS, *dict.fromkeys(further)], restval="")
            writer.writeheader()
            writer.writerows(rows)

    def run(self, *arguments: str, code: int | None = 0) -> subprocess.CompletedProcess[str]:
        """Run a command in the folder as a user would, in this process, where libraries are loaded once for all tests.

        `code` is the exit code that it must have, None for any.
        """
        out, err = io.StringIO(), io.StringIO()
        with contextlib.ExitStack() as stack:
            stack.enter_context(contextlib.chdir(self.folder))
            stack.enter_context(contextlib.redirect_stdout(out))
            stack.enter_context(contextlib.redirect_stderr(err))
            exit_code = _main(arguments)
        done = subprocess.CompletedProcess(arguments, exit_code, out.getvalue(), err.getvalue())
        assert code is None or done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def copy(self, folder: Path) -> Desk:
        """Copy all of it, for a test that goes on from here by itself."""
        return Desk(Path(shutil.copytree(self.folder, folder, symlinks=True, copy_function=copied)))

    def out(self, name: str = "") -> Path:
        """Name a file or folder of the output, such as pdf/taylor-police.pdf."""
        return self.folder / "out" / "letter" / name


def _main(arguments: Sequence[str]) -> int:
    """Call the program with arguments and nothing on its standard input; return its exit code."""
    from letters.cli import main

    before = sys.argv, sys.stdin
    sys.argv, sys.stdin = ["letters", *arguments], io.StringIO()
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    finally:
        sys.argv, sys.stdin = before
    return 0


def set_up(
    *,
    folder: Path,
    letter: str = LETTER,
    rows: Iterable[Mapping[str, str]] = (SHERIFF, CHIEF),
    campaign: str = CAMPAIGN,
    more: str = "",
) -> Desk:
    """Set up the folder of a campaign: a short letter, two recipients, our own looks."""
    desk = Desk(folder)
    templates = folder / "templates"
    templates.mkdir(parents=True)
    for name in ("letterhead.css", "letterhead.docx", "forms-of-address.toml"):
        shutil.copy(ROOT / "templates" / name, templates)
    for name in ("frames", "fonts", "postal"):
        shutil.copytree(ROOT / "templates" / name, templates / name, copy_function=copied)
    desk.write("templates/letter.md", letter)
    desk.write("campaign.toml", campaign.replace("{more}", more))
    desk.list_recipients(*rows)
    return desk


def copy_templates(folder: Path) -> None:
    """Copy the templates of the sample campaign into the folder of another one."""
    shutil.copytree(ROOT / "templates", folder / "templates", copy_function=copied)


def copied(source: str, target: str) -> None:
    """Copy a file; a font, as large as it is, gets a second name instead."""
    if source.endswith(".ttf"):
        for font in (source, *near_fonts(source)):
            with contextlib.suppress(OSError):  # another disk, or one without second names
                os.link(font, target)
                return
    shutil.copy2(source, target)


NEAR: list[Path] = []
"""Where the fonts of the repository are on the disk of the temporary folders."""


def near_fonts(font: str) -> list[Path]:
    """Return where a font of the repository is on that disk, if it was copied there."""
    return [folder / Path(font).name for folder in NEAR if Path(font).parent == ROOT / "templates/fonts"]


def edit(draft: Path) -> None:
    """Change a word of a DOCX, as a person at Word would."""
    parts = read_package(draft.read_bytes())
    parts["word/document.xml"] = parts["word/document.xml"].replace(b"We write", b"We wrote")
    draft.write_bytes(write_package(parts))
