"""Front matter is YAML between two fences."""

from __future__ import annotations

from pathlib import Path

import pytest

from letters.read.letter import key_problems, split_front_matter
from tests.desk import ROOT


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.md")), ids=lambda path: path.stem)
def test_the_front_matter_of_the_toolkits_letters_has_no_problems(path: Path) -> None:
    text = path.read_text("utf-8")
    matter, problems = split_front_matter(text, "letter.md")
    assert problems == []
    assert bool(matter.values) == text.startswith("---\n")


def test_values_are_those_of_yaml_with_their_lines() -> None:
    text = "---\ntitle: Model policy\n\ncontents: true\nenclosures: [one, two]\n---\nText.\n"
    matter, problems = split_front_matter(text, "letter.md")
    assert problems == []
    assert matter.values == {"title": "Model policy", "contents": True, "enclosures": ["one", "two"]}
    assert matter.lines == {"title": 2, "contents": 4, "enclosures": 5}
    assert (matter.body, matter.body_line) == ("Text.\n", 7)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("edition: 2025-02-30", "the front matter is not YAML: day is out of range for month"),
        ("title: a\x07b", "the front matter is not YAML: U+0007 is not allowed"),
        ("title: [a", "the front matter is not YAML: expected ',' or ']', but got '<stream end>'"),
        ("just words", "the front matter is not YAML: it has no keys"),
        ("on: a", '"on" is not a key of the front matter'),
    ],
)
def test_a_mistake_is_told_with_its_line(line: str, what: str) -> None:
    matter, problems = split_front_matter(f"---\n{line}\n---\nText.\n", "letter.md")
    (problem,) = [*problems, *key_problems(matter, {"title": str}, "letter.md")]
    assert problem.what.startswith(what)
    assert problem.place.line in (2, 3)


@pytest.mark.parametrize("text", ["title: T\n\nText.\n", "---\ntitle: T\n\nText.\n", "\n---\ntitle: T\n---\nText.\n"])
def test_keys_without_their_lines_of_dashes_are_told(text: str) -> None:
    (problem,) = split_front_matter(text, "a.md")[1]
    assert problem.what == '"title: T" is no front matter, and would be printed'


@pytest.mark.parametrize("text", ["Title: a word\n", "---\n\nText.\n", "For: all\n"])
def test_other_words_with_a_colon_are_text(text: str) -> None:
    assert split_front_matter(text, "a.md")[1] == []
