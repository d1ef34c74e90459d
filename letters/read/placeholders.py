"""Finds places to fill in, such as "[Name of signer]", which must not be left in a final campaign."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Sequence

from letters.model.problems import Place, Problem, Severity, shortened, warning
from letters.model.records import Letter, Recipient, Source
from letters.model.settings import Status
from letters.read.toml import TomlFile

# Not [text](address), [text]{.class}, [a][b] or a bracket behind a backslash: those are links, spans and meant.
# The least is 2 characters, since "[b]ut" has a changed letter; the most keeps an open bracket from running on.
_BRACKETS = re.compile(r"(?<![\]^\\])\[((?:[^\[\]^\n\\]|\n(?!\s*\n)){2,240})\](?![({\[])")
"""A placeholder ends in its paragraph, but may run over several lines of it."""
_SIGNS = re.compile(r"(?<![\]\w])\[(?:[●•○◦■□▪?]|\\?[*_])\](?![({])")
"""A sign in brackets, as law offices write for what is still to be known."""
_LINK_ADDRESS = re.compile(r":[ \t]+(?:\w+:|/|#|\.)\S*[ \t]*$", re.MULTILINE)
"""The rest of a line that gives the address of a link: [name]: address."""
# The Bluebook, rule 5.2, and what courts have made of it.
_EDITORIAL = re.compile(
    r"(?:sic|\.{3}|…|emphasis (?:added|omitted|in original)|(?:internal )?(?:citations?|quotation marks?|footnotes?)"
    r"(?: and .*)? omitted|alterations? (?:in original|omitted)|cleaned up)",
    re.IGNORECASE,
)
"""Words in brackets that belong to a legal quotation, besides a changed letter."""
_TAG = re.compile(r"\{[{%#].*?[}%#]\}", re.DOTALL)
_WORD = r"[^\W\d]\w*(?:[ _.-]\w+){0,4}"
"""What a field may be called: "Agency", "First Name"."""
_FOREIGN = re.compile(
    r"«(?:[^«»\n]|\n(?!\s*\n)){0,60}»|[≪⟪](?:[^≪≫⟪⟫\n]|\n(?!\s*\n)){0,60}[≫⟫]|\\?<\\?<(?:[^<>\n\\]|\n(?!\s*\n)){1,60}\\?>\\?>"
)
"""Placeholders of mail merges, whose names may hold anything; pandoc's Markdown has them with backslashes."""
# {Name}, %Name%, <%= name %>, $Name$, #Name#, @Name@, ‹Name›, *|NAME|*, @@Name@@, <Name>: ours have two braces,
# tags of HTML are told elsewhere, and pandoc writes Word letters with a backslash before each sign.
_MAYBE_FOREIGN = re.compile(
    rf"(?<![{{\w])\{{ ?{_WORD} ?\}}(?!\}})|(?<![\w%])%%?{_WORD}%%?(?!\w)|\\?<%=?\s*{_WORD}\s*%\\?>"
    rf"|(?<![\w$])\\?\$(?=\w{{2}}){_WORD}\\?\$(?!\w)|(?<![\w#])\\?#\\?#?{_WORD}\\?#\\?#?(?!\w)|(?<![\w@])@{_WORD}@(?!\w)|‹\s*{_WORD}\s*›|\\?\*\\?\|{_WORD}\\?\|\\?\*|(?<!@)@@{_WORD}@@"
    rf"|(?<![<\w])\\?<(?!(?:div|span|font|small|strong|strike|table|center|big|img|sub|sup|em|br|hr|li|ol|td|th|tr|ul)\b)"
    rf"(?=\w{{2}}){_WORD}\\?>(?!\\?>)"
)
"""What other programs write for fields, and a person may mean."""
_TO_DO = re.compile(
    r"\b(?:TO ?DO|FIXME|TBD|TBC|XXX+|TK(?:TK)*)\b(?!\s*(?:&|\d))|\?{3,}|(?<=\s)\?\?(?!\w)|\(\?+\)|\b[Ll]orem [Ii]psum\b"
    r"|\b(?:(?:January|February|March|April|May|June|July|August|September|October|November|December)\s+(?:XX|xx)"
    r"|(?:[Pp]ages?|pp?\.|[Nn]ote|[Aa]t)\s+XX)(?![\w-])|\$\s?X+\b|\b20(?:XX|\dX)\b"
    r"|\b(?:FIRST|LAST|FULL)[ _]?NAME\b|\((?:First|Last|Full)\s?[Nn]ame\)"
    r"|\bDRAFT\s+(?:[Vv]\.?\s?|#\s?|[Nn]o\.\s?)?\d"
    r"|[(<]\s*(?:[Ii]nsert|INSERT)\b[^()<>\n]{0,40}[)>]"
    r"|\bClick (?:or tap )?(?:here )?to (?:enter|add|choose|type|insert)\b[^.\n]{0,40}|\bChoose an item\."
)
_UNBRACED = re.compile(r"[({\[<\s]*\b(?:recipient|campaign)\.[a-z]\w*[)}\]>\s]*")
"""A field whose braces are missing or broken."""
# The texts of Word in English: "Error! Reference source not found."
_BROKEN = re.compile(
    r"Error\\?!\s+(?:Reference\s+source|Bookmark|No\s+(?:text|table|bookmark|index)|Unknown|Not\s+a\s+valid|MergeField"
    r"|Hyperlink|Filename|Invalid|Main\s+Document)\b[^.\n]{0,60}\."
)
"""What Word prints for a field that leads nowhere."""
_BLANK = re.compile(
    r"(?<=\S)[ \t]*(?<![\w\\])(?:\\?_){4,}+(?=[ \t]*[^\s\\])"
    r"|\b(?:19|20)(?:\\?_){2}(?![\w\\])|\$(?:\\?_){2,}+"
    r"|(?<=\S)[ \t]+(?:\\?_){2,3}(?=[ \t]+\S|[.,;:)])|(?<=\S)[ \t]+(?:\.{5,}|…{2,}\.*)(?=[ \t]*[^\s.…\d])"
)
"""A blank inside of a sentence, of dots or lines; one that ends its line is for a signature."""
# Privilege legends, drafting notes and "do not send until" went out as words of a letter; so did "cite needed".
_TO_OURSELVES = re.compile(
    r"(?<!your\s)(?<!own\s)(?<![’']s\s)\bcounsel\s+"
    r"(?:should|must|is\s+to|needs\s+to|to\s+(?:check|confirm|review|verify))\b"
    r"|\b(?:check|confirm|verify)(?:\s+(?:this|it|that))?\s+with\s+our\s+counsel\b"
    r"|\bshould\s+be\s+(?:checked|verified)\s+(?:by|before|on)\b|\bcite-check(?:ed)?\b"
    r"|\bnotes?\s+(?:to|for)\s+(?:our\s+)?(?:counsel|self|ourselves|drafters?|editors?)\b"
    r"|(?:^|(?<=[.;(]\s))counsel:(?=\s)|\battorney[ -]work[ -]product\b|\bNTD\b"
    r"|\bdraft(?:ing|er[’']s)?\s+notes?\b|\bnotes?\s+to\s+(?:draft|file|team)\b"
    r"|\b(?:privileged\s+(?:and|&)\s+confidential|confidential\s+(?:and|&)\s+privileged)\b"
    r"|\battorney[-–\s]+client\s+(?:privileged|communication)\b"
    r"|\b(?:do\s+not|don[’']t)\s+(?:send|mail|circulate)\s+(?:yet|until)\b"
    r"|\b(?:check|confirm|verify|fix|delete|remove)\b(?:\s+\w+){0,4}\s+before\s+(?:mailing|we\s+send|(?:it|this)\s+goes\s+out)\b"
    r"|(?<!\S)/\*.{1,200}?\*/|(?<!\S)//\s.{1,200}?\s//(?!\S)"
    r"|\b(?:citation|cite|source)\s+needed\b|\b(?:needs?|add|find|get)\s+(?:a\s+)?(?:cite|pin\s?cite|citation)\b",
    re.IGNORECASE | re.MULTILINE,
)
"""A remark to ourselves that was left in a text; counsel of the reader is "your counsel"."""
_REMARK = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_CRITIC = re.compile(r"(?<!\{)\{(?:\+\+[^{}]*\+\+|--[^{}]*--|~~[^{}]*~~|==[^{}]*==|>>[^{}]*<<)\}")
"""Remarks and changes in the manner of CriticMarkup."""
_PARAGRAPH = re.compile(r"(?:[^\n]*\S[^\n]*(?:\n|\Z))+")
"""Consecutive lines that are not blank."""
_TOML_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


