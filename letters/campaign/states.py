"""Finds the states of whose law a text speaks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from letters.read.zips import STATE_NAMES

STATUTES = {
    "AL": r"\bAla\. ?(?:Code|Const)",
    "AK": r"\bAlaska (?:Stat|Const)|\bAS \d\d\.",
    "AZ": r"\bA\.R\.S\.|\bAriz\. ?(?:Rev|Const)",
    "AR": r"\bArk\. ?(?:Code|Const)",
    "CA": r"\bCal\. ?(?:Gov|Pen|Const|Civ|Code|Health|Welf|Lab|Veh|Evid)",
    "CO": r"\bC\.R\.S\.|\bColo\. ?(?:Rev|Const)",
    "CT": r"\bConn\. ?(?:Gen|Const)|\bC\.G\.S\.",
    "DE": r"\bDel\. ?(?:Code|Const)",
    "FL": r"\bFla\. ?(?:Stat|Const)",
    "GA": r"\bO\.C\.G\.A\.|\bGa\. ?(?:Code|Const)",
    "HI": r"\bHaw\. ?(?:Rev|Const)|\bHRS\b",
    "ID": r"\bIdaho (?:Code|Const)",
    "IL": r"\bILCS\b|\bIll\. ?(?:Comp|Const|Rev)",
    "IN": r"\bInd\. ?(?:Code|Const)",
    "IA": r"\bIowa (?:Code|Const)",
    "KS": r"\bKan\. ?(?:Stat|Const)|\bK\.S\.A\.",
    "KY": r"\bKy\. ?(?:Rev|Const)|\bKRS\b",
    "LA": r"\bLa\. ?(?:Rev|Const|R\.S|Stat|Code)",
    "ME": r"\bMe\. ?(?:Rev|Stat|Const)|\bM\.R\.S\.",
    "MD": r"\bMd\. ?(?:Code|Const)",
    "MA": r"\bM\.G\.L\.|\bMass\. ?(?:Gen|Const)|\bG\.L\. ?c\.",
    "MI": r"\bMCLA?\b|\bM\.C\.L\.|\bMich\. ?(?:Comp|Const|Laws|Admin|Ct)",
    "MN": r"\bMinn\. ?(?:Stat|Const|R\.)",
    "MS": r"\bMiss\. ?(?:Code|Const)",
    "MO": r"\bMo\. ?(?:Rev|Const|Ann)|\bRSMo\b",
    "MT": r"\bMont\. ?(?:Code|Const)|\bMCA\b",
    "NE": r"\bNeb\. ?(?:Rev|Const)",
    "NV": r"\bNev\. ?(?:Rev|Const)|\bNRS\b",
    "NH": r"\bN\. ?H\. ?(?:Rev|Const)|\bRSA \d",
    "NJ": r"\bN\. ?J\. ?(?:S\. ?A\.|S\. \d|Stat|Admin|Const|A\. ?C)",
    "NM": r"\bN\. ?M\. ?(?:Stat|Const)|\bNMSA\b",
    "NY": r"\bN\. ?Y\. ?(?:[A-Z][\w. ]*? ?(?:Law|L\.)|Const|C\.?P\.?L)",
    "NC": r"\bN\. ?C\. ?(?:Gen|G\. ?S\.|Const)",
    "ND": r"\bN\. ?D\. ?(?:Cent|C\. ?C|Const)",
    "OH": r"\bOhio (?:Rev|Const|Admin)|\bR\.C\. ?\d|\bORC\b",
    "OK": r"\bOkla\. ?(?:Stat|Const)",
    "OR": r"\bORS\b|\bOr\. ?(?:Rev|Const)",
    "PA": r"\bPa\. ?(?:C\. ?S|Cons|Const|Stat)",
    "RI": r"\bR\. ?I\. ?(?:Gen|Const)",
    "SC": r"\bS\. ?C\. ?(?:Code|Const)",
    "SD": r"\bS\. ?D\. ?(?:Codified|C\. ?L|Const)|\bSDCL\b",
    "TN": r"\bTenn\. ?(?:Code|Const)|\bT\.C\.A\.",
    "TX": r"\bTex\. ?(?:[A-Z][\w.’' ]{1,30}? Code|Code|Gov|Const|Penal|Crim|Loc)",
    "UT": r"\bUtah (?:Code|Const)",
    "VT": r"\bV\.S\.A\.|\bVt\. ?(?:Stat|Const)",
    "VA": r"\bVa\. ?(?:Code|Const)",
    "WA": r"\bRCW\b|\bWash\. ?(?:Rev|Const)",
    "WV": r"\bW\. ?Va\. ?(?:Code|Const)",
    "WI": r"\bWis\. ?(?:Stat|Const|Admin)",
    "WY": r"\bWyo\. ?(?:Stat|Const)",
}
"""How the statutes and constitutions of each state are cited: Bluebook, table T1.3, and the short forms of practice."""
STATUTE, LAW, MENTION = 3, 2, 1
"""Points for a mention: of a statute or of the law of a state, of its courts and agencies, of its name."""
_LAW_WORDS = (
    r"\s+(?:law|laws|statutes?|constitution|compiled laws|revised (?:code|statutes)|code|administrative code)\b"
)
_ABOUT_LAW = (
    r"\b(?:laws?|statutes?|constitution|legislature)\s+of\s+(?:the\s+(?:great\s+)?(?:state|commonwealth)\s+of\s+)?$"
)
_INSTITUTIONS = (
    r"\s+(?:courts?|supreme court|court of appeals|legislature|attorney general|sheriffs?|police|agenc(?:y|ies)|"
    r"counties|rules?)\b"
)
_ACT = r"(?:[’']s)?\s+(?:[A-Z][\w-]*\s+){1,5}Act\b"
"""A statute by its name: "the Illinois TRUST Act", "New Jersey's Immigrant Trust Act"."""
_IN_STATE = r"\b(?:in|of|throughout|across|around)\s+(?:the\s+(?:state|commonwealth)\s+of\s+)?$"
_PARTY_OR_OTHER = r"(?:\bv\.\s+|\bWest\s+|\bNew\s+|\*)$"
""""United States v. Texas", "*Arizona*"; West Virginia is not Virginia."""
_NOT_A_STATE = r"(?!\s+v\.)(?!,?\s+D\.C\.)(?!\s+(?:City|County|Street|Avenue|Post|Times)\b)"
_PEOPLE = r"\b(?:George|Booker\s+T\.|Denzel)\s+$"
_CODES = {name: code for code, name in STATE_NAMES.items()}
_ANY_NAME = "|".join(sorted(_CODES, key=len, reverse=True)).replace(" ", r"\s+")
_NAMES = re.compile(rf"\b({_ANY_NAME})\b{_NOT_A_STATE}")
_STATUTES = re.compile(f"(?=[A-Z])(?:{'|'.join(f'(?P<{code}>{form})' for code, form in STATUTES.items())})")
"""All begin with a capital: to look for one first takes a thirtieth of the time."""
_BEFORE = 60
"""Characters before a name that are looked at."""


class Mention(NamedTuple):
    """A place where a text speaks of a state."""

    state: str
    points: int
    offset: int


def mentions(text: str) -> Iterator[Mention]:
    """Yield each mention of a state in a text that has no tags; parties of cases and people are none."""
    for found in _NAMES.finditer(text):
        before = text[max(0, found.start() - _BEFORE) : found.start()]
        if not re.search(f"{_PARTY_OR_OTHER}|{_PEOPLE}", before):
            state = _CODES[" ".join(found[1].split())]
            yield Mention(state, _points(before, text[found.end() :]), found.start())
    for found in _STATUTES.finditer(text):
        assert found.lastgroup
        yield Mention(found.lastgroup, STATUTE, found.start())


def _points(before: str, behind: str) -> int:
    if (
        re.match(_LAW_WORDS, behind, re.IGNORECASE)
        or re.match(_ACT, behind)
        or re.search(_ABOUT_LAW, before, re.IGNORECASE)
    ):
        return STATUTE
    if re.match(_INSTITUTIONS, behind, re.IGNORECASE) or re.search(_IN_STATE, before, re.IGNORECASE):
        return LAW
    return MENTION
