"""Reads pandoc's tree as a list of paragraphs that can be compared: what each is, and its text with its emphasis.

Both sides are read so: the Markdown of a letter as Word will show it, and the Word file that came back. A tag is shown
as a label in plain words, ‹Recipient: agency› or ‹If recipient office›.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from letters.formats.tree import Node, content_of, paragraph_texts, table_rows, text
from letters.wording.chunks import kind_of

OPEN, CLOSE = "‹", "›"
"""The characters around a label; the letters themselves use other quotation marks."""
LABEL = re.compile(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}")
_CITE_LABEL = re.compile(f"({OPEN}Cite [^:{OPEN}{CLOSE}]*): ([^{OPEN}{CLOSE}]*){CLOSE}")
"""The label of a citation with its words: ‹Cite printz: Printz v. United States, 521 U.S. 898 (1997)›."""
NOTE_MARK = "^"
"""Begins the label of a note's call: ‹^arizona›."""
Runs = tuple[tuple[str, frozenset[str]], ...]
"""Pieces of text, each with its formats: "i" and "b" for italic and bold, "link ADDRESS", "style NAME" and so on."""
Separator = Callable[[Sequence[Node]], int | None]
"""Returns the number of the chunk that a paragraph announces; None for an ordinary paragraph."""
# Word curls quotation marks while somebody types, and nobody sees which kind of space stands between words.
_FOLDED = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "\u00a0": " "})
_SAID = {
    "if": "If",
    "elif": "Else, if",
    "else": "Else",
    "endif": "End of if",
    "for": "For each",
    "endfor": "End of each",
}
_WORDS = ((r"\s*==\s*", " is "), (r"\s*!=\s*", " is not "), (r"_", " "), (r"\.", " "))
_LABEL_LENGTH = 40
"""The number of characters of a comment that its label shows."""
_FLAGS = {
    "Emph": "i",
    "Strong": "b",
    "SmallCaps": "small-caps",
    "Underline": "u",
    "Superscript": "sup",
    "Subscript": "sub",
    "Strikeout": "s",
}
_PLAIN_STYLES = frozenset(
    ("body text", "first paragraph", "compact", "text body", "table text", "footnote text", "footnote", "normal")
)
"""Styles of Word, LibreOffice and pandoc that only say that a paragraph is one."""
_NO_STYLES = frozenset(("anchor", "mark", "paragraph-insertion", "paragraph-deletion"))
"""Classes that pandoc's reader gives to bookmarks, highlighted text, and paragraph marks with tracked changes."""
_QUOTED = {"SingleQuote": ("‘", "’"), "DoubleQuote": ("“", "”")}
_NOTE_LABEL = "Note "


def labels(tags: Mapping[int, str]) -> dict[int, str]:
    """Return the label of each tag, by the number of its token; different tags never share one."""
    by_label: dict[str, str] = {}
    made = {}
    for number, tag in tags.items():
        plain = _plain(tag)
        label, count = plain, 1
        # Tags that differ in spaces or kinds of quotation marks alone are different tags.
        while by_label.setdefault(folded(label), tag) != tag:
            count += 1
            label = f"{plain} ({count})"
        made[number] = f"{OPEN}{label}{CLOSE}"
    return made


def with_words(label: str, words: str) -> str:
    """Return the label of a citation with the words that the letter will have in its place."""
    return f"{label.removesuffix(CLOSE)}: {words.translate({ord(OPEN): None, ord(CLOSE): None})}{CLOSE}"


def citations_in(blocks: Sequence[Node]) -> dict[str, str]:
    """Return the words of each label of a citation in the tree of a Word file, by the label without them."""
    said = " ".join(" ".join(paragraph_texts(blocks)).split())
    return {f"{label}{CLOSE}": words for label, words in _CITE_LABEL.findall(said)}


def folded(label: str) -> str:
    """Return a label so that straight and curly quotation marks, and kinds of spaces, make no difference."""
    return " ".join(label.strip(OPEN + CLOSE).translate(_FOLDED).split())


