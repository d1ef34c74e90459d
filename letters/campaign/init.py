"""Creates a campaign: a new folder with letters, looks and a list, ready to be checked and built."""

from __future__ import annotations

import datetime
import json
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

from letters.formats.files import cannot_write
from letters.model.problems import CannotGoOn, Exit, did_you_mean
from letters.model.settings import Organization, Signer
from letters.read.letter import read_letter

_PACKAGE = Path(__file__).parents[1]
"""The folder of the package `letters`."""
_NEEDED = ("templates", "recipients.csv")
_UNVERSIONED = "/out/\n/signatures/\n"
"""The .gitignore of a campaign: what is made, and signatures."""
# Files of the system, those that Word keeps beside an open letter, and those that a killed run left.
_NOT_COPIED = shutil.ignore_patterns(".*", "~$*", "*.part")
_WITH_COMMAS = re.compile(
    r"(?P<name>[^;]+?),\s*(?P<street>(?:\d|P\.?\s?O\.?\s?Box|One\s)[^;]*?),\s*"
    r"(?P<last>[^;,\d]+,\s*[A-Za-z. ]+\s\d{5}(?:-\d{4})?)",
    re.IGNORECASE,
)
"""An organization with its address on one line: Acme, 1 Main Street, Newark, NJ 07102."""
_COMMA_OF_A_PART = re.compile(r",\s+(?!(?:Jr|Sr|II|III|IV|Esq|Ph\.?D|M\.?D|J\.?D|Inc|LLC|Ltd|P\.?C)\b)")
PLACE_ORGANIZATION = Organization(
    name="[Organization]", address=("[Street]", "[City, State ZIP]"), phone="[telephone]", web="[website]"
)
PLACE_SIGNER = Signer(name="[Name of signer]", title="[Title]")
TABLES = {"organizations": Organization, "signers": Signer}
"""The tables of campaign.toml that say who writes, with their records."""
_CAMPAIGN = """\
# The campaign: what is sent, by whom and when. Names in [brackets] are places to fill in; "letters check" lists them.

letter = {letter}
recipients = "recipients.csv"
date = {date}                   # the date on the letters
subject = {subject}
delivery = "Via U.S. Mail"
status = "draft"                    # "final" takes the DRAFT mark off; then no [bracket] may be left
{organizations}{signers}
# Somebody who is sent a copy: a line under "cc", and a PDF of its own from "letters build --copies".
#
# [[copies]]
# name = "[Chair of the governing board]"
# enclosures = true                 # this copy goes out with the enclosures
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a person says about a new campaign; what is left empty becomes a [bracket] to fill in."""

    letter: str
    organizations: Sequence[Organization] = ()
    signers: Sequence[Signer] = ()
    listed: bytes | None = None
    """The person's own list, as an import made it; None takes the one that comes with the toolkit."""
    subject: str = ""
    date: datetime.date


BLANK = "blank-letter.md"
"""The beginning of a letter of one's own."""


def starter() -> Path:
    """Return the folder of the files that a campaign starts from: in the installed package, or beside it in a checkout.

    Raises CannotGoOn where they are missing.
    """
    for folder in (_PACKAGE / "starter", _PACKAGE.parent):
        if all((folder / name).exists() for name in _NEEDED):
            return folder
    message = "the files that a campaign starts from are missing"
    raise CannotGoOn(Exit.MISSING_ON_MACHINE, message, "install the toolkit again from its wheel or its checkout")


def starter_letters() -> list[str]:
    """Return the names of the letters that a campaign can start with."""
    return sorted(path.stem for path in (starter() / "templates").glob("*.md"))


def start_campaign(folder: Path, answers: Answers) -> None:
    """Create the folder of a campaign, wholly or not at all; raises CannotGoOn where something is there already."""
    if answers.letter not in starter_letters():
        message = f'there is no letter "{answers.letter}" to start with'
        raise CannotGoOn(Exit.WRONG_CALL, message, did_you_mean(answers.letter, starter_letters()))
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        hint = "nothing was written; name a folder that is new or empty"
        raise CannotGoOn(Exit.WRONG_CALL, f'"{folder}" is there already', hint)
    listed = answers.listed if answers.listed is not None else (starter() / "recipients.csv").read_bytes()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        # Beside it, since a folder can be renamed within one file system only.
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as temporary:
            made = Path(temporary, "campaign")
            _fill(made, answers, listed)
            # An empty folder of that name is there: Windows renames nothing over it.
            if folder.exists():
                folder.rmdir()
            made.rename(folder)
    except OSError as error:
        raise cannot_write(folder, error) from None


