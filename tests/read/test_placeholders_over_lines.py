from __future__ import annotations

from letters.read.placeholders import in_text


def test_a_placeholder_may_run_over_a_line() -> None:
    assert list(in_text("It is due [Counsel: state\n    the day].")) == [(10, "Counsel: state the day")]


def test_a_bracket_that_no_other_closes_in_its_paragraph_is_none() -> None:
    assert list(in_text("An [open bracket\n\nand another] paragraph.")) == []