def in_text(text: str) -> Iterator[tuple[int, str]]:
    """Yield the offset and the words of each placeholder in a text."""
    for match in _BRACKETS.finditer(text):
        if not _EDITORIAL.fullmatch(match[1].strip()) and not _LINK_ADDRESS.match(text, match.end()):
            yield match.start(), " ".join(match[1].split())
    for match in _SIGNS.finditer(text):
        yield match.start(), match[0].replace("\\", "").strip("[ ]")


def open_words(text: str) -> Iterator[tuple[str, str]]:
    """Yield what is left to do in a text of a draft: its kind and its words."""
    for _, words in in_text(text):
        yield "a note in brackets", f"[{words}]"
    for kind, pattern in (
        ("a note to do", _TO_DO),
        ("a remark to ourselves", _TO_OURSELVES),
        ("a blank to be filled in", _BLANK),
        ("a tag, which a draft does not fill in", _TAG),
        ("a placeholder of another program", _FOREIGN),
        ("a field that leads nowhere", _BROKEN),
    ):
        for match in pattern.finditer(text):
            yield kind, match[0].strip()


def in_source(source: Source, status: Status) -> Iterator[Problem]:
    """Yield a problem for each placeholder of a text; brackets inside tags and citations of the file are none."""
    text = without_tags(source.text)
    for each in source.insertions:
        # A page that is missing there is told with its authority.
        text = text[: each.start] + re.sub(r"[^\n]", " ", text[each.start : each.end]) + text[each.end :]
    # By paragraphs, which are kept: at the desk a letter is looked through again with each key.
    for paragraph in _PARAGRAPH.finditer(text):
        for offset, make, words in _in_paragraph(paragraph[0]):
            yield make(source.place(paragraph.start() + offset), words, status)
    for match in _REMARK.finditer(text):
        what = f'a remark in the manner of HTML would be printed: "{shortened(match[0])}"'
        yield Problem(source.place(match.start()), what, "write remarks as {# … #}, which no letter shows")
    for match in _CRITIC.finditer(text):
        what = f'a change or remark in the manner of CriticMarkup would be printed: "{shortened(match[0])}"'
        yield Problem(source.place(match.start()), what, "make the change, and write remarks as {# … #}")


