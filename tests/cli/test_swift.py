"""Plain calls are understood without Typer, and as Typer understands them."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
import typer
from hypothesis import example, given, settings
from hypothesis import strategies as st

from letters.cli import everyday, program, swift

WORDS = st.one_of(
    st.sampled_from([word for command in swift._FLAGS.values() for word in command]),
    st.sampled_from([word for command in swift._VALUES.values() for word in command]),
    st.sampled_from(["--jobs", "0", "3", "+3", "٣", "00001", "-1", "here", "a b", "", "-", "--", "--out=x", "--help"]),
)


def by_typer(command: str, words: list[str]) -> dict[str, Any] | None:
    """Let Typer understand a call; None where it does not."""
    whole: Any = typer.main.get_command(program(command))
    try:
        understood: dict[str, Any] = whole.commands[command].make_context(command, [*words]).params
    except typer._click.exceptions.ClickException:
        return None
    return understood


@settings(deadline=None)
@given(st.sampled_from(["check", "build", "status"]), st.lists(WORDS, max_size=5))
@example("build", ["--no-pdf", "--out", "o"])
@example("build", ["--only", "a", "--only", "b", "--jobs", "2", "--pdf", "--no-pdf"])
def test_what_is_understood_is_what_typer_understands(command: str, words: list[str]) -> None:
    given_by_us = swift.arguments(command, words)
    if given_by_us is None:
        return
    parameters = inspect.signature(getattr(everyday, command)).parameters.values()
    ours = {parameter.name: given_by_us.get(parameter.name, parameter.default) for parameter in parameters}
    theirs = {name: (by_typer(command, words) or {}).get(name) for name in ours}
    assert repr(ours) == repr({name: tuple(each) if isinstance(each, list) else each for name, each in theirs.items()})


@pytest.mark.parametrize("words", [["build", "--no-pdf"], ["check"], ["status", "--json"], ["build", "--only", "a"]])
def test_the_usual_calls_are_understood(words: list[str]) -> None:
    assert swift.understood(words)


@pytest.mark.parametrize("words", [[], ["--help"], ["mail", "prepare"], ["build", "--help"], ["build", "--jobs", "x"]])
def test_any_other_call_is_left_to_typer(words: list[str]) -> None:
    assert swift.understood(words) is None
