"""Characters of a letter that nobody sees, that were read wrongly, or that cover other lines are named."""

from __future__ import annotations

import pytest

from letters.model.records import Source
from letters.read.resources import unshown_in_words
from tests.desk import ROOT


def told(text: str) -> list[str]:
    source = Source("letter.md", f"Dear all,\n{text}\n")
    return [f"{each.place}: {each.what}" for each in unshown_in_words(text, [source], ROOT / "templates/fonts", "t")]


@pytest.mark.parametrize(
    "character", "\u200b\u200c\u200d\u200e\u2028\u2060\u2061\ufeff\u2800\u034f\ufe0f\u180e\U000e0041"
)
def test_a_character_that_shows_nothing_is_named(character: str) -> None:
    (said,) = told(f"ab{character}cd")
    assert said.startswith(f"letter.md:2:3: an invisible character, U+{ord(character):04X}")


@pytest.mark.parametrize(
    ("text", "wrong"), [("Sheriffâ€™s", "â€™"), ("JosÃ©", "Ã©"), ("Jos\ufffd", "\ufffd"), ("a\x92s", "")]
)
def test_letters_that_were_read_in_the_wrong_encoding_are_named(text: str, wrong: str) -> None:
    (said,) = told(text)
    name = f'"{wrong}"' if wrong else "U+0092"
    assert said.endswith(f": {name} stands where letters were read in the wrong encoding")


def test_a_heap_of_marks_over_one_letter_is_named() -> None:
    assert told("a" + "\u0301" * 90) == ["letter.md:2:2: 90 marks stand over one letter, which would cover other lines"]


def test_words_of_other_languages_and_what_typing_needs_are_let_through() -> None:
    assert told("São Tomé, Muñoz, Đặng\u00a0Thị, so\u00adgenannt, “SÃO”, café&nbsp;1, e\u0301, x\u20601") == []
