"""Finds what is no name of one person, no suffix and no title in the columns for them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from letters.model.problems import Place, Problem, nearest, warning
from letters.model.records import Recipient
from letters.read.cells import wrong_letters
from letters.read.sense import means_nothing
from letters.read.titles import NOT_POLICE, STATUS, is_rank, is_title, spelt_out, words_of

_PERSON = ("first_name", "last_name")
_ODD = re.compile(r"[(),;/&=#@\[\]{}0-9<>|\\*^~_+%$:?!•…]")
_TWO = re.compile(r"(?<!\w)(?:and|or)(?!\w)", re.IGNORECASE)
_QUOTES = re.compile(r"[\"“”„«»]")
_FALSE_APOSTROPHE = re.compile(r"(?<=\w)(?:[`´]|'')(?=\w)")
_NO_NAMES = frozenset(("police", "department", "dept", "position", "agency", "firstname", "lastname", "surname"))
"""Words of agencies and of headings, which nobody is called."""
_HEADINGS = frozenset(("first name", "last name", "full name", "name", "office", "given name", "family name"))
_PARTLY_CAPITALS = re.compile(r"\b[A-Z][a-z]{1,3}[A-Z]{3,}\b")
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
        yield from _name_problems(recipient.place._replace(field=column), recipient[column], all_shout=both_shout)
    yield from _last_name_problems(at_last, last)
    before = first.removesuffix(last)
    if last and before not in ("", first) and not before[-1].isalnum():
        yield warning(
            at_first, f'"{first}" ends in the last name, which would be printed twice', "the first name alone"
        )
    yield from _beside_the_name(recipient)


def _name_problems(place: Place, value: str, *, all_shout: bool) -> Iterator[Problem]:
    if not value or means_nothing(value) or wrong_letters(value):
        return
    words = words_of(value)
    if found := _ODD.search(value) or _TWO.search(value):
        hint = "one person, without titles, remarks or suffixes, which have columns of their own"
        yield Problem(place, f'"{value}" is no name: it holds "{found[0]}"', hint)
    elif _ELECT.search(value):
        yield Problem(place, f'"{value}" has not taken office', "write to the one who holds it, or hold this letter")
    elif rank := next(filter(is_rank, words), ""):
        yield _rank_in_a_name(place, value, rank)
    elif not _NO_NAMES.isdisjoint(words) or value.casefold() in _HEADINGS:
        yield Problem(place, f'"{value}" is no name of a person', "leave the cell empty where nobody is known")
    else:
        yield from _oddly_written(place, value, words, all_shout=all_shout)


def _rank_in_a_name(place: Place, value: str, rank: str) -> Problem:
    if place.field == "last_name" and words_of(value) == [rank] and rank not in STATUS:
        # "Grace Major" and "Rodney Chief" are names of people.
        return warning(place, f'"{value}" is a title, too', "is it the last name?")
    return Problem(place, f'"{value}" holds a title or a rank ("{rank}")', "write it into the column title")


def _oddly_written(place: Place, value: str, words: Sequence[str], *, all_shout: bool) -> Iterator[Problem]:
    """Yield a warning for a name that is one, and is not written as names are."""
    if len(words) > 1 and len(set(words)) == 1:
        yield warning(place, f'"{value}" stands twice in one cell', "once is enough")
    elif (
        len(value) > 3
        and value.endswith(".")
        and place.field == "last_name"
        and not _SUFFIX.fullmatch(value.split()[-1])
    ):
        yield warning(place, f'"{value}" ends in a point, which will be printed', f'is it "{value.rstrip(".")}"?')
    elif _PARTLY_CAPITALS.search(value):
        yield warning(place, f'"{value}" is in capitals and will be printed so', "as the person writes it")
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
    at_title = recipient.place._replace(field="title")
    if is_title(title):
        yield from _wrong_holder(at_title, title)
    elif (last := recipient["last_name"]) and title and last.casefold() in words_of(title):
        yield Problem(at_title, f'"{title}" holds the name', "the title alone; the name has columns of its own")
    elif title and (near := nearest(title.casefold(), _TITLES)) and abs(len(near) - len(title)) <= 1:
        yield warning(at_title, f'"{title}" is almost "{near.title().replace(" Of ", " of ")}"', "is it misspelt?")


def _wrong_holder(place: Place, title: str) -> Iterator[Problem]:
    """Yield a problem for the title of somebody who no longer holds the office, or never did."""
    words = words_of(title)
    if gone := next((word for word in words if word in ("former", "retired", "ret")), ""):
        hint = "write to the one who holds it, or hold this letter"
        yield Problem(place, f'"{title}" no longer holds the office ("{gone}")', hint)
    elif spelt_out(title).rpartition(" ")[2] in NOT_POLICE:
        hint = "a letter is addressed to the one who heads the agency"
        yield warning(place, f'"{title}" heads no police department and no sheriff’s office', hint)
