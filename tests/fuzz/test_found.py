"""Files that were found by spoiling others are read or refused, and so are a few that are spoilt now."""

from __future__ import annotations

import importlib.util
import random
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.desk import ROOT

FOUND = sorted((Path(__file__).parent / "found").iterdir())


def load_script() -> ModuleType:
    """Load scripts/fuzz.py, which belongs to no package."""
    spec = importlib.util.spec_from_file_location("fuzz", ROOT / "scripts" / "fuzz.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["fuzz"] = module
    spec.loader.exec_module(module)
    return module


fuzz = load_script()


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.name)
def test_a_file_that_was_found_is_read_or_refused(path: Path, tmp_path: Path) -> None:
    assert fuzz.read_spoilt(path.name.partition(".")[0], path.read_bytes(), tmp_path) == ""


@pytest.mark.parametrize("name", fuzz.READERS)
def test_a_reader_reads_what_is_whole_and_refuses_what_is_spoilt_in_words(name: str, tmp_path: Path) -> None:
    reader = fuzz.READERS[name]
    seed = reader.seed()
    assert reader.run(seed, tmp_path) is not NotImplemented
    chance = random.Random(f"spoilt {name}")  # noqa: S311 - the same files each time
    quick = reader.run.__qualname__.startswith("_in_campaign")
    for _ in range(2 if quick else 12):
        assert fuzz.read_spoilt(name, fuzz.spoil(seed, chance), tmp_path) == ""


def test_what_a_reader_is_not_made_for_is_told_with_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(content: bytes, folder: Path) -> object:
        return fuzz.spoil(content, None)

    monkeypatch.setitem(fuzz.READERS, "list", fuzz.Reader(".csv", bytes, broken))
    assert fuzz.read_spoilt("list", b"id", tmp_path).startswith("AttributeError: ")
