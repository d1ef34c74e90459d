"""Of an agency's name come its office, its jurisdiction in a sentence, its id."""

from __future__ import annotations

import csv

import pytest

from letters.recipients.agencies import jurisdiction_of, make_id, office_of, tidy_agency
from tests.desk import ROOT

OFFICES = ("sheriff", "police_chief", "public_safety_director", "commissioner")


@pytest.mark.parametrize(
    ("written", "tidy"),
    [
        ("BOROUGH OF ROSELAND POLICE DEPARTMENT", "Borough of Roseland Police Department"),
        ("O'FALLON PD", "O’Fallon Police Department"),
        ("Berrien Co Sheriffs Office", "Berrien County Sheriff’s Office"),
        ("Meridian Twp. Police Dept.", "Meridian Township Police Department"),
        ("Dublin, City of", "City of Dublin"),
        ("Dublin Pol. Dept.", "Dublin Police Department"),
        ("MCBAIN DPS", "McBain Department of Public Safety"),
        ("Village of L'Anse Police Department", "Village of L’Anse Police Department"),
    ],
)
def test_an_agency_is_written_as_a_letter_has_it(written: str, tidy: str) -> None:
    assert tidy_agency(written) == tidy


@pytest.mark.parametrize(
    ("agency", "county", "state", "jurisdiction", "sure"),
    [
        ("Borough of Raritan Police Department", "Somerset", "NJ", "the Borough of Raritan", True),
        ("Raritan Police Department", "Somerset", "NJ", "the Borough of Raritan", True),
        ("Montclair Police Department", "Essex", "NJ", "Montclair Township", True),
        ("Meridian Township Police Department", "Ingham", "MI", "Meridian Charter Township", True),
        ("East Lansing Police Department", "Ingham", "MI", "the City of East Lansing", True),
        ("Egg Harbor City Police Department", "Atlantic", "NJ", "the City of Egg Harbor City", True),
        ("Taylor Police Department", "Wayne", "MI", "the City of Taylor", True),
        ("Winston-Salem Police Department", "", "NC", "the City of Winston-Salem", True),
        ("Capac Police Department", "ST CLAIR", "MI", "the Village of Capac", True),
        ("Ontario City Police Department", "Malheur", "OR", "the City of Ontario", True),
        ("Asher City Police Department", "", "OK", "the Town of Asher", True),
        ("Garden City Police Department", "", "KS", "the City of Garden City", True),
        ("College Station Police Department", "", "TX", "the City of College Station", True),
        ("Southington Police Department", "Hartford", "CT", "the Town of Southington", True),
        ("De Kalb Police Department", "DeKalb", "IL", "the City of De Kalb", True),
        ("Dublin Police Department", "", "OH", "the City of Dublin", True),
        ("City of Dublin, Ohio", "Franklin", "OH", "the City of Dublin", True),
        ("Athens-Clarke County Police Department", "Clarke", "GA", "Athens-Clarke County", True),
        ("Constable Precinct 3, Bell County", "Bell", "TX", "Precinct 3 of Bell County", True),
        ("Harris County Constable’s Office Pct. 4", "", "TX", "Precinct 4 of Harris County", True),
        ("Bell County Constable - Precinct 3", "Bell", "TX", "Precinct 3 of Bell County", True),
        ("Bexar Park Constable, Nowhere County", "", "TX", "Bexar Park Constable, Nowhere County", False),
        ("St. Louis Metropolitan Police Department", "", "MO", "the City of St. Louis", False),
        ("Dublin Municipal Police Department", "Franklin", "OH", "the City of Dublin", True),
        ("Massachusetts State Police", "", "MA", "Massachusetts", False),
        ("Tempe Police Department - Apache Boulevard Substation", "", "AZ", "the City of Tempe", False),
        ("Utah Highway Patrol - Section 7", "", "UT", "Utah Highway Patrol - Section 7", False),
        ("Rainier City Police Department City Hall", "", "OR", "Rainier City Police Department City Hall", False),
        ("Franklin County Detention Center", "Franklin", "AL", "Franklin County Detention Center", False),
        ("Neighborhood Crime Watch", "", "AK", "Neighborhood Crime Watch", False),
        ("Lampoc Police Department", "Santa Barbara", "CA", "Lampoc", False),
        ("Baroda-Lake Township Police Department", "Berrien", "MI", "Baroda-Lake Township", False),
        ("City of Oxford Division of Police", "Butler", "OH", "the City of Oxford", True),
        ("Kittanning Bureau of Police", "Armstrong", "PA", "the Borough of Kittanning", True),
        ("Riverbank Police Services", "Stanislaus", "CA", "the City of Riverbank", True),
        ("Columbus Division of Police - Precinct 5", "Franklin", "OH", "the City of Columbus", False),
        ("Parks Township Police Department", "Armstrong", "PA", "Parks Township", True),
        ("City of Dickson Park Ranger Division", "Dickson", "TN", "the City of Dickson Park Ranger Division", False),
        ("Town of Islip Harbor Police", "Suffolk", "NY", "the Town of Islip Harbor", False),
        ("Cass Foster Township Police Department", "Schuylkill", "PA", "Cass Foster Township", False),
        ("City of Ste. Genevieve Police Department", "", "MO", "the City of Ste. Genevieve", True),
        ("The Tufts University Police Department", "Middlesex", "MA", "The Tufts University", False),
        ("Michigan State University Police Department", "Ingham", "MI", "Michigan State University", False),
        ("University of Vermont Police Services", "", "VT", "the University of Vermont", False),
        (
            "Metro Police Authority of Genesee County",
            "Genesee",
            "MI",
            "the Metro Police Authority of Genesee County",
            False,
        ),
    ],
)
def test_a_jurisdiction_stands_as_in_a_sentence(
    agency: str, county: str, state: str, jurisdiction: str, sure: bool
) -> None:
    found = jurisdiction_of(agency, "police_chief", county, state)
    assert (found.text, found.sure) == (jurisdiction, sure)


