"""What we hand to pandoc comes out as if pandoc had read and written it by itself."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from letters.formats import pandoc
from letters.formats.ooxml import read_package
from tests.desk import ROOT

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


def test_words_that_are_joined_beforehand_give_the_same_document(tmp_path: Path) -> None:
    letterhead = ROOT / "templates" / "letterhead.docx"
    source, made = tmp_path / "source.md", tmp_path / "made.docx"
    source.write_text(MARKDOWN, "utf-8")
    straight = [pandoc.program(), "--from", pandoc.MARKDOWN, source, "--reference-doc", letterhead, "--output", made]
    subprocess.run(straight, check=True)
    theirs = read_package(made.read_bytes())
    ours = read_package(pandoc.write_docx(pandoc.read_markdown(MARKDOWN), letterhead))
    for part in ("word/document.xml", "word/footnotes.xml", "word/numbering.xml"):
        assert ours[part] == theirs[part]


AWKWARD = [
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
]


@given(st.lists(st.sampled_from([MARKDOWN, *AWKWARD]), max_size=4))
@example(AWKWARD)
@settings(max_examples=20, deadline=None)
def test_texts_that_are_read_together_are_the_same_as_each_by_itself(texts: list[str]) -> None:
    read = pandoc.read_together(texts)  # in which a run of plain words is one text
    assert pandoc.with_words_joined(read) == pandoc.with_words_joined([pandoc.read_markdown(text) for text in texts])


def test_texts_are_read_where_no_file_can_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/proc/nowhere")
    assert pandoc.read_together(["one", "two"]) == [pandoc.read_markdown("one"), pandoc.read_markdown("two")]
