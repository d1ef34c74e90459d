"""Digital signatures: by authorization only, each validated, broken by any changed byte, several in turn."""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from letters.sign.digital import load_certificates, validate
from tests.desk import SHERIFF, Desk, set_up
from tests.mail.conftest import run
from tests.sign.keys import make_key

FIRST, SECOND = "First Signer", "Second Signer"
PASSPHRASE = " ".join(("correct", "horse", "ö", "battery"))
MORE = """status = "final"
[[signers]]
name = "Second Signer"
title = "Executive Director"
organization = "Second Organization"
"""
UNTIL = ("--until", "2999-12-31")


@dataclass(frozen=True)
class Office:
    desk: Desk
    keys: dict[str, Path]
    certificates: dict[str, Path]

    @property
    def signed(self) -> Path:
        return self.desk.out("signed-digitally/berrien-county-sheriff.pdf")

    def allow(self, name: str) -> None:
        run(self.desk, "sign", "authorize", "--by", name, "--for", "all", *UNTIL)

    def sign(self, name: str, *, code: int = 0, passphrase: str = PASSPHRASE) -> str:
        """Sign, with the passphrase handed over as a file that only the command reads."""
        reading, writing = os.pipe()
        with os.fdopen(writing, "w", encoding="utf-8") as pipe:
            pipe.write(f"{passphrase}\n")
        key = ("--pkcs12", str(self.keys[name]), "--passphrase-fd", str(reading))
        done = run(self.desk, "sign", "digital", "--by", name, *key, code=code)
        with contextlib.suppress(OSError):
            os.close(reading)
        return done.stdout + done.stderr

    def verify(self, *names: str, code: int = 0) -> str:
        trust = [each for name in names for each in ("--trust", str(self.certificates[name]))]
        return run(self.desk, "sign", "verify", str(self.signed), *trust, code=code).stdout


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """A campaign of two signers, the first of whom has signed its one letter."""
    folder = tmp_path_factory.mktemp("keys")
    made = {name: make_key(folder, name, PASSPHRASE) for name in (FIRST, SECOND)}
    desk = set_up(folder=folder / "desk", rows=(SHERIFF,), more=MORE)
    run(desk, "build", "--no-docx")
    office = Office(
        desk, {name: each[0] for name, each in made.items()}, {name: each[1] for name, each in made.items()}
    )
    office.allow(FIRST)
    office.sign(FIRST)
    return office


def test_a_signature_holds_for_those_who_trust_its_certificate(office: Office) -> None:
    assert "Signature of First Signer: holds, certificate of First Signer" in office.verify(FIRST, SECOND)


def test_a_certificate_that_nobody_named_is_not_trusted(office: Office) -> None:
    assert "the certificate is not among the trusted ones" in office.verify(code=1)


def test_the_letter_itself_is_untouched_at_the_beginning_of_the_signed_file(office: Office) -> None:
    letter = office.desk.out("pdf/berrien-county-sheriff.pdf").read_bytes()
    assert office.signed.read_bytes().startswith(letter)
    assert b"/ByteRange" not in letter


