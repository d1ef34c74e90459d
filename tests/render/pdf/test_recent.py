"""What was not used lately is forgotten, and nothing but time is lost by it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.project import load
from letters.render.pdf import batch, fonts, line_cache, line_setter, words
from letters.render.pdf.batch import Composer
from letters.render.pdf.recent import Recent
from tests.conftest import MakeDesk
from tests.desk import CHIEF, SHERIFF


def test_what_was_used_last_is_kept() -> None:
    memory: Recent[str, int] = Recent(2)
    for number, letter in enumerate("abcd"):
        memory[letter] = number
        assert memory.get("a") == 0
    assert memory.get("b") is None
    assert memory.get("d") == 3


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 99))), st.integers(1, 4))
def test_it_is_a_dictionary_of_limited_size(writes: list[tuple[int, int]], most: int) -> None:
    memory: Recent[int, int] = Recent(most)
    written: dict[int, int] = {}
    for key, value in writes:
        memory[key] = written[key] = value
        assert memory.get(key) == value
        assert all(memory.get(other) in (None, written[other]) for other in list(written))
        assert len(memory) <= 2 * most


def test_a_letter_has_the_same_bytes_whatever_was_forgotten(
    make_desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{**row, "id": f"r{n}", "zip": f"4900{n}"} for n, row in enumerate([SHERIFF, CHIEF, SHERIFF, CHIEF])]
    project, _ = load(make_desk(rows=rows).folder / "campaign.toml")
    assert project is not None
    roots = {"campaign": project.folder, "templates": project.templates}

    def made() -> list[bytes]:
        composer = Composer(project.template.parts, roots, project.campaign.date)
        contents = [composer.render(letter.context, letter.notes).content for letter in project.letters]
        assert composer.composed == len(rows)
        return contents

    kept = made()
    for module, names in (
        (batch, ["_KEPT_PIECES", "_KEPT_KINDS"]),
        (fonts, ["_KEPT_FONTS"]),
        (line_setter, ["_KEPT_LINES"]),
        (line_cache, ["_KEPT"]),
        (words, ["_KEPT", "_KEPT_PAIRS"]),
    ):
        for name in names:
            monkeypatch.setattr(module, name, 1)
    assert made() == kept
