"""Spoils files that people send, for a while, and tells which reader met something it was not made for.

python scripts/fuzz.py --seconds 300 [--seed 1] [READER]…

A reader may refuse what it is given, in words. Any other exception, and work that takes longer than it may, is a
finding; the file is kept in tests/fuzz/found/, where a test reads it from then on.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import random  # noqa: TID251 - chance is what this is for
import shutil
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from letters.audit.finished import CampaignLook, audit_pdf
from letters.audit.mailing import read_manifest
from letters.campaign.load import load
from letters.formats.deadline import TooSlowError, limited
from letters.formats.docx.losses import draft_differences
from letters.formats.docx.normalize import Unclear
from letters.formats.docx.opening import Refused, open_docx
from letters.formats.docx.reading import read_parts
from letters.formats.docx.text import read
from letters.formats.pictures import UnusablePicture, check_picture
from letters.mail.certified import read_article_numbers
from letters.model.problems import CannotGoOn
from letters.recipients.source import read_source
from letters.sign.digital import validate

ROOT = Path(__file__).parents[1]
FOUND = ROOT / "tests" / "fuzz" / "found"
SECONDS = 20
"""Of computing, that one file may take."""
_TOKENS = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b"'", b"{{", b"}}", b"{% if ", b"{% endif %}", b"[^1]", b"[^1]: ",
    b"---\n", b"%PDF-", b"endobj", b"<w:p>", b"</w:p>", b"&amp;", b"<!ENTITY", b"]]>", b"PK\x05\x06", b"-1", b"1e999",
    b"99999999999999999999", b"../", b"\r\n", b"\t", b",", b";", b"= ", b"\xe2\x80\x8b", b"\xed\xa0\x80",
)  # fmt: skip
_REFUSALS = (CannotGoOn, Refused, Unclear, UnusablePicture)
"""What a reader says in words."""


@dataclass(frozen=True)
class Reader:
    """A reader, with a file that it reads well."""

    suffix: str
    seed: Callable[[], bytes]
    run: Callable[[bytes, Path], object]
    """Reads a content, with a folder to put it into."""
    refusals: tuple[type[Exception], ...] = _REFUSALS


def _read_draft(content: bytes, _: Path) -> None:
    parts = open_docx(content)
    document = read(parts)
    draft_differences(parts, [node for part in read_parts(document, 1) for node in part.blocks])


def _in_file(name: str, run: Callable[[Path], object]) -> Callable[[bytes, Path], object]:
    def reader(content: bytes, folder: Path) -> object:
        path = folder / name
        path.write_bytes(content)
        return run(path)

    return reader


def _in_campaign(name: str) -> Callable[[bytes, Path], object]:
    """Read a campaign one file of which is spoilt."""

    def reader(content: bytes, folder: Path) -> object:
        campaign = folder / "campaign"
        if not campaign.exists():
            _write_campaign(campaign)
        path = campaign / name
        # The campaign is written once: to copy it for each turn would take most of the time.
        before = path.read_bytes()
        try:
            path.write_bytes(content)
            project, problems = load(campaign / "campaign.toml")
            return project or problems
        finally:
            path.write_bytes(before)

    return reader


_CAMPAIGN = b"""letter = "letter"
date = 2025-09-17
subject = "Local policy"

[[organizations]]
name = "First Organization"
address = ["1 Main Street", "Lansing, Michigan 48933"]

[[signers]]
name = "First Signer"
title = "Executive Director"
organization = "First Organization"
"""
_LIST = (
    "id,office,title,first_name,last_name,agency,jurisdiction,county,address1,city,state,zip,agreement_287g\n"
    "a,sheriff,Sheriff,Chuck,Heit,Berrien County Sheriff’s Department,Berrien County,Berrien,2100 East Empire Avenue,"
    "Benton Harbor,MI,49022,\n"
).encode()
_LETTER = """---
title: Guidance
contents: true
---

# The first part

We write to the {{ recipient.agency }}.[^one] The *rule* is in § 1357(g).

