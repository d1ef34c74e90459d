"""Reads a source as a person does, as plain text, and finds the legal citations in a text.

The body of a source and its notes are passages, which still know where their words stand. Found are cases in any
reporter, codes, regulations, constitutions, and short forms. The name of a case stands in front of its citation.
"""

from __future__ import annotations

import bisect
import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from letters.model.problems import Place
from letters.model.records import Source

_NOTE_TEXT = re.compile(r"^ {0,3}\[\^([^\]\s]+)\]:[ \t]*", re.MULTILINE)
# A paragraph that is indented is one more of the note.
_NOTE_END = re.compile(r"\n[ \t]*\n(?! {4}|\t)")
_PIECE = re.compile(
    r"(?P<comment>\{#.*?#\})|(?P<output>\{\{.*?\}\})|(?P<statement>\{%.*?%\})|(?P<call>\[\^[^\]\s]+\])"
    r"|(?P<escape>\\[^\w\s])|(?P<class>\]\{[^}\n]*\})|(?P<fence>^[ \t]*:::.*$)"
    r"|(?P<marker>^[ \t]*(?:\#{1,6}|[-*+]|\(?\d{1,3}[.)])[ \t]+)"
    r"|(?P<emphasis>\*{1,3}|(?<!\w)_{1,2}(?=\S)|(?<=\S)_{1,2}(?!\w))|(?P<end>\n[ \t]*\n\s*)"
    r"|(?P<space>(?! \S)[\s\u00a0]+)",
    re.DOTALL | re.MULTILINE,
)
"""What is not plain text; a single space between words is."""
_REFERENCE = re.compile(r"""note(?:\.(\w+)|\[["']([^"']+)["']\])""")
_CONDITION = re.compile(r"\{%[-+]?\s*(if|for|elif|else|endif|endfor)\b.*?%\}|\[\^([^\]\s]+)\](?!:)", re.DOTALL)
# Between the name of a case and its cite there may be the number of its docket.
_DOCKET = re.compile(r",? Nos?\. [\w:./-]+(?:(?:, | and | & )[\w:./-]+)*$")
# What stands before the name of a case and is no part of it.
_SIGNALS = re.compile(
    r"^(?:(?:[Ss]ee|[Aa]ccord|[Cc]f\.|[Ee]\.g\.|[Bb]ut|[Cc]ompare|[Ww]ith|[Cc]ontra|[Qq]uoting|[Cc]iting|[Aa]lso|[Gg]enerally"
    r"|[Ii]n(?! re\b)|[Uu]nder|[Aa]nd|[Oo]f|[Ff]or|[Tt]he|[Ll]ike|[Aa]ff[’']d),? +)+"
)
_SMALL = frozenset(
    ("of", "the", "and", "for", "&", "ex", "rel.", "de", "la", "von", "van", "et", "al.", "on", "in", "re", "v.", "v")
)
# Bluebook, table T6: a full stop behind one of these ends no sentence.
_ABBREVIATION = re.compile(
    r"(?:[A-Z]\.)+|(?:Bd|Cnty|Cty|Comm[’']?rs?|Dep[’']?t|Ass[’']?n|Nat[’']?l|Int[’']?l|Gov[’']?t|Servs?|Soc|Inc|Co|Corp|Ltd|Univ"
    r"|Twp|Dist|Sch|Auth|Educ|Pub|Elec|Ins|Mfg|Ctr|Hosp|Fed|Gen|Sec[’']?y|Env[’']?t|St|Mt|Ft|No|Jr|Sr|Dr|Mr|Ms|Mrs)\."
)
_LONGEST = 160
"""Characters before a citation in which the name of the case is looked for."""
# Bluebook, table T1; Michigan's courts write reporters without periods.
_KNOWN = (
    r"U\. ?S\.|US|S\. ?Ct\.|S Ct|L\. ?Ed\.(?: ?2d)?|L Ed(?: ?2d)?|F\. ?App[’']x|F App[’']x|F\. ?Supp\.(?: ?[23]d)?"
    r"|F Supp(?: ?[23]d)?|F\. ?R\. ?D\.|F\. ?(?:2d|3d|4th)|F ?(?:2d|3d|4th)|F\.|[NS]\. ?[EW]\.(?: ?[23]d)?"
    r"|[NS][EW] ?[23]d|I\. ?& ?N\. ?Dec\.|Ohio(?: St\.| App\.)?(?: ?[23]d)?|Mich(?:\.? App\.?|\.)?"
    r"|N\. ?Y\. ?S\.(?: ?[23]d)?|(?:A|P|So)\.(?: ?[23]d)?"
    r"|(?:Ariz|Ark|Cal|Colo|Conn|Fla|Ill|Kan|Mass|Md|Minn|Neb|Nev|Tenn|Tex|Wash|Wis)(?: App)?(?: ?[2-5](?:d|th))?"
)
_OTHER = r"[A-Z][A-Za-z]*\.(?: ?[A-Z][A-Za-z’']*\.){0,3}(?: ?(?:2d|3d|4th|5th|6th|7th))?"
# Abbreviations behind a number that are no reporter: "12 Jan. 2020", "3 Ave. B".
_NO_REPORTER = r"(?!(?:Nos?|Art|Mr|Mrs|Ms|Dr|Ave|Rd|Ste|Apt|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.)"
_SERIES = r"WL|U\. ?S\. ?(?:Dist|App)\. LEXIS"
_REPORTER = rf"(?:{_SERIES}|{_KNOWN}|{_NO_REPORTER}{_OTHER})"
# Instead of a page there may be a place that is still to be filled in: "[page]", "___".
_CITE = re.compile(
    rf"(?<![\w.$§-])(\d{{1,4}}) ({_REPORTER}) (?:(at) )?(\*?\d{{1,9}}|_{{2,}}|\[page\])(?![\d,]\d)(?!\.\d)"
)
_PARALLEL = re.compile(rf"[,;] (\d{{1,4}}) ({_REPORTER}) (\d{{1,9}}|_{{2,}})")
# A number before a capital or a section sign is the volume or title of the next citation.
_PIN = re.compile(r", (?:at )?(?:\[page\]|\*?\d+(?:[-–]\*?\d+)?(?: & ?)?(?: ?nn?\. ?\d+)?)(?! [A-Z§])")
_WHEN = re.compile(r" \(((?:[^()]*?[ ,])?)(\d{4})\)")
_SUBSECTIONS = r"(?:\([0-9A-Za-z]{1,5}\))*"
_SECTION = rf"\d+[A-Za-z]*(?:[.:-]\d+[A-Za-z]*)*{_SUBSECTIONS}"
_NEXT = r"(?:,(?: and| or)?| and| or| &|–|-| to| through) ?"
# So is a number in a list of sections that goes on with such a word: "8 U.S.C. § 1373 and 42 U.S.C. § 1983".
_SECTIONS = rf"{_SECTION}(?:{_NEXT}(?:{_SECTION}|(?:\([0-9A-Za-z]{{1,5}}\))+)(?!\w|\.\d| [A-Z]))*"
_SIGN = r"(?:§§? ?|[Ss]ections? |[Ss]ecs?\. )"
_CODES = (
    ("usc", "C", re.compile(rf"(?<![\w.])(\d{{1,2}}) U\.? ?S\.? ?C\.?(?: ?A\.)? {_SIGN}?({_SECTIONS})")),
    ("cfr", "C", re.compile(rf"(?<![\w.])(\d{{1,2}}) C\.? ?F\.? ?R\.? (?:{_SIGN}|[Pp]arts? |pts?\. )?({_SECTIONS})")),
    ("fedreg", "Reg", re.compile(r"(?<![\w.])(\d{1,3}) Fed\. ?Reg\. ()([\d,]+\d)")),
    ("mcl", "L", re.compile(rf"\bM\.?C\.?L\.?(?:A\.?)?()(?: {_SIGN})? ?({_SECTIONS})")),
    ("mcl", "Laws", re.compile(rf"\bMich\. Comp\. Laws(?: Ann\.)?() {_SIGN}({_SECTIONS})")),
    ("mcr", "R", re.compile(rf"\b(?:MCR|Mich\. Ct\. R\.)() ({_SECTION})")),
    ("rules", "Fed", re.compile(rf"\bFed\. ?R\. ?((?:Civ|Crim|App|Evid)\.)(?: ?P\.)? ({_SECTION})")),
    ("pa", "A", re.compile(r"(?<![\w.])(\d{4}) P\.?A\.? (\d{1,4})\b")),
    ("publ", "Pub", re.compile(r"\bPub(?:\.|lic) L(?:\.|aw)(?: No\.)? ()(\d+-\d+)")),
)
"""Each code, what stands in every text that cites it, and how it is cited: most texts need not be looked through."""
_SHOWN = {
    "usc": "U.S.C. §",
    "cfr": "C.F.R. §",
    "fedreg": "Fed. Reg.",
    "mcl": "MCL",
    "mcr": "MCR",
    "rules": "rule",
    "pa": "PA",
    "publ": "Pub. L.",
}
_BARE = re.compile(rf"(?<![\w.]) ?§§? ?({_SECTIONS})")
_CONSTITUTION = re.compile(
    r"\b(?:(U\.? ?S\.? |Mich\.? )Const\.?|(Const) 1963),?(?: 1963,?)? (art|amend|Am)\.? (\d+|[IVXLC]+)"
    r"(?:,? (?:§|cl\.?) ?(\d+))?"
)
_ID = re.compile(r"\b[Ii]d\.(?: at \d[\d–-]*| §§? ?[\d.]+(?:\(\w+\))*)?")
_SUPRA = re.compile(r",? supra,?(?: (?:notes?|nn?\.) (‹note\.[^›]+›|\d+))?")


