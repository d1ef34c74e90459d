"""Readable cases: what a writer types, and the page that comes of it. To renew them, run this file."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from letters.compile.html import write_body
from letters.compile.parse import parse
from letters.compile.settle import settle
from letters.model.records import Source, Values

CASES = Path(__file__).with_name("html_cases.txt")
STATICS = {"campaign": Values({"date": datetime.date(2025, 9, 17)})}


def cases() -> list[tuple[str, str, str]]:
    """List the cases: title, Markdown, HTML."""
    found = []
    for case in CASES.read_text("utf-8").split("\n# "):
        title, _, rest = case.removeprefix("# ").partition("\n")
        markdown, _, html = rest.partition("\n-----\n")
        found.append((title, markdown, html.strip()))
    return found


def page_of(markdown: str) -> str:
    parsed, problems = parse(Source("letter.md", markdown))
    assert problems == []
    settled, problems = settle(parsed, STATICS)
    assert problems == []
    return write_body(settled).replace("\u00a0", "&nbsp;").strip()


@pytest.mark.parametrize(("title", "markdown", "html"), cases(), ids=[title for title, _, _ in cases()])
def test_what_a_writer_types_becomes_this_page(title: str, markdown: str, html: str) -> None:
    assert page_of(markdown) == html, title


if __name__ == "__main__":
    CASES.write_text("".join(f"# {t}\n{m}\n-----\n{page_of(m)}\n\n" for t, m, _ in cases()), "utf-8")
