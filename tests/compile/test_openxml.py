"""What we write of a tree ourselves is what pandoc writes of it."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from letters.campaign.load import load
from letters.compile import word
from letters.compile.openxml import write_openxml
from letters.compile.openxml_looks import NotWrittenError
from letters.formats import pandoc
from letters.formats.ooxml import parse, read_package, serialize, w, write_package
from letters.formats.tree import Node
from tests.desk import ROOT

LETTERHEAD = ROOT / "templates" / "letterhead.docx"
PLAIN: list[Any] = ["", [], []]
RAW: Node = {"t": "RawInline", "c": ["openxml", "<w:r><w:tab/></w:r>"]}
KINDS = ("Para", "Para", "LineBlock", "Header", "BlockQuote", "Div", "BulletList", "OrderedList", "Table")
STYLES = ["Inside Address", "toc 1", "Body Text", "Of Nobody"]


def text(string: str) -> Node:
    return {"t": "Str", "c": string}


def without_section(member: bytes) -> bytes:
    root = parse(member)
    for body in root.iter(w("body")):
        for section in body.findall(w("sectPr")):
            body.remove(section)
    return serialize(root)


def same(blocks: list[Node], letterhead: Path = LETTERHEAD) -> bool:
    """Compare both where we write a tree; tell whether we do."""
    try:
        ours = write_openxml(blocks, letterhead)
    except NotWrittenError:
        return False
    theirs = read_package(pandoc.write_docx(blocks, letterhead))
    for name, member in ours.items():
        assert without_section(member) == without_section(theirs[name]), name
    assert b"<Relationship " not in theirs["word/_rels/footnotes.xml.rels"]
    return True


@pytest.mark.parametrize("letter", sorted(path.stem for path in (ROOT / "templates").glob("*.md")))
def test_every_letter_of_the_toolkit_is_written_as_pandoc_does(letter: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[Node]] = []

    def write(blocks: list[Node], letterhead: Path) -> dict[str, bytes]:
        seen.append(blocks)
        return write_openxml(blocks, letterhead)

    monkeypatch.setattr(word, "write_openxml", write)
    load(ROOT / "campaign.toml", letter)
    assert [same(blocks) for blocks in seen] == [True]


class Trees:
    """Draws trees of what a letter is made of."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def one(self, *choices: Any) -> Any:
        return self.chance.choice(choices)

    def some(self, draw: Callable[[], Any], least: int = 1, most: int = 3) -> list[Any]:
        return [draw() for _ in range(self.chance.randint(least, most))]

    def inlines(self, depth: int = 0, *, notes: bool) -> list[Node]:
        return self.some(lambda: self.inline(depth, notes=notes), 1 - min(depth, 1), 4)

    def inline(self, depth: int, *, notes: bool) -> Node:
        kind = self.chance.randint(0, 9)
        if kind < 4 or depth > 2:
            return text(self.one("a", "b c", "x&y <z>", "“é” –", "", "\ue000\ue010\ue001", " ", "%"))
        if kind < 7:
            return {"t": self.one("Space", "Space", "LineBreak")}
        if kind == 7:
            formats = ("Emph", "Strong", "Underline", "Strikeout", "Superscript", "SmallCaps")
            return {"t": self.one(*formats), "c": self.inlines(depth + 1, notes=notes)}
        if kind == 8 and notes:
            return {"t": "Note", "c": self.blocks(2, notes=False)}
        return self.one(RAW, {"t": "Span", "c": [PLAIN, self.inlines(depth + 1, notes=notes)]})

    def blocks(self, depth: int = 0, *, notes: bool) -> list[Node]:
        return self.some(lambda: self.block(depth, notes=notes))

    def block(self, depth: int, *, notes: bool) -> Node:
        kind = self.one(*KINDS)
        if depth > 2 or kind == "Para":
            return {"t": self.one("Para", "Plain"), "c": self.inlines(notes=notes)}
        if kind == "LineBlock":
            return {"t": kind, "c": self.some(lambda: self.inlines(1, notes=notes))}
        if kind == "Header":
            return {"t": kind, "c": [self.chance.randint(1, 3), PLAIN, self.inlines(notes=notes)]}
        if kind == "Table":
            return self.table(notes=notes)
        inside = self.blocks(depth + 1, notes=notes)
        if kind == "BlockQuote":
            return {"t": kind, "c": inside}
        if kind == "Div":
            return {"t": kind, "c": [["", [], self.one([], [["custom-style", self.one(*STYLES)]])], inside]}
        items = self.some(lambda: [self.block(3, notes=notes), *self.one([], inside)])
        if kind == "BulletList":
            return {"t": kind, "c": items}
        style = {"t": self.one("Decimal", "LowerAlpha", "UpperAlpha", "LowerRoman", "UpperRoman")}
        delimiter = {"t": self.one("Period", "OneParen", "TwoParens")}
        return {"t": kind, "c": [[self.chance.randint(1, 3), style, delimiter], items]}

    def table(self, *, notes: bool) -> Node:
        def cell() -> list[Any]:
            blocks = self.one([], *[[{"t": "Plain", "c": self.inlines(notes=notes)}]] * 3)
            return [PLAIN, {"t": "AlignDefault"}, 1, 1, blocks]

        def row() -> list[Any]:
            return [PLAIN, [cell(), cell()]]

        width = self.one({"t": "ColWidth", "c": 0.5}, {"t": "ColWidthDefault"})
        columns = [[{"t": f"Align{self.one('Left', 'Right', 'Center', 'Default')}"}, width] for _ in range(2)]
        head, body = [PLAIN, self.some(row, 0, 1)], [PLAIN, 0, [], self.some(row)]
        return {"t": "Table", "c": [PLAIN, [None, []], columns, head, [body], [PLAIN, []]]}