def _plain(tag: str) -> str:
    kind = kind_of(tag)
    inside = " ".join(tag[2:-2].strip("-+ \n\t").split())
    if kind == "output":
        return _field(inside)
    if kind == "comment":
        # A label inside of a label would end it.
        return "Comment: " + inside.replace(OPEN, "").replace(CLOSE, "")[:_LABEL_LENGTH]
    if kind == "raw":
        return "Literal text"
    word, _, rest = inside.partition(" ")
    if word == "include":
        return f"Clause: {rest.strip(chr(34) + chr(39))}"
    return " ".join(filter(None, (_SAID.get(word, word), _spoken(rest))))


def _field(expression: str) -> str:
    path, *filters = (part.strip() for part in expression.split("|"))
    root, dot, rest = path.partition(".")
    if (root == "cite" and dot) or path.startswith("cite["):
        return f"Cite {rest or path.removeprefix('cite')}"
    if root == "note" and dot:
        return f"Number of note {rest}"
    name = f"{root.capitalize()}: {_spoken(rest)}" if dot and rest.replace("_", "").replace(".", "").isalnum() else path
    return name + (f", as {', '.join(_spoken(f) for f in filters)}" if filters else "")


def _spoken(expression: str) -> str:
    """Return an expression in words; strings in quotation marks stay as they are."""
    pieces = re.split(r"(\"[^\"]*\"|'[^']*')", expression)
    for number in range(0, len(pieces), 2):
        for pattern, words in _WORDS:
            pieces[number] = re.sub(pattern, words, pieces[number])
    return "".join(pieces).strip()


@dataclass(frozen=True, slots=True)
class WordingParagraph:
    """A paragraph as counsel sees it."""

    role: str
    """"p", "h1", "item 1 bullet", "further 1", "quote", "style NAME", "cell", "note NAME" or "mark"."""
    runs: Runs
    chunk: int = -1
    """The number of the chunk it comes from; -1 where it comes from Word."""

    @property
    def words(self) -> str:
        """Its text without emphasis."""
        return "".join(run for run, _ in self.runs)

    @property
    def key(self) -> str:
        """A text that is the same for two paragraphs that count as equal."""
        said = (f"<{' '.join(sorted(flags))}>{run}</>" if flags else run for run, flags in self.runs)
        return f"{self.role}\n{''.join(said)}"


def read(blocks: Sequence[Node], separator: Separator = lambda _: None) -> list[WordingParagraph]:
    """Return the paragraphs of a tree, the notes at the end.

    In a tree from Word a note has its name in a label at its beginning; those that counsel added are named "added-1",
    "added-2" and so on.
    """
    reader = _ParagraphReader(separator)
    reader.blocks(blocks, "p", 0)
    return [*reader.paragraphs, *reader.notes]


def comments(value: Any) -> Iterator[str]:
    """Yield the comments in the tree of a Word file with author and date, in the order of the text."""
    if isinstance(value, list):
        for item in value:
            yield from comments(item)
    elif isinstance(value, dict):
        if value.get("t") == "Span" and "comment-start" in value["c"][0][1]:
            keys = dict(value["c"][0][2])
            paragraphs = read([{"t": "Para", "c": value["c"][1]}])
            words = " ".join(part for paragraph in paragraphs for part, _ in paragraph.runs)
            yield f"{keys.get('author') or 'somebody'}, {keys.get('date', '')[:10]}: {words}"
        else:
            yield from comments(value.get("c"))


