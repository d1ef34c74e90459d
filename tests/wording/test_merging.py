"""The letter was edited in Word and in the Markdown: what one side changed is taken, what both changed is shown."""

from __future__ import annotations

import random

import pytest

from letters.wording.chunks import Merged, merge
from tests.desk import Desk
from tests.wording.conftest import CLAUSE, LETTER
from tests.wording.test_round_trip import bring_back, edit, markdown, replace

BASE = "One.\n\nTwo.\n\nThree.\n\nFour.\n"


def merged(word: str, now: str, prefer=None, base: str = BASE) -> Merged:
    return merge("letter.md", base, word, now, [1, 1, 1], prefer)


def test_what_one_side_changed_is_taken() -> None:
    both = merged(BASE.replace("One.", "One, says Word."), BASE.replace("Four.", "Four, says the Markdown."))
    assert both.text == "One, says Word.\n\nTwo.\n\nThree.\n\nFour, says the Markdown.\n"
    assert not both.clashes


def test_neighbours_are_no_clash() -> None:
    both = merged(BASE.replace("Two.", "Two, says Word."), BASE.replace("Three.", "Three, says the Markdown."))
    assert both.text == "One.\n\nTwo, says Word.\n\nThree, says the Markdown.\n\nFour.\n"


def test_what_both_changed_alike_is_there_once() -> None:
    changed = BASE.replace("Two.", "Two, says everybody.")
    assert merged(changed, changed).text == changed


def test_a_paragraph_that_one_side_took_out_is_gone() -> None:
    assert merged(BASE.replace("Two.\n\n", ""), BASE).text == BASE.replace("Two.\n\n", "")
    assert merged(BASE, BASE.replace("Two.\n\n", "")).text == BASE.replace("Two.\n\n", "")


def test_a_paragraph_that_both_changed_otherwise_is_a_clash() -> None:
    both = merged(BASE.replace("Two.", "Two, says Word."), BASE.replace("Two.", "Two, says the Markdown."))
    (clash,) = both.clashes
    assert (clash.line, clash.base, clash.word, clash.markdown) == (
        3,
        "Two.",
        "Two, says Word.",
        "Two, says the Markdown.",
    )


def test_taken_out_here_and_changed_there_is_a_clash() -> None:
    (clash,) = merged(BASE.replace("Two.\n\n", ""), BASE.replace("Two.", "Two, changed.")).clashes
    assert (clash.word, clash.markdown) == ("", "Two, changed.")


def test_a_paragraph_that_was_made_two_is_shown_whole() -> None:
    base = "One.\n\nA first sentence of some words. A second sentence of other words.\n\nThree.\n"
    word = base.replace("words. A", "words.\n\nA")
    (clash,) = merged(word, base.replace("other", "quite other"), base=base).clashes
    assert clash.word == "A first sentence of some words.\n\nA second sentence of other words."


def test_two_paragraphs_that_were_made_one_are_shown_whole() -> None:
    base = "One.\n\nA first sentence of some words.\n\nA second sentence of other words.\n\nFour.\n"
    now = base.replace("some", "quite some")
    both = merged(base.replace("words.\n\nA", "words. A"), now, "markdown", base)
    assert both.clashes[0].word == "A first sentence of some words. A second sentence of other words."
    assert both.text == now


@pytest.mark.parametrize("prefer", ["word", "markdown"])
def test_the_side_that_was_chosen_is_taken_and_the_rest_of_both(prefer: str) -> None:
    word, now = BASE.replace("Two.", "Two, word."), BASE.replace("Two.", "Two, markdown.").replace("Four.", "Fourth.")
    assert merged(word, now, prefer).text == f"One.\n\nTwo, {prefer}.\n\nThree.\n\nFourth.\n"


def changed_by_chance(chance: random.Random, base: list[str], name: str) -> list[str]:
    paragraphs: list[str] = []
    for number, paragraph in enumerate(base):
        what = chance.choice(["keep"] * 5 + ["change", "take out", "add"])
        paragraphs += [f"{name} adds {number} here anew."] * (what == "add")
        paragraphs += [f"{paragraph} {name} was here."] if what == "change" else [paragraph] * (what != "take out")
    return paragraphs


