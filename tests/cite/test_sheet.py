from __future__ import annotations

import datetime
import io

import pytest

from letters.cite.find import read_passages
from letters.cite.sheet import HEADINGS, SheetRow, pages_of, sentence_at, write_html, write_xlsx
from letters.formats.ooxml import read_package
from letters.model.records import Source
from tests.conftest import MakeDesk
from tests.desk import Desk

AUTHORITIES = """
[printz]
full = "*Printz v. United States*, 521 U.S. 898 (1997)"
read_by = "First Signer"
read_on = 2025-09-01

[g]
full = "8 U.S.C. § 1357(g)"
"""
LETTER = """
---
enclosures: [sheet]
---

We write about 8 U.S.C. § 1373. No sheriff can be commanded.[^printz] This is the rule.

{% if recipient.agreement_287g %}
Your agreement may be ended,[^g] as every agreement may.
{% endif %}

And so it stays.[^again]

[^printz]: *Printz v. United States*, 521 U.S. 898 (1997).

[^g]: 8 U.S.C. § 1357(g).

[^again]: *Printz*, supra note {{ note.printz }}.
"""
DATE = datetime.date(2025, 9, 17)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("One. Two holds.^ Three.", "Two holds."),
        ("One. Two^ goes on. Three.", "Two goes on."),
        (
            "In Doe v. Roe, decided by the 6th Cir. in May, it held.^ So.",
            "In Doe v. Roe, decided by the 6th Cir. in May, it held.",
        ),
        ("He called it a “request.”^ Then more.", "He called it a “request.”"),
        ("A heading\nThe U.S. Supreme Court said so^\nNext", "The U.S. Supreme Court said so"),
        ("It ends in a question?^ Yes.", "It ends in a question?"),
    ],
)
def test_the_sentence_around_a_note_is_found(text: str, sentence: str) -> None:
    assert sentence_at(text.replace("^", ""), text.index("^")) == sentence


def test_what_a_note_cites_is_looked_for_where_the_note_stands(make_desk: MakeDesk) -> None:
    from letters.cite.check import find_in_sources

    source = Source("letter.md", "A law, 8 U.S.C. § 2.[^n]\n\n[^n]: As said in 8 U.S.C. § 2.\n")
    found = find_in_sources([source], None)
    pages = pages_of(["A law, 8 U.S.C. § 2.1", "more", "1 As said in 8 U.S.C. § 2."])
    assert [pages.of(each) for each in found] == ["1", "3"]


def test_a_passage_knows_its_notes_and_fields() -> None:
    body, note = read_passages(
        Source("a.md", "The *{{ recipient.agency }}*[^n] is\none.\n\n[^n]: See {{ note.n }}.\n    More.\n")
    )
    assert body.text.strip() == "The ‹recipient.agency› is one."
    assert (note.note, note.text.strip()) == ("n", "See ‹note.n›. More.")
    assert str(note.place(note.text.index("More"))) == "a.md:5:5"


def row(**cells: str) -> SheetRow:
    return SheetRow(**{**dict.fromkeys(SheetRow._fields, ""), **cells})


def test_a_cell_of_the_sheet_is_never_a_formula() -> None:
    import openpyxl

    content = write_xlsx([row(citation="=1+1", note="3")], "Title", "About", DATE)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    assert (sheet["C4"].data_type, sheet["C4"].value, sheet["A4"].value) == ("s", "=1+1", 3)


def test_the_spreadsheet_holds_no_clock() -> None:
    content = write_xlsx([row()], "Title", "About", DATE)
    core = read_package(content)["docProps/core.xml"].decode()
    assert core.count("2025-09-17T00:00:00Z") == 2
    assert write_xlsx([row()], "Title", "About", DATE) == content


def test_the_page_to_print_shows_text_as_text() -> None:
    page = write_html([row(sentence="<b> & co", status="unread"), row(status="read")], "Title", "About").decode()
    assert "&lt;b&gt; &amp; co" in page
    assert page.count('<tr class="open">') == 1


@pytest.fixture(scope="module")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    from tests.desk import set_up

    desk: Desk = set_up(folder=tmp_path_factory.mktemp("cites"), letter=LETTER.lstrip())
    desk.write("templates/authorities.toml", AUTHORITIES)
    desk.write("templates/enclosures/sheet.md", "# A sheet\n\nIt explains 8 U.S.C. § 1357(g)(1).\n")
    done = desk.run("cites")
    assert done.stderr.startswith("5 citations: ")
    assert [line.rpartition("/")[2] for line in done.stdout.split()] == ["cite-check.xlsx", "cite-check.html"]
    import openpyxl

    book = openpyxl.load_workbook(desk.out("cite-check.xlsx")).active
    assert book is not None
    rows = [["" if value is None else str(value) for value in line] for line in book.iter_rows(values_only=True)]
    assert tuple(rows[2]) == HEADINGS
    return [dict(zip(rows[2], line, strict=True)) for line in rows[3:]]


def test_every_citation_has_its_row_in_the_order_of_reading(sheet: list[dict[str, str]]) -> None:
    assert [(line["Note"], line["Page"], line["Citation"], line["Status"]) for line in sheet] == [
        ("", "1", "8 U.S.C. § 1373", "not in the authorities file"),
        ("1", "1", "Printz v. United States, 521 U.S. 898 (1997)", "read"),
        ("2", "1", "8 U.S.C. § 1357(g)", "unread"),
        ("3", "1", "Printz, supra note 1", "read, as Printz v. United States, 521 U.S. 898 (1997)"),
        ("", "2", "8 U.S.C. § 1357(g)(1)", "unread"),
    ]


def test_every_row_tells_the_sentence_and_the_reader(sheet: list[dict[str, str]]) -> None:
    assert [line["Sentence it supports"] for line in sheet][1:3] == [
        "No sheriff can be commanded.",
        "Your agreement may be ended, as every agreement may.",
    ]
    assert (sheet[1]["Read by"], sheet[1]["Read on"]) == ("First Signer", "2025-09-01")
    assert sheet[4]["Where"] == "templates/enclosures/sheet.md:3"
