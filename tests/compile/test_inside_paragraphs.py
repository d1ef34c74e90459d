from __future__ import annotations

import pytest

from letters.compile.parse import parse
from letters.model.records import Source

CONDITION = "{% if recipient.phone %}\nyours.\n{% else %}\nours.\n{% endif %}\n"


def kinds(text: str) -> list[str]:
    parsed, problems = parse(Source("letter.md", text))
    assert problems == []
    return [block["t"] for block in parsed.blocks]


@pytest.mark.parametrize("above", ["The law asks you\nto. The choice is", "So it is for\nus. It is", "It is"])
def test_a_condition_below_a_line_of_prose_stays_in_the_paragraph(above: str) -> None:
    assert kinds(f"{above}\n{CONDITION}") == ["Para"]


@pytest.mark.parametrize("above", ["1. An item", "(a) An item", "iv) An item", "- An item"])
def test_a_condition_below_an_item_is_a_block_of_its_own(above: str) -> None:
    assert kinds(f"{above}\n{CONDITION}")[1:] == ["If"]
