"""The command line makes letters on a Dask cluster, whose workers have their own working folders."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.conftest import MakeDesk


@pytest.mark.slow
def test_a_cluster_makes_the_same_files_as_one_process(make_desk: MakeDesk) -> None:
    from distributed import LocalCluster

    desk = make_desk()
    desk.run("build", "--jobs", "1", "--out", "here")
    with LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as cluster:
        desk.run("build", "--scheduler", cluster.scheduler_address, "--out", "there")

    def made(out: str) -> dict[str, str]:
        paths = [path for path in Path(desk.folder, out).rglob("*") if path.suffix in (".pdf", ".docx")]
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}

    assert made("there") == made("here")
    assert len(made("there")) == 4
