"""Make recipients.csv: Michigan's sheriffs and municipal police chiefs.

Usage: python scripts/make_recipients.py DATA_FOLDER [--out recipients.csv]

By rule: all 83 sheriffs are in, held back where no ZIP code is known. A police department is in
if it has a ZIP code and belongs to a municipality, held back if it was not in the FBI's roster in
2022 or later; one row each, no sub-offices. State, campus, tribal, railway, airport and park police
are out. Beside this file, michigan_departments.csv has what no rule can decide, with the reason;
michigan_reports.csv what is reported of departments missing from the roster; michigan_municipalities.csv
which municipality is a city, village, township or charter township. Same input, same bytes.

Sources: offices and addresses, HIFLD (US Department of Homeland Security, 2019); sheriffs' names,
county results collected by OpenElections (2024-11-05) and press; agreements, US Immigration and
Customs Enforcement (2025-09-17); roster, Federal Bureau of Investigation; ZIP codes, the Python
package zipcodes (MIT) and GeoNames (geonames.org, CC BY 4.0); kinds of municipality, US Census
Bureau, 2025 Gazetteer. docs/recipients.md says more.
"""

import argparse
import csv
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from spelling import Row, person, saints, slug, street, town, typeset

Place = tuple[str, bool, str]  # name in lower case, whether a township, county
Verdict = tuple[str, str, str]  # agency, jurisdiction, name in the roster; blank if left out

COLUMNS = (
    "id", "office", "title", "first_name", "last_name", "suffix", "agency", "jurisdiction", "county",
    "address1", "address2", "city", "state", "zip", "email", "phone",
    "agreement_287g", "agreement_signed", "hold",
)  # fmt: skip

HERE = Path(__file__).parent
ROSTER_SINCE = 2022

NO_ZIP = "ZIP code not known; confirm the address"
# The Wayne sheriff was to move to the new Criminal Justice Complex in 2024 (newsletter, spring 2024).
MOVED = {"Wayne": "ZIP code not known, and the office has moved since 2019; find the new address"}

# Not the sheriff, and missing from the address list: it took over from the police departments of
# Mundy Township and Swartz Creek on 2017-02-01 (the authority's own site).
METRO = "Metro Police Authority of Genesee County"
METRO_SOURCE = {"county": "Genesee", "street": "", "city": "", "state": "MI", "zip": "", "phone": ""}
METRO_HOLD = "Address not in the sources; find and confirm it"

MODELS = {
    "Task Force Model": "task_force",
    "Warrant Service Officer": "warrant_service",
    "Jail Enforcement Model": "jail_enforcement",
}

SPECIAL_TYPES = {"sheriff", "state_police", "campus", "corrections"}
POLICE = "Police Department"
PUBLIC_SAFETY = "Department of Public Safety"
ENDING = re.compile(rf" ({POLICE}|{PUBLIC_SAFETY}|Public Safety Department|Police)( - Headquarters)?$")
MARSHAL = "Marshal's Office"

PHRASES = {
    "city": "the City of {}",
    "village": "the Village of {}",
    "township": "{} Township",
    "charter township": "{} Charter Township",
}


def read(path: Path) -> list[Row]:
    """Read a CSV file into a list of rows."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def address(source: Row) -> Row:
    """Take over the columns that say where mail goes."""
    return {
        "address1": street(source["street"]),
        "city": town(source["city"]),
        "state": source["state"],
        "zip": source["zip"],
        "phone": source["phone"],
    }


def sheriff(source: Row) -> Row:
    """Turn a line of the sheriffs' file into a recipient."""
    county = source["county"]
    return {
        "id": slug(f"{county} County Sheriff"),
        "office": "sheriff",
        "title": "Sheriff",
        **person(source["sheriff_name"]),
        "agency": source["agency"],
        "jurisdiction": f"{county} County",
        "county": county,
        **address(source),
        "hold": "" if source["zip"] else MOVED.get(county, NO_ZIP),
    }


def chief(source: Row, agency: str, jurisdiction: str) -> Row:
    """Turn a police department into a recipient; the sources name no chief."""
    return {
        "id": slug(agency.replace(POLICE, "Police").replace(PUBLIC_SAFETY, "Public Safety")),
        "office": "police_chief",
        "title": "Marshal" if agency.endswith(MARSHAL) else "Chief of Police",
        "agency": agency,
        "jurisdiction": jurisdiction,
        "county": saints(source["county"]),
        **address(source),
    }


def candidates(name: str, county: str) -> Iterator[Place]:
    """Yield the places a department's name may mean, the likeliest first."""
    short = re.sub(r"( Charter)? Township$", "", name)
    if short != name:
        yield short.lower(), True, county
        return
    # "Carson City" is a city's name, the "City" of "Lapeer City" only tells it from the township.
    for text in (name, re.sub(r" (City|Village)$", "", name)):
        yield text.lower(), False, county