class _ParagraphReader:
    """Walks a tree and collects its paragraphs and notes."""

    def __init__(self, separator: Separator) -> None:
        self.separator = separator
        self.chunk = -1
        self.paragraphs: list[WordingParagraph] = []
        self.notes: list[WordingParagraph] = []
        self.added = 0

    def blocks(self, nodes: Sequence[Node], role: str, depth: int) -> None:
        for node in nodes:
            self.block(node, role, depth)

    def block(self, node: Node, role: str, depth: int) -> None:
        kind, content = node["t"], content_of(node)
        if kind in ("Para", "Plain"):
            self.paragraph(content, role)
        elif kind == "Header":
            self.paragraph(content[2], f"h{content[0]}")
        elif kind == "Div":
            style = _style(content[0])
            is_plain = not style or style.lower() in _PLAIN_STYLES
            self.blocks(content[1], role if is_plain else f"style {style}", depth)
        elif kind == "BulletList":
            self.items(content, "bullet", depth + 1)
        elif kind == "OrderedList":
            self.items(content[1], "number", depth + 1)
        elif kind == "BlockQuote":
            self.blocks(content, "quote", depth)
        elif kind == "LineBlock":
            self.paragraph([child for line in content for child in (*line, {"t": "LineBreak"})][:-1], role)
        elif kind == "Table":
            for _, cells in table_rows(node):
                for cell in cells:
                    self.blocks(cell[4], "cell", depth)

    def items(self, items: Sequence[list[Node]], kind: str, depth: int) -> None:
        for item in items:
            for number, node in enumerate(item):
                self.block(node, f"further {depth}" if number else f"item {depth} {kind}", depth)

    def paragraph(self, inlines: Sequence[Node], role: str) -> None:
        number = self.separator(inlines)
        if number is not None:
            self.chunk = number
            return
        runs = tidy(self.inlines(inlines, frozenset()))
        if runs:
            only_labels = not LABEL.sub("", "".join(run for run, _ in runs)).strip()
            # A condition that is a paragraph by itself: counsel may move words over it, but not change it.
            mark = only_labels and (role == "p" or role.startswith("style ")) and _is_statement(runs)
            if role == "cell":  # LibreOffice writes the bold type of a table's head into its words
                runs = (("".join(run for run, _ in runs), frozenset()),)
            self.paragraphs.append(WordingParagraph("mark" if mark else role, runs, self.chunk))

    def inlines(self, nodes: Sequence[Node], flags: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
        for node in nodes:
            kind, content = node["t"], content_of(node)
            if kind == "Str":
                yield content, flags
            elif kind in ("Space", "SoftBreak"):
                yield " ", flags
            elif kind == "LineBreak":
                yield "\n", flags
            elif kind == "Note":
                yield f"{OPEN}{NOTE_MARK}{self.note(node)}{CLOSE}", frozenset()
            elif kind == "Code":
                yield content[1], flags | {"code"}
            else:
                yield from self.rarer(kind, content, flags)

    def rarer(self, kind: str, content: Any, flags: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
        if kind in _FLAGS:
            yield from self.inlines(content, flags | {_FLAGS[kind]})
        elif kind == "Quoted":
            left, right = _QUOTED[content[0]["t"]]
            yield from self.inlines([text(left), *content[1], text(right)], flags)
        elif kind == "Link":
            yield from self.inlines(content[1], flags | {f"link {content[2][0]}"})
        elif kind == "Span":
            style = _style(content[0])
            yield from self.inlines(content[1], flags | {f"style {style}"} if style else flags)

    def note(self, node: Node) -> str:
        """Read a note aside and return its name."""
        aside = _ParagraphReader(self.separator)
        aside.chunk, aside.added = self.chunk, self.added
        aside.blocks(node["c"], "p", 0)
        self.added = aside.added
        name = node.get("name") or _name_in(aside.paragraphs)
        if not name:
            self.added += 1
            name = f"added-{self.added}"
        for number, paragraph in enumerate(aside.paragraphs):
            runs = tidy(_without_name(paragraph.runs)) if number == 0 else paragraph.runs
            self.notes.append(WordingParagraph(f"note {name}", runs, paragraph.chunk))
        return str(name)


def _style(attributes: Any) -> str:
    """Return the style that a class or a custom style of Word means; empty where it means none."""
    named = next((value for key, value in attributes[2] if key == "custom-style"), "")
    classes = [name for name in attributes[1] if name not in _NO_STYLES]
    return str(named or (classes[0].replace("-", " ").title() if classes else ""))


def _is_statement(runs: Runs) -> bool:
    first = folded(LABEL.findall("".join(run for run, _ in runs))[0])
    return first.startswith(("If ", "Else", "End of ", "For each ", "Clause: ", "End of clause"))


def _name_in(paragraphs: Sequence[WordingParagraph]) -> str:
    label = LABEL.match(paragraphs[0].words.lstrip()) if paragraphs else None
    said = folded(label[0]) if label else ""
    return said.removeprefix(_NOTE_LABEL).strip() if said.startswith(_NOTE_LABEL) else ""


def _without_name(runs: Runs) -> Iterator[tuple[str, frozenset[str]]]:
    """Leave out the label that names a note."""
    looking = True
    for run, flags in runs:
        stripped = run.lstrip() if looking else run
        label = LABEL.match(stripped) if looking else None
        if label and folded(label[0]).startswith(_NOTE_LABEL):
            yield stripped[label.end() :], flags
        else:
            yield run, flags
        looking = looking and not run.strip()


def tidy(pieces: Iterable[tuple[str, frozenset[str]]]) -> Runs:
    """Join pieces of text so that what looks alike is equal; spaces at the edge of emphasis lose it.

    Word, LibreOffice and pandoc put such spaces, which no reader can tell from plain ones, on either side.
    """
    runs: list[tuple[str, frozenset[str]]] = []
    for piece, flags in _whole_labels(list(pieces)):
        # The words of a citation are the authorities file's; the label alone tells which it is.
        for part in _apart(_CITE_LABEL.sub(rf"\1{CLOSE}", piece.replace("\u00a0", " "))):
            own = flags if part.strip() else frozenset()
            if runs and runs[-1][1] == own:
                runs[-1] = (runs[-1][0] + part, own)
            elif part:
                runs.append((part, own))
    return _one_spaced(_bridged(runs))


def _whole_labels(pieces: list[tuple[str, frozenset[str]]]) -> Iterator[tuple[str, frozenset[str]]]:
    """Keep each label in one piece where emphasis begins or ends inside it; the whole gets that of its beginning."""
    ends = [label.span() for label in LABEL.finditer("".join(piece for piece, _ in pieces))]
    position, owed = 0, 0
    for piece, flags in pieces:
        start, end = position, position + len(piece)
        position = end
        rest = piece[owed:]
        owed = max(0, owed - len(piece))
        # Half of a field that somebody made bold is still a part of that field.
        crossing = next((stop for begin, stop in ends if start <= begin < end < stop), end)
        if crossing > end:
            whole = "".join(each for each, _ in pieces)
            rest += whole[end:crossing]
            owed = crossing - end
        if rest:
            yield rest, flags


def _apart(piece: str) -> Iterator[str]:
    """Split a piece into words, labels and the spaces at its edges."""
    position = 0
    for label in LABEL.finditer(piece):
        yield from _spaces_apart(piece[position : label.start()])
        yield label[0]
        position = label.end()
    yield from _spaces_apart(piece[position:])


def _spaces_apart(piece: str) -> Iterator[str]:
    inner = piece.strip()
    if not inner:
        yield piece
        return
    start = piece.index(inner)
    yield from filter(None, (piece[:start], inner, piece[start + len(inner) :]))


def _bridged(runs: list[tuple[str, frozenset[str]]]) -> list[tuple[str, frozenset[str]]]:
    """Extend emphasis over a space or a label where it is the same on both sides."""
    bridged: list[tuple[str, frozenset[str]]] = []
    for run, flags in runs:
        plain = len(bridged) > 1 and not bridged[-1][1] and not LABEL.sub("", bridged[-1][0]).strip()
        if flags and plain and bridged[-2][1] == flags and "\n" not in bridged[-1][0]:
            between, _ = bridged.pop()
            bridged[-1] = (bridged[-1][0] + between + run, flags)
        elif bridged and bridged[-1][1] == flags:
            bridged[-1] = (bridged[-1][0] + run, flags)
        else:
            bridged.append((run, flags))
    return bridged


def _one_spaced(runs: list[tuple[str, frozenset[str]]]) -> Runs:
    """Reduce white space to single spaces, none at the ends; line breaks stay."""
    result: list[tuple[str, frozenset[str]]] = []
    after_space = True
    for run, flags in runs:
        joined = re.sub(" {2,}", " ", run)
        if after_space:
            joined = joined.lstrip(" ")
        if joined:
            after_space = joined[-1] in " \n"
            result.append((joined, flags))
    while result and not result[-1][0].strip():
        result.pop()
    if result:
        result[-1] = (result[-1][0].rstrip(), result[-1][1])
    return tuple(result)
