"""Cells of messy lists become what a letter needs; what is only likely is asked once for all rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from letters.model.problems import CannotGoOn
from letters.recipients.history import Decisions
from letters.recipients.importing import ImportPlan, plan_import
from tests.recipients.world import OFFICES, brought_in, rows_of, write_csv, write_workbook

TAYLOR = {
    "Agency": "Taylor Police Department",
    "Chief": "Jane Roe",
    "Address": "23515 Goddard Road",
    "City": "Taylor",
    "State": "MI",
    "ZIP": "48180",
}


def planned(folder: Path, *rows: dict[str, str], answers: dict[str, bool] | None = None) -> ImportPlan:
    path = write_csv(folder / "list.csv", [list(rows[0]), *(list(row.values()) for row in rows)])
    return plan_import(path, None, (), OFFICES, Decisions({}, answers or {}))


def imported(folder: Path, *rows: dict[str, str]) -> list[dict[str, str]]:
    path = write_csv(folder / "list.csv", [list(rows[0]), *(list(row.values()) for row in rows)])
    return rows_of(brought_in(path))


def without(row: dict[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in row.items() if name not in names}


@pytest.mark.parametrize(
    ("more", "column", "value"),
    [
        ({"Signed": "3/19/2025"}, "agreement_signed", "2025-03-19"),
        ({"Signed": "45735"}, "agreement_signed", "2025-03-19"),
        ({"Signed": "March 19, 2025"}, "agreement_signed", "2025-03-19"),
        ({"287(g)": "Task Force Model"}, "agreement_287g", "task_force"),
        ({"287(g)": "WSO"}, "agreement_287g", "warrant_service"),
        ({"ICE 287g 2025": "Warrant Service Officer (signed 5/6/2025)"}, "agreement_287g", "warrant_service"),
        ({"ICE 287g 2025": "Warrant Service Officer (signed 5/6/2025)"}, "agreement_signed", "2025-05-06"),
        ({"287(g)": "unknown"}, "agreement_287g", ""),
        ({"287(g)": "Yes - JEM"}, "agreement_287g", "jail_enforcement"),
        ({"287(g)": "Yes (Task Force)"}, "agreement_287g", "task_force"),
        ({"287(g)": "Task Force?"}, "agreement_287g", "Task Force?"),
        ({"287(g)": "JEM, terminated 2024"}, "agreement_287g", "JEM, terminated 2024"),
        ({"Address": "23515 Goddard Road, Taylor, MI 48180"}, "address1", "23515 Goddard Road"),
        ({"Address": "23515 Goddard Road\nSuite 4"}, "address2", "Suite 4"),
        ({"Do not mail": "No"}, "hold", ""),
        ({"E-mail": "Jane Roe <jane@example.org>"}, "email", "jane@example.org"),
        ({"TFM": "", "WSO": "x", "JEM": ""}, "agreement_287g", "warrant_service"),
        ({"TFM": "x", "WSO": "x", "JEM": ""}, "agreement_287g", ""),
        ({"Address": "Goddard Road", "Street #": "23515"}, "address1", "23515 Goddard Road"),
        ({"ZIP": "'48180"}, "zip", "48180"),
        ({"Zip4": "123"}, "zip", "48180-0123"),
        ({"State": "Mich."}, "state", "MI"),
        ({"City": "TAYLOR"}, "city", "Taylor"),
        ({"Address": "23515 goddard road"}, "address1", "23515 Goddard Road"),
        ({"Address": "\u200e23515 Goddard Road"}, "address1", "23515 Goddard Road"),
        ({"Chief": "Jos\u221a\u00a9 Roe"}, "first_name", "José"),
        ({"Chief": "Jane Garc\u00c3\u00ada"}, "last_name", "García"),
        ({"Chief": "To be determined"}, "last_name", ""),
        ({"Chief": "(vacant)"}, "first_name", ""),
        ({"ID": "CON"}, "id", "taylor-police"),
        ({"ID": "a b/c"}, "id", "a-b-c"),
        ({"PO Box": "12"}, "address1", "PO Box 12"),
        ({"Prefix": "Ms."}, "title", ""),
        ({"ZIP": "48180-0000"}, "zip", "48180"),
    ],
)
def test_a_cell_is_put_into_the_form_of_the_list(tmp_path: Path, more: dict[str, str], column: str, value: str) -> None:
    (row,) = imported(tmp_path, TAYLOR | more)
    assert row[column] == value
    assert row["hold"] == ""


@pytest.mark.parametrize(
    ("column", "cell", "parts", "hold"),
    [
        ("City, State, ZIP", "PO BOX 195; BOX ELDER, MT 59521", ("PO Box 195", "", "Box Elder", "MT", "59521"), ""),
        ("Address", "800 BIESTERFIELD RD STE 402 ELK GROVE VILLAGE IL 60007",
         ("800 Biesterfield Rd", "Ste 402", "Elk Grove Village", "IL", "60007"), ""),
        ("Address", "PO Box 1400 Albany, GA 31702-9999", ("PO Box 1400", "", "Albany", "GA", "31702-9999"), ""),
        ("Address", "PO Box 1400 Columbus, GA 33902", ("PO Box 1400", "", "Columbus", "GA", "33902"),
         "33902 is not known as Columbus"),
        ("Address", "Lansing, MI 48933", ("", "", "Lansing", "MI", "48933"), ""),
        ("Address", "PSC 7500, Box 2471, APO, AE 09021", ("PSC 7500, Box 2471", "", "APO", "AE", "09021"), ""),
    ],
)  # fmt: skip
def test_an_address_is_split_in_whichever_column_it_stands(
    tmp_path: Path, column: str, cell: str, parts: tuple[str, ...], hold: str
) -> None:
    others = [{"Agency": f"{name} Police Department", "Chief": "Jane Roe", column: f"1 Main St, {name}, MI 49221"}
              for name in ("Adrian", "Alma")]  # fmt: skip
    if column != "Address":
        others = [each | {column: "Adrian, MI 49221"} for each in others]
    *_, row = imported(tmp_path, *others, {"Agency": "Taylor Police Department", "Chief": "Jane Roe", column: cell})
    assert tuple(row[name] for name in ("address1", "address2", "city", "state", "zip")) == parts
    assert hold in row["hold"]
    assert bool(hold) is ("not known as" in row["hold"])


def test_agency_holder_and_whole_address_are_a_table_of_which_no_row_is_lost(tmp_path: Path) -> None:
    addresses = (
        "155 E Maumee St, Adrian, MI 49221",
        "The American Road, Dearborn, MI 48121",
        "525 E Superior St, 48801",
    )
    rows = [
        {"Agency": f"{name} Police Department", "Chief": "Jane Roe", "Address": address}
        for name, address in zip(("Adrian", "Dearborn", "Alma"), addresses, strict=True)
    ]
    found = imported(tmp_path, *rows)
    assert [row["last_name"] for row in found] == ["Roe"] * 3
    assert [row["address1"] for row in found] == ["155 E Maumee St", "The American Road", "525 E Superior St, 48801"]


def test_a_whole_address_stands_in_the_cell_of_the_street_of_some_rows(tmp_path: Path) -> None:
    whole = {**TAYLOR, "Agency": "Adrian Police Department", "Address": "155 E Maumee St\nAdrian, MI 49221"}
    elsewhere = {**TAYLOR, "Agency": "Alma Police Department", "Address": "525 E Superior St, Alma, MI 48801"}
    plan = planned(tmp_path, TAYLOR, {**whole, "City": "", "State": "", "ZIP": ""}, elsewhere)
    taylor, adrian, alma = rows_of(plan)
    assert taylor["address1"] == TAYLOR["Address"]
    assert [adrian[name] for name in ("address1", "city", "state", "zip")] == [
        "155 E Maumee St",
        "Adrian",
        "MI",
        "49221",
    ]
    assert 'the address says Alma, the column city "Taylor"' in alma["hold"]


@pytest.mark.parametrize(
    "more",
    [
        {"Notes": "DO NOT SEND - litigation"},
        {"Notes": "retired in June; successor not known"},
        {"Comments": "Please don’t contact"},
        {"Remarks": "Remove from list"},
        {"Send?": "no"},
        {"Do not mail": "x"},
        {"Deceased?": "Y"},
        {"Left office": "TRUE"},
        {"Notes": "letter of 2024 was returned to sender"},
    ],
)
def test_a_remark_that_nothing_is_to_be_sent_holds_its_row(tmp_path: Path, more: dict[str, str]) -> None:
    held, free = imported(
        tmp_path, TAYLOR | more, {**TAYLOR, "Agency": "Adrian Police Department"} | dict.fromkeys(more, "")
    )
    assert held["hold"] != ""
    assert free["hold"] == ""


@pytest.mark.parametrize("remark", ["left a message on 10/3", "ask Ed", "letter sent in 2024", "hold harmless clause"])
def test_other_remarks_hold_nothing(tmp_path: Path, remark: str) -> None:
    (row,) = imported(tmp_path, {**TAYLOR, "Notes": remark})
    assert row["hold"] == ""


def test_the_physical_address_is_asked_and_taken_where_there_is_no_mailing_one(tmp_path: Path) -> None:
    names = (
        "Agency",
        *(f"{kind} {part}" for kind in ("Mailing", "Physical") for part in ("Address", "City", "State", "Zip")),
    )
    both = ("Alma Police Department", "PO Box 12", "Alma", "MI", "48801", "525 E Superior St", "Alma", "MI", "48801")
    one = ("Adrian Police Department", "", "", "", "", "155 E Maumee St", "Adrian", "MI", "49221")
    plan = planned(tmp_path, dict(zip(names, both, strict=True)), dict(zip(names, one, strict=True)))
    assert "there is no mailing address: the other one of the row is taken" in [each.key for each in plan.questions]
    assert [[row[name] for name in ("address1", "city", "zip")] for row in rows_of(plan)] == [
        ["PO Box 12", "Alma", "48801"],
        ["155 E Maumee St", "Adrian", "49221"],
    ]


def test_a_middle_name_goes_behind_the_first(tmp_path: Path) -> None:
    names = {"First Name": "Jane", "Middle Name": "Q.", "Last Name": "Roe"}
    (row,) = imported(tmp_path, without(TAYLOR, "Chief") | names)
    assert (row["first_name"], row["last_name"]) == ("Jane Q.", "Roe")


def test_an_address_of_a_mailing_program_is_split(tmp_path: Path) -> None:
    whole = "23515 Goddard Road  Taylor  MI  48180  US"
    row = {"First Name": "Jane", "Last Name": "Roe", "Company": "Taylor Police Department", "Address": whole}
    made = imported(tmp_path, row)[0]
    assert [made[c] for c in ("address1", "city", "state", "zip")] == ["23515 Goddard Road", "Taylor", "MI", "48180"]


def test_of_several_agreements_in_a_cell_the_furthest_counts_and_all_are_kept(tmp_path: Path) -> None:
    row = imported(tmp_path, {**TAYLOR, "287(g) agreement": "WSO / TFM"})[0]
    assert (row["agreement_287g"], row["agreements"]) == ("task_force", "task_force; warrant_service")


@pytest.mark.parametrize(
    ("first", "last", "made"),
    [
        ("Lt. Col. Jane", "Roe", ("Lieutenant Colonel", "Jane", "Roe")),
        ("Chief of Police", "Jane Roe", ("", "Jane", "Roe")),
        ("Jane", "Roe Interim Chief", ("Interim Chief", "Jane", "Roe")),
        ("Jane", "Roe - Acting", ("Acting Chief", "Jane", "Roe")),
        ("Mary", "Jones Smith", ("", "Mary", "Jones Smith")),
        ("Office of", "the Chief", ("", "", "")),
    ],
)
def test_titles_leave_the_columns_of_a_name(tmp_path: Path, first: str, last: str, made: tuple[str, str, str]) -> None:
    row = imported(tmp_path, {**without(TAYLOR, "Chief"), "First": first, "Last": last})[0]
    assert (row.get("title", ""), row["first_name"], row["last_name"], row["hold"]) == (*made, "")


def test_an_id_that_another_row_has_is_made_anew(tmp_path: Path) -> None:
    adrian = {**TAYLOR, "Agency": "Adrian Police Department", "City": "Adrian", "ZIP": "49221"}
    rows = imported(tmp_path, {"ID": "A1", **TAYLOR}, {"ID": "a1", **adrian})
    assert [row["id"] for row in rows] == ["A1", "adrian-police"]


def test_a_street_beside_a_po_box_column_is_asked_about(tmp_path: Path) -> None:
    (question,) = planned(tmp_path, TAYLOR | {"PO Box": "PO Box 12"}).questions
    assert question.text.startswith("a PO box and a street")
    refused = planned(tmp_path, TAYLOR | {"PO Box": "PO Box 12"}, answers={question.key: False})
    (row,) = rows_of(refused)
    assert (row["address1"], row["po_box_as_given"]) == ("23515 Goddard Road", "PO Box 12")


@pytest.mark.parametrize(
    ("lines", "address1", "address2"),
    [
        (("c/o City Hall", "23515 Goddard Road", "Suite 2"), "23515 Goddard Road", "c/o City Hall, Suite 2"),
        (
            ("Municipal Building", "Third Floor", "23515 Goddard Road"),
            "23515 Goddard Road",
            "Municipal Building, Third Floor",
        ),
        (("Taylor Police Department", "23515 Goddard Road", ""), "23515 Goddard Road", ""),
        (("23515 Goddard Road", "Attn: Chief Roe", "Taylor, MI 48180"), "23515 Goddard Road", ""),
        (("23515 Goddard Road", "PO Box 9", ""), "PO Box 9", ""),
        (("23515 Goddard Road", "Suite 2", ""), "23515 Goddard Road", "Suite 2"),
    ],
)
def test_the_lines_of_an_address_end_where_mail_is_delivered(
    tmp_path: Path, lines: tuple[str, str, str], address1: str, address2: str
) -> None:
    more = dict(zip(("Address 1", "Address 2", "Address 3"), lines, strict=True))
    row = imported(tmp_path, {**without(TAYLOR, "Address"), **more})[0]
    assert (row["address1"], row["address2"], row["hold"]) == (address1, address2, "")


def test_the_last_line_of_another_address_holds_its_row(tmp_path: Path) -> None:
    rows = imported(tmp_path, *({**TAYLOR, "Address 2": last} for last in ("Detroit, MI 48226", "Suite 2", "Rear")))
    assert [row["hold"] for row in rows] == [
        'to be looked at: the address says Detroit, the column city "Taylor"',
        "",
        "",
    ]


def test_a_person_whom_only_the_address_names_is_taken(tmp_path: Path) -> None:
    row = imported(tmp_path, {**without(TAYLOR, "Chief"), "Address 2": "Attn: Lt. Pat Doe"})[0]
    assert (row["title"], row["first_name"], row["last_name"]) == ("Lieutenant", "Pat", "Doe")


@pytest.mark.parametrize(
    ("city", "state", "made"),
    [
        ("New Washington", "OH", ("New Washington", "OH")),
        ("Taylor, MI", "", ("Taylor", "MI")),
        ("Taylor MI 48180", "MI", ("Taylor", "MI")),
    ],
)
def test_a_state_within_the_name_of_a_city_is_told_from_one_behind_it(
    tmp_path: Path, city: str, state: str, made: tuple[str, str]
) -> None:
    row = imported(tmp_path, {**TAYLOR, "City": city, "State": state, "ZIP": ""}, {**TAYLOR, "Chief": ""})[0]
    assert (row["city"], row["state"], "address says" in row["hold"]) == (*made, False)


def test_a_missing_city_is_asked_and_taken_from_the_zip_code(tmp_path: Path) -> None:
    plan = planned(tmp_path, without(TAYLOR, "City", "State"))
    assert [question.text for question in plan.questions] == [
        "the city is missing: the post office’s own name for the ZIP code is taken"
    ]
    (row,) = rows_of(plan)
    assert (row["city"], row["state"]) == ("Taylor", "MI")


def test_a_town_is_the_city_where_no_other_column_is(tmp_path: Path) -> None:
    plan = planned(tmp_path, {**without(TAYLOR, "City"), "Town": "Taylor"})
    assert [question.text[:31] for question in plan.questions] == ['is the column "Town" city? no o']
    assert rows_of(plan)[0]["city"] == "Taylor"


def test_agencies_of_a_list_of_places_are_asked_and_made(tmp_path: Path) -> None:
    plan = planned(tmp_path, {"Municipality": "Taylor", **without(TAYLOR, "Agency")})
    assert plan.questions[0].text == "no agency is named: the police department of the place is taken"
    (row,) = rows_of(plan)
    assert (row["agency"], row["jurisdiction"]) == ("Taylor Police Department", "the City of Taylor")


def test_sheriffs_of_a_list_of_counties_are_asked_and_made(tmp_path: Path) -> None:
    sheriff = {"County": "Alcona", "Sheriff": "Pat Roe", "Address": "214 West Main Street", "City": "Harrisville"}
    plan = planned(tmp_path, {**sheriff, "ZIP": "48740"})
    assert [question.key for question in plan.questions] == [
        "no agency is named: the sheriff’s office of the county is taken"
    ]
    (row,) = rows_of(plan)
    assert (row["agency"], row["office"], row["state"]) == ("Alcona County Sheriff’s Office", "sheriff", "MI")


@pytest.mark.parametrize(
    ("county", "city", "state", "zip_code", "agency", "jurisdiction"),
    [
        ("Montgomery Cnty", "Dayton", "OH", "45422", "Montgomery County Sheriff’s Office", "Montgomery County"),
        ("Orleans Parish", "New Orleans", "LA", "70119", "Orleans Parish Sheriff’s Office", "Orleans Parish"),
        ("Alexandria City", "Alexandria", "VA", "22314", "Alexandria City Sheriff’s Office", "the City of Alexandria"),
        ("James City", "Williamsburg", "VA", "23185", "James City County Sheriff’s Office", "James City County"),
    ],
)
def test_a_sheriffs_office_is_called_after_its_county_parish_or_city(
    tmp_path: Path, county: str, city: str, state: str, zip_code: str, agency: str, jurisdiction: str
) -> None:
    row = {"County": county, "Sheriff": "Jane Roe", "Street": "1 Main Street", "City": city, "State": state}
    made = imported(tmp_path, {**row, "ZIP": zip_code})[0]
    assert (made["agency"], made["jurisdiction"], made["hold"]) == (agency, jurisdiction, "")


def test_a_number_in_the_place_of_a_county_names_none(tmp_path: Path) -> None:
    made = imported(tmp_path, {**TAYLOR, "County": "26163"})[0]
    assert (made["county"], made["county_code"]) == ("", "26163")


@pytest.mark.parametrize(
    ("more", "title", "office"),
    [
        ({"Title": "Lt. Col."}, "Lieutenant Colonel", "police_chief"),
        ({"Title": "Interim Police Chief"}, "Interim Chief", "police_chief"),
        ({"Title": "Police Commissioner"}, "Police Commissioner", "commissioner"),
        ({"Position": "Acting Chief of Police"}, "Acting Chief", "police_chief"),
        ({"Position": "Captain"}, "Captain", "police_chief"),
        ({"Agency": "Taylor Constable’s Office"}, "Constable", "police_chief"),
        ({"Chief": "Chief of Police"}, "", "police_chief"),
    ],
)
def test_a_title_stands_as_the_forms_of_address_know_it(
    tmp_path: Path, more: dict[str, str], title: str, office: str
) -> None:
    row = imported(tmp_path, {**TAYLOR, **more})[0]
    assert (row["title"], row["office"], row["hold"]) == (title, office, "")


@pytest.mark.parametrize("more", [{"Title": "Former Chief"}, {"Status": "Inactive"}])
def test_somebody_who_no_longer_holds_the_office_holds_the_row(tmp_path: Path, more: dict[str, str]) -> None:
    assert imported(tmp_path, {**TAYLOR, **more})[0]["hold"]


def test_the_title_of_somebody_who_heads_no_police_holds_its_row(tmp_path: Path) -> None:
    row = imported(tmp_path, {**TAYLOR, "Chief": "Mayor Jane Roe"})[0]
    assert "Mayor" in row["hold"]


def test_a_missing_zip_code_is_asked_and_taken_where_the_city_has_but_one(tmp_path: Path) -> None:
    harrisville = {**TAYLOR, "Agency": "Harrisville Police Department", "City": "Harrisville", "ZIP": ""}
    plan = planned(
        tmp_path, harrisville, {**TAYLOR, "Agency": "Detroit Police Department", "City": "Detroit", "ZIP": ""}
    )
    assert [question.key for question in plan.questions] == [
        "the ZIP code is missing: the only one of the city is taken"
    ]
    assert [row["zip"] for row in rows_of(plan)] == ["48740", ""]


def test_a_jail_behind_the_name_of_an_agency_is_left_out_where_somebody_says_yes(tmp_path: Path) -> None:
    jail = "Alcona County Sheriff's Office / Alcona County Jail"
    plan = planned(tmp_path, {**TAYLOR, "Agency": jail, "Chief": ""})
    assert [question.key for question in plan.questions] == ["the jail behind the name of an agency is left out"]
    (row,) = rows_of(plan)
    assert (row["agency"], row["jurisdiction"]) == ("Alcona County Sheriff’s Office", "Alcona County")


@pytest.mark.parametrize("agency", ["Jackson County Sheriff's", "Jackson County Sheriffs"])
def test_an_agency_that_is_the_sheriffs_is_the_office(tmp_path: Path, agency: str) -> None:
    plan = planned(tmp_path, {**TAYLOR, "Agency": agency, "Chief": ""})
    assert "an agency that ends in “Sheriff’s” is the sheriff’s office" in [each.key for each in plan.questions]
    (row,) = rows_of(plan)
    assert (row["agency"], row["id"]) == ("Jackson County Sheriff’s Office", "jackson-county-sheriff")


def test_sheriffs_and_chiefs_in_two_tables_are_told_by_what_their_rows_name(tmp_path: Path) -> None:
    tables = [
        ("County", "Sheriff", "Street", "City", "State", "ZIP"),
        ("Wayne", "Pat Doe", "5301 Russell Street", "Detroit", "MI", "48211"),
        (),
        ("Department", "Chief", "Address", "City", "State", "ZIP"),
        tuple(TAYLOR.values()),
    ]
    made = rows_of(brought_in(write_csv(tmp_path / "list.csv", tables)))
    assert [(row["agency"], row["office"], row["last_name"]) for row in made] == [
        ("Wayne County Sheriff’s Office", "sheriff", "Doe"),
        ("Taylor Police Department", "police_chief", "Roe"),
    ]


def test_cells_that_are_shifted_hold_their_row_for_that_alone(tmp_path: Path) -> None:
    shifted = {**TAYLOR, "City": "Suite 4", "State": "Taylor", "ZIP": "MI"}
    held = imported(tmp_path, TAYLOR, shifted, {**TAYLOR, "Chief": ""})[1]["hold"]
    assert held.startswith('to be looked at: the cells are shifted: "MI" stands under zip, "Taylor" under state')


def test_a_row_without_an_agency_is_held_where_nobody_says_yes(tmp_path: Path) -> None:
    row = {"Municipality": "Taylor", **without(TAYLOR, "Agency")}
    (question,) = planned(tmp_path, row).questions
    (held,) = planned(tmp_path, row, answers={question.key: False}).held
    assert "no agency is named" in held[1]


def test_hidden_rows_and_columns_count_only_where_somebody_says_so(tmp_path: Path) -> None:
    adrian = {**TAYLOR, "Agency": "Adrian Police Department", "City": "Adrian", "ZIP": "49221", "Note": "secret"}
    table = [[*TAYLOR, "Note"], [*TAYLOR.values(), "open"], list(adrian.values())]
    path = write_workbook(tmp_path / "list.xlsx", {"list": table})
    book = load_workbook(path)
    book["list"].row_dimensions[3].hidden = True
    book["list"].column_dimensions["G"].hidden = True
    book.save(path)
    plan = plan_import(path, None, (), OFFICES, Decisions({}, {"hidden rows": False, "hidden columns": False}))
    assert plan.questions == ()
    (row,) = rows_of(plan)
    assert (row["agency"], "note" in row) == ("Taylor Police Department", False)


def test_a_sheet_or_an_encoding_that_is_not_meant_stops_with_the_way_out(tmp_path: Path) -> None:
    table = [list(TAYLOR), list(TAYLOR.values())]
    path = write_workbook(tmp_path / "list.xlsx", {"One": table, "Two": table})
    (key, _), *_ = [question[:2] for question in plan_import(path, None, (), OFFICES, Decisions()).questions]
    with pytest.raises(CannotGoOn, match="another sheet") as error:
        plan_import(path, None, (), OFFICES, Decisions({}, {key: False}))
    assert error.value.hint == "name it with --sheet"


def test_a_cell_that_is_merged_over_rows_counts_for_each_of_them(tmp_path: Path) -> None:
    adrian = {"County": "", **TAYLOR, "Agency": "Adrian Police Department", "City": "Adrian", "ZIP": "49221"}
    table = [["County", *TAYLOR], ["Wayne", *TAYLOR.values()], list(adrian.values())]
    path = write_workbook(tmp_path / "list.xlsx", {"list": table})
    book = load_workbook(path)
    book["list"].merge_cells("A2:A3")
    book.save(path)
    assert [row["county"] for row in rows_of(brought_in(path))] == ["Wayne", "Wayne"]


def test_a_list_named_after_its_sheriffs_says_which_office_it_is(tmp_path: Path) -> None:
    listed = "County,Winner\nAlcona,Scott Stephenson\nSt. Clair,Mat King\n"
    for name, offices in (("MI Sheriffs 2024.csv", ["sheriff"] * 2), ("winners.csv", ["", ""])):
        path = tmp_path / name
        path.write_text(listed, "utf-8")
        rows = rows_of(brought_in(path))
        assert [row["office"] for row in rows] == offices
    assert [row["agency"] for row in rows_of(brought_in(tmp_path / "MI Sheriffs 2024.csv"))] == [
        "Alcona County Sheriff’s Office",
        "St. Clair County Sheriff’s Office",
    ]


def test_marks_by_which_a_spreadsheet_keeps_text_are_no_text(tmp_path: Path) -> None:
    (row,) = imported(
        tmp_path, {**TAYLOR, "Agency": "'Taylor Police Department", "ZIP": '="48180"', "Chief": "'Jane Roe"}
    )
    assert [row[name] for name in ("agency", "zip", "first_name")] == ["Taylor Police Department", "48180", "Jane"]