def by_rule(source: Row, places: Mapping[Place, Row]) -> Verdict:
    """Judge a department by its name and county."""
    full = saints(source["agency"]).replace("Sainte", "Ste.")
    match = ENDING.search(full)
    name = re.sub(r"^(City|Village) of ", "", ENDING.sub("", full))
    found = (places.get(place) for place in candidates(name, saints(source["county"])))
    row = next((row for row in found if row), None)
    if not match or not row:
        return "", "", ""
    known_as = row["name"] + (" Township" if "township" in row["kind"] else "")
    ending = PUBLIC_SAFETY if "Public Safety" in match[1] else POLICE
    return f"{known_as} {ending}", PHRASES[row["kind"]].format(row["name"]), known_as


def verdicts(sources: Iterable[Row]) -> Iterator[tuple[Row, Verdict]]:
    """Pair each department with what a hand-made decision or else the rule says of it."""
    kinds = read(HERE / "michigan_municipalities.csv")
    places = {(row["name"].lower(), "township" in row["kind"], row["county"]): row for row in kinds}
    decisions = {
        row["hifld_id"]: (row["agency"], row["jurisdiction"], row["roster_name"])
        for row in read(HERE / "michigan_departments.csv")
    }
    for source in sources:
        yield source, decisions.get(source["hifld_id"]) or by_rule(source, places)


def roster(rows: Iterable[Row]) -> dict[tuple[str, str], int]:
    """Map name and county of each municipal department to the last year the FBI has seen it."""
    return {
        (re.sub(r", .* County$", "", row["pub_agency_name"].strip()).lower(), county): int(row["data_year"])
        for row in sorted(rows, key=lambda row: row["data_year"])
        if row["state_abbr"] == "MI" and row["agency_type_name"] == "City"
        for county in row["county_name"].split(", ")
    }


def doubt(year: int | None, reported: str | None) -> str:
    """Say why a department is held back: what is reported of it, or else what the roster shows."""
    if year and year >= ROSTER_SINCE:
        return ""
    shown = f"Last in the FBI's roster in {year}" if year else "Not in the FBI's roster"
    return reported or f"{shown}; confirm that the department still exists"


def chiefs(sources: Iterable[Row], seen: Mapping[tuple[str, str], int]) -> Iterator[Row]:
    """Yield the municipal departments, telling on stderr which others were left out."""
    reports = {row["hifld_id"]: row["hold"] for row in read(HERE / "michigan_reports.csv")}
    for source, (agency, jurisdiction, known_as) in verdicts(sources):
        if agency:
            year = seen.get((known_as.lower(), saints(source["county"]).upper().replace(".", "")))
            yield chief(source, agency, jurisdiction) | {"hold": doubt(year, reports.get(source["hifld_id"]))}
        else:
            print(f"left out: {source['agency']} ({source['county']}): special, merged or part", file=sys.stderr)


def sign(rows: Iterable[Row], agreements: Iterable[Row]) -> None:
    """Write ICE's agreements into the rows they belong to; one without a row is an error."""
    by_name = {row["agency"].replace("Sheriff's Department", "Sheriff's Office"): row for row in rows}
    for agreement in agreements:
        # ICE misspells Berrien, and sets some apostrophes as a typographer would.
        name = agreement["LAW ENFORCEMENT AGENCY"].strip().replace("\u2019", "'")
        name = name.replace("Berrian", "Berrien")
        by_name[name]["agreement_287g"] = MODELS[agreement["SUPPORT TYPE"].strip()]
        by_name[name]["agreement_signed"] = agreement["SIGNED"]


def recipients(folder: Path) -> list[Row]:
    """Make the whole list: sheriffs by county, then police by name."""
    departments = (
        row
        for row in read(folder / "us_law_enforcement_recipients.csv")
        if row["state"] == "MI" and row["zip"] and row["agency_type"] not in SPECIAL_TYPES
    )
    police = list(chiefs(departments, roster(read(folder / "fbi_le_employees_agencies.csv"))))
    police.append(chief(METRO_SOURCE, METRO, f"the {METRO}") | {"hold": METRO_HOLD})
    rows = sorted(map(sheriff, read(folder / "michigan_sheriffs_2025.csv")), key=lambda row: row["county"])
    rows += sorted(police, key=lambda row: row["agency"].casefold())
    agreements = read(folder / "ice_287g_participating_2025-09-17pm.csv")
    sign(rows, (row for row in agreements if row["STATE"] == "MICHIGAN"))
    return [typeset(row) for row in rows]


def main() -> None:
    """Write the list: UTF-8, LF, blanks for what is not known."""
    parser = argparse.ArgumentParser(description="Make recipients.csv from the source lists.")
    parser.add_argument("folder", type=Path, metavar="DATA_FOLDER", help="folder with the source lists")
    parser.add_argument("--out", type=Path, default=Path("recipients.csv"), help="file to write")
    arguments = parser.parse_args()
    rows = recipients(arguments.folder)
    with arguments.out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    held = sum(1 for row in rows if row.get("hold"))
    print(f"{len(rows)} recipients, {held} of them held back", file=sys.stderr)


if __name__ == "__main__":
    main()