@pytest.mark.parametrize(
    ("agency", "county", "jurisdiction", "sure"),
    [
        ("Alcona County Sheriff’s Office / Alcona County Jail", "", "Alcona County", True),
        ("Alcona County Sheriff’s Office - Annex", "Alcona", "Alcona County", True),
        ("Alcona County Sheriff’s Office - Annex", "", "Alcona County Sheriff’s Office - Annex County", False),
        ("Alcona County Sheriff’s Office North Station", "Alcona", "Alcona County", True),
        ("Alcoma County Sheriff’s Office", "", "Alcoma County", False),
    ],
)
def test_a_sheriff_serves_the_county_whatever_stands_behind_the_name(
    agency: str, county: str, jurisdiction: str, sure: bool
) -> None:
    found = jurisdiction_of(agency, "sheriff", county, "MI")
    assert (found.text, found.sure) == (jurisdiction, sure)


@pytest.mark.parametrize(
    ("agency", "state", "jurisdiction"),
    [
        ("Norfolk Sheriff’s Office", "VA", "the City of Norfolk"),
        ("Baltimore City Sheriff’s Office", "MD", "the City of Baltimore"),
        ("Carson City Sheriff’s Office", "NV", "Carson City"),
        ("James City County Sheriff’s Office", "VA", "James City County"),
        ("Orleans Parish Sheriff’s Office", "LA", "Orleans Parish"),
    ],
)
def test_a_sheriff_of_a_city_serves_the_city(agency: str, state: str, jurisdiction: str) -> None:
    found = jurisdiction_of(agency, "sheriff", "", state)
    assert (found.text, found.sure) == (jurisdiction, True)


@pytest.mark.parametrize(
    ("written", "state", "cased_name"),
    [
        ("NORTON CITY SHERIFF'S OFFICE", "VA", "Norton City Sheriff’s Office"),
        ("LIHU'E", "HI", "Lihu’e"),
        ("O'FALLON", "IL", "O’Fallon"),
        ("1601 SOUTH DE ANZA BLVD", "CA", "1601 South De Anza Blvd"),
        ("675 PONCE DE LEON AVE", "GA", "675 Ponce de Leon Ave"),
        ("CALLE 13 DE MARZO", "PR", "Calle 13 de Marzo"),
        ("LA SALLE ST", "WI", "La Salle St"),
        ("N63W24335 MAIN ST", "WI", "N63W24335 Main St"),
        ("LA GRANDE POLICE DEPARTMENT", "OR", "La Grande Police Department"),
        ("CITY OF LA GRANDE POLICE", "OR", "City of La Grande Police"),
        ("DEKALB COUNTY SHERIFFS OFFICE", "AL", "DeKalb County Sheriff’s Office"),
        ("LAGRANGE POLICE DEPARTMENT", "GA", "LaGrange Police Department"),
        ("THE DALLES POLICE", "OR", "The Dalles Police"),
        ("FOND DU LAC POLICE", "WI", "Fond du Lac Police"),
    ],
)
def test_a_place_is_written_as_it_writes_itself(written: str, state: str, cased_name: str) -> None:
    assert tidy_agency(written, state) == cased_name


def test_the_jurisdictions_of_the_sample_list_are_found_but_for_doubtful_ones() -> None:
    with (ROOT / "recipients.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = [(row, jurisdiction_of(row["agency"], row["office"], row["county"], row["state"])) for row in rows]
    wrong = [row["id"] for row, each in found if each.sure and each.text != row["jurisdiction"]]
    # Cities whose name has "Village" in it, and a department that two villages share.
    assert {*wrong} <= {
        "clarkston-police",
        "douglas-police",
        "grosse-pointe-shores-public-safety",
        "orchard-lake-police",
    }
    assert sum(not each.sure for _, each in found) <= 8


@pytest.mark.parametrize(
    ("agency", "kind", "title", "office"),
    [
        ("Berrien County Sheriff’s Department", "", "", "sheriff"),
        ("Taylor Police Department", "", "", "police_chief"),
        ("Taylor", "Police", "", "police_chief"),
        ("Taylor", "", "Acting Chief of Police", "police_chief"),
        ("Leoni Township", "", "Public Safety Director", "public_safety_director"),
        ("Taylor", "", "", ""),
    ],
)
def test_an_office_is_known_by_title_kind_or_name(agency: str, kind: str, title: str, office: str) -> None:
    assert office_of(agency, kind, title, OFFICES)[0] == office


def test_ids_are_their_own_and_never_a_name_that_windows_keeps() -> None:
    taken: set[str] = set()
    for _ in range(3):
        taken.add(make_id("Ocean Township Police Department", "police_chief", "Ocean", "Waretown", taken))
    assert taken == {"ocean-township-police", "ocean-township-police-ocean", "ocean-township-police-waretown"}
    assert make_id("Con", "police_chief", "", "", ()) != "con"
    assert make_id("Berrien County Sheriff’s Office", "sheriff", "", "", ()) == "berrien-county-sheriff"
