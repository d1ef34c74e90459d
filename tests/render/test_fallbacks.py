"""A letter that an engine leaves to the plain way is reported with the reason; a fault of an engine is a warning."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from letters.build.build import Fallback, Options, Report, build
from letters.build.executors import InProcess
from letters.build.jobs import RenderedDocument
from letters.campaign.load import load
from letters.cli import build_screen
from letters.cli.build import exit_code_of
from letters.model.problems import Exit
from letters.model.records import DOCX, PDF
from tests.conftest import MakeDesk
from tests.desk import SHERIFF, set_up

REASON = "IndexError: no such line (words.py, line 1)"


class FaultyExecutor(InProcess):
    """An executor whose engines meet a fault in the letter to the sheriff, which they make the plain way."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        made: list[RenderedDocument] = super().submit(fn, *args, **kwargs).result()
        future: Future[Any] = Future()
        faulty = [each._replace(fallback=REASON, unexpected=True) for each in made if each.id == SHERIFF["id"]]
        future.set_result([*faulty, *(each for each in made if each.id != SHERIFF["id"])])
        return future


class SilentReporter:
    """A reporter that says nothing."""

    def start(self, steps: object) -> None:
        """Hear nothing."""

    def made(self, made: object) -> None:
        """Hear nothing."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return set_up(folder=tmp_path_factory.mktemp("desk") / "campaign").folder


def built(folder: Path, *, strict: bool, out: Path) -> tuple[Any, Options, Report]:
    project, problems = load(folder / "campaign.toml")
    assert project is not None, problems
    options = Options(out=out, new_executor=FaultyExecutor, now="2025-09-17T00:00:00+00:00", strict=strict)
    return project, options, build(project, problems, options, SilentReporter())


@pytest.mark.parametrize(("strict", "code", "kind"), [(False, Exit.DONE, "warning"), (True, Exit.PROBLEMS, "error")])
def test_a_fault_of_an_engine_is_counted_and_reported_and_an_error_with_strict(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], strict: bool, code: Exit, kind: str
) -> None:
    project, options, report = built(folder, strict=strict, out=tmp_path)
    assert report.fallbacks == {Fallback(PDF, REASON, True): 1, Fallback(DOCX, REASON, True): 1}
    assert len(report.made) == 4
    assert exit_code_of(report, (), strict=strict) == code
    build_screen.print_report(project, (), options, report, 1.0)
    said = capsys.readouterr().err
    assert f"1  {kind}: letter was laid out the slow way: {REASON}" in said
    assert f"1  {kind}: letter was made as Word files the slow way: {REASON}" in said


def test_letters_that_the_engine_is_not_made_for_are_counted_by_reason(make_desk: MakeDesk) -> None:
    desk = make_desk()
    with (desk.folder / "templates" / "letterhead.css").open("a", encoding="utf-8") as looks:
        looks.write("p { opacity: 0.5 }")
    said = desk.run("build", "--no-docx", "--strict").stderr
    assert "2  letters were laid out the slow way: something on a page is half transparent" in said
