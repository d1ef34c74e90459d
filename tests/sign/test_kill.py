"""A run of mail prepare that is killed: the record knows every signed file, and the next run completes the mailing."""

from __future__ import annotations

import csv
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from letters.campaign.ledger import Ledger
from letters.mail.register import Register
from letters.review.authorizations import signed_versions
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


def prepare(desk: Desk, at: int, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(Path(__file__).with_name("killed_prepare.py")), str(at), *options],
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
    with Register(desk.out("ledger.sqlite"), desk.out()) as register:
        return [(each.piece.recipient, each.piece.letter.sha256) for each in register.pieces()]


@pytest.mark.parametrize("at", range(1, 10))
def test_a_killed_run_leaves_no_signed_file_without_a_record(desk: Desk, at: int, tmp_path: Path) -> None:
    desk = desk.copy(tmp_path / "desk")
    assert prepare(desk, at, "--sign").returncode == -9
    assert unknown_signed_files(desk) == []
    assert not manifest(desk) or manifest(desk) == registered(desk)
    run(desk, "mail", "prepare", "--sign")
    assert len(list(desk.out("signed").glob("*.pdf"))) == len(IDS)
    assert unknown_signed_files(desk) == []
    assert len(manifest(desk)) == len(IDS)
    assert manifest(desk) == registered(desk)
    for name, digest in manifest(desk):
        assert hashlib.sha256(desk.out(f"signed/{name}.pdf").read_bytes()).hexdigest() == digest
    assert not list(desk.out().rglob("*.part"))


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
