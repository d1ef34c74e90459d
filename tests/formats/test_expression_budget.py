"""No expression makes a text, list or number larger than a letter can print, and nothing in it is called."""

from __future__ import annotations

import pytest

from letters.formats import jinja

REFUSED = [
    "'a' * 10**9",
    "10**9 * 'a'",
    "('xyz' * 10**8) | sort | length",
    "'a' | replace('a', 'b' * 10000) | replace('b', 'c' * 10000)",
    "'ab' | replace('', 'c' * 15000)",
    "['a', 'b', 'c'] | join('x' * 15000)",
    "'abc' | join('x' * 15000)",
    "[1] * 10**9",
    "10 ** 5000",
    "(10 ** 100) * (10 ** 100)",
    "'%999999999d' % 1",
    "1.5 | round(999999999, 'floor')",
    "'a'.ljust(10**10)",
    "'a'.center(10**10)",
    "('a' * 15000) + ('b' * 15000)",
    "[['x' * 15000] * 1000]",
    "['x' * 15000] + ['y' * 15000]",
    "[['x' * 15000, 'y' * 15000]] | length",
    "1e308 * 10",
    "1e308 / 1e-308",
    "(-1) ** 0.5",
]


@pytest.mark.parametrize("expression", REFUSED)
def test_an_expression_without_bounds_is_not_computed(expression: str) -> None:
    with pytest.raises(jinja.COMPUTING):
        jinja.evaluate(expression, {})
    template = jinja.environment().from_string("{{ " + expression + " }}")
    with pytest.raises(jinja.COMPUTING):
        template.render()


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("2 ** 10", 1024),
        ("'ab' * 3", "ababab"),
        ("'a' + 'b'", "ab"),
        ("7 % 4", 3),
        ("'b,a' | replace(',', ' and ')", "b and a"),
        ("['b', 'a'] | sort | join(', ')", "a, b"),
        ("1.25 | round(1)", 1.2),
    ],
)
def test_what_letters_compute_is_computed(expression: str, value: object) -> None:
    assert jinja.evaluate(expression, {}) == value


def test_an_expression_as_long_as_a_page_is_not_read() -> None:
    with pytest.raises(jinja.COMPUTING, match="longer than 2,000 characters"):
        jinja.parse_expression("a + " * 1_000 + "a")


@pytest.mark.parametrize("number", ["1e999", "-1e999", "[1e999 - 1e999]"])
def test_a_number_without_end_is_not_read(number: str) -> None:
    with pytest.raises(jinja.COMPUTING, match="a number in it is too large"):
        jinja.parse_expression(number)