def test_any_changed_byte_breaks_the_signature(office: Office) -> None:
    """In the room of the signature itself, too: its end is zeros that mean nothing, and some of its fields are bare."""
    content = office.signed.read_bytes()
    trusted = load_certificates([office.certificates[FIRST]])
    start = content.index(b"/Contents <") + len(b"/Contents <")
    end = content.index(b">", start)
    room = [*range(start, start + 160, 5), *range(start + 160, end, 97), end - 1]
    places = [*range(0, start, len(content) // 20), *room, *range(end, len(content), 311)]
    assert len(places) > 60
    for place in places:
        changed = bytearray(content)
        changed[place] = ord("1") if changed[place] != ord("1") else ord("2")
        found = validate(bytes(changed), trusted)
        assert not found or not all(each.holds for each in found), f"byte {place} of {len(content)}"


@pytest.mark.parametrize("more", [b"\n", b"0", b"% a remark\n", b"\n1 0 obj\n<<>>\nendobj\n"])
def test_a_byte_added_behind_the_last_signature_is_refused(office: Office, more: bytes) -> None:
    trusted = load_certificates([office.certificates[FIRST]])
    (found,) = validate(office.signed.read_bytes() + more, trusted)
    assert (found.holds, found.why) == (False, "something was added to the file that no signature covers")


def test_a_digit_of_the_signature_in_the_other_case_is_refused(office: Office) -> None:
    content = office.signed.read_bytes()
    start = content.index(b"/Contents <") + len(b"/Contents <")
    place = next(n for n in range(start, len(content)) if content[n] in b"ABCDEF")
    changed = content[:place] + content[place : place + 1].lower() + content[place + 1 :]
    (found,) = validate(changed, load_certificates([office.certificates[FIRST]]))
    assert not found.holds


def test_the_same_signer_does_not_sign_twice(office: Office) -> None:
    assert "First Signer has signed it already" in office.sign(FIRST, code=1)


def test_a_signer_who_did_not_allow_it_does_not_sign(office: Office) -> None:
    before = office.signed.read_bytes()
    assert "Second Signer has not allowed it: letters sign authorize" in office.sign(SECOND, code=1)
    assert office.signed.read_bytes() == before


def test_a_wrong_passphrase_is_refused_and_not_repeated(office: Office) -> None:
    wrong = PASSPHRASE.replace("horse", "house")
    said = office.sign(FIRST, code=1, passphrase=wrong)
    assert "cannot be read" in said
    assert wrong not in said


def test_signers_sign_in_turn_and_both_signatures_hold(office: Office, tmp_path: Path) -> None:
    office = replace(office, desk=office.desk.copy(tmp_path / "desk"))
    office.allow(SECOND)
    office.sign(SECOND)
    said = office.verify(FIRST, SECOND)
    assert said.count(": holds, certificate of ") == 2


def test_a_letter_that_changed_is_not_signed_before_it_is_allowed_anew(
    office: Office, tmp_path_factory: pytest.TempPathFactory
) -> None:
    desk = set_up(folder=tmp_path_factory.mktemp("changed") / "desk", rows=(SHERIFF,), more=MORE)
    run(desk, "build", "--no-docx")
    other = Office(desk, office.keys, office.certificates)
    other.allow(FIRST)
    desk.list_recipients({**SHERIFF, "last_name": "Heyt"})
    assert "the recipient's data changed: run letters build" in other.sign(FIRST, code=1)
    run(desk, "build", "--no-docx")
    assert "the letter changed since First Signer allowed it" in other.sign(FIRST, code=1)
    assert not other.signed.exists()


def test_what_was_signed_is_on_record_without_key_or_passphrase(office: Office) -> None:
    log = run(office.desk, "log").stdout
    assert "Common Name: First Signer" in log
    for path in office.desk.folder.joinpath("out").rglob("*"):
        if path.is_file():
            assert PASSPHRASE.encode() not in path.read_bytes()
            assert office.keys[FIRST].read_bytes()[:64] not in path.read_bytes()


def test_a_draft_campaign_is_not_signed(tmp_path: Path) -> None:
    desk = set_up(folder=tmp_path / "desk")
    done = run(desk, "sign", "authorize", "--by", FIRST, "--for", "all", *UNTIL, code=1)
    assert "only settled letters are signed, and the campaign is a draft" in done.stderr


def test_a_card_needs_its_library_and_says_so(office: Office) -> None:
    done = run(office.desk, "sign", "digital", "--by", FIRST, "--pkcs11", "card.so", code=2)
    assert "--pkcs11 needs --token LABEL and --certificate LABEL, too" in done.stderr


def test_a_missing_library_for_cards_is_named_before_the_pin_is_asked_for(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "pyhanko.sign.pkcs11", raising=False)
    monkeypatch.setitem(sys.modules, "pkcs11", None)
    card = ("--pkcs11", "card.so", "--token", "card", "--certificate", "signer")
    done = run(office.desk, "sign", "digital", "--by", FIRST, *card, code=3)
    assert "python-pkcs11 is missing\n    hint: run: pip install 'pyhanko[pkcs11]'" in done.stderr
    assert "PIN" not in done.stderr


def test_a_file_that_was_changed_under_our_feet_is_not_signed(
    office: Office, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Not even one of the same size and time."""
    desk = set_up(folder=tmp_path_factory.mktemp("tampered") / "desk", rows=(SHERIFF,), more=MORE)
    run(desk, "build", "--no-docx")
    other = Office(desk, office.keys, office.certificates)
    other.allow(FIRST)
    path = desk.out("pdf/berrien-county-sheriff.pdf")
    times = path.stat()
    path.write_bytes(path.read_bytes().replace(b"%PDF-1.7", b"%PDF-1.6"))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert "the file is damaged: run letters build" in other.sign(FIRST, code=1)
