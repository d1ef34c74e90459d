"""Processes of this machine are copies of the one that begins them where that is safe, and fresh ones elsewhere."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

LOADED = "'colorsys' in __import__('sys').modules"
PROGRAM = f"""
import os, threading
from letters.build.executors import make_executor

def get_ready():
    import colorsys

if __name__ == "__main__":
    if {{others}}:
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    with make_executor(2, get_ready=get_ready) as executor:
        jobs = [(executor.submit(os.getpid), executor.submit(eval, "{LOADED}")) for _ in range(2)]
        assert os.getpid() not in {{{{number.result() for number, _ in jobs}}}}
        print(*(loaded.result() for _, loaded in jobs))
"""

WITHOUT_ROOM = """
import resource, threading
from letters.build.executors import make_executor
from letters.model.problems import CannotGoOn

if __name__ == "__main__":
    threading.Thread(target=threading.Event().wait, daemon=True).start()
    resource.setrlimit(resource.RLIMIT_NOFILE, (4, 4))
    try:
        make_executor(2).submit(print)
    except CannotGoOn as error:
        print(error)
"""

LEFT_ALONE = """
import os, signal
from letters.build.executors import WorkerPool

if __name__ == "__main__":
    executor = WorkerPool(2)
    print(executor.submit(os.getpid).result(), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""

NOT_LISTENING = """
import os, signal
from letters.build.executors import WorkerPool

if __name__ == "__main__":
    executor = WorkerPool(2)
    for number in {executor.submit(os.getpid).result() for _ in range(20)}:
        os.kill(number, signal.SIGSTOP)
    executor.shutdown()
    print("ended")
"""


def run(program: str) -> subprocess.CompletedProcess[str]:
    """Run a program; this returns when it and all its workers have ended, since they share its output."""
    command = [sys.executable, "-W", "error", "-c", program]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux only")
def test_workers_have_what_was_loaded_before_they_began_and_end() -> None:
    done = run(PROGRAM.format(others=False))
    assert (done.stdout.strip(), done.stderr) == ("True True", "")


def test_a_process_with_other_threads_is_not_copied() -> None:
    done = run(PROGRAM.format(others=True))
    assert (done.stdout.strip(), done.stderr) == ("False False", "")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits")
def test_where_no_worker_can_be_begun_a_message_says_so() -> None:
    assert run(WITHOUT_ROOM).stdout.startswith("no worker process can be started: Too many open files\n    hint: ")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_workers_end_when_the_process_that_began_them_is_killed() -> None:
    done = run(LEFT_ALONE)
    assert done.returncode == -signal.SIGKILL
    assert done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_workers_end_though_they_hear_nothing_as_where_one_died_with_the_lock_of_their_queue() -> None:
    assert run(NOT_LISTENING).stdout == "ended\n"