END: Node = {"t": "Para", "c": [text("end")]}
TREES = st.randoms(use_true_random=False).map(lambda chance: [*Trees(chance).blocks(notes=True), END])


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(TREES)
def test_any_tree_is_written_as_pandoc_does(blocks: list[Node]) -> None:
    same(blocks)


@pytest.mark.slow
@settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))
@given(TREES)
def test_very_many_trees_are_written_as_pandoc_does(blocks: list[Node]) -> None:
    same(blocks)


@pytest.mark.parametrize(
    "node",
    [
        text("a\u00adb"),
        text("漢字"),
        text("שריף"),
        {"t": "Code", "c": [PLAIN, "a"]},
        {"t": "Link", "c": [PLAIN, [text("a")], ["https://example.org", ""]]},
        {"t": "Span", "c": [["", ["insertion"], []], [text("a")]]},
        {"t": "Emph", "c": [{"t": "Strong", "c": [{"t": "Emph", "c": [text("a")]}]}]},
    ],
)
def test_what_is_rare_in_a_letter_is_left_to_pandoc(node: Node) -> None:
    with pytest.raises(NotWrittenError):
        write_openxml([{"t": "Para", "c": [node]}], LETTERHEAD)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("word/styles.xml", b'w:styleId="BodyText"', b'w:styleId="Textkoerper"'),
        ("word/styles.xml", b'w:val="Body Text"', b'w:val="body text"'),
        ("word/_rels/document.xml.rels", b'"rId4"', b'"rId17"'),
        ("word/document.xml", b"<w:document ", b'<w:document xmlns:other="urn:other" '),
    ],
)
def test_other_letterheads_are_known(tmp_path: Path, name: str, old: bytes, new: bytes) -> None:
    parts = read_package(LETTERHEAD.read_bytes())
    assert old in parts[name]
    letterhead = tmp_path / "letterhead.docx"
    changed = {**parts, name: parts[name].replace(old, new)}
    if b"rId4" in old:
        changed["word/document.xml"] = changed["word/document.xml"].replace(old, new)
    letterhead.write_bytes(write_package(changed))
    note = {"t": "Note", "c": [{"t": "Para", "c": [text("a note")]}]}
    assert same([{"t": "Para", "c": [text("first"), note]}, {"t": "Para", "c": [text("second"), note]}], letterhead)


@pytest.mark.parametrize("name", ["word/numbering.xml", "word/footnotes.xml"])
def test_a_letterhead_with_lists_or_notes_of_its_own_is_left_to_pandoc(tmp_path: Path, name: str) -> None:
    letterhead = tmp_path / "letterhead.docx"
    letterhead.write_bytes(write_package({**read_package(LETTERHEAD.read_bytes()), name: b"<a/>"}))
    with pytest.raises(NotWrittenError):
        write_openxml([{"t": "Para", "c": [text("a")]}], letterhead)
