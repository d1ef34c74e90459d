"""Approvals and their record, as a user gives and sees them."""

import json
import sqlite3

import pytest

from letters.review.approvals import Approval, lapsed, missing, valid

BOTH = 'approvals = ["First Organization", "Second Organization"]\nstatus = "final"'
ONE = Approval("2025-09-17", "a", "[Counsel]", "First Organization", "w", "p")


def test_an_approval_counts_for_its_very_pdf_only():
    assert valid([ONE], "p") == [ONE]
    assert valid([ONE], "q") == []
    assert valid([ONE], "") == []


def test_each_organization_that_did_not_approve_is_missing():
    assert missing([ONE], ["First Organization", "Second Organization"]) == ("Second Organization",)


def test_an_approval_given_anew_did_not_lapse():
    old = Approval("2025-09-16", "a", "[Counsel]", "First Organization", "v", "o")
    assert lapsed([old, ONE], [ONE]) == []
    assert lapsed([old], []) == [old]


def _row(desk, identifier="adrian-police"):
    rows = json.loads(desk.run("status", "--json").stdout)
    return next(row for row in rows if row["id"] == identifier)


def test_two_organizations_approve_and_a_changed_word_voids_both(make_desk):
    desk = make_desk(more=BOTH)
    desk.run("build", "--no-docx", "--only", "adrian-police", "--jobs", "1")
    done = desk.run("approve", "adrian-police", "--by", "[Counsel]", code=2)
    assert 'add --for "First Organization" or --for "Second Organization"' in done.stderr
    desk.run("approve", "adrian-police", "--by", "[Counsel]", "--for", "First Organization")
    assert _row(desk)["reason"] == "waits for the approval of Second Organization"
    desk.run("approve", "adrian-police", "--by", "[Director]", "--for", "Second Organization")
    assert _row(desk)["final"]
    text = desk.folder / "templates/letter.md"
    text.write_text(text.read_text("utf-8").replace("about policy", "about local policy"), "utf-8")
    row = _row(desk)
    assert (row["final"], row["pdf"], row["approved"]) == (False, "outdated", [])
    assert '[Counsel] (First Organization): "local" was added' in row["voided"]
    assert desk.run("log", "adrian-police").stdout.count("approved by") == 2


def test_a_letter_that_is_not_made_is_not_approved(make_desk):
    done = make_desk().run("approve", "adrian-police", "--by", "[Counsel]", code=1)
    assert "adrian-police: new: run letters build" in done.stderr


def test_to_approve_all_says_how_many_are_not_ready(make_desk):
    desk = make_desk()
    none = desk.run("approve", "--all", "--by", "[Counsel]", code=1)
    assert "no letter is ready to be approved\n    hint: letters status tells what each waits for" in none.stderr
    desk.run("build", "--no-docx", "--only", "adrian-police", "--jobs", "1")
    done = desk.run("approve", "--all", "--by", "[Counsel]")
    assert done.stdout == "1 letter approved by [Counsel]\n"
    assert "1 not ready to be approved" in done.stderr


def test_the_record_cannot_be_changed(make_desk):
    desk = make_desk(more='status = "final"')
    desk.run("build", "--no-docx", "--only", "adrian-police", "--jobs", "1")
    desk.run("approve", "--all", "--by", "[Counsel]")
    db = sqlite3.connect(desk.out("ledger.sqlite"))
    try:
        for statement in ("DELETE FROM events", "UPDATE events SET person = 'x'"):
            with pytest.raises(sqlite3.IntegrityError, match="only ever added to"):
                db.execute(statement)
    finally:
        db.close()


def test_approvals_of_an_organization_that_does_not_write_are_a_problem(make_desk):
    done = make_desk(more='approvals = ["Frist Organization"]').run("check", code=1)
    assert (
        'campaign.toml:5: approvals: "Frist Organization" is not the name of one of the [[organizations]]'
        in done.stdout
    )
    assert "did you mean First Organization?" in done.stdout
