"""Splits addresses that stand in one cell: "City, State ZIP", a whole address on one line, a PO box with a street."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from letters.read import zips
from letters.read.zips import state_code

_NAMES = "|".join(sorted((re.escape(name) for name in zips.STATE_SPELLINGS), key=len, reverse=True))
_CODES = "|".join([*zips.STATE_NAMES, *(rf"{code[0]}\.\s?{code[1]}" for code in zips.STATE_NAMES)])
# From the end: what stands before the state may be anything, and the ZIP code tells which cities there are.
_END = re.compile(
    rf"[\s,]*\b(?P<state>{_CODES}|{_NAMES})\b\.?[\s,]*(?P<zip>\d{{4,5}}(?:\s?-\s?\d{{4}})?|\d{{9}})?"
    r"[\s,]*(?:USA?|U\.S\.A?\.?|United States(?: of America)?)?[\s,.]*$",
    re.IGNORECASE,
)
_CITY_AND_ZIP = re.compile(r"(?P<city>[^\W\d][^\d,]*?)[\s,]+(?P<zip>\d{5}(?:-\d{4})?)")
_BOX = re.compile(
    r"\b(?:P\.?\s*O\.?\s*(?:Box|Drawer)|Post Office Box|Box|Drawer)\s*#?\s*([A-Z]?\d[\w-]*|[A-Z])\b", re.I
)
_UNIT = re.compile(
    r"[\s,]+((?:Suite|Ste\.?|Room|Rm\.?|Unit|Apt\.?|Floor|Fl\.?|Bldg\.?|Building|Dept\.?|#)\s*#?\s*"
    r"(?:\d[\w-]*|(?!St\b|Rd\b|Dr\b|Ln\b|Ct\b|Pl\b)[A-Z]{1,2}(?:-?\d[\w-]*)?|One|Two|Three|Four|Five)"
    r"|\d+(?:st|nd|rd|th)\s+Fl(?:oor|\.)?)[\s,]*$",
    re.IGNORECASE,
)
_STREET = re.compile(r"(?:^|\s)(?:\d+[A-Z]?(?:[-/]\d+)?|[NSEW]\d+|One|Two|Three)\s+\w", re.IGNORECASE)
_BUILDING = re.compile(
    r"\b(?:Court ?house|Square|Plaza|Hall|Building|Complex|Cent(?:er|re)|Street|St|Avenue|Ave|Road|Rd|Drive|Dr|"
    r"Highway|Hwy|Route|Box)\b",
    re.IGNORECASE,
)
"""What tells a place without a number: "County Courthouse"."""
_LONG_NAME = 4
"""Letters of the name of a state, against two of a code."""
AGENCY_WORDS = re.compile(
    r"\b(?:Police|Sheriff|Public Safety|Marshal|Constable|Department|Dept|Authority|Office|P\.?D|S\.?O|DPS|Patrol|"
    r"Troopers|Corrections|Law Enforcement|Safety|Ranger|Security|Task Force|Jail|Prosecutor|Attorney)\b",
    re.IGNORECASE,
)
_INNER_START = re.compile(r"(?<=[A-Za-z.]) (\d+[A-Z]?\s+[NSEW]?\.?\s?\w.*|P\.?\s*O\.?\s*Box.*)$", re.IGNORECASE)
_BEFORE = re.compile(
    rf"{AGENCY_WORDS.pattern}|\b(?:attn|attention|c/o|care of|hall|court ?house|building|center|complex)\b",
    re.IGNORECASE,
)
"""What stands before a street on its line: an agency, a person it is for, a building."""
_WORDS = re.compile(r"[^\s,]+")
_DIRECTIONS = frozenset(("north", "south", "east", "west", "northeast", "northwest", "southeast", "southwest"))


class LastLine(NamedTuple):
    """City, state and ZIP code; sure where the ZIP code is one of the city's."""

    city: str
    state: str
    zip: str
    sure: bool
    why: str = ""


class Whole(NamedTuple):
    """A whole address from one line."""

    before: str
    """What stands before the street: an agency or a person."""
    street: str
    unit: str
    last: LastLine


