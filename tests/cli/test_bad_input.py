"""Bad input is told with its place and the way out; nothing is made of the bad part, and everything else is."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

import pytest

from letters.formats.ooxml import R, read_package, write_package
from tests.conftest import MakeDesk
from tests.desk import CHIEF, COLUMNS, SHERIFF, Desk
from tests.read.word_letters import place, word_letter

GOOD = [[row.get(column, "") for column in COLUMNS] for row in (SHERIFF, CHIEF)]


def table(*rows: Sequence[str], mark: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=mark, lineterminator="\r\n").writerows([COLUMNS, *rows])
    return out.getvalue()


def made(desk: Desk) -> list[str]:
    return sorted(path.name for medium in ("pdf", "docx") for path in desk.out(medium).glob("*.*"))


BOTH = ["adrian-police.docx", "berrien-county-sheriff.docx"]


@pytest.mark.parametrize(("encoding", "mark"), [("utf-8-sig", ","), ("utf-16", "\t"), ("cp1252", ";"), ("utf-8", ";")])
def test_lists_as_office_programs_save_them_are_read(make_desk: MakeDesk, encoding: str, mark: str) -> None:
    desk = make_desk()
    desk.write("recipients.csv", table(*GOOD, mark=mark), encoding)
    done = desk.run("build", "--no-pdf")
    assert made(desk) == BOTH
    assert ("not UTF-8" in desk.run("check").stdout) == (encoding == "cp1252")
    assert "error" not in done.stderr


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"zip": ""}, "recipients.csv:3: zip: empty\n    hint: fill it in, or write a reason in the column hold"),
        ({"agency": ""}, "recipients.csv:3: agency: empty"),
        ({"id": "adrian police"}, 'recipients.csv:3: id: "adrian police" cannot be an id'),
        ({"id": "../adrian"}, 'recipients.csv:3: id: "../adrian" cannot be an id'),
    ],
)
def test_a_bad_row_stops_its_own_letter_only(make_desk: MakeDesk, change: dict[str, str], message: str) -> None:
    desk = make_desk(rows=[SHERIFF, {**CHIEF, **change}])
    done = desk.run("build", "--no-pdf", code=1)
    assert message in done.stderr
    assert made(desk) == BOTH[1:]


def test_a_repeated_id_stops_both_and_no_other(make_desk: MakeDesk) -> None:
    third = {**CHIEF, "id": "adrian-again", "agency": "Adrian Township Police Department", "zip": "49221"}
    desk = make_desk(rows=[{**third, "id": "adrian-police"}, SHERIFF, CHIEF])
    told = desk.run("build", "--no-pdf", code=1).stderr
    assert 'recipients.csv:2: id: "adrian-police" is also the id of line 4' in told
    assert 'recipients.csv:4: id: "adrian-police" is also the id of line 2' in told
    assert made(desk) == BOTH[1:]


def test_a_ragged_row_stops_its_own_letter_only(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.write("recipients.csv", table(GOOD[0], [*GOOD[1], "more"]))
    said = desk.run("build", "--no-pdf", code=1).stderr
    assert f"recipients.csv:3: {len(COLUMNS) + 1} cells, but the header has {len(COLUMNS)}" in said
    assert made(desk) == BOTH[1:]


def test_an_open_quotation_mark_stops_its_own_letter_only(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.write("recipients.csv", table(*GOOD).replace("\r\nadrian", '\r\n"adrian'))
    said = desk.run("build", "--no-pdf", code=1).stderr
    assert "recipients.csv:3: a quotation mark is not closed" in said
    assert len(made(desk)) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "recipients.csv:1: the file is empty\n    hint: the first line names the columns"),
        (table(), "recipients.csv:2: no recipients\n    hint: add a row for each under the header"),
        (table(*GOOD).replace(",zip,", ",zipcode,"), 'recipients.csv:1: zip: the column "zip" is missing'),
    ],
)
def test_a_list_without_letters_makes_nothing(make_desk: MakeDesk, text: str, message: str) -> None:
    desk = make_desk()
    desk.write("recipients.csv", text)
    for command in ("check", "build"):
        done = desk.run(command, code=1)
        assert message in done.stdout + done.stderr
    assert not desk.out("pdf").exists()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("campaign.toml", 'there is no "campaign.toml" here\n    hint: go to the folder of the campaign'),
        ("recipients.csv", '"recipients.csv" does not exist'),
        ("templates/letter.md", 'there is no "letter.md" in templates/'),
        ("templates/letterhead.css", 'there is no "letterhead.css" in templates/'),
        ("templates/letterhead.docx", 'there is no "letterhead.docx" in templates/'),
        ("templates/forms-of-address.toml", '"templates/forms-of-address.toml" does not exist'),
    ],
)
def test_a_missing_file_is_named(make_desk: MakeDesk, name: str, message: str) -> None:
    desk = make_desk()
    (desk.folder / name).unlink()
    assert f"error: {message}" in desk.run("build", code=1).stderr
    assert not desk.out("pdf").exists()


@pytest.mark.parametrize("name", ["letterhead.docx", "letterhead.css", "letter.md", "forms-of-address.toml"])
def test_a_spoilt_file_is_named(make_desk: MakeDesk, name: str) -> None:
    desk = make_desk()
    (desk.folder / "templates" / name).write_bytes(b"PK\x03\x04\0\0 no longer what it was \xff\xfe")
    done = desk.run("build", code=1)
    assert name in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_logo_is_told_with_its_line(make_desk: MakeDesk) -> None:
    desk = make_desk()
    text = (desk.folder / "campaign.toml").read_text("utf-8")
    desk.write("campaign.toml", text.replace('name = "Second', 'logo = "templates/seal.png"\nname = "Second'))
    assert '11: logo: "templates/seal.png" does not exist' in desk.run("build", code=1).stderr


@pytest.mark.parametrize(
    "rule",
    [
        "@import url(../../etc/passwd);",
        "p { background: url(file:///etc/passwd) }",
        "p { background: url(https://example.org/a.png) }",
        "p { background: url(//example.org/a.png) }",
        "p { background: url('../campaign.toml') }",
    ],
)
def test_looks_that_ask_for_a_file_elsewhere_are_refused(make_desk: MakeDesk, rule: str) -> None:
    desk = make_desk()
    sheet = desk.folder / "templates" / "letterhead.css"
    sheet.write_text(f"{rule}\n{sheet.read_text('utf-8')}", "utf-8")
    done = desk.run("build", code=1)
    assert "templates/letterhead.css:1: " in done.stderr
    assert (
        "is outside templates/\n    hint: nothing outside the folder is read, and nothing from the network"
        in done.stderr
    )


def test_a_letter_name_is_never_a_path(make_desk: MakeDesk) -> None:
    desk = make_desk()
    assert 'there is no "../campaign.md" in templates/' in desk.run("build", "--letter", "../campaign", code=1).stderr


def test_all_problems_are_told_at_once_in_the_order_of_the_files(make_desk: MakeDesk) -> None:
    desk = make_desk(rows=[{**SHERIFF, "zip": "4902"}, {**CHIEF, "state": "Mich"}], letter="{{ recipient.agancy }}\n")
    told = [line for line in desk.run("check", code=1).stdout.splitlines() if not line.startswith(" ")]
    assert [line.split(": ")[0] for line in told[:-1]] == [
        "recipients.csv:2",
        "recipients.csv:3",
        "templates/letter.md:1:1",
    ]


def test_an_official_whom_no_form_of_address_fits_stops_that_letter_only(make_desk: MakeDesk) -> None:
    desk = make_desk()
    forms = desk.folder / "templates/forms-of-address.toml"
    text = forms.read_text("utf-8").replace('office = "sheriff"\ntitle = "Sheriff"', 'office = "marshal"')
    forms.write_text(text, "utf-8")
    done = desk.run("check", code=1)
    assert 'title: "Sheriff": no form of address is for the office "sheriff" with this title' in done.stdout
    assert "1 of 2 letters can be made" in done.stdout


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("\u200b", "{{ campaign.subject }} is empty"),
        ("\u2800 \u00ad", "{{ campaign.subject }} is empty"),
        ("Local \u202epolicy", "a control character, U+202E, which no letter can hold"),
    ],
)
def test_a_subject_that_nobody_sees_or_that_turns_round_is_named(make_desk: MakeDesk, subject: str, said: str) -> None:
    desk = make_desk(letter="About {{ campaign.subject }}.\n")
    settings = desk.folder / "campaign.toml"
    text = re.sub(r'subject = "[^"]*"', f'subject = "{subject}"', settings.read_text("utf-8"))
    settings.write_text(text, "utf-8")
    assert said in desk.run("check", code=1).stdout


def test_a_word_letter_that_cannot_be_filled_is_told_by_check(make_desk: MakeDesk) -> None:
    desk = make_desk()
    place(desk, word_letter("Dear {{ recipient.agency }}:"))
    path = desk.folder / "templates/byhand.docx"
    parts = read_package(path.read_bytes())
    relations = "word/_rels/document.xml.rels"
    picture = f'<Relationship Id="rIdX" Type="{R}/image" Target="media/x.undeclared"/></Relationships>'
    parts[relations] = parts[relations].replace(b"</Relationships>", picture.encode())
    path.write_bytes(write_package({**parts, "word/media/x.undeclared": b"x"}))
    said = desk.run("check", "--letter", "byhand", code=1).stdout
    assert 'templates/byhand.docx: no Word letter can be made of it: "no content type for partname' in said
