"""Finds what a style sheet does not show of a letter: its blocks, its notes, and the DRAFT mark.

A sample letter with one word in each block is laid out, and looked for on the page as it is drawn: a style sheet of
the office's own may lack the rules that a letter needs, or set white words on white paper.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from letters.compile.html import write_page
from letters.formats.deadline import TooSlowError, limited
from letters.formats.files import sha256_of_same
from letters.formats.pdf_text import PageText, PdfText
from letters.formats.pictures import is_blank
from letters.model.problems import CannotGoOn, Place, Problem
from letters.model.settings import Campaign, Status
from letters.render import RenderError
from letters.render.pdf.footnotes import count_notes
from letters.render.pdf.plain import PdfRenderer, warnings_as_errors
from letters.render.store import RecentCache

_MOST_SECONDS = 10
_DAY = datetime.date(2000, 1, 1)
"""The page is not kept."""
_DOTS, _POINTS = 100, 72
"""Of a picture, and of a PDF, per inch."""
_MARK = "draft"
_FENCE = re.compile(r"^:{3,}[ \t]*\{?\.?([a-z][\w-]*)", re.MULTILINE)
# Words that no letterhead has, each of letters that every font has.
_WORDS = ("alpha", "bravo", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet", "kilo", "lima", "mike")
_TEXT: Mapping[str, str] = {
    "paragraphs": "<p>{}</p>",
    "headings": "<h1>{}</h1>",
    "quotations": "<blockquote><p>{}</p></blockquote>",
    "lists": "<ul><li>{}</li></ul>",
    "tables": "<table><tr><th>x</th></tr><tr><td>{}</td></tr></table>",
    "notes": '<p>x<span class="note" data-number="1">{}</span></p>',
}
"""What may stand in the text of any letter."""
_HINT = 'copy the rules for it from the letterhead.css of the toolkit, which "letters init DIR" puts into a new folder'
_seen_before: RecentCache[tuple[object, ...], bool] = RecentCache(16)
"""What sample pages that show everything depend on: a process that loads campaigns again and again looks once."""


def unseen_parts(
    campaign: Campaign, roots: Mapping[str, Path], resources: Mapping[str, bytes], frame: str, shown: str
) -> list[Problem]:
    """Return a problem for each part of a letter that its style sheet does not show.

    `roots` are the folders "campaign" and "templates", `resources` the files that the PDF depends on, `frame` is the
    text of the letter's frame, and `shown` names the style sheet.
    """
    files = ((name, sha256_of_same(file)) for name, file in resources.items())
    key = (campaign.status, campaign.language, frame, *files)
    if _seen_before.get(key):
        return []
    problems = _problems(campaign, roots, frame, Place(shown))
    if not problems:
        _seen_before[key] = True
    return problems


def _problems(campaign: Campaign, roots: Mapping[str, Path], frame: str, place: Place) -> list[Problem]:
    try:
        with limited(_MOST_SECONDS):
            return [Problem(place, what, _HINT) for what in _unseen(campaign, roots, frame)]
    except RenderError as error:
        return [Problem(place, str(error))]
    # A file that cannot be read is no fault of the style sheet.
    except CannotGoOn:
        raise
    except TooSlowError:
        what = f"a letter takes more than {_MOST_SECONDS} seconds to lay out with it"
    except Exception:  # noqa: BLE001 - WeasyPrint meets styles that it was not made for in many ways
        what = "a letter cannot be laid out with it"
    return [Problem(place, what, "take back what was changed in it last")]


def _unseen(campaign: Campaign, roots: Mapping[str, Path], frame: str) -> Iterator[str]:
    blocks = {f'block "{name}"': f'<div class="{name}"><p>{{}}</p></div>' for name in _FENCE.findall(frame)}
    parts = {**blocks, **_TEXT}
    words = {name: f"{_WORDS[number % len(_WORDS)]}{number}" for number, name in enumerate(parts)}
    body = "".join(html.format(words[name]) for name, html in parts.items())
    renderer = PdfRenderer((), roots, _DAY)
    draft = _lay_out(renderer, replace(campaign, status=Status.DRAFT), body)
    if not count_notes(draft):
        yield "it does not set the notes of a letter at the foot of a page"
    with _drawn(renderer, draft) as pdf:
        pages = list(pdf.pages())
        pictures = [pdf.picture(number, _DOTS) for number in range(len(pages))]
        if unseen := [name for name, word in words.items() if not _is_seen(pdf, pages, pictures, word)]:
            yield f"it does not show these parts of a letter: {', '.join(unseen)}"
        is_marked = any(_MARK in page.text.casefold() for page in pages)
        if campaign.status is Status.DRAFT and is_marked and not _is_seen(pdf, pages, pictures, _MARK):
            yield "it does not show the DRAFT mark in a colour that can be seen"
    if campaign.status is Status.DRAFT and not is_marked:
        # The mark may have other words: whatever a final letter lacks.
        with _drawn(renderer, _lay_out(renderer, replace(campaign, status=Status.FINAL), body)) as final:
            if [page.text for page in final.pages()] == [page.text for page in pages]:
                yield "it does not show that a letter is a draft: there is no DRAFT mark on its pages"


def write_sample(campaign: Campaign, body: str, letterhead: str = "", style: str = "") -> str:
    """Return the page of a letter that is laid out to be looked at or measured, in the status of the campaign."""
    return write_page(
        body=body,
        title="x",
        author="",
        language=campaign.language,
        status=campaign.status.value,
        attributes='class="letter" data-name="x" data-date="x"',
        letterhead=letterhead,
        style=style,
    )


def _lay_out(renderer: PdfRenderer, campaign: Campaign, body: str) -> Any:
    with warnings_as_errors():
        return renderer.lay_out(write_sample(campaign, body))


def _drawn(renderer: PdfRenderer, document: Any) -> PdfText:
    return PdfText(renderer.join([document]).content)


def _is_seen(pdf: PdfText, pages: Sequence[PageText], pictures: Sequence[Any], word: str) -> bool:
    """Return whether a word is drawn on a page, of which there is a picture, in another colour than the paper's."""
    for number, (page, picture) in enumerate(zip(pages, pictures, strict=True)):
        start = page.text.casefold().find(word)
        box = pdf.box_of(number, start, start + len(word)) if start >= 0 else None
        if box:
            # A PDF has its origin at the lower left, a picture at the upper left (ISO 32000-2, 8.3.2).
            left, bottom, right, top = (value * _DOTS / _POINTS for value in box)
            around = (
                max(0, int(left)),
                max(0, int(picture.height - top)),
                min(picture.width, int(right) + 1),
                min(picture.height, int(picture.height - bottom) + 1),
            )
            is_on_page = around[0] < around[2] and around[1] < around[3]
            return is_on_page and not is_blank(picture.crop(around))
    return False