{% if recipient.office == "sheriff" %}
A paragraph for sheriffs.
{% endif %}

3. Hold nobody.

   (a) Not at a stop.

| Agency | Year |
|--------|------|
| Alpha  | 2024 |

[^one]: Sent to {{ recipient.city }}.
""".encode()


def _write_campaign(folder: Path) -> None:
    templates = folder / "templates"
    templates.mkdir(parents=True)
    for name in ("letterhead.css", "letterhead.docx", "forms-of-address.toml"):
        shutil.copy(ROOT / "templates" / name, templates)
    for name in ("frames", "fonts", "postal"):
        shutil.copytree(ROOT / "templates" / name, templates / name)
    (templates / "letter.md").write_bytes(_LETTER)
    (folder / "campaign.toml").write_bytes(_CAMPAIGN)
    (folder / "recipients.csv").write_bytes(_LIST)


def _workbook() -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    for row in _LIST.decode().splitlines():
        book.active.append(row.split(","))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _picture() -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.new("RGB", (40, 20), (20, 40, 120)).save(file, "PNG")
    return file.getvalue()


def _pdf() -> bytes:
    import datetime

    from letters.render.pdf.plain import render_page

    page = "<html lang='en'><title>One</title><body><h1>One</h1><p>Words <a href='https://example.org'>here</a></p>"
    return render_page(page, ROOT / "templates", datetime.date(2025, 9, 17)).content


def _audit(content: bytes, _: Path) -> object:
    return audit_pdf(
        "one", content, (), "One", CampaignLook((), is_final=True, with_pdf_ua=True, with_pdf_a=True), _pdf_once()
    )


_pdfs: list[bytes] = []


def _pdf_once() -> bytes:
    if not _pdfs:
        _pdfs.append(_pdf())
    return _pdfs[0]


_DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><g id="a"><path d="M0 0h9v9z"/></g></svg>'
_MANIFEST = (
    b"\xef\xbb\xbfnumber,id,name,address,pages,sheets,file,first_side,last_side,rest_file,rest_first_side,"
    b"rest_last_side,sha256,envelope,certified_number\r\n001,a,A,A | B,1,1,print-01.pdf,1,2,,,,00,10,\r\n"
)
READERS: dict[str, Reader] = {
    "draft": Reader(".docx", lambda: (ROOT / "templates" / "letterhead.docx").read_bytes(), _read_draft),
    "list": Reader(".csv", lambda: _LIST, _in_file("list.csv", read_source)),
    "workbook": Reader(".xlsx", _workbook, _in_file("list.xlsx", read_source)),
    "picture": Reader(".png", _picture, _in_file("logo.png", check_picture)),
    "drawing": Reader(".svg", lambda: _DRAWING, _in_file("logo.svg", check_picture)),
    "pdf": Reader(".pdf", _pdf_once, _audit),
    "signed": Reader(".pdf", _pdf_once, lambda content, _: validate(content)),
    "numbers": Reader(
        ".csv", lambda: b"id,number\na,9407111108953650000011\n",
        _in_file("numbers.csv", lambda path: read_article_numbers(path, path.name)),
    ),
    "manifest": Reader(".csv", lambda: _MANIFEST, _in_file("manifest.csv", read_manifest), (ValueError,)),
    "campaign": Reader(".toml", lambda: _CAMPAIGN, _in_campaign("campaign.toml")),
    "recipients": Reader(".csv", lambda: _LIST, _in_campaign("recipients.csv")),
    "letter": Reader(".md", lambda: _LETTER, _in_campaign("templates/letter.md")),
    "style": Reader(
        ".css", lambda: (ROOT / "templates" / "letterhead.css").read_bytes(), _in_campaign("templates/letterhead.css")
    ),
    "letterhead": Reader(
        ".docx", lambda: (ROOT / "templates" / "letterhead.docx").read_bytes(),
        _in_campaign("templates/letterhead.docx"),
    ),
    "forms": Reader(
        ".toml", lambda: (ROOT / "templates" / "forms-of-address.toml").read_bytes(),
        _in_campaign("templates/forms-of-address.toml"),
    ),
}  # fmt: skip


def spoil(content: bytes, chance: random.Random) -> bytes:
    """Return a content with a few places changed; of a ZIP archive, those of one member as a rule."""
    # A spoilt archive ends at once at its checksum: most of the time what is in it is to be read.
    if content[:2] == b"PK" and chance.random() < 0.7:
        return _spoil_member(content, chance)
    changed = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 4, 8))):
        place = chance.randrange(len(changed) + 1)
        length = chance.choice((1, 1, 2, 8, 64, 512))
        match chance.randrange(6):
            case 0:
                changed[place : place + 1] = bytes([chance.randrange(256)])
            case 1:
                del changed[place : place + length]
            case 2:
                changed[place:place] = chance.choice(_TOKENS) * chance.choice((1, 1, 1, 3, 40))
            case 3:
                changed[place:place] = changed[place : place + length] * chance.choice((1, 2, 50))
            case 4:
                other = chance.randrange(len(changed) + 1)
                changed[place:place] = changed[other : other + length]
            case _:
                changed[place : place + length] = bytes(changed[place : place + length][::-1])
    return bytes(changed)


def _spoil_member(content: bytes, chance: random.Random) -> bytes:
    """Spoil one file of an archive, and pack it again."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        chosen = chance.choice(archive.namelist())
        for name in archive.namelist():
            member = archive.read(name)
            packed.writestr(name, spoil(member, chance) if name == chosen and member[:2] != b"PK" else member)
    return file.getvalue()


