"""Finds lists, headings, quotations and tables of a Markdown text that pandoc takes for words of a paragraph.

Other programs need no blank line above them and no space behind their marks; pandoc does, and prints the marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from letters.formats.tree import LEAVES, Node, children, walk
from letters.model.problems import Problem, warning
from letters.model.records import Source

_TAG = re.compile(r"\{[{%#].*?[}%#]\}", re.DOTALL)
_FILL, _STATEMENT = "\ufffc", "\ufffb"
"""Stand for a field, in the text and in the tree, and for any other tag: no characters of a word."""
_WORD = rf"\W{{0,3}}(?P<word>\w+|{_FILL})"
_ABOVE, _BEHIND = "put a blank line above it, and tags on lines of their own", "put a space behind its mark"
_SHAPES = tuple(
    (re.compile(pattern), kind, hint)
    for pattern, kind, hint in (
        (rf"(?P<mark>[-*+])[ ]+{_WORD}", "an item of a list", _ABOVE),
        (rf"(?P<mark>\d{{1,2}}[.)])[ ]+{_WORD}", "an item of a list", _ABOVE),
        (rf"(?P<mark>\#{{1,6}})[ ]+{_WORD}", "a heading", _ABOVE),
        (rf"(?P<mark>>)[ ]*{_WORD}", "a quotation", _ABOVE),
        (r"(?P<mark>\#{1,6})(?P<word>[^\W\d_]\w*)", "a heading", _BEHIND),
        (r"(?P<mark>-)(?P<word>[^\W\d_]\w*)", "an item of a list", _BEHIND),
        (r"(?P<mark>\d{1,2}[.)])(?P<word>[^\W\d_]\w+)", "an item of a list", _BEHIND),
        (r"\|[^|\n\\]*?(?P<word>\w+)[^\w\\]{0,3}(?P<mark>\|).*\|[ ]*$", "a row of a table", _ABOVE),
    )
)
"""How a line begins that is meant for more than words, what it is meant for, and the way out."""
_PRINTED = re.compile(
    rf"(?:^|(?<=[\s{_FILL}]))(?P<mark>[-*+>]|\d{{1,2}}[.)]|\#{{1,6}})\s*{_WORD}|(?P<cell>\w+)\W{{0,3}}(?P<bar>\|)",
    re.MULTILINE,
)
"""A mark among the words of a letter, with the word beside it."""
_ANY_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,2}[.)])(?=[ ]|[^\W\d_])")
_RULER = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)+\|?[ \t]*")
"""The line below the head of a table."""
_NUMBER = re.compile(r"(?P<indent>[ ]{0,3})(?P<number>\d{1,4})(?P<end>[.)])[ \t]+\S")
_ADDRESS = re.compile(r"^ {0,3}\[(?!\^)(?P<name>[^\]\n]+)\]:[ \t]+\S.*$", re.MULTILINE)
_USED = re.compile(r"(?<!\\)\[(?!\^)(?P<name>[^\[\]]+)\](?!:)")
"""The name of an address where it is used, [words][name], or [name] by itself."""
_SHOWN = 40


def unread_marks(blocks: Sequence[Node], source: Source) -> Iterator[Problem]:
    """Yield a problem for each line that would be printed with its mark, for lost cells, and for changed numbers."""
    masked = _TAG.sub(_masked, source.text)
    printed = {
        (found["mark"] or found["bar"], found["word"] or found["cell"])
        for said in _paragraphs(blocks)
        for found in _PRINTED.finditer(said)
    }
    start, before = 0, ""
    for line in masked.split("\n"):
        bare = line.lstrip(f" \t{_STATEMENT}")
        for pattern, kind, hint in _SHAPES if bare else ():
            found = pattern.match(bare)
            is_printed = found and (found["mark"], found["word"]) in printed
            if is_printed and (hint is not _ABOVE or _is_below_words(line, before)) and not _may_be_prose(bare, before):
                written = source.text[start : start + len(line)].strip()
                what = f'"{written[:_SHOWN]}" would be printed as it stands, and not as {kind}'
                yield Problem(source.place(start + len(line) - len(line.lstrip())), what, hint)
                break
        start, before = start + len(line) + 1, line
    yield from _lost_cells(masked, source)
    yield from _lost_addresses(masked, source)
    yield from _changed_numbers(masked, source)


def _masked(tag: re.Match[str]) -> str:
    return re.sub(r"[^\n]", _FILL if tag[0][1] == "{" else _STATEMENT, tag[0])


def _paragraphs(blocks: Sequence[Node]) -> Iterator[str]:
    """Yield the words of each paragraph with one blank between them, and a character for each tag."""
    for node in walk(blocks):
        if node["t"] in ("Para", "Plain", "Header"):
            yield " ".join(_words(node).split())
        elif node["t"] == "LineBlock":
            yield "\n".join(" ".join("".join(map(_words, line)).split()) for line in node["c"])


def _words(node: Node) -> str:
    if node["t"] == "Str":
        return str(node["c"])
    if node["t"] in ("Space", "SoftBreak", "LineBreak"):
        return " "
    if node["t"] == "Field":
        return _FILL
    return "".join(map(_words, children(node))) if node["t"] not in LEAVES and node["t"] != "Note" else ""


def _is_below_words(line: str, before: str) -> bool:
    """Return whether pandoc may take the mark of a line for words: only below others, or behind a tag."""
    return bool(before.strip(f" \t{_STATEMENT}")) or line.lstrip().startswith((_STATEMENT, "|"))


def _may_be_prose(line: str, before: str) -> bool:
    """Return whether a line may go on with a sentence that was broken before a dash, or before "2019."."""
    item = _ANY_ITEM.match(line)
    if not item or not before.strip() or item[0].strip() in ("1.", "1)"):
        return False
    return not (before.rstrip().endswith(":") or _ANY_ITEM.match(before) or _STATEMENT in before)


def _lost_addresses(masked: str, source: Source) -> Iterator[Problem]:
    """Find lines such as "[1]: See Roe", which Markdown takes for the address of a link, and prints nowhere."""
    for found in _ADDRESS.finditer(masked):
        name = " ".join(found["name"].casefold().split())
        used = {" ".join(each["name"].casefold().split()) for each in _USED.finditer(masked)}
        if name not in used:
            said = source.text[found.start() : found.end()].strip()
            what = (
                f'"{said[:_SHOWN]}" would be printed nowhere: it is taken for the address of a link that is not there'
            )
            hint = "a note is written [^1]: … and called by [^1]; else write \\[ for the bracket"
            yield Problem(source.place(found.start()), what, hint)


def _lost_cells(masked: str, source: Source) -> Iterator[Problem]:
    """Find rows with more cells than the head of their table: pandoc leaves out what is beyond it."""
    lines = masked.split("\n")
    start, wide = 0, 0
    for number, line in enumerate(lines):
        if "|" not in line:
            wide = 0
        elif _RULER.fullmatch(line) and number and "|" in lines[number - 1]:
            wide = len(_cells(lines[number - 1]))
        elif wide and len(cells := _cells(line)) > wide:
            what = f'"{cells[wide].strip()[:_SHOWN]}" is left out: its row has {len(cells)} cells, and the table {wide}'
            yield Problem(source.place(start), what, "give the head as many cells, or write \\| for a bar")
        start += len(line) + 1


def _cells(line: str) -> list[str]:
    bare = line.strip(f" \t{_STATEMENT}")
    return re.split(r"(?<!\\)\|", re.sub(r"^\||(?<!\\)\|$", "", bare))


def _changed_numbers(masked: str, source: Source) -> Iterator[Problem]:
    """Find items that get another number than was typed: Markdown counts on from the first."""
    start, run = 0, list[tuple[int, re.Match[str]]]()
    for line in [*masked.split("\n"), "end"]:
        found = _NUMBER.match(line)
        is_next = found and (not run or (found["end"], found["indent"]) == (run[0][1]["end"], run[0][1]["indent"]))
        if found and is_next:
            run.append((start, found))
        elif line.strip() and not line.startswith((" ", "\t")):
            yield from _run_problems(run, source)
            run = [(start, found)] if found else []
        start += len(line) + 1


def _run_problems(run: Sequence[tuple[int, re.Match[str]]], source: Source) -> Iterator[Problem]:
    numbers = [int(found["number"]) for _, found in run]
    if len(set(numbers)) < 2:  # "1." before each item is a habit of many
        return
    for count, (start, found) in enumerate(run):
        if numbers[count] != numbers[0] + count:
            mark, number = found["end"], numbers[0] + count
            what = f'"{numbers[count]}{mark}" is printed as "{number}{mark}": a list counts on from its first'

            yield warning(source.place(start), what, "correct it; text between two lists lets the second begin anew")
            return