@pytest.mark.parametrize("seed", range(60))
def test_no_paragraph_of_either_side_is_ever_lost(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    base = [
        f"Paragraph {number} speaks of {chance.choice(['dogs', 'cats', 'cows'])} number {n}."
        for n, number in enumerate("abcdefghij")
    ]
    word, now = (changed_by_chance(chance, base, name) for name in ("Word", "Markdown"))
    texts = ["\n\n".join(each) + "\n" for each in (base, word, now)]
    both = merged(texts[1], texts[2], base=texts[0])
    shown = both.text + "".join(clash.word + clash.markdown for clash in both.clashes)
    assert [each for each in (*word, *now) if each not in base and each not in shown] == []
    stay = [each for each in base if each in word and each in now]
    assert [each for each in stay if both.text.count(each) != 1 and f"{each} Markdown" not in both.text] == []


def test_a_letter_changed_in_the_meantime_keeps_both_changes(desk: Desk) -> None:
    edit(desk, replace("and we are glad", "which we welcome"))
    now = LETTER.replace("Hold no one.", "Hold nobody.").replace("title: A letter", "title: A new title")
    desk.write("templates/letter.md", now)
    bring_back(desk)
    assert markdown(desk) == now.replace("and we are glad", "which we welcome")


def test_a_change_is_shown_where_its_paragraph_stands_now(desk: Desk) -> None:
    edit(desk, replace("and we are glad", "which we welcome"))
    desk.write("templates/letter.md", LETTER.replace("We write", "A new paragraph.\n\nWe write"))
    assert "templates/letter.md:15: You have no agreement, " in bring_back(desk).stdout


def test_a_clash_is_shown_in_both_versions_and_nothing_is_written(desk: Desk) -> None:
    edit(desk, replace("and we are glad", "which we welcome"))
    now = LETTER.replace("and we are glad", "as we hear")
    desk.write("templates/letter.md", now)
    done = bring_back(desk, code=1)
    assert "templates/letter.md:13, in Word: You have no agreement, [-and-]{+which+} we" in done.stdout
    assert "templates/letter.md:13, in the Markdown: You have no agreement, [-and-]{+as+} we" in done.stdout
    assert (
        "1 paragraph was changed in Word and in the Markdown, each in its own way; nothing was written" in done.stderr
    )
    assert markdown(desk) == now


@pytest.mark.parametrize(("side", "said"), [("word", "which we welcome"), ("markdown", "as we hear")])
def test_the_user_chooses_a_side(desk: Desk, side: str, said: str) -> None:
    edit(desk, replace("and we are glad", "which we welcome"))
    now = LETTER.replace("and we are glad", "as we hear")
    desk.write("templates/letter.md", now)
    bring_back(desk, "--prefer", side)
    assert markdown(desk) == LETTER.replace("and we are glad", said)


def test_a_clause_that_is_no_longer_in_the_letter_is_not_overwritten(desk: Desk) -> None:
    edit(desk, replace("welcome a meeting", "welcome a call"))
    desk.write("templates/letter.md", LETTER.replace('{% include "meeting" %}\n', ""))
    done = bring_back(desk, code=5)
    assert "no longer part of the letter, and therefore not overwritten: templates/clauses/meeting.md" in done.stderr
    saved = (desk.folder / "out/wording/from-word/templates/clauses/meeting.md").read_text("utf-8")
    assert saved == CLAUSE.replace("meeting", "call")


def test_the_words_it_began_with_are_found_beside_an_import_too(desk: Desk) -> None:
    path = edit(desk, replace("and we are glad", "which we welcome"))
    first = path.read_bytes()
    bring_back(desk)
    path.write_bytes(first)
    edit(desk, replace("about status", "about immigration status"))
    for base in (desk.folder / "out/wording/.base").iterdir():
        base.unlink()
    bring_back(desk)
    changed = LETTER.replace("and we are glad", "which we welcome").replace("about status", "about immigration status")
    assert markdown(desk).split() == changed.split()


def test_words_that_were_brought_back_already_are_not_brought_back_again(desk: Desk) -> None:
    edit(desk, replace("and we are glad", "which we welcome"))
    bring_back(desk)
    assert "all of it is in the Markdown already" in bring_back(desk).stderr
    assert markdown(desk) == LETTER.replace("and we are glad", "which we welcome")
