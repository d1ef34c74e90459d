"""Knows the titles of officials and how they are written out, and finds what is no name or title of one person."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from letters.model.problems import Place, Problem, nearest, warning
from letters.model.records import Recipient
from letters.read.sense import means_nothing, wrong_letters

STATUS = {
    **dict.fromkeys(("interim", "int"), "Interim"),
    **dict.fromkeys(("acting", "actg"), "Acting"),
    **dict.fromkeys(("retired", "ret"), "Retired"),
    "former": "Former",
}
"""Words that say something of the holder of an office, and how they are written."""
_HEADS = {
    **dict.fromkeys(("sheriff", "sherriff", "sherrif", "sheriif", "shf", "shrf", "shff"), "Sheriff"),
    **dict.fromkeys(("chief", "chf"), "Chief"),
    **dict.fromkeys(("captain", "capt", "cpt"), "Captain"),
    **dict.fromkeys(("lieutenant", "lt", "lieut"), "Lieutenant"),
    **dict.fromkeys(("sergeant", "sgt", "sargeant"), "Sergeant"),
    **dict.fromkeys(("corporal", "cpl"), "Corporal"),
    **dict.fromkeys(("major", "maj"), "Major"),
    **dict.fromkeys(("colonel", "col"), "Colonel"),
    **dict.fromkeys(("inspector", "insp"), "Inspector"),
    **dict.fromkeys(("commander", "cmdr", "cdr"), "Commander"),
    **dict.fromkeys(("superintendent", "supt"), "Superintendent"),
    **dict.fromkeys(("commissioner", "comm", "commr"), "Commissioner"),
    **dict.fromkeys(("director", "dir"), "Director"),
    **dict.fromkeys(("deputy", "dep"), "Deputy"),
    **dict.fromkeys(("detective", "det"), "Detective"),
    **dict.fromkeys(("officer", "ofc"), "Officer"),
    **dict.fromkeys(("general", "gen"), "General"),
    **dict.fromkeys(("executive", "exec"), "Executive"),
    **dict.fromkeys(("trooper", "tpr"), "Trooper"),
    **{
        word: word.capitalize()
        for word in (
            *("undersheriff", "marshal", "constable", "ranger", "warden", "coroner", "jailer"),
            *("administrator", "manager", "mayor", "secretary", "president", "agent", "treasurer", "collector"),
            *("prosecutor", "judge", "supervisor", "coordinator"),
        )
    },
}
"""Words that name an office or a rank by themselves, with their short and their misspelt forms."""
_COURTESIES = frozenset(("hon", "honorable", "honourable", "mr", "mrs", "ms", "miss", "mx", "dr", "rev", "reverend"))
"""Words that the form of address writes by itself, or that no letter has."""
_PLACES = frozenset(
    (
        *("town", "city", "county", "village", "borough", "township", "parish", "state", "university", "campus"),
        *("tribal", "airport", "school", "court", "region", "area", "station", "field", "post"),
    )
)
_OTHERS = {
    **dict.fromkeys(("assistant", "asst"), "Assistant"),
    **{
        word: word.capitalize()
        for word in (
            *("police", "public", "safety", "high", "senior", "first", "special", "law", "enforcement", "security"),
            *("bureau", "division", "department", "patrol", "district", "associate", "vice", "brigadier", "provost"),
            *("operations", "services", "tax", "administrative", "fire", "emergency", "management", "office", "staff"),
            *("charge",),
        )
    },
    **{word: word.capitalize() for word in _PLACES},
    "brig": "Brigadier",
    "1st": "First",
    "current": "",
}
"""Words that stand beside those in a title: "Assistant", "Public Safety", "Town"."""
_SMALL = frozenset(("of", "the", "for", "in", "and"))
_WORDS = {**_OTHERS, **_HEADS, **STATUS}
_OFFICES = frozenset(("Sheriff", "Chief", "Director", "Commissioner", "Superintendent"))
_RANKS = frozenset(("Captain", "Lieutenant", "Sergeant", "Major", "Colonel"))
"""A rank behind an office is a second title: "Superintendent Col. Jane Roe"."""
_LABELS = frozenset(("precinct", "pct", "prec", "ward", "troop", "no", "number"))
"""What a number behind the title of a constable belongs to."""
_COUNT = re.compile(r"#?\d{1,3}[a-z]?", re.IGNORECASE)
_TOKEN = re.compile(r"[^\W_](?:[\w'’]*\w)?|[#&/]")
_PLAIN = frozenset(("Sheriff", "Chief", "Chief of Police", "Police Chief", "Chief Police"))
"""Titles that the form of address writes by itself."""
_ONE_NAME = {
    "Public Safety Director": "Director of Public Safety",
    "Safety Director": "Director of Public Safety",
    "Sheriff Coroner": "Sheriff-Coroner",
}
NOT_POLICE = frozenset(
    ("Mayor", "Manager", "Secretary", "Administrator", "Judge", "President", "Treasurer", "Prosecutor", "Agent")
)
"""The last words of titles that nobody has who heads a police department or a sheriff's office."""
_BEHIND = frozenset(
    ("sheriff", "undersheriff", "chief", "director", "commissioner", "superintendent", "captain", *STATUS)
)
"""Titles that stand behind a name without a comma, too: "Jane Roe Sheriff". "Major" may be a name."""
_NAME_COLUMNS = ("first_name", "last_name")
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


