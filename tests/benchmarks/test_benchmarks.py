"""The comparison runs from end to end on two letters, and its audit sees a wrong one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from docx import Document

from benchmarks.__main__ import main
from benchmarks.audit import audit
from benchmarks.commands import measured
from benchmarks.live import main as measure_live
from benchmarks.national import national_rows
from benchmarks.report import Result, Run, as_markdown, draw, slope
from benchmarks.workload import Workload, lay_out
from tests.desk import ROOT

PROGRAMS = ("letters, DOCX", "docxtpl loop", "docx-mailmerge2", "Typst")


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compare the programs that are quick to start, on two letters."""
    out = tmp_path_factory.mktemp("compared")
    assert main(["2", "--repeat", "1", "--out", str(out), *(f"--only={name}" for name in PROGRAMS)]) == 0
    return out


@pytest.mark.slow
def test_each_program_is_measured_on_files_that_passed_the_audit(compared: Path) -> None:
    result = json.loads((compared / "comparison.json").read_text())
    assert {run["name"] for run in result["runs"]} == set(PROGRAMS)
    assert all(run["cpu"] > 0 and not run["faults"] for run in result["runs"])


@pytest.mark.slow
def test_table_and_plot_name_every_program(compared: Path) -> None:
    for name in PROGRAMS:
        assert name in (compared / "comparison.md").read_text()
        assert name in (compared / "comparison.svg").read_text()


@pytest.fixture(scope="module")
def workload(tmp_path_factory: pytest.TempPathFactory) -> Workload:
    return lay_out(tmp_path_factory.mktemp("workload") / "two", 2)


def test_the_audit_sees_a_letter_under_the_wrong_name(workload: Workload, tmp_path: Path) -> None:
    main_docx = workload.folder / "template.docx"
    for addressee in workload.addressees:
        shutil.copy(main_docx, tmp_path / f"{addressee.id}.docx")
    faults = audit(tmp_path, "docx", workload.addressees)
    assert any(workload.addressees[0].id in fault and "does not say" in fault for fault in faults)


def test_the_audit_sees_a_word_of_another_recipient_but_not_what_the_letter_says_to_all(
    workload: Workload, tmp_path: Path
) -> None:
    own, other = workload.addressees
    for each, said in ((own, other.agency), (other, "")):
        document = Document()
        document.add_paragraph(f"{each.agency} {each.street} {each.salutation} {said}")
        document.save(str(tmp_path / f"{each.id}.docx"))
    (fault,) = audit(tmp_path, "docx", workload.addressees)
    assert fault.startswith(f"{own.id}.docx says")
    assert audit(tmp_path, "docx", workload.addressees, f"as the {other.agency} has it") == []


def test_the_audit_sees_a_missing_file_and_one_too_many(workload: Workload, tmp_path: Path) -> None:
    (tmp_path / "stranger.docx").write_bytes(b"")
    faults = audit(tmp_path, "docx", workload.addressees)
    assert f"{workload.addressees[0].id}.docx is missing" in faults
    assert "stranger.docx is one too many" in faults


def test_recipients_come_again_when_there_are_too_few(tmp_path: Path) -> None:
    rows = [{**row, "id": f"a{n}"} for n, row in enumerate(_two_rows())]
    repeated = lay_out(tmp_path / "workload", 3, rows=rows)
    assert [each.id for each in repeated.addressees] == ["a0", "a1", "a0-2"]


def test_with_new_names_no_line_of_an_address_comes_twice(tmp_path: Path) -> None:
    rows = [{**row, "office": "police_chief"} for row in _two_rows()]
    renamed = lay_out(tmp_path / "campaign", 4, rows=rows, new_names=True).addressees
    for attribute in ("id", "agency", "street"):
        assert len({getattr(each, attribute) for each in renamed}) == 4


@pytest.mark.slow
def test_every_command_that_a_person_waits_for_is_measured(tmp_path: Path) -> None:
    workload = lay_out(tmp_path / "campaign", 2)
    costs = dict(measured(workload))
    assert {"check", "build again, nothing changed", "mail prepare"} <= set(costs)
    assert all(cost.cpu > 0 for cost in costs.values())


def _two_rows() -> list[dict[str, str]]:
    import csv

    with (ROOT / "recipients.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))[:2]


def test_national_rows_without_a_zip_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(
        "hifld_id,agency,agency_type,street,city,state,zip,county,phone\n"
        "1,Berrien County Sheriff,sheriff,1 A Street,Niles,MI,49120,Berrien,\n"
        "2,Taylor Police Department,police,2 B Street,Taylor,MI,,Wayne,\n"
    )
    (row,) = national_rows(path)
    assert (row["id"], row["office"], row["jurisdiction"]) == ("agency-1", "sheriff", "Berrien County")


def test_one_letter_more_is_the_slope_between_the_largest_numbers() -> None:
    runs = [Run("x", "docx", n, cpu, 0, 0) for n, cpu in ((1, 9.0), (10, 1.0), (20, 2.0))]
    assert slope(runs, "x") == pytest.approx(0.1)


def test_a_run_with_a_fault_counts_nowhere() -> None:
    runs = [Run("letters, DOCX", "docx", 10, 1.0, 0, 0, ["wrong"]), Run("docxtpl loop", "docx", 10, 2.0, 0, 0)]
    assert "| docxtpl loop (DOCX) |  |" in as_markdown(Result({}, [], runs), "x")
    assert "letters, DOCX" not in draw(runs)


@pytest.mark.slow
def test_it_is_measured_how_soon_the_page_follows_the_text(tmp_path: Path) -> None:
    assert measure_live(["--times", "1", "--letters", "2", "--out", str(tmp_path)]) == 0
    rows = json.loads((tmp_path / "live.json").read_text("utf-8"))["rows"]
    assert len(rows) == 12
    assert all(row["p95"] >= row["p50"] > 0 for row in rows.values())
