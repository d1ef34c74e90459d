"""Lays out pages that nobody gets, before any letter: one that is looked at, and letterheads that are measured.

A sample letter with one word in each block tells what a style sheet does not show: blocks, notes, the DRAFT mark.
One of the office's own may lack the rules that a letter needs, or set white words on white paper.
"""

from __future__ import annotations

import datetime
import io
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from letters.compile.html import write_page
from letters.compile.letterhead import ABOVE_RULE, COLUMNS, ROWS, organization_texts, write_html
from letters.formats.deadline import TooSlowError, limited
from letters.formats.files import sha256_of_same
from letters.formats.pdf_text import PageText, PdfText, draw_page
from letters.formats.pictures import UNSEEN, is_blank
from letters.model.looks import LetterheadBlock, LetterheadFit, TypeSize
from letters.model.postal import Points
from letters.model.problems import CannotGoOn, Place, Problem
from letters.model.settings import Campaign, Paper, Status
from letters.read.toml import TomlFile
from letters.render import RenderError
from letters.render.pdf.footnotes import count_notes
from letters.render.pdf.plain import MeasuredBox, Measurer, PdfRenderer, render_page, warnings_as_errors
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
_LEAST_GAP: Points = 3
"""What is left between the letterhead and the date, and between delivery line and address, where it has grown most."""
_MOST_RISE: Points = 7
"""How much higher on the page the letterhead may begin: 0.4 inches from the edge, where every printer prints."""
_WHOLE: Points = 20_000
"""A column so wide that nothing in it is broken."""
# Word shows no SVG in versions before 2016, and prints the picture.
_DOTS_PER_INCH = 600
"""Of a picture for Word."""
USUAL_LOGO: Points = 36
"""How high a logo is where nothing else is said."""
_PAGE_WIDTH = {Paper.LETTER: "8.5in", Paper.A4: "210mm"}
_NATURAL = "height: 36pt; width: auto; max-width: none; max-height: none"
BELOW = '<div class="date"><p>x</p></div><div class="delivery"><p>x</p></div><div class="inside-address"><p>x</p></div>'
"""What stands below a letterhead that is measured."""
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


class TextExtent(NamedTuple):
    """How wide the texts of an organization are where they are not broken, and where they are at every word."""

    name: Points
    line: Points
    name_word: Points
    line_word: Points
    contact: Points
    """How wide telephone, e-mail address and website are in one line."""
    whole: Points
    """How wide address and contact are in one line."""
    shape: float
    """The width of the logo in heights; 0 where there is none."""


class LetterheadRoom(NamedTuple):
    """What the style sheet gives to the letterhead."""

    width: Points
    height: Points
    closer: Points
    """How much closer the date may stand."""
    lift: Points
    """How much closer the address may stand to the date."""
    address: Points
    """Where the address stands."""
    name: TypeSize
    line: TypeSize

    @property
    def most(self) -> Points:
        """How high it may become."""
        return self.height + self.closer + self.lift + _MOST_RISE


