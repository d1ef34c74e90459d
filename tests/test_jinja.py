"""What an expression that only looks up comes to is what Jinja makes of it."""

from __future__ import annotations

from typing import Any

import pytest
from jinja2 import Undefined

from letters import jinja
from letters.model import Values

VALUES = {
    "campaign": Values({"date": "2025-09-17", "items": "no method", "organizations": [Values({"name": "First"})]}),
    "text": "words",
    "none_of_it": None,
    "true_name": "yes",
}


def result(compute: Any) -> object:
    """Compute, and tell of an error or of an undefined result by what it says."""
    try:
        value = compute()
    except jinja.COMPUTING as error:
        return type(error), str(error)
    if isinstance(value, Undefined):
        with pytest.raises(jinja.COMPUTING) as raised:
            str(value)
        return type(value), str(raised.value)
    return value


@pytest.mark.parametrize(
    "expression",
    [
        "campaign.date",
        "campaign.items",
        "campaign.copy",
        "campaign.organizations[0].name",
        "campaign.organizations[1].name",
        "campaign.organizations[1]",
        "campaign.organizations",
        "campaign.nothing",
        "campaign.nothing.more",
        "campaign._values",
        "campaign.__class__",
        "text",
        "text.upper",
        "text[0]",
        "text._secret",
        "nobody",
        "nobody.name",
        "nobody[0]",
        "none_of_it",
        "none_of_it.more",
        "true_name",
        "true",
        "false",
        "none",
        "text | upper",
    ],
)
def test_a_look_up_is_what_jinja_makes_of_it(expression: str) -> None:
    assert result(lambda: jinja.evaluate(expression, VALUES)) == result(lambda: jinja._compiled(expression)(**VALUES))
