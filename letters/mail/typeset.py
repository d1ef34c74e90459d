"""Sets what goes around the letters: envelopes, labels and cover sheets, every line to a hundredth of an inch.

Pages are written as HTML without flow, and set as PDF a batch at a time: memory stays flat, and the time for a page the
same.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import TypeVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from letters.campaign.load import Project
from letters.mail.addresses import Addressee, Fit, Ruler, fit, too_large
from letters.mail.assemble import Assembler, PrintFileInfo, PrintSide
from letters.mail.barcode import BARS, CLEAR_HEIGHT, MARGIN, WIDTH, draw
from letters.mail.pieces import label
from letters.mail.products import room_of
from letters.mail.windows import address_view, look_through
from letters.model.postal import Box, Envelope, Inches, LabelSheet, WindowProfile
from letters.model.problems import Place, Problem, many

_Thing = TypeVar("_Thing")
PAGES = Path(__file__).parent / "pages"
MOST_PAGES, MOST_SHEETS = 100, 10
"""Envelopes, and sheets of labels, in a batch: WeasyPrint takes more than twice as long for twice as many."""
_BARCODE_ROOM: Inches = CLEAR_HEIGHT + 0.02
"""What a barcode takes of the room for an address, above its first line."""
# Without kerning and ligatures, as `Ruler` measures lines.
_STYLE = """
@page {{ size: {width:.4f}in {height:.4f}in; margin: 0 }}
html {{ font-family: "Charis SIL", "DejaVu Sans"; font-kerning: none; font-variant-ligatures: none; hyphens: manual }}
body {{ margin: 0 }}
section {{ position: relative; width: {width:.4f}in; height: {height:.4f}in; overflow: hidden }}
section + section {{ break-before: page }}
p {{ position: absolute; margin: 0; white-space: pre; width: 20in }}
svg {{ position: absolute }}
"""
# Points, the largest and the smallest, and inches.
_RETURN_SIZES = (10.0, 6.5)
_RETURN_HEIGHT = 1.1
_COVER_SIZES = (11.0, 8.0)
_COVER_SENDER_SIZES = (9.0, 6.5)
_COVER_MARGIN = 0.03
"""Inches that the ink of a line may reach beyond its own height, accents for instance."""


@functools.cache
def pages_in(folder: Path) -> Environment:
    """Return the templates of the pages in a folder; in these every value is text, whatever it looks like."""
    pages = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters["number"] = "{:,}".format
    pages.filters["many"] = many
    pages.filters["label"] = label
    return pages


def batches(things: Sequence[_Thing], first: int, others: int) -> Iterator[Sequence[_Thing]]:
    """Split things into a first batch of one size and others of another; there is always one, maybe empty."""
    yield things[:first]
    for start in range(first, len(things), others):
        yield things[start : start + others]


def set_pages(project: Project, pages: Sequence[str], title: str) -> bytes:
    """Set batches of HTML as one tagged PDF, each with a bookmark, that printers are asked not to scale."""
    import pikepdf

    from letters.render.pdf.plain import render_page

    out = io.BytesIO()
    assembler = Assembler(out, replace(about_print_files(project, duplex=False), title=title))
    for batch, html in enumerate(pages, start=1):
        content = render_page(html, project.templates, project.campaign.date).content
        with pikepdf.open(io.BytesIO(content)) as pdf:
            sides = [PrintSide(str(assembler.sides + number + 1), number) for number in range(len(pdf.pages))]
            assembler.add(pdf, sides, f"{title}, from page {assembler.sides + 1}", f"{batch}.")
    assembler.finish()
    return out.getvalue()


def about_print_files(project: Project, *, duplex: bool) -> PrintFileInfo:
    """Return the metadata of the print files of a campaign."""
    campaign = project.campaign
    return PrintFileInfo(
        title=project.template.parts[0].title,
        author="; ".join(organization.name for organization in campaign.organizations),
        language=campaign.language,
        moment=f"{campaign.date.isoformat()}T00:00:00Z",
        duplex=duplex,
    )


def write_sheets(sheets: Iterable[str], width: Inches, height: Inches, title: str, language: str) -> str:
    """Write a whole HTML page of sheets of one size."""
    style = _STYLE.format(width=width, height=height)
    body = "".join(f"<section>\n{sheet}</section>\n" for sheet in sheets)
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}'
        f"</title>\n<style>{style}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )


def _write_block(fit: Fit, left: Inches, top: Inches) -> str:
    """Write the lines of an address one under the other, the first beginning at a point."""
    # A width that is given, and lines without <br>: WeasyPrint sets such a page in little more than half the time.
    text = "\n".join(escape(line) for line in fit.lines)
    place = f"left:{left:.4f}in;top:{top:.4f}in;font-size:{fit.size:g}pt;line-height:{fit.leading:g}pt"
    return f'<p style="{place}">{text}</p>\n'


def _write_barcode(letters: str, left: Inches, top: Inches) -> str:
    """Write an Intelligent Mail barcode with its upper left corner at a point."""
    assert len(letters) == BARS
    drawn = draw(letters).replace("<svg ", f'<svg style="left:{left:.4f}in;top:{top:.4f}in" ', 1)
    return drawn + "\n"


def _room_under_barcode(room: Box) -> Box | None:
    """Return what is left of the room for an address under a barcode; None where the barcode is too wide for it."""
    if room.width < WIDTH:
        return None
    return Box(room.left, room.top + _BARCODE_ROOM, room.right, room.bottom)


def write_envelopes(
    addressees: Sequence[Addressee],
    envelope: Envelope,
    sender: Sequence[str],
    ruler: Ruler,
    language: str,
) -> tuple[str, list[Problem]]:
    """Write the envelopes as one HTML page, and tell which addresses do not fit; these have no envelope."""
    corner = Box(
        envelope.return_left,
        envelope.return_top,
        envelope.return_left + envelope.return_width,
        envelope.return_top + _RETURN_HEIGHT,
    )
    return_block = fit(sender, corner, _RETURN_SIZES, ruler)
    problems = []
    if return_block is None:
        what = f"the return address does not fit on an envelope {envelope.name}"
        place = Place("campaign.toml", field="organizations")
        problems.append(Problem(place, what, "shorten the name or the address of the organization"))
    # The addresses are looked at all the same: all problems are told at once.
    before = _write_block(return_block, corner.left, corner.top) if return_block else ""
    sizes, name = (envelope.size, envelope.smallest), f"an envelope {envelope.name}"
    pages = []
    for addressee in addressees:
        page = _write_address(addressee, envelope.room, sizes, ruler, name)
        if isinstance(page, Problem):
            problems.append(page)
        else:
            pages.append(before + page)
    html = write_sheets(pages, envelope.width, envelope.height, f"Envelopes {envelope.name}", language)
    return html, problems


def _write_address(
    addressee: Addressee, whole: Box, sizes: tuple[float, float], ruler: Ruler, product: str, *, centred: bool = False
) -> str | Problem:
    """Write an address into the room for it, under its barcode where it has one; a problem where it does not fit.

    It begins at the top of the room, or is centred in its height.
    """
    room = _room_under_barcode(whole) if addressee.barcode else whole
    assert room is not None, barcode_fault(whole, product)
    set_in = fit(addressee.lines, room, sizes, ruler)
    if set_in is None:
        return too_large(addressee, room, sizes[1], ruler, product)
    top = room.top + (room.height - set_in.height / 72) / 2 if centred else room.top
    bars = _write_barcode(addressee.barcode, room.left, top - _BARCODE_ROOM + MARGIN) if addressee.barcode else ""
    return bars + _write_block(set_in, room.left, top)


def barcode_fault(room: Box, product: str) -> str:
    """Return that a barcode is wider than the room for it; empty where it is not."""
    if _room_under_barcode(room):
        return ""
    return f"the barcode is {WIDTH:.2f} in. wide; {product} has room for {room.width:.2f} in."


def write_labels(
    addressees: Sequence[Addressee], product: LabelSheet, ruler: Ruler, language: str, *, start_at: int = 1
) -> tuple[str, list[Problem]]:
    """Write labels as one HTML page, beginning with a label of the first sheet that is counted from 1.

    The problems tell which addresses do not fit; these have no label.
    """
    sizes, name = (product.size, product.smallest), f"label {product.name}"
    # Labels that are used up are free places before the first one.
    labels = [""] * (start_at - 1)
    problems: list[Problem] = []
    for addressee in addressees:
        room = room_of(product.box(len(labels) % product.count), product.padding)
        label = _write_address(addressee, room, sizes, ruler, name, centred=True)
        if isinstance(label, Problem):
            problems.append(label)
        else:
            labels.append(label)
    starts = range(0, max(1, len(labels)), product.count)
    pages = ["".join(labels[start : start + product.count]) for start in starts]
    html = write_sheets(pages, product.page_width, product.page_height, f"Labels {product.name}", language)
    return html, problems


def write_covers(
    addressees: Sequence[Addressee], profile: WindowProfile, sender: Sequence[str], ruler: Ruler, language: str
) -> tuple[str, list[Problem]]:
    """Write a cover sheet for each piece as one HTML page, and tell which addresses no window would show whole."""
    room = _inner(address_view(profile).always)
    corner = _sender_block(profile, sender, ruler)
    pages, problems = [], []
    for addressee in addressees:
        page = _write_address(addressee, room, _COVER_SIZES, ruler, f"the window {profile.name} on a cover sheet")
        if isinstance(page, Problem):
            problems.append(page)
        else:
            pages.append(corner + page)
    title = f"Cover sheets for the window {profile.name}"
    return write_sheets(pages, profile.page_width, profile.page_height, title, language), problems


def wrapped(addressee: Addressee, profile: WindowProfile, ruler: Ruler) -> Addressee:
    """Return an addressee with the lines of the address as they stand on the cover sheet."""
    set_in = fit(addressee.lines, _inner(address_view(profile).always), _COVER_SIZES, ruler)
    return replace(addressee, lines=set_in.lines) if set_in else addressee


def _sender_block(profile: WindowProfile, sender: Sequence[str], ruler: Ruler) -> str:
    """Write the return address into its window; nothing where the envelope has none or it does not fit."""
    if profile.sender is None:
        return ""
    room = _inner(look_through(profile.sender, profile).always)
    set_in: Fit | None = fit(sender, room, _COVER_SENDER_SIZES, ruler)
    return _write_block(set_in, room.left, room.top) if set_in else ""


def _inner(box: Box) -> Box:
    return Box(box.left + _COVER_MARGIN, box.top + _COVER_MARGIN, box.right - _COVER_MARGIN, box.bottom - _COVER_MARGIN)