@dataclass(slots=True)
class Passage:
    """The body of a source, or one of its notes, as plain text; paragraphs end with a line break."""

    source: Source
    note: str = ""
    """The name of the note; empty for the body."""
    text: str = ""
    emphasis: list[tuple[int, int]] = field(default_factory=list)
    """Where emphasized words begin and end."""
    calls: dict[str, int] = field(default_factory=dict)
    """Where each note is called."""
    path: dict[str, str] = field(default_factory=dict)
    """The conditions around each call, to tell whether two notes always come together."""
    _starts: list[int] = field(default_factory=list)
    _offsets: list[int] = field(default_factory=list)
    _read: list[tuple[int, int]] = field(default_factory=list)
    """The stretches of the source that it is made of."""

    def add(self, piece: str, offset: int) -> None:
        """Add plain text that begins at an offset of the source."""
        if piece:
            self._starts.append(len(self.text))
            self._offsets.append(offset)
            self.text += piece

    def reads(self, start: int, end: int) -> None:
        """Note that a stretch of the source belongs to it."""
        self._read.append((start, end))

    def may_hold(self, offset: int) -> bool:
        """Return whether an offset of the source lies between its beginning and its end."""
        return bool(self._read) and self._read[0][0] <= offset < self._read[-1][1]

    def place(self, position: int) -> Place:
        """Return where in the user's files a position of the plain text stands."""
        return self.source.place(self.offset(position))

    def offset(self, position: int) -> int:
        """Return where in the source a position of the plain text stands."""
        at = max(0, bisect.bisect_right(self._starts, position) - 1)
        start, offset = (self._starts[at], self._offsets[at]) if self._starts else (0, 0)
        return offset + position - start

    def position(self, offset: int) -> int | None:
        """Return the position in the plain text of an offset of the source; None where that is another passage's."""
        if not any(start <= offset < end for start, end in self._read):
            return None
        at = bisect.bisect_right(self._offsets, offset) - 1
        if at < 0:
            return 0
        end = self._starts[at + 1] if at + 1 < len(self._starts) else len(self.text)
        return min(end, self._starts[at] + offset - self._offsets[at])


