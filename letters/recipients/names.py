"""Splits the name of a person: status and titles first, then first name, last name and suffix."""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from nameparser import HumanName
from nameparser.config import Constants

from letters.read.people import STATUS, is_title, split_title, split_title_behind, words_of, written
from letters.read.sense import means_nothing

ATTENTION = re.compile(r"^(?:attn|attention|c/o|care of|to)\b[\s.:]*", re.IGNORECASE)
NICKNAME = re.compile(r"\s+[\"“”'‘(][^\W\d_][\w. ]{0,20}[\"“”'’)]\s+(?=[^\W\d_])")
"""A nickname between first and last name, in quotation marks or brackets: no letter has it."""
_NICKNAME_BEHIND = re.compile(r"\s+(?:[\"“”‘'][^\W\d_][\w. ]{0,20}[\"“”’']|(?P<brackets>\([^\W\d_][\w. ]{1,20}\)))$")
"""A nickname behind a name; in brackets only behind a first name, as in "Carter, William (Bill)"."""
_PARTY = re.compile(
    r"\s*[(\[]\s*(?:[RDIL]|Rep|Dem|Ind|Lib|NPA?|Republican|Democrat(?:ic)?|Independent|Non-?partisan)\.?"
    r"(?:\s*[-–]\s*[\w. ]+)?\s*[)\]]",
    re.IGNORECASE,
)
"""The party of somebody elected: "(R)", "(D-Houston)"."""
_CORONER = re.compile(
    r"\bsheriff\s*(?:[-–/&]|and)\s*coroner(?:\s*(?:[-–/&]|and)\s*public administrator)?\b", re.IGNORECASE
)
_DEGREES = frozenset(
    (
        *("ma", "ms", "msc", "mba", "mpa", "mph", "mpp", "mps", "mcj", "mscj", "macj", "msl", "llm", "ba", "bs"),
        *("bsc", "med", "dds"),
        *("bscj", "aas", "edd", "dpa", "dba", "dsc", "rn", "cpa", "cpm", "clee", "clep", "cje", "cfe", "cpp", "ccpe"),
        *("fbina", "icmacm", "pmp", "cem", "sphr", "emt", "cll"),
    )
)
"""Degrees and certificates behind a name, in small letters without points: no letter has them."""
_OIC = re.compile(r"\b(?:OIC|officer[ -]in[ -]charge)\b\.?", re.IGNORECASE)
_PRONOUNS = re.compile(r"[\s,]*[(\[]?\b(?:she|he|they|ze|xe)\s*/\s*\w+(?:\s*/\s*\w+)?\b[)\]]?", re.IGNORECASE)
"""Pronouns behind a name: "(she/her)"."""
_DASH = re.compile(r"\s+[-–—]+\s+|\s*[–—]\s*")
"""A dash that sets a title or a remark apart: "Jane Roe - Interim Chief"."""
_SUFFIX = re.compile(r"[,\s]+(?P<suffix>Jr|Sr|II|III|IV|V|2nd|3rd|Esq|Ph\.?\s?D|M\.?D|J\.?D)\.?$", re.IGNORECASE)
_TWO = re.compile(r"\s(?:and|or|&|\+)(?:\s|$)|[;/|]|\n")
_COUPLE = re.compile(r"\bm(?:r|s|rs)\b\.?\s*(?:&|and)\s", re.IGNORECASE)
_NOT_OF_A_NAME = re.compile(r"[()\[\]{}\d@#=&*?!:<>+~^_…†‡\"“”]|^(?:of|for|the)\b", re.IGNORECASE)
_PARTICLES = frozenset(
    [
        *("da", "de", "del", "della", "der", "den", "di", "dos", "du", "la", "las", "le", "los", "lo", "mac", "mc"),
        *("san", "santa", "st", "st.", "saint", "van", "vander", "von", "ten", "ter", "el"),
    ]
)


class PersonName(NamedTuple):
    """The parts of a person's name, as the list has them."""

    title: str = ""
    first_name: str = ""
    last_name: str = ""
    suffix: str = ""
    doubt: str = ""
    """Why a person must look at it; empty where the parts are sure."""


@functools.cache
def _constants() -> Constants:
    # One for all names: each takes 4 ms to be made.
    made = Constants()
    # How names are capitalized is told below, and "Mary Saint John" has two words for a last name.
    made.capitalize_name = False
    made.prefixes.add("saint")
    return made


def on_one_line(text: str) -> str:
    """Return a cell of a name on one line, with a slash between the names of people who have a line each."""
    lines = [line for each in text.splitlines() if (line := " ".join(each.split()).strip(" ,;"))]
    people = [line for line in lines if _is_whole_name(_without_titles(line.partition(":")[2].strip() or line)[0])]
    if len(people) > 1:
        return " / ".join(lines)
    # A title on a line of its own is set apart by a comma: "Jane Roe, Capt."
    joined = ""
    for line, before in zip(lines, ["", *lines], strict=False):
        apart = any(is_title(each) and not each.startswith("(") for each in (line, before))
        joined += (", " if apart else " ") + line if joined else line
    return joined


