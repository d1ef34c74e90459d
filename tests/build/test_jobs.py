"""Letters are made on any executor, each once, whatever happens to the workers."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path

import pytest

from letters.build.executors import InProcess, OnDask, make_executor
from letters.build.jobs import RenderedDocument, RenderJob, RenderSetup, render_all, render_chunk, render_job
from letters.campaign.load import load
from letters.model.problems import CannotGoOn, Exit
from letters.model.records import DOCX, Values
from tests.desk import SHERIFF, set_up

COUNT = 100


@dataclass(frozen=True)
class Work:
    """A setup, and jobs for it."""

    setup: RenderSetup
    jobs: tuple[RenderJob, ...]

    def make(self, new_executor: Callable[[], Executor], jobs: int = 2) -> dict[str, bytes]:
        """Make all, and check that each was made once."""
        made = list(rendered(self.setup, self.jobs, new_executor, jobs))
        assert [each.failure for each in made if each.failure] == []
        assert sorted(each.id for each in made) == sorted(each.id for each in self.jobs)
        return {each.id: each.content for each in made}


def rendered(
    setup: RenderSetup, jobs: Iterable[RenderJob], new_executor: Callable[[], Executor], workers: int
) -> Iterator[RenderedDocument]:
    """Render letters in their order, a few in each chunk; read what workers wrote to temporary files."""
    left = iter(jobs)
    chunks = iter(lambda: list(islice(left, 8)), [])
    for each in chain.from_iterable(render_all(setup, chunks, new_executor, workers)):
        yield each._replace(content=each.part.read_bytes()) if each.part else each


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Work:
    rows = [{**SHERIFF, "id": f"r{n}", "zip": f"49022-{n:04}"} for n in range(1, COUNT + 1)]
    desk = set_up(folder=tmp_path_factory.mktemp("desk") / "campaign", rows=rows)
    project, _ = load(desk.folder / "campaign.toml")
    assert project is not None
    setup = RenderSetup("one", project.template, project.folder, project.templates, project.campaign.date)
    setup = setup._replace(out=project.folder / "out" / "letter")
    return Work(setup, tuple(render_job(letter, (DOCX,), project.template.statics) for letter in project.letters))


@pytest.fixture(scope="module")
def expected(work: Work) -> dict[str, bytes]:
    made = work.make(InProcess, 1)
    assert len(made) == COUNT
    return made


def test_a_job_holds_no_value_that_all_letters_share(work: Work) -> None:
    assert set(work.jobs[0].values) == {"recipient"}


def test_two_processes_make_the_same_bytes(work: Work, expected: dict[str, bytes]) -> None:
    assert work.make(partial(make_executor, 2)) == expected


def test_an_executor_that_is_handed_in_makes_the_same_bytes(work: Work, expected: dict[str, bytes]) -> None:
    assert work.make(partial(ThreadPoolExecutor, 2)) == expected


def test_the_plain_way_says_the_same(work: Work, expected: dict[str, bytes]) -> None:
    from letters.formats.ooxml import read_package

    plain = replace(work, setup=work.setup._replace(digest="plain", plain=True), jobs=work.jobs[:2])
    for identifier, content in plain.make(InProcess, 1).items():
        assert read_package(content) == read_package(expected[identifier])


def test_only_workers_that_share_the_disk_write_there(work: Work) -> None:
    jobs = work.jobs[:2]
    by_pool = [each for documents in render_all(work.setup, [jobs], partial(make_executor, 2), 2) for each in documents]
    assert all(each.part and each.part.is_file() and not each.content for each in by_pool)
    elsewhere = work.setup._replace(out=None)
    for setup, new_executor in ((work.setup, partial(ThreadPoolExecutor, 2)), (elsewhere, partial(make_executor, 2))):
        (sent,) = render_all(setup, [jobs], new_executor, 2)
        assert [each.content for each in sent] == [each.part.read_bytes() for each in by_pool if each.part]


def test_an_executor_gives_way_to_another_in_time(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("letters.build.jobs._CHUNKS", 3)
    executors: list[InProcess] = []

    def new_executor() -> Executor:
        executors.append(InProcess())
        return executors[-1]

    made = list(render_all(work.setup, ([job] for job in work.jobs[:7]), new_executor, 1))
    assert [each.id for (each,) in made] == [job.id for job in work.jobs[:7]]
    assert len(executors) == 3


def test_a_worker_without_the_template_asks_for_it(work: Work) -> None:
    assert render_chunk("another", work.jobs[:1]) is None


def test_a_worker_that_is_killed_loses_nothing(work: Work, expected: dict[str, bytes]) -> None:
    made: dict[str, bytes] = {}
    for each in rendered(work.setup, work.jobs, partial(make_executor, 2), 2):
        if not made:
            for process in multiprocessing.active_children():
                assert process.pid is not None
                os.kill(process.pid, signal.SIGKILL)
        assert each.id not in made
        made[each.id] = each.content
    assert made == expected


def test_a_document_that_a_worker_cannot_write_ends_the_build(work: Work, tmp_path: Path) -> None:
    (tmp_path / "docx").touch()
    with pytest.raises(CannotGoOn, match="cannot be written") as raised:
        list(render_all(work.setup._replace(out=tmp_path), [work.jobs[:2]], partial(make_executor, 2), 2))
    assert raised.value.code is Exit.CANNOT_WRITE


class Deadly:
    """A value that ends the process which unpacks it."""

    def __reduce__(self) -> tuple[object, ...]:
        return os._exit, (9,)


def test_a_letter_that_kills_its_worker_stops_no_other(work: Work, expected: dict[str, bytes]) -> None:
    deadly = work.jobs[3]._replace(id="deadly", values={"recipient": Values({"agency": Deadly()})})
    jobs = [*work.jobs[:5], deadly, *work.jobs[5:10]]
    made = {each.id: each for each in rendered(work.setup, jobs, partial(make_executor, 2), 2)}
    assert made.pop("deadly").failure.startswith("the worker process died while making it")
    assert {identifier: each.content for identifier, each in made.items()} == {
        each.id: expected[each.id] for each in work.jobs[:10]
    }


def test_a_letter_that_cannot_be_made_is_a_result(work: Work) -> None:
    broken = work.jobs[0]._replace(id="broken", values={"recipient": Values({})})
    first, second = rendered(work.setup, [broken, work.jobs[1]], InProcess, 1)
    assert "inside_address" in first.failure
    assert not second.failure


def test_no_more_jobs_are_taken_than_are_in_hand(work: Work) -> None:
    taken: list[str] = []

    def jobs() -> Iterator[RenderJob]:
        for each in work.jobs:
            taken.append(each.id)
            yield each

    results = rendered(work.setup, jobs(), InProcess, 1)
    first: RenderedDocument = next(results)
    assert first.id == work.jobs[0].id
    assert len(taken) < COUNT


def test_a_scheduler_that_does_not_answer_is_named() -> None:
    with pytest.raises(CannotGoOn) as raised:
        OnDask("tcp://127.0.0.1:9", seconds=0.2)
    assert raised.value.message.startswith('no Dask scheduler answers at "tcp://127.0.0.1:9"')
    assert raised.value.code is Exit.WRONG_CALL


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """Start a Dask cluster of two worker processes on this machine."""
    import dask.config
    from distributed import LocalCluster

    at_once = {"distributed.comm.timeouts.connect": "3s"}  # to notice that a worker is gone
    with (
        dask.config.set(at_once),
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
        ) as cluster,
    ):
        yield cluster.scheduler_address


def test_a_dask_cluster_makes_the_same_bytes(work: Work, expected: dict[str, bytes], scheduler: str) -> None:
    assert work.make(partial(make_executor, 1, scheduler)) == expected


def test_a_dask_worker_that_is_killed_loses_nothing(work: Work, expected: dict[str, bytes], scheduler: str) -> None:
    from distributed import Client

    with Client(scheduler, set_as_default=False) as client:
        victim = next(iter(client.run(os.getpid).values()))
    made: dict[str, bytes] = {}
    for each in rendered(work.setup, work.jobs, partial(make_executor, 1, scheduler), 1):
        if not made:
            os.kill(victim, signal.SIGKILL)
        made[each.id] = each.content
    assert made == expected
