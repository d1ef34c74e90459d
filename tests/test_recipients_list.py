"""Tests that hold the committed recipients.csv to what docs/recipients.md promises."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LIST = ROOT / "recipients.csv"
REPORTS = ROOT / "scripts" / "michigan_reports.csv"
PAGE = " ".join((ROOT / "docs" / "recipients.md").read_text(encoding="utf-8").split())

APOSTROPHE = "\u2019"
MARSHAL = "sherman-township-marshals-office"

HEADER = (
    "id,office,title,first_name,last_name,suffix,agency,jurisdiction,county,"
    "address1,address2,city,state,zip,email,phone,agreement_287g,agreement_signed,agreement_list,hold,thank_you"
)

COUNTIES = """
Alcona, Alger, Allegan, Alpena, Antrim, Arenac, Baraga, Barry, Bay, Benzie, Berrien, Branch, Calhoun, Cass,
Charlevoix, Cheboygan, Chippewa, Clare, Clinton, Crawford, Delta, Dickinson, Eaton, Emmet, Genesee, Gladwin,
Gogebic, Grand Traverse, Gratiot, Hillsdale, Houghton, Huron, Ingham, Ionia, Iosco, Iron, Isabella, Jackson,
Kalamazoo, Kalkaska, Kent, Keweenaw, Lake, Lapeer, Leelanau, Lenawee, Livingston, Luce, Mackinac, Macomb,
Manistee, Marquette, Mason, Mecosta, Menominee, Midland, Missaukee, Monroe, Montcalm, Montmorency, Muskegon,
Newaygo, Oakland, Oceana, Ogemaw, Ontonagon, Osceola, Oscoda, Otsego, Ottawa, Presque Isle, Roscommon,
Saginaw, Sanilac, Schoolcraft, Shiawassee, St. Clair, St. Joseph, Tuscola, Van Buren, Washtenaw, Wayne,
Wexford
"""

METRO = "metro-police-authority-of-genesee-county"
AGREEMENTS = {
    "berrien-county-sheriff": ("warrant_service", "2025-05-06"),
    "calhoun-county-sheriff": ("warrant_service", "2025-05-07"),
    "crawford-county-sheriff": ("task_force", "2025-09-09"),
    "jackson-county-sheriff": ("warrant_service", "2025-03-19"),
    METRO: ("task_force", "2025-07-15"),
    "roscommon-county-sheriff": ("task_force", "2025-06-05"),
    "taylor-police": ("task_force", "2025-04-28"),
}

HELD_SHERIFFS = "Grand Traverse, Muskegon, Saginaw"

DOUBTED = """
algonac, auburn, bloomingdale, burr-oak, byron, calumet, carsonville, cedar-springs, concord, deckerville,
denmark-township, edmore, ellsworth, fairgrove, frost-township, gaines, gaines-township, galesburg, homer, hopkins,
howard-city, indianfields-township, ithaca, leoni-township, maple-rapids, marion, morley, north-branch, onaway,
parma-sandstone, pinconning, port-sanilac, sand-lake, sherman-township, standish, stephenson, suttons-bay,
thetford-township, unionville, waterloo-township, watertown-township
"""

MUNICIPALITY = r"(the (City|Village) of (the Village of )?{n}|{n} (Charter )?Township)".format(
    n=r"[A-Z][A-Za-z.\u2019-]*( [A-Z][A-Za-z.\u2019-]*)*?"
)

ROWS = list(csv.DictReader(LIST.read_text(encoding="utf-8").splitlines()))
SHERIFFS = [row for row in ROWS if row["office"] == "sheriff"]
POLICE = [row for row in ROWS if row["office"] == "police_chief"]
HELD = [row for row in ROWS if row["hold"]]
BY_ID = {row["id"]: row for row in ROWS}


def listed(names: str) -> list[str]:
    """Part a list of names as a person writes it."""
    return " ".join(names.split()).split(", ")


def ids(rows: list[dict[str, str]]) -> list[str]:
    """Name rows by their ids, so that a failing test shows which."""
    return [row["id"] for row in rows]


def misfits(column: str, pattern: str, rows: list[dict[str, str]] = ROWS) -> list[str]:
    """Return the values of a column that do not have a shape."""
    return [row[column] for row in rows if not re.fullmatch(pattern, row[column])]


def repeated(column: str) -> set[str]:
    """Return the values that stand in a column more than once, blanks aside."""
    return {value for value, times in Counter(row[column] for row in ROWS).items() if value and times > 1}


def test_the_file_is_plain_utf8_under_the_agreed_header() -> None:
    content = LIST.read_bytes()
    assert content.decode("utf-8").startswith(f"{HEADER}\n")
    assert b"\r" not in content


def test_no_cell_has_stray_blanks() -> None:
    cells = [cell for row in ROWS for cell in row.values()]
    assert [cell for cell in cells if cell != " ".join(cell.split())] == []


def test_each_of_the_83_counties_has_one_sheriff() -> None:
    assert len(SHERIFFS) == 83
    assert [row["county"] for row in SHERIFFS] == listed(COUNTIES)


def test_sheriffs_stand_first_and_police_follow_by_agency() -> None:
    names = [row["agency"].casefold().replace(APOSTROPHE, "'") for row in POLICE]
    assert ROWS == SHERIFFS + POLICE
    assert names == sorted(names)


def test_the_counts_are_those_in_the_documentation() -> None:
    safety = [row for row in POLICE if row["agency"].endswith("Department of Public Safety")]
    assert f"holds {len(ROWS)} recipients: {len(SHERIFFS)} sheriffs and {len(POLICE)} police chiefs" in PAGE
    assert f"{len(HELD)} rows are held back" in PAGE
    assert f"{len(listed(DOUBTED))} police departments that the FBI's roster has not shown" in PAGE
    assert f"{len(safety)} departments of public safety" in PAGE


def test_apostrophes_are_typographic() -> None:
    assert "'" not in LIST.read_text(encoding="utf-8")
    assert BY_ID["berrien-county-sheriff"]["agency"] == f"Berrien County Sheriff{APOSTROPHE}s Department"
    assert BY_ID["lanse-police"]["jurisdiction"] == f"the Village of L{APOSTROPHE}Anse"
    assert BY_ID["lanse-police"]["city"] == f"L{APOSTROPHE}Anse"


def test_ids_are_unique_short_slugs() -> None:
    assert repeated("id") == set()
    assert misfits("id", r"[a-z0-9]+(-[a-z0-9]+)*") == []
    assert [row_id for row_id in BY_ID if len(row_id) > 40] == []


def test_no_agency_is_listed_twice_even_under_variant_names() -> None:
    assert repeated("agency") == set()
    noise = r"\b(city|village|charter|department|dept|of|police|public|safety|the)\b|[^a-z]"
    plain = Counter(re.sub(noise, "", row["agency"].lower()) for row in POLICE)
    assert {name for name, times in plain.items() if times > 1} == {"richfieldtownship"}


def test_only_a_sheriff_and_a_police_department_may_share_an_address() -> None:
    shared = Counter((row["address1"], row["city"]) for row in ROWS if row["address1"])
    for place in (place for place, times in shared.items() if times > 1):
        offices = sorted(row["office"] for row in ROWS if (row["address1"], row["city"]) == place)
        assert offices == ["police_chief", "sheriff"], place
    assert BY_ID["chippewa-county-sheriff"]["address1"] == BY_ID["sault-ste-marie-police"]["address1"]


def test_a_jurisdiction_is_shared_only_where_two_townships_have_one_name() -> None:
    twice = repeated("jurisdiction")
    shared = [(row["jurisdiction"], row["county"]) for row in ROWS if row["jurisdiction"] in twice]
    assert shared == [("Richfield Township", "Roscommon"), ("Richfield Township", "Genesee")]


def test_no_row_is_a_part_of_a_department() -> None:
    parts = r"precinct|post\b|station|substation|bureau|division|unit\b|headquarters|district|branch office"
    assert [row["agency"] for row in ROWS if re.search(parts, row["agency"], re.IGNORECASE)] == []


def test_no_row_is_a_special_police_force() -> None:
    special = r"university|college|campus|school\b|state police|airport|rail(way|road)|trib|parks|casino"
    assert [row["agency"] for row in ROWS if re.search(special, row["agency"], re.IGNORECASE)] == []


def test_departments_merged_or_dissolved_are_not_listed_but_documented() -> None:
    gone = ("mundy", "swartz-creek", "spring-lake", "tawas-police")
    assert [row_id for row_id in BY_ID if row_id.startswith(gone)] == []
    for name in ("Mundy Township", "Swartz Creek", "Spring Lake-Ferrysburg", "Tawas Police Authority"):
        assert name in PAGE.partition("**Merged or dissolved:**")[2]


def test_a_sheriffs_jurisdiction_is_the_county() -> None:
    assert [row["id"] for row in SHERIFFS if row["jurisdiction"] != f"{row['county']} County"] == []


def test_a_departments_jurisdiction_is_one_municipality_or_two_or_the_authority() -> None:
    municipal = [row for row in POLICE if row["id"] != METRO]
    assert misfits("jurisdiction", rf"{MUNICIPALITY}( and {MUNICIPALITY})?", municipal) == []
    assert BY_ID[METRO]["jurisdiction"] == "the Metro Police Authority of Genesee County"


def test_a_township_keeps_the_word_in_its_departments_name() -> None:
    silent = [row for row in POLICE if "Township" in row["jurisdiction"] and "Township" not in row["agency"]]
    assert ids(silent) == ["grosse-ile-police", "parma-sandstone-police"]


def test_the_kinds_of_places_easily_mistaken_are_right() -> None:
    assert BY_ID["clinton-police"]["jurisdiction"] == "the Village of Clinton"
    assert BY_ID["mackinaw-city-police"]["jurisdiction"] == "the Village of Mackinaw City"
    assert BY_ID["meridian-township-police"]["jurisdiction"] == "Meridian Charter Township"
    assert BY_ID["douglas-police"]["jurisdiction"] == "the City of the Village of Douglas"
    assert BY_ID["gaines-police"]["jurisdiction"] == "the Village of Gaines"
    assert BY_ID["standish-police"]["jurisdiction"] == "the City of Standish"


def test_agency_names_have_one_style() -> None:
    assert misfits("agency", rf".+ County Sheriff{APOSTROPHE}s (Office|Department)", SHERIFFS) == []
    municipal = [row for row in POLICE if row["id"] not in (METRO, MARSHAL)]
    style = r"(?!City of|Village of).+ (Police Department|Department of Public Safety)"
    assert misfits("agency", style, municipal) == []


def test_office_and_title_agree() -> None:
    assert {row["title"] for row in SHERIFFS} == {"Sheriff"}
    assert {row["title"] for row in POLICE} == {"Chief of Police", "Marshal"}
    assert ids([row for row in ROWS if row["title"] == "Marshal"]) == [MARSHAL]


def test_saint_is_always_abbreviated() -> None:
    cells = [cell for row in ROWS for column, cell in row.items() if column != "id"]
    assert [cell for cell in cells if re.search(r"\bSa?int\b|\bSt\b(?!\.)|\bSainte\b", cell)] == []


def test_every_address_is_in_michigan() -> None:
    assert {row["state"] for row in ROWS} == {"MI"}


def test_zip_codes_are_five_digits_of_michigan_or_empty() -> None:
    assert misfits("zip", r"(4[89]\d{3})?") == []


def test_a_row_without_a_zip_code_is_held() -> None:
    assert ids([row for row in ROWS if not row["zip"] and not row["hold"]]) == []


def test_three_sheriffs_are_held_and_wayne_has_its_new_address() -> None:
    assert [row["county"] for row in SHERIFFS if row["hold"]] == listed(HELD_SHERIFFS)
    wayne = BY_ID["wayne-county-sheriff"]
    assert (wayne["address1"], wayne["city"], wayne["zip"]) == ("5301 Russell Street", "Detroit", "48211")


@pytest.mark.parametrize("name", ["detroit", "grand-rapids", "warren", "lansing", "ann-arbor", "flint", "dearborn"])
def test_the_largest_cities_are_in_the_list_and_held_for_want_of_an_address(name: str) -> None:
    row = BY_ID[f"{name}-police"]
    assert re.search(r"\b(ZIP code|Address)\b", row["hold"])
    assert row["jurisdiction"].startswith("the City of ")


def test_east_lansing_and_midland_are_released() -> None:
    for name in ("east-lansing-police", "midland-police"):
        assert BY_ID[name]["zip"]
        assert BY_ID[name]["hold"] == ""


def test_no_department_missing_from_the_roster_is_missing_here() -> None:
    doubted = [row_id for row_id in ids(HELD) if re.match("Not|Last|Reported", BY_ID[row_id]["hold"])]
    doubted = [row_id for row_id in doubted if BY_ID[row_id]["zip"]]
    names = [re.sub(r"-(police|public-safety|marshals-office)$", "", row_id) for row_id in doubted]
    assert names == listed(DOUBTED)


def test_a_hold_says_what_to_confirm_and_is_short() -> None:
    assert misfits("hold", r"(ZIP|Not|Last|Reported|Address) .*\b(confirm|find)\b.*", HELD) == []
    assert [row["hold"] for row in HELD if len(row["hold"]) > 80 or row["hold"].endswith(".")] == []


def test_a_department_last_in_the_roster_is_told_from_one_never_in_it() -> None:
    confirm = "confirm that the department still exists"
    assert BY_ID["hopkins-police"]["hold"] == f"Last in the FBI{APOSTROPHE}s roster in 2019; {confirm}"
    assert BY_ID["concord-police"]["hold"] == f"Not in the FBI{APOSTROPHE}s roster; {confirm}"


def test_each_report_stands_in_the_list_and_in_the_documentation() -> None:
    by_name = {re.sub(r" (Police Department|Department of .+)$", "", row["agency"]): row["hold"] for row in POLICE}
    for report in csv.DictReader(REPORTS.read_text(encoding="utf-8").splitlines()):
        assert by_name[report["department"]] == report["hold"].replace("'", APOSTROPHE)
        assert f"| {report['department']} | {report['source']} |" in PAGE


def test_each_doubted_department_is_named_in_the_documentation() -> None:
    section = PAGE.partition("### Departments missing from the roster")[2].partition("## Look at these first")[0]
    words = re.sub(r"[^a-z]+", "-", section.lower())
    assert [name for name in listed(DOUBTED) if f"-{name}-" not in words] == []


def test_a_row_without_an_address_is_held_to_find_it() -> None:
    blank = [row for row in ROWS if not row["address1"]]
    assert len(blank) == 11
    assert METRO in ids(blank)
    assert ids([row for row in blank if not row["hold"].startswith("Address not in the sources; find")]) == []


def test_phone_numbers_have_one_form() -> None:
    assert misfits("phone", r"(\d{3}-\d{3}-\d{4})?") == []


def test_delivery_lines_start_with_a_number_except_in_stephenson() -> None:
    assert misfits("address1", r"(\d.*)?") == ["W628 Samuel Street"]


def test_delivery_lines_fit_an_envelope_and_name_no_po_box() -> None:
    assert misfits("address1", r"(?!.*\bBox\b).{0,40}") == []


def test_delivery_lines_have_one_style() -> None:
    wordy = r"\b(First|Second|Third|Fourth|Fifth|(North|South)(east|west)|United States|State Highway)\b"
    short = r"\b(St|Ave|Rd|Blvd|Dr|Hwy)\b(?!\.)|^\d+ [NSEW]\.? "
    lines = [row["address1"] for row in ROWS]
    assert [line for line in lines if re.search(f"{wordy}|{short}", line, re.IGNORECASE)] == []


def test_every_sheriff_is_named_and_no_chief_is() -> None:
    assert ids([row for row in SHERIFFS if not (row["first_name"] and row["last_name"])]) == []
    assert ids([row for row in POLICE if row["first_name"] or row["last_name"] or row["suffix"]]) == []


def test_names_are_split_and_capitalised_as_names_are() -> None:
    assert misfits("first_name", r"[A-Z][a-z]+( [A-Z]\.)?", SHERIFFS) == []
    assert misfits("last_name", r"(Mc|De|La)?[A-Z][a-z]+(-[A-Z][a-z]+)?", SHERIFFS) == []
    assert {row["id"]: row["suffix"] for row in ROWS if row["suffix"]} == {"kalamazoo-county-sheriff": "III"}


def test_the_two_sheas_are_kept_apart() -> None:
    sheas = {row["county"]: row["first_name"] for row in SHERIFFS if row["last_name"] == "Shea"}
    assert sheas == {"Gladwin": "Michael", "Grand Traverse": "Michael D."}


def test_exactly_the_seven_agreements_are_recorded() -> None:
    signed = {
        row["id"]: (row["agreement_287g"], row["agreement_signed"])
        for row in ROWS
        if row["agreement_287g"] != "none" or row["agreement_signed"]
    }
    assert signed == AGREEMENTS
    assert {row["agreement_list"] for row in ROWS} == {"2025-09-17"}


def test_the_taylor_police_row_can_be_mailed() -> None:
    taylor = BY_ID["taylor-police"]
    assert (taylor["jurisdiction"], taylor["zip"], taylor["hold"]) == ("the City of Taylor", "48180", "")
