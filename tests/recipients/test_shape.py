"""The table is found in what people put around it: further headers, two tables, labels, totals."""

from __future__ import annotations

import pytest

from letters.model.problems import CannotGoOn
from letters.recipients.labels import SourceRow
from letters.recipients.shape import Table, find_table

HEADINGS = ("Agency", "Chief", "Street", "City", "State", "ZIP")
TAYLOR = ("Taylor Police Department", "Jane Roe", "23515 Goddard Road", "Taylor", "MI", "48180")
ADRIAN = ("Adrian Police Department", "Pat Roe", "100 East Church Street", "Adrian", "MI", "49221")
ALMA = ("Alma Police Department", "", "525 East Superior Street", "Alma", "MI", "48801")


def found(*rows: tuple[str, ...]) -> Table:
    return find_table("list.csv", [SourceRow(n, row) for n, row in enumerate(rows, start=1) if any(row)], None)


def test_a_header_that_stands_again_is_left_out() -> None:
    table = found(HEADINGS, TAYLOR, (), HEADINGS, ADRIAN)
    assert [row.cells for row in table.rows] == [TAYLOR, ADRIAN]
    assert table.remarks == ["the header stands again in row 4, and is left out"]


def test_rows_below_another_header_are_read_by_it() -> None:
    turned = ("Chief", "Agency", "ZIP", "City", "Street", "State", "Phone")
    table = found(
        HEADINGS, TAYLOR, (), turned, (ADRIAN[1], ADRIAN[0], *(ADRIAN[n] for n in (5, 3, 2, 4)), "517-555-0100")
    )
    assert table.headings == (*HEADINGS, "Phone")
    assert [row.cells for row in table.rows] == [(*TAYLOR, ""), (*ADRIAN, "517-555-0100")]
    assert table.remarks == ["row 4 is another header; the rows below it are read by it"]


def test_a_heading_of_another_table_that_means_the_same_is_the_same_column() -> None:
    table = found(
        ("Agency", "Chief", "City", "ZIP"),
        (TAYLOR[0], *TAYLOR[1:2], "Taylor", "48180"),
        (),
        ("County", "Sheriff", "Town", "Zip Code"),
        ("Wayne", "Pat Doe", "Detroit", "48211"),
    )
    assert table.headings == ("Agency", "Chief / Sheriff", "City", "ZIP / Zip Code", "County", "Town")
    assert table.rows[1].cells == ("", "Pat Doe", "", "48211", "Wayne", "Detroit")


def test_two_tables_side_by_side_are_refused_with_the_way_out() -> None:
    with pytest.raises(CannotGoOn, match='"Agency" is in columns 1 and 8') as error:
        found((*HEADINGS, "", *HEADINGS), (*TAYLOR, "", *ADRIAN))
    assert error.value.hint == "move the second table below the first, and save the file"


@pytest.mark.parametrize(
    "total", [("Total", "3"), ("Subtotal: 3",), ("", "Grand total", "", "3"), ("Number of agencies", "3")]
)
def test_a_total_is_left_out(total: tuple[str, ...]) -> None:
    table = found(HEADINGS, TAYLOR, ADRIAN, ALMA, total)
    assert [row.cells for row in table.rows] == [TAYLOR, ADRIAN, ALMA]
    assert "is a total or a remark and is left out" in table.remarks[0]


@pytest.mark.parametrize("above", [True, False])
def test_a_county_in_a_row_of_its_own_counts_for_the_rows_below_it(above: bool) -> None:
    wayne, others = ("Wayne County",), [TAYLOR, ("LENAWEE COUNTY",), ADRIAN]
    table = found(wayne, HEADINGS, *others) if above else found(HEADINGS, wayne, *others)
    assert table.headings == (*HEADINGS, "County")
    assert [row.cells for row in table.rows] == [(*TAYLOR, "Wayne County"), (*ADRIAN, "LENAWEE COUNTY")]


def test_a_county_that_zip_codes_contradict_counts_for_no_row() -> None:
    table = found(HEADINGS, ("Marquette County",), TAYLOR, ADRIAN)
    assert [row.cells for row in table.rows] == [TAYLOR, ADRIAN]


