"""What a change of a TOML file leaves alone stays as it was, remarks and line ends too."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from letters.model.problems import CannotGoOn
from letters.read.toml import add_table, edited, put, remove_table
from tests.desk import ROOT

TEXT = (ROOT / "campaign.toml").read_text("utf-8")
Document = tomlkit.TOMLDocument


def changed_lines(new: str) -> list[str]:
    return [line for line in difflib.ndiff(TEXT.splitlines(), new.splitlines()) if line[:2] in ("- ", "+ ")]


def test_a_remark_stays_in_its_column_and_every_other_line_as_it_was() -> None:
    new = edited(TEXT, "campaign.toml", lambda document: put(document, "status", "final"))
    old = next(line for line in TEXT.splitlines() if line.startswith("status"))
    final = old.replace('"draft"', '"final"')
    assert changed_lines(new) == [f"- {old}", f"+ {final}"]
    longer = edited(TEXT, "campaign.toml", lambda document: put(document, "letter", "a"))
    line = next(line for line in longer.splitlines() if line.startswith("letter"))
    assert line.index("#") == old.index("#")


def test_tables_are_added_and_removed_with_their_empty_lines_and_without_the_remarks_of_others() -> None:
    new = edited(TEXT, "campaign.toml", lambda document: add_table(document, "organizations", {"name": "Third"}))
    assert changed_lines(new) == ["+ [[organizations]]", '+ name = "Third"', "+ "]
    assert edited(new, "campaign.toml", lambda document: remove_table(document, "organizations", 2)) == TEXT
    text = '[[a]]\nname = "1"\n# of one\n\n[[a]]\nname = "2"\n# of two\n\n# [[b]]\n# of nobody\n'
    left = edited(text, "x.toml", lambda document: remove_table(document, "a", 1))
    assert left == '[[a]]\nname = "1"\n# of one\n\n# [[b]]\n# of nobody\n'


@pytest.mark.parametrize(
    ("text", "change", "wanted"),
    [
        ("a = 1\r\n[x]\r\ny = 2 # z\r\n", lambda d: put(d["x"], "z", 3), "a = 1\r\n[x]\r\ny = 2 # z\r\nz = 3\r\n"),
        ('a = [{b = "1"}] # c\n', lambda d: add_table(d, "a", {"b": "2"}), 'a = [{b = "1"}, {b = "2"}] # c\n'),
        ("[x]\ny = 1\n[z]\n[x.w]\nv = 2\n", lambda d: put(d["x"], "y", 3), "[x]\ny = 3\n[z]\n[x.w]\nv = 2\n"),
        ("[[a]]\nb = 1", lambda d: add_table(d, "a", {"b": "2"}), '[[a]]\nb = 1\n[[a]]\nb = "2"\n'),
    ],
)
def test_files_are_changed_however_they_are_written(text: str, change: Callable[[Document], None], wanted: str) -> None:
    new = edited(text, "x.toml", change)
    assert new.replace("\n\n", "\n") == wanted


@given(st.text(max_size=30), st.sampled_from(["subject", "closing", "delivery"]))
def test_any_text_can_be_a_value(value: str, key: str) -> None:
    value = value.encode("utf-8", "replace").decode()
    new = edited(TEXT, "campaign.toml", lambda document: put(document, key, value))
    assert tomllib.loads(new) == tomllib.loads(TEXT) | {key: value}


def test_a_file_with_a_mistake_is_not_touched() -> None:
    with pytest.raises(CannotGoOn, match="has a mistake"):
        edited("a = \n", "x.toml", lambda document: put(document, "b", 1))
