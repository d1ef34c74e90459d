"""A compiled letter is taken from disk only where nothing that it was made from has changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from letters.campaign.load import Project, load
from letters.formats.cache import Cache
from letters.model.problems import Problem
from tests.conftest import MakeDesk
from tests.desk import LETTER, Desk


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    return make_desk()


def loaded(desk: Desk, *, read_only: bool = False) -> tuple[Project, list[Problem]]:
    project, problems = load(desk.folder / "campaign.toml", cache=Cache(desk.folder / "kept", read_only=read_only))
    assert project is not None
    return project, problems


def kept(desk: Desk) -> list[Path]:
    return sorted((desk.folder / "kept").glob("*"))


def test_what_is_kept_is_what_was_compiled(desk: Desk) -> None:
    compiled, problems = loaded(desk)
    (path,) = kept(desk)
    written = path.stat().st_ino
    assert loaded(desk) == (compiled, problems)
    assert path.stat().st_ino == written


def test_the_template_of_the_docx_is_made_and_kept_when_it_is_asked_for(desk: Desk) -> None:
    compiled, _ = loaded(desk)
    assert len(kept(desk)) == 1
    assert compiled.template.word
    again, _ = loaded(desk)
    assert len(kept(desk)) == 2
    kept(desk)[0].unlink()
    kept(desk)[0].unlink()
    assert again.template.word == compiled.template.word == loaded(desk, read_only=True)[0].template.word
    assert len(kept(desk)) == 1


def test_no_template_of_a_docx_is_kept_under_the_name_of_a_file_that_was_changed_since(desk: Desk) -> None:
    loaded(desk)
    known, _ = loaded(desk)
    path = desk.folder / "templates" / "letterhead.docx"
    path.write_bytes(path.read_bytes() + b"\0")
    assert known.template.word
    assert len(kept(desk)) == 1


def test_problems_are_told_again_with_their_lines(desk: Desk) -> None:
    desk.write("templates/letter.md", f"{LETTER}\n[A bracket to fill in]\n")
    problems = loaded(desk)[1]
    assert any(problem.place.line for problem in problems)
    assert loaded(desk)[1] == problems


@pytest.mark.parametrize("name", ["templates/letter.md", "campaign.toml"])
def test_a_change_is_compiled(desk: Desk, name: str) -> None:
    before = loaded(desk)[0].template
    text = (desk.folder / name).read_text()
    desk.write(name, text.replace("policy", "practice"))
    after = loaded(desk)[0].template
    assert after != before
    assert len(kept(desk)) == 2


def test_other_looks_are_compiled(desk: Desk) -> None:
    loaded(desk)
    path = desk.folder / "templates" / "letterhead.docx"
    path.write_bytes(path.read_bytes() + b"\0")
    loaded(desk)
    assert len(kept(desk)) == 2


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b"[[], 7, null, []]"])
def test_a_spoilt_file_is_as_good_as_none(desk: Desk, content: bytes) -> None:
    compiled, _ = loaded(desk)
    kept(desk)[0].write_bytes(content)
    assert loaded(desk)[0] == compiled


def test_nothing_is_written_where_nothing_may_be(desk: Desk) -> None:
    loaded(desk, read_only=True)
    assert not (desk.folder / "kept").exists()


def test_a_folder_that_cannot_be_written_stops_nothing(desk: Desk) -> None:
    desk.write("kept", "a file is in the way")
    assert loaded(desk)[0].letters