def test_headings_in_two_rows_are_one_header() -> None:
    upper, lower = ("Agency", "Chief", "", "Address", "", ""), ("", "First", "Last", "Street", "City", "ZIP")
    row = ("Taylor Police Department", "Jane", "Roe", "23515 Goddard Road", "Taylor", "48180")
    table = found(upper, lower, row)
    assert table.headings == ("Agency", "First", "Last", "Street", "City", "ZIP")
    assert [row.cells for row in table.rows] == [row]


LABELS = (
    ("Chief Jane Roe", "Taylor Police Department", "23515 Goddard Road", "Taylor, MI 48180"),
    ("Anne St. John", "Adrian Police Department", "100 East Church Street", "Suite 2", "Adrian, MI 49221"),
    ("Alma Police Department", "525 East Superior Street", "Alma MI 48801"),
)
TOLD_APART = [
    ("Chief Jane Roe", "Taylor Police Department", "23515 Goddard Road", "", "Taylor, MI 48180"),
    ("Anne St. John", "Adrian Police Department", "100 East Church Street", "Suite 2", "Adrian, MI 49221"),
    ("", "Alma Police Department", "525 East Superior Street", "", "Alma MI 48801"),
]


def test_address_labels_in_one_cell_each_are_told_apart() -> None:
    table = found(("Labels",), *(("\n".join(lines),) for lines in LABELS), ("", "\n".join(LABELS[0])))
    assert [row.cells for row in table.rows] == [*TOLD_APART, TOLD_APART[0]]


def test_address_labels_line_by_line_are_told_apart() -> None:
    table = found(*((line,) for lines in LABELS for line in (*lines, "")))
    assert [row.cells for row in table.rows] == TOLD_APART
    assert [row.line for row in table.rows] == [1, 6, 12]


def test_labels_side_by_side_below_a_title_are_told_apart() -> None:
    two = [
        ("Directory", ""),
        ("", ""),
        *zip(LABELS[0], LABELS[0], strict=True),
        ("", ""),
        *zip(LABELS[0], LABELS[0], strict=True),
    ]
    table = found(*two)
    assert [row.cells for row in table.rows] == [TOLD_APART[0]] * 4
    assert len({row.line for row in table.rows}) == 4
    assert "no address in the label of line 1, which is left out" in table.remarks


def test_labels_of_a_text_file_that_were_cut_at_their_commas_are_told_apart() -> None:
    table = found(*(tuple(line.split(", ")) for lines in LABELS for line in (*lines, "")))
    assert [row.cells for row in table.rows] == TOLD_APART


@pytest.mark.parametrize("quoted", [True, False])
def test_labels_on_a_line_each_are_told_apart(quoted: bool) -> None:
    lines = [", ".join(label) for label in LABELS]
    table = found(*((line,) if quoted else tuple(line.split(", ")) for line in lines))
    assert [row.cells[:3] for row in table.rows] == [cells[:3] for cells in TOLD_APART]


def test_labels_across_the_cells_of_a_row_are_told_apart() -> None:
    table = found(("To line 1", "To line 2", "To line 3", "To line 4", "To line 5"), *LABELS)
    assert [row.cells for row in table.rows] == TOLD_APART
    assert "line 1, which is left out" in table.remarks[1]


def test_a_directory_with_telephones_below_its_addresses_is_told_apart() -> None:
    wayne = ("WAYNE COUNTY", "Sheriff Jane Roe", "5301 Russell Street", "Detroit, MI 48211")
    contact = ("Phone: 313-555-0100  Fax: 313-555-0101", "sheriff@example.org", "www.example.org")
    alma = ("GRATIOT COUNTY", "Sheriff Pat Doe", "226 East Center Street", "Ithaca, MI 48847", "Fax: 989-555-0101")
    table = found(*((line,) for line in ("Directory", "", *wayne, *contact, "", *alma)))
    assert table.headings == ("full_name", "agency", "county", "address1", "address2", "last_line", "phone", "email")
    assert [row.cells for row in table.rows] == [
        (wayne[1], "", wayne[0], wayne[2], "", wayne[3], "313-555-0100", "sheriff@example.org"),
        (alma[1], "", alma[0], alma[2], "", alma[3], "", ""),
    ]