def _is_whole_name(rest: str) -> bool:
    words = [word for word in re.findall(r"[^\W\d_][\w'’-]*", rest) if not is_title(word)]
    return len(words) > 1 and not re.search(r"[\d@]", rest)


def split_name(text: str) -> PersonName:
    """Return the parts of a name in any of the ways that people write it; what is not sure has a doubt."""
    original = " ".join(text.replace("\u00a0", " ").split())
    original = _PRONOUNS.sub("", _CORONER.sub("Sheriff-Coroner", _PARTY.sub("", original))).strip() or original
    original = ATTENTION.sub("", NICKNAME.sub(" ", original)).strip() or original
    # The letter is for who holds the office.
    if re.search(r"\w-elect\b", original, re.IGNORECASE):
        return PersonName(doubt=f'"{original}" has not taken office')
    rest, titles = _without_titles(_DASH.sub(", ", original))
    if not rest or (titles and means_nothing(rest)):
        return PersonName(written(titles))  # "Chief of Police", "Sheriff (vacant)"
    if _TWO.search(rest) or any(map(_COUPLE.search, titles)):
        return PersonName(doubt=f'two people in one cell: "{original}"')
    if gone := {STATUS.get(word, "") for title in titles for word in words_of(title)} & {"Retired", "Former"}:
        return PersonName(doubt=f'"{original}" is said to be {min(gone).lower()}')
    rest, further = _without_degrees(rest)
    rest, suffix = _without_suffix(rest)
    rest = _without_nickname_behind(rest)
    if further:
        return PersonName(doubt=f'is "{further}" in "{original}" a part of the name?')
    if not rest or (_SUFFIX.search(" " + rest) and "," not in rest):
        return PersonName(doubt=f'no name is left of "{original}"')
    if _NOT_OF_A_NAME.search(rest):
        return PersonName(doubt=f'"{original}" holds more than a name')
    first, last = _first_and_last(rest)
    if "," in rest and _are_two(first, last):
        return PersonName(doubt=f'is "{original}" one person, or two?')
    if not first or not last:
        return PersonName(doubt=f'"{original}" has no first and last name')
    doubt = _not_put_together(rest, first, last)
    if not doubt and _unclear_last_name(rest, first, last):
        doubt = f'which words of "{rest}" are the last name?'
    if rest.isupper() and len(last) > 1:
        first, last = _cased(first), " ".join(cased_word(word) for word in last.split())  # "NG" is no pair of initials
    return PersonName(written(titles), _cased(first), _cased(last), suffix, doubt)


def _without_titles(text: str) -> tuple[str, list[str]]:
    """Return a name without the titles before, behind and in brackets beside it, and those titles."""
    titles: list[str] = []
    rest = text
    for remark in re.findall(r"[(\[][^)\]]*[)\]]", rest):
        if is_title(remark):
            titles.append(remark.strip("()[] "))
            rest = " ".join(rest.replace(remark, " ").split())
    if in_charge := _OIC.search(rest):
        rest = (rest[: in_charge.start()] + rest[in_charge.end() :]).strip(" ,-–()")
    before, rest = split_title(rest)
    titles += [before] if before else []
    # "Jane Roe, Interim Chief, Lt. Col." has several.
    while True:
        rest, behind = split_title_behind(rest)
        if not behind:
            return rest.strip(" ,-–"), [*titles, *(["OIC"] if in_charge else [])]
        titles.append(behind)


def _without_degrees(rest: str) -> tuple[str, str]:
    """Return a name without degrees behind it, and what stands in the place of one and is not known."""
    while found := re.match(
        r"(?P<name>.+?),\s*(?P<degree>[A-Z][A-Z.&/ -]*[A-Z]\.?|[A-Z][a-z]*\.?[A-Z][a-z]*\.?)$", rest
    ):
        words = [word for word in re.split(r"[\s,]+", found["name"]) if word.casefold() not in _PARTICLES]
        folded = re.sub(r"[^a-z]", "", found["degree"].casefold())
        # "Smith, J.D." and "ROE, ANN" are a last name and a first one.
        if len(words) < 2 or found["name"].isupper() or _SUFFIX.search(f", {found['degree']}"):
            break
        if folded not in _DEGREES and not found["degree"].isupper():
            break  # "Garcia Lopez, LeAnn"
        if folded not in _DEGREES:
            return rest, found["degree"]
        rest = found["name"]
    # "Jane Roe M.S." has no comma; "KIM MA" has a last name.
    found = re.match(r"(?P<name>\S+ .*[a-z].*?)\s+(?P<degree>[A-Z](?:\.?[A-Z])+\.?)$", rest)
    if found and re.sub(r"[^a-z]", "", found["degree"].casefold()) in _DEGREES:
        return found["name"], ""
    return rest, ""


def _without_nickname_behind(rest: str) -> str:
    found = _NICKNAME_BEHIND.search(rest)
    return rest[: found.start()] if found and ("," in rest or not found["brackets"]) else rest


