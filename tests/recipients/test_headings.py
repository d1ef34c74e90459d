"""Columns are known by headings and values, as real offices have them."""

from __future__ import annotations

import csv

import pytest

from letters.recipients.headings import find_header, propose
from tests.desk import ROOT

SHERIFF = {
    "agency": "Alcona County Sheriff’s Department",
    "full_name": "Scott Stephenson",
    "first_name": "Scott",
    "last_name": "Stephenson",
    "title": "Sheriff",
    "address1": "214 West Main Street",
    "address2": "Suite 2",
    "city": "Harrisville",
    "state": "MI",
    "zip": "48740",
    "last_line": "Harrisville, MI 48740",
    "one_line": "214 West Main Street, Harrisville, MI 48740",
    "county": "Alcona",
    "phone": "989-724-6271",
    "email": "office@example.org",
    "agency_type": "sheriff",
    "": "x1",
}
POLICE = SHERIFF | {
    "agency": "Taylor Police Department",
    "full_name": "Jane Roe",
    "first_name": "Jane",
    "last_name": "Roe",
    "title": "Chief of Police",
    "address1": "23515 Goddard Road",
    "address2": "",
    "city": "Taylor",
    "zip": "48180",
    "last_line": "Taylor, MI 48180",
    "one_line": "23515 Goddard Road, Taylor, MI 48180",
    "county": "Wayne",
    "agency_type": "police",
}
SETS = [
    # As rosters, exports and office programs name their columns.
    "Agency Name=agency|Chief=full_name|Mailing Address=address1|City/State/Zip=last_line|County =county|"
    "Tel=phone|Notes=",
    "NAME=agency|TELEPHONE=phone|ADDRESS=address1|CITY=city|STATE=state|COUNTY=county|ZIP=zip|TYPE=agency_type",
    "First Name=first_name|Last Name=last_name|Company=agency|Job Title=title|Business Street=address1|"
    "Business City=city|Business State=state|Business Postal Code=zip|E-mail Address=email|Business Phone=phone",
    "Department|Head|Address|City|St|Zip Code",
    "county=county|agency=agency|title=title|sheriff_name=full_name|street=address1|city=city|state=state|zip=zip|phone=phone",
    "Sheriff=full_name|Office=agency|Address=one_line|Phone=phone",
    "Law Enforcement Agency=agency|Contact=full_name|Address 1=address1|Address 2=address2|City=city|State=state|"
    "Zip=zip",
    "FirstName=first_name|LastName=last_name|Organization=agency|Address=address1|City=city|State=state|PostalCode=zip",
    "Dept. Name=agency|Chief of Police=full_name|Mailing Addr=address1|City, State, Zip=last_line|E-Mail=email",
    "pub_agency_name=agency|state_abbr=state|county_name=county|agency_type_name=agency_type",
    "Municipality=jurisdiction|Police Department=agency|Chief's Name=full_name|Street Address=address1|City=city|"
    "State=state|Zip=zip",
    "Attention=full_name|Organization Name=agency|Street=address1|City=city|State=state|"
    "ZIP=zip|Email=email|Telephone=phone",
    "Title=title|First=first_name|Last=last_name|Agency=agency|Addr1=address1|Addr2=address2|City=city|State=state|Zip=zip",
    # As address books, campaign programs and offices that speak Spanish export them.
    "First Name=first_name|Phonetic First Name=|Last Name=last_name|Organization Name=agency|Organization Title=title|"
    "Labels=|E-mail 1 - Value=email|Phone 1 - Value=phone|Address 1 - Street=address1|Address 1 - City=city|"
    "Address 1 - Region=state|Address 1 - Postal Code=zip|Address 1 - Country=",
    "VANID=|First=first_name|Last=last_name|Employer=agency|Occupation=title|Street Address=address1|City=city|"
    "State/Province=state|Zip/Postal=zip|Preferred Email=email",
    "Agencia=agency|Nombre=first_name|Apellidos=last_name|Dirección=address1|Ciudad=city|Estado=state|"
    "Código postal=zip|Teléfono=phone|Condado=county",
    "AGENCY=agency|MAIL ADDRESS=address1|MAIL CITY=city|MAIL STATE=state|MAIL ZIP=zip|PHYSICAL ADDRESS=",
]
PLAIN = {
    "Department": "agency",
    "Head": "full_name",
    "Address": "address1",
    "City": "city",
    "St": "state",
    "Zip Code": "zip",
}


def wanted(headings: str) -> dict[str, str]:
    return dict(each.rpartition("=")[::2] if "=" in each else (each, PLAIN[each]) for each in headings.split("|"))


