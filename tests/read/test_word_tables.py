"""Tables of a letter made in Word: rows and cells are repeated and left out alike in the DOCX and in the PDF."""

from __future__ import annotations

import io
from collections.abc import Sequence

import docx
import pytest

from letters.formats.ooxml import parse, read_package, w
from tests.conftest import MakeDesk
from tests.desk import SHERIFF, Desk
from tests.read.word_letters import docx_text, pdf_text, place, with_table, word_letter

ID = SHERIFF["id"]
ROWS = [
    ("Line", "Who"),
    ("{%tr for line in recipient.inside_address %}", ""),
    ("{{ loop.index }}", "{{ line }} of {{ recipient.jurisdiction }}"),
    ("{%tr endfor %}", ""),
    ("End", "of table"),
]


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    return make_desk()


def build(desk: Desk, rows: Sequence[Sequence[str]], *options: str) -> None:
    place(desk, with_table(word_letter("Before."), rows))
    desk.run("build", "--letter", "byhand", "--only", ID, *options)


def cells(desk: Desk) -> list[list[str]]:
    """Tell the cells of the table in the DOCX."""
    document = docx.Document(io.BytesIO((desk.folder / f"out/byhand/docx/{ID}.docx").read_bytes()))
    return [[cell.text for cell in row.cells] for row in document.tables[0].rows]


def says(desk: Desk, *words: str) -> None:
    """Hold both documents to the same words; between two cells there is no space."""
    wanted = "".join(words).replace(" ", "")
    assert wanted in docx_text(desk, ID).replace(" ", "")
    assert wanted in pdf_text(desk, ID).replace(" ", "")


def test_rows_are_repeated_for_each_item_of_a_list(desk: Desk) -> None:
    build(desk, ROWS)
    lines = ["The Honorable Chuck Heit", "Sheriff", "Berrien County Sheriff’s Department", "2100 East Empire Avenue"]
    wanted = [[str(n), f"{line} of Berrien County"] for n, line in enumerate([*lines, "Benton Harbor, MI 49022"], 1)]
    assert cells(desk) == [["Line", "Who"], *wanted, ["End", "of table"]]
    says(desk, *(word for row in cells(desk) for word in row))


def test_rows_of_the_campaign_are_repeated_too(desk: Desk) -> None:
    rows = ("{%tr for each in campaign.organizations %}",), ("{{ loop.index }}: {{ each.name }}",), ("{%tr endfor %}",)
    build(desk, rows)
    says(desk, "1: First Organization 2: Second Organization")


def test_the_fast_way_and_the_plain_way_say_the_same(desk: Desk) -> None:
    build(desk, ROWS)
    fast = cells(desk), pdf_text(desk, ID)
    build(desk, ROWS, "--plain", "--out", "out")
    assert (cells(desk), pdf_text(desk, ID)) == fast


def test_a_row_stands_where_its_condition_holds(desk: Desk) -> None:
    test = "{%tr if recipient.agreement_287g %}"
    build(
        desk,
        [("Always", ""), (test, ""), ("Agreement", "yes"), ("{%tr else %}", ""), ("None", ""), ("{%tr endif %}", "")],
    )
    says(desk, "Always Agreement yes")
    assert "None" not in docx_text(desk, ID) + pdf_text(desk, ID)


def test_cells_are_repeated_and_left_out(desk: Desk) -> None:
    row = ("{%tc for each in campaign.organizations %}", "{{ each.name }}", "{%tc endfor %}", "last")
    build(desk, [row])
    assert cells(desk) == [["First Organization", "Second Organization", "last"]]
    says(desk, "First Organization Second Organization last")


def test_what_conditions_empty_is_still_a_file_that_word_opens(desk: Desk) -> None:
    never, end = "p if recipient.office == 'police_chief' %}", "{%p endif %}"
    rows = [("{%tr if recipient.office == 'police_chief' %}",), ("Never",), ("{%tr endif %}",)]
    document = with_table(with_table(word_letter("Before."), [("", "There")]), rows)
    first = document.tables[0].rows[0].cells[0]
    first.text = f"{{%{never}"
    first.add_paragraph("Never")
    first.add_paragraph(end)
    place(desk, document)
    desk.run("build", "--letter", "byhand", "--only", ID)
    body = parse(read_package((desk.folder / f"out/byhand/docx/{ID}.docx").read_bytes())["word/document.xml"])
    assert [len(list(body.iter(w(name)))) for name in ("tbl", "tr", "tc")] == [1, 1, 2]
    assert [cell[-1].tag for cell in body.iter(w("tc"))] == [w("p"), w("p")]
    says(desk, "Before.There")


