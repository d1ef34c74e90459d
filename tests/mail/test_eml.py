"""E-mails as files: subject, text, the letter attached; nothing is sent."""

from __future__ import annotations

import csv
import datetime
import email
import shutil
from email.policy import default
from pathlib import Path

import pytest

from letters.campaign.ledger import Ledger
from letters.formats.files import sha256_of
from letters.mail.email import Message, MessageTemplate, write_eml
from letters.model.problems import Problem
from letters.read.sense import is_email
from tests.desk import CHIEF, ROOT, SHERIFF, Desk, set_up
from tests.mail.conftest import run

ODD = {**SHERIFF, "email": "sheriff@example.org", "agency": "Berrien & <Sons> Sheriff’s Department {{ x }}"}
MORE = 'status = "final"\n'
FROM = ("--from", "office@example.org", "--no-audit")
"""The audit would leave out a letter to an agency with braces in its name, which shows here that nothing runs them."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = set_up(folder=tmp_path_factory.mktemp("eml") / "desk", rows=(ODD, CHIEF), more=MORE)
    shutil.copytree(ROOT / "templates" / "mail", desk.folder / "templates" / "mail")
    run(desk, "build", "--no-docx")
    return desk


def test_an_email_has_subject_text_and_the_letter(desk: Desk) -> None:
    done = run(desk, "mail", "eml", *FROM)
    content = desk.out("mail/eml/berrien-county-sheriff.eml").read_bytes()
    message = email.message_from_bytes(content, policy=default)
    assert message["Subject"] == "Local policy"
    assert message["From"].addresses[0].addr_spec == "office@example.org"
    assert message["To"].addresses[0].addr_spec == "sheriff@example.org"
    assert message["X-Unsent"] == "1"
    text = message.get_body().get_content().replace("\r\n", "\n")
    told = "our letter of September 17, 2025 to the Berrien & <Sons> Sheriff’s Department {{ x }}.\n\nIf the"
    assert text.startswith("Dear Sheriff Heit:\n\nAttached is " + told)
    (attachment,) = message.iter_attachments()
    assert attachment.get_content() == desk.out("pdf/berrien-county-sheriff.pdf").read_bytes()
    assert "left out: adrian-police: the list has no e-mail address" in done.stderr


def test_a_letter_in_which_the_audit_finds_something_is_not_sent(desk: Desk, tmp_path: Path) -> None:
    desk = desk.copy(tmp_path / "desk")
    path = desk.out("pdf/berrien-county-sheriff.pdf")
    path.write_bytes(desk.out("pdf/adrian-police.pdf").read_bytes())
    with Ledger(desk.out("ledger.sqlite")) as ledger:  # which takes the file for the one that was made
        entry = ledger.entry("berrien-county-sheriff", "pdf")
        assert entry is not None
        status, digest = path.stat(), sha256_of(path)
        ledger.announce([("berrien-county-sheriff", "pdf", digest)])
        ledger.record([entry._replace(sha256=digest, size=status.st_size, modified=status.st_mtime_ns)])
    done = run(desk, "mail", "eml", *FROM[:2], code=1)
    assert "left out: berrien-county-sheriff: the audit found: title: " in done.stderr


def test_an_address_that_is_none_leaves_out_that_email_only(desk: Desk, tmp_path: Path) -> None:
    desk = desk.copy(tmp_path / "desk")
    rows = list(csv.DictReader((desk.folder / "recipients.csv").read_text("utf-8").splitlines()))
    desk.list_recipients(rows[0], {**rows[1], "email": "chief at example"})
    run(desk, "mail", "eml", *FROM)
    desk.list_recipients({**rows[0], "email": "sheriff"}, {**rows[1], "email": "chief@example.org"})
    done = run(desk, "mail", "eml", *FROM)
    assert (
        'left out: berrien-county-sheriff: recipients.csv:2: email: "sheriff" is not an e-mail address' in done.stderr
    )
    assert [path.stem for path in desk.out("mail/eml").iterdir()] == ["adrian-police"]


def test_the_same_email_is_the_same_bytes(desk: Desk) -> None:
    run(desk, "mail", "eml", *FROM)
    first = desk.out("mail/eml/berrien-county-sheriff.eml").read_bytes()
    run(desk, "mail", "eml", *FROM)
    assert desk.out("mail/eml/berrien-county-sheriff.eml").read_bytes() == first


def test_without_a_sender_nothing_is_written(desk: Desk) -> None:
    done = run(desk, "mail", "eml", code=1)
    assert '"" is not an e-mail address to send from' in done.stderr


def test_a_template_outside_its_folder_is_refused(desk: Desk) -> None:
    done = run(desk, "mail", "eml", *FROM, "--template", "../../campaign", code=2)
    assert "is not a name of a template" in done.stderr


def test_a_field_that_is_empty_is_told_with_its_line() -> None:
    template = MessageTemplate("Subject: A\n\nDear\n{{ name }}\n", "templates/mail/x.txt")
    problem = template.write({"name": " "}, "berrien")
    assert str(problem).startswith("templates/mail/x.txt:4: the e-mail cannot be written: a field is empty")


def test_an_unknown_field_is_told_with_its_line() -> None:
    template = MessageTemplate("Subject: A\n\n{{ nmae }}\n", "templates/mail/x.txt")
    problem = template.write({"name": "x"}, "berrien")
    assert str(problem).startswith("templates/mail/x.txt:3: the e-mail cannot be written: 'nmae' is undefined")


def test_an_email_without_a_subject_is_a_problem() -> None:
    problem = MessageTemplate("Dear {{ name }}\n", "x.txt").write({"name": "x"}, "berrien")
    assert problem.what == "the e-mail has no subject"


def test_a_value_cannot_add_a_header() -> None:
    template = MessageTemplate("Subject: {{ name }}\n\nText\n", "x.txt")
    problem = template.write({"name": "Hello\nBcc: all@example.org"}, "berrien")
    assert isinstance(problem, Problem)
    assert problem.what == "the e-mail has no subject"


@pytest.mark.parametrize("text", ["sheriff@example.org", "j.o'neil+x@a-b.example.org"])
def test_an_address_is_accepted(text: str) -> None:
    assert is_email(text)


def test_a_line_break_in_a_name_stays_out_of_the_headers() -> None:
    moment = datetime.datetime(2025, 9, 17, tzinfo=datetime.UTC)
    people = (("A\r\nBcc: x@example.org", "a@example.org"), ("B\rC", "b@example.org"))
    content = write_eml(Message("Subject", "Text\n"), *people, ("a.pdf", b"%PDF"), moment)
    assert "Bcc" not in email.message_from_bytes(content, policy=default)


@pytest.mark.parametrize(
    "text", ["", "a", "a@b@c", "a b@c", "<a@b>", "a@b, c@d", "a@b\nBcc: c@d", "a@-", "a..b@c.org", "josé@c.org", "a@b"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    assert not is_email(text)