def with_zero(zip_code: str, state: str) -> str:
    """Return a ZIP code with the leading zero that a spreadsheet took, where it is one of the state with it."""
    plain = zip_code.replace(" ", "")
    if re.fullmatch(r"\d{8,9}", plain):
        plain = plain.zfill(9)
        plain = f"{plain[:5]}-{plain[5:]}"
    if re.fullmatch(r"\d{3,4}(-\d{4})?", plain):
        head, _, tail = plain.partition("-")
        padded = head.zfill(5) + (f"-{tail}" if tail else "")
        if state in zips.states_of_zip(padded):
            return padded
    return plain


def split_last_line(text: str) -> LastLine | None:
    """Split "Newark, NJ 07102", with or without commas, the zero or the ZIP code; None where there is no state.

    "Fargo 31631" has none, and is split where the ZIP code is one of the city's: it tells the state.
    """
    found = _END.search(text)
    if not found or not text[: found.start()].strip(" ,"):
        return _city_and_zip(text)
    state = state_code(found["state"])
    city = " ".join(text[: found.start()].strip(" ,").split())
    zip_code = with_zero(re.sub(r"\s", "", found["zip"] or ""), state)
    in_state = state in zips.states_of_zip(zip_code)
    if not (in_state or _is_told(text, found)):
        return None
    if not zip_code:
        return LastLine(city, state, "", bool(zips.zips_of_city(city, state)), "no ZIP code")
    belongs = in_state and zips.is_city_of(zip_code, city)
    return LastLine(city, state, zip_code, belongs, "" if belongs else f"{zip_code} is not known as {city}")


def _city_and_zip(text: str) -> LastLine | None:
    found = _CITY_AND_ZIP.fullmatch(text.strip())
    if not found or not zips.is_city_of(found["zip"][:5], found["city"]):
        return None
    states = zips.states_of_zip(found["zip"])
    return LastLine(found["city"], states[0], found["zip"], True) if len(states) == 1 else None


def _is_told(text: str, found: re.Match[str]) -> bool:
    """Return whether a state is meant, and no little word: "IN", "Ohio" or ", Ct", but not "sent in 2024"."""
    state = found["state"]
    return state.isupper() or len(state) >= _LONG_NAME or text[: found.start("state")].rstrip().endswith(",")


def split_one_line(text: str) -> Whole | None:
    """Split a whole address, anchored on the places that its ZIP code has, or on those of its state where it has none.

    Return None where it has no state, or where no ZIP code and no comma tell that a state is meant: "CT" is a court,
    "NE" a part of the town.
    """
    text = " ".join(one_line(text).split()).replace(" ,", ",")
    whole = _split(text)
    if whole is None or not whole.last.sure or not whole.last.city[:1].isalpha():
        # "1 Main Street - Alma - MI 48801"; the names of agencies have dashes, too.
        apart = re.sub(r"\s+[-–—/]\s+", ", ", text)
        parted = _split(apart) if apart != text else None
        whole = parted if parted is not None and parted.last.sure else whole
    return whole


def _split(text: str) -> Whole | None:
    found = _END.search(text)
    if not found:
        return _without_state(text)
    state, zip_code = state_code(found["state"]), re.sub(r"\s", "", found["zip"] or "")
    rest = text[: found.start()].rstrip(" ,")
    if zip_code:
        zip_code = with_zero(zip_code, state)
        city, start, doubt = _city_at_end(rest, zip_code, lambda name: zips.is_city_of(zip_code, name))
        if not start:  # no ZIP code of this city that we know, as of some PO boxes: the state's places tell where it is
            city, start, _ = _city_at_end(rest, state, lambda name: bool(zips.zips_of_city(name, state)))
            doubt = f"{zip_code} is not known as {city}"
        why = doubt
    else:
        if "," not in text[: found.start("state")] or not _is_told(text, found):
            return None
        city, start, doubt = _city_at_end(rest, state, lambda name: bool(zips.zips_of_city(name, state)))
        why = ", and ".join(filter(None, ("no ZIP code", doubt)))
    before, street, unit = split_street(rest[: max(0, start)].rstrip(" ,"))
    if not street or not (zip_code or any(form.search(street) for form in (_STREET, _BOX, _BUILDING))):
        return None
    return Whole(before, street, unit, LastLine(city, state, zip_code, not doubt, why))


