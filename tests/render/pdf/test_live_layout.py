"""A text that is being written is laid out where it changed only, and looks as if it had been laid out from nothing."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from letters.campaign.load import Project, load
from letters.formats.pdf_text import PdfText
from letters.render import RenderError
from letters.render.pdf.live_layout import LaidOutText, LastLayout, LiveLayout
from letters.render.pdf.plain import PdfRenderer
from letters.render.pdf.weasyprint_internals import current
from tests.conftest import MakeDesk
from tests.desk import LETTER, Desk, set_up

BODY, MARK, NOTES = LETTER.partition("[^one]:")
PARAGRAPHS = [
    "# The question\n\nWe ask for a policy, for the reasons on page {{ page }}. " + "Many words of the letter. " * 20,
    *(f"# Heading {n}\n\n" + f"Many words of part {n}. " * 60 for n in range(1, 4)),
    "* one thing\n* another thing, with more words than a line of the page has room for\n* a third",
    "| column | other |\n|---|---|\n| one | two |\n| three | four |",
    *(f"A paragraph with a note.[^n{n}] " + "And more words. " * 30 for n in range(3)),
    "The end of it.",
]
FRONT = "---\ncontents: true\n---\n"
FURTHER = "\n\n".join(f"[^n{n}]: A note with some words in it. " + "They are many. " * 6 for n in range(3))
NAMES = ("remake_page", "make_margin_boxes", "layout_backgrounds", "block_level_layout", "split_first_line")


def letter_of(paragraphs: list[str]) -> str:
    return "\n\n".join([f"{FRONT}{BODY}", *paragraphs, f"{MARK}{NOTES}", FURTHER]).replace("{{ page }}", "two")


class Writing(NamedTuple):
    """A letter that is being written."""

    desk: Desk
    layout: LiveLayout

    def project(self, text: str) -> Project:
        self.desk.write("templates/letter.md", text)
        project, problems = load(self.desk.folder / "campaign.toml")
        assert project, problems
        assert project.letters, problems
        return project

    def whole(self, text: str) -> LaidOutText:
        project = self.project(text)
        letter = project.letters[0]
        return self.layout.whole(project.template.parts[0], letter.context, letter.notes[0])

    def page(self, text: str, number: int, last: LastLayout) -> LaidOutText | None:
        project = self.project(text)
        letter = project.letters[0]
        return self.layout.page(project.template.parts[0], letter.context, letter.notes[0], number, last)

    def anew(self, text: str) -> list[bytes]:
        """Return the pictures of all pages, laid out from nothing."""
        project = self.project(text)
        letter = project.letters[0]
        return pictures(renderer(project).render(letter.context, letter.notes).content)


def renderer(project: Project) -> PdfRenderer:
    roots = {"campaign": project.folder, "templates": project.templates}
    return PdfRenderer(project.template.parts, roots, project.campaign.date)


def pictures(content: bytes) -> list[bytes]:
    with PdfText(content) as pdf:
        return [pdf.picture(number, 60).tobytes() for number in range(pdf.count)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("live") / "campaign"


@pytest.fixture(scope="module")
def writing(folder: Path) -> Iterator[Writing]:
    desk = set_up(folder=folder)
    desk.write("templates/letter.md", letter_of(PARAGRAPHS))
    project, _ = load(desk.folder / "campaign.toml")
    assert project
    layout = LiveLayout(renderer(project))
    before = [current(name) for name in NAMES]
    yield Writing(desk, layout)
    assert [current(name) for name in NAMES] == before, "nothing stays replaced"


def test_each_page_is_that_of_the_letter_laid_out_from_nothing(writing: Writing) -> None:
    text = letter_of(PARAGRAPHS)
    expected = writing.anew(text)
    assert len(expected) > 3
    for _ in range(2):
        whole = writing.whole(text)
        assert [pictures(whole.draw(number)) for number in range(1, whole.last.pages + 1)] == [[x] for x in expected]
    assert writing.layout.laid_out == [], "all pages were known"
    assert writing.page(text, len(expected) + 1, whole.last) is None


def test_a_word_more_has_the_pages_laid_out_that_it_can_reach(writing: Writing) -> None:
    whole = writing.whole(letter_of(PARAGRAPHS))
    changed = [*PARAGRAPHS[:-1], "The very end of it."]
    last = whole.last.pages
    page = writing.page(letter_of(changed), last, whole.last)
    assert page
    assert writing.layout.laid_out[-1:] == [last]
    assert min(writing.layout.laid_out) > 1
    assert pictures(page.draw(last)) == writing.anew(letter_of(changed))[-1:]


def test_a_page_before_the_change_is_not_laid_out_again_and_pages_behind_it_are_those_of_before(
    writing: Writing,
) -> None:
    whole = writing.whole(letter_of(PARAGRAPHS))
    changed = [PARAGRAPHS[0].replace("Many words of the letter. ", "Many sords of the letter. ", 1), *PARAGRAPHS[1:]]
    page = writing.page(letter_of(changed), whole.last.pages, whole.last)
    assert page
    assert writing.layout.laid_out == [1]


def test_a_change_of_the_text_is_on_all_pages(writing: Writing) -> None:
    changed = letter_of([PARAGRAPHS[0], "# A heading in between", *PARAGRAPHS[1:]])
    writing.whole(letter_of(PARAGRAPHS))
    whole = writing.whole(changed)
    shown = [pictures(whole.draw(number)) for number in range(1, whole.last.pages + 1)]
    assert shown == [[picture] for picture in writing.anew(changed)]


def test_a_warning_comes_again_with_each_layout(writing: Writing) -> None:
    project = writing.project(letter_of(PARAGRAPHS))
    letter, part = project.letters[0], project.template.parts[0]
    wrong = part._replace(html=part.html.replace("</main>", '<p style="no-such-property: 1">x</p></main>'))
    for _ in range(2):
        with pytest.raises(RenderError, match="no-such-property"):
            writing.layout.whole(wrong, letter.context, letter.notes[0])


WORDS = [
    "policy",
    "officers",
    "federal",
    "requests",
    "detention",
    "counsel",
    "agreement",
    "that",
    "we",
    "recommend",
    "within",
    "hours",
]


def edited(text: str, chance: random.Random) -> str:
    """Return a text with one small edit."""
    start = text.index("\n\n", 300)
    paragraphs = text[start:].split("\n\n")
    at = chance.randrange(1, len(paragraphs))
    words, many = paragraphs[at].split(" "), " ".join(chance.choices(WORDS, k=chance.randrange(3, 100)))
    note = f"r{chance.randrange(10**6)}"
    paragraphs[at : at + 1] = chance.choice(
        [
            [" ".join([*words[:2], chance.choice(WORDS), *words[2:]])],
            [" ".join(words[:-2])],
            [f"{many.capitalize()}.", paragraphs[at]],
            [],
            [f"# {many[:40].capitalize()}", paragraphs[at]],
            ["\n".join(f"* {word} {many[:80]}" for word in chance.sample(WORDS, 4)), paragraphs[at]],
            [f"{paragraphs[at]}[^{note}]", f"[^{note}]: {many}."],
            [paragraphs[at], paragraphs[chance.randrange(1, len(paragraphs))]],
        ]
    )
    return text[:start] + "\n\n".join(paragraphs)


def compare_with_random_edits(writing: Writing, start: str, edits: int, seed: int) -> None:
    """Edit a text, and compare a page of it, and after that others, with those of the text laid out from nothing."""
    chance = random.Random(seed)  # noqa: S311 - the same edits each time
    text, last, done = start, writing.whole(start).last, 0
    while done < edits:
        changed = edited(text, chance)
        try:
            expected = writing.anew(changed)
        except (AssertionError, RenderError):
            continue  # with this edit there is no letter
        done += 1
        number = chance.randrange(1, len(expected) + 1)
        page = writing.page(changed, number, last)
        shown = page and pictures(page.draw(number))
        whole = writing.whole(changed)
        assert whole.last.pages == len(expected)
        for each in range(1, len(expected) + 1) if edits > 3 else {number, len(expected)}:
            assert pictures(whole.draw(each)) == [expected[each - 1]], f"page {each} of edit {done}"
        # Numbers of pages on a page that is laid out alone are those of the last whole layout.
        if whole.last.pages == last.pages and whole.last.targets == last.targets:
            assert shown == [expected[number - 1]], f"page {number} alone, of edit {done}"
        text, last = changed, whole.last


def test_random_edits_look_as_if_the_text_had_been_laid_out_from_nothing(writing: Writing) -> None:
    compare_with_random_edits(writing, letter_of(PARAGRAPHS), 2, seed=1)


SHEETS = {
    "ours": "",
    "numbers of paragraphs": "main { counter-reset: n } main > p { counter-increment: n } "
    'main > p::before { content: counter(n) ". " }',
    "neighbours": "main > p:nth-of-type(3n) { margin-left: 20pt } p:has(+ ul) { color: red; padding-bottom: 30pt }",
    "floats": "main > ul { float: right; width: 45% } table { break-before: page }",
    "on all pages": ".date { position: fixed; bottom: 0; left: 0 } h1 { break-before: avoid; margin-top: 30pt }",
}


@pytest.mark.slow
@pytest.mark.parametrize("sheet", SHEETS)
def test_many_random_edits_look_as_if_the_text_had_been_laid_out_from_nothing(make_desk: MakeDesk, sheet: str) -> None:
    desk = make_desk(letter=letter_of(PARAGRAPHS))
    looks = desk.folder / "templates/letterhead.css"
    looks.write_text(f"{looks.read_text('utf-8')}\n{SHEETS[sheet]}\n", "utf-8")
    project, _ = load(desk.folder / "campaign.toml")
    assert project
    writing = Writing(desk, LiveLayout(renderer(project)))
    compare_with_random_edits(writing, letter_of(PARAGRAPHS), 40 if sheet == "ours" else 20, seed=len(sheet))
