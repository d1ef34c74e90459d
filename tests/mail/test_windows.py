"""The look through the window: what the geometry shows, and what is told of a letter's page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.mail.addresses import Ruler
from letters.mail.typeset import write_covers
from letters.mail.windows import Sight, Word, address_view, bounds, check_page, read_words
from letters.model.postal import Box, Products, Window, WindowProfile
from letters.model.problems import Place
from tests.desk import SHERIFF, Desk, set_up
from tests.mail.conftest import ADRIAN, HEIT, SENDER, run, set_page
from tests.mail.drawn import drawn

FINAL = 'status = "final"'
LONG = {**SHERIFF, "id": "long", "agency": "The Sheriff’s Department of Berrien County in the State of Michigan"}


def edges(box: Box) -> tuple[float, ...]:
    return box.left, box.top, box.right, box.bottom


def test_a_letter_in_thirds_shows_little_of_itself_wherever_it_slides(products: Products) -> None:
    """The published figures for a #10 double window: it slides 0.458 in. up and down and 1 in. sideways."""
    view = address_view(products.windows["double-10"])
    assert edges(view.always) == pytest.approx((0.625, 2.125, 3.625, 2.667), abs=0.001)
    assert edges(view.ever) == pytest.approx((-0.375, 1.667, 4.625, 3.125), abs=0.001)


def test_a_taller_first_panel_shows_more(products: Products) -> None:
    assert edges(address_view(products.windows["double-10-tall"]).always) == pytest.approx((0.625, 2.125, 3.625, 3.0))


def test_a_mailing_houses_places_are_taken_as_they_are(products: Products) -> None:
    assert edges(address_view(products.windows["house-10"]).always) == pytest.approx((0.5, 2.042, 4.0, 2.917))


@given(st.floats(0.1, 3), st.floats(0.2, 2), st.floats(0.5, 4), st.floats(0.3, 1.5), st.floats(0, 1), st.floats(0, 1))
def test_what_is_always_seen_is_seen_wherever_the_letter_lies(
    left: float, bottom: float, width: float, height: float, across: float, along: float
) -> None:
    """Law: over any place of the letter, the window holds what is always seen and shows no more than is ever seen."""
    profile = WindowProfile(
        name="x", title="", width=9.5, height=4.125, folds=(3.6667,),
        address=Window(left=left, bottom=bottom, width=width, height=height),
    )  # fmt: skip
    view = address_view(profile)
    top = 4.125 - bottom - height  # of the window, in the envelope
    here = Box(left, top, left + width, top + height).moved(-across, -(4.125 - 3.6667) * along)
    assert view.ever.holds(here, 1e-6)
    if view.always.width and view.always.height:
        assert here.holds(view.always, 1e-6)


def test_a_letter_that_slides_more_than_the_window_is_wide_is_never_all_seen() -> None:
    profile = WindowProfile(
        name="x", title="", width=9.5, height=8, folds=(3.6667,), address=Window(left=1, bottom=1, width=4, height=1)
    )
    assert address_view(profile).always.height == 0


def seen(profile: WindowProfile, *words: tuple[str, float, float]) -> Sight:
    """Check a page of words half an inch wide, each with its left and top edge; the address is "Sheriff 49022"."""
    placed = [Word(text, Box(left, top, left + 0.5, top + 0.1)) for text, left, top in words]
    return check_page(placed, ("Sheriff", "49022"), profile, Place("recipients.csv", 3), "berrien")


def test_an_address_inside_what_is_always_seen_has_no_fault(products: Products) -> None:
    sight = seen(products.windows["double-10"], ("Dear", 1, 4), ("Sheriff", 1, 2.2), ("49022", 1, 2.5))
    assert (sight.problems, sight.faults) == ((), ())


def test_a_word_that_the_edge_may_hide_is_named(products: Products) -> None:
    sight = seen(products.windows["double-10"], ("Sheriff", 1, 2.2), ("49022", 1, 2.6))
    assert [word.text for word in sight.faults] == ["49022"]
    assert str(sight.problems[0]).startswith('recipients.csv:3: "49022" would not always be seen')


def test_other_words_in_the_window_are_named(products: Products) -> None:
    sight = seen(products.windows["double-10"], ("Sheriff", 1, 2.2), ("49022", 1, 2.5), ("Re:", 4.2, 3.0))
    assert [problem.what for problem in sight.problems] == [
        '"Re:" may be seen through the window double-10 beside the address'
    ]


def test_an_address_that_is_not_on_the_page_is_a_problem(products: Products) -> None:
    (problem,) = seen(products.windows["double-10"], ("Dear", 1, 4)).problems
    assert problem.what == "the address was not found on the first page"