def words_of(text: str) -> list[str]:
    """Return the words of a text as titles are compared: small letters, without points and an "s" of possession."""
    return [re.sub(r"['’]s?$", "", word) for word in map(str.casefold, _TOKEN.findall(text))]


def is_rank(word: str) -> bool:
    """Return whether a word by itself names an office, a rank or a status."""
    return word in _HEADS or word in STATUS or word in _COURTESIES


def is_title(text: str) -> bool:
    """Return whether a text is a title and nothing else: "Chief of Police", "Lt. Col.", "Interim", "Town Marshal"."""
    words = words_of(text)
    return leading(words) == len(words) > 0


def split_title(text: str) -> tuple[str, str]:
    """Return the title that a text begins with, and what follows; an empty title where it begins with none."""
    tokens = list(_TOKEN.finditer(text))
    count = leading(words_of(text))
    if not count:
        return "", text
    end = tokens[count - 1].end()
    return text[:end], text[end:].lstrip(" .,:;-–—")


def split_title_behind(text: str) -> tuple[str, str]:
    """Return a name of two words or more without the title behind it, and that title, empty where there is none."""
    head, comma, last = text.rpartition(",")
    if comma and is_title(last):
        return head.strip(" ,"), last.strip()
    tokens = list(_TOKEN.finditer(text))
    for number in range(2, len(tokens)):
        start = tokens[number].start()
        if is_title(text[start:]) and not _BEHIND.isdisjoint(words_of(text[start:])):
            return text[:start].strip(" ,-–—"), text[start:]
    return text, ""


def leading(words: Sequence[str]) -> int:
    """Return how many of the first words are a title: 3 of "chief of police jane roe"."""
    length = 0
    for number, word in enumerate(words):
        # "Constable, Precinct 3": the number goes with the title only behind such a word.
        behind_label = number > 0 and (words[number - 1] in _LABELS or words[number - 1] == "#")
        is_count = bool(_COUNT.fullmatch(word)) and behind_label
        joins = word in _SMALL or word in ("/", "&", "#") or word in _LABELS
        if not (joins or is_count or word in _WORDS or word in _COURTESIES):
            break
        if is_rank(word) or is_count or (length and _is_behind_of(words[: number + 1])):
            length = number + 1
    return length


def _is_behind_of(words: Sequence[str]) -> bool:
    """Return whether the last word ends what an office is of: "Chief of Police", "Officer in Charge", "City of"."""
    last, *before = reversed(words)
    return last not in _SMALL and any(word in ("of", "for", "in") for word in before)


def written(titles: Sequence[str]) -> str:
    """Return the title of somebody who has been given several, as letters print it; empty for the usual ones.

    A status goes with its office: "Interim Chief". The first rank counts of several.
    """
    names = [_spelt_out(title) for title in titles]
    # "Sam Noe / Acting Chief" was addressed as the chief.
    status = next((word for name in names for word in name.split() if word in ("Interim", "Acting")), "")
    bare = [" ".join(word for word in name.split() if word not in STATUS.values()) for name in names]
    bare = [_ONE_NAME.get(name, name) for name in bare if name]
    # A major who is the interim chief is addressed as the interim chief.
    rank = next((name for name in bare if name not in _PLAIN and not (status and _RANKS.issuperset(name.split()))), "")
    office = "Sheriff" if "Sheriff" in bare else "Chief" if not _PLAIN.isdisjoint(bare) else ""
    return f"{status} {rank or office}".strip() if status else rank


