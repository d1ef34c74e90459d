"""Letters are made on any executor, each once, whatever happens to the workers."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import pytest

from letters.batch import Made, Order, Workshop, in_turn, make_all, make_chunk, order
from letters.executors import InProcess, OnDask, make_executor
from letters.model import DOCX, Values
from letters.problems import CannotGoOn, Exit
from letters.project import load
from tests.desk import SHERIFF, set_up

COUNT = 100


@dataclass(frozen=True)
class Work:
    """A workshop, and orders for it."""

    workshop: Workshop
    orders: tuple[Order, ...]

    def make(self, new_executor: Callable[[], Executor], jobs: int = 2) -> dict[str, bytes]:
        """Make all, and check that each was made once."""
        made = list(make_all(self.workshop, in_turn(self.orders), new_executor, jobs))
        assert [each.failure for each in made if each.failure] == []
        assert sorted(each.id for each in made) == sorted(each.id for each in self.orders)
        return {each.id: each.content for each in made}


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Work:
    rows = [{**SHERIFF, "id": f"r{n}", "zip": f"49022-{n:04}"} for n in range(1, COUNT + 1)]
    desk = set_up(folder=tmp_path_factory.mktemp("desk") / "campaign", rows=rows)
    project, _ = load(desk.folder / "campaign.toml")
    assert project is not None
    workshop = Workshop("one", project.template, project.folder, project.templates, project.campaign.date)
    return Work(workshop, tuple(order(letter, (DOCX,), project.template.statics) for letter in project.letters))


@pytest.fixture(scope="module")
def expected(work: Work) -> dict[str, bytes]:
    made = work.make(InProcess, 1)
    assert len(made) == COUNT
    return made


def test_an_order_holds_no_value_that_all_letters_share(work: Work) -> None:
    assert set(work.orders[0].values) == {"recipient"}


def test_two_processes_make_the_same_bytes(work: Work, expected: dict[str, bytes]) -> None:
    assert work.make(partial(make_executor, 2)) == expected


def test_an_executor_that_is_handed_in_makes_the_same_bytes(work: Work, expected: dict[str, bytes]) -> None:
    assert work.make(partial(ThreadPoolExecutor, 2)) == expected


def test_the_plain_way_says_the_same(work: Work, expected: dict[str, bytes]) -> None:
    from letters.formats.ooxml import read_package

    plain = replace(work, workshop=work.workshop._replace(digest="plain", plain=True), orders=work.orders[:2])
    for identifier, content in plain.make(InProcess, 1).items():
        assert read_package(content) == read_package(expected[identifier])


def test_a_worker_without_the_template_asks_for_it(work: Work) -> None:
    assert make_chunk("another", work.orders[:1]) is None


def test_a_worker_that_is_killed_loses_nothing(work: Work, expected: dict[str, bytes]) -> None:
    made: dict[str, bytes] = {}
    for each in make_all(work.workshop, in_turn(work.orders), partial(make_executor, 2), 2):
        if not made:
            for process in multiprocessing.active_children():
                assert process.pid is not None
                os.kill(process.pid, signal.SIGKILL)
        assert each.id not in made
        made[each.id] = each.content
    assert made == expected


class Deadly:
    """A value that ends the process which unpacks it."""

    def __reduce__(self) -> tuple[object, ...]:
        return os._exit, (9,)


def test_a_letter_that_kills_its_worker_stops_no_other(work: Work, expected: dict[str, bytes]) -> None:
    deadly = work.orders[3]._replace(id="deadly", values={"recipient": Values({"agency": Deadly()})})
    orders = [*work.orders[:5], deadly, *work.orders[5:10]]
    made = {each.id: each for each in make_all(work.workshop, in_turn(orders), partial(make_executor, 2), 2)}
    assert made.pop("deadly").failure.startswith("the worker process died while making it")
    assert {identifier: each.content for identifier, each in made.items()} == {
        each.id: expected[each.id] for each in work.orders[:10]
    }


def test_a_letter_that_cannot_be_made_is_a_result(work: Work) -> None:
    broken = work.orders[0]._replace(id="broken", values={"recipient": Values({})})
    first, second = make_all(work.workshop, in_turn([broken, work.orders[1]]), InProcess, 1)
    assert "inside_address" in first.failure
    assert not second.failure


def test_no_more_orders_are_taken_than_are_in_hand(work: Work) -> None:
    taken: list[str] = []

    def orders() -> Iterator[Order]:
        for each in work.orders:
            taken.append(each.id)
            yield each

    results = make_all(work.workshop, in_turn(orders()), InProcess, 1)
    first: Made = next(results)
    assert first.id == work.orders[0].id
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
    for each in make_all(work.workshop, in_turn(work.orders), partial(make_executor, 1, scheduler), 1):
        if not made:
            os.kill(victim, signal.SIGKILL)
        made[each.id] = each.content
    assert made == expected
