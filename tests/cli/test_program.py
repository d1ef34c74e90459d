"""The program is put together as far as it is needed."""

from __future__ import annotations

from typing import Any

import pytest
import typer

from letters.cli import program


def names(word: str) -> set[str]:
    command: Any = typer.main.get_command(program(word))
    return set(command.commands)


@pytest.mark.parametrize("word", ["check", "build", "preview", "status"])
def test_a_command_of_every_day_comes_without_the_others(word: str) -> None:
    assert word in names(word)
    assert "mail" not in names(word)


@pytest.mark.parametrize("word", ["", "--help", "mail", "biuld"])
def test_any_other_word_brings_all_commands(word: str) -> None:
    assert names(word) > names("build")