def read_spoilt(name: str, content: bytes, folder: Path) -> str:
    """Read a content; return what the reader was not made for, and nothing where it read or refused it."""
    reader = READERS[name]
    try:
        with limited(SECONDS):
            reader.run(content, folder)
    except reader.refusals:
        return ""
    except (Exception, TooSlowError) as error:  # noqa: BLE001 - this is what is looked for
        places = traceback.extract_tb(error.__traceback__)
        # The last line of ours: what a library does there is called from it.
        place = next((each for each in reversed(places) if "/letters/" in each.filename), places[-1])
        return f"{type(error).__name__}: {str(error)[:100]} ({Path(place.filename).name}:{place.lineno})"
    return ""


def _kind(name: str, what: str) -> str:
    """Return a reader with the kind of an error and its place: one finding, whatever the message says."""
    return f"{name} {what.partition(':')[0]} {what.rpartition('(')[2]}"


def main() -> int:
    """Spoil files until the time is up; return 1 where anything was found."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("readers", nargs="*", metavar="READER")
    asked.add_argument("--seconds", type=float, default=300)
    asked.add_argument("--seed", type=int, default=0)
    options = asked.parse_args()
    # Another seed each time, unless somebody looks for a finding again.
    chance = random.Random(options.seed or int.from_bytes(os.urandom(4)))  # noqa: S311
    names = options.readers or list(READERS)
    seeds = {name: READERS[name].seed() for name in names}
    turns: Counter[str] = Counter()
    found: dict[str, Path] = {}
    end = time.monotonic() + options.seconds
    with tempfile.TemporaryDirectory() as folder:
        while time.monotonic() < end:
            for name in names:
                content = spoil(seeds[name], chance)
                turns[name] += 1
                # One of each kind is kept, since a fault that is found is found a thousand times.
                if (what := read_spoilt(name, content, Path(folder))) and _kind(name, what) not in found:
                    # By its hash: the same finding is the same file, whenever it is made.
                    path = FOUND / f"{name}.{hashlib.sha256(content).hexdigest()[:12]}{READERS[name].suffix}"
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(content)
                    found[_kind(name, what)] = path
                    print(f"{name}: {what}\n    kept as {path.relative_to(ROOT)}", flush=True)
    print(f"{sum(turns.values()):,} files read ({', '.join(f'{name} {count:,}' for name, count in turns.items())})")
    print(f"{len(found):,} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
