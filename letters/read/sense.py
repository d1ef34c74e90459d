"""Understands cells as people write them, and finds those that hold nothing that may be printed."""

from __future__ import annotations

import datetime
import functools
import html
import re
from collections.abc import Collection, Iterator, Mapping

from letters.model.problems import Place, Problem, warning
from letters.model.records import Recipient

_FILLERS = frozenset(
    (
        *("of", "the", "for", "s", "office", "department", "dept", "county", "city", "township", "village", "town"),
        "borough",
    )
)
_WORD = re.compile(r"[a-z]+")
_SYNONYMS = {"pd": "police", "so": "sheriff", "sheriffs": "sheriff", "chiefs": "chief", "dps": "public safety director"}
_READ_AS = ("latin-1", "mac_roman", "cp437", "cp850")
"""How programs of old Macs and of DOS read UTF-8 by mistake; those of Windows read it as `_windows` does."""
_HIGH = range(0x80, 0x100)
_REPLACED = "\ufffd"
_ENTITY = re.compile(r"&(?:#\d{1,6}|#x[0-9a-f]{1,5}|[a-z]{2,8});", re.IGNORECASE)
_MAC_APOSTROPHE = re.compile(r"(?<=[a-z])Õ(?=s\b)|(?<=\b[DOL])Õ(?=[A-Z])")
"""An apostrophe of an old Mac read as Windows-1252: "SheriffÕs"."""
_MOST_TIMES = 3
"""Texts that were read wrongly twice are met, and three times is the most that was seen."""
_DAY_ZERO = datetime.date(1899, 12, 30)
"""From which Excel counts days (ECMA-376, part 1, 18.17.4.1)."""
_SERIAL = re.compile(r"([34]\d{4})(?:\.0)?")
"""Days that Excel counts: those of 1982 to 2036."""
_TIME = re.compile(r"(?:\s+|T)\d{1,2}:\d\d(?::\d\d)?(?:\s?[AP]M)?$", re.IGNORECASE)
_FORMS = (
    *("%Y-%m-%d", "%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y", "%B %d %Y", "%b %d %Y", "%d %B %Y", "%d %b %Y", "%d-%b-%Y"),
    *("%d-%b-%y", "%Y/%m/%d", "%Y%m%d"),
)
"""The month stands first, as in the United States. The form of the list comes first, since most cells have it."""
_NOTHING = frozenset(
    (
        *("n/a", "na", "n.a", "none", "nil", "nan", "null", "tbd", "tba", "tbc", "unknown", "undefined", "vacant"),
        *("unk", "unfilled", "unnamed", "recruiting", "vacancy", "empty", "pending", "ditto", "unavailable"),
        *("missing", "unassigned", "not available", "open"),
        *("#n/a", "#ref!", "#value!", "#name?", "#null!", "#num!", "#div/0!", "#getting_data", "#spill!", "#calc!"),
    )
)
"""What people and spreadsheets write where nothing is known, in lower case."""
_PHRASE = re.compile(
    r"to be (?:announced|determined|confirmed|filled|appointed|elected|named|hired|decided|added)|"
    r"(?:name )?not (?:known|available|applicable|listed|assigned|filled|given|provided|found|stated|sure)|"
    r"(?:name |names )?(?:withheld|unknown|pending|needed|to follow|coming soon)(?: at (?:present|this time))?|"
    r"(?:will be|awaiting|pending) (?:announced|named|appointment|hire|election)|"
    r"no (?:current|permanent) (?:chief|sheriff)|"
    r"none (?:listed|known|given|named|available|found|provided|on file|yet)|"
    r"(?:currently |now |position |seat |office |post )+(?:is )?(?:vacant|open|unfilled)|"
    r"(?:vacant|open|unfilled) (?:position|seat|office|post)|"
    r"(?:no|none) (?:name|chief|sheriff|address|street|data|info|information|one|record|entry|listing)"
    r"(?: (?:given|listed|known|found|available|on file|at present|at this time))?|"
    r"see (?:the )?(?:notes?|above|below|comments?|attached|attachment|website|web ?site|list|other|previous|remarks?)|"
    r"(?:the )?same(?: as)?(?: (?:above|before|previous|mailing|physical|below))?|as above|"
    r"(?:search|recruitment|hiring) (?:is )?(?:in progress|under ?way|pending)|lorem ipsum|do not know|don't know"
)
_AROUND = " .,;:*()[]<>{}\"'?!-–—_"
_FIRST_WORDS = frozenset(
    (
        *_NOTHING,
        *("name", "names", "will", "awaiting", "withheld", "needed", "coming", "n", "to", "not", "currently", "now"),
        *("position", "seat", "office", "post", "vacant", "open", "unfilled"),
        *("no", "none", "see", "the", "same", "as", "search", "recruitment", "hiring", "lorem", "do", "don't", "don’t"),
        *(word.strip(_AROUND) for word in _NOTHING),
    )
)
"""How a text for nothing can begin: most cells are told from one by their first word."""
_NO_WORD = re.compile(r"[\W_]+|x{2,}|z{3,}")
"""Strokes, question marks, dots, "xxx"."""
_REMARK = re.compile(r"\s*(?:[-–—:;,(/]|\s{2,}).*$")
_MAY_SAY_NONE = frozenset(("id", "hold", "agreement_287g", "agreement_signed", "agreement_list"))
"""Columns with checks of their own, or with free text."""
_ANYTHING = frozenset(("email", "phone", "zip", "state", "office", *_MAY_SAY_NONE))
"""Columns that hold no words of a person, a place or an agency, or whose own checks tell more."""
_ALWAYS_PRINTED = ("title", "first_name", "last_name", "agency", "jurisdiction", "address1", "address2", "city")
"""Columns that every letter prints."""
_NAMES = ("first_name", "last_name")
_ANSWERS = frozenset(("true", "false", "yes", "no", "total", "test"))
"""What is no person, place or agency, though other columns may say it."""
_MARKUP = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>|<!--", re.IGNORECASE)
_FIELD = re.compile(
    r"\{\{.*?\}\}|\{%.*?%\}|[«<]{2}\s*\w+\s*[»>]{2}|«\s*\w[\w ]*»|\$\{\w+\}|\{\s*MERGEFIELD\b", re.IGNORECASE
)
_EMAIL = re.compile(r"[^@\s,;:<>()]+@[^@\s,;<>()]+\.[A-Za-z]{2,}")
# The characters of an atom (RFC 5322, 3.2.3); those of other scripts need SMTPUTF8.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_SENT_TO = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{{2,}}")
"""What can be sent to without an extension of the mail server (RFC 5321, 4.1.2; RFC 6531)."""
_LOOSE_EMAIL = re.compile(r"\S+@\S+\.[A-Za-z]{2,}")
_PHONE = re.compile(
    r"(?:(?:\+?1[\s.-]*)?\(?\d{3}\)?[\s./-]*)?\d{3}[\s.-]+\d{4}(?:\s*(?:x|ext\.?)\s*\d+)?", re.IGNORECASE
)
_DIGITS = 10
# Excel saves numbers in CSV as it shows them, long ones shortened.
_POWER = re.compile(r"\dE\+?\d")
"""A number that a spreadsheet has shortened: 5.18E+09."""
# A program that cannot write a letter writes a question mark in its place: "Garc?a".
_LOST = re.compile(r"[^\W\d_]\?[^\W\d_]")
_CLOSED = re.compile(
    r"\b(?:closed|disbanded|dissolved|defunct|duplicate|do not (?:mail|use|send|contact)|delete|remove|"
    r"see notes?|moved|no longer)\b",
    re.IGNORECASE,
)
_SUSPECT = re.compile(r"[=<{«$@?;\n|*#^~†‡\u0370-\u04ff]|\d{3}[\s.-]+\d{4}|^[\W\d_]+$")
"""What one of the tests below may be about: a long list is looked through once, not a dozen times."""
_GREEK_OR_CYRILLIC, _LATIN = "[\u0370-\u03ff\u0400-\u04ff]", "[A-Za-z]"
# A Cyrillic "а" in a Latin word looks right, and is not found by a search.
_MIXED = re.compile(f"{_LATIN}{_GREEK_OR_CYRILLIC}|{_GREEK_OR_CYRILLIC}{_LATIN}")
_WINDOWS = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)
"""Names that Windows keeps for devices, also before an ending: CON.pdf cannot be made there."""
_EMPTY_IT = "leave the cell empty, or write a reason in the column hold to keep this letter back"


