"""What was posted is history: a letter that changed afterwards is no fault of its mailing."""

from __future__ import annotations

from tests.conftest import MakeDesk
from tests.desk import CHIEF, SHERIFF


def test_a_letter_that_changed_after_it_was_posted_is_no_fault_and_before_it_is(make_desk: MakeDesk) -> None:
    desk = make_desk(more='status = "final"')
    desk.run("build", "--no-docx")
    desk.run("mail", "prepare", "--wet")
    desk.run("mail", "posted", "berrien-county-sheriff")
    desk.list_recipients({**SHERIFF, "address1": "1 Other Street"}, CHIEF)
    desk.run("build", "--no-docx")
    assert ": 0 faults" in desk.run("audit").stderr
    desk.list_recipients({**SHERIFF, "address1": "1 Other Street"}, {**CHIEF, "address1": "2 Other Street"})
    desk.run("build", "--no-docx")
    said = desk.run("audit", code=1).stderr
    assert "adrian-police (mail/manifest.csv): manifest: the address is " in said
    assert "adrian-police (mail/print-01.pdf, page 3): letter: " in said
    assert "berrien-county-sheriff" not in said
