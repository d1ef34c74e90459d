"""Every filter that is offered can be used."""

from __future__ import annotations

import pytest

from letters.compile.fields import expression_problems
from letters.formats import jinja
from letters.model.problems import Place
from letters.model.records import Tag

GIVEN = {"replace": '("Police", "police")', "round": "(1)", "join": '(", ")'}


@pytest.mark.parametrize("name", sorted({*jinja._FILTERS, "long_date", "capfirst"}))
def test_a_filter_is_taken_as_it_is_meant(name: str) -> None:
    tag = Tag("if", f"recipient.agency | {name}{GIVEN.get(name, '')}", Place("letter.md", 1))
    assert not list(expression_problems([tag], {"recipient": {"agency": None}}))
