"""Make letters/read/zips.txt.gz: every ZIP code with its state, county and the places that may be written with it.

And letters/recipients/zip_places.txt.gz, where they are: a line is "48933 42.73 -84.56", ZIP code, latitude, longitude,
to about a kilometre.

Usage: python scripts/make_zips.py

The source is the table of the Python package zipcodes (MIT): USPS ZIP Locale Detail, GeoNames. A line is
"48933|MI|Ingham|Lansing|": ZIP code, state, county, the post office's own name and others it accepts, and names it
does not like but delivers to. Same table, same bytes.
"""

import gzip
from pathlib import Path

import zipcodes

TARGET = Path(__file__).parent.parent / "letters" / "read" / "zips.txt.gz"
PLACES = Path(__file__).parent.parent / "letters" / "recipients" / "zip_places.txt.gz"
ENDINGS = (" County", " Parish", " Borough", " Census Area", " Municipality", " Municipio")


def county(name: str) -> str:
    """Return the name of a county without the word for what it is."""
    for ending in ENDINGS:
        name = name.removesuffix(ending)
    return name


def main() -> None:
    """Write the table, sorted by ZIP code."""
    lines = []
    for entry in sorted(zipcodes.list_all(), key=lambda entry: entry["zip_code"]):
        good = ";".join((entry["city"], *entry["acceptable_cities"]))
        bad = ";".join(entry["unacceptable_cities"])
        lines.append("|".join((entry["zip_code"], entry["state"], county(entry["county"] or ""), good, bad)))
    text = "\n".join(dict.fromkeys(lines)) + "\n"
    # Without a time stamp: the same table gives the same bytes.
    TARGET.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    places = {entry["zip_code"]: (float(entry["lat"]), float(entry["long"])) for entry in zipcodes.list_all()}
    # Those of the military, and some others, have no place: their latitude is 0.
    known = "".join(f"{code} {lat:.2f} {long:.2f}\n" for code, (lat, long) in sorted(places.items()) if abs(lat) > 1)
    PLACES.write_bytes(gzip.compress(known.encode(), 9, mtime=0))
    print(f"{len(lines)} ZIP codes, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