_MakeProblem = Callable[[Place, str, Status], Problem]


@functools.lru_cache(2000)  # of a letter that is being written most paragraphs stay as they are
def _in_paragraph(text: str) -> Sequence[tuple[int, _MakeProblem, str]]:
    """Return what is found in a paragraph: the offset, the function that tells of it, and the words."""
    found: list[tuple[int, _MakeProblem, str]] = [(offset, _problem, words) for offset, words in in_text(text)]
    for pattern in (_TO_DO, _BLANK):
        bare = ((match.start(), match[0].strip().replace("\\", "")) for match in pattern.finditer(text))
        found += ((start, _bare_problem, words) for start, words in bare)
    for match in _UNBRACED.finditer(text):
        if not (words := match[0].strip()).startswith(("{{", "{%")):  # that it is not closed is told elsewhere
            found.append((match.end() - len(match[0].lstrip()), _without_braces, words))
    for pattern, tell in (
        (_BROKEN, _leads_nowhere),
        (_TO_OURSELVES, _to_ourselves),
        (_FOREIGN, _of_mail_merge),
    ):
        found += ((match.start(), tell, match[0]) for match in pattern.finditer(text))
    maybe = ((match.start(), match[0]) for match in _MAYBE_FOREIGN.finditer(text))
    # "{recipient.agency}" is one of our fields, which is told above.
    found += ((start, _maybe_foreign, words) for start, words in maybe if not _UNBRACED.fullmatch(words))
    return found