def understood_office(said: str, offices: Collection[str]) -> str:
    """Return the office that a text means; empty where it means none of those known, or more than one.

    Words count, not their order or case; words for an agency or a place are passed over. A status such as "Interim"
    is never passed over: it would be lost.
    """
    return said if said in offices else _understood(said, tuple(offices))


@functools.lru_cache(4096)
def _understood(said: str, offices: tuple[str, ...]) -> str:
    words = _words(said)
    known = {office: frozenset(office.split("_")) for office in offices}
    same = [office for office, own in known.items() if own == words]
    part = [office for office, own in known.items() if words and words < own]
    for found in (same, part):
        if len(found) == 1:
            return found[0]
    return ""


def _words(said: str) -> frozenset[str]:
    found = _WORD.findall(said.casefold().replace("’", "'"))
    spelt = " ".join(_SYNONYMS.get(word, word) for word in found).split()
    return frozenset(word for word in spelt if word not in _FILLERS)


@functools.cache
def _meanings() -> Mapping[str, str]:
    """Map what UTF-8 looks like when it is read in another encoding to what was meant."""
    windows = {code: _windows(bytes([code])) for code in _HIGH}
    # U+2011 and U+2032 are a hyphen and a prime of web pages, U+FEFF is a byte order mark in the middle of a file.
    characters = {*map(chr, range(0xA0, 0x180)), *windows.values(), "\u2011", "\u2032", "\ufeff"}
    made: dict[str, str] = {}
    for character in sorted(characters):
        content = character.encode()
        if len(content) > 1:
            made |= dict.fromkeys((_windows(content), *map(content.decode, _READ_AS)), character)
    # C1 controls stand for nothing in a list: they are Windows-1252 read as Latin-1.
    made |= {chr(code): meant for code, meant in windows.items() if code < 0xA0 and meant != chr(code)}
    return made


