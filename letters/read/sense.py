"""Finds cells that are filled but hold nothing that may be printed: words for nothing, wrong letters, odd names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from letters.model.problems import Place, Problem, warning
from letters.model.records import Recipient
from letters.read import zips

_NOTHING = frozenset(
    (
        *("n/a", "na", "n.a.", "none", "nil", "nan", "null", "tbd", "tba", "tbc", "unknown", "not known", "vacant"),
        *("empty", "see notes", "see note", "not available", "undefined", "-", "--", "—", "?", "??", "xxx"),
        *("#n/a", "#ref!", "#value!", "#name?", "#null!", "#num!", "#div/0!", "#getting_data", "#spill!", "#calc!"),
    )
)
"""What people and spreadsheets write where nothing is known, in lower case."""
_MAY_SAY_NONE = frozenset(("hold", "agreement_287g", "agreement_signed", "agreement_list"))
"""Columns with checks of their own, or with free text."""
_MOJIBAKE = re.compile("â€|Ã[\u0080-\u00bf\u2018-\u2122]|Â[\u00a0-\u00bf]|\ufffd|[\u0080-\u009f]")
"""UTF-8 that was read as Windows-1252, the replacement character, and C1 controls (Windows-1252 read as Latin-1)."""
_PERSON = ("first_name", "last_name")
_ODD_IN_NAMES = re.compile(r"[(),;/&=#@\[\]{}0-9]")
_RANKS = frozenset(
    (
        *("sheriff", "chief", "undersheriff", "capt", "captain", "lt", "lieutenant", "sgt", "sergeant", "col"),
        *("colonel", "maj", "major", "dr", "mr", "mrs", "ms", "hon", "honorable", "director"),
        *("interim", "acting", "retired", "oic"),
    )
)
_WINDOWS = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)
"""Names that Windows keeps for devices, also before an ending: CON.pdf cannot be made there."""


def sense_problems(recipient: Recipient) -> Iterator[Problem]:
    """Yield a problem for each cell of a row that looks filled and must not be printed as it is."""
    for column, value in recipient.columns.items():
        if not value or column in _MAY_SAY_NONE:
            continue
        place = recipient.place._replace(field=column)
        if value.casefold() in _NOTHING:
            hint = "leave the cell empty, or write a reason in the column hold to keep this letter back"
            yield Problem(place, f'"{value}" is a word for nothing', hint)
        elif found := _MOJIBAKE.search(value):
            yield Problem(place, f'"{value}" holds wrong letters ({_named(found[0])})', _meant(value))
    for column in _PERSON:
        yield from _name_problems(recipient, column)
    yield from _place_problems(recipient)


def means_nothing(value: str) -> bool:
    """Return whether a text is what people and spreadsheets write where nothing is known."""
    return value.casefold() in _NOTHING


def repaired_text(value: str) -> str:
    """Return a text with the letters that were meant, where its bytes were read in the wrong encoding for sure."""
    if value.isascii() or not _MOJIBAKE.search(value):
        return value
    for wrong, right in (("cp1252", "utf-8"), ("latin-1", "cp1252")):
        try:
            meant = value.encode(wrong).decode(right)
        except UnicodeError:
            continue
        if not _MOJIBAKE.search(meant):
            return meant
    return value


def reserved_id(identifier: str) -> bool:
    """Return whether Windows could not make a file of this name."""
    return _WINDOWS.fullmatch(identifier.partition(".")[0]) is not None


def _named(text: str) -> str:
    return f'"{text}"' if text.isprintable() else f"U+{ord(text[0]):04X}"


def _meant(value: str) -> str:
    """Return a hint with the text that was probably meant, by reading its bytes the other way round."""
    if (meant := repaired_text(value)) != value:
        return f'is it "{meant}"? Save the list as UTF-8, or type the cell again'
    return "save the list as UTF-8, or type the cell again"


def _name_problems(recipient: Recipient, column: str) -> Iterator[Problem]:
    value, place = recipient[column], recipient.place._replace(field=column)
    if not value or value.casefold() in _NOTHING:
        return
    words = [word.strip(".,").casefold() for word in value.split()]
    if found := _ODD_IN_NAMES.search(value):
        hint = "one person, without titles, remarks or suffixes, which have columns of their own"
        yield Problem(place, f'"{value}" is no name: it holds "{found[0]}"', hint)
    elif rank := next((word for word in words if word in _RANKS), ""):
        yield Problem(place, f'"{value}" holds a title or a rank ("{rank}")', "write it into the column title")
    elif len(value) > 2 and value.isupper():
        yield warning(place, f'"{value}" is in capitals and will be printed so', f'is it "{value.title()}"?')


def _place_problems(recipient: Recipient) -> Iterator[Problem]:
    city, state, zip_code = recipient["city"], recipient["state"], recipient["zip"]
    at_city = recipient.place._replace(field="city")
    if re.search(r"[,\d]", city) or (state and re.search(rf"\b{re.escape(state)}$", city)):
        yield Problem(
            at_city, f'"{city}" is more than a city', "the city alone; state and ZIP have columns of their own"
        )
        city = ""
    if zips.ZIP_CODE.fullmatch(zip_code) and state in zips.STATE_NAMES:
        yield from _zip_problems(recipient.place._replace(field="zip"), zip_code, state, city)


def _zip_problems(at_zip: Place, zip_code: str, state: str, city: str) -> Iterator[Problem]:
    """Yield a problem where ZIP, city and state do not belong together; a doubt about the city alone is a warning."""
    states, known = zips.states_of_zip(zip_code), zips.of_zip(zip_code)
    if state not in states:
        there = f"{known.cities[0]}, {known.state}" if known else " or ".join(states)
        hint = f"{f'it is {there}' if there else 'no place has it'}: check ZIP, city and state"
        yield Problem(at_zip, f'"{zip_code}" is no ZIP code of {state}', hint)
    elif not known:
        hint = "it is not in the table of ZIP codes; compare it with the agency's own site"
        yield warning(at_zip, f'no place is known to have the ZIP code "{zip_code}"', hint)
    elif city and not zips.is_city_of(zip_code, city):
        own = zips.zips_of_city(city, state)
        hint = (
            f"{city} has {', '.join(own[:4])}{' and others' if len(own) > 4 else ''}" if own else "check the spelling"
        )
        yield warning(at_zip, f'"{zip_code}" is {" or ".join(known.cities[:3])}, {state}, not "{city}"', hint)


def not_a_recipient(recipient: Recipient, place: Place) -> Problem:
    """Return the problem of a row without an id and with next to nothing in it, such as a total under the list."""
    said = ", ".join(f'"{value}"' for value in recipient.columns.values() if value)
    return Problem(place, f"no recipient, but a row with {said}", "remove a total or a remark from under the list")
