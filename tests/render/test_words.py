"""PDF and DOCX of a letter say the same words, and no word of another recipient's data."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.desk import ROOT
from tests.reading import Words, docx_words, pdf_words
from tests.sample import EACH_OF_DOZEN, Built, build_sample, recipients

TEXTS = [" ".join(path.read_text("utf-8").split()) for path in (ROOT / "templates").rglob("*.md")]
OWN = ("agency", "address1", "last_name", "jurisdiction")


@pytest.mark.parametrize("identifier", EACH_OF_DOZEN)
def test_pdf_and_docx_say_the_same_words_in_the_same_order(dozen: Built, identifier: str) -> None:
    pdf, docx = pdf_words(dozen.content(identifier, "pdf")), docx_words(dozen.content(identifier, "docx"))
    assert pdf == docx
    assert len(pdf.body) > 800
    assert len(pdf.notes) > 150


@pytest.mark.parametrize("identifier", EACH_OF_DOZEN)
@pytest.mark.parametrize("medium", ["pdf", "docx"])
def test_a_letter_names_its_recipient_and_no_other(dozen: Built, identifier: str, medium: str) -> None:
    words = (pdf_words if medium == "pdf" else docx_words)(dozen.content(identifier, medium))
    own = recipients()[identifier]
    assert all(own[column] in words for column in OWN if own[column])
    assert foreign(words, own) == []


@pytest.mark.slow
def test_all_letters_say_the_same_words_and_name_no_other_recipient(tmp_path: Path) -> None:
    everybody = {identifier: row for identifier, row in recipients().items() if not row["hold"]}
    built = build_sample(tmp_path, everybody)
    for identifier, row in everybody.items():
        pdf = pdf_words(built.content(identifier, "pdf"))
        assert pdf == docx_words(built.content(identifier, "docx")), identifier
        assert foreign(pdf, row) == [], identifier


def foreign(words: Words, own: Mapping[str, str]) -> list[str]:
    """List what a letter says of others: names and streets that stand neither in its own row nor in its Markdown."""
    mine = " ".join(own.values())
    return [text for text in of_recipients() if text not in mine and text in words]


@functools.cache
def of_recipients() -> list[str]:
    """List the names and streets of the list that the Markdown of the letters does not say to everybody."""
    said = []
    for other in recipients().values():
        name = f"{other['first_name']} {other['last_name']}".strip()
        said += [text for text in (other["agency"], other["address1"], name) if text]
    markdown = " ".join(TEXTS)
    return [text for text in said if text not in markdown]
