"""Names that break things come through whole in both media, or their letter is held back with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.desk import CHIEF, Desk, set_up
from tests.reading import Words, docx_words, pdf_words, split

NAMES = [
    "O'Neil & <Sons>",
    "{{ 7*7 }}",
    "{{ recipient.zip }}",
    "{% raw %}",
    "{# a #}",
    "Police {%",
    "}} Police",
    "{_{ a }_}",
    "</w:t>",
    "<script>alert(1)</script>",
    "&amp &ltPolice",
    "*St. Clair_",
    "`code` # 1. [link](https://example.org)",
    'Sault Ste. Marie "Soo"',
    "Ñuñoa",
    "Saint\u00a0Clair",
    "Cafe\u0301",
    "--- ... 'x'",
    "__class__",
    f"The {' and '.join(['Police Department'] * 6)} of 10 Townships",
    f"{'A' * 60} {'b' * 72}",
    "شرطة ميشيغان",
    "משטרת מישיגן",
]
LETTER = """
# To {{ recipient.agency }}

*We* write to **{{ recipient.agency }}**.[^one]

- {{ recipient.agency }}

[^one]: Of {{ recipient.agency }}.
"""
RIGHT_TO_LEFT = NAMES[-2:]
HELD = {
    "a car \U0001f693": "U+1F693",
    "警 Police": "U+8B66",
    "Town of " * 1_250: "characters, more than the 2,000",
    "A &amp; B": 'holds wrong letters ("&amp;")',
}


def row(number: int, agency: str) -> dict[str, str]:
    return {**CHIEF, "id": f"n{number:02}", "agency": agency, "jurisdiction": agency, "zip": f"49{number:03}"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, str]:
    rows = [row(number, name) for number, name in enumerate([*NAMES, *HELD])]
    desk = set_up(folder=tmp_path_factory.mktemp("names"), letter=LETTER, rows=rows)
    return desk, desk.run("build", "--jobs", "1", code=1).stderr


def read(desk: Desk, number: int) -> tuple[Words, Words]:
    content = {medium: desk.out(f"{medium}/n{number:02}.{medium}").read_bytes() for medium in ("pdf", "docx")}
    return pdf_words(content["pdf"]), docx_words(content["docx"])


@pytest.mark.parametrize("name", NAMES)
def test_a_name_comes_through_whole_in_both(built: tuple[Desk, str], name: str) -> None:
    pdf, docx = read(built[0], NAMES.index(name))
    for words, times in ((pdf.body, 4), (pdf.notes, 1), (docx.body, 4), (docx.notes, 1)):
        assert stands(name, words) >= times, words


@pytest.mark.parametrize("name", [name for name in NAMES if name not in RIGHT_TO_LEFT])
def test_both_say_the_same(built: tuple[Desk, str], name: str) -> None:
    pdf, docx = read(built[0], NAMES.index(name))
    assert ["".join(pdf.body), "".join(pdf.notes)] == ["".join(docx.body), "".join(docx.notes)]


def stands(name: str, words: list[str]) -> int:
    """Count how often a name stands in a text, lines and the order of right-to-left words apart."""
    if name in RIGHT_TO_LEFT:
        return min(words.count(word) for word in split(name))
    return "".join(words).count("".join(split(name)))


@pytest.mark.parametrize(("name", "reason"), HELD.items())
def test_what_cannot_be_printed_is_held_back_with_its_reason(built: tuple[Desk, str], name: str, reason: str) -> None:
    desk, told = built
    number = [*NAMES, *HELD].index(name)
    lines = [line for line in told.splitlines() if line.startswith(f"recipients.csv:{number + 2}: ")]
    assert len(lines) <= 2
    assert all(reason in line for line in lines)
    assert lines
    assert not any(Path(desk.out(medium), f"n{number:02}.{medium}").exists() for medium in ("pdf", "docx"))


def test_a_word_of_the_letter_that_no_font_has_is_told_with_its_line(tmp_path: Path) -> None:
    desk = set_up(folder=tmp_path, letter="Dear officers,\n\nthe word is 警察.\n")
    told = desk.run("check", code=1).stdout
    assert 'templates/letter.md:3:14: no font has "察" (U+5BDF)' in told
