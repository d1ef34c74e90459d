"""Sets what goes around the letters: pages on which every line has its place to a hundredth of an inch.

They are written as HTML without flow, and set as PDF a batch at a time: memory stays flat, and the time for a page the
same.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from html import escape
from typing import TypeVar

from letters.campaign.load import Project
from letters.mail.addresses import Fit
from letters.mail.assemble import Assembler, PrintFileInfo, PrintSide
from letters.mail.barcode import BARS, CLEAR_HEIGHT, WIDTH, draw
from letters.model.postal import Box, Inches

_Thing = TypeVar("_Thing")
PAGES, SHEETS = 100, 10
"""Envelopes, and sheets of labels, in a batch: WeasyPrint takes more than twice as long for twice as many."""


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


BARCODE_ROOM: Inches = CLEAR_HEIGHT + 0.02
"""What a barcode takes of the room for an address, above its first line."""
_STYLE = """
@page {{ size: {width:.4f}in {height:.4f}in; margin: 0 }}
html {{ font-family: "Charis SIL", "DejaVu Sans"; font-kerning: none; font-variant-ligatures: none; hyphens: manual }}
body {{ margin: 0 }}
h1, h2 {{ position: absolute; left: 0; top: 0; margin: 0; font-size: 1pt; line-height: 1pt; color: transparent }}
section {{ position: relative; width: {width:.4f}in; height: {height:.4f}in; overflow: hidden }}
section + section {{ break-before: page }}
p {{ position: absolute; margin: 0; white-space: pre; width: 20in }}
svg {{ position: absolute }}
"""


def write_sheets(sheets: Iterable[str], width: Inches, height: Inches, title: str, language: str) -> str:
    """Write a whole HTML page of sheets of one size."""
    style = _STYLE.format(width=width, height=height)
    body = "".join(f"<section>\n{sheet}</section>\n" for sheet in sheets)
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}'
        f"</title>\n<style>{style}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )


def write_block(fit: Fit, left: Inches, top: Inches) -> str:
    """Write the lines of an address one under the other, the first beginning at a point."""
    # A width that is given, and lines without <br>: WeasyPrint sets such a page in little more than half the time.
    text = "\n".join(escape(line) for line in fit.lines)
    place = f"left:{left:.4f}in;top:{top:.4f}in;font-size:{fit.size:g}pt;line-height:{fit.leading:g}pt"
    return f'<p style="{place}">{text}</p>\n'


def write_barcode(letters: str, left: Inches, top: Inches) -> str:
    """Write an Intelligent Mail barcode with its upper left corner at a point."""
    assert len(letters) == BARS
    drawn = draw(letters).replace("<svg ", f'<svg style="left:{left:.4f}in;top:{top:.4f}in" ', 1)
    return drawn + "\n"


def room_under_barcode(room: Box) -> Box | None:
    """Return what is left of the room for an address under a barcode; None where the barcode is too wide for it."""
    if room.width < WIDTH:
        return None
    return Box(room.left, room.top + BARCODE_ROOM, room.right, room.bottom)
