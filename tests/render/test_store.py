"""Pages kept on disk save work and change nothing, whatever happens to the files."""

from __future__ import annotations

from pathlib import Path

import pytest

from letters.campaign.load import Project, load
from letters.render.pdf.batch import BatchPdfRenderer
from letters.render.store import Store
from tests.conftest import MakeDesk
from tests.desk import set_up


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project, problems = load(set_up(folder=tmp_path_factory.mktemp("desk") / "campaign").folder / "campaign.toml")
    assert project is not None, problems
    return project


def make(project: Project, cache: Path | None) -> list[bytes]:
    roots = {"campaign": project.folder, "templates": project.templates}
    composer = BatchPdfRenderer(project.template.parts, roots, project.campaign.date, cache, "resources", strict=True)
    made = [composer.render(letter.context, letter.notes).content for letter in project.letters]
    assert composer.from_templates == len(project.letters)
    return made


def test_letters_are_the_same_with_pages_from_the_disk_and_without(project: Project, tmp_path: Path) -> None:
    without = make(project, None)
    assert make(project, tmp_path / "cache") == without
    files = {path: path.stat().st_ino for path in (tmp_path / "cache").iterdir()}
    assert make(project, tmp_path / "cache") == without
    assert {path: path.stat().st_ino for path in (tmp_path / "cache").iterdir()} == files


@pytest.mark.parametrize("damage", [b"", b"nothing", b"\0" * 200])
def test_a_damaged_file_is_made_anew(project: Project, tmp_path: Path, damage: bytes) -> None:
    without = make(project, tmp_path)
    for path in tmp_path.iterdir():
        path.write_bytes(damage)
    assert make(project, tmp_path) == without
    assert all(path.read_bytes() != damage for path in tmp_path.iterdir())


def test_a_value_is_found_under_its_own_key_and_sources_only(tmp_path: Path) -> None:
    Store(tmp_path, ["one"]).put(("a", 1.5), {"pages": (b"\0", "ä", 2, 0.1)})
    assert Store(tmp_path, ["one"]).get(("a", 1.5)) == {"pages": (b"\0", "ä", 2, 0.1)}
    assert Store(tmp_path, ["two"]).get(("a", 1.5)) is None
    assert Store(tmp_path, ["one"]).get(("a", 2.5)) is None


def test_a_folder_that_cannot_be_written_is_no_mistake(project: Project, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert make(project, tmp_path / "file") == make(project, None)


def test_one_letter_has_the_bytes_that_it_has_among_all(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.run("build", "--no-docx")
    all_at_once = {path.name: path.read_bytes() for path in desk.out("pdf").iterdir()}
    for name in all_at_once:
        desk.run("build", "--no-docx", "--only", name.removesuffix(".pdf"), "--out", "other")
    alone = {path.name: path.read_bytes() for path in (desk.folder / "other" / "letter" / "pdf").iterdir()}
    assert alone == all_at_once
