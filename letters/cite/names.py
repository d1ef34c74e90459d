"""Finds the name of a case in front of its citation, and compares names that are abbreviated differently."""

from __future__ import annotations

import re

_DOCKET = re.compile(r",? Nos?\. [\w:./-]+(?:(?:, | and | & )[\w:./-]+)*$")
_SIGNALS = re.compile(
    r"^(?:(?:[Ss]ee|[Aa]ccord|[Cc]f\.|[Ee]\.g\.|[Bb]ut|[Cc]ompare|[Ww]ith|[Cc]ontra|[Qq]uoting|[Cc]iting|[Aa]lso|[Gg]enerally"
    r"|[Ii]n(?! re\b)|[Uu]nder|[Aa]nd|[Oo]f|[Ff]or|[Tt]he|[Ll]ike|[Aa]ff[’']d),? +)+"
)
_SMALL = frozenset(
    ("of", "the", "and", "for", "&", "ex", "rel.", "de", "la", "von", "van", "et", "al.", "on", "in", "re", "v.", "v")
)
_ABBREVIATION = re.compile(
    r"(?:[A-Z]\.)+|(?:Bd|Cnty|Cty|Comm[’']?rs?|Dep[’']?t|Ass[’']?n|Nat[’']?l|Int[’']?l|Gov[’']?t|Servs?|Soc|Inc|Co|Corp|Ltd|Univ"
    r"|Twp|Dist|Sch|Auth|Educ|Pub|Elec|Ins|Mfg|Ctr|Hosp|Fed|Gen|Sec[’']?y|Env[’']?t|St|Mt|Ft|No|Jr|Sr|Dr|Mr|Ms|Mrs)\."
)
_EXPANDED = {
    "bd": "board",
    "cnty": "county",
    "cty": "county",
    "commrs": "commissioners",
    "commr": "commissioner",
    "dept": "department",
    "assn": "association",
    "natl": "national",
    "intl": "international",
    "govt": "government",
    "servs": "services",
    "serv": "service",
    "soc": "social",
    "univ": "university",
    "twp": "township",
    "dist": "district",
    "sch": "school",
    "auth": "authority",
    "educ": "education",
    "pub": "public",
    "us": "united states",
}
_LONGEST = 160
"""Characters before a citation in which the name of the case is looked for."""


def name_before(text: str, end: int, emphasis: list[tuple[int, int]], *, needs_comma: bool = True) -> tuple[str, int]:
    """Find the name of a case that ends before a position, and where it begins; "" and the position for none."""
    before = text[max(0, end - _LONGEST) : end].rstrip()
    if needs_comma and not before.endswith(","):
        return "", end
    before = _DOCKET.sub("", before.rstrip(" ,"))
    stop = max(0, end - _LONGEST) + len(before)
    for first, last in emphasis:
        if text[first:last].rstrip(" ,") and first < stop and first + len(text[first:last].rstrip(" ,")) == stop:
            return _without_signals(text[first:stop], first)
    name, start = _without_signals(*_words_before(before, stop))
    return (name, start) if name else ("", end)


def _without_signals(name: str, start: int) -> tuple[str, int]:
    signals = _SIGNALS.match(name)
    cut = signals.end() if signals else 0
    return name[cut:], start + cut


def _words_before(before: str, stop: int) -> tuple[str, int]:
    """Take the words in front of a position that can be the name of a case, back to the end of a sentence."""
    start = len(before)
    for word in reversed(list(re.finditer(r"\S+", before))):
        said = word[0].strip('“”‘’"(')
        if not (said in _SMALL or said[:1].isupper() or said.isdigit()):
            break
        ends_sentence = said.endswith((".", ";", ":")) and said not in _SMALL and not _ABBREVIATION.fullmatch(said)
        if start < len(before) and ends_sentence:
            break
        start = word.start() + (len(word[0]) - len(word[0].lstrip('“”‘’"(')))
    name = before[start:]
    is_name = re.search(r"\S v\.? \S|^In re |^Ex parte |^Matter of |^[A-Z][\w’'-]+$", _without_signals(name, 0)[0])
    return (name, stop - len(name)) if is_name else ("", stop)


def folded(name: str) -> str:
    """Write a name without punctuation and abbreviations, to compare it."""
    words = re.sub(r"[’'.]", "", name.lower()).replace("&", " and ")
    plain = re.findall(r"\w+", words)
    return " ".join(_EXPANDED.get(word, word) for word in plain if word != "the")