def in_words(text: str, place: Place) -> Iterator[Problem]:
    """Yield a problem at a place for each placeholder of a mail merge in a text, and each field without braces."""
    for match in _FOREIGN.finditer(text):
        yield _of_mail_merge(place, match[0])
    for match in _UNBRACED.finditer(text):
        yield _without_braces(place, match[0].strip())


def _leads_nowhere(place: Place, words: str, _: Status) -> Problem:
    what = f'"{shortened(words)}" would be printed, which Word shows for a field that leads nowhere'
    return Problem(place, what.replace("\\", ""), "put the reference anew, or type the words")


def _without_braces(place: Place, words: str, _: Status = Status.DRAFT) -> Problem:
    name = words.strip("(){}[]<> ")
    severity = Severity.ERROR if "{" in words or "}" in words else Severity.WARNING  # the bare name may be meant
    hint = f"a field is written {{{{ {name} }}}}"
    return Problem(place, f'"{words}" would be printed as it stands', hint, severity)


def _of_mail_merge(place: Place, words: str, _: Status = Status.DRAFT) -> Problem:
    written = " ".join(words.replace("\\", "").split())
    what = f'"{written}" is a placeholder of a mail merge, which would be printed as it stands'
    name = re.sub(r"\W+", "_", written.strip("«»<> ")).strip("_").lower()
    field = f"write a field of the list, such as {{{{ recipient.{name or 'agency'} }}}}"
    return Problem(place, what, f"{field}; a quotation stands in “ ”")


def _maybe_foreign(place: Place, words: str, _: Status) -> Problem:
    written = words.replace("\\", "")
    what = f'"{written}" is printed as it stands; it looks like a placeholder of another program'
    return warning(place, what, "a field is written {{ recipient.agency }}; if it is meant, leave it")


def in_front(letter: Letter, status: Status) -> Iterator[Problem]:
    """Yield a problem for each placeholder of the front matter."""
    for key, source in letter.front:
        place = Place(source.path, source.first_line, field=key)
        for _, words in in_text(without_tags(source.text)):
            yield _problem(place, words, status)
        for match in _TO_OURSELVES.finditer(without_tags(source.text)):
            yield _to_ourselves(place, match[0], status)


def without_tags(text: str) -> str:
    """Return a text with spaces in the place of its tags; lines and offsets stay."""
    return _TAG.sub(lambda tag: re.sub(r"[^\n]", " ", tag[0]), text)


def in_toml(file: TomlFile, status: Status, but: str = "#") -> Iterator[Problem]:
    """Yield a problem for each placeholder in the quoted texts of a TOML file, except in comments and the key `but`."""
    for number, line in enumerate(file.text.split("\n"), start=1):
        for string in _TOML_STRING.finditer(line):
            if line[: string.start()].lstrip().startswith(("#", but)):
                continue
            for offset, words in in_text(string[0]):
                yield _problem(Place(file.shown, number, string.start() + offset + 1), words, status)


def in_recipients(recipients: Sequence[Recipient], status: Status) -> Iterator[Problem]:
    """Yield a problem for each placeholder in the cells of the list; rows that are held back are passed over."""
    for recipient in recipients:
        for column, cell in recipient.columns.items():
            if "[" in cell and not recipient.hold:
                place = recipient.at(column)
                yield from (_problem(place, words, status, recipient.id) for _, words in in_text(cell))


def _to_ourselves(place: Place, words: str, status: Status) -> Problem:
    what = f'a remark to ourselves would be printed: "{" ".join(words.split())}"'
    hint = "write it as {# … #}, which no letter shows, or into the authorities file"
    return Problem(place, what, hint, Severity.ERROR if status is Status.FINAL else Severity.WARNING)


def _problem(place: Place, words: str, status: Status, recipient: str = "", *, brackets: bool = True) -> Problem:
    shown = f'"[{words}]"' if brackets else f'"{words}"'
    if status is Status.FINAL:
        hint = "fill it in, or set status to draft"
        hint += "; brackets that are meant are written \\[so\\]" if brackets else ""
        return Problem(place, f"{shown} is still to be filled in", hint, recipient=recipient)
    return Problem(place, f"{shown} is to be filled in before the campaign is final", severity=Severity.WARNING)


_bare_problem = functools.partial(_problem, brackets=False)