def _without_state(text: str) -> Whole | None:
    """Split "1 Main Street, Alma 48801", where the ZIP code is one of the city's: it tells the state."""
    head, _, tail = text.rpartition(",")
    last = _city_and_zip(tail)
    if last is None or not head:
        return None
    before, street, unit = split_street(head)
    return Whole(before, street, unit, last) if street else None


def one_line(text: str) -> str:
    """Return an address of several lines as one, with commas where its lines end or signs part them."""
    return re.sub(r"[\s,]*[\n\r\u2028\u2029\v;|•·]+[\s,]*", ", ", text.strip())


def _city_at_end(rest: str, place: str, is_known: Callable[[str], bool]) -> tuple[str, int, str]:
    """Return the city at the end of a text, where it begins, and a doubt; empty where the city is known in the place.

    The longest known name counts; a comma before it decides between a longer and a shorter one.
    """
    words = list(_WORDS.finditer(rest))
    comma = rest.rfind(",")
    behind_comma = rest[comma + 1 :].strip() if comma >= 0 else ""
    if behind_comma and is_known(behind_comma):
        return behind_comma, comma + 1, ""
    known = []
    # Hardly a place of the table has more than five words.
    for count in range(1, min(6, len(words))):
        start = words[-count].start()
        name = rest[start:].strip()
        # A comma parts the city from the street.
        if "," in name:
            break
        if is_known(name):
            known.append((name, start))
    if known:
        city, start = known[-1]
        way, _, plain = city.partition(" ")
        # "Avenue West Seattle": a street may end in a direction, and a city begin with one.
        others = (name for name, _ in known if name == plain and way.casefold() in _DIRECTIONS)
        return city, start, next((f"{city} may be {name}" for name in others), "")
    if behind_comma and not re.search(r"\d", behind_comma):
        return behind_comma, comma + 1, f"no place in {place} is called {behind_comma}"
    return rest, 0, ""


def split_street(text: str) -> tuple[str, str, str]:
    """Return what stands before a street, the street, and its unit; before is empty where the text begins with it."""
    before = ""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    starts = [
        n for n, part in enumerate(parts) if re.match(r"\d|P\.?\s*O\.?\s*Box|[NSEW]\d|One\s|Post Office", part, re.I)
    ]
    if starts and starts[0] > 0:
        before, text = ", ".join(parts[: starts[0]]), ", ".join(parts[starts[0] :])
    elif not starts and len(parts) > 1 and AGENCY_WORDS.search(parts[0]):
        before, text = parts[0], ", ".join(parts[1:])
    elif not starts and (found := _INNER_START.search(text)) and _BEFORE.search(text[: found.start()]):
        # The numbers of "United States Highway 101 North", "FM 1960 West" and "RR 1 Box 5" are none of a house.
        before, text = text[: found.start()].strip(), found[1]
    street, unit = split_unit(text)
    return before, street, unit


def split_unit(street: str) -> tuple[str, str]:
    """Return a street and its suite, room or floor; "Room 4" alone stays a street."""
    if (found := _UNIT.search(street)) and _STREET.search(street[: found.start()]):
        return street[: found.start()].strip(" ,"), found[1].strip()
    return street, ""


def box_and_street(text: str) -> tuple[str, str] | None:
    """Return the PO box and the street of a line that has both; None where it has one of them."""
    found = _BOX.search(text)
    if not found:
        return None
    rest = (text[: found.start()] + text[found.end() :]).strip(" ,;/-&")
    rest = re.sub(r"\(\s*(?:mail(?:ing)?)?\s*:?\s*\)", "", rest, flags=re.IGNORECASE).strip(" ,;")
    rest = re.sub(r"^(?:and|or)\s+|\s+(?:and|or)$", "", rest, flags=re.IGNORECASE).strip(" ,;")
    return (f"PO Box {found[1]}", rest) if _STREET.search(rest) else None


def is_box(text: str) -> bool:
    """Return whether a line is a PO box and nothing else."""
    found = _BOX.match(text.strip())
    return found is not None and not re.search(r"\w", text.strip()[found.end() :])
