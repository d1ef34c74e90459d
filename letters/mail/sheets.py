"""Pages on which every line has its place to a hundredth of an inch: HTML for the renderer, without flow."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from letters.mail.addresses import Fit
from letters.mail.barcode import BARS, CLEAR_HEIGHT, WIDTH, draw
from letters.model.postal import Box, Inches

BARCODE_ROOM: Inches = CLEAR_HEIGHT + 0.02
"""What a barcode takes of the room for an address, above its first line."""
_STYLE = """
@page {{ size: {width:.4f}in {height:.4f}in; margin: 0 }}
html {{ font-family: "Charis SIL", "DejaVu Sans"; font-kerning: none; font-variant-ligatures: none; hyphens: manual }}
body {{ margin: 0 }}
h1, h2 {{ position: absolute; left: 0; top: 0; margin: 0; font-size: 1pt; line-height: 1pt; color: transparent }}
section {{ position: relative; width: {width:.4f}in; height: {height:.4f}in; overflow: hidden }}
section + section {{ break-before: page }}
p {{ position: absolute; margin: 0; white-space: nowrap }}
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
    text = "<br>".join(escape(line) for line in fit.lines)
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
