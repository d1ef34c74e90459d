"""A letter that would take without end to read or to set is refused with its place, and before anything reads it."""

from __future__ import annotations

import pytest

from letters.compile.parse import mark, parse, parse_all
from letters.compile.tags import is_too_deep, source_problems
from letters.model.records import Source

EXCESS = {
    "the text is too long": "A line.\n\n" * 60_000,
    "a word is too long": "x" * 5_000,
    "a paragraph is too long": "word " * 9_000,
    "too many notes": "".join(f"A[^{n}]\n\n[^{n}]: N.\n\n" for n in range(600)),
    "too many tags": "{{ recipient.agency }}\n\n" * 2_500,
    "too many headings": "# A heading\n\nText.\n\n" * 800,
    "too many cells of tables": "| a | b |\n|---|---|\n" + "| x | y |\n\n" * 3_000,
    "too many items of lists": "- x\n" * 3_000,
    "too many paragraphs": "x\n\n" * 5_000,
    "too many line breaks": "x\\\ny  \n" * 1_500,
    "quotations are nested too deep": ">" * 300 + " words",
    "lists are nested too deep": "\n".join(" " * 4 * depth + "- item" for depth in range(60)),
    "marks of Markdown are nested too deep": "- " * 200 + "item",
    "divisions (:::) are nested too deep": "::: {.closing}\n" * 300 + "words\n" + ":::\n" * 300,
    "brackets are nested too deep": "[a" * 14 + "](x)" * 14,
    "conditions are nested too deep": "{% if recipient.city %}\n\n" * 500 + "words\n\n" + "{% endif %}\n\n" * 500,
    "loops are nested too deep": "{% for a in recipient.inside_address %}\n\n" * 5 + "x\n\n" + "{% endfor %}\n\n" * 5,
}


@pytest.mark.parametrize("said", EXCESS)
def test_what_is_too_much_for_a_letter_is_named_with_its_place(said: str) -> None:
    _, problems = parse(Source("letter.md", "A beginning.\n\n" + EXCESS[said], 1))
    assert [problem for problem in problems if said in problem.what and problem.place.path == "letter.md"] != []


def test_one_cause_is_one_message() -> None:
    assert len(list(source_problems(Source("letter.md", "x" * 5_000 + "\n\n" + "y" * 6_000 + "[" * 400, 1)))) == 1


@pytest.mark.slow
def test_of_sources_that_take_too_long_to_read_each_is_named_with_its_paragraph_and_the_others_are_read() -> None:
    hostile = "One.\n\nTwo {{ recipient.agency }}.\n\n" + "*a 'b \"c " * 40 + "\n\nEnd.\n"
    texts = {"good.md": "Words.", "bad.md": hostile, "fair.md": "Words.", "worse.md": hostile}
    results = parse_all([mark(Source(name, text, 1)) for name, text in texts.items()])
    said = [(problem.place.path, problem.place.line) for _, problems in results for problem in problems]
    assert said == [("bad.md", 5), ("worse.md", 5)]
    assert [bool(parsed.blocks) for parsed, _ in results] == [True, False, True, False]


ORDINARY = """
* * * * * * * * * * * * * *

* An item
    * in another
        * in another

> > A quotation in a quotation

______________________________________________________________________________________________________________

[a [b [c]]](https://example.org/a-rather-long-address/which-has-no-space-in-it-because-addresses-have-none)
"""


def test_an_ordinary_letter_breaks_no_limit() -> None:
    source = Source("letter.md", ORDINARY * 20, 1)
    assert list(source_problems(source)) == []
    parsed, problems = parse(source)
    assert problems == []
    assert not is_too_deep(parsed.blocks)