GROUPS = (
    "Agency: Taylor Police Department", "Chief: Jane Roe", "Address: 23515 Goddard Road", "Taylor, MI 48180",
    "Agency: Alma Police Department", "Address: 525 East Superior Street, Alma, MI 48801",
    "Sheriff: Pat Doe", "Address: 226 East Center Street, Ithaca, MI 48847",
)  # fmt: skip
"""The second has no chief, and the third no agency."""


def test_groups_of_lines_with_headings_are_recipients() -> None:
    table = found(*(tuple(line.split(", ")) for line in GROUPS))
    assert table.headings == ("Agency", "Chief", "Address", "")
    assert [row.cells[:3] for row in table.rows] == [
        ("Taylor Police Department", "Jane Roe", "23515 Goddard Road\nTaylor, MI 48180"),
        ("Alma Police Department", "", "525 East Superior Street, Alma, MI 48801"),
        ("", "Pat Doe", "226 East Center Street, Ithaca, MI 48847"),
    ]


@pytest.mark.parametrize("apart", [True, False])
def test_groups_may_begin_with_a_line_without_heading_where_empty_lines_set_them_apart(apart: bool) -> None:
    groups = [
        ("Taylor Police Department", "Chief: Jane Roe", "Street: 23515 Goddard Road", "ZIP: 48180", "Fax: none"),
        ("Alma Police Department", "Chief: Pat Doe", "Street: 525 East Superior Street", "ZIP: 48801"),
    ]
    table = found(("Directory",), (), *((line,) for lines in groups for line in (*lines, *[""] * apart)))
    assert (table.headings == ("Chief", "Street", "ZIP", "Fax", "")) is apart
    if apart:
        assert [row.cells[-1] for row in table.rows] == ["Taylor Police Department", "Alma Police Department"]
        assert table.remarks[1] == 'line 1, "Directory", has no heading and is left out'


def test_headings_beside_their_values_are_read_and_offices_in_the_first_column_are_none() -> None:
    pairs = [*zip(HEADINGS, TAYLOR, strict=True), *zip(HEADINGS, ADRIAN, strict=True)]
    assert [row.cells[:-1] for row in found(*pairs).rows] == [TAYLOR, ADRIAN]
    offices = [("Office", *HEADINGS), ("Chief", *TAYLOR), ("Sheriff", *ADRIAN), ("Chief", *ALMA), ("Sheriff", *ALMA)]
    assert found(*offices).headings == offices[0]


def test_cells_of_several_lines_are_parted_by_what_their_lines_are() -> None:
    rows = [
        (
            f"{city} Police Department\n1 Public Safety Drive\n{city}, MI {code}",
            f"Chief {name}\n(517) 555-010{n}\nfax on request",
            "none",
        )
        for n, (city, code, name) in enumerate((("Alma", "48801", "Jane Roe, Ed.D."), ("Adrian", "49221", "Pat Doe")))
    ]
    table = found(("Agency / Address", "Contact info", "287(g) status"), *rows)
    assert table.header_line == 1
    assert table.headings == (
        "",
        "Contact info",
        "287(g) status",
        "agency",
        "address1",
        "last_line",
        "full_name",
        "phone",
    )
    assert table.rows[0].cells == (
        *("", "fax on request", "none", "Alma Police Department", "1 Public Safety Drive", "Alma, MI 48801"),
        *("Chief Jane Roe, Ed.D.", "(517) 555-0100"),
    )


def test_an_address_on_two_lines_stays_one_cell() -> None:
    rows = [
        ("Alma Police Department", "1 Main Street\nAlma, MI 48801"),
        ("Adrian Police", "2 Main Street\nAdrian, MI 49221"),
    ]
    assert found(("Agency", "Address"), *rows).rows[0].cells == rows[0]
