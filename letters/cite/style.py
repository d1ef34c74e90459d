"""Writes the citations of an authority: in full with its pinpoint and parenthetical, or short, in either style."""

from __future__ import annotations

import re
from dataclasses import replace

from letters.cite.find import CitationKind, find_citations
from letters.cite.passages import read_phrase
from letters.model.settings import WHOLE, Authorities, Authority, CiteStyle

PAGE = "[page]"
"""What stands where a case needs a pinpoint that the authorities file does not have."""
_WHEN = re.compile(r" \([^()]*\d{4}\)(?= \([^()]*\)$|$)")
"""The court and the year at the end of a full citation, which a pinpoint stands before."""
_CASE = re.compile(r"(\*[^*]+\*)(,? .*)", re.DOTALL)
_CIRCUIT = re.compile(r"\((\d+)(?:st|d|th) Cir\. (\d{4})\)")
_COURT = re.compile(r"\(((?:[NSEWMC]\.)?D\. [A-Z][^()\d]*?) (\d{4})\)")
_ROMAN = {"I": "1", "II": "2", "III": "3", "IV": "4", "V": "5", "VI": "6", "VII": "7", "VIII": "8", "IX": "9"}


def kind_of(authority: Authority) -> CitationKind:
    """Return what sort of source an authority is."""
    phrase = read_phrase(authority.full)
    return next((each.kind for each in find_citations(phrase.text, phrase.emphasis)), CitationKind.OTHER)


def write_full(authority: Authority, pin: str = "", *, parenthetical: bool = True) -> str:
    """Return the full citation as Markdown; `pin` is a page or a subsection, else the pinpoint of the file is taken.

    A case without either has a bracket in its place, unless the file says that it is cited as a whole.
    """
    kind = kind_of(authority)
    words = _with_pin(authority.full, pin or ("" if authority.pin == WHOLE else authority.pin), kind, authority.pin)
    words += " (unpublished)" if authority.unpublished and "unpublished" not in words else ""
    return f"{words} ({authority.says})" if parenthetical and authority.says else words


def write_short(authority: Authority, pin: str = "") -> str:
    """Return the short form as Markdown; constitutions have none and are cited in full."""
    kind = kind_of(authority)
    if kind is CitationKind.CONSTITUTION or not authority.short:
        return write_full(authority, pin, parenthetical=False)
    if kind is not CitationKind.CASE:
        return f"{authority.short}{pin}" if pin.startswith("(") else " ".join(filter(None, (authority.short, pin)))
    page = pin or authority.pin
    return f"{authority.short} {PAGE if page in ('', WHOLE) else _escaped(page)}"


def write_name(authority: Authority) -> str:
    """Return the name of a case in italics, for a sentence of the text; another source in full."""
    if authority.name:
        return authority.name
    case = _CASE.fullmatch(authority.full)
    return case[1] if case and kind_of(authority) in (CitationKind.CASE, CitationKind.OTHER) else authority.full


def _with_pin(full: str, pin: str, kind: CitationKind, known: str) -> str:
    if kind in (CitationKind.CODE, CitationKind.CONSTITUTION):
        return f"{full}{pin}" if pin.startswith("(") or not pin else f"{full}, {pin}"
    if not pin:
        if kind is not CitationKind.CASE or known == WHOLE:
            return full
        pin = PAGE
    when = list(_WHEN.finditer(full))
    at = when[0].start() if when else len(full)
    of_database = pin.startswith("*") or (pin == PAGE and " WL " in full)
    between = ", at " if of_database else ", " if kind is CitationKind.CASE else " "
    return f"{full[:at]}{between}{_escaped(pin)}{full[at:]}"


def _escaped(page: str) -> str:
    """Return a page with the star of a database page as pandoc prints it."""
    return page.replace("*", r"\*")


def in_style(authorities: Authorities, style: CiteStyle) -> Authorities:
    """Return the authorities with citations in the style of a campaign; the file has them as the Bluebook does."""
    if style is CiteStyle.BLUEBOOK:
        return authorities
    return replace(authorities, by_key={key: _in_michigan(each) for key, each in authorities.by_key.items()})


def _in_michigan(authority: Authority) -> Authority:
    """Write an authority without periods, as the Michigan Appellate Opinion Manual does."""
    kind = kind_of(authority)
    full = authority.michigan or (authority.full if kind is CitationKind.OTHER else michigan(authority.full, kind))
    short, name = michigan(authority.short, kind), _without_periods(authority.name)
    return replace(authority, full=full, short=authority.short if kind is CitationKind.OTHER else short, name=name)


def michigan(cite: str, kind: CitationKind) -> str:
    """Return a citation as Michigan's courts write it: *Urrieta*, 520 F3d 569 (CA 6, 2008); 8 USC 1373; MCL 764.15."""
    if kind is CitationKind.CONSTITUTION:
        words = re.sub(r"U\.S\. Const\. amend\. ", "US Const, Am ", cite)
        return re.sub(
            r"Mich\. Const\. art\. ([IVX]+)", lambda match: f"Const 1963, art {_ROMAN.get(match[1], match[1])}", words
        )
    if kind is CitationKind.CODE:
        words = re.sub(r"(\d+) U\.S\.C\. §§? ?", r"\1 USC ", cite)
        words = re.sub(r"(\d+) C\.F\.R\. §§? ?", r"\1 CFR ", words)
        return re.sub(r"Mich\. Comp\. Laws §§? ?", "MCL ", words)
    case = _CASE.fullmatch(cite)
    name, rest = (case[1], case[2]) if case else ("", cite)
    rest = _CIRCUIT.sub(r"(CA \1, \2)", rest)
    rest = _COURT.sub(r"(\1, \2)", rest)
    return f"{_without_periods(name)}{_without_periods(rest)}"


def _without_periods(words: str) -> str:
    joined = re.sub(r"(?<=[A-Z])\.(?=[A-Z])", "", words)  # W.D. and U.S.
    return re.sub(r"(?<=[A-Za-z’'])\.(?=\s|,|\d|[a-z*)]|$)", "", joined).replace(" v. ", " v ")
