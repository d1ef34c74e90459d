"""Processes of this machine are copies of the one that begins them where that is safe, and fresh ones elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from letters.processes import Processes, WorkerDiedError

LOADED = "'colorsys' in __import__('sys').modules"
PROGRAM = f"""
import os, threading
from letters.processes import Processes

def get_ready():
    import colorsys

if {{others}}:
    threading.Thread(target=threading.Event().wait, daemon=True).start()
executor = Processes(2, get_ready)
jobs = [(lane.submit(os.getpid), lane.submit(eval, "{LOADED}")) for lane in executor.lanes]
numbers = {{{{number.result() for number, _ in jobs}}}}
assert len(numbers) == 2 and os.getpid() not in numbers
print(*(loaded.result() for _, loaded in jobs))
executor.shutdown()
"""

WITHOUT_ROOM = """
import resource, threading
from letters.processes import Processes

threading.Thread(target=threading.Event().wait, daemon=True).start()
resource.setrlimit(resource.RLIMIT_NOFILE, (4, 4))
print(repr(Processes(1).submit(print).exception(30)))
"""


def run(*, others: bool) -> str:
    """Run two workers from a process in which no other thread is, or one."""
    command = [sys.executable, "-W", "error", "-c", PROGRAM.format(others=others)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert not done.stderr
    return done.stdout.strip()


@pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux only")
def test_workers_have_what_was_loaded_before_they_began_and_end() -> None:
    assert run(others=False) == "True True"


def test_a_process_with_other_threads_is_not_copied() -> None:
    assert run(others=True) == "False False"


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits")
def test_where_no_worker_can_be_begun_the_job_says_so() -> None:
    command = [sys.executable, "-W", "error", "-c", WITHOUT_ROOM]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert "WorkerDiedError" in done.stdout
    assert "Too many open files" in done.stdout


def test_a_new_worker_takes_the_place_of_one_that_died() -> None:
    executor = Processes(1)
    number = executor.submit(os.getpid).result()
    with pytest.raises(WorkerDiedError):
        executor.submit(eval, "__import__('os')._exit(1)").result()
    assert executor.submit(os.getpid).result() not in (number, os.getpid())
    executor.shutdown()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what memory a process holds")
def test_a_worker_that_has_grown_is_replaced_once_it_has_done_enough() -> None:
    executor = Processes(1, growth=50 * 1024**2)
    first = executor.submit(os.getpid).result()
    for _ in range(20):
        executor.submit(eval, "None").result()
    executor.submit(eval, "setattr(__import__('os'), 'kept', bytearray(b'1' * 90 * 1024**2))").result()
    assert executor.submit(os.getpid).result() == first, "it has not done enough yet"
    numbers = {executor.submit(os.getpid).result() for _ in range(200)}
    assert len(numbers) == 2
    assert first in numbers
    executor.shutdown()
