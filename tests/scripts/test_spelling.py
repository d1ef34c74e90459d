"""The script that made the list spells names, streets and towns in one style."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from tests.desk import ROOT

SPELLING = runpy.run_path(str(ROOT / "scripts" / "spelling.py"))


@pytest.mark.parametrize(
    ("what", "given", "wanted"),
    [
        ("town", "Sault Sainte Marie", "Sault Ste. Marie"),
        ("town", "Lanse", "L'Anse"),
        ("town", "Saint Clair", "St. Clair"),
        ("town", "St Joseph", "St. Joseph"),
        ("street", "300 First Street", "300 1st Street"),
        ("street", "100 Monroe Avenue Northwest", "100 Monroe Avenue NW"),
        ("street", "5100 United States Highway 31", "5100 US-31"),
        ("street", "12 Saint Joseph Street", "12 St. Joseph Street"),
        ("slug", "L'Anse Police Department", "lanse-police-department"),
    ],
)
def test_a_source_is_brought_into_the_one_style(what: str, given: str, wanted: str) -> None:
    assert SPELLING[what](given) == wanted


def test_apostrophes_are_set_as_a_typographer_does() -> None:
    assert SPELLING["typeset"]({"agency": "Sheriff's Office"}) == {"agency": "Sheriff’s Office"}


def test_the_script_says_what_it_needs(tmp_path: Path) -> None:
    script = str(ROOT / "scripts" / "make_recipients.py")
    help_page = subprocess.run([sys.executable, script, "--help"], capture_output=True, text=True, check=True)
    assert "DATA_FOLDER" in help_page.stdout
    nothing = subprocess.run([sys.executable, script, str(tmp_path)], capture_output=True, text=True, check=False)
    assert nothing.returncode != 0
    assert str(tmp_path) in nothing.stderr
