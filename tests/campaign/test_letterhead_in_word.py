"""The letterhead of a DOCX fits its room as that of the PDF does, as LibreOffice draws it, with any names."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from letters.campaign.init import table_of
from letters.formats import programs
from letters.mail.windows import Word, read_words
from letters.model.settings import Organization
from letters.read.toml import edited, put
from tests.campaign.test_letterhead import WORDS, overlaps
from tests.conftest import MakeDesk
from tests.desk import CAMPAIGN, ROOT, Desk

LINES = (
    "Suite 1410, One Michigan Avenue Building",
    "3030 South 9th Street, Suite 1B",
    "Lansing, Michigan 48933",
    "P.O. Box 7",
)
TRIED = 14
_POINTS = 72
_NEAR = 4.0
"""Points by which the address may stand elsewhere than in the PDF; a line has 14.5."""


def organization(chance: random.Random) -> Organization:
    """Return one of any name of up to 60 characters, with up to three lines, with or without a logo."""
    logo = chance.choice((None, None, Path("square.png"), Path("wide.png")))
    return Organization(
        name=" ".join(chance.choices(WORDS, k=chance.randint(1, 8)))[:60].strip(),
        address=tuple(chance.sample(LINES, chance.randint(1, 3))),
        phone=chance.choice(("", "(517) 555-0111")),
        web=chance.choice(("", "www.example.org")),
        logo=logo,
    )


def campaign(chance: random.Random) -> tuple[str, list[Organization]]:
    organizations = [organization(chance) for _ in range(chance.randint(1, 4))]
    start, signers = CAMPAIGN.index("[[organizations]]"), CAMPAIGN.index("[[signers]]")
    tables = "".join(map(table_of, organizations))
    text = CAMPAIGN[:start].replace("{more}", "") + tables + "\n" + CAMPAIGN[signers:]

    def change(document: Any) -> None:
        put(document, "paper", chance.choice(("Letter", "A4")))
        put(document["signers"][0], "organization", organizations[0].name)

    return edited(text, "campaign.toml", change), organizations


def above(words: list[Word], wanted: str) -> list[Word]:
    """Return the words of a first page above a word, and with it."""
    number = next(number for number, word in enumerate(words) if word.text == wanted)
    return [word for word in words if word.box.top <= words[number].box.top]


@pytest.mark.slow
def test_in_libreoffice_nothing_overlaps_and_the_address_stands_where_it_does_in_the_pdf(
    make_desk: MakeDesk, tmp_path: Path
) -> None:
    made: list[tuple[Desk, list[Organization]]] = []
    for seed in range(TRIED):
        text, organizations = campaign(random.Random(seed))  # noqa: S311 - letterheads, not secrets
        desk = make_desk(folder=tmp_path / str(seed), campaign=text)
        for name, size in (("square.png", (300, 300)), ("wide.png", (1200, 200))):
            Image.new("RGB", size, (0, 90, 200)).save(desk.folder / name)
        done = desk.run("build", "--only", "berrien-county-sheriff", code=None)
        if done.returncode:
            assert "the letterhead has no room for the line" in done.stderr
            continue
        made.append((desk, organizations))
    assert len(made) > TRIED / 2
    documents = [desk.out("docx/berrien-county-sheriff.docx").read_bytes() for desk, _ in made]
    drawn = programs.to_pdfs(documents, ROOT / "templates" / "fonts", processes=2)
    for (desk, organizations), content in zip(made, drawn, strict=True):
        assert isinstance(content, bytes), content
        ours = read_words(desk.out("pdf/berrien-county-sheriff.pdf").read_bytes(), [0], ink=False)
        theirs = read_words(content, [0], ink=False)
        head = above(theirs, "Honorable")
        assert overlaps(head) == [], desk.folder
        wanted = " ".join(" ".join((each.name, *each.address, each.phone, each.web)) for each in organizations).split()
        assert set(wanted) - {word.text for word in head} == set(), desk.folder
        (here, there) = (next(word.box for word in words if word.text == "Honorable") for words in (ours, theirs))
        assert abs(here.top - there.top) * _POINTS < _NEAR, desk.folder
        assert abs(here.left - there.left) * _POINTS < _NEAR, desk.folder
