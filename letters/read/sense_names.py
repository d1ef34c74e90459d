"""Finds what is no name of one person in the columns for names: two people, titles, remarks, capitals."""

from __future__ import annotations

import re
from collections.abc import Iterator

from letters.model.problems import Place, Problem, nearest, warning
from letters.model.records import Recipient
from letters.read.sense import means_nothing
from letters.read.wrong_letters import wrong_letters

_PERSON = ("first_name", "last_name")
_ODD = re.compile(r"[(),;/&=#@\[\]{}0-9<>|\\*^~_+%$:?!•…]")
_TWO = re.compile(r"(?<!\w)(?:and|or)(?!\w)", re.IGNORECASE)
_QUOTES = re.compile(r"[\"“”„«»]")
_FALSE_APOSTROPHE = re.compile(r"(?<=\w)[`´](?=\w)")
_RANKS = frozenset(
    (
        *("sheriff", "chief", "undersheriff", "capt", "captain", "lt", "lieutenant", "sgt", "sergeant", "col"),
        *("colonel", "maj", "major", "dr", "mr", "mrs", "ms", "hon", "honorable", "director", "deputy", "officer"),
        *("interim", "acting", "retired", "oic", "commissioner", "superintendent", "ret", "former", "vacant"),
    )
)
_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv|v|2nd|3rd|4th|esq|ph\.?d|m\.?d|j\.?d|cpm|mpa|ret)\.?", re.IGNORECASE)
_ELECT = re.compile(r"-\s?(?:elect|designate)\b", re.IGNORECASE)
_SHORTEST_SHOUT = 3
_TITLES = (
    *("sheriff", "chief", "chief of police", "police chief", "commissioner", "director", "superintendent", "marshal"),
    *("captain", "lieutenant", "sergeant", "colonel", "major", "constable", "interim", "acting", "undersheriff"),
)


def name_problems(recipient: Recipient) -> Iterator[Problem]:
    """Yield a problem for each cell of the columns for a name that holds something else."""
    if not any(recipient[column] for column in (*_PERSON, "suffix", "title")):
        return
    first, last = (recipient[column] for column in _PERSON)
    at_first, at_last = (recipient.place._replace(field=column) for column in _PERSON)
    if first and last and means_nothing(f"{first} {last}") and not (means_nothing(first) or means_nothing(last)):
        what = f'"{first} {last}" is a word for nothing'
        yield Problem(at_last, what, "leave both cells empty, or write a reason in the column hold")
        return
    both_shout = _shouts(first) or _shouts(last)
    for column in _PERSON:
        yield from _cell_problems(recipient.place._replace(field=column), recipient[column], all_shout=both_shout)
    yield from _last_name_problems(at_last, last)
    if len(first) > 1 and last and first != last and re.search(rf"\b{re.escape(last)}$", first):
        yield warning(
            at_first, f'"{first}" ends in the last name, which would be printed twice', "the first name alone"
        )
    yield from _beside_the_name(recipient)


def _cell_problems(place: Place, value: str, *, all_shout: bool) -> Iterator[Problem]:
    if not value or means_nothing(value) or wrong_letters(value):
        return
    words = [word.strip(".,").casefold() for word in value.split()]
    if found := _ODD.search(value) or _TWO.search(value):
        hint = "one person, without titles, remarks or suffixes, which have columns of their own"
        yield Problem(place, f'"{value}" is no name: it holds "{found[0]}"', hint)
    elif _ELECT.search(value):
        yield Problem(place, f'"{value}" has not taken office', "write to the one who holds it, or hold this letter")
    elif rank := next((word for word in words if word in _RANKS), ""):
        yield Problem(place, f'"{value}" holds a title or a rank ("{rank}")', "write it into the column title")
    elif found := _QUOTES.search(value):
        yield warning(
            place, f'"{value}" holds a quotation mark, which will be printed', "is it a nickname to leave out?"
        )
    elif found := _FALSE_APOSTROPHE.search(value):
        meant = _FALSE_APOSTROPHE.sub("’", value)
        yield warning(place, f'"{value}" has "{found[0]}" for an apostrophe', f'is it "{meant}"?')
    elif _shouts(value) or (all_shout and value.isupper() and len(value) > 1 and place.field == "last_name"):
        yield warning(place, f'"{value}" is in capitals and will be printed so', f'is it "{value.title()}"?')
    elif value.islower():
        yield warning(place, f'"{value}" is in small letters and will be printed so', f'is it "{value.title()}"?')


def _shouts(value: str) -> bool:
    return value.isupper() and len(re.findall(r"[^\W\d_]", value)) >= _SHORTEST_SHOUT and "." not in value


def _last_name_problems(place: Place, value: str) -> Iterator[Problem]:
    words = value.split()
    if len(words) > 1 and _SUFFIX.fullmatch(words[-1]) and not re.search(r"[(),;/&]", value):
        what = f'"{value}" holds a suffix ("{words[-1]}"), which a salutation leaves out'
        yield Problem(place, what, "write it into the column suffix")
    elif len(words) > 1 and re.fullmatch(r"[A-Z]\.?", words[0]) and not re.search(r"[(),;/&]", value):
        what = f'"{value}" begins with an initial: "Dear Sheriff {value}"'
        yield warning(place, what, "write the initial into the column first_name")
    elif re.fullmatch(r"[^\W\d_]\.?", value):
        yield warning(place, f'"{value}" is one letter only', "is the name cut off?")


def _beside_the_name(recipient: Recipient) -> Iterator[Problem]:
    """Yield a warning for a suffix that is none, and for a title that is misspelt."""
    suffix, title = recipient["suffix"], recipient["title"]
    if suffix and not means_nothing(suffix) and not all(map(_SUFFIX.fullmatch, re.split(r"[\s,]+", suffix))):
        hint = "Jr., Sr., II, III, IV or a degree"
        yield warning(recipient.place._replace(field="suffix"), f'"{suffix}" is not a suffix', hint)
    folded = title.casefold()
    if title and folded not in _TITLES and (near := nearest(folded, _TITLES)) and abs(len(near) - len(folded)) <= 1:
        what = f'"{title}" is almost "{near.title().replace(" Of ", " of ")}"'
        yield warning(recipient.place._replace(field="title"), what, "is it misspelt?")