def read_passages(source: Source) -> list[Passage]:
    """Read the body of a source and each of its notes, the body first."""
    notes = list(_notes(source.text))
    body = Passage(source)
    position = 0
    for _, _, start, end in notes:
        _read(body, position, start)
        position = end
    _read(body, position, len(source.text))
    passages = [body]
    for name, text_start, _, end in notes:
        note = Passage(source, name)
        _read(note, text_start, end)
        passages.append(note)
    _find_paths(body)
    return passages


@functools.lru_cache(1000)  # the authorities of a campaign are read again and again
def read_phrase(text: str) -> Passage:
    """Read a few words of Markdown, such as the full citation of an authority."""
    return read_passages(Source("", " ".join(text.split())))[0]


def _notes(text: str) -> Iterator[tuple[str, int, int, int]]:
    """Yield the name of each note, where its text begins, and where the whole of it begins and ends."""
    matches = list(_NOTE_TEXT.finditer(text))
    for match, following in zip(matches, [*matches[1:], None], strict=False):
        stop = _NOTE_END.search(text, match.end())
        end = min(stop.end() if stop else len(text), following.start() if following else len(text))
        yield match[1], match.end(), match.start(), end


def _read(passage: Passage, start: int, end: int) -> None:
    """Read a stretch of the source into a passage."""
    text = passage.source.text
    position = start
    passage.reads(start, end)
    opened: list[int] = []
    for piece in _PIECE.finditer(text, start, end):
        passage.add(text[position : piece.start()], position)
        kind, said = str(piece.lastgroup), piece[0]
        if kind == "call":
            passage.calls.setdefault(said[2:-1], len(passage.text))
        elif kind == "emphasis":
            if opened:
                passage.emphasis.append((opened.pop(), len(passage.text)))
            else:
                opened.append(len(passage.text))
        else:
            passage.add(_shown(kind, said), piece.start())
        position = piece.end()
    passage.add(text[position:end], position)