class SampleLetterhead:
    """Lays out letterheads of a campaign on a page of their own, and measures what the style sheet makes of them."""

    def __init__(self, campaign: Campaign, roots: Mapping[str, Path]) -> None:
        self._campaign = campaign
        self._measurer = Measurer(roots)

    def lay_out(self, letterhead: str, body: str = "", style: str = "") -> list[MeasuredBox]:
        """Return the boxes of letterheads, in the order of the text, with what stands below them."""
        size = f"@page {{ size: {_PAGE_WIDTH[self._campaign.paper]} 500in }}"
        page = write_sample(self._campaign, body, letterhead, f"{size}\n{style}")
        # The page is a template of Jinja, in which a brace of CSS is written out.
        boxes = self._measurer.measure(page.replace('{{ "{" }}', "{"))
        return [box for box in boxes if not {"letter", "trial", "draft", "final"} & {*box.classes}]

    def measure(self) -> tuple[LetterheadRoom, list[TextExtent]]:
        """Measure the room for the letterhead, and each text of it by itself."""
        usual = LetterheadFit(COLUMNS, tuple(LetterheadBlock(0, 0, 1, 0) for _ in self._campaign.organizations))
        parts = [
            write_html([each], LetterheadFit(arrangement, (LetterheadBlock(0, 0, width, 0),)))
            for each in self._campaign.organizations
            for arrangement, width in ((COLUMNS, _WHOLE), (COLUMNS, 1), (ROWS, _WHOLE))
        ]
        # Sizes that the style sheet allows for logos are not asked: only their shape is looked for.
        logos = [
            f'<img class="logo" style="{_NATURAL}" src="../campaign/{each.logo.as_posix()}" alt="">'
            for each in self._campaign.organizations
            if each.logo
        ]
        head, *boxes = self.lay_out(write_html(self._campaign.organizations, usual), BELOW + "".join([*parts, *logos]))
        date, delivery, address = (box_of(name, boxes) for name in ("date", "delivery", "inside-address"))
        apart = boxes[boxes.index(address) + 1 :]
        names = [box for box in apart if "letterhead-name" in box.classes]
        lines = [box for box in apart if "letterhead-line" in box.classes]
        shapes = [box.width / box.height for box in apart if "logo" in box.classes]
        room = LetterheadRoom(
            head.width,
            head.height,
            max(0.0, date.top - head.bottom - ABOVE_RULE - _LEAST_GAP),
            max(0.0, address.top - delivery.bottom - _LEAST_GAP),
            address.top,
            _type_of(names[0]),
            _type_of(lines[0]) if lines else _type_of(names[0]),
        )
        return room, list(self._extents_of(names, lines, shapes))

    def _extents_of(
        self, names: Sequence[MeasuredBox], lines: Sequence[MeasuredBox], shapes: Sequence[float]
    ) -> Iterator[TextExtent]:
        shape, line = iter(shapes), iter(lines)
        for number, each in enumerate(self._campaign.organizations):
            count = len(organization_texts(each, COLUMNS))
            wide, narrow = list(itertools.islice(line, count)), list(itertools.islice(line, count))
            whole = next(line).widest if count else 0
            has_contact = len(organization_texts(each, ROWS, apart=True)) > bool(any(each.address))
            yield TextExtent(
                names[3 * number].widest,
                max((box.widest for box in wide), default=0),
                names[3 * number + 1].widest,
                max((box.widest for box in narrow), default=0),
                wide[-1].widest if has_contact else 0,
                whole,
                next(shape) if each.logo else 0,
            )


def box_of(name: str, boxes: Sequence[MeasuredBox]) -> MeasuredBox:
    """Return the first box of a class of the style sheet."""
    return next(box for box in boxes if name in box.classes)


def _type_of(box: MeasuredBox) -> TypeSize:
    return TypeSize(round(box.size, 2), round(box.lines[0].bottom - box.lines[0].top, 2))


def undrawn_logos(campaign: Campaign, file: TomlFile, roots: Mapping[str, Path]) -> Iterator[Problem]:
    """Yield a problem for each SVG that cannot be drawn, or of which nothing is seen; each is drawn by itself."""
    for number, organization in enumerate(campaign.organizations):
        logo = organization.logo
        if logo is None or logo.suffix.lower() != ".svg":
            continue
        what, hint = UNSEEN
        try:
            with Image.open(io.BytesIO(draw_logo(roots, logo, USUAL_LOGO, USUAL_LOGO))) as drawn:
                if not is_blank(drawn):
                    continue
        except RenderError as error:
            what, hint = f"it cannot be drawn: {error}", "save it in a drawing program as a plain picture, or as PNG"
        place = file.place("organizations", number, "logo", field="logo")
        yield Problem(place, f'"{logo.as_posix()}" cannot be placed: {what}', hint)


def draw_logo(roots: Mapping[str, Path], logo: Path, width: Points, height: Points) -> bytes:
    """Draw an SVG as a picture."""
    page = (
        f"<style>@page {{ size: {width:.2f}pt {height:.2f}pt; margin: 0 }} body {{ margin: 0 }} "
        f"img {{ display: block; width: 100%; height: {height:.2f}pt; object-fit: contain }}</style>"
        '<title>x</title><img src="pictures/logo.svg" alt="x">'
    )
    content = (roots["campaign"] / logo).read_bytes()
    pdf = render_page(f'<html lang="en">{page}', roots["templates"], _DAY, {"logo.svg": content})
    return draw_page(pdf.content, 0, _DOTS_PER_INCH)
