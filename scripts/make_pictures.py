"""Makes the pictures in docs/pictures/ from letters that are built: `python scripts/make_pictures.py`.

Each contact sheet shows every page of one letter of the pack, as it would be printed for one recipient. The first page
alone, at a size that can be read, is for the README. Nothing here is part of the toolkit; Pillow draws the sheets.
"""

from __future__ import annotations

from pathlib import Path

import pypdfium2
from PIL import Image, ImageOps

from letters.campaign.load import load
from letters.render.pdf.plain import PdfRenderer

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures"
SHOWN = {
    "guidance-letter": "berrien-county-sheriff",
    "agreement-follow-up": "taylor-police",
    "records-request": "alcona-county-sheriff",
    "thank-you": "east-lansing-police",
    "county-board": "berrien-springs-oronoko-township-police",
    "press-release": "taylor-police",
}
"""The letters of the pack, each with the recipient whose letter is shown."""
DESK, EDGE, GAP = "#e9e7e2", "#b9b5ac", 14
PAGE_WIDTH, COLUMNS = 270, 5
"""Pixels, and pages in a row of a contact sheet."""
FIRST_PAGE_WIDTH = 900
LARGEST = 150_000
"""Bytes of a picture."""


def letter_as_pdf(name: str, recipient: str) -> bytes:
    """Make the PDF of one letter of the repository's campaign."""
    project, _ = load(ROOT / "campaign.toml", name)
    assert project is not None, "letters check tells what is wrong"
    letter = next(each for each in project.letters if each.recipient.id == recipient)
    roots = {"campaign": project.folder, "templates": project.templates}
    renderer = PdfRenderer(project.template.parts, roots, project.campaign.date)
    return renderer.render(letter.context, letter.notes).content


def pages(content: bytes, width: int) -> list[Image.Image]:
    """Draw the pages of a PDF, twice as large as wanted and then reduced, so that small type stays legible."""
    document = pypdfium2.PdfDocument(content)
    drawn = []
    for page in document:
        large = page.render(scale=2 * width / page.get_width()).to_pil().convert("RGB")
        drawn.append(large.resize((width, round(large.height * width / large.width)), Image.Resampling.LANCZOS))
    document.close()
    return drawn


def contact_sheet(drawn: list[Image.Image]) -> Image.Image:
    """Lay pages out on a desk, row by row."""
    framed = [ImageOps.expand(page, border=1, fill=EDGE) for page in drawn]
    width, height = framed[0].size
    columns = min(COLUMNS, len(framed))
    rows = -(-len(framed) // columns)
    sheet = Image.new("RGB", (columns * (width + GAP) + GAP, rows * (height + GAP) + GAP), DESK)
    for number, page in enumerate(framed):
        row, column = divmod(number, columns)
        sheet.paste(page, (GAP + column * (width + GAP), GAP + row * (height + GAP)))
    return sheet


def save_small(picture: Image.Image, path: Path) -> None:
    """Save a WebP in the best quality that is small enough for a README."""
    for quality in range(80, 20, -5):
        picture.save(path, quality=quality, method=6)
        if path.stat().st_size < LARGEST:
            return
    raise SystemExit(f"{path.name} is larger than {LARGEST:,} bytes; make PAGE_WIDTH smaller")


def save_first_page(picture: Image.Image, path: Path) -> None:
    """Save a PNG of few colors, which is small and stays crisp."""
    picture.quantize(32, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(path, optimize=True)
    if path.stat().st_size >= LARGEST:
        raise SystemExit(f"{path.name} is larger than {LARGEST:,} bytes; make FIRST_PAGE_WIDTH smaller")


def main() -> None:
    """Write every picture."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name, recipient in SHOWN.items():
        content = letter_as_pdf(name, recipient)
        save_small(contact_sheet(pages(content, PAGE_WIDTH)), PICTURES / f"{name}.webp")
        if name == "guidance-letter":
            save_first_page(pages(content, FIRST_PAGE_WIDTH)[0], PICTURES / "first-page.png")


if __name__ == "__main__":
    main()
