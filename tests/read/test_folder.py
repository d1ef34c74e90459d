"""What a campaign reads lies in its own folder by its real path, and can be read to its end."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from letters.model.problems import CannotGoOn, Exit
from letters.read.folder import campaign_file, check_folder
from tests.conftest import MakeDesk

TEMPLATES = Path("templates")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A campaign's folder with a letter and a clause, and a folder beside it with somebody's papers."""
    for path in ("campaign/templates/clauses/duty.md", "campaign/templates/letter.md", "papers/secret.md"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("Words.\n", "utf-8")
    return tmp_path / "campaign"


def test_campaigns_that_are_near_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("autumn", "spring"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "campaign.toml").touch()
    (tmp_path / "spring/templates").mkdir()
    for place, named in ((tmp_path, "autumn, spring"), (tmp_path / "spring/templates", "..")):
        monkeypatch.chdir(place)
        with pytest.raises(CannotGoOn) as stop:
            campaign_file(Path("campaign.toml"))
        assert f"campaigns are in {named}: go there" in stop.value.hint


def _link(path: str, to: str) -> Callable[[Path], None]:
    return lambda folder: (folder / path).symlink_to(to)


REFUSED: dict[str, tuple[Callable[[Path], None], str]] = {
    "a folder in it is a link": (
        _link("templates/editions", "../../papers"),
        '"templates/editions" is a link that leads out of the campaign\'s folder',
    ),
    "a file deep in it is a link": (
        _link("templates/clauses/secret.md", "../../../papers/secret.md"),
        '"templates/clauses/secret.md" is a link that leads out of the campaign\'s folder',
    ),
    "a link leads to a device": (
        _link("templates/font.ttf", "/dev/zero"),
        '"templates/font.ttf" is a link that leads out of the campaign\'s folder',
    ),
    "a link leads to itself": (_link("templates/x.md", "x.md"), '"templates/x.md" is a link that leads to nothing'),
    "a pipe": (
        lambda folder: os.mkfifo(folder / "templates/clauses/pipe.md"),
        '"templates/clauses/pipe.md" cannot be read: it is a pipe or a device',
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_leads_out_of_the_folder_or_has_no_end_is_refused_by_name(folder: Path, what: str) -> None:
    make, said = REFUSED[what]
    make(folder)
    with pytest.raises(CannotGoOn) as refused:
        check_folder(folder, TEMPLATES)
    assert refused.value.message == said
    assert refused.value.code is Exit.PROBLEMS


@pytest.mark.parametrize("path", ["../papers", "/etc", "templates/../../papers", "../papers/secret.md"])
def test_a_path_that_leads_out_is_refused(folder: Path, path: str) -> None:
    with pytest.raises(CannotGoOn, match="is outside of the campaign's folder"):
        check_folder(folder, Path(path))


@pytest.mark.parametrize("path", ["a\0b", "x" * 5_000])
def test_a_name_that_no_file_has_is_refused(folder: Path, path: str) -> None:
    with pytest.raises(CannotGoOn):
        check_folder(folder, Path(path))


def test_links_within_the_folder_are_followed_whatever_the_folder_itself_is(folder: Path, tmp_path: Path) -> None:
    (folder / "templates/editions").symlink_to("clauses")
    (folder / "templates/other.md").symlink_to("letter.md")
    (tmp_path / "same").symlink_to(folder)
    check_folder(tmp_path / "same", TEMPLATES, Path("recipients.csv"))


def test_no_command_prints_a_file_of_the_person_who_runs_it(
    make_desk: MakeDesk, tmp_path_factory: pytest.TempPathFactory
) -> None:
    desk = make_desk(letter='Words.\n\n{% include "secret" %}\n')
    papers = tmp_path_factory.mktemp("papers")
    (papers / "secret.md").write_text("SECRET", "utf-8")
    (desk.folder / "templates/clauses").symlink_to(papers)
    assert "templates/clauses" in desk.run("build", code=1).stderr
    assert not desk.out("pdf").exists()


def test_a_text_with_a_name_that_no_command_takes_is_told_with_a_better_one(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.write("templates/Our Letter (2).md", "Text.\n")
    said = desk.run("check", "--letter", "Our Letter (2)", code=1).stderr
    assert '"Our Letter (2).md" in templates/ has a name that a text cannot have' in said
    assert "rename it Our-Letter-2.md" in said