@pytest.fixture(scope="module")
def mailed(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = set_up(folder=tmp_path_factory.mktemp("window") / "desk", rows=(SHERIFF, LONG), more=FINAL)
    run(desk, "build", "--no-docx")
    return desk


def test_our_own_letterhead_fits_the_default_window(mailed: Desk) -> None:
    done = run(mailed, "mail", "check", code=1)
    assert "1 of 2 letters fit the window house-10" in done.stdout
    assert "berrien-county-sheriff" not in done.stderr


def test_a_long_address_is_refused_and_drawn_with_red_words(mailed: Desk) -> None:
    done = run(mailed, "mail", "check", code=1)
    assert "recipients.csv:3: " in done.stderr
    assert "would not always be seen through the window house-10" in done.stderr
    path = mailed.out("mail/window-house-10.pdf")
    with pikepdf.open(path) as overlay, overlay.open_outline() as outline:
        assert [item.title for item in outline.root] == ["long"]
    assert red_squares(path)


def red_squares(path: Path) -> int:
    """Count pixels of the first page that are clearly red."""
    document = pypdfium2.PdfDocument(path)
    image = document[0].render(scale=1).to_pil().convert("RGB")
    document.close()
    return sum(red > 180 and green < 170 and blue < 170 for red, green, blue in image.get_flattened_data())


def test_a_letter_without_fault_is_drawn_without_red(mailed: Desk) -> None:
    run(mailed, "mail", "check", "--draw-all", code=1)
    assert red_squares(mailed.out("mail/window-house-10.pdf")) == 0


def test_an_unknown_window_is_refused_with_the_near_one(mailed: Desk) -> None:
    done = run(mailed, "mail", "check", "--window", "doubel-10", code=2)
    assert 'there is no window "doubel-10"' in done.stderr
    assert "did you mean double-10?" in done.stderr


def test_a_window_for_pages_of_another_size_is_refused(mailed: Desk) -> None:
    path = mailed.folder / "campaign.toml"
    before = path.read_text("utf-8")
    path.write_text(f'paper = "A4"\n{before}', "utf-8")
    done = run(mailed, "mail", "check", code=2)
    path.write_text(before, "utf-8")
    assert "the window house-10 is for pages of 8.5 x 11 in., and the letters are on A4" in done.stderr


def test_a_cover_sheet_shows_the_address_through_the_window(products: Products, ruler: Ruler) -> None:
    profile = products.windows["double-10-tall"]
    html, problems = write_covers([HEIT, ADRIAN], profile, SENDER, ruler, "en-US")
    words = read_words(set_page(html))
    assert not problems
    for page, each in enumerate((HEIT, ADRIAN)):
        own = [word for word in words if word.page == page]
        sight = check_page(own, each.lines, profile, each.place, each.id)
        assert not [problem for problem in sight.problems if problem.stops]
        assert sight.address is not None
        assert address_view(profile).always.holds(sight.address)


def test_an_address_too_high_for_the_window_is_refused_on_a_cover_sheet_too(products: Products, ruler: Ruler) -> None:
    _, (problem,) = write_covers([HEIT], products.windows["double-10"], SENDER, ruler, "en-US")
    assert problem.what == "the address has 5 lines, more than fit on the window double-10 on a cover sheet"


@pytest.fixture
def fitting(mailed: Desk) -> Iterator[Desk]:
    mailed.list_recipients(SHERIFF)
    yield mailed
    mailed.list_recipients(SHERIFF, LONG)


def test_cover_sheets_are_written_in_the_order_of_the_letters(fitting: Desk) -> None:
    done = run(fitting, "mail", "check", "--window", "double-10-tall", "--cover-sheet")
    words = read_words(fitting.out("mail/cover-sheets-double-10-tall.pdf").read_bytes())
    assert "1 cover sheet in" in done.stdout
    assert [word.text for word in words if word.box.top > 2][:4] == ["The", "Honorable", "Chuck", "Heit"]
    assert bounds(words).bottom < 3.0


def test_fold_marks_stand_at_the_left_edge_of_each_letters_first_page(fitting: Desk) -> None:
    run(fitting, "mail", "prepare", "--fold-marks", "double-10")
    content = fitting.out("mail/print-01.pdf").read_bytes()
    marked = {number / 16: row for number, row in enumerate(drawn(content, squares=16)) if "#" in row[:16]}
    assert list(marked) == pytest.approx([3.6667, 7.3333], abs=1 / 16)
    assert {row[:16].rindex("#") / 16 for row in marked.values()} == {5 / 16}
    assert not any("#" in row[:16] for row in drawn(content, page=1, squares=16))