def _without_suffix(rest: str) -> tuple[str, str]:
    if not (found := _SUFFIX.search(rest)):
        comma = re.match(r"(?P<last>[^,]+?)\s+(?P<suffix>Jr|Sr|II|III|IV)\.?,\s*(?P<first>.+)$", rest, re.IGNORECASE)
        if not comma:
            return rest, ""
        return f"{comma['last']}, {comma['first']}", _suffix(comma["suffix"])
    name = rest[: found.start()].strip(" ,")
    if " " not in name and found["suffix"].replace(".", "").casefold() in ("jd", "md"):
        return rest, ""  # "Smith, J.D." has two initials
    return name, _suffix(found["suffix"])


def _suffix(text: str) -> str:
    bare = text.replace(".", "").replace(" ", "").casefold()
    spelt = {"jr": "Jr.", "sr": "Sr.", "esq": "Esq.", "phd": "Ph.D.", "md": "M.D.", "jd": "J.D."}
    return spelt.get(bare, bare if bare[0].isdigit() else bare.upper())


def _first_and_last(rest: str) -> tuple[str, str]:
    if rest.count(",") == 1:
        last, first = (part.strip() for part in rest.split(","))
        return first, last
    if "," in rest:
        return "", ""
    # It takes a first name such as Prince or Judge for a title, and "V" for a suffix: those are gone already.
    parsed = HumanName(rest, constants=_constants())
    if parsed.title or parsed.suffix or parsed.nickname:
        words = rest.split()
        start = next((n for n in range(1, len(words)) if words[n].casefold() in _PARTICLES), len(words) - 1)
        return " ".join(words[:start]), " ".join(words[start:])
    return " ".join(filter(None, (parsed.first, parsed.middle))), parsed.last


def _are_two(first: str, last: str) -> bool:
    """Return whether what stands on both sides of a comma may be a whole name: "Jane Roe, John Doe"."""
    names = [word for word in last.split() if word.casefold() not in _PARTICLES]
    given = first.split()
    return (
        min(len(names), len(given)) > 1
        and all(len(word.strip(".")) > 1 for word in given)
        and not any(map(_is_hispanic, names))
    )


def _not_put_together(rest: str, first: str, last: str) -> str:
    """Return a doubt where first and last name do not have every word of the original, each once."""
    words = sorted(re.findall(r"[\w.'’-]+", rest.casefold()))
    parts = sorted(re.findall(r"[\w.'’-]+", f"{first} {last}".casefold()))
    return "" if words == parts else f'"{rest}" would become "{first}" and "{last}"'


def _unclear_last_name(rest: str, first: str, last: str) -> bool:
    """Return whether the last name may have other words: "Gabriel García Márquez", but "Michael D. Shea" is plain."""
    words = rest.split()
    if "," in rest:
        # "Jane Roe, retiring" is no last name with its first one; "García Márquez, Gabriel" and "St. John, Mary" are.
        names = [word for word in last.split() if not _is_particle(word)]
        return len(names) > 1 and len(first.split()) == 1 and (first.islower() or not any(map(_is_hispanic, names)))
    if len(last.strip(".")) == 1:
        return True  # "SMITH JOHN A", or a name that is cut off
    middle = [word for word in words[1:-1] if word.casefold() not in _PARTICLES]
    # What follows the initial of a middle name is a last name: "Ángel L. Rivera Cruz".
    initial = next((n for n, word in enumerate(words) if n and len(word.strip(".")) == 1), len(words))
    behind = [word for word in words[initial + 1 :] if not _is_particle(word)]
    return len(behind) > 1 or any(len(word.strip(".")) > 1 and _is_hispanic(word) for word in middle)


def _is_particle(word: str) -> bool:
    return word.casefold() in _PARTICLES or len(word.strip(".'’")) == 1


def _is_hispanic(word: str) -> bool:
    # Two last names are usual where one ends so, or has such an accent.
    return bool(re.search(r"(?:ez|íz|oz|ía)$|[áéíóúñ]", word.casefold()))


def _cased(name: str) -> str:
    """Return a name that is all in capitals or all in small letters as names are written."""
    if (name.isupper() and len(re.sub(r"[^\w]", "", name)) > 2) or name.islower():
        return " ".join(cased_word(word) for word in name.split())
    # "McDONALD", "DeSANTIS": capitals but for what they begin with.
    return re.sub(r"\b([A-Z][a-z]{1,3})([A-Z]{3,})\b", lambda found: found[1] + found[2].capitalize(), name)


def cased_word(word: str) -> str:
    """Return a word as a name has it: O'Neil, McDonald, García-Márquez; particles stay small where they are."""
    if word.casefold() in ("de", "la", "der", "del", "du", "da"):
        return word.casefold()
    text = "".join(piece[:1].upper() + piece[1:] for piece in re.split(r"([-'’/])", word.lower()))
    text = re.sub(r"\bMc([a-z])", lambda found: "Mc" + found[1].upper(), text)
    return re.sub(r"([’'])S\b", r"\1s", text)