def test_merged_cells_say_their_words_once(desk: Desk) -> None:
    rows = [("{%tr for line in recipient.inside_address %}", ""), ("{{ recipient.county }}{% vm %}", "{{ line }}")]
    build(desk, [*rows, ("{%tr endfor %}", "")])
    assert pdf_text(desk, ID).count("Berrien") == docx_text(desk, ID).count("Berrien") == 2
    says(desk, "BerrienThe Honorable Chuck HeitSheriff")


def test_a_cell_spans_columns_as_computed(desk: Desk) -> None:
    build(desk, [("{% colspan campaign.organizations | length %}Both", ""), ("One", "Two")])
    document = parse(read_package((desk.folder / f"out/byhand/docx/{ID}.docx").read_bytes())["word/document.xml"])
    assert [each.get(w("val")) for each in document.iter(w("gridSpan"))] == ["2"]
    says(desk, "Both", "One Two")


def test_a_field_in_a_row_is_checked_with_its_paragraph(desk: Desk) -> None:
    place(desk, with_table(word_letter("One."), [("Head",), ("{{ recipient.agnecy }}",)]))
    assert (
        'byhand.docx:3:1: "recipient.agnecy" is not a field' in desk.run("check", "--letter", "byhand", code=1).stdout
    )


def test_an_empty_field_in_a_row_stops_that_letter(desk: Desk) -> None:
    place(desk, with_table(word_letter("One."), [("Signed", "{{ recipient.agreement_signed }}")]))
    done = desk.run("check", "--letter", "byhand", code=1)
    assert "recipients.csv:3: agreement_signed: empty" in done.stdout
    assert "templates/byhand.docx:3" in done.stdout


def test_a_loop_that_is_not_closed_is_told(desk: Desk) -> None:
    place(desk, with_table(word_letter("One."), ROWS[:3]))
    said = desk.run("check", "--letter", "byhand", code=1).stdout
    assert "byhand.docx:4:1: {% for line in recipient.inside_address %} is never closed" in said


def test_words_beside_a_tag_for_a_row_are_named_before_they_are_lost(desk: Desk) -> None:
    rows = [("{%tr if recipient.county %}", "Precious words"), ("One", "Two"), ("{%tr endif %}", "")]
    place(desk, with_table(word_letter("One."), rows))
    said = desk.run("check", "--letter", "byhand", code=1).stdout
    assert 'stands for its whole row, so "Precious words" beside it is lost' in said
    assert "give the tag a row of its own" in said


def test_what_is_typed_beside_a_tag_for_a_paragraph_is_named_too(desk: Desk) -> None:
    place(desk, word_letter("{%p if recipient.county %} Words.", "More.", "{%p endif %}"))
    assert 'so "Words." beside it is lost' in desk.run("check", "--letter", "byhand", code=1).stdout


def test_rich_text_prints_a_field_as_text(desk: Desk) -> None:
    place(
        desk,
        word_letter("To {{r recipient.agency }}, {%r if recipient.county %}in {{ recipient.county }}{%r endif %}."),
    )
    desk.run("build", "--letter", "byhand", "--only", ID)
    says(desk, "To Berrien County Sheriff’s Department, in Berrien.")


def test_a_tag_that_joins_paragraphs_is_refused(desk: Desk) -> None:
    place(desk, word_letter("Words.", "{%- if recipient.county %}More.{% endif %}"))
    said = desk.run("check", "--letter", "byhand", code=1).stdout
    assert 'byhand.docx:2: "{%- if recipient.county %}" would join paragraphs' in said
    assert "write {% if recipient.county %}" in said


def test_data_in_a_cell_is_never_markup(make_desk: MakeDesk) -> None:
    desk = make_desk(rows=[{**SHERIFF, "agency": "O'Neil & <Sons> {{ 7*7 }} | *St. Clair_"}])
    build(desk, [("{{ recipient.agency }}", "A long field in a narrow cell: {{ recipient.jurisdiction | upper }}")])
    says(desk, "O'Neil & <Sons> {{ 7*7 }} | *St. Clair_", "A long field in a narrow cell: BERRIEN COUNTY")
