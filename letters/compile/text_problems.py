"""Finds what a text has that no letter can show, or that would be printed as markup: blocks, classes, links, tags."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from letters.compile.lower import style_name
from letters.formats.jinja import TOKEN
from letters.formats.tree import Node, classes, walk
from letters.model.problems import Place, Problem, did_you_mean, warning
from letters.model.records import Source

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
_MOST_NUMBER, _MOST_ROMAN = 32_767, 3_999
_STARS = re.compile(r"\*\*|(?<![_\w])__(?=[^\W_])|(?<=[^\W_])__(?!\w)")
_BULLETS = frozenset("•‣◦▪●○■\uf0b7")
_MARKUP = (
    (_HTML, "a tag of HTML", "write *italics*, **bold**, H~2~O, x^2^; a line ends with a backslash"),
    (_TEX, "a command of TeX", "leave it out: the pages of a letter break by themselves, where they may"),
    (_FORMULA, "a formula of TeX", "write it in words and signs: ½, ×, x^2^"),
    (_RAW, "a mark of another program for markup", "remove it, and the markup before it"),
    (_STARS, "a mark for bold type without its partner", "write **bold**, without blanks inside; \\*\\* prints stars"),
)


def node_problems(
    blocks: list[Node], sources: Iterable[Source | None], styles: frozenset[str], structure: frozenset[str]
) -> Iterable[Problem]:
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


def _number_problems(node: Node, sources: Iterable[Source | None]) -> Iterable[Problem]:
    """Find a list whose numbers one of the media cannot write: Word counts that far, and a style sheet in Roman."""
    (start, style, _), items = node["c"]
    most = _MOST_ROMAN if style["t"].endswith("Roman") else _MOST_NUMBER
    if (last := start + len(items) - 1) > most:
        what = f"a list goes on to number {last:,}, and {most:,} is the most" + " in Roman" * (most == _MOST_ROMAN)
        yield Problem(
            _find_text(sources, node), what, "write the numbers as text, with a backslash before the period: 40000\\."
        )


def no_such_place(sources: Iterable[Source | None], name: str) -> Problem:
    """Return the problem of a link that leads to no heading and no bookmark of its text."""
    there = [source for source in sources if source]
    found = next((each.place(each.text.index(f"(#{name})")) for each in there if f"(#{name})" in each.text), None)
    what = f'a link leads to "#{name}", and there is no such heading or bookmark'
    return Problem(found or Place(there[-1].path), what, "correct the link, or write it as plain words")


def _find(sources: Iterable[Source | None], word: str) -> Place:
    """Find the line where a class is named."""
    there = [source for source in sources if source]
    pattern = re.compile(rf"(^\s*:::+|\]\{{|<(?:span|div)\b).*\b{re.escape(word)}\b", re.MULTILINE) if word else None
    for source in there:
        if found := pattern.search(source.text) if pattern else None:
            return source.place(found.end())._replace(column=0)
    return Place(there[-1].path)


def _find_text(sources: Iterable[Source | None], node: Node) -> Place:
    """Find the line where a node begins, by its first words."""
    there = [source for source in sources if source]
    found = re.search(r"'t': 'Str', 'c': '(.*?)'", str(node["c"]))
    words = found[1] if found else max(TOKEN.split(str(node["c"][1]).strip().split("\n")[0]), key=len)
    for source in reversed(there):
        if words and words in source.text:
            return source.place(source.text.index(words))._replace(column=0)
    return Place(there[-1].path)


def markup_problems(blocks: list[Node], sources: Iterable[Source | None]) -> Iterator[Problem]:
    """Find markup of other programs, and bullets that somebody typed, which a letter prints as they stand."""
    there = [source for source in sources if source]
    seen: dict[str, int] = {}
    begins = True
    for node in walk(blocks):
        if node["t"] != "Str":
            begins = node["t"] not in _INSIDE_A_LINE
            continue
        text = node["c"]
        for pattern, kind, hint in _MARKUP:
            for found in pattern.finditer(text):
                if place := _next_place(there, _around(text, found.start(), found.end()), seen):
                    yield Problem(place, f'{kind} would be printed as it stands: "{found[0]}"', hint)
        if begins and text[:1] in _BULLETS and (place := _next_place(there, _around(text, 0, 1), seen)):
            what = f'"{text[0]}" was typed as a bullet: the lines run on, as one paragraph'
            yield warning(place, what, 'begin each line of a list with "* "')
        begins = False


_INSIDE_A_LINE = frozenset(("Space", "Field", "Emph", "Strong", "Underline", "Strikeout", "Span", "Link", "SmallCaps"))


def _around(text: str, start: int, end: int) -> str:
    """Return a pattern for a part of a text with the words around it, by which it is found in the source."""
    before, after = " ".join(text[:start].split(" ")[-2:]), " ".join(text[end:].split(" ")[:2])
    return f"{_loosely(before)}({_loosely(text[start:end])}){_loosely(after)}"


def _loosely(text: str) -> str:
    return r"\s+".join(map(re.escape, re.split(r"\s+", text)))


def _next_place(sources: list[Source], pattern: str, seen: dict[str, int]) -> Place | None:
    """Return the next place of some words after those found before; None where they are there with escapes only."""
    for source in reversed(sources):
        if found := re.compile(pattern).search(source.text, seen.get(pattern, 0)):
            seen[pattern] = found.start() + 1
            return source.place(found.start(1))
    return None
