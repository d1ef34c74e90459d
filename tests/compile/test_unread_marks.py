"""What looks like a list, a heading, a quotation or a table, and would be printed as it stands, is told."""

from __future__ import annotations

import pytest

from letters.compile.parse import mark, parse_all
from letters.compile.text_problems import unread_marks
from letters.model.records import Source


def told(text: str) -> list[str]:
    source = Source("a.md", text)
    ((parsed, _),) = parse_all([mark(source)])
    return [str(each).partition("\n")[0].removeprefix("a.md:") for each in unread_marks(parsed.blocks, source)]


AS_IT_STANDS = "would be printed as it stands, and not as"


@pytest.mark.parametrize(
    ("text", "line", "written", "kind"),
    [
        ("As follows:\n- one\n", 2, "- one", "an item of a list"),
        ("As follows:\n1. one\n", 2, "1. one", "an item of a list"),
        ("As follows:\n- {{ recipient.city }}\n", 2, "- {{ recipient.city }}", "an item of a list"),
        ("* one\n{% if a %}* two{% endif %}\n", 2, "{% if a %}* two{% endif %}", "an item of a list"),
        ("Text.\n## Title\n", 2, "## Title", "a heading"),
        ("##Title\n", 1, "##Title", "a heading"),
        ("Text.\n> Said “so”.\n", 2, "> Said “so”.", "a quotation"),
        ("-one\n", 1, "-one", "an item of a list"),
        ("| a | b |\n\nText.\n", 1, "| a | b |", "a row of a table"),
        ("Text.\n| a | b |\n|---|---|\n", 2, "| a | b |", "a row of a table"),
    ],
)
def test_a_mark_that_pandoc_takes_for_words_is_told(text: str, line: int, written: str, kind: str) -> None:
    assert told(text)[0] == f'{line}:1: "{written}" {AS_IT_STANDS} {kind}'


@pytest.mark.parametrize(
    "text",
    [
        "As follows:\n\n- one\n- two\n\n1. one\n   - deep\n\n## Title\n\n> Said\n",
        "| a | b |\n|---|---|\n| - c | d |\n",
        "It was decided in\n2017. The court said so - as it\n- and others - had to.\n",
        "\\- meant, and \\# meant\n",
        "{% if recipient.city %}\n- one\n{% endif %}\n- two\n",
        "#5 of 7, and a non-\n-binding word: 1.5\n",
        "{{ recipient.city }} - a dash\n",
        "# 5. Victims\n\n4. a\n\n{% if recipient.city %}\n{% endif %}\n5. *Victims.* Name one.\n",
    ],
)
def test_marks_that_are_read_and_dashes_and_years_in_a_sentence_are_not_told(text: str) -> None:
    assert told(text) == []


def test_a_cell_beyond_the_table_is_told_and_bars_in_tags_are_none() -> None:
    table = "| a | b |\n|---|---|\n| c | {{ recipient.city | upper }} |\n| d | e | f |\n| g \\| h | i |\n"
    assert told(table) == ['4:1: "f" is left out: its row has 3 cells, and the table 2']


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("5) five\n7) seven\n", ['2:1: warning: "7)" is printed as "6)": a list counts on from its first']),
        ("9. A\n\n12. B\n", ['3:1: warning: "12." is printed as "10.": a list counts on from its first']),
        ("1. a\n1. b\n1. c\n", []),
        ("3. a\n\n    more\n\n4. b\n\nText.\n\n1. c\n", []),
    ],
)
def test_a_number_that_markdown_changes_is_told(text: str, wanted: list[str]) -> None:
    assert told(text) == wanted
