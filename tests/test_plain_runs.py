"""A text whose plain words pandoc never saw is read into the same letter tree as the text itself."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from letters.compile.parse import mark, parse, parse_all
from letters.formats.pandoc import with_words_joined
from letters.model.records import Source
from letters.plain_runs import put_back, take_out
from tests.desk import ROOT

PLAIN = ["we", "write", "to", "the", "agency,", "Michigan", "well-known", "counsel;", "I", "a", "Schön", "département"]
TYPOGRAPHY = [
    "Part",
    "Section",
    "note",
    "September",
    "Form",
    "at",
    "§",
    "3",
    "17,",
    "U.S.",
    "505",
    "Mr.",
    "No.",
    "Cir.",
]
ENDINGS = ["officers.", "civil.", "xxxviii.", "Letters.", "aetat.", "Corp.", "etc.", "e.g.", "p.", "see:", "own)", "B."]
MARKS = [
    "**bold",
    "bold**",
    "*word",
    "word*",
    "_so_",
    "[^1]",
    "word[^1]",
    "[words",
    "words](url)",
    "`code",
    "code`",
    "~a",
    "b~",
]
AWKWARD = [
    "<span",
    "span>",
    "{.small}",
    "|",
    "||",
    "a|b",
    '"Words',
    'words."',
    "'tis",
    "it's",
    "--",
    "...",
    "\\",
    "\\*",
    "&amp;",
]
TAGS = ["{{ recipient.agency }}", "{{recipient.office}},", "{% if recipient.office %}", "{% endif %}", "{% else %}"]
WORDS = st.one_of(*map(st.sampled_from, (PLAIN, PLAIN, PLAIN, TYPOGRAPHY, ENDINGS, MARKS, AWKWARD, TAGS)))
STARTS = [
    "",
    "",
    "",
    "",
    "- ",
    "1. ",
    "xxxviii. ",
    "A.  ",
    "(a) ",
    "> ",
    "    ",
    "  ",
    "# ",
    "Table: ",
    ": ",
    "| ",
    "%  ",
    "#. ",
]
ALONE = [
    "---",
    "-- ---",
    "===",
    ":::",
    "::: closing",
    "~~~",
    "- - -",
    "[^1]: A note of more words than two",
    "+---+---+",
    "",
]
LINES = st.one_of(
    st.builds(lambda start, words: start + " ".join(words), st.sampled_from(STARTS), st.lists(WORDS, min_size=1)),
    st.builds(lambda start, words: start + " ".join(words), st.sampled_from(STARTS), st.lists(st.sampled_from(PLAIN))),
    st.sampled_from(ALONE),
)
TEXTS = st.lists(st.tuples(LINES, st.sampled_from(["\n", "\n\n", "\n\n", "  \n", "\n \n"])), max_size=7).map(
    lambda lines: "".join(line + end for line, end in lines)
)


@given(st.lists(TEXTS, min_size=2, max_size=8))
@settings(max_examples=25, deadline=None)
def test_random_texts_are_the_same_letter_trees(texts: list[str]) -> None:
    _compare(texts)


@pytest.mark.slow
@given(st.lists(TEXTS, min_size=2, max_size=12))
@settings(max_examples=1500, deadline=None)
def test_very_many_random_texts_are_the_same_letter_trees(texts: list[str]) -> None:
    _compare(texts)


def test_the_texts_of_the_samples_are_the_same_letter_trees_and_mostly_taken_out() -> None:
    files = sorted(ROOT.glob("templates/**/*.md"))
    texts = [re.sub(r"\A---\n.*?\n---\n", "", file.read_text("utf-8"), flags=re.DOTALL) for file in files]
    _compare(texts)
    marked = [mark(Source("", text)).text for text in texts]
    shorter, _ = take_out(marked)
    assert sum(map(len, shorter)) < 0.6 * sum(map(len, marked))


def test_runs_come_back_as_they_were() -> None:
    text = "We write to the agency, and to nobody else. It is a friendly letter.\n"
    (shorter,), runs = take_out([text])
    assert len(shorter) < len(text) / 2
    assert put_back(shorter, runs) == text


@pytest.mark.parametrize(
    "text",
    [
        "# A heading whose words become its name\n",
        "A heading of the other sort\n===\n",
        "See [the words of a heading] for more of it\n",
        "We write [to some people]{.small} and to others\n",
        "| we write to | the agency |\n",
        "one two three    four five six\n----------------  ----------------\nto the agency    we write to\n",
        "we write `to the agency of` yours\n",
    ],
)
def test_nothing_is_taken_out_where_words_are_more_than_words(text: str) -> None:
    assert take_out([text]) == ([text], [])


def _compare(texts: list[str]) -> None:
    sources = [Source(f"{number}.md", text) for number, text in enumerate(texts)]
    for (together, problems), (alone, same) in zip(
        parse_all([mark(source) for source in sources]), [parse(source) for source in sources], strict=True
    ):
        assert with_words_joined(together.blocks) == with_words_joined(alone.blocks)
        assert (together.tags, problems) == (alone.tags, same)
