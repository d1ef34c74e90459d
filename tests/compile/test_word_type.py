"""The type of the Word template: what the letterhead's styles cannot say by themselves."""

from __future__ import annotations

import pytest
from lxml import etree

from letters.campaign.load import load
from letters.formats.ooxml import parse, read_package, w
from tests.conftest import MakeDesk
from tests.desk import CHIEF, set_up

LETTER = """
Text above.

1. *One.* A clause:

    (a) first; and

        (i) deeper; or

    (b) second.

2. *Two.* Another.

Text below the list.

| Model | Date |
|:------|-----:|
| One | May 6 |

Text below the table.

- tight
- list

The last lines.
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    project, problems = load(set_up(folder=tmp_path_factory.mktemp("type"), letter=LETTER).folder / "campaign.toml")
    assert project is not None
    assert problems == []
    return project.template.word


@pytest.fixture
def parts(template: bytes) -> dict[str, bytes]:
    return read_package(template)


@pytest.fixture
def body(parts: dict[str, bytes]) -> etree._Element:
    return parse(parts["word/document.xml"])


def paragraph(body: etree._Element, words: str) -> etree._Element:
    (found,) = (p for p in body.iter(w("p")) if words in "".join(t.text or "" for t in p.iter(w("t"))))
    return found


def spacing(body: etree._Element, words: str, side: str) -> str | None:
    given = paragraph(body, words).find(f"{w('pPr')}/{w('spacing')}")
    return None if given is None else given.get(w(side))


@pytest.mark.parametrize(
    ("words", "before"), [("Text below the list", "160"), ("Text below the table", "160"), ("The last lines", "160")]
)
def test_text_below_a_list_or_a_table_has_the_space_between_paragraphs(
    body: etree._Element, words: str, before: str
) -> None:
    assert spacing(body, words, "before") == before


@pytest.mark.parametrize("words", ["A clause:", "first; and", "second."])
def test_clauses_stand_as_close_as_in_the_pdf(body: etree._Element, words: str) -> None:
    assert spacing(body, words, "after") == "100"


def test_numbers_end_before_the_text_and_bullets_begin_left_of_it(parts: dict[str, bytes]) -> None:
    levels = parse(parts["word/numbering.xml"]).iter(w("lvl"))
    seen = {(each.find(w("numFmt")).get(w("val")), each.find(w("lvlJc")).get(w("val"))) for each in levels}  # type: ignore[union-attr]
    assert {("decimal", "right"), ("lowerLetter", "right"), ("lowerRoman", "right"), ("bullet", "left")} <= seen


def test_a_table_fills_the_measure_and_its_last_column_ends_flush(body: etree._Element) -> None:
    table = next(body.iter(w("tbl")))
    widths = [int(column.get(w("w"), "0")) for column in table.iter(w("gridCol"))]
    assert 8347 - len(widths) < sum(widths) <= 8347
    for row in table.iter(w("tr")):
        assert row.find(f"{w('trPr')}/{w('cantSplit')}") is not None
        assert row.findall(w("tc"))[-1].find(f".//{w('tcMar')}/{w('right')}").get(w("w")) == "0"  # type: ignore[union-attr]


def test_a_table_on_narrower_paper_is_narrower(make_desk: MakeDesk) -> None:
    project, _ = load(make_desk(letter=LETTER, more='paper = "A4"').folder / "campaign.toml")
    assert project is not None
    body = parse(read_package(project.template.word)["word/document.xml"])
    for table in body.iter(w("tbl")):
        assert sum(int(column.get(w("w"), "0")) for column in table.iter(w("gridCol"))) <= 11906 - 2 * 1728


@pytest.mark.parametrize("words", ["On the telephone", "By mail", "At the office"])
def test_every_branch_below_a_table_has_the_space_between_paragraphs(make_desk: MakeDesk, words: str) -> None:
    table = "| A | B |\n|---|---|\n| 1 | 2 |\n\n"
    branches = "{% if recipient.phone %}\n\nOn the telephone.\n\n{% elif recipient.email %}\n\nBy mail.\n\n"
    letter = f"{table}{branches}{{% else %}}\n\nAt the office.\n\nAnd more.\n\n{{% endif %}}\n\nThe end.\n"
    project, _ = load(make_desk(letter=letter).folder / "campaign.toml")
    assert project is not None
    body = parse(read_package(project.template.word)["word/document.xml"])
    assert spacing(body, words, "before") == "160"
    assert spacing(body, "And more", "before") is None


@pytest.mark.parametrize(
    ("words", "kept"), [("A clause:", True), ("first; and", True), ("deeper; or", False), ("second.", False)]
)
def test_a_list_in_a_list_stays_with_what_leads_to_it(body: etree._Element, words: str, *, kept: bool) -> None:
    assert (paragraph(body, words).find(f"{w('pPr')}/{w('keepNext')}") is not None) == kept


def test_the_rule_above_notes_is_that_of_a_style(make_desk: MakeDesk) -> None:
    project, _ = load(make_desk().folder / "campaign.toml")
    assert project is not None
    notes = parse(read_package(project.template.word)["word/footnotes.xml"])
    (rule,) = (note for note in notes if note.get(w("type")) == "separator")
    assert [style.get(w("val")) for style in rule.iter(w("pStyle"))] == ["FootnoteSeparator"]


def test_an_address_of_few_lines_keeps_its_room(make_desk: MakeDesk) -> None:
    desk = make_desk(rows=[CHIEF])
    desk.run("build", "--no-pdf")
    body = parse(read_package(desk.out("docx/adrian-police.docx").read_bytes())["word/document.xml"])
    lines = [style for style in body.iter(w("pStyle")) if style.get(w("val")) == "InsideAddress"]
    assert len(lines) == 6


def test_the_last_lines_stay_with_the_closing(body: etree._Element) -> None:
    assert paragraph(body, "The last lines").find(f"{w('pPr')}/{w('keepNext')}") is not None
    assert paragraph(body, "Text above").find(f"{w('pPr')}/{w('keepNext')}") is None


def test_the_room_of_a_missing_delivery_line_is_kept(body: etree._Element) -> None:
    address = paragraph(body, "line }}")
    assert address.find(f"{w('pPr')}/{w('spacing')}").get(w("before")) == "714"  # type: ignore[union-attr]
