"""Where veraPDF is on the PATH, what it finds is told beside what the audit finds itself."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from letters.formats import programs
from letters.model.problems import CannotGoOn
from tests.conftest import MakeDesk
from tests.desk import CHIEF

REPORT = """<report><jobs>
<job><item><name>{passed}</name></item><validationReport isCompliant="true"><details/></validationReport></job>
<job><item><name>{failed}</name></item><validationReport isCompliant="false"><details failedRules="1">
<rule specification="ISO 14289-1:2014" clause="7.1" testNumber="9" status="failed" failedChecks="2">
<description>The catalog has
no title</description></rule></details></validationReport></job>
<job><item><name>{unread}</name></item><taskException><exceptionMessage>no PDF</exceptionMessage></taskException></job>
</jobs></report>"""
"""A report in the form that veraPDF writes with --format xml."""


def stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch, report: str) -> None:
    """Put a program in the place of veraPDF that answers with a report."""
    (folder / "report.xml").write_text(report, "utf-8")
    program = folder / "verapdf"
    program.write_text(f"#!{sys.executable}\nprint(open({str(folder / 'report.xml')!r}).read())\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def test_rules_that_fail_are_told_with_their_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {name: tmp_path / f"{name}.pdf" for name in ("passed", "failed", "unread")}
    stand_in(tmp_path, monkeypatch, REPORT.format(**files))
    assert list(programs.verapdf_faults(list(files.values()), programs.VERAPDF_UA)) == [
        (files["failed"], "ISO 14289-1:2014 7.1-9: The catalog has no title"),
        (files["unread"], "no verdict: no PDF"),
    ]


def test_a_program_that_gives_no_report_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(tmp_path, monkeypatch, "Error: no Java")
    with pytest.raises(CannotGoOn, match="veraPDF gave no report"):
        list(programs.verapdf_faults([tmp_path / "a.pdf"], programs.VERAPDF_ARCHIVE))


def test_nothing_is_asked_where_it_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert list(programs.verapdf_faults([tmp_path / "a.pdf"], programs.VERAPDF_UA)) == []


def test_the_audit_tells_what_it_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.run("build", "--only", CHIEF["id"])
    made = (desk.out("pdf") / f"{CHIEF['id']}.pdf").resolve()
    stand_in(tmp_path, monkeypatch, REPORT.format(passed="/elsewhere.pdf", failed=made, unread="/elsewhere.pdf"))
    done = desk.run("audit", "--pdf-ua", "--only", CHIEF["id"], code=1)
    assert f"{CHIEF['id']} (PDF): veraPDF: ISO 14289-1:2014 7.1-9: The catalog has no title" in done.stderr
    assert "veraPDF was asked, too" in done.stderr
    assert "veraPDF" not in desk.run("audit", "--only", CHIEF["id"]).stderr
