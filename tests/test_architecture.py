"""Data flows one way: what imports what, and that heavy libraries are loaded only where they are needed."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk import ROOT

PHASES = {"read", "compile", "merge", "render", "mail", "drafts", "cite"}
DOORS = {
    "weasyprint": {"letters.render"},
    "docxtpl": {"letters.render"},
    "pypandoc": {"letters.pandoc"},
    "subprocess": {"letters.pandoc", "letters.formats.libreoffice"},
    "sqlite3": {"letters.ledger", "letters.mail"},
    "yaml": {"letters.read"},
    "tomllib": {"letters.read"},
    "typer": {"letters.cli"},
    "rich": {"letters.cli"},
}
"""Libraries that only one module or package may know."""
HEAVY = ["weasyprint", "docxtpl", "pikepdf", "openpyxl", "pypdfium2", "pyhanko", "distributed", "typst"]
"""Libraries that take long to load."""


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted((ROOT / "letters").rglob("*.py"))}


def imports(name: str, *, at_start: bool = False) -> Iterator[str]:
    """List the modules that a module imports; with `at_start` only what it imports when it is loaded."""
    tree = ast.parse(MODULES[name].read_text("utf-8"))
    nodes = _without_functions(tree) if at_start else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            wholes = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (whole if whole in MODULES else node.module for whole in wholes)


def _without_functions(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        checked = isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING"
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) and not checked:
            yield child
            yield from _without_functions(child)


def phase(name: str) -> str:
    return [*name.split("."), "", ""][1]


def known_to(name: str) -> set[str]:
    """Name the phases and modules of ours that a module knows, besides its own phase."""
    return {phase(imported) for imported in imports(name) if imported.startswith("letters.")} - {phase(name)}


def ground() -> set[str]:
    """Name the modules below the phases: those that know no phase, nor any module that knows one."""
    found = {phase(name) for name in MODULES if name.count(".") == 1} - PHASES - {"cli"}
    while above := {phase(name) for name in MODULES if phase(name) in found and not known_to(name) <= found}:
        found -= above
    return found


# letters.read.word_letter opens DOCX files with modules of drafts/ that are doors to a format.
@pytest.mark.parametrize("name", [n for n in MODULES if phase(n) in PHASES and n != "letters.read.word_letter"])
def test_a_phase_knows_neither_another_phase_nor_the_story(name: str) -> None:
    assert known_to(name) <= ground()


def test_records_and_problems_are_the_ground_and_the_story_is_not() -> None:
    assert {"problems", "model", "files", "formats", "tree", "jinja", "ledger", "pandoc"} <= ground()
    assert not {"pipeline", "project", "batch"} & ground()


def test_the_command_line_is_known_to_nobody() -> None:
    assert [name for name in MODULES if "cli" in known_to(name)] == []


@pytest.mark.parametrize("library", DOORS)
def test_a_library_has_one_door(library: str) -> None:
    through = {name for name in MODULES if library in {imported.split(".")[0] for imported in imports(name)}}
    assert [name for name in through if not any(name.startswith(door) for door in DOORS[library])] == []


def test_no_import_runs_in_a_circle() -> None:
    graph = {name: {i for i in imports(name, at_start=True) if i in MODULES and i != name} for name in MODULES}
    while free := {name for name, known in graph.items() if not known & graph.keys()}:
        graph = {name: known for name, known in graph.items() if name not in free}
    assert graph == {}


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [
        (["--help"], [*HEAVY, "lxml", "yaml", "letters.pipeline"]),
        (["build", "--help"], [*HEAVY, "lxml", "yaml", "letters.pipeline"]),
        (["check"], HEAVY),
        (["status"], HEAVY),
        (
            ["build", "--no-pdf", "--only", "berrien-county-sheriff"],
            [*HEAVY, "docx", "pydantic", "rich", "typer", "yaml"],
        ),
    ],
)
def test_a_quick_command_loads_nothing_heavy(tmp_path: Path, arguments: list[str], unwanted: list[str]) -> None:
    script = (
        "import sys; from letters.cli import main; sys.argv = ['letters', *sys.argv[1:]]\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(*sorted(sys.modules), file=sys.stderr)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    out = ["--out", str(tmp_path)] if arguments[0] == "status" or "--no-pdf" in arguments else []
    command = [sys.executable, "-c", script, *arguments, *out]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, env=environment)
    loaded = set(done.stderr.split())
    assert "letters.cli" in loaded
    assert loaded & set(unwanted) == set()
