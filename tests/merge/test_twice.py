"""A word that a field would print a second time is told, once for all rows."""

from __future__ import annotations

import pytest

from tests.conftest import MakeDesk


@pytest.mark.parametrize(
    ("letter", "said"),
    [
        (
            "We greet you: Dear {{ recipient.salutation }}",
            '"Dear {{ recipient.salutation }}" prints "Dear Dear Sheriff Heit:"',
        ),
        (
            "To the {{ recipient.agency }}, the\n{{ recipient.jurisdiction }}.",
            '"the the City of Adrian", the word twice',
        ),
        ("Dear Sheriff {{ recipient.last_name or 'X' }},\n\nWe write.", "follows the salutation that the frame prints"),
    ],
)
def test_a_word_that_would_stand_twice_is_told(make_desk: MakeDesk, letter: str, said: str) -> None:
    assert said in make_desk(letter=letter + "\n").run("check").stdout


def test_what_stands_once_is_left_alone(make_desk: MakeDesk) -> None:
    assert "twice" not in make_desk(letter="Dear reader, to the {{ recipient.agency }}.\n").run("check").stdout
