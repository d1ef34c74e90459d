"""A shell that asks for it is told how a command may go on."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from letters.cli import program


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("letters re", "recipients redline"), ("letters mail pre", "prepare"), ("letters build --dr", "--dry-run")],
)
def test_commands_and_options_are_completed(typed: str, offered: str) -> None:
    asked = {
        "_LETTERS_COMPLETE": "complete_bash",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(typed.split()) - 1),
    }
    said = CliRunner().invoke(program(), [], env=asked, prog_name="letters")
    assert sorted(said.output.split()) == offered.split()
