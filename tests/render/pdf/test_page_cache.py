"""Pages that come out alike for two letters are laid out once, and nothing of the first letter stays on them."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

import pytest

from letters.render.pdf.letter_parts import BoxTree, LaidOutPart
from letters.render.pdf.plain import PdfRenderer
from letters.render.pdf.running_heads import HeadValues
from letters.render.pdf.weasyprint_internals import boxes, page_box
from letters.render.store import Limits
from tests.desk import ROOT

STYLE = """
@page { size: 300pt 200pt; margin: 40pt 20pt; @top-center { content: string(name); width: 200pt } }
body { font: 10pt/12pt serif; margin: 0; string-set: name attr(data-name) }
p { margin: 0; white-space: pre-line; orphans: 1; widows: 1 }
a::after { content: target-counter(attr(href url), page) }
.whole { break-inside: avoid }
"""
WHOLE = '<p class="whole">a\nb\nc\nd</p>'
"""Two of them stand on a page of ten lines."""


@pytest.fixture(scope="module")
def plain() -> PdfRenderer:
    return PdfRenderer([], {"campaign": ROOT, "templates": ROOT / "templates"}, datetime.date(2026, 1, 5))


def tree(plain: PdfRenderer, *paragraphs: str, name: str = "Ann") -> BoxTree:
    import weasyprint

    html = f'<html lang="en"><title>x</title><body data-name="{name}">{"".join(paragraphs)}'
    return BoxTree(plain.read(html), weasyprint.CSS(string=STYLE, font_config=plain.fonts), plain.fonts, Limits())


def lay(text: BoxTree, lines: Sequence[str], name: str = "Ann") -> LaidOutPart:
    """Lay out a letter with these lines in the paragraph that is marked, and keep its pages."""
    text.fill({1: ["\n".join(lines)]}, {"data-name": name})
    needs = {1: (len(lines), lines)}
    laid = text.lay_out(needs, HeadValues(0, {0: name}, lambda _, shown: shown))
    laid.keep(needs)
    return laid


def marked(lines: Sequence[str]) -> str:
    return f'<p data-slot="1">{chr(10).join(lines)}</p>'


def shown(laid: LaidOutPart) -> list[list[tuple[float, str]]]:
    """List what stands on the pages, but for what is marked."""
    pages = [page_box(page).descendants() for page in laid.document.pages]
    return [
        [(box.position_y, box.text) for box in page if isinstance(box, boxes.TextBox) and not is_marked(box)]
        for page in pages
    ]


def is_marked(box: Any) -> bool:
    return box.element is not None and "data-slot" in box.element.attrib


def test_a_letter_with_as_many_lines_has_the_pages_of_another(plain: PdfRenderer) -> None:
    text = tree(plain, marked(["one", "two"]), *[WHOLE] * 5)
    assert lay(text, ["one", "two"]).known == set()
    assert lay(text, ["three", "four"]).known == {1, 2, 3}


def test_only_the_page_that_changes_is_laid_out(plain: PdfRenderer) -> None:
    text = tree(plain, *[WHOLE] * 2, marked(["one"]), *[WHOLE] * 4)
    lay(text, ["one"])
    laid = lay(text, ["one", "two"])
    assert laid.known == {2, 3}
    assert shown(laid) == shown(lay(tree(plain, *[WHOLE] * 2, marked("12"), *[WHOLE] * 4), ["1", "2"]))


def test_a_paragraph_that_pushes_others_on_changes_the_pages_after_it(plain: PdfRenderer) -> None:
    text = tree(plain, marked(["one"]), *[WHOLE] * 5)
    lay(text, ["one"])
    lines = [str(number) for number in range(7)]
    laid = lay(text, lines)
    assert laid.known == set()
    assert shown(laid) == shown(lay(tree(plain, marked(lines), *[WHOLE] * 5), lines))


def test_pages_between_which_a_paragraph_is_broken_are_those_of_letters_with_the_same_text(plain: PdfRenderer) -> None:
    lines = [str(number) for number in range(14)]
    text = tree(plain, marked(lines), WHOLE)
    lay(text, lines)
    assert lay(text, [*lines[:3], "other", *lines[4:]]).known == set()
    assert lay(text, lines).known == {1, 2}


def test_running_heads_of_known_pages_show_the_name_of_the_letter(plain: PdfRenderer) -> None:
    text = tree(plain, marked(["one"]), *[WHOLE] * 5)
    lay(text, ["one"])
    laid = lay(text, ["two"], name="Bob")
    assert laid.known == {1, 2, 3}
    assert [[text for _, text in page].count("Bob") for page in shown(laid)] == [1, 1, 1]
    assert not any("Ann" in text for page in shown(laid) for _, text in page)


def test_a_page_that_names_another_is_laid_out_when_that_moves(plain: PdfRenderer) -> None:
    paragraphs = ['<p>Page <a href="#end"></a></p>', WHOLE, WHOLE, WHOLE, '<p id="end">end</p>']
    text = tree(plain, *paragraphs[:2], marked(["one"]), *paragraphs[2:])
    assert "2" in [text for _, text in shown(lay(text, ["one"]))[0]]
    lines = [str(number) for number in range(7)]
    moved = lay(text, lines)
    assert shown(moved) == shown(lay(tree(plain, *paragraphs[:2], marked(lines), *paragraphs[2:]), lines))
    assert "3" in [text for _, text in shown(moved)[0]]
    assert shown(lay(text, ["two"])) == shown(lay(tree(plain, *paragraphs[:2], marked("1"), *paragraphs[2:]), ["1"]))


def test_what_stands_on_every_page_stands_there_once_in_each_letter(plain: PdfRenderer) -> None:
    text = tree(plain, marked(["one"]), *[WHOLE] * 2, '<p style="position: fixed">all</p>', *[WHOLE] * 3)
    first = shown(lay(text, ["one"]))
    assert "all" in [text for _, text in first[2]]
    assert shown(lay(text, ["two"])) == shown(lay(text, ["three"])) == first
