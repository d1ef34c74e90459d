"""Make letters/recipients/municipalities.txt.gz: the cities, boroughs, villages, towns and townships of each state.

Usage: python scripts/make_municipalities.py GAZETTEER_FOLDER

The folder holds 2025_Gaz_place_national.txt, 2025_Gaz_cousubs_national.txt and 2025_Gaz_counties_national.txt of the
US Census Bureau. A line is "NJ|Raritan|borough|Somerset": state, name, kind, county, which is empty where the Gazetteer
does not tell it. Kinds in scripts/michigan_municipalities.csv have better sources and are taken before these.
"""

import csv
import gzip
import re
import sys
from pathlib import Path

from letters.read.zips import STATE_NAMES

HERE = Path(__file__).parent
TARGET = HERE.parent / "letters" / "recipients" / "municipalities.txt.gz"
KIND = re.compile(
    r"(?P<name>.+?) (?P<kind>charter township|city|town|village|borough|township|municipality)(?: \(.*\))?$"
)


def read(path: Path) -> list[dict[str, str]]:
    """Read a Gazetteer file, columns apart by bars."""
    lines = path.read_text("utf-8").splitlines()
    heads = [head.strip() for head in lines[0].split("|")]
    return [dict(zip(heads, (cell.strip() for cell in line.split("|")), strict=False)) for line in lines[1:]]


def main() -> None:
    """Write the table, sorted; statistical areas, and governments that do not work, are left out."""
    folder = Path(sys.argv[1])
    # The first five digits of a GEOID are those of its county.
    counties = {
        row["GEOID"]: re.sub(
            r" (?:County|Parish|Borough|Census Area|Municipality|Municipio|Planning Region)$", "", row["NAME"]
        )
        for row in read(folder / "2025_Gaz_counties_national.txt")
    }
    found: set[tuple[str, str, str, str]] = set()
    placed: set[tuple[str, str, str]] = set()
    for row in read(folder / "2025_Gaz_cousubs_national.txt"):
        kind = KIND.fullmatch(row["NAME"])
        # Of the codes of the Census A, B, C and G are governments at work, and F fills a gap between two of them.
        if kind and row["FUNCSTAT"] in "ABFGC" and row["USPS"] in STATE_NAMES:
            county = counties.get(row["GEOID"][:5], "")
            found.add((row["USPS"], kind["name"], kind["kind"], county))
            placed.add((row["USPS"], kind["name"], kind["kind"]))
    for row in read(folder / "2025_Gaz_place_national.txt"):
        kind = KIND.fullmatch(row["NAME"])
        key = kind and (row["USPS"], kind["name"], kind["kind"])
        if kind and key and row["FUNCSTAT"] in "ABFGC" and key not in placed:
            found.add((*key, ""))
    with (HERE / "michigan_municipalities.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            township = "township" in row["kind"]
            same = {
                each
                for each in found
                if each[0] == "MI" and each[1] == row["name"] and each[3] in (row["county"], "")
                if ("township" in each[2]) == township
            }
            found = (found - same) | {("MI", row["name"], row["kind"], row["county"])}
    text = "".join(f"{'|'.join(each)}\n" for each in sorted(found))
    # Without a time stamp: the same tables give the same bytes.
    TARGET.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{len(found)} municipalities, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
