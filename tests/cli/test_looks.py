"""The command letters looks, as a user runs it."""

from __future__ import annotations

import pypdfium2
import pytest

from letters.model.problems import Exit
from tests.conftest import MakeDesk


def test_a_campaign_without_the_file_gets_it_and_changed_looks_reach_the_letters(make_desk: MakeDesk) -> None:
    desk = make_desk()
    done = desk.run("looks", "--set", "margins=1in", "--set", "font=Charis SIL")
    assert 'margins  "1.15in 1.2in 0.9in"  "1in"' in done.stdout
    assert 'margins = "1in"' in (desk.folder / "templates/looks.toml").read_text("utf-8")
    assert "--margins: 1in 1in 1in 1in;" in (desk.folder / "templates/letterhead.css").read_text("utf-8")
    assert "letters looks --set measure=6.50in" in done.stderr


def test_a_dry_run_writes_nothing_and_lists_every_value(make_desk: MakeDesk) -> None:
    desk = make_desk()
    before = {path: path.read_bytes() for path in (desk.folder / "templates").iterdir() if path.is_file()}
    done = desk.run("looks", "--set", "note_size=8pt", "--dry-run")
    assert "Footnote Text: size" in done.stdout
    assert "nothing was written" in done.stderr
    assert before == {path: path.read_bytes() for path in (desk.folder / "templates").iterdir() if path.is_file()}


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        ("font=Times New Roman", Exit.PROBLEMS, 'there are "Charis SIL", "DejaVu Sans"'),
        ("size", Exit.WRONG_CALL, '"size" is not KEY=VALUE'),
        ("siz=3pt", Exit.PROBLEMS, "did you mean size?"),
    ],
)
def test_a_wrong_value_ends_with_words(
    make_desk: MakeDesk, capsys: pytest.CaptureFixture[str], given: str, code: Exit, said: str
) -> None:
    done = make_desk().run("looks", "--set", given, code=code)
    assert said in done.stderr + capsys.readouterr().err


def test_looks_that_were_not_written_yet_are_a_warning(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.run("looks")
    path = desk.folder / "templates/looks.toml"
    path.write_text(path.read_text("utf-8").replace('size = "11pt"', 'size = "12pt"', 1), "utf-8")
    done = desk.run("check", code=None)
    assert "run: letters looks" in done.stdout


def test_the_campaign_names_its_paper_or_else_the_looks_do(make_desk: MakeDesk) -> None:
    desk = make_desk(more='paper = "Letter"')
    done = desk.run("looks", "--set", "paper=A4")
    assert '"Letter" goes before "A4" of looks.toml' in done.stderr
    desk.write("campaign.toml", (desk.folder / "campaign.toml").read_text("utf-8").replace('paper = "Letter"', ""))
    desk.run("build", "--only", "adrian-police", "--no-docx")
    with pypdfium2.PdfDocument(desk.out("pdf/adrian-police.pdf")) as document:
        assert round(document[0].get_width()) == 595
