"""Expressions and templates of a letter: what they come to, and what they may not do."""

from __future__ import annotations

import pytest
from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, UndefinedError
from jinja2.sandbox import SecurityError

from letters.formats import jinja
from letters.model.records import Values

FIRST = Values({"name": "First"})
VALUES = {
    "campaign": Values({"date": "2025-09-17", "items": "no method", "organizations": [FIRST]}),
    "text": "words",
    "none_of_it": None,
    "true_name": "yes",
}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("campaign.date", "2025-09-17"),
        ("campaign.items", "no method"),
        ('campaign["items"]', "no method"),
        ("campaign.organizations[0].name", "First"),
        ("campaign.organizations", [FIRST]),
        ("text", "words"),
        ("text[0]", "w"),
        ("none_of_it", None),
        ("true_name", "yes"),
        ("true", True),
        ("none", None),
        ("text | upper", "WORDS"),
        ('"a" if text == "words" else "b"', "a"),
        ("campaign.date | long_date", "September\u00a017, 2025"),
    ],
)
def test_an_expression_comes_to_its_value(expression: str, value: object) -> None:
    assert jinja.evaluate(expression, VALUES) == value


@pytest.mark.parametrize(
    "expression",
    [
        "nobody",
        "campaign.copy",
        "campaign.nothing",
        "campaign._values",
        "campaign.__class__",
        "campaign.organizations[1]",
        "text._secret",
        "none_of_it.more",
        "range",
    ],
)
def test_what_is_not_there_is_undefined_and_cannot_be_printed(expression: str) -> None:
    value = jinja.evaluate(expression, VALUES)
    assert isinstance(value, StrictUndefined)
    with pytest.raises((UndefinedError, SecurityError)):
        str(value)


@pytest.mark.parametrize("expression", ["nobody.name", "campaign.nothing.more", "nobody[0]", "text | nothing"])
def test_what_cannot_be_computed_raises_what_is_expected(expression: str) -> None:
    with pytest.raises(TemplateError):
        jinja.evaluate(expression, VALUES)


def test_a_list_of_the_values_cannot_be_changed() -> None:
    with pytest.raises(SecurityError):
        jinja.evaluate('campaign.organizations.append("Second")', VALUES)


def test_a_value_is_never_mark_up() -> None:
    template = jinja.environment().from_string("<p>{{ text }}</p>\n")
    assert template.render(text="O'Neil & <Sons>") == "<p>O&#39;Neil &amp; &lt;Sons&gt;</p>\n"


@pytest.mark.parametrize("source", ["one\ntwo\n{{ a b }}", "one\ntwo\n{% if a %}"])
def test_a_mistake_names_its_line(source: str) -> None:
    with pytest.raises(TemplateSyntaxError) as raised:
        jinja.environment().from_string(source)
    assert raised.value.lineno == 3


def test_a_variable_is_replaced_where_it_is_one() -> None:
    expression = 'line ~ recipient.line ~ "line" | replace("line", line)'
    replaced = 'lines[0] ~ recipient.line ~ "line" | replace("line", lines[0])'
    assert jinja.with_name_replaced(expression, "line", "lines[0]") == replaced


def test_the_roots_are_the_names_that_look_ups_begin_with() -> None:
    assert jinja.roots('campaign.date if text else recipient["text"]') == {"campaign", "text", "recipient"}


@pytest.mark.parametrize(
    "text",
    [
        "plain & {{ name }} <b>{{ '{' }} }}</b>\n",
        "{% if name %}one {{ name }}\n{% else %}two{% endif %} {% for n in (1, 2) %} {{ n }}, {% endfor %}{# x #}.\n",
        "{% raw %}{{ name }}{% endraw %} and {{ name }}",
        "{{- name -}}  spaces  {%- if name %} x {% endif -%}  end",
    ],
)
def test_a_template_that_is_rendered_once_is_that_template(text: str) -> None:
    for name in ("<&>", ""):
        assert jinja.render_anew(text, {"name": name}) == jinja.environment().from_string(text).render({"name": name})


def test_other_words_between_the_same_tags_are_the_words_that_are_printed() -> None:
    assert [jinja.render_anew(f"{words}{{{{ name }}}}", {"name": "x"}) for words in ("a", "b", "")] == ["ax", "bx", "x"]
