"""The shape of the program: its layers, the one door to each library, and names that are used once."""

from __future__ import annotations

import ast
import functools
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk import ROOT

DOORS = {
    "weasyprint": {"letters.render.pdf"},
    "docxtpl": {"letters.render.word"},
    "subprocess": {"letters.formats.pandoc", "letters.formats.programs"},
    "sqlite3": {"letters.campaign.ledger", "letters.mail"},
    "yaml": {"letters.read"},
    "tomlkit": {"letters.read.toml"},
    "tomllib": {"letters.read"},
    "typer": {"letters.cli"},
    "rich": {"letters.cli"},
}
"""Libraries that only one module or package may know."""
_MOST_FLOORS = 18
"""Modules above each other, counted from one that imports none of ours."""


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted((ROOT / "letters").rglob("*.py"))}


@functools.cache
def tree_of(name: str) -> ast.Module:
    return ast.parse(MODULES[name].read_text("utf-8"))


@functools.cache
def imports(name: str) -> frozenset[str]:
    """Return the modules that a module imports, ours and others', also those inside functions."""
    return frozenset(_imports(name))


def _imports(name: str) -> Iterator[str]:
    for node in ast.walk(tree_of(name)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            wholes = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (whole if whole in MODULES else node.module for whole in wholes)


def test_each_layer_imports_only_those_below_it_and_no_modules_import_each_other_in_circles() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_at_the_top_there_are_nothing_but_packages() -> None:
    files = {path.name for path in (ROOT / "letters").iterdir() if path.is_file()}
    assert files <= {"__init__.py", "__main__.py", "py.typed"}


def test_modules_stand_on_few_floors() -> None:
    graph = {name: {each for each in imports(name) if each in MODULES and each != name} for name in MODULES}
    floors = 0
    while free := {name for name, known in graph.items() if not known & graph.keys()}:
        graph = {name: known for name, known in graph.items() if name not in free}
        floors += 1
    assert graph == {}, "these import each other in a circle"
    assert floors <= _MOST_FLOORS


def test_no_class_name_stands_for_two_things() -> None:
    homes = defaultdict(list)
    for name in MODULES:
        for node in tree_of(name).body:
            if isinstance(node, ast.ClassDef):
                homes[node.name].append(name)
    assert {name: where for name, where in homes.items() if len(where) > 1} == {}


@pytest.mark.parametrize("library", DOORS)
def test_a_library_has_one_door(library: str) -> None:
    through = {name for name in MODULES if library in {imported.split(".")[0] for imported in imports(name)}}
    assert through
    assert [name for name in through if not any(name.startswith(door) for door in DOORS[library])] == []