def _spelt_out(title: str) -> str:
    """Return a title with its words written out; of two offices the first."""
    if re.search(r"\bOIC\b", title):
        return "Officer in Charge"
    # Of two offices of one person the first is the one that is written to: "Sheriff & Tax Collector".
    parts = re.split(r"\s*[/&-]\s*|\s+and\s+", title)
    first = title if "coroner" in title.casefold() else next(filter(None, parts), "")
    names: list[str] = []
    for word in words_of(first):
        name = word if word in _SMALL else _WORDS.get(word, "")
        if word in _LABELS or word == "#" or (names and names[-1] in _OFFICES and name in _RANKS):
            break
        names += [name] if name else []
    return re.sub(r"^(?:Office of )?(?:the\b ?)?| (?:the|of)$", "", " ".join(names))


def understood_title(said: str, office: str) -> str:
    """Return the title that the forms of address know for a text: "Lt. Col.", "Interim", "CHIEF OF POLICE"."""
    if not is_title(said):
        return ""
    title = written([said])
    if title in ("Interim", "Acting"):
        return f"{title} Sheriff" if office == "sheriff" else f"{title} Chief" if office == "police_chief" else ""
    return title or (_spelt_out(said) if said.isupper() or said.islower() else "")


def name_problems(recipient: Recipient) -> Iterator[Problem]:
    """Yield a problem for each cell of the columns for a name that holds something else."""
    if not any(recipient[column] for column in (*_NAME_COLUMNS, "suffix", "title")):
        return
    first, last = (recipient[column] for column in _NAME_COLUMNS)
    at_first, at_last = map(recipient.at, _NAME_COLUMNS)
    # "To be" and "determined", one in each column.
    if first and last and means_nothing(f"{first} {last}") and not (means_nothing(first) or means_nothing(last)):
        what = f'"{first} {last}" is a word for nothing'
        yield Problem(at_last, what, "leave both cells empty, or write a reason in the column hold")
        return
    both_shout = _shouts(first) or _shouts(last)
    for place, name in ((at_first, first), (at_last, last)):
        yield from _name_problems(place, name, all_shout=both_shout)
    yield from _last_name_problems(at_last, last)
    # Not by a pattern: 559 rows of the sample made 409 patterns, one for each last name.
    before = first.removesuffix(last)
    if last and before not in ("", first) and not before[-1].isalnum():
        what = f'"{first}" ends in the last name, which would be printed twice'
        yield warning(at_first, what, "the first name alone")
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
    is_last = place.field == "last_name"
    if len(words) > 1 and len(set(words)) == 1:
        yield warning(place, f'"{value}" stands twice in one cell', "once is enough")
    elif len(value) > 3 and value[-1] == "." and is_last and not _SUFFIX.fullmatch(value.split()[-1]):
        yield warning(place, f'"{value}" ends in a point, which will be printed', f'is it "{value.rstrip(".")}"?')
    elif _PARTLY_CAPITALS.search(value):
        yield warning(place, f'"{value}" is in capitals and will be printed so', "as the person writes it")
    elif _QUOTES.search(value):
        what = f'"{value}" holds a quotation mark, which will be printed'
        yield warning(place, what, "is it a nickname to leave out?")
    elif found := _FALSE_APOSTROPHE.search(value):
        meant = _FALSE_APOSTROPHE.sub("’", value)
        yield warning(place, f'"{value}" has "{found[0]}" for an apostrophe', f'is it "{meant}"?')
    elif _shouts(value) or (all_shout and value.isupper() and len(value) > 1 and is_last):
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
        yield warning(recipient.at("suffix"), f'"{suffix}" is not a suffix', hint)
    at_title = recipient.at("title")
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
    elif _spelt_out(title).rpartition(" ")[2] in NOT_POLICE:
        hint = "a letter is addressed to the one who heads the agency"
        yield warning(place, f'"{title}" heads no police department and no sheriff’s office', hint)
