"""Where copies go: the lines of an address in a cell, and what check says of those that cannot be posted."""

from __future__ import annotations

from pathlib import Path

import pytest

from letters.mail.addresses import lines_of
from tests.desk import CHIEF, SHERIFF, set_up

ADRIAN = ("301 North Main Street", "Adrian, MI 49221")


@pytest.mark.parametrize(
    ("cell", "lines"),
    [
        ("301 North Main Street | Adrian, MI 49221", ADRIAN),
        ("301 North Main Street|Adrian, MI 49221 |", ADRIAN),
        ("301 North Main Street\nAdrian, MI 49221", ADRIAN),
        ("301 North Main Street, Adrian, MI 49221", ADRIAN),
        ("301 North Main Street Adrian, MI 49221", ADRIAN),
        ("301 North Main Street, Floor 2, Adrian, MI 49221-1234", (f"{ADRIAN[0]}, Floor 2", f"{ADRIAN[1]}-1234")),
        ("811 Port Street, St. Joseph, MI 49085", ("811 Port Street", "St. Joseph, MI 49085")),
        ("301 North Main Street, Elsewhere, MI 49221", ("301 North Main Street, Elsewhere, MI 49221",)),
        ("Adrian, MI 49221", ("Adrian, MI 49221",)),
    ],
)
def test_the_lines_of_an_address_stand_between_bars_or_end_before_the_city(cell: str, lines: tuple[str, ...]) -> None:
    assert lines_of(cell) == lines


COPIES = """
[[copies]]
name = "Clerk"
address_column = "clerk"

[[copies]]
name = "Board of Commissioners of all Counties of the State of Michigan and of its Cities and of its Villages"
address = ["Some very long name of a building that is in the way of everything, and of more", "Adrian, MI 49221"]
"""


def test_check_names_copies_without_an_address_and_those_that_fit_nowhere(tmp_path: Path) -> None:
    rows = ({**SHERIFF, "clerk": "Adrian, MI 49221"}, {**CHIEF, "clerk": ""})
    said = set_up(folder=tmp_path / "desk", rows=rows, more=COPIES).run("check").stdout
    assert 'recipients.csv:2: clerk: warning: the address of the copy to Clerk is one line: "Adrian, MI 49221"' in said
    assert "recipients.csv:3: clerk: warning: no address for the copy to Clerk" in said
    assert "campaign.toml: copies.address: warning:" in said