def _shown(kind: str, said: str) -> str:
    """Return what a piece of mark-up is in plain text."""
    if kind == "output":
        expression = said[2:-2].strip("-+ \t\n")
        reference = _REFERENCE.fullmatch(expression)
        return f"‹note.{reference[1] or reference[2]}›" if reference else f"‹{expression.partition('|')[0].strip()}›"
    if kind == "statement":
        # The words of two branches are no one phrase.
        return " / " if said[2:-2].strip("-+ \t\n").startswith(("elif", "else")) else ""
    return {"escape": said[1:], "class": "]", "end": "\n", "space": " "}.get(kind, "")


def _find_paths(body: Passage) -> None:
    """Find the conditions around each call, each by where its branch begins."""
    open_branches: list[int] = []
    for match in _CONDITION.finditer(body.source.text):
        if match[2]:
            body.path.setdefault(match[2], "/".join(map(str, open_branches)))
        elif match[1] in ("if", "for"):
            open_branches.append(match.start())
        elif open_branches:
            open_branches.pop()
            if match[1] in ("elif", "else"):
                open_branches.append(match.start())


class CitationKind(StrEnum):
    """What sort of authority a citation names, or how it points back to one."""

    CASE = "case"
    CODE = "code"
    CONSTITUTION = "constitution"
    SHORT = "short form"
    ID = "id."
    SUPRA = "supra"
    OTHER = "other source"


class Citation(NamedTuple):
    """One citation in a plain text."""

    kind: CitationKind
    start: int
    end: int
    text: str
    """As it stands, with the name of the case."""
    name: str = ""
    """The parties of a case, or what stands before supra."""
    keys: tuple[tuple[str, str, str], ...] = ()
    """Reporter, volume and page of each parallel cite; or code, title and section."""
    path: tuple[str, ...] = ()
    """The subsections of a code: ("a", "15", "U")."""
    court: str = ""
    year: str = ""
    note: str = ""
    """The note that supra points to: ‹note.NAME›, or a number typed by hand."""


def find_citations(text: str, emphasis: list[tuple[int, int]] | None = None) -> list[Citation]:
    """Find the citations of a plain text in its order; emphasized words before a cite are the name of the case."""
    return list(_found(text, tuple(emphasis or ())))


@functools.lru_cache(1000)  # of a letter that is being written most notes stay as they are, and all authorities
def _found(text: str, emphasis: tuple[tuple[int, int], ...]) -> Sequence[Citation]:
    found: list[Citation] = []
    # A byte for each character that a citation has: the surest sorts come first, and others may not share a part.
    taken = bytearray(len(text))
    for citation in _all(text, list(emphasis)):
        if not any(taken[citation.start : citation.end]):
            taken[citation.start : citation.end] = b"\1" * (citation.end - citation.start)
            found.append(citation)
    return sorted(_with_codes(sorted(found, key=lambda c: c.start)), key=lambda c: c.start)


def _all(text: str, emphasis: list[tuple[int, int]]) -> Iterator[Citation]:
    """Yield everything that looks like a citation, the surest sorts first."""
    for code, word, pattern in _CODES:
        for match in pattern.finditer(text) if word in text else ():
            yield from _sections(match, code, match[1], match.lastindex or 2)
    yield from _constitutions(text)
    yield from _cases(text, emphasis)
    for match in _SUPRA.finditer(text) if "supra" in text else ():
        name, start = name_before(text, match.start(), emphasis, needs_comma=False)
        yield _made(text, CitationKind.SUPRA, start, match.end(), name=name, note=match[1] or "")
    for match in _ID.finditer(text):
        yield _made(text, CitationKind.ID, match.start(), match.end())
    for match in _BARE.finditer(text) if "§" in text else ():
        yield from _sections(match, "", "", 1)


def _made(text: str, kind: CitationKind, start: int, end: int, **more: object) -> Citation:
    return Citation(kind=kind, start=start, end=end, text=text[start:end].strip(" ,"), **more)  # type: ignore[arg-type]


