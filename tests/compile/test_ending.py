"""At least four lines stand above the closing, whatever the letter ends with, in the PDF and in Word."""

from __future__ import annotations

import pypdfium2
import pytest

from letters.campaign.load import load
from letters.compile.typography import KEPT, keep_end
from letters.formats.ooxml import parse, read_package, w
from letters.formats.tree import Node, paragraph, text
from tests.conftest import MakeDesk
from tests.desk import CHIEF

LONG = "We write about the policy of your agency, and about the law that binds it, and we ask you to read it all. " * 2
ENDS = {
    "a list": "1. One item of a list.\n2. Another.\n3. A third.\n",
    "a heading": "# A heading\n\nOne short line.\n",
    "a quotation": "> A quotation of one line.\n",
    "a table": "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n",
    "a condition": "Short.\n\n{% if recipient.first_name %}\nNever said.\n{% endif %}\n\nShort.\n",
    "a note": "A line with a note.[^a]\n\n[^a]: A note that has one line.\n",
}


@pytest.mark.parametrize("end", ENDS)
def test_the_last_page_begins_with_four_lines_at_least(make_desk: MakeDesk, end: str) -> None:
    desk = make_desk(letter=f"{LONG}\n\n" * 7 + ENDS[end], rows=[CHIEF])
    desk.run("build", "--no-docx")
    with pypdfium2.PdfDocument(desk.out("pdf/adrian-police.pdf")) as pdf:
        assert len(pdf) == 2
        lines = pdf[1].get_textpage().get_text_range().splitlines()
    above = lines[: next(n for n, line in enumerate(lines) if "Sincerely" in line)]
    assert len([line for line in above if line.strip() and "Page 2" not in line]) >= 4, above


def division(name: str, blocks: list[Node]) -> Node:
    """Make a Div of one class."""
    return {"t": "Div", "c": [["", [name], []], blocks]}


def closing_after(*blocks: Node) -> list[bool]:
    """Return which of these blocks are kept with a closing that follows them."""
    return [KEPT in node for node in keep_end([*blocks, division("closing", [paragraph([text("Sincerely,")])])])[:-1]]


def lines(number: int) -> Node:
    return paragraph([text("x" * 88 * number)])


def test_blocks_are_kept_until_they_have_four_lines() -> None:
    assert closing_after(lines(1), lines(9), lines(1), lines(1)) == [False, True, True, True]
    assert closing_after(lines(9), lines(4)) == [False, True]


def test_what_stands_under_a_condition_is_kept_and_not_counted() -> None:
    some = {"t": "If", "c": [["recipient.x", [lines(9)]]]}
    either = {"t": "If", "c": [["recipient.x", [lines(9)]], [None, [lines(2), lines(3)]]]}
    assert closing_after(lines(1), lines(9), some)[1:] == [True, False]  # the condition itself has no lines
    assert closing_after(lines(9), either) == [False, False]
    kept = keep_end([either, division("closing", [])])[0]["c"]
    assert [[KEPT in node for node in inside] for _, inside in kept] == [[True], [True, True]]


def test_a_text_without_a_closing_is_left_as_it_is() -> None:
    assert keep_end([lines(1)]) == [lines(1)]


def test_word_keeps_as_much_above_the_closing(make_desk: MakeDesk) -> None:
    project, _ = load(make_desk(letter=f"First.\n\n{LONG * 3}\n\nBefore.\n\nThank you.\n").folder / "campaign.toml")
    assert project
    body = parse(read_package(project.template.word)["word/document.xml"])
    paragraphs = [each for each in body.iter(w("p")) if len(each)]
    kept = {"".join(each.itertext()).strip()[:7]: [child.tag for child in each[0]][1:3] for each in paragraphs}
    assert w("keepNext") not in kept["First."]
    assert kept["Thank y"] == kept["Before."] == [w("keepNext"), w("keepLines")]
    assert kept["We writ"] == [w("keepNext")]  # two of its lines come down where it is broken
