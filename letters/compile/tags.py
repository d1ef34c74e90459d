"""Finds the Jinja tags of a Markdown source and puts a token in the place of each, which Markdown cannot touch.

What would take a letter without end to read or to set is found before: sources that are too large or too deep.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Any

from letters.formats.jinja import (
    CLOSERS,
    OPENER,
    PRIVATE,
    STATEMENTS,
    TOKEN,
    end_of_tag,
    lines_apart,
    token,
    token_number,
)
from letters.formats.tree import Node
from letters.model.problems import Place, Problem, did_you_mean
from letters.model.records import Source, Tag

_TRIMMED = re.compile(r"\A[-+]|[-+]\Z")
"""The marks of Jinja that take the white space outside of a tag away; here lines decide that."""
_NAME = re.compile(r"\{#[\w.:-]+[^{}\n#]*\}")
"""What pandoc writes behind headings and anchors, {#name .class}."""
# "Dear Dear Sheriff", "the the City": a value may begin with the word before its field.
_LAST_WORD = re.compile(r"([A-Za-z]+),?\s+$")
_RAW_END = re.compile(r"\{%-?\s*endraw\s*-?%\}")
# The names of notes are those of pandoc: no brackets and no white space.
_NOTE_CALL = re.compile(r"\[\^([^\]\s]+)\](?!:)")
_NOTE_TEXT = re.compile(r"^ {0,3}\[\^([^\]\s]+)\]:", re.MULTILINE)
# Prints its content as it stands.
_CODE_SPAN = re.compile(r"`[^`\n]*`")
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
MOST_CHARACTERS = 250_000
"""Of a letter or an enclosure with its clauses: some 100 pages."""
_LONGEST_PARAGRAPH = 40_000
_LONGEST_WORD = 1_000
# With all of these together a letter is still made in seconds. Beyond them time grows faster than text: 10,000 line
# breaks in one paragraph took 36 seconds to lay out.
_MOST_NOTES = 300
_MOST_HEADINGS, _MOST_CELLS = 500, 5_000
_MOST_ITEMS, _MOST_PARAGRAPHS, _MOST_BREAKS = 2_000, 4_000, 2_000
_MOST_TAGS = 2_000
_DEEPEST_TAGS, _DEEPEST_LOOPS = 20, 3
"""Conditions in conditions, and loops in loops."""
# Pandoc takes twice as long for each pair of brackets in another: 12 take a second, 18 a minute.
_DEEPEST_BRACKETS, _DEEPEST_QUOTES, _DEEPEST_LIST, _DEEPEST_FENCES = 12, 10, 10, 20
_DEEPEST_TREE = 200
"""Values in one another, in the JSON of a tree; an element takes three or four."""
_WORD = re.compile(rf"[^\s{{}}]{{{_LONGEST_WORD + 1},}}")
# Also those that are written where they are called, ^[…].
_NOTE = re.compile(r"^ {0,3}\[\^[^\]\s]+\]:|\^\[", re.MULTILINE)
_QUOTE = re.compile(r"^(?:[ \t]*>)+", re.MULTILINE)
# Bullets and numbers as pandoc knows them: "1.", "a)", "(iv)", "#.".
_LIST = re.compile(r"^([ \t>]*)(?:[-*+]|\(?[\w#]{1,9}[.)])(?=[ \t])", re.MULTILINE)
# With a name behind it a fence opens a division, without one it closes the last.
_FENCE = re.compile(r"^ {0,3}(:{3,}) *(\S?)", re.MULTILINE)
# One line may open many lists, or many sorts of emphasis, none of which is indented.
_MARKERS = re.compile(rf"(?:[-*+][ \t]+){{{_DEEPEST_LIST + 1},}}(?=[^-*+\s])|[*_^~`\[(]{{300,}}")
_HEADING, _CELL = re.compile(r"^#{1,6}[ \t]|^(?:=+|-+)[ \t]*$", re.MULTILINE), re.compile(r"\|")
_BLANK_LINES = re.compile(r"\n[ \t]*\n(?=[ \t]*\S)")
_BREAK = re.compile(r"(?:\\|  )\n|^\|[ \t]", re.MULTILINE)
"""At the end of a line; lines that begin with a bar are broken as they stand."""
# The columns by which pandoc wants an item of a list in a list to be indented.
_INDENT = 4


def mark_tags(source: Source, first_number: int = 0) -> tuple[str, list[Tag], list[Problem]]:
    """Replace every tag and every named note call by text that ends in a token.

    Returns the marked text, the tags in the order of their tokens (numbered from `first_number`), and the mistakes that
    can be seen without knowing what the tags mean: unclosed ones, unknown words, notes without text.
    """
    text, tags, problems = _marked(source)
    if first_number:
        text = TOKEN.sub(lambda found: token(token_number(found) + first_number), text)
    return text, list(tags), list(problems)


@functools.lru_cache(32)  # several checks ask for the tags of one text
def _marked(source: Source) -> tuple[str, Sequence[Tag], Sequence[Problem]]:
    """Mark the tags of a source, which count from 0."""
    text, tags, problems = _replace_tags(source)
    problems += _note_problems(source)
    text = _name_notes(text, source, tags)
    return _isolate_statements(text, tags), tags, problems


def _replace_tags(source: Source) -> tuple[str, list[Tag], list[Problem]]:
    pieces: list[str] = []
    tags: list[Tag] = []
    problems: list[Problem] = []
    position = 0
    if private := PRIVATE.search(source.text):
        place = source.place(private.start())
        problems.append(Problem(place, "a character of the private use area", "remove it, or type it again"))
    while opener := OPENER.search(source.text, position):
        pieces.append(source.text[position : opener.start()])
        end = end_of_tag(source.text, opener)
        place = source.place(opener.start())
        if end is None:
            problems.append(_unclosed(source.text, opener, place))
            position = opener.end()
            continue
        position, literal, tag = _read_tag(source.text, opener, end, place)
        pieces.append(literal)
        if tag:
            pieces.append(token(len(tags)))
            tags.append(tag)
            problems += _word_problems(tag)
    pieces.append(source.text[position:])
    return "".join(pieces), tags, problems


def _unclosed(text: str, opener: re.Match[str], place: Place) -> Problem:
    """Return the problem of a tag without an end; what pandoc writes behind a heading is no remark."""
    name = _NAME.match(text, opener.start())
    if name and (text[: opener.start()].endswith("]") or text[name.end() :].partition("\n")[0].strip() == ""):
        hint = "remove it; a link leads to a heading by its words: [see there](#the-words-of-it)"
        return Problem(place, f'"{name[0]}" is the mark of another program for the name of a place', hint)
    return Problem(place, f"{opener[0]} is never closed", f"close it with {CLOSERS[opener[0]]}")


def _read_tag(text: str, opener: re.Match[str], end: int, place: Place) -> tuple[int, str, Tag | None]:
    """Read one tag: where the text goes on, what stands there as plain text, and the tag."""
    # All tags of Jinja end in two characters.
    inside = _TRIMMED.sub("", text[opener.end() : end - 2]).strip()
    if opener[0] == "{#":
        return end, "", None
    if opener[0] == "{{":
        return end, "", Tag("output", inside, place, _word_before(text, opener.start()))
    word, _, rest = inside.partition(" ")
    if word == "raw" and (stop := _RAW_END.search(text, end)):
        return stop.end(), text[end : stop.start()], None
    return end, "", Tag(word, rest.strip(), place)


def _word_before(text: str, start: int) -> str:
    found = _LAST_WORD.search(text, max(0, start - 40), start)
    return found[1] if found else ""


def _word_problems(tag: Tag) -> Iterator[Problem]:
    if tag.kind == "output":
        if not tag.expression:
            yield Problem(tag.place, "{{ }} is empty", "name a field: {{ recipient.agency }}")
    elif tag.kind == "include":
        hint = 'such as {% include "no-duty" %}, which stands for templates/clauses/no-duty.md'
        if tag.place.path.endswith(".docx"):
            hint = "a letter made in Word has no clauses: type the words, or write the letter in Markdown"
        yield Problem(tag.place, "{% include %} is not alone on its line, or names no clause in quotes", hint)
    elif tag.kind not in STATEMENTS:
        # Other languages of templates write elseif and end; Jinja knows only small letters.
        word = {"elseif": "elif", "elsif": "elif", "fi": "endif"}.get(tag.kind.lower(), tag.kind.lower())
        hint = did_you_mean(word, (*STATEMENTS, "include"))
        yield Problem(tag.place, f"{{% {tag.kind} %}} is not something a letter can do", hint)
    elif tag.kind == "else" and tag.expression:
        test = tag.expression.removeprefix("if ").strip()
        hint = f"{{% elif {test} %}} asks again; {{% else %}} stands for all the rest"
        yield Problem(tag.place, f"{{% else {tag.expression} %}}: an else asks nothing", hint)
    elif tag.kind in ("if", "elif", "for") and not tag.expression:
        yield Problem(tag.place, f"{{% {tag.kind} %}} says nothing to test", "such as {% if recipient.first_name %}")


def _note_problems(source: Source) -> Iterator[Problem]:
    """Find notes that are called and missing, written and never called, called or written twice."""
    plain = _without_comments(source.text)
    texts: dict[str, Place] = {}
    for match in _NOTE_TEXT.finditer(plain):
        place = source.place(match.start())
        if match[1] in texts:
            what = f"the note [^{match[1]}] is written twice"
            yield Problem(place, what, _twice_hint(place, texts[match[1]], "give one a new name"))
        texts.setdefault(match[1], place)
    called: dict[str, Place] = {}
    for match in _NOTE_CALL.finditer(plain):
        place = source.place(match.start())
        if match[1] not in texts:
            hint = did_you_mean(f"[^{match[1]}]", [f"[^{name}]" for name in texts])
            yield Problem(place, f"the note [^{match[1]}] has no text", hint or f"write it: [^{match[1]}]: …")
        elif match[1] in called:
            ways_out = f"refer to it with {{{{ note.{match[1]} }}}}, or write a second note"
            hint = _twice_hint(place, called[match[1]], ways_out)
            yield Problem(place, f"the note [^{match[1]}] is called twice", hint)
        called.setdefault(match[1], place)
    for name in texts.keys() - called.keys():
        what = f"the note [^{name}] is never called"
        yield Problem(texts[name], what, f"put [^{name}] into the text, or remove the note")


def _twice_hint(place: Place, first: Place, ways_out: str) -> str:
    """Return where something stands already, and the ways out."""
    if first == place:
        return "the clause is included twice; include it once, or keep the note in the letter"
    where = f"line {first.line}" if first.path == place.path else f"{first.path}:{first.line}"
    return f"{where} has it already; {ways_out}"


def _without_comments(text: str) -> str:
    """Blank out comments and code, in which nothing is a note."""
    blank = _COMMENT.sub(lambda comment: re.sub(r"[^\n]", " ", comment[0]), text)
    return _CODE_SPAN.sub(lambda code: " " * len(code[0]), blank)


def _name_notes(text: str, source: Source, tags: list[Tag]) -> str:
    """Put a token behind each note call, since pandoc forgets the names of notes."""
    calls = {call[1]: call.start() for call in _NOTE_CALL.finditer(_without_comments(source.text))}

    def named(call: re.Match[str]) -> str:
        tags.append(Tag("note", call[1], source.place(calls.get(call[1], 0))))
        return call[0] + token(len(tags) - 1)

    return _NOTE_CALL.sub(named, text)


def _isolate_statements(text: str, tags: Sequence[Tag]) -> str:
    """Give statements that stand alone on their line a paragraph of their own, unless they are part of one."""
    lines = text.split("\n")
    apart = lines_apart(lines, {number: tag.kind for number, tag in enumerate(tags)})
    result: list[str] = []
    for number, line in enumerate(lines):
        result += ["", line, ""] if number in apart else [line]
    return "\n".join(result)


def source_problems(source: Source) -> Iterator[Problem]:
    """Yield the first thing in a source that is too long, too many or nested too deep."""
    # One at most: what is far too long breaks many limits.
    yield from itertools.islice(itertools.chain(_size_problems(source), _depth_problems(source)), 1)


def _size_problems(source: Source) -> Iterator[Problem]:
    text = source.text
    if len(text) > MOST_CHARACTERS:
        what = f"the text is too long: {len(text):,} characters, and {MOST_CHARACTERS:,} is the limit"
        yield Problem(source.place(0), what, "send the rest as an enclosure, or as a file of its own")
        return
    if word := _WORD.search(text):
        what = (
            f'a word is too long: "{word[0][:20]}…" has {len(word[0]):,} characters, and {_LONGEST_WORD:,} is the limit'
        )
        yield Problem(source.place(word.start()), what, "put spaces into it")
    position = 0
    for paragraph in text.split("\n\n"):
        if len(paragraph) > _LONGEST_PARAGRAPH:
            what = f"a paragraph is too long: {len(paragraph):,} characters, and {_LONGEST_PARAGRAPH:,} is the limit"
            yield Problem(source.place(position), what, "break it up with blank lines")
        position += len(paragraph) + 2
    counted = (
        ("notes", _NOTE, _MOST_NOTES),
        ("tags", OPENER, _MOST_TAGS),
        ("headings", _HEADING, _MOST_HEADINGS),
        ("cells of tables", _CELL, _MOST_CELLS),
        ("items of lists", _LIST, _MOST_ITEMS),
        ("paragraphs", _BLANK_LINES, _MOST_PARAGRAPHS),
        ("line breaks", _BREAK, _MOST_BREAKS),
    )
    for kind, pattern, most in counted:
        found = [match.start() for match in pattern.finditer(text)]
        if len(found) > most:
            what = f"there are too many {kind}: {len(found):,}, and {most:,} is the limit"
            yield Problem(source.place(found[most]), what, "a letter of this size is better sent as several")


def _depth_problems(source: Source) -> Iterator[Problem]:
    text = source.text
    for match in _QUOTE.finditer(text):
        if match[0].count(">") > _DEEPEST_QUOTES:
            yield _too_deep(source, match.start(), "quotations", _DEEPEST_QUOTES)
    for match in _LIST.finditer(text):
        if len(match[1].expandtabs(_INDENT)) >= _INDENT * _DEEPEST_LIST:
            yield _too_deep(source, match.start(), "lists", _DEEPEST_LIST)
    if markers := _MARKERS.search(text):
        yield _too_deep(source, markers.start(), "marks of Markdown", _DEEPEST_LIST)
    depth = 0
    for match in _FENCE.finditer(text):
        depth = depth + 1 if match[2] else max(0, depth - 1)
        if depth > _DEEPEST_FENCES:
            yield _too_deep(source, match.start(), "divisions (:::)", _DEEPEST_FENCES)
    depth = 0
    for match in re.finditer(r"[\[\]]|\n\n", text):
        depth = depth + 1 if match[0] == "[" else max(0, depth - 1) if match[0] == "]" else 0
        if depth > _DEEPEST_BRACKETS:
            yield _too_deep(source, match.start(), "brackets", _DEEPEST_BRACKETS)


def _too_deep(source: Source, position: int, what: str, most: int) -> Problem:
    return Problem(
        source.place(position), f"{what} are nested too deep: more than {most} in one another", "take them apart"
    )


def tag_problems(tags: Sequence[Tag]) -> Iterator[Problem]:
    """Yield the first condition or loop that stands in too many others."""
    open_tags: list[str] = []
    for tag in tags:
        if tag.kind in ("if", "for"):
            open_tags.append(tag.kind)
            if len(open_tags) > _DEEPEST_TAGS:
                what = f"conditions are nested too deep: more than {_DEEPEST_TAGS} in one another"
                yield Problem(tag.place, what, "join them with and, or write {% elif %}")
                return
            if open_tags.count("for") > _DEEPEST_LOOPS:
                what = f"loops are nested too deep: more than {_DEEPEST_LOOPS} in one another"
                yield Problem(tag.place, what, "a letter needs one, to list things")
                return
        elif tag.kind in ("endif", "endfor") and open_tags:
            open_tags.pop()


def is_too_deep(blocks: Sequence[Node]) -> bool:
    """Return whether elements of a tree, as pandoc writes it, stand in one another deeper than they can be set."""
    level: list[Any] = [blocks]
    for _ in range(_DEEPEST_TREE):
        inside = (list(each.values()) if isinstance(each, dict) else each for each in level)
        level = [value for values in inside for value in values if isinstance(value, dict | list)]
        if not level:
            return False
    return True
