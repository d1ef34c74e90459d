"""letters doctor says what is missing on a machine, what for, and how to get it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from letters.formats import programs
from tests.desk import Desk


@pytest.mark.parametrize(
    ("platform", "way"), [("linux", "apt install"), ("darwin", "brew install"), ("win32", "install")]
)
def test_everything_has_a_use_and_a_way_to_get_it_on_each_system(platform: str, way: str) -> None:
    needs = programs.needs(platform)
    assert len({need.name for need in needs}) == len(needs)
    assert all(need.use and need.how for need in needs)
    assert way in next(need.how for need in needs if need.name == "Pango")


def test_where_letters_can_be_made_it_says_so(tmp_path: Path) -> None:
    done = Desk(tmp_path).run("doctor")
    assert "letters can be made on this machine" in done.stderr
    assert "Pango" in done.stdout
    listed = json.loads(Desk(tmp_path).run("doctor", "--json").stdout)
    assert [need["is_there"] for need in listed if need["is_needed"]] == [True, True, True]


def test_what_is_missing_is_told_with_its_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "_PANGO", {"no-such-library": ("libnosuch.so.0",)})
    monkeypatch.setenv("PATH", str(tmp_path))
    done = Desk(tmp_path).run("doctor", code=3)
    assert "no letter can be made before Pango is there" in done.stderr
    assert "MISSING" in done.stdout
    assert "libpango" in done.stdout or "pango" in done.stdout
    assert "poppler" in done.stdout