def _cases(text: str, emphasis: list[tuple[int, int]]) -> Iterator[Citation]:
    position = 0
    while match := _CITE.search(text, position):
        keys = [(_folded(match[2]), match[1], match[4].strip("*"))]
        end = match.end()
        name, start = name_before(text, match.start(), emphasis)
        # "at" before the page makes it a short form, whose case is cited in full elsewhere.
        if match[3]:
            keys = [(keys[0][0], match[1], "")]
            yield _made(text, CitationKind.SHORT, start, end, name=name, keys=tuple(keys))
        else:
            while more := _PARALLEL.match(text, end) or _PIN.match(text, end):
                if more.re is _PARALLEL:
                    keys.append((_folded(more[2]), more[1], more[3]))
                end = more.end()
            when = _WHEN.match(text, end)
            court, year = (when[1].strip(" ,"), when[2]) if when else ("", "")
            end = when.end() if when else end
            yield _made(text, CitationKind.CASE, start, end, name=name, keys=tuple(keys), court=court, year=year)
        position = end


def _constitutions(text: str) -> Iterator[Citation]:
    for match in _CONSTITUTION.finditer(text) if "Const" in text else ():
        whose = "us" if (match[1] or "").startswith("U") else "mich"
        key = (f"const {whose}", {"Am": "amend"}.get(match[3], match[3]), str(arabic(match[4])))
        path = (match[5],) if match[5] else ()
        yield _made(text, CitationKind.CONSTITUTION, match.start(), match.end(), keys=(key,), path=path)


def arabic(number: str) -> int:
    """Read a number written with digits or as Romans did."""
    if number.isdecimal():
        return int(number)
    values = [{"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}[letter] for letter in number]
    return sum(-one if one < after else one for one, after in zip(values, [*values[1:], 0], strict=True))


def _sections(match: re.Match[str], code: str, title: str, group: int) -> Iterator[Citation]:
    """Yield each section of a list such as 8 U.S.C. §§ 1101(a)(15)(T), (U), 1226; "(U)" goes on where "(T)" was."""
    section, path = "", ()  # type: tuple[str, tuple[str, ...]]
    # Pages of the Federal Register have commas in them: 88 Fed. Reg. 12,345.
    pieces = list(re.finditer(r"[\d,]+" if code == "fedreg" else rf"{_SECTION}|{_SUBSECTIONS}", match[group]))
    pieces = [piece for piece in pieces if piece[0]]
    for number, piece in enumerate(pieces):
        subsections = tuple(re.findall(r"\(([^)]+)\)", piece[0]))
        if piece[0].startswith("("):
            path = (*path[: max(0, len(path) - len(subsections))], *subsections)
        else:
            section, path = piece[0].partition("(")[0].replace(",", ""), subsections
        start = match.start(group) + piece.start()
        begin = match.start() if number == 0 else start
        end = match.start(group) + piece.end()
        found = Citation(
            kind=CitationKind.CODE, start=begin, end=end, text="", keys=((code, title, section),), path=path
        )
        yield found._replace(text=_written(found) if len(pieces) > 1 and code else match.string[begin:end].strip())


def _with_codes(citations: list[Citation]) -> Iterator[Citation]:
    """Give sections without a code, such as § 287.7(d), the code they were cited with before, or the latest that fits.

    A section with a point in its number is of another code than one without; where none fits it is no citation.
    """
    cited: dict[str, tuple[str, str]] = {}
    latest: dict[bool, tuple[str, str]] = {}
    for citation in citations:
        if citation.kind is not CitationKind.CODE:
            yield citation
            continue
        code, title, section = citation.keys[0]
        if code:
            cited[section] = latest["." in section] = (code, title)
            yield citation
        elif known := cited.get(section) or latest.get("." in section):
            whole = citation._replace(keys=((*known, section),))
            yield whole._replace(text=_written(whole))


def _written(citation: Citation) -> str:
    """Write a section in full."""
    code, title, section = citation.keys[0]
    return f"{title} {_SHOWN[code]} ".lstrip() + section + "".join(f"({part})" for part in citation.path)


def reporter_of(text: str) -> str:
    """Return the reporter of a cite as it is written."""
    cite = _CITE.search(text)
    return cite[2] if cite else ""


def _folded(reporter: str) -> str:
    return re.sub(r"[^a-z0-9]", "", reporter.lower())


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
