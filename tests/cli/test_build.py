"""A build makes what is missing or out of date, and nothing else; what a person edited is never overwritten."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from tests.conftest import MakeDesk
from tests.desk import CHIEF, LETTER, SHERIFF, Desk, edit


def files(desk: Desk) -> dict[str, tuple[int, bytes]]:
    """Tell time and content of every document."""
    found = (path for medium in ("pdf", "docx") for path in sorted(desk.out(medium).glob("*.*")))
    return {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in found}


def remade(before: dict[str, tuple[int, bytes]], after: dict[str, tuple[int, bytes]]) -> list[str]:
    return [name for name in after if after[name][0] != before.get(name, (0, b""))[0]]


def test_a_second_build_makes_nothing(make_desk: MakeDesk) -> None:
    desk = make_desk()
    first = desk.run("build", "--jobs", "1")
    before = files(desk)
    assert sorted(before) == [f"{row['id']}.{medium}" for row in (CHIEF, SHERIFF) for medium in ("docx", "pdf")]
    assert "4 documents to make: new" in first.stderr
    second = desk.run("build", "--jobs", "1")
    assert files(desk) == before
    assert "0 letters made" in " ".join(second.stderr.split())
    assert "2 letters were up to date" in " ".join(second.stderr.split())


def test_only_what_a_change_touches_is_made_again(make_desk: MakeDesk) -> None:
    desk = make_desk(rows=[{**SHERIFF, "remark": "one"}, CHIEF])
    desk.run("build", "--no-pdf")
    before = files(desk)
    desk.list_recipients({**SHERIFF, "remark": "two", "phone": "269-983-7141"}, CHIEF)
    desk.run("build", "--no-pdf")
    assert remade(before, files(desk)) == [], "columns that the letter does not use"
    desk.list_recipients({**SHERIFF, "address1": "811 Port Street"}, CHIEF)
    changed = desk.run("build", "--no-pdf")
    assert remade(before, files(desk)) == ["berrien-county-sheriff.docx"]
    assert "1 document to make: the recipient's data changed" in changed.stderr
    desk.out("docx/adrian-police.docx").unlink()
    before = files(desk)
    assert "1 document to make: the file is gone" in desk.run("build", "--no-pdf").stderr
    assert remade(before, files(desk)) == ["adrian-police.docx"]
    desk.write("templates/letter.md", LETTER.replace("about policy", "on policy"))
    assert "2 documents to make: the letter or its looks changed" in desk.run("build", "--no-pdf").stderr


def test_a_style_sheet_concerns_pdfs_only(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.run("build", "--jobs", "1")
    before = files(desk)
    sheet = desk.folder / "templates" / "letterhead.css"
    sheet.write_text(sheet.read_text("utf-8") + "\np { color: black }\n", "utf-8")
    desk.run("build", "--jobs", "1")
    assert remade(before, files(desk)) == ["adrian-police.pdf", "berrien-county-sheriff.pdf"]


def test_an_edited_draft_is_never_overwritten(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.run("build", "--no-pdf")
    draft = desk.out("docx/adrian-police.docx")
    edit(draft)
    edited = draft.read_bytes()
    desk.write("templates/letter.md", LETTER.replace("about policy", "on policy"))
    kept = desk.run("build", "--no-pdf", code=5)
    assert draft.read_bytes() == edited
    assert "edited by hand and kept: adrian-police" in " ".join(kept.stderr.split())
    desk.run("build", "--no-pdf", code=5)
    assert draft.read_bytes() == edited


def test_a_file_of_the_same_name_that_we_never_wrote_is_kept(make_desk: MakeDesk) -> None:
    desk = make_desk(rows=[CHIEF])
    desk.out("docx").mkdir(parents=True)
    desk.out("docx/adrian-police.docx").write_bytes(b"somebody's")
    desk.run("build", "--no-pdf", code=5)
    assert desk.out("docx/adrian-police.docx").read_bytes() == b"somebody's"


def test_a_file_that_was_only_touched_is_no_edit(make_desk: MakeDesk) -> None:
    desk = make_desk(rows=[CHIEF])
    desk.run("build", "--no-pdf")
    desk.out("docx/adrian-police.docx").touch()
    assert "0 letters made" in " ".join(desk.run("build", "--no-pdf").stderr.split())


def test_a_lost_ledger_costs_no_draft(make_desk: MakeDesk) -> None:
    desk = make_desk(rows=[CHIEF])
    desk.run("build", "--no-pdf")
    before = desk.out("docx/adrian-police.docx").read_bytes()
    for path in desk.out().glob("ledger.sqlite*"):
        path.unlink()
    desk.run("build", "--no-pdf", code=None)
    assert desk.out("docx/adrian-police.docx").read_bytes() == before


def test_a_letter_that_fails_does_not_stop_the_others(make_desk: MakeDesk) -> None:
    text = "Text.{% if recipient.first_name %}[^tall]{% endif %}\n\n[^tall]: A note.\n"
    desk = make_desk(letter=text)
    looks = desk.folder / "templates/letterhead.css"
    # Of a letter only: the sample page, on which a style sheet is tried before, is for "x".
    looks.write_text(f"{looks.read_text('utf-8')}\nbody:not([data-name=x]) .note {{ height: 12in }}\n", "utf-8")
    failed = desk.run("build", "--jobs", "1", code=1)
    assert "berrien-county-sheriff.pdf: " in failed.stderr
    assert "1 failed: berrien-county-sheriff" in " ".join(failed.stderr.split())
    assert sorted(files(desk)) == ["adrian-police.docx", "adrian-police.pdf", "berrien-county-sheriff.docx"]


def test_one_recipient_and_one_medium_can_be_chosen(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.run("build", "--only", "adrian-police", "--no-docx")
    assert [path.name for path in desk.out().rglob("*.*") if path.suffix in (".pdf", ".docx")] == ["adrian-police.pdf"]


def test_a_dry_run_makes_nothing(make_desk: MakeDesk) -> None:
    desk = make_desk()
    done = desk.run("build", "--dry-run")
    assert "adrian-police.docx: new" in done.stdout
    assert "4 documents would be made; 0 are up to date" in done.stdout
    assert not desk.out("pdf").exists()


def test_strict_lets_a_warning_stop_the_build(make_desk: MakeDesk) -> None:
    desk = make_desk(rows=[{**CHIEF, "city": "Boston", "state": "MA", "zip": "2108"}])
    assert 'lost its leading zero; read as "02108"' in desk.run("build", "--strict", code=1).stderr
    assert not desk.out("pdf").exists()
    desk.run("build", "--no-docx")


def test_the_manifest_tells_every_letter_made_or_not(make_desk: MakeDesk) -> None:
    desk = make_desk(rows=[SHERIFF, {**CHIEF, "zip": "", "hold": "ZIP code not known"}])
    desk.run("build", "--jobs", "1")
    with desk.out("manifest.csv").open(encoding="utf-8", newline="") as file:
        made, held = csv.DictReader(file)
    assert (made["id"], made["state"], made["pages"]) == ("berrien-county-sheriff", "made", "1")
    assert made["pdf"] == "pdf/berrien-county-sheriff.pdf"
    assert (held["id"], held["state"], held["reason"], held["pdf"]) == (
        "adrian-police",
        "held",
        "ZIP code not known",
        "",
    )


def test_a_wrong_call_says_what_was_meant(make_desk: MakeDesk) -> None:
    desk = make_desk()
    unknown = desk.run("build", "--only", "adrian-polise", code=2)
    assert unknown.stderr == ('error: no recipient has the id "adrian-polise"\n    hint: did you mean adrian-police?\n')
    assert "leave nothing to make" in desk.run("build", "--no-pdf", "--no-docx", code=2).stderr
    assert "No such option" in desk.run("build", "--pfd", code=2).stderr


def test_check_makes_nothing_and_speaks_json(make_desk: MakeDesk) -> None:
    desk = make_desk(rows=[SHERIFF, {**CHIEF, "zip": "4922"}])
    told = json.loads(desk.run("check", "--json", code=1).stdout)
    assert (told["recipients"], told["ready"]) == (2, 1)
    (problem,) = told["problems"]
    assert (problem["file"], problem["line"], problem["field"]) == ("recipients.csv", 3, "zip")
    assert problem["recipient"] == "adrian-police"
    assert not (desk.folder / "out").exists()


def test_a_preview_stands_apart_from_the_letters(make_desk: MakeDesk) -> None:
    desk = make_desk()
    done = desk.run("preview", "adrian-police")
    path = Path(done.stdout.strip())
    assert (desk.folder / path).read_bytes().startswith(b"%PDF-")
    assert not desk.out("pdf").exists()
    held = make_desk(folder=desk.folder / "held", rows=[{**CHIEF, "hold": "moved"}]).run(
        "preview", "adrian-police", code=1
    )
    assert held.stderr == "error: the letter to adrian-police is kept back: moved\n"
