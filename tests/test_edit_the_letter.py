"""The examples of docs/edit-the-letter.md do what the page says."""

from __future__ import annotations

import re
import shutil
import tomllib

import pytest

from letters.campaign.load import load
from letters.read.letter import _KEYS
from tests.conftest import MakeDesk
from tests.desk import ROOT

PAGE = (ROOT / "docs/edit-the-letter.md").read_text("utf-8")
EXAMPLES = [re.sub(r"^ {4}", "", block, flags=re.MULTILINE) for block in re.findall(r"(?:^ {4}.*\n|^\n)+", PAGE, re.M)]
LETTERS = [example for example in EXAMPLES if example.strip() and "read_by" not in example]


@pytest.mark.parametrize("example", LETTERS)
def test_an_example_is_a_letter_without_a_mistake(make_desk: MakeDesk, example: str) -> None:
    desk = make_desk(letter=example)
    shutil.copytree(ROOT / "templates/clauses", desk.folder / "templates/clauses")
    shutil.copy(ROOT / "templates/authorities.toml", desk.folder / "templates")
    project, problems = load(desk.folder / "campaign.toml")
    assert [str(problem) for problem in problems if problem.stops] == []
    assert project is not None
    assert len(project.letters) == 2


def test_the_example_of_an_authority_is_a_table_of_the_file() -> None:
    (example,) = (each for each in EXAMPLES if "read_by" in each)
    authorities = tomllib.loads((ROOT / "templates/authorities.toml").read_text("utf-8"))
    shown = tomllib.loads(example)["printz"]
    assert {key: shown[key] for key in ("full", "short")} == {
        key: authorities["printz"][key] for key in ("full", "short")
    }


def test_the_page_names_every_line_of_the_front_matter() -> None:
    told = set(re.findall(r"^\| `(\w+):", PAGE, re.MULTILINE))
    assert told == set(_KEYS)


def test_the_page_names_every_letter_of_the_pack() -> None:
    for path in (ROOT / "templates").glob("*.md"):
        assert path.stem in PAGE
