"""What the commands of the mailing print."""

from __future__ import annotations

import pytest

from letters.cli.options import print_left_out
from letters.mail.pieces import LeftOut


def test_of_many_letters_left_out_reasons_are_counted_and_few_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    posted = [LeftOut(f"p{number}", "A", f"posted on 2025-09-19 as number {number}") for number in range(1, 9)]
    print_left_out([LeftOut("r1", "A", "not made"), *posted, LeftOut("r2", "A", "not made")])
    assert capsys.readouterr().err.splitlines() == [
        "left out: 8: posted on 2025-09-19",
        "left out: r1, r2: not made",
    ]


def test_rows_of_a_list_that_lack_the_same_are_one_reason(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [LeftOut(f"r{line}", "A", f"recipients.csv:{line}: zip: empty") for line in range(2, 8)]
    names = [f'to be looked at: is it "the City of {name}" in a sentence? it is a station' for name in ("Ada", "Alma")]
    print_left_out([*lines, LeftOut("s1", "A", names[0]), LeftOut("s2", "A", names[1])])
    assert capsys.readouterr().err.splitlines() == [
        "left out: 6: recipients.csv: zip: empty",
        'left out: s1, s2: to be looked at: is it "…" in a sentence? it is a station',
    ]
