"""The fixtures that all tests share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.desk import Desk, set_up

MakeDesk = Callable[..., Desk]


@pytest.fixture
def make_desk(tmp_path: Path) -> MakeDesk:
    """Make the folder of a campaign: a short letter, two recipients, our own looks."""
    return functools.partial(set_up, folder=tmp_path)
