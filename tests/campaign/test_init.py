from __future__ import annotations

import csv
import datetime
import os
import pty
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from PIL import Image

from letters.campaign.init import Answers, read_organization, read_signer, start_campaign, starter, starter_letters
from letters.campaign.load import load
from letters.model.problems import CannotGoOn, Problem
from letters.model.settings import Organization, Signer
from letters.read.recipients import REQUIRED
from tests.desk import ROOT, Desk

DATE = datetime.date(2025, 9, 17)
TOLD = ("to be filled in", "nobody has read it", "kept back")
"""What check tells of a new campaign: places to fill in, authorities to read, letters held on purpose."""


def unexpected(problems: list[Problem]) -> list[str]:
    return [str(problem) for problem in problems if not any(words in problem.what for words in TOLD)]


@pytest.mark.parametrize("letter", starter_letters())
def test_a_new_campaign_passes_check_but_for_the_places_to_fill_in(tmp_path: Path, letter: str) -> None:
    start_campaign(tmp_path / "spring", Answers(letter=letter, date=DATE))
    project, problems = load(tmp_path / "spring" / "campaign.toml")
    assert unexpected(problems) == []
    assert project
    assert project.letters


def test_what_a_person_tells_stands_in_the_campaign(tmp_path: Path) -> None:
    answers = Answers(
        letter="thank-you",
        organizations=[read_organization('The "First" Organization; 1 Main Street; Lansing, MI 48933')],
        signers=[Signer(name="First {Signer}", title="Director")],
        subject="Thanks \\ more",
        date=DATE,
    )
    start_campaign(tmp_path / "spring", answers)
    project, _ = load(tmp_path / "spring" / "campaign.toml")
    assert project
    campaign = project.campaign
    assert campaign.organizations[0] == Organization(
        name='The "First" Organization', address=("1 Main Street", "Lansing, MI 48933")
    )
    assert (campaign.signers[0].name, campaign.subject, campaign.date) == ("First {Signer}", "Thanks \\ more", DATE)


def test_a_list_of_ones_own_is_taken_over(tmp_path: Path) -> None:
    own = b"id,office,agency,address1,city,state,zip\na,sheriff,B,1 Main Street,Lansing,MI,48933\n"
    start_campaign(tmp_path / "spring", Answers(letter="guidance-letter", listed=own, date=DATE))
    assert (tmp_path / "spring" / "recipients.csv").read_bytes() == own


