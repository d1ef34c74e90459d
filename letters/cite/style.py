"""Writes the citations of an authority in either style, and those that {{ cite.KEY }} stands for into a letter."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from letters.cite.find import CitationKind, arabic, find_citations, read_phrase
from letters.model.problems import Problem, did_you_mean
from letters.model.records import Insertion, Letter, Source
from letters.model.settings import WHOLE, Authorities, Authority, CiteStyle

PAGE = "[page]"
"""What stands where a case needs a pinpoint that the authorities file does not have."""
_WHEN = re.compile(r" \([^()]*\d{4}\)(?= \([^()]*\)$|$)")
"""The court and the year at the end of a full citation, which a pinpoint stands before."""
_CASE = re.compile(r"(\*[^*]+\*)(,? .*)", re.DOTALL)
# The Michigan Appellate Opinion Manual has "(CA 6, 2024)" and "(ED Mich, 2018)".
_CIRCUIT = re.compile(r"\((\d+)(?:st|d|th) Cir\. (\d{4})\)")
_COURT = re.compile(r"\(((?:[NSEWMC]\.)?D\. [A-Z][^()\d]*?) (\d{4})\)")
# Comments and raw text come first: a tag inside of them is none.
_TAG = re.compile(
    r"\{#.*?#\}|\{%-?\s*raw\s*-?%\}.*?\{%-?\s*endraw\s*-?%\}"
    r"|\{\{-?\s*cite\b(?P<rest>[^{}]*?)\s*-?\}\}",
    re.DOTALL,
)
_REST = re.compile(
    r"""\s*(?:\.\s*(?P<key>[\w-]+)|\[\s*["'](?P<quoted>[^"']+)["']\s*\])"""
    r"""(?:\s*\.\s*(?P<form>\w+)\s*(?:\(\s*(?:["'](?P<pin>[^"']*)["']\s*)?\))?)?""",
    re.DOTALL,
)
_LONGEST = 500_000
"""Characters of a text with its citations."""
_FORMS = ("full", "short", "name")
_HINT = (
    'such as {{ cite.printz }}, {{ cite.printz.short("935") }}, {{ cite.printz.full("935") }} or {{ cite.printz.name }}'
)


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


def _write_name(authority: Authority) -> str:
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
    # Bluebook 18.3: a page of a database has a star, and "at" before it.
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
        return re.sub(r"Mich\. Const\. art\. ([IVX]+)", lambda match: f"Const 1963, art {arabic(match[1])}", words)
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


def write_cites_of(letter: Letter, authorities: Authorities | None, shown: str) -> tuple[Letter, list[Problem]]:
    """Return a letter or an enclosure with each citation in the place of its tag, and what is wrong with the tags.

    The tags of a letter made in Word stay in its file, where they are told as fields that there are not.
    """
    if letter.word:
        return letter, []
    body, problems = write_cites(letter.body, authorities, shown)
    if letter.frame is None:
        return letter._replace(body=body), problems
    frame, more = write_cites(letter.frame, authorities, shown)
    return letter._replace(body=body, frame=frame), [*more, *problems]


def write_cites(source: Source, authorities: Authorities | None, shown: str) -> tuple[Source, list[Problem]]:
    """Return a source with each citation in the place of its tag, and what is wrong with the tags.

    `shown` is the name of the authorities file for messages. Every other character keeps its place in the user's file.
    """
    writer = _Writer(source, authorities, shown)
    position = 0
    for match in _TAG.finditer(source.text):
        if match["rest"] is not None:
            writer.add(source.text[position : match.start()])
            writer.add_cite(match)
            position = match.end()
    if not position:
        return source, []
    writer.add(source.text[position:])
    text = "".join(writer.pieces)
    return source._replace(text=text, insertions=tuple(writer.insertions)), writer.problems


@dataclass(slots=True)
class _Writer:
    source: Source
    authorities: Authorities | None
    shown: str
    pieces: list[str] = field(default_factory=list)
    insertions: list[Insertion] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    length: int = 0
    is_full: bool = False
    """Whether the limit was reached, after which no citation is written."""

    def add(self, text: str) -> None:
        self.pieces.append(text)
        self.length += len(text)

    def add_cite(self, match: re.Match[str]) -> None:
        place = self.source.place(match.start())
        read = _REST.fullmatch(match["rest"])
        key = (read["key"] or read["quoted"]) if read else ""
        words = ""
        if not read or (read["form"] or "full") not in _FORMS:
            what = f"{' '.join(match[0].split())} is not how a citation is written"
            self.problems.append(Problem(place, what, _HINT))
        elif self.authorities is None:
            hint = f'write it with a table for each source: [{key}], and below it full = "…" and read_by = "unread"'
            self.problems.append(Problem(place, f"the letter cites {key}, but there is no {self.shown}", hint))
        elif not (authority := self._authority(key)):
            hint = did_you_mean(key, self.authorities.by_key)
            self.problems.append(Problem(place, f'there is no authority "{key}" in {self.shown}', hint))
        elif self.length > _LONGEST:
            if not self.is_full:
                what = f"with its citations the text has more than {_LONGEST:,} characters, too many for a letter"
                self.problems.append(Problem(place, what, "shorten the entries of the authorities file"))
            self.is_full = True
        else:
            words = " ".join(_words(authority, read).split())
            key = next(known for known, each in self.authorities.by_key.items() if each is authority)
        # A tag that goes on in the next line keeps its line breaks, so that every line below keeps its number.
        words += "\n" * match[0].count("\n")
        self.insertions.append(Insertion(self.length, self.length + len(words), match[0], key))
        self.add(words)

    def _authority(self, key: str) -> Authority | None:
        known = self.authorities.by_key if self.authorities else {}
        return known.get(key) or known.get(key.replace("_", "-"))


def _words(authority: Authority, read: re.Match[str]) -> str:
    form, pin = read["form"], (read["pin"] or "").strip()
    if form == "name":
        return _write_name(authority)
    if form == "short":
        return write_short(authority, pin)
    return write_full(authority, pin, parenthetical=form is None)
