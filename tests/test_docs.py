"""The pages that people read tell today's truth."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from letters.cli import program
from tests.desk import ROOT

PAGES = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
TEXTS = {page: page.read_text("utf-8") for page in PAGES}
LINK = re.compile(r"\]\(([^)#\s]+)\)")


def commands(group: object, names: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Yield every command with its help."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*names, name))
        else:
            yield " ".join((*names, name)), command.help or ""


COMMANDS = dict(commands(typer.main.get_command(program())))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(TEXTS[page]):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_on_a_page_and_has_an_example(command: str) -> None:
    assert any(re.search(rf"(letters |`){command}\b", text) for text in TEXTS.values()), command
    assert f"letters {command}" in COMMANDS[command], command


def test_every_page_is_reached_from_the_first() -> None:
    reached = set(LINK.findall(TEXTS[ROOT / "README.md"]))
    further = {f"docs/{link}" for page in PAGES if page.parent.name == "docs" for link in LINK.findall(TEXTS[page])}
    pages = {str(page.relative_to(ROOT)) for page in PAGES if page.parent.name == "docs"}
    assert pages <= reached | further


def test_the_architecture_is_read_at_one_sitting() -> None:
    lines = TEXTS[ROOT / "ARCHITECTURE.md"].splitlines()
    assert len(lines) <= 120
    assert max(map(len, lines)) <= 100


@pytest.mark.parametrize("page", ["ARCHITECTURE.md", "CONTRIBUTING.md", "docs/engine.md"])
def test_every_file_that_is_named_exists(page: str) -> None:
    named = re.findall(r"`((?:letters|templates|scripts|tests|benchmarks)/[\w./-]+)`", TEXTS[ROOT / page])
    assert [path for path in named if not (ROOT / path).exists()] == []