def _fill(folder: Path, answers: Answers, listed: bytes) -> None:
    shutil.copytree(starter() / "templates", folder / "templates", ignore=_NOT_COPIED)
    (folder / "recipients.csv").write_bytes(listed)
    organizations = [_with_logo(each, folder) for each in answers.organizations] or [PLACE_ORGANIZATION]
    letter, _ = read_letter(answers.letter, folder / "templates", "templates")
    subject = answers.subject or letter.subject or letter.title
    text = _CAMPAIGN.format(
        letter=quoted(answers.letter),
        date=answers.date.isoformat(),
        subject=quoted(subject),
        organizations="".join(map(table_of, organizations)),
        signers="".join(map(table_of, answers.signers or (PLACE_SIGNER,))),
    )
    (folder / "campaign.toml").write_text(text, "utf-8")
    (folder / ".gitignore").write_text(_UNVERSIONED, "utf-8")


def _with_logo(organization: Organization, folder: Path) -> Organization:
    """Copy the logo of an organization, if it has one, into the campaign's templates."""
    if organization.logo is None:
        return organization
    logo = Path("templates", organization.logo.name)
    if (folder / logo).exists():  # another organization's
        logo = logo.with_stem(f"{logo.stem}-{len(list((folder / 'templates').iterdir()))}")
    shutil.copyfile(organization.logo, folder / logo)
    return replace(organization, logo=logo)


def table_of(record: Organization | Signer) -> str:
    """Return the table of an organization, or of a signer, as campaign.toml holds it, an empty line before it."""
    table = next(name for name, kind in TABLES.items() if isinstance(record, kind))
    values = ((each.name, getattr(record, each.name)) for each in fields(record))
    lines = (f"{key} = {_as_toml(value)}\n" for key, value in values if value)
    return f"\n[[{table}]]\n" + "".join(lines)


def _as_toml(value: str | Path | Sequence[str]) -> str:
    if isinstance(value, str | Path):
        return quoted(value if isinstance(value, str) else value.as_posix())
    return f"[{', '.join(map(quoted, value))}]"


def quoted(text: str) -> str:
    """Return a text as a TOML basic string, which is written as a JSON string is, but for DEL."""
    return json.dumps(" ".join(text.split()), ensure_ascii=False).replace("\x7f", "\\u007f")


def read_organization(text: str) -> Organization:
    """Return an organization from one line: name; street; city, state and ZIP.

    Commas do where the line ends in a whole address. Raises CannotGoOn where it seems to hold one that cannot be told
    apart.
    """
    name, *address = [part.strip() for part in text.split(";")]
    if not address and (found := _WITH_COMMAS.fullmatch(text.strip())):
        name, address = found["name"], [found["street"], found["last"]]
    elif not address and re.search(r",\s*(?:\d|P\.?\s?O\.?\s?Box)", text, re.IGNORECASE):
        hint = 'set the parts apart with semicolons: "NAME; STREET; CITY, STATE ZIP"'
        raise CannotGoOn(Exit.WRONG_CALL, f'where does the name of the organization end in "{text}"?', hint)
    return Organization(name=name, address=tuple(filter(None, address)) or PLACE_ORGANIZATION.address)


def read_signer(text: str, organizations: Sequence[Organization]) -> Signer:
    """Return a signer from one line: name; title; organization, which may be left out where there is only one."""
    parts = [part.strip() for part in text.split(";")]
    if len(parts) == 1:
        # "Alex Sample, Jr., Director" has the title behind the last comma, and the suffix belongs to the name.
        parts = [part.strip() for part in _COMMA_OF_A_PART.split(text, maxsplit=2)]
    name, title, organization = [*parts, "", ""][:3]
    only = organizations[0].name if len(organizations) == 1 else ""
    return Signer(name=name, title=title or PLACE_SIGNER.title, organization=organization or only)
