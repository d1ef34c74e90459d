"""Front matter is YAML; where it is plain it is read without, and comes to the same."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from letters.read import front_matter
from letters.read.front_matter import split_front_matter
from tests.desk import ROOT

KEYS = st.sampled_from(["title", "subject", "on", "a_b", "key2", "Key", "for"])
VALUES = st.one_of(
    st.text("aA1 -.,:#'\"’–[]{}()/é\\|&*!%@`~?<\t", max_size=8),
    st.sampled_from(["true", "True", "no", "null", "Off", "~", "2025-09", "2025-09-17", "1e3", "1_0", "a: b", "a #b"]),
    st.sampled_from(["[a, b-c]", "[a,b]", "[no]", "[a, ]", "[]", '"a: \\" b"', '"{{ x }}, ’"', '""', "'a'", ">", "|"]),
)
LINES = st.lists(st.tuples(KEYS, VALUES).map(lambda pair: f"{pair[0]}: {pair[1]}\n"), max_size=3)


@given(LINES)
@example(["title: Model policy\n"])
@example(["title: a\x85b\n"])
@example(['title: "a\ufeffb"\n'])
@example(["title: one\n", "title: two\n"])
def test_plain_front_matter_is_what_yaml_makes_of_it(lines: list[str]) -> None:
    text = "".join(lines)
    plain = front_matter._plain(text)
    assert plain is None or repr(plain) == repr(front_matter._load(text, "letter.md"))


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.md")), ids=lambda path: path.stem)
def test_the_letters_of_the_toolkit_are_plain(path: object) -> None:
    text = path.read_text("utf-8")  # type: ignore[attr-defined]
    matter, problems = split_front_matter(text, "letter.md")
    assert problems == []
    plain = text.removeprefix("---\n").partition("---\n")[0] if matter.values else ""
    assert front_matter._plain(plain) == (matter.values, matter.lines, [])
