"""The tree of a plain template is the one that Jinja parses, and what is not plain is left to Jinja."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import TemplateSyntaxError, nodes
from jinja2.parser import Parser

from letters import jinja, jinja_trees
from letters.project import load
from tests.desk import ROOT

EXPRESSIONS = [
    "recipient.agency",
    "campaign.signers[0].name",
    "note.g10",
    "line",
    "loop.first",
    "in",
    "if",
    "and.or",
    "not",
    "x[01]",
    "true",
    "none.a",
    "True",
    "Nobody",
    "a.1",
    "a[0",
    "",
    " ",
    "a b",
    "a, b",
    "a if b",
    "a if b else c",
    "-1",
    "a-",
    "not a",
    '"City of" in x and y not in x',
    "x == 'a'",
    "x | long_date",
    "x | join(', ')",
    "(a)",
    "a) + (b",
    "[a) + (b]",
    '"}}"',
    "'%}'",
    'a ~ ")"',
    "{'a': 1}",
    "x % 2",
    "a.b()",
    "\n a \n",
    "a # b",
    "a | b | c",
    "0x1f",
    "1_000",
    "super()",
    "self",
    "a is defined",
    "_record | field(0, (recipient.agency))",
    "_record | branch(3, 0)",
    "_record | notes('a', 'b1')",
    "_record | field(0, ())",
    "_record | reference(4, 'g10')",
    "_record | field(1, (a), (b))",
    "true | f(0)",
    "_record | f(01)",
    "r | f(0, (a) if b else (c))",
    "_record | field(2, (a if b else c))",
    "_record | nobody('it''s')",
    "_record | f(0) | g(1)",
]
TAGS = st.one_of(
    st.builds("{{{{ {} }}}}".format, st.sampled_from(EXPRESSIONS)),
    st.builds("{{% if {} %}}".format, st.sampled_from(EXPRESSIONS)),
    st.builds("{{% elif {} %}}".format, st.sampled_from(EXPRESSIONS)),
    st.builds("{{% for x in {} %}}".format, st.sampled_from(EXPRESSIONS)),
    st.sampled_from(
        ["{% else %}", "{% endif %}", "{% endfor %}", "{% if a %}", "{% for line in a %}", "{% for a, b in c %}"]
    ),
    st.sampled_from(
        ["{{- a }}", "{{ a -}}", "{%- if a %}", "{%+ if a %}", "{# words #}", "{% set a = 1 %}", "{% raw %}"]
    ),
    st.sampled_from(
        ["{% for true in a %}", "{% for x in a recursive %}", "{% for x in a if b %}", "{%if a%}", "{% block b %}"]
    ),
)
TEXTS = st.sampled_from(["", "words", "<w:t>", "{", "}", "{{", "}}", "%}", "\n", "\r\n", "{%", "é “", "# for x", "-- "])
LINEAR = st.lists(st.one_of(TAGS, TEXTS), max_size=8).map("".join)
NESTED = st.recursive(
    st.one_of(TEXTS, st.builds("{{{{ {} }}}}".format, st.sampled_from(EXPRESSIONS[:10]))),
    lambda inside: st.one_of(
        st.builds("{}{}".format, inside, inside),
        st.builds("{{% if a.b %}}{}{{% endif %}}".format, inside),
        st.builds("{{% if a %}}{}{{% elif b %}}{}{{% elif a %}}{}{{% else %}}{}{{% endif %}}".format, *[inside] * 4),
        st.builds("{{% for a in b %}}{}{{% else %}}{}{{% endfor %}}".format, inside, inside),
    ),
    max_leaves=12,
)


@given(st.one_of(LINEAR, NESTED))
@settings(max_examples=400, deadline=None)
def test_random_templates_have_the_same_trees(source: str) -> None:
    ours = jinja_trees.template(source, jinja.parse_expression)
    try:
        theirs = Parser(jinja.shared(), source).parse()
    except TemplateSyntaxError:
        theirs = None
    assert ours is None or ours == theirs


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_that_only_looks_up_has_the_same_tree(expression: str) -> None:
    ours = jinja_trees.look_up(expression)
    try:
        (output,) = Parser(jinja.shared(), "{{" + expression + "}}").parse().body
    except (TemplateSyntaxError, ValueError):
        assert ours is None
    else:
        assert ours is None or [ours] == output.nodes


def test_what_letters_are_made_of_is_plain() -> None:
    source = (
        '<p>{{ recipient.agency }}, {% if recipient.office == "sheriff" %}{{ _record | field(3, (a.b | long_date)) }}'
        "{% elif a %}{{ _record | branch(0, 1) }}{% else %}{% for line in recipient.lines %}{{ line }}{% endfor %}"
        "{% endif %}</p>"
    )
    assert jinja_trees.template(source, jinja.parse_expression) == Parser(jinja.shared(), source).parse()


def test_templates_of_the_samples_mean_the_same_either_way() -> None:
    project, _ = load(ROOT / "campaign.toml")
    assert project
    for part in project.template.parts:
        for source in (part.probe, part.html):
            assert jinja_trees.template(source, jinja.parse_expression) == Parser(jinja.shared(), source).parse()


def test_equal_expressions_are_parsed_once() -> None:
    tree = jinja.environment(quick=True).parse("{{ a | upper }}{{ a | upper }}")
    (output,) = tree.body
    assert isinstance(output, nodes.Output)
    assert output.nodes[0] is output.nodes[1]
