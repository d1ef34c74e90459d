"""The titles of officials are known by their words, and written out as the forms of address have them."""

from __future__ import annotations

import pytest

from letters.read.people import is_title, split_title, written


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("Lt. Col.", "Lieutenant Colonel"),
        ("Chf. Dep.", "Chief Deputy"),
        ("Interim Police Chief", "Interim Chief"),
        ("Acting Sheriff", "Acting Sheriff"),
        ("Public Safety Director", "Director of Public Safety"),
        ("Chief of Police / City Manager", ""),
        ("CONSTABLE PCT. 3", "Constable"),
        ("The Honorable", ""),
    ],
)
def test_a_title_is_written_out(said: str, title: str) -> None:
    assert is_title(said)
    assert written([said]) == title


@pytest.mark.parametrize(
    "text", ["Police Department", "Jane Roe", "Chief Jane Roe", "City of Alma", "Public Safety", ""]
)
def test_what_names_no_office_is_no_title(text: str) -> None:
    assert not is_title(text)


def test_a_title_is_told_from_the_name_behind_it() -> None:
    assert split_title("Director of Public Safety Jane Roe") == ("Director of Public Safety", "Jane Roe")
    assert split_title("Marshall Law") == ("", "Marshall Law")
