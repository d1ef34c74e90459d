"""A style sheet that would take without end is named with its line; an ordinary one is read with all it names."""

from __future__ import annotations

from pathlib import Path

import pytest

from letters.read.resources import read_resources
from tests.desk import ROOT

CHAIN = "".join(f"--v{n + 1}: var(--v{n}) var(--v{n}) var(--v{n});\n" for n in range(30))


def problems_of(folder: Path, text: str) -> list[str]:
    (folder / "fonts").mkdir(exist_ok=True)
    (folder / "fonts" / "a.ttf").touch()
    (folder / "letterhead.css").write_text(text, "utf-8")
    return [str(problem) for problem in read_resources(folder, "templates", [])[1]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\n:root {\n--v0: xx;\n" + CHAIN + "}", "templates/letterhead.css:10: --v7 is too long"),
        (":root { --a: var(--b);\n --b: var(--a) }", "refers to itself through other variables"),
        ("p { width: " + "calc(" * 200 + ")" * 200 + "}", "nested more than 30 deep"),
        ("p { color: red }\n" * 40_000, "the style sheet is too long"),
        ("".join(f"--v{n}: red;" for n in range(900)), "too many variables"),
        ('p::before { content: "' + "x" * 5_000 + '" }', "a text has more than 2,000 characters"),
        ("p { column-count: 900000 }", "a number has more than five digits"),
        ("p { background: repeating-linear-gradient(red 0, blue 0.0001px) }", "a gradient repeats"),
        ('@import "letterhead.css";', "imports itself"),
        ('@import "../secret.css";', "is outside templates/"),
    ],
)
def test_excess_is_named_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    found = problems_of(tmp_path, text)
    assert len(found) == 1
    assert said in found[0]


@pytest.mark.parametrize("name", ["letterhead.css", "fonts/b.ttf", "picture.png"])
def test_a_file_that_would_fill_the_memory_is_named_and_not_read_to_its_end(tmp_path: Path, name: str) -> None:
    assert problems_of(tmp_path, "p { background: url(picture.png) }") != []
    with (tmp_path / name).open("wb") as file:
        file.truncate(2**36)
    files, problems = read_resources(tmp_path, "templates", [])
    assert [f'"{name}" is too large' in problem.what for problem in problems if "large" in problem.what] == [True]
    assert max(map(len, files.values())) < 2**27


def test_a_style_sheet_is_read_with_those_that_it_imports(tmp_path: Path) -> None:
    (tmp_path / "looks").mkdir()
    (tmp_path / "looks" / "more.css").write_text('@font-face { src: url("face.ttf") }', "utf-8")
    (tmp_path / "looks" / "face.ttf").write_bytes(b"font")
    assert problems_of(tmp_path, '@import "looks/more.css"; p { content: "((((" }') == []
    files = read_resources(tmp_path, "templates", [])[0]
    assert {"letterhead.css", "looks/more.css", "looks/face.ttf"} <= files.keys()


def test_the_style_sheet_of_the_toolkit_is_within_all_limits() -> None:
    assert read_resources(ROOT / "templates", "templates", [])[1] == []
