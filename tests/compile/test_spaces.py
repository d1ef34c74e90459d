from __future__ import annotations

import pytest

from letters.compile.html import write_body
from letters.compile.parse import parse
from letters.compile.settle import settle
from letters.formats import jinja
from letters.model.records import Source


def printed(text: str, phone: str) -> str:
    """Print a paragraph as the DOCX would, where every space counts."""
    parsed, problems = parse(Source("letter.md", text))
    assert problems == []
    settled, _ = settle(parsed, {})
    html = jinja.environment().from_string(write_body(settled)).render(recipient={"phone": phone})
    return html.removeprefix("<p>").removesuffix("</p>\n")


@pytest.mark.parametrize(
    ("text", "true", "false"),
    [
        ("One\n{% if recipient.phone %}\ntwo\n{% endif %}\nthree.", "One two three.", "One three."),
        ("One\n{% if recipient.phone %}\ntwo\n{% else %}\nno\n{% endif %}\nthree.", "One two three.", "One no three."),
        ("One {% if recipient.phone %}two {% endif %}three.", "One two three.", "One three."),
        ("One{% if recipient.phone %} two{% endif %} three.", "One two three.", "One three."),
        ("{% if recipient.phone %}One {% endif %}two.", "One two.", "two."),
        ("One {% if recipient.phone %}two{% endif %}.", "One two.", "One ."),
        ("One\n{% if recipient.phone %}\n*two*\n{% endif %}\nthree.", "One <em>two</em> three.", "One three."),
    ],
)
def test_a_condition_inside_a_paragraph_leaves_single_spaces(text: str, true: str, false: str) -> None:
    assert printed(text, "1") == true
    assert printed(text, "") == false


LINE = "This paragraph has many words, so that it is surely longer than one line of the letter. "


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("*Smith v. Jones*", "Smith v.~Jones"),
        ("Part {{ recipient.phone }}", "Part~1"),
        ("see Part 3, No. 24-1 and § 5", "see Part~3, No.~24-1 and §~5"),
        ("T visa and U visa", "T~visa and U~visa"),
        ("note {{ recipient.phone }}", "note~1"),
        (f"{LINE}They must.", "They~must."),
        (f"{LINE}So says *the law*.", "<em>the~law</em>."),
        (f"{LINE}So says *Jones*.", "says~<em>Jones</em>."),
        (f"{LINE}{{% if recipient.phone %}}Call us.{{% else %}}Do.{{% endif %}}", "Call~us."),
    ],
)
def test_what_belongs_together_stays_on_one_line(text: str, bound: str) -> None:
    assert bound in printed(text, "1").replace("\u00a0", "~")


@pytest.mark.parametrize("text", ["A few words.", f"{LINE}They are contradictory.", "- an item\n- it is"])
def test_other_last_words_are_free(text: str) -> None:
    assert "\u00a0" not in printed(text, "1")
