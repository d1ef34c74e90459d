"""Letters for the archive: made on request or by campaign.toml, kept by later builds, and audited."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest

from letters.formats import pdf_a, pdf_ua
from tests.conftest import MakeDesk
from tests.desk import CHIEF, Desk, edit, set_up


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Letters that were made for the archive on request; one of them is an edited draft."""
    desk = set_up(folder=tmp_path_factory.mktemp("archive") / "desk", more='status = "final"\ncopies = ["One"]')
    desk.run("build")
    edit(desk.out("docx/adrian-police.docx"))
    asked = desk.run("build", "--archive", "--copies", code=5)
    assert "1 document to make: it is to be one for the archive" in asked.stderr
    return desk


def faults(path: Path) -> list[str]:
    content = path.read_bytes()
    return [str(each) for each in (*pdf_a.failures(content), *pdf_ua.failures(content))]


def test_letters_their_copies_and_edited_drafts_are_for_the_archive(kept: Desk) -> None:
    made = sorted(kept.out("pdf").iterdir())
    both = ("adrian-police", "berrien-county-sheriff")
    assert {path.stem for path in made} == {*both, *(f"{each}.copy-1" for each in both)}
    assert [faults(path) for path in made] == [[], [], [], []]


def test_a_later_build_leaves_them_as_they_are(kept: Desk, tmp_path: Path) -> None:
    desk = kept.copy(tmp_path / "desk")
    assert "document to make" not in desk.run("build", "--copies", code=5).stderr


def test_the_audit_compares_them_with_letters_made_for_the_archive(kept: Desk) -> None:
    kept.run("audit", "--pdf-a", "--pdf-ua")


def test_with_campaign_toml_every_build_makes_them(make_desk: MakeDesk) -> None:
    desk = make_desk(more="archive = true", rows=[CHIEF])
    desk.run("build", "--no-docx")
    assert faults(desk.out("pdf/adrian-police.pdf")) == []
    desk.out("pdf/adrian-police.pdf").unlink()
    desk.run("build", "--no-docx", "--plain")
    assert faults(desk.out("pdf/adrian-police.pdf")) == []


def test_a_letter_that_was_not_made_for_it_is_named_by_the_audit(make_desk: MakeDesk) -> None:
    desk = make_desk(rows=[CHIEF])
    desk.run("build", "--no-docx")
    said = desk.run("audit", "--pdf-a", code=1).stderr
    assert "pdf-a: 6.6.4-1: the metadata does not say PDF/A, part 3, conformance A" in said


def test_a_logo_in_the_colours_of_a_press_is_named_and_the_letter_made(make_desk: MakeDesk) -> None:
    from PIL import Image

    desk = make_desk(more="archive = true", rows=[CHIEF])
    Image.new("CMYK", (40, 20), (0, 90, 90, 0)).save(desk.folder / "templates/logo.jpg")
    settings = (desk.folder / "campaign.toml").read_text("utf-8")
    named = settings.replace("[[organizations]]\n", '[[organizations]]\nlogo = "templates/logo.jpg"\n', 1)
    desk.write("campaign.toml", named)
    said = desk.run("build", "--no-docx").stderr
    assert "PDFs are not for the archive (PDF/A-3a): 6.2.4.3-3: colours of a press (DeviceCMYK)" in " ".join(
        said.split()
    )
    assert pdf_ua.says_accessible(pikepdf.open(desk.out("pdf/adrian-police.pdf")))
