"""An upgrade of WeasyPrint that changes what the engine relies on fails here, and says which name has changed."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from letters.render.pdf.plain import load
from letters.render.pdf.weasyprint_internals import (
    INTERNALS,
    LayoutBox,
    LayoutContext,
    LayoutState,
    boxes,
    original,
    page_box,
    replaced,
)
from tests.desk import ROOT

MOST = 24
"""Names outside the documented API that may be used."""
DOCUMENTED = {
    "weasyprint.CSS",
    "weasyprint.DEFAULT_OPTIONS",
    "weasyprint.HTML",
    "weasyprint.text.fonts.FontConfiguration",
    "weasyprint.urls.FatalURLFetchingError",
    "weasyprint.urls.URLFetcher",
    "weasyprint.urls.URLFetcherResponse",
}
RECORDED = {
    name: f"({signature}"
    for name, _, signature in (
        line.partition("(") for line in Path(__file__).with_name("weasyprint-70.0.txt").read_text().splitlines()
    )
}
"""The signatures in the version that the engine was checked with."""
MODULES = sorted((ROOT / "letters").rglob("*.py"))
INTERNAL_MODULE = ROOT / "letters" / "render" / "pdf" / "weasyprint_internals.py"


def resolve(name: str) -> Any:
    """Return what a dotted name means in WeasyPrint, whatever the engine has put in its place."""
    for short in (".".join(name.split(".")[-2:]), name.rpartition(".")[2]):
        try:
            return original(short)
        except KeyError:
            continue
    module, rest = name, list[str]()
    while True:
        try:
            found: Any = import_module(module)
            break
        except ModuleNotFoundError:
            module, _, last = module.rpartition(".")
            rest.insert(0, last)
    for each in rest:
        found = getattr(found, each)
    return found


@pytest.mark.parametrize("name", RECORDED)
def test_a_name_has_the_signature_that_the_engine_was_checked_with(name: str) -> None:
    found = str(inspect.signature(resolve(name)))
    assert found == RECORDED[name], f"WeasyPrint {version('weasyprint')} has changed {name}: see its use in INTERNALS"


def test_each_internal_name_exists_and_what_can_be_called_is_recorded() -> None:
    found = {internal.name: resolve(internal.name) for internal in INTERNALS}
    called = {name for name, each in found.items() if callable(each)}
    assert {name for name in called if not any(each.startswith(name) for each in RECORDED)} == set()
    assert {name for name in RECORDED if not any(name.startswith(each) for each in found)} == set()


def test_they_are_few_and_each_has_a_use_a_version_and_an_issue() -> None:
    assert len(INTERNALS) == len({internal.name for internal in INTERNALS}) <= MOST
    assert all(internal.use and internal.issue and internal.version == "70.0" for internal in INTERNALS)


def names_of(protocol: type) -> set[str]:
    """Return the attributes and methods of a protocol."""
    methods = {name for name, each in vars(protocol).items() if inspect.isfunction(each) and name[0] != "_"}
    return methods | set(protocol.__annotations__)


def test_boxes_and_contexts_have_all_that_the_engine_uses_of_them() -> None:
    contexts: list[Any] = []

    def lay_out(html: Any, root: Any, context: Any) -> Any:
        contexts.append(context)
        yield from original("layout_document")(html, root, context)

    with replaced({"layout_document": lay_out}):
        html = load().HTML(string="<p>Some <em>words</em><ul><li>and a list")
        document = html.render()
    found = {
        name for page in document.pages for box in page_box(page).descendants() for name in (*dir(box), *vars(box))
    }
    assert names_of(LayoutBox) - found - set(dir(boxes.BlockBox)) == set()
    assert names_of(LayoutState) - set(dir(contexts[0])) - set(dir(LayoutContext)) == set()


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield what a module takes from WeasyPrint, as dotted names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("weasyprint."))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "weasyprint":
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "weasyprint":
            yield f"weasyprint.{node.attr}"


@pytest.mark.parametrize("path", [path for path in MODULES if "weasyprint" in path.read_text("utf-8")], ids=str)
def test_only_one_module_takes_from_weasyprint_what_is_not_documented(path: Path) -> None:
    if path != INTERNAL_MODULE:
        assert set(imported(ast.parse(path.read_text("utf-8")))) - DOCUMENTED == set()


def private(tree: ast.AST) -> Iterator[str]:
    """Yield the private attributes that are asked of anything but the object itself."""
    for node in ast.walk(tree):
        is_private = isinstance(node, ast.Attribute) and node.attr[0] == "_" and not node.attr.endswith("__")
        if is_private and ast.unparse(node.value) not in ("self", "cls"):
            yield f"{ast.unparse(node)}, line {node.lineno}"


@pytest.mark.parametrize("path", sorted(INTERNAL_MODULE.parent.glob("*.py")), ids=lambda path: path.name)
def test_no_other_module_of_the_engine_uses_private_attributes(path: Path) -> None:
    if path != INTERNAL_MODULE:
        assert list(private(ast.parse(path.read_text("utf-8")))) == []
