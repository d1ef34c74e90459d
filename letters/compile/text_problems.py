"""Finds what a text has that no letter can show, or that would be printed as markup: blocks, classes, links, tags.

So would lists, headings, quotations and tables be that pandoc takes for words of a paragraph: other programs need no
blank line above them and no space behind their marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from letters.compile.lower import style_name
from letters.formats.jinja import TOKEN
from letters.formats.tree import LEAVES, NO, WORD_TABLE, Node, children, classes, has_words, walk
from letters.model.problems import Place, Problem, did_you_mean, warning
from letters.model.records import Source

_REFUSED = {"Table": "a table", "HorizontalRule": "a line across", "Note": "another note"}
"""What neither the foot of a page nor a reader expects in a note."""
_UNKNOWN = {
    "CodeBlock": "an indented or fenced block of code",
    "DefinitionList": "a list of definitions",
    "Figure": "a picture",
    "Math": "a formula",
}
_HTML = re.compile(
    r"</?(?:a|b|big|br|center|div|em|font|h[1-6]|hr|i|img|li|ol|p|s|small|span|strike|strong|sub|sup|table|td|th|tr|u|ul)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_TEX = re.compile(
    r"\\(?:newpage|pagebreak|clearpage|newline|linebreak|noindent|[hv]space|hfill|vfill|begin|end|item|section|"
    r"(?:text|math)(?:bf|it|sc|rm|tt)|emph|underline|footnote|centering|bigskip|medskip)(?![a-z])"
)
_FORMULA = re.compile(r"\$\$[^$]+\$\$|\$[^$\s][^$]*\\[a-z]+[^$]*\$|\\(?:frac|sqrt|sum|int|times|cdot|leq|geq)(?![a-z])")
_RAW = re.compile(r"\{=[a-z]+\}")
_CLASS = re.compile(r"(?<!\S)\{[.#][a-z][\w-]*(?: [.#][a-z][\w-]*)*\}")
# ==highlighted== and ++inserted++, as editors of Markdown write them.
_MARKED = re.compile(
    r"(?<![=\w])==(?=[^\s=])[^=\n]{1,200}(?<=[^\s=])==(?![=\w])|(?<![+\w])\+\+(?=[^\s+])[^+\n]{1,200}(?<=[^\s+])\+\+(?![+\w])"
)
_EXAMPLE = re.compile(r"(?<!\w)\(@[\w-]*\)")
# Word counts in 16 bits; the additive system of roman numerals ends at 3999 (CSS Counter Styles 3, 6.1).
_MOST_NUMBER, _MOST_ROMAN = 32_767, 3_999
_STARS = re.compile(r"\*\*|(?<![_\w])__(?=[^\W_])|(?<=[^\W_])__(?!\w)")
# The last is the bullet of the font Symbol, which Word writes for its lists.
_BULLETS = frozenset("•‣◦▪●○■\uf0b7")
# What people bring from other programs went out as it stood, without a word from check.
_MARKUP = (
    (_HTML, "a tag of HTML", "write *italics*, **bold**, H~2~O, x^2^; a line ends with a backslash"),
    (_TEX, "a command of TeX", "leave it out: the pages of a letter break by themselves, where they may"),
    (_FORMULA, "a formula of TeX", "write it in words and signs: ½, ×, x^2^"),
    (_RAW, "a mark of another program for markup", "remove it, and the markup with it"),
    (
        _CLASS,
        "a style that belongs to nothing",
        "write [the words]{.style}, with no blank before the brace, or remove it",
    ),
    (_MARKED, "a mark of an editor", "take off the marks around the words, or the words"),
    (_EXAMPLE, "a number of another program", 'write the number; "1." begins an item of a list'),
    (_STARS, "a mark for bold type without its partner", "write **bold**, without blanks inside; \\*\\* prints stars"),
)
_INSIDE_A_LINE = frozenset(("Space", "Field", "Emph", "Strong", "Underline", "Strikeout", "Span", "Link", "SmallCaps"))
_TAG = re.compile(r"\{[{%#].*?[}%#]\}", re.DOTALL)
_FILL, _STATEMENT = "\ufffc", "\ufffb"
"""Stand for a field, in the text and in the tree, and for any other tag: no characters of a word."""
_WORD = rf"\W{{0,3}}(?P<word>\w+|{_FILL})"
# Other programs take a list, a heading or a table also right below a line of words; pandoc does not.
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
# A note written without its ^, "[1]: See Roe", is the address of a link for Markdown, which prints it nowhere.
_ADDRESS = re.compile(r"^ {0,3}\[(?!\^)(?P<name>[^\]\n]+)\]:[ \t]+\S.*$", re.MULTILINE)
_USED = re.compile(r"(?<!\\)\[(?!\^)(?P<name>[^\[\]]+)\](?!:)")
"""The name of an address where it is used, [words][name], or [name] by itself."""
_SHOWN = 40


def node_problems(
    blocks: list[Node], sources: Sequence[Source], styles: frozenset[str], structure: frozenset[str]
) -> Iterator[Problem]:
    """Find what neither medium can show, and classes that Word has no style for."""
    for node in walk(blocks):
        if node["t"] in _UNKNOWN:
            what = f"{_UNKNOWN[node['t']]} is not something a letter can show"
            hint = "take off the blanks or tabs its lines begin with, or the marks around it"
            yield Problem(_find_text(sources, node), what, hint if node["t"] == "CodeBlock" else "write it as text")
        if node["t"] == "OrderedList":
            yield from _number_problems(node, sources)
        for name in classes(node) if node["t"] in ("Div", "Span") else ():
            if name not in structure and style_name(name) not in styles:
                known = [style.lower().replace(" ", "-") for style in styles]
                what = f'"{name}" is not a style of letterhead.docx'
                yield Problem(_find(sources, name), what, did_you_mean(name, known))


def _number_problems(node: Node, sources: Sequence[Source]) -> Iterator[Problem]:
    """Find a list whose numbers one of the media cannot write: Word counts that far, and a style sheet in Roman."""
    (start, style, _), items = node["c"]
    most = _MOST_ROMAN if style["t"].endswith("Roman") else _MOST_NUMBER
    if (last := start + len(items) - 1) > most:
        what = f"a list goes on to number {last:,}, and {most:,} is the most" + " in Roman" * (most == _MOST_ROMAN)
        yield Problem(
            _find_text(sources, node), what, "write the numbers as text, with a backslash before the period: 40000\\."
        )


def note_problems(blocks: Sequence[Node], places: Mapping[str, Place], otherwise: Place) -> Iterator[Problem]:
    """Find notes without any words, and tables in notes; `places` are those of named notes."""
    for node in walk(blocks):
        if node["t"] != "Note":
            continue
        name = str(node.get("name", ""))
        place = places.get(name, otherwise)
        called = f"the note [^{name}]" if name in places else "a note"
        if has_words(node["c"]) == NO:
            yield Problem(place, f"{called} is empty: it has no words", "write it, or delete its number in the text")
        for inner in walk(node["c"]):
            if refused := _refused(inner):
                what = f"{called} holds {refused}, which cannot stand at the foot of a page"
                yield Problem(place, what, "write it into the text, or as sentences")


def _refused(node: Node) -> str:
    if node["t"] == "OrderedList" and any(item["t"] != "Item" for item in node["c"][1]):
        return "a numbered list with conditions"
    is_table = node["t"] == "Div" and WORD_TABLE in classes(node)
    return _REFUSED["Table"] if is_table else _REFUSED.get(node["t"], "")


def no_such_place(sources: Sequence[Source], name: str) -> Problem:
    """Return the problem of a link that leads to no heading and no bookmark of its text."""
    found = next((each.place(each.text.index(f"(#{name})")) for each in sources if f"(#{name})" in each.text), None)
    what = f'a link leads to "#{name}", and there is no such heading or bookmark'
    return Problem(found or Place(sources[-1].path), what, "correct the link, or write it as plain words")


def _find(sources: Sequence[Source], word: str) -> Place:
    """Find the line where a class is named."""
    pattern = re.compile(rf"(^\s*:::+|\]\{{|<(?:span|div)\b).*\b{re.escape(word)}\b", re.MULTILINE) if word else None
    for source in sources:
        if found := pattern.search(source.text) if pattern else None:
            return source.place(found.end())._replace(column=0)
    return Place(sources[-1].path)


def _find_text(sources: Sequence[Source], node: Node) -> Place:
    """Find the line where a node begins, by its first words."""
    found = re.search(r"'t': 'Str', 'c': '(.*?)'", str(node["c"]))
    words = found[1] if found else max(TOKEN.split(str(node["c"][1]).strip().split("\n")[0]), key=len)
    for source in reversed(sources):
        if words and words in source.text:
            return source.place(source.text.index(words))._replace(column=0)
    return Place(sources[-1].path)


def markup_problems(blocks: list[Node], sources: Sequence[Source]) -> Iterator[Problem]:
    """Find markup of other programs, and bullets that somebody typed, which a letter prints as they stand."""
    seen: dict[str, int] = {}
    # Whether the next text is the first of its block: a bullet stands nowhere else.
    begins = True
    for node in walk(blocks):
        if node["t"] == "Strikeout":
            what = "words would be printed struck through"
            yield warning(_find_text(sources, node), what, "remove them; a letter shows none of its changes")
        if node["t"] not in ("Str", "Code"):
            begins = node["t"] not in _INSIDE_A_LINE
            continue
        # A fence with the name of a format, ```{=html}, is read as code that begins with that name.
        text = node["c"] if node["t"] == "Str" else _raw_mark(node["c"][1])
        for pattern, kind, hint in _MARKUP:
            for found in pattern.finditer(text):
                if place := _next_place(sources, _around(text, found.start(), found.end()), seen):
                    yield Problem(place, f'{kind} would be printed as it stands: "{found[0]}"', hint)
        if begins and text[:1] in _BULLETS and (place := _next_place(sources, _around(text, 0, 1), seen)):
            what = f'"{text[0]}" was typed as a bullet: the lines run on, as one paragraph'
            yield warning(place, what, 'begin each line of a list with "* "')
        begins = False


def _raw_mark(code: str) -> str:
    found = _RAW.match(code)
    return found[0] if found else ""


def _around(text: str, start: int, end: int) -> str:
    """Return a pattern for a part of a text with the words around it, by which it is found in the source."""
    before, after = " ".join(text[:start].split(" ")[-2:]), " ".join(text[end:].split(" ")[:2])
    return f"{_loosely(before)}({_loosely(text[start:end])}){_loosely(after)}"


def _loosely(text: str) -> str:
    return r"\s+".join(map(re.escape, re.split(r"\s+", text)))


def _next_place(sources: Sequence[Source], pattern: str, seen: dict[str, int]) -> Place | None:
    """Return the next place of some words after those found before; None where they are there with escapes only."""
    for source in reversed(sources):
        if found := re.compile(pattern).search(source.text, seen.get(pattern, 0)):
            seen[pattern] = found.start() + 1
            return source.place(found.start(1))
    return None


def unread_marks(blocks: Sequence[Node], source: Source) -> Iterator[Problem]:
    """Yield a problem for each line that would be printed with its mark, for lost cells, and for changed numbers."""
    # As long as the source, so that places in it are those of the source.
    masked = _TAG.sub(_masked, source.text)
    # A mark that pandoc has understood is in no paragraph any more.
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
