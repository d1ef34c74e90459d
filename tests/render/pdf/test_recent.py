"""What was not used lately is forgotten, and nothing but time is lost by it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from letters.campaign.load import load
from letters.render.pdf.batch import BatchPdfRenderer
from letters.render.store import Limits, RecentCache
from tests.conftest import MakeDesk
from tests.desk import CHIEF, SHERIFF


def test_what_was_used_last_is_kept() -> None:
    memory: RecentCache[str, int] = RecentCache(2)
    for number, letter in enumerate("abcd"):
        memory[letter] = number
        assert memory.get("a") == 0
    assert memory.get("b") is None
    assert memory.get("d") == 3


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 99))), st.integers(1, 4))
def test_it_is_a_dictionary_of_limited_size(writes: list[tuple[int, int]], most: int) -> None:
    memory: RecentCache[int, int] = RecentCache(most)
    written: dict[int, int] = {}
    for key, value in writes:
        memory[key] = written[key] = value
        assert memory.get(key) == value
        assert all(memory.get(other) in (None, written[other]) for other in list(written))
        assert len(memory) <= 2 * most


def test_a_letter_has_the_same_bytes_whatever_was_forgotten(make_desk: MakeDesk) -> None:
    rows = [{**row, "id": f"r{n}", "zip": f"4900{n}"} for n, row in enumerate([SHERIFF, CHIEF, SHERIFF, CHIEF])]
    project, _ = load(make_desk(rows=rows).folder / "campaign.toml")
    assert project is not None
    roots = {"campaign": project.folder, "templates": project.templates}

    def made(limits: Limits) -> list[bytes]:
        renderer = BatchPdfRenderer(project.template.parts, roots, project.campaign.date, limits=limits, strict=True)
        contents = [renderer.render(letter.context, letter.notes).content for letter in project.letters]
        assert renderer.from_templates == len(rows)
        return contents

    assert made(Limits(*(1 for _ in Limits()))) == made(Limits())
