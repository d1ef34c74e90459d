"""A text that is not found under its name is told with the file that may be meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from letters.read.folder import CLAUSES, LETTERS, shelf


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    for name in (
        "guidance-letter.md",
        "made-in-word.docx",
        "Texas.DOCX",
        "plan.odt",
        "letterhead.docx",
        "clauses/duty.md",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("Words.\n", "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "what", "hint"),
    [
        ("guidance-letter.md", "no text in templates/ is called", 'write "guidance-letter", for guidance-letter.md'),
        ("Guidance Letter", "no text in templates/ is called", 'write "guidance-letter", for guidance-letter.md'),
        (
            "templates/made-in-word.docx",
            "no text in templates/ is called",
            'write "made-in-word", for made-in-word.docx',
        ),
        ("Texas", "its ending in capitals", "rename it Texas.docx"),
        ("plan", "a text is Markdown (.md), or a Word file (.docx)", 'save it as "Word document (.docx)"'),
        ("made-in-wrod", 'there is no "made-in-wrod.md"', "did you mean made-in-word?"),
        ("letterhead", 'there is no "letterhead.md"', "known here: guidance-letter, made-in-word"),
    ],
)
def test_the_file_that_may_be_meant_is_named(templates: Path, name: str, what: str, hint: str) -> None:
    said, advice = shelf(templates, "templates").not_found(LETTERS, name)
    assert what in said
    assert hint in advice


def test_a_clause_is_no_word_file(templates: Path) -> None:
    (templates / "clauses/costs.docx").write_bytes(b"PK")
    said, _ = shelf(templates, "templates").not_found(CLAUSES, "costs")
    assert said == 'there is no "costs.md" in templates/clauses/'
