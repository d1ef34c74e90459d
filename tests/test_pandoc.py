"""What we hand to pandoc comes out as if pandoc had read and written it by itself."""

from __future__ import annotations

import subprocess
from pathlib import Path

from letters import pandoc
from letters.package import read_package
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