def _windows(content: bytes) -> str:
    """Return bytes as Windows reads them, which takes the five that Windows-1252 does not have for controls."""
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in content)


@functools.cache
def _pattern() -> re.Pattern[str]:
    longest_first = sorted(_meanings(), key=len, reverse=True)
    anything = "|".join([*map(re.escape, longest_first), _REPLACED, "[\u0080-\u009f]"])
    # The hundreds of alternatives are tried only where one can begin, which is hardly anywhere in a letter.
    begins = "".join(sorted({re.escape(wrong[0]) for wrong in longest_first}))
    return re.compile(f"(?=[{begins}{_REPLACED}\u0080-\u009f])(?:{anything})")


@functools.cache
def _first_letters() -> frozenset[str]:
    """Return the letters with which wrong letters begin: a text without one, as most are, is told at once."""
    return frozenset((*(wrong[0] for wrong in _meanings()), _REPLACED, *map(chr, range(0x80, 0xA0)), "Õ", "&"))


def wrong_letters(text: str) -> str:
    """Return the first wrong letters of a text; empty where there are none."""
    if text.isascii():
        found = _ENTITY.search(text) if "&" in text else None
        return found[0] if found and html.unescape(found[0]) != found[0] else ""
    if _first_letters().isdisjoint(text):
        return ""
    found = _pattern().search(text) or _MAC_APOSTROPHE.search(text) or _ENTITY.search(text)
    return found[0] if found else ""


def all_wrong_letters(text: str) -> set[str]:
    """Return all wrong letters of a text in which entities are markup, as in a letter."""
    return set() if _first_letters().isdisjoint(text) else set(_pattern().findall(text))


