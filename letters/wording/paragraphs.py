"""Reads pandoc's tree as a row of paragraphs that can be compared: what each is, and its text with its emphasis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from letters.tree import Node, content_of, text
from letters.wording.labels import CLOSE, LABEL, OPEN, folded
from letters.wording.runs import Runs, tidy

NOTE_MARK = "^"
"""Begins the label of a note's call: ‹^arizona›."""
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
"""Styles that only say that a paragraph is one."""
_QUOTED = {"SingleQuote": ("‘", "’"), "DoubleQuote": ("“", "”")}
_NOTE_LABEL = "Note "


@dataclass(frozen=True, slots=True)
class Paragraph:
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
        """What two equal paragraphs share."""
        said = (f"<{' '.join(sorted(flags))}>{run}</>" if flags else run for run, flags in self.runs)
        return f"{self.role}\n{''.join(said)}"


def read(blocks: Sequence[Node], separator: Any = None) -> list[Paragraph]:
    """Read the paragraphs of a tree, the notes at the end.

    `separator` tells the number of the chunk that a paragraph announces, None for an ordinary one. In a tree from Word
    a note tells its name by a label at its beginning; one that counsel added is named "added-1" and so on.
    """
    reader = _Reader(separator or (lambda _: None))
    reader.blocks(blocks, "p", 0)
    return [*reader.paragraphs, *reader.notes]


class _Reader:
    def __init__(self, separator: Any) -> None:
        self.separator = separator
        self.chunk = -1
        self.paragraphs: list[Paragraph] = []
        self.notes: list[Paragraph] = []
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
            self.blocks(content[1], _role_of(content[0], role), depth)
        elif kind == "BulletList":
            self.items(content, "bullet", depth + 1)
        elif kind == "OrderedList":
            self.items(content[1], "number", depth + 1)
        elif kind == "BlockQuote":
            self.blocks(content, "quote", depth)
        elif kind == "LineBlock":
            self.paragraph([child for line in content for child in (*line, {"t": "LineBreak"})][:-1], role)
        elif kind == "Table":
            for cell in _cells(content):
                self.blocks(cell, "cell", depth)

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
            mark = only_labels and (role == "p" or role.startswith("style ")) and _is_statement(runs)
            if role == "cell":  # LibreOffice writes the bold type of a table's head into its words
                runs = (("".join(run for run, _ in runs), frozenset()),)
            self.paragraphs.append(Paragraph("mark" if mark else role, runs, self.chunk))

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
        """Read a note aside, and tell its name."""
        aside = _Reader(self.separator)
        aside.chunk, aside.added = self.chunk, self.added
        aside.blocks(node["c"], "p", 0)
        self.added = aside.added
        name = node.get("name") or _name_in(aside.paragraphs)
        if not name:
            self.added += 1
            name = f"added-{self.added}"
        for number, paragraph in enumerate(aside.paragraphs):
            runs = tidy(_without_name(paragraph.runs)) if number == 0 else paragraph.runs
            self.notes.append(Paragraph(f"note {name}", runs, paragraph.chunk))
        return str(name)


def _role_of(attributes: Any, role: str) -> str:
    style = _style(attributes)
    if not style or style.lower() in _PLAIN_STYLES:
        return role
    return f"style {style}"


def _style(attributes: Any) -> str:
    """Tell the style that a class or a custom style of Word means; empty where it means none."""
    named = next((value for key, value in attributes[2] if key == "custom-style"), "")
    classes = [name for name in attributes[1] if name not in ("anchor", "paragraph-insertion", "paragraph-deletion")]
    return str(named or (classes[0].replace("-", " ").title() if classes else ""))


def _cells(table: list[Any]) -> Iterator[list[Node]]:
    _, _, _, head, bodies, foot = table
    rows = [*head[1], *(row for body in bodies for row in (*body[2], *body[3])), *foot[1]]
    for row in rows:
        for cell in row[1]:
            yield cell[4]


def _is_statement(runs: Runs) -> bool:
    first = folded(LABEL.findall("".join(run for run, _ in runs))[0])
    return first.startswith(("If ", "Else", "End of ", "For each ", "Clause: ", "End of clause"))


def _name_in(paragraphs: Sequence[Paragraph]) -> str:
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
