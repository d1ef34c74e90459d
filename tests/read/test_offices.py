"""Offices are understood as people write them, and never guessed."""

from __future__ import annotations

import pytest

from letters.read.sense import understood_office

OFFICES = ("sheriff", "police_chief", "public_safety_director", "commissioner")


@pytest.mark.parametrize(
    ("said", "office"),
    [
        ("police_chief", "police_chief"),
        ("Police Chief", "police_chief"),
        ("Chief of Police", "police_chief"),
        ("CHIEF", "police_chief"),
        ("Sheriff’s Office", "sheriff"),
        ("County Sheriff", "sheriff"),
        ("Director of Public Safety", "public_safety_director"),
        ("Police Commissioner", ""),
        ("Interim Police Chief", ""),
        ("Undersheriff", ""),
        ("mayor", ""),
        ("", ""),
    ],
)
def test_an_office_is_understood_or_left(said: str, office: str) -> None:
    assert understood_office(said, OFFICES) == office


def test_a_word_of_two_offices_is_left() -> None:
    assert understood_office("Chief", ("police_chief", "fire_chief")) == ""
