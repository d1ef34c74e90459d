"""Cutting a letter into chunks loses nothing, and labels name every tag."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.read.letter import split_front_matter
from letters.wording.chunks import CLAUSE_END, INCLUDE, NOTE, STATEMENT, LetterOutline, cut
from letters.wording.paragraphs import labels
from tests.desk import ROOT

TEXTS = sorted((ROOT / "templates").glob("**/*.md"))


def outline(text: str, clauses: dict[str, str] | None = None) -> LetterOutline:
    there = clauses or {}
    return cut("letter.md", text, 1, lambda name: (f"{name}.md", there[name], 1) if name in there else None)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_the_chunks_of_every_letter_are_the_letter(path: Path) -> None:
    text = path.read_text("utf-8")
    line = split_front_matter(text, path.name)[0].body_line
    assert cut(path.name, text, line, lambda _: None).text_of(0) == text


LINES = ["", "Prose of a letter.", "# Heading", "- item", "  more", "1. one", "[^a]: note", "    on", "{% if x %}"]
LINES += ["{% endif %}", "{# a\ncomment #}", "::: box", ":::", '{% include "c" %}', "Ends {{ a.b | c }} here[^a]", "{{"]


@given(st.lists(st.sampled_from(LINES), max_size=25))
def test_the_chunks_of_any_text_are_the_text(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert outline(text, {"c": "Clause.\n"}).text_of(0) == text


def test_a_paragraph_a_statement_a_clause_and_a_note_are_chunks_of_their_own() -> None:
    text = 'One.\n\n{% if a %}\nTwo.\n{% endif %}\n\n{% include "c" %}\n\n[^n]: Note\n    goes on.\n\n    And on.\n'
    kinds = [chunk.kind for chunk in outline(text, {"c": "Clause.\n"}).chunks]
    assert kinds == ["text", STATEMENT, "text", STATEMENT, INCLUDE, "text", CLAUSE_END, NOTE]


def test_a_condition_inside_a_paragraph_does_not_cut_it() -> None:
    chunks = outline("We ask\n{% if a %}\nyou\n{% else %}\nthem\n{% endif %}\nto stop.\n").chunks
    assert len(chunks) == 1


def test_each_chunk_knows_its_line_below_a_comment_of_several_lines() -> None:
    chunks = outline("{# one\ntwo\nthree #}\n\nText.\n").chunks
    assert [chunk.line for chunk in chunks] == [1, 5]


def test_labels_say_in_words_what_a_tag_does() -> None:
    tags = {
        0: "{{ recipient.agency }}",
        1: "{{ recipient.agreement_signed | long_date }}",
        2: '{% if recipient.office == "sheriff" %}',
        3: "{% endif %}",
        4: "{{ note.arizona }}",
        5: '{% include "no-duty" %}',
    }
    assert list(labels(tags).values()) == [
        "‹Recipient: agency›",
        "‹Recipient: agreement signed, as long date›",
        '‹If recipient office is "sheriff"›',
        "‹End of if›",
        "‹Number of note arizona›",
        "‹Clause: no-duty›",
    ]


def test_different_tags_never_share_a_label() -> None:
    assert len(set(labels({0: "{{ a.b_c }}", 1: "{{ a.b.c }}", 2: "{{ a.b_c }}"}).values())) == 2
