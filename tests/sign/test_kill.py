"""A run of mail prepare that is killed: the record knows every signed file, and the next run completes the mailing."""

from __future__ import annotations

import csv
import hashlib
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from letters.campaign.ledger import Ledger
from letters.mail.register import Register
from letters.review.approvals import signed_versions
from tests.desk import ROOT, SHERIFF, Desk, set_up
from tests.mail.conftest import run
from tests.sign.test_signing import FINAL, FIRST, UNTIL, keep_signature

IDS = ("r1", "r2", "r3")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    rows = [{**SHERIFF, "id": each, "agency": f"Department {each}", "address1": f"{each} Street"} for each in IDS]
    desk = set_up(folder=tmp_path_factory.mktemp("killed") / "desk", rows=rows, more=FINAL)
    keep_signature(desk)
    run(desk, "build", "--no-docx")
    run(desk, "sign", "authorize", "--by", FIRST, "--for", "all", *UNTIL)
    return desk


def killed(desk: Desk, at: int, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(Path(__file__).with_name("killed_prepare.py")), str(at), *command],
        cwd=desk.folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def unknown_signed_files(desk: Desk) -> list[str]:
    """List the signed files that the record does not know as made of the letter."""
    strange = []
    with Ledger(desk.out("ledger.sqlite")) as ledger:
        for path in desk.out("signed").glob("*.pdf"):
            made = hashlib.sha256(desk.out(f"pdf/{path.name}").read_bytes()).hexdigest()
            signed = hashlib.sha256(path.read_bytes()).hexdigest()
            strange += [] if signed in signed_versions(ledger, path.stem, made) else [path.name]
    return strange


def manifest(desk: Desk) -> list[tuple[str, str]]:
    """List id and hash of the pieces in the manifest; none where there is none."""
    path = desk.out("mail/manifest.csv")
    lines = path.read_text("utf-8-sig").splitlines() if path.exists() else []
    return [(row["id"], row["sha256"]) for row in csv.DictReader(lines)]


def registered(desk: Desk) -> list[tuple[str, str]]:
    with Register(desk.out()) as register:
        return [(each.piece.recipient, each.piece.letter.sha256) for each in register.pieces()]


STEPS = 30
"""Steps towards the disk of a run of mail prepare with three letters; there are some more."""
CHANCE = random.Random(19)  # noqa: S311 - chooses moments
SOME = sorted(CHANCE.sample(range(1, STEPS), 1))
MOST = [at for at in range(1, STEPS + 4) if at not in SOME]


def check_after_a_kill(desk: Desk, at: int, *options: str) -> None:
    """Kill mail prepare at a step: record and files agree, and the same command completes the mailing."""
    done = killed(desk, at, "mail", "prepare", *options)
    assert done.returncode == -9, done.stderr
    signed = "--sign" in options
    assert unknown_signed_files(desk) == []
    assert not manifest(desk) or manifest(desk) == registered(desk)
    assert run(desk, "log").stderr.count("none changed") == 1
    run(desk, "mail", "prepare", *options)
    assert len(manifest(desk)) == len(IDS)
    assert manifest(desk) == registered(desk)
    assert unknown_signed_files(desk) == []
    for name, digest in manifest(desk):
        path = desk.out(f"{'signed' if signed else 'pdf'}/{name}.pdf")
        assert hashlib.sha256(path.read_bytes()).hexdigest() == digest
    assert not list(desk.out().rglob("*.part"))


@pytest.mark.parametrize("at", SOME)
@pytest.mark.parametrize("options", [(), ("--sign",)], ids=["unsigned", "signed"])
def test_a_run_that_was_killed_leaves_a_record_that_agrees_with_the_files(
    desk: Desk, at: int, options: tuple[str, ...], tmp_path: Path
) -> None:
    check_after_a_kill(desk.copy(tmp_path / "desk"), at, *options)


@pytest.mark.slow
@pytest.mark.parametrize("at", MOST)
@pytest.mark.parametrize("options", [(), ("--sign",)], ids=["unsigned", "signed"])
def test_so_does_a_run_that_was_killed_at_any_other_moment(
    desk: Desk, at: int, options: tuple[str, ...], tmp_path: Path
) -> None:
    check_after_a_kill(desk.copy(tmp_path / "desk"), at, *options)


def posted_in(desk: Desk) -> tuple[list[str], list[str]]:
    """List who was posted or came back, by the register and by the log."""
    with Register(desk.out()) as register:
        first = [f"{event.recipient} {event.what}" for event in register.events() if event.what != "prepared"]
    with Ledger(desk.out("ledger.sqlite")) as ledger:
        second = [f"{event.id} {event.kind}" for event in ledger.events() if event.kind in ("posted", "returned")]
    return first, second


@pytest.mark.parametrize("at", [4, *(pytest.param(at, marks=pytest.mark.slow) for at in (1, 2, 3, 5, 6, 7))])
def test_what_was_posted_and_came_back_is_in_both_records_or_in_none(desk: Desk, at: int, tmp_path: Path) -> None:
    desk = desk.copy(tmp_path / "desk")
    run(desk, "mail", "prepare", "--no-audit")
    for command in (("mail", "posted"), ("mail", "returned", "r1", "--reason", "moved")):
        killed(desk, at, *command)
        first, second = posted_in(desk)
        assert first == second
        assert run(desk, "log").stderr.count("none changed") == 1
        if len(first) < len(IDS) + (command[1] == "returned"):
            run(desk, *command)
    assert posted_in(desk)[0] == [*(f"{name} posted" for name in IDS), "r1 returned"]


def test_a_letter_whose_signed_file_is_damaged_is_not_sent_unsigned(desk: Desk, tmp_path: Path) -> None:
    desk = desk.copy(tmp_path / "desk")
    rows = list(csv.DictReader((desk.folder / "recipients.csv").read_text("utf-8").splitlines()))
    desk.list_recipients(*({**row, "email": f"{row['id']}@example.org"} for row in rows))
    (desk.folder / "templates" / "mail").mkdir()
    desk.write("templates/mail/cover.txt", "Subject: Letter\n\nDear Sheriff\n")
    run(desk, "mail", "prepare", "--sign")
    damaged = desk.out("signed/r2.pdf")
    damaged.write_bytes(damaged.read_bytes()[:-1])
    done = run(desk, "mail", "eml", "--from", "office@example.org")
    assert "left out: r2: the signed letter is gone or damaged: sign it again" in done.stderr
    assert "2 e-mails, 2 of them signed" in done.stdout


def test_a_second_command_in_the_same_folder_says_that_another_runs(desk: Desk, tmp_path: Path) -> None:
    desk = desk.copy(tmp_path / "desk")
    code = (
        "import sys\nfrom pathlib import Path\nfrom letters.formats.files import alone_in\n"
        "with alone_in(Path('out/letter'), 'build'):\n    print('there', flush=True)\n    sys.stdin.read()\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=desk.folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"there\n"
        for words in (("mail", "prepare"), ("build",), ("mail", "posted")):
            said = desk.run(*words, code=4).stderr
            assert f'another command is at work in "out/letter": letters build, process {other.pid}' in said
        other.kill()
    desk.run("mail", "prepare")