@pytest.mark.parametrize("headings", SETS, ids=lambda text: text.split("=")[0])
def test_a_real_set_of_headings_is_understood(headings: str) -> None:
    targets = wanted(headings)
    extra = {"jurisdiction": "Taylor"}
    rows = [[(row | extra)[target] for target in targets.values()] for row in (SHERIFF, POLICE) * 5]
    found = propose(list(targets), rows, {})
    assert {proposal.heading: proposal.target for proposal in found} == targets
    assert find_header([["OUR LIST"], list(targets), *rows]) == 1


def test_a_list_without_headings_is_known_by_its_values() -> None:
    with (ROOT / "recipients.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["zip"] and row["last_name"]]
    order = ("agency", "address1", "city", "state", "zip", "phone")
    table = [[f"{row['first_name']} {row['last_name']}", *(row[name] for name in order)] for row in rows]
    assert find_header(table) is None
    found = propose([""] * 7, table, {})
    assert [proposal.target for proposal in found] == ["full_name", *order]


def test_a_heading_that_its_values_contradict_is_corrected() -> None:
    rows = [["Jane Roe", "Taylor Police Department"], ["Pat Doe", "Adrian Police Department"]]
    found = propose(["Title", "Name"], rows, {})
    assert [proposal.target for proposal in found] == ["full_name", "agency"]


def test_whole_addresses_that_are_hard_to_split_are_no_last_lines() -> None:
    rows = [
        ["Dearborn Police Department", "The American Road, Mail Drop 1234, Dearborn, MI 48121"],
        ["Albany Police Department", "PO Box 1400 Albany, GA 31702-9999"],
        ["Galveston Police Department", "P.O. Box 48, Substation #1; Galveston, TX 77555"],
    ]
    found = propose(["Agency", "Address"], rows, {})
    assert [proposal.target for proposal in found] == ["agency", "one_line"]


def test_two_columns_that_are_equally_likely_are_a_question_and_one_target_is_given_once() -> None:
    rows = [["Jane Roe", "Pat Doe", "Taylor Police Department"]] * 4
    found = propose(["Contact", "Official", "Agency"], rows, {})
    assert [proposal.target for proposal in found] == ["full_name", "", "agency"]
    assert found[0].sure is False


def test_a_person_may_say_what_a_column_is() -> None:
    found = propose(["Whatever", "Agency"], [["Jane Roe", "Taylor Police Department"]], {"Whatever": "full_name"})
    assert (found[0].target, found[0].why) == ("full_name", "you said so")


@pytest.mark.parametrize(
    ("heading", "values", "target"),
    [
        ("OBJECTID", ("3283", "3416", "6675", "12001"), ""),
        ("OBJECTID", ("10001", "10002", "10003", "10004"), ""),
        ("LEID", ("978381234", "973911234", "974011234", "978501234"), ""),
        ("Ship to", ("97838", "97391", "97401", "97850"), "zip"),
    ],
)
def test_numbers_are_taken_for_zip_codes_only_in_the_states_of_their_rows(
    heading: str, values: tuple[str, ...], target: str
) -> None:
    rows = [(value, "Toledo Police Department", "250 West Highway 20", "Toledo", "OR") for value in values]
    assert propose((heading, "Agency", "Address", "City", "State"), rows, {})[0].target == target


@pytest.mark.parametrize(
    ("heading", "value", "target"),
    [
        ("name_confidence", "high", ""),
        ("City council district", "3", ""),
        ("State senator", "Jane Roe", ""),
        ("Phone verified", "yes", ""),
        ("County seat", "Bellaire", ""),
        ("Phone (office)", "989-724-6271", "phone"),
        ("Zip (mailing)", "48740", "zip"),
        ("County where it sits", "Alcona", "county"),
    ],
)
def test_the_beginning_of_a_heading_counts_where_the_values_look_like_it(heading: str, value: str, target: str) -> None:
    rows = [("Alcona County Sheriff’s Office", "214 West Main Street", value)] * 3
    assert propose(("Agency", "Street", heading), rows, {})[2].target == target


@pytest.mark.parametrize("heading", ["Type", "287(g) model"])
def test_models_of_agreement_are_told_from_the_column_that_says_whether_there_is_one(heading: str) -> None:
    found = propose(
        ["Agency", "287(g)", heading], [["Taylor Police", "Y", "Task Force Model"], ["Alma Police", "N", ""]], {}
    )
    assert [proposal.target for proposal in found] == ["agency", "", "agreement_287g"]


def test_the_second_of_two_columns_called_address_has_the_suite() -> None:
    rows = [["Taylor Police", "23515 Goddard Road", "Suite 2"], ["Alma Police", "525 East Superior Street", ""]]
    found = propose(["Agency", "Address", "Address"], rows, {})
    assert [proposal.target for proposal in found] == ["agency", "address1", "address2"]


def test_the_offices_of_a_list_of_ours_are_offices() -> None:
    rows = [["Taylor Police", "police_chief"], ["Alma Public Safety", "public_safety_director"]]
    assert propose(["agency", "office"], rows, {})[1].sure
