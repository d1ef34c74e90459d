"""Each construct of Word in each place is read as Word shows it, or named: in a draft and in a letter made in Word."""

from __future__ import annotations

from pathlib import Path

import pytest

from letters.formats.docx.inventory import draft_differences, shown_paragraphs, tree_paragraphs
from letters.formats.docx.normalize import normalized
from letters.formats.docx.opening import FOOTNOTES, open_docx
from letters.formats.docx.shown import style_formats
from letters.formats.docx.text import read
from letters.formats.ooxml import parse, write_package
from letters.formats.pandoc import read_docx
from letters.read.word_letter import read_word_letter
from letters.read.word_merge import MergeNames
from tests.formats.docx.corpus import CONSTRUCTS, PLACES, run, word_file

FILES = [(construct, place) for construct in CONSTRUCTS for place in PLACES]


@pytest.mark.parametrize(("name", "place"), FILES)
def test_a_draft_says_what_word_shows(name: str, place: str) -> None:
    construct = CONSTRUCTS[name]
    content = write_package(word_file(place, construct.xml))
    tree = read_docx(normalized(read(open_docx(content)), 1)[0])
    assert draft_differences(open_docx(content), tree) == []
    said = " ".join(tree_paragraphs(tree))
    assert construct.shown in said
    assert not construct.hidden or construct.hidden not in said


@pytest.mark.parametrize(("name", "place"), FILES)
def test_a_letter_made_in_word_says_what_word_shows(tmp_path: Path, name: str, place: str) -> None:
    construct = CONSTRUCTS[name]
    path = tmp_path / "letter.docx"
    path.write_bytes(write_package(word_file(place, construct.xml)))
    letter, problems = read_word_letter(path, "letter.docx", (), MergeNames({}, ()))
    assert [problem for problem in problems if problem.stops] == []
    assert construct.shown in letter.body.text.replace("**", "")
    assert not construct.hidden or construct.hidden not in letter.body.text


@pytest.mark.parametrize("place", PLACES)
def test_words_that_were_not_read_are_named_with_their_paragraph(place: str) -> None:
    parts = open_docx(write_package(word_file(place, run("Keep this") + run(" unheard of"))))
    content = write_package({**parts, "word/document.xml": parts["word/document.xml"].replace(b"unheard of", b"")})
    lost = {name: part.replace(b"unheard of", b"") for name, part in open_docx(content).items()}
    (difference,) = draft_differences(parts, read_docx(normalized(read(lost), 1)[0]))
    assert difference.element is not None
    assert difference.words == "unheard of"
    assert "First" in difference.beside


def test_words_that_word_hides_and_a_reader_shows_are_named() -> None:
    parts = open_docx(write_package(word_file("note", run("seen ") + run("secret", "<w:vanish/>"))))
    shown = list(shown_paragraphs(parse(parts[FOOTNOTES]), style_formats(parts), boxes=True))
    assert [paragraph.text for paragraph in shown] == ["First seen  last"]
    (difference,) = draft_differences(parts, read_docx(write_package(parts)))
    assert (difference.element, difference.words) == (None, "secret")