def repaired_text(text: str) -> str:
    """Return a text with the letters that were meant; the text as it is where that is not sure."""
    if (text.isascii() and "&" not in text) or not wrong_letters(text):
        return text
    meant = text
    for _ in range(_MOST_TIMES):
        meant = _pattern().sub(lambda found: _meanings().get(found[0], found[0]), meant)
        meant = _MAC_APOSTROPHE.sub("’", meant)
    meant = _ENTITY.sub(lambda found: html.unescape(found[0]), meant)
    return text if wrong_letters(meant) else meant


def likely_date(text: str) -> str:
    """Return the date that a cell probably means, as 2025-03-19; empty where it means none.

    Known are "3/19/2025", "March 19, 2025", "19-Mar-25", dates with a time, and the number that Excel keeps for a day.
    """
    if found := _SERIAL.fullmatch(text):
        return (_DAY_ZERO + datetime.timedelta(days=int(found[1]))).isoformat()
    # A spreadsheet keeps a day as its midnight: "3/19/2025 0:00".
    day = _TIME.sub("", text.strip())
    spaced = " ".join(re.sub(r"(?<=\d)(?:st|nd|rd|th)\b|[,.]", " ", day).split())
    for form in _FORMS:
        try:
            return datetime.datetime.strptime(spaced, form).date().isoformat()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
    return ""


def sense_problems(recipient: Recipient) -> Iterator[Problem]:
    """Yield a problem for each cell of a row that looks filled and must not be printed as it is."""
    for column, value in recipient.columns.items():
        if value and column not in _MAY_SAY_NONE:
            yield from _cell_problems(recipient.place, column, value)
    yield from _reached_by(recipient)


def _cell_problems(row: Place, column: str, value: str) -> Iterator[Problem]:
    """Yield what is wrong with one cell by itself; the first thing that is surely wrong is enough."""
    if means_nothing(value):
        yield Problem(row._replace(field=column), f'"{value}" is a word for nothing', _EMPTY_IT)
    elif found := wrong_letters(value):
        meant = repaired_text(value)
        hint = "save the list as UTF-8, or type the cell again"
        hint = hint if meant == value else f'is it "{meant}"? Save the list as UTF-8, or type the cell again'
        yield Problem(row._replace(field=column), f'"{value}" holds wrong letters ({named(found)})', hint)
    # Numbers in further columns, such as ids of other lists, are not worth a closer look.
    elif column == "agency" or (
        column not in _ANYTHING
        and (column in _ALWAYS_PRINTED or not value[0].isdigit())
        and (_SUSPECT.search(value) or value.casefold() in _ANSWERS)
    ):
        yield from _foreign(row._replace(field=column), column, value)


def _foreign(place: Place, column: str, value: str) -> Iterator[Problem]:
    """Yield a problem for what belongs into another column, another file or another program."""
    shown = value if len(value) <= 120 else value[:120] + "…"
    if value.startswith("=") and len(value) > 1:
        yield Problem(place, f'"{shown}" is a formula, not its value', "copy the cells and paste them as values")
    elif found := _MARKUP.search(value):
        what = f'"{shown}" holds markup of a web page ("{found[0]}"), which will be printed'
        yield warning(place, what, "type the words alone")
    elif found := _FIELD.search(value):
        what = f'"{shown}" holds a field that nobody filled in ("{found[0]}"), which will be printed'
        yield warning(place, what, "type what it stands for")
    elif column in _ALWAYS_PRINTED and (_EMAIL.fullmatch(value) or _PHONE.fullmatch(value)):
        kind = "an e-mail address" if "@" in value else "a telephone number"
        yield Problem(place, f'"{shown}" is {kind}', "it has a column of its own; are the cells of the row shifted?")
    elif (
        column in _ALWAYS_PRINTED
        and (value in ("TRUE", "FALSE") or column not in _NAMES)
        and value.casefold() in _ANSWERS
    ):
        yield Problem(place, f'"{shown}" is no {column}', "are the cells of the row shifted?")
    elif column in _ALWAYS_PRINTED and not re.search(r"[^\W\d_]", value) and not column.startswith("address"):
        yield Problem(place, f'"{shown}" has no letters', "are the cells of the row shifted?")
    elif column == "agency":
        yield from _odd_agency(place, shown)
    if _LOST.search(value) and column in _ALWAYS_PRINTED:
        what = f'"{shown}" has a question mark within a word: a letter was lost'
        yield warning(place, what, "type the cell again, and save the list as UTF-8")
    if _MIXED.search(value):
        what = f'"{shown}" mixes letters of two alphabets in one word, which look alike'
        yield warning(place, what, "type the cell again")


