"""Knows the words of which the titles of officials are made, and how a title is written out."""

from __future__ import annotations

import re
from collections.abc import Sequence

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
    names = [spelt_out(title) for title in titles]
    status = next((word for name in names for word in name.split() if word in ("Interim", "Acting")), "")
    bare = [" ".join(word for word in name.split() if word not in STATUS.values()) for name in names]
    bare = [_ONE_NAME.get(name, name) for name in bare if name]
    # A major who is the interim chief is addressed as the interim chief.
    rank = next((name for name in bare if name not in _PLAIN and not (status and _RANKS.issuperset(name.split()))), "")
    office = "Sheriff" if "Sheriff" in bare else "Chief" if not _PLAIN.isdisjoint(bare) else ""
    return f"{status} {rank or office}".strip() if status else rank


def spelt_out(title: str) -> str:
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
    return title or (spelt_out(said) if said.isupper() or said.islower() else "")
