from letters.formats import text_diff
from letters.formats.text_diff import Change


def test_paragraphs_of_a_page_are_followed_by_their_notes():
    text = '<p>One<span class="note">a <i>note</i></span> two.</p><ul><li>Item</li></ul>'
    page = f"<html><head><title>x</title></head><body>{text}</body></html>"
    assert text_diff.of_page(page) == ["One two.", "a note", "Item"]


def test_a_change_of_one_word_is_told_as_one():
    assert text_diff.compare("You shall not hold", "You must not hold")[1] == Change("shall", "must")


def test_neighbouring_changed_words_are_one_change():
    assert (
        text_diff.summary(["We ask you kindly to stop."], ["We urge them kindly to stop."])
        == '"ask you" became "urge them"'
    )


def test_equal_texts_have_an_empty_summary():
    assert text_diff.summary(["One.", "Two."], ["One.", "Two."]) == ""


def test_a_changed_paragraph_is_paired_with_what_it_was():
    old = ["First of all we write.", "It is a federal matter.", "We would welcome a meeting."]
    new = ["It is a federal matter, as we said.", "We would welcome a meeting."]
    assert list(text_diff.pairs(old, new)) == [(0, None), (1, 0), (2, 1)]


def test_the_pieces_of_a_comparison_are_both_texts_again():
    old, new = "a  b, c (d).", "a b c (e) f"
    changes = text_diff.compare(old, new)
    assert ("".join(c.old for c in changes), "".join(c.new for c in changes)) == (old, new)