def _odd_agency(place: Place, value: str) -> Iterator[Problem]:
    if found := _CLOSED.search(value):
        yield warning(place, f'"{value}" holds a remark ("{found[0]}")', "write it into the column hold")
    elif found := re.search(r"[;\n|]", value):
        yield warning(place, f'"{value}" may be two agencies: it holds "{found[0]}"', "give each a row of its own")
    elif found := re.search(r"^[*#^~†‡]+|[*^~†‡]+$", value):
        yield warning(place, f'"{value}" has a mark of a footnote ("{found[0]}")', "write the name alone")


def is_email(text: str) -> bool:
    """Return whether a text is one e-mail address and nothing else."""
    return _SENT_TO.fullmatch(text) is not None


def _reached_by(recipient: Recipient) -> Iterator[Problem]:
    """Yield a warning for an e-mail address or a telephone number that is none."""
    email, phone = recipient["email"], recipient["phone"]
    if email and not means_nothing(email) and "[" not in email and not is_email(email):
        several = len(_LOOSE_EMAIL.findall(email)) > 1
        hint = "one address for each row" if several else "such as name@example.org"
        what = f'"{email}" is {"more than one e-mail address" if several else "not an e-mail address"}'
        yield warning(recipient.at("email"), what, hint)
    is_number = sum(map(str.isdigit, phone)) >= _DIGITS and not _POWER.search(phone)
    if phone and not means_nothing(phone) and "[" not in phone and not is_number:
        what = f'"{phone}" is not a telephone number'
        yield warning(recipient.at("phone"), what, "with the area code, such as 517-555-0100")


def means_nothing(value: str) -> bool:
    """Return whether a text is what people and spreadsheets write where nothing is known.

    Brackets, dots and blanks around it, and a remark behind it, change nothing: "(vacant)", "TBD - see notes".
    """
    first = value.split(None, 1)[0].casefold().strip(_AROUND) if value.strip() else ""
    # A long list has hundreds of thousands of cells: most are told by their first letter.
    if (
        first
        and first not in _FIRST_WORDS
        and ((first[0].isalnum() and first[0] not in "xz") or not _NO_WORD.fullmatch(first))
    ):
        return False
    folded = " ".join(value.casefold().replace("’", "'").split())
    if _NO_WORD.fullmatch(folded) or folded in _NOTHING:
        return True
    bare = re.sub(r"\s*/\s*", "/", folded.strip(_AROUND))
    return _is_nothing(bare) or (" " in bare and _is_nothing(_REMARK.sub("", bare)))


def _is_nothing(bare: str) -> bool:
    return bare in _NOTHING or _PHRASE.fullmatch(bare) is not None


def reserved_id(identifier: str) -> bool:
    """Return whether Windows could not make a file of this name."""
    return _WINDOWS.fullmatch(identifier.partition(".")[0]) is not None


def named(text: str) -> str:
    """Return wrong letters as messages show them, those that cannot be shown by their code point."""
    return f'"{text}"' if text.isprintable() else f"U+{ord(text[0]):04X}"


def not_a_recipient(recipient: Recipient) -> Problem:
    """Return the problem of a row without an id and with next to nothing in it, such as a total under the list."""
    said = ", ".join(f'"{value}"' for value in recipient.columns.values() if value)
    hint = "remove a total or a remark from under the list"
    return Problem(recipient.place, f"no recipient, but a row with {said}", hint)
