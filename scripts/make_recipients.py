"""Make recipients.csv: Michigan's sheriffs and municipal police chiefs.

Usage: python scripts/make_recipients.py DATA_FOLDER [--out recipients.csv]

By rule: all 83 sheriffs are in, held back where no ZIP code is known. Every police department of a
municipality is in, held back if its ZIP code or address is not known, or if it was not in the FBI's
roster in 2022 or later; one row each, no sub-offices. State, campus, tribal, railway, airport and park
police are out. Beside this file, michigan_departments.csv has what no rule can decide, with the reason;
michigan_addresses.csv addresses that were looked up, with the source and a verdict; michigan_reports.csv
what is reported of departments missing from the roster. The rows go through the import engine, which
splits the sheriffs' names, and through its join of ICE's list. Same input, same bytes.

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
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from spelling import Row, saints, slug, street, town, typeset

from letters.recipients.agencies import jurisdiction_of, municipalities_of
from letters.recipients.agreements import join_agreements
from letters.recipients.history import Decisions
from letters.recipients.importing import answered, plan_import

Place = tuple[str, bool, str]  # name in lower case, whether a township, county
Verdict = tuple[str, str, str]  # agency, jurisdiction, name in the roster; blank if left out

HERE = Path(__file__).parent
ROSTER_SINCE = 2022

NO_ZIP = "ZIP code not known; confirm the address on the agency's own site"
NO_ADDRESS = "Address not in the sources; find it on the agency's own site and confirm it"

# Not the sheriff, and missing from the address list: it took over from the police departments of
# Mundy Township and Swartz Creek on 2017-02-01 (the authority's own site).
METRO = "Metro Police Authority of Genesee County"
METRO_SOURCE = {"county": "Genesee", "street": "", "city": "", "state": "MI", "zip": "", "phone": ""}
METRO_HOLD = "Address not in the sources; find and confirm it"

# Its council resolved in 2023 that the police should not work with federal agents solely to enforce immigration law.
THANKED = ("east-lansing-police",)

# The roster names all counties that a city reaches into.
PRINCIPAL = {"Lansing": "Ingham"}

# Sheriffs come from a list of their own, with their names.
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
        "full_name": source["sheriff_name"],
        "agency": source["agency"],
        "jurisdiction": f"{county} County",
        "county": county,
        **address(source),
        "hold": "" if source["zip"] else NO_ZIP,
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
        yield text.lower(), False, ""  # the Gazetteer does not tell a village's county


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
    places = {(row["name"].lower(), "township" in row["kind"], row["county"]): row for row in municipalities_of("MI")}
    decisions = {
        row["hifld_id"]: (row["agency"], row["jurisdiction"], row["roster_name"])
        for row in read(HERE / "michigan_departments.csv")
    }
    for source in sources:
        yield source, decisions.get(source["hifld_id"]) or by_rule(source, places)


def roster(rows: Iterable[Row]) -> dict[tuple[str, str], Row]:
    """Map name and county of each municipal department to its line in the FBI's roster."""
    return {
        (re.sub(r", .* County$", "", row["pub_agency_name"].strip()).lower(), county): row
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


def chiefs(sources: Iterable[Row], seen: Mapping[tuple[str, str], Row]) -> Iterator[Row]:
    """Yield the municipal departments, telling on stderr which others were left out."""
    reports = {row["hifld_id"]: row["hold"] for row in read(HERE / "michigan_reports.csv")}
    met: set[str] = set()
    for source, (agency, jurisdiction, known_as) in verdicts(sources):
        if agency and agency not in met:
            met.add(agency)
            line = seen.get((known_as.lower(), roster_county(source["county"])))
            year = int(line["data_year"]) if line else None
            if line:
                line["listed"] = agency
            hold = doubt(year, reports.get(source["hifld_id"])) or ("" if source["zip"] else NO_ZIP)
            yield chief(source, agency, jurisdiction) | {"hold": hold}
        elif not agency:
            print(f"left out: {source['agency']} ({source['county']}): special, merged or part", file=sys.stderr)


def roster_county(county: str) -> str:
    """Write a county as the roster does."""
    return saints(county).upper().replace(".", "")


def unlisted(seen: Mapping[tuple[str, str], Row]) -> Iterator[Row]:
    """Yield the departments that the roster has and the address list has not, or only a part of."""
    lines = {row["ori"]: row for row in seen.values() if int(row["data_year"]) >= ROSTER_SINCE and "listed" not in row}
    for row in lines.values():
        name = saints(re.sub(r", .* County$", "", row["pub_agency_name"].strip()))
        county = PRINCIPAL.get(name) or saints(row["county_name"].split(", ")[0].title())
        if name == METRO:
            continue
        agency = f"{name} {POLICE}"
        found = jurisdiction_of(agency, "police_chief", county, "MI")
        source = {"county": county, "street": "", "city": "", "state": "MI", "zip": "", "phone": ""}
        yield chief(source, agency, found.text) | {"hold": NO_ADDRESS}


def looked_up(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield the rows with the addresses that were looked up, held where the verdict says so."""
    known = {row["recipient"]: row for row in read(HERE / "michigan_addresses.csv")}
    for row in rows:
        found = known.get(row["id"]) or known.get(ENDING.sub("", row["agency"]) if row["office"] != "sheriff" else "")
        if found:
            row |= {column: found[column] for column in ("address1", "address2", "city", "zip", "hold")}
            row["address1"] = street(row["address1"])
        yield row


def recipients(folder: Path) -> list[Row]:
    """Make the whole list: sheriffs by county, then police by name."""
    departments = (
        row
        for row in read(folder / "us_law_enforcement_recipients.csv")
        if row["state"] == "MI" and row["agency_type"] not in SPECIAL_TYPES
    )
    seen = roster(read(folder / "fbi_le_employees_agencies.csv"))
    police = list(chiefs(departments, seen))
    police += unlisted(seen)
    police.append(chief(METRO_SOURCE, METRO, f"the {METRO}") | {"hold": METRO_HOLD})
    rows = sorted(map(sheriff, read(folder / "michigan_sheriffs_2025.csv")), key=lambda row: row["county"])
    rows += sorted(police, key=lambda row: row["agency"].casefold())
    return [typeset(row) | {"thank_you": "yes" if row["id"] in THANKED else ""} for row in looked_up(rows)]


def brought_in(rows: list[Row], agreements: Path) -> bytes:
    """Bring the rows in as any list is, every proposal taken, and join ICE's list of September 17, 2025."""
    offices = ("sheriff", "police_chief")
    with tempfile.TemporaryDirectory() as place:
        raw, listed = Path(place, "raw.csv"), Path(place, "recipients.csv")
        with raw.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)), restval="")
            writer.writeheader()
            writer.writerows(rows)
        decisions = Decisions()
        while (plan := plan_import(raw, None, (), offices, decisions)).questions:
            for question in plan.questions:
                print(f"asked: {question.text} {question.examples}", file=sys.stderr)
            decisions = answered(plan, lambda question: question.proposal)
        for repair in plan.repairs:
            if repair.column not in ("first_name", "last_name", "suffix"):
                print(f"repaired: {repair}", file=sys.stderr)
        listed.write_bytes(plan.content)
        joined = join_agreements(agreements, listed, Path(place), "2025-09-17")
        for name in (*joined.unmatched, *(question.text for question in joined.questions)):
            print(f"agreement without a sure row: {name}", file=sys.stderr)
        return joined.content


def main() -> None:
    """Write the list: UTF-8, LF, blanks for what is not known."""
    parser = argparse.ArgumentParser(description="Make recipients.csv from the source lists.")
    parser.add_argument("folder", type=Path, metavar="DATA_FOLDER", help="folder with the source lists")
    parser.add_argument("--out", type=Path, default=Path("recipients.csv"), help="file to write")
    arguments = parser.parse_args()
    rows = recipients(arguments.folder)
    content = brought_in(rows, arguments.folder / "ice_287g_participating_2025-09-17pm.csv")
    arguments.out.write_bytes(content)
    held = sum(1 for row in rows if row.get("hold"))
    print(f"{len(rows)} recipients, {held} of them held back", file=sys.stderr)


if __name__ == "__main__":
    main()