@pytest.mark.parametrize("name", ["campaign.toml", "notes.txt"])
def test_a_folder_with_files_is_never_touched(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine", "utf-8")
    with pytest.raises(CannotGoOn, match="is there already"):
        start_campaign(tmp_path, Answers(letter="guidance-letter", date=DATE))
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_signatures_of_a_new_campaign_stay_out_of_version_control(tmp_path: Path) -> None:
    start_campaign(tmp_path / "spring", Answers(letter="guidance-letter", date=DATE))
    assert (tmp_path / "spring" / ".gitignore").read_text("utf-8").splitlines() == ["/out/", "/signatures/"]


def test_an_empty_folder_may_be_filled(tmp_path: Path) -> None:
    (tmp_path / "spring").mkdir()
    start_campaign(tmp_path / "spring", Answers(letter="guidance-letter", date=DATE))
    assert (tmp_path / "spring" / "campaign.toml").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["spring"]


def test_an_unknown_letter_is_guessed_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(CannotGoOn) as stop:
        start_campaign(tmp_path / "spring", Answers(letter="guidance", date=DATE))
    assert str(stop.value).endswith("hint: did you mean guidance-letter?")
    assert list(tmp_path.iterdir()) == []


def test_a_workbook_is_brought_in(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append([*REQUIRED, "agreement_287g", "agreement_signed"])
    signed = datetime.datetime(2025, 5, 6)  # noqa: DTZ001 - a cell has no time zone
    agency = "An “Agency”, B Sheriff’s Office"
    book.active.append(["a", "sheriff", agency, "1 Main Street", "Boston", "MA", 2108, "task_force", signed])
    book.save(tmp_path / "own.xlsx")
    Desk(tmp_path).run("init", "spring", "--no-ask", "--list", "own.xlsx")
    (row,) = csv.DictReader((tmp_path / "spring" / "recipients.csv").read_text("utf-8").splitlines())
    assert (row["id"], row["agency"], row["zip"]) == ("a", agency, "02108")
    assert (row["agreement_287g"], row["agreement_signed"]) == ("task_force", "2025-05-06")


def test_columns_that_nobody_knows_can_be_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("Corps;Wo;Wer\nTaylor Police Department;Taylor;Jane Roe\n", "utf-8")
    refused = Desk(tmp_path).run("init", "spring", "--no-ask", "--list", "own.csv", code=1)
    assert "--map HEADING=FIELD" in refused.stderr
    columns = ("--map", "Corps=agency", "--map", "Wo=city", "--map", "Wer=full_name", "--header", "1")
    Desk(tmp_path).run("init", "spring", "--no-ask", "--list", "own.csv", *columns)
    assert "Jane,Roe,,Taylor Police Department" in (tmp_path / "spring" / "recipients.csv").read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("own.xlsx", b"not a workbook", "cannot be read as a spreadsheet"),
        ("list.docx", b"PK\x03\x04 word/document.xml", "is a Word document (docx), not a list"),
        ("list.csv", b"%PDF-1.7", "is a PDF, not a list"),
        ("list.csv", b"{\\rtf1", "is a Word document (rtf), not a list"),
        ("list.csv", b"", "is empty"),
    ],
)
def test_a_file_that_is_no_list_is_refused(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    done = Desk(tmp_path).run("init", "spring", "--no-ask", "--list", name, code=1)
    assert said in done.stderr
    assert not (tmp_path / "spring").exists()


def test_a_signer_writes_for_the_only_organization() -> None:
    one = [Organization(name="First Organization")]
    assert read_signer("A; Director", one) == Signer(name="A", title="Director", organization="First Organization")
    assert read_signer("A", [*one, *one]) == Signer(name="A", title="[Title]", organization="")


def test_in_a_terminal_it_asks_for_one_thing_at_a_time(tmp_path: Path) -> None:
    logo = tmp_path / "mark.png"
    Image.new("RGB", (60, 60)).save(logo)
    ours, theirs = pty.openpty()
    command = [sys.executable, str(ROOT / "generate.py"), "init", "spring"]
    with subprocess.Popen(command, cwd=tmp_path, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as asked:
        os.close(theirs)
        organization = ["First Organization", "1 Main Street", "", "(555) 555-0100", "", "gone.png", str(logo), ""]
        os.write(ours, "\n".join([*organization, "First Signer", "Director", "", "", "no", ""]).encode())
        out, told = asked.communicate()
    os.close(ours)
    assert (asked.returncode, out) == (0, b"spring\n"), told
    text = (tmp_path / "spring" / "campaign.toml").read_text("utf-8")
    assert 'name = "First Organization"\naddress = ["1 Main Street", "[City, State ZIP]"]' in text
    assert 'phone = "(555) 555-0100"\nlogo = "templates/mark.png"' in text
    assert (tmp_path / "spring" / "templates" / "mark.png").read_bytes() == logo.read_bytes()
    assert b'"gone.png" cannot be read: No such file' in told
    assert 'name = "First Signer"\ntitle = "Director"\norganization = "First Organization"' in text


def test_without_a_terminal_it_asks_nothing(tmp_path: Path) -> None:
    done = Desk(tmp_path).run("init", "spring", "--signer", "First Signer; Director")
    assert done.stdout == "spring\n"
    assert '"[Organization]"' in (tmp_path / "spring" / "campaign.toml").read_text("utf-8")


def test_in_a_checkout_the_starter_is_the_checkout() -> None:
    assert starter() == ROOT


@pytest.mark.slow
def test_a_campaign_can_be_started_from_the_wheel_in_an_empty_environment(tmp_path: Path) -> None:
    def run(*command: object, folder: Path = ROOT) -> str:
        done = subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "dist")
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    venv.create(tmp_path / "env", with_pip=False)
    installed = next((tmp_path / "env" / "lib").glob("python*")) / "site-packages"
    pip = (sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--quiet")
    run(*pip, "--target", installed, wheel)
    libraries = next(path for path in map(Path, sys.path) if path.name == "site-packages")
    (installed / "libraries.pth").write_text(f"{libraries}\n", "utf-8")
    python = tmp_path / "env" / "bin" / "python"
    letters = (python, "-I", "-c", "from letters.cli import main; main()")
    where = run(python, "-I", "-c", "import letters.campaign.init as s; print(s.starter())")
    assert Path(where.strip()).is_relative_to(installed)
    run(*letters, "init", "spring", folder=tmp_path)
    run(*letters, "check", folder=tmp_path / "spring")
    run(*letters, "build", "--only", "taylor-police", "--jobs", "1", folder=tmp_path / "spring")
    made = sorted(path.name for path in (tmp_path / "spring" / "out" / "guidance-letter").glob("[!.]*/*"))
    assert made == ["taylor-police.docx", "taylor-police.pdf"]


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("Acme Rights, 1 Main Street, Newark, NJ 07102", "Acme Rights", ("1 Main Street", "Newark, NJ 07102")),
        (
            "Smith, Doe & Co., PO Box 12, Newark, New Jersey 07102",
            "Smith, Doe & Co.",
            ("PO Box 12", "Newark, New Jersey 07102"),
        ),
        ("Acme Rights, Inc.", "Acme Rights, Inc.", ("[Street]", "[City, State ZIP]")),
    ],
)
def test_commas_do_where_the_address_is_whole(text: str, name: str, address: tuple[str, ...]) -> None:
    assert read_organization(text) == Organization(name=name, address=address)


def test_an_address_that_cannot_be_told_from_the_name_is_refused() -> None:
    with pytest.raises(CannotGoOn, match="where does the name of the organization end"):
        read_organization("Acme Rights, 1 Main Street, Newark")


def test_a_signer_may_be_told_with_commas() -> None:
    assert read_signer("Alex Sample, Jr., Director", []) == Signer(name="Alex Sample, Jr.", title="Director")
