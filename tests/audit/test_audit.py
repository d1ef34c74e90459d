"""`letters audit` reads what was built, and says what is wrong with it where a person can see it."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pikepdf
import pytest

from tests.desk import CHIEF, SHERIFF, Desk, edit, set_up

ROWS = [
    SHERIFF,
    *({**CHIEF, "id": f"police-{n}", "agency": f"Number {n} Police Department"} for n in range(1, 10)),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = set_up(folder=tmp_path_factory.mktemp("audit") / "campaign", rows=ROWS)
    desk.run("build", "--jobs", "1")
    return desk


@pytest.fixture
def desk(built: Desk, tmp_path: Path) -> Desk:
    return built.copy(tmp_path / "campaign")


def moved(path: Path, points: float) -> None:
    """Move the text of the first page down."""
    with pikepdf.open(io.BytesIO(path.read_bytes())) as pdf:
        content = pdf.pages[0].Contents.read_bytes()

        def move(found: re.Match[bytes]) -> bytes:
            return b"1 0 0 -1 %b %f Tm" % (found[1], float(found[2]) + points / 0.75)

        pdf.pages[0].Contents.write(re.sub(rb"1 0 0 -1 ([-.\d]+) ([-.\d]+) Tm", move, content))
        pdf.save(path)


def test_what_was_built_passes(desk: Desk) -> None:
    done = desk.run("audit", "--pdf-ua", "--jobs", "1")
    assert "10 of 10 letters passed" in done.stderr
    assert "10 of 10 letters passed" in desk.out("audit.html").read_text("utf-8")


def test_a_letter_in_the_place_of_another_is_named_in_words_json_and_a_picture(desk: Desk) -> None:
    one, two = desk.out("pdf/police-1.pdf"), desk.out("pdf/police-2.pdf")
    two.write_bytes(one.read_bytes())
    done = desk.run("audit", "--json", "--jobs", "1", code=1)
    assert "9 of 10 letters passed" in done.stderr
    found = json.loads(done.stdout)["findings"]
    assert {finding["id"] for finding in found} == {"police-2"}
    assert any(finding["kind"] == "words" and finding["page"] == 1 and finding["box"] for finding in found)
    page = desk.out("audit.html").read_text("utf-8")
    assert "data:image/png;base64," in page
    assert not re.search(r"(?:src|href)=\"(?!data:)", page)


def test_text_that_was_moved_by_five_points_is_found(desk: Desk) -> None:
    moved(desk.out("pdf/police-3.pdf"), 5)
    done = desk.run("audit", "--jobs", "1", code=1)
    assert "police-3 (PDF, page 1): looks: a line stands 5.0 points too low" in done.stderr


def test_a_letter_that_is_not_there_or_not_current_is_named(desk: Desk) -> None:
    desk.out("pdf/police-4.pdf").unlink()
    desk.list_recipients(*({**row, "city": "Lansing"} if row["id"] == "police-5" else row for row in ROWS))
    done = desk.run("audit", "--jobs", "1", code=1)
    assert "police-4 (PDF): not current" in done.stderr
    assert "police-5 (PDF): not current" in done.stderr


def test_an_edited_draft_is_compared_with_the_draft(desk: Desk) -> None:
    edit(desk.out("docx/police-6.docx"))
    desk.run("build", "--jobs", "1", code=5)
    assert "10 of 10 letters passed" in desk.run("audit", "--jobs", "1").stderr
    desk.out("pdf/police-6.pdf").write_bytes(desk.out("pdf/police-7.pdf").read_bytes())
    assert "police-6 (PDF" in desk.run("audit", "--jobs", "1", code=1).stderr


def test_some_letters_can_be_audited_and_the_report_written_elsewhere(desk: Desk, tmp_path: Path) -> None:
    done = desk.run("audit", "--only", "police-1", "--report", str(tmp_path / "report.html"), "--jobs", "1")
    assert "1 of 1 letter passed" in done.stderr
    assert (tmp_path / "report.html").is_file()


def test_letters_made_the_plain_way_pass_and_copies_are_audited(tmp_path: Path) -> None:
    more = 'status = "final"\n\n[[copies]]\nname = "Chair"\nenclosures = true\n\n'
    listed = "We ask the {{ recipient.agency }}:[^1]\n\n3. One.\n\n   (a) Two.\n\n* Three.\n\n[^1]: A note.\n"
    letter = f"---\ntitle: Guidance\nenclosures: [policy]\n---\n\n{listed}"
    desk = set_up(folder=tmp_path / "campaign", rows=ROWS[:2], more=more, letter=letter)
    desk.write("templates/enclosures/policy.md", f"---\ntitle: Policy\n---\n\n# Policy\n\n{listed}")
    desk.run("build", "--jobs", "1", "--plain", "--no-docx", "--copies")
    assert "4 of 4 letters passed" in desk.run("audit", "--jobs", "1").stderr
    desk.out("pdf/police-1.copy-1.pdf").write_bytes(desk.out("pdf/police-1.pdf").read_bytes())
    done = desk.run("audit", "--jobs", "1", code=1)
    assert "3 of 4 letters passed" in done.stderr
    assert "police-1.copy-1 (PDF, page 1): words: " in done.stderr


def test_a_name_that_is_broken_at_its_hyphen_is_whole(tmp_path: Path) -> None:
    row = {**CHIEF, "agency": "Franklin-Bingham Farms Police Department"}
    desk = set_up(folder=tmp_path / "desk", letter="{{ recipient.agency }}, " * 40 + "and no other.\n", rows=[row])
    desk.run("build", "--no-docx")
    assert "1 of 1 letter passed" in desk.run("audit").stderr


def test_a_folder_in_the_place_of_a_letter_is_no_letter_that_passed(desk: Desk) -> None:
    desk.out("pdf/police-1.pdf").unlink()
    desk.out("pdf/police-1.pdf").mkdir()
    said = desk.run("audit", "--jobs", "1", code=1).stderr
    assert "police-1 (PDF): not current: police-1.pdf is no file: move it out of the folder pdf/" in said
