"""What we hand to pandoc comes out as if pandoc had read and written it by itself."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

import hypothesis
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from letters.formats import pandoc
from letters.formats.ooxml import read_package
from letters.formats.tree import Node
from tests.desk import ROOT
from tests.examples import examples

MARKDOWN = """
# A *heading* of words

Words, and *more words * here.[^a] **Bold *and* more** words  and a \\
break; a [link to it](https://example.org/x "title") and `code here` too.[^b]

[^a]: A note of *several* words.
[^b]: Another.

1.  An item of words

    - An inner item.[^c]

| A column | Another one |
|----------|-------------|
| two words | *three* words here |

[^c]: The third.
"""


@pytest.fixture(autouse=True)
def started_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the process alone that all tests share: here is tested that both ways read the same."""
    monkeypatch.setattr(pandoc, "_kept", None)
    monkeypatch.setattr(pandoc, "_users", 0)


def test_a_tree_gives_the_same_document_as_its_text(tmp_path: Path) -> None:
    letterhead = ROOT / "templates" / "letterhead.docx"
    source, made = tmp_path / "source.md", tmp_path / "made.docx"
    source.write_text(MARKDOWN, "utf-8")
    straight = [pandoc.program(), "--from", pandoc.MARKDOWN, source, "--reference-doc", letterhead, "--output", made]
    subprocess.run(straight, check=True)
    theirs = read_package(made.read_bytes())
    ours = read_package(pandoc.write_docx(pandoc.read_markdown(MARKDOWN), letterhead.read_bytes()))
    for part in ("word/document.xml", "word/footnotes.xml", "word/numbering.xml"):
        assert ours[part] == theirs[part]


AWKWARD = [
    'On Apr. 11 Mr. Doe, p. 3, said so -- e.g. to "Gen. Roe"...\n',
    "",
    "\n",
    "text without an end of line",
    "# Head\n\nSee [below](#head), [nothing](#nowhere), [a part](#part).[^1]\n\n[^1]: One.\n",
    "# Head\n\n# Head\n\n::: {#part .closing}\nA [named] link to [it](#head).[^1]\n:::\n\n[^1]: Another.\n",
    "[named]: https://example.org\n",
    "~~~\ncode that is never closed\n",
    "::: closing\n\nA division that is never closed.[^2]\n",
    "- an item\n\n    - within\n",
    "    between\n",
    "| a |\n|---|\n| [span]{#part} |\n",
    "Setext\n===\n\n[Setext]\n",
    "lines\r\nof Windows\r\n",
    "-\titem\n\n\tmore\n\n`a\tb` and\twords\n\n\tcode\tof tabs\n",
]


def read_by_itself(text: str) -> list[Node]:
    command = [pandoc.program(), "--from", pandoc.MARKDOWN, "--to", "json"]
    blocks: list[Node] = json.loads(subprocess.run(command, input=text.encode(), capture_output=True).stdout)["blocks"]
    return blocks


@given(st.lists(st.sampled_from([MARKDOWN, *AWKWARD]), max_size=4))
@example(AWKWARD)
@examples(6, 40)
def test_texts_that_are_read_together_are_the_same_as_each_by_itself(texts: list[str]) -> None:
    assert pandoc.read_markdown_texts(texts) == [read_by_itself(text) for text in texts]


def test_texts_are_read_where_no_file_can_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TMPDIR", raising=False)  # where it is set, pandoc gets the folder that Python has found
    monkeypatch.setattr(tempfile, "tempdir", "/proc/nowhere")
    assert pandoc.read_markdown_texts(["one", "two"]) == [read_by_itself("one"), read_by_itself("two")]


@pytest.mark.parametrize("around", ["BulletList", "BlockQuote"])
def test_two_lists_in_an_item_or_a_quotation_stay_apart_without_words_between_them(around: str) -> None:
    lists = [{"t": "OrderedList", "c": [[1, {"t": kind}, {"t": "Period"}], [[plain("a")]]]} for kind in KINDS]
    written = pandoc.write_markdown([{"t": around, "c": [lists] if around == "BulletList" else lists}])
    assert "nbsp" not in json.dumps(pandoc.read_markdown(written))


SIGNS = st.text("ab1 \\*_#[](){}<>^~$|@&;:.,!?`=+-%/§‘’“”'\"", min_size=1, max_size=12)


@given(st.lists(SIGNS.map(str.split).filter(bool), min_size=40, max_size=60))
@hypothesis.settings(max_examples=6)
def test_any_signs_are_written_as_markdown_that_reads_as_they_are(paragraphs: list[list[str]]) -> None:
    blocks = [{"t": "Para", "c": spaced(words)} for words in paragraphs]
    said = [joined(block) for block in pandoc.read_markdown(pandoc.write_markdown(blocks))]
    assert said == [" ".join(words) for words in paragraphs]


def spaced(words: list[str]) -> list[Node]:
    nodes: list[Node] = [{"t": "Space"}]
    for word in words:
        nodes += [{"t": "Str", "c": word}, {"t": "Space"}]
    return nodes[1:-1]


def joined(block: Node) -> str:
    """Return the words of a paragraph; a non-breaking space, which pandoc sets behind "p.", is a space."""
    assert block["t"] == "Para"
    return "".join(node["c"] if node["t"] == "Str" else " " for node in block["c"]).replace("\u00a0", " ")


KINDS = ("Decimal", "LowerAlpha")


def plain(said: str) -> dict[str, object]:
    return {"t": "Plain", "c": [{"t": "Str", "c": said}]}


def test_a_process_that_goes_on_running_reads_what_one_reads_that_is_started_each_time() -> None:
    texts = [MARKDOWN, "", "Another.\n\n* a list\n", "A note.[^a]\n\n[^a]: Of another text."]
    alone = [pandoc.read_markdown(text) for text in texts]
    with pandoc.kept_running():
        assert pandoc.read_markdown_texts(texts) == alone
        assert [pandoc.read_markdown(text) for text in reversed(texts)] == alone[::-1]
        running = pandoc._kept and pandoc._kept._process
        assert running
        assert running.poll() is None
    assert running.poll() is not None, "it ends with the work it was kept for"
    assert pandoc.read_markdown_texts(texts) == alone


def test_where_the_process_that_was_kept_is_gone_texts_are_read_all_the_same() -> None:
    with pandoc.kept_running():
        pandoc.read_markdown("One.")
        assert pandoc._kept
        assert pandoc._kept._process
        pandoc._kept._process.kill()
        assert [pandoc.read_markdown(text) for text in ("Two.", "Three.")] == [
            [{"t": "Para", "c": [{"t": "Str", "c": text}]}] for text in ("Two.", "Three.")
        ]
