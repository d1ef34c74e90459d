"""What the commands of the mailing print."""

from __future__ import annotations

import pytest

from letters.cli.mail_screen import print_left_out
from letters.mail.pieces import LeftOut


def test_of_many_letters_left_out_reasons_are_counted_and_few_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    posted = [LeftOut(f"p{number}", "A", f"posted on 2025-09-19 as number {number}") for number in range(1, 9)]
    print_left_out([LeftOut("r1", "A", "not made"), *posted, LeftOut("r2", "A", "not made")])
    assert capsys.readouterr().err.splitlines() == [
        "left out: 8: posted on 2025-09-19",
        "left out: r1, r2: not made",
    ]
