"""Makes the pictures in docs/pictures/ from letters that are built: `python scripts/make_pictures.py`.

Each contact sheet shows every page of one letter of the pack, as it would be printed for one recipient. The first page
alone, at a size that can be read, is for the README. Others show one letter in several looks, and PDF beside Word. The
names in the letterhead are places to fill in, as long as names are. Nothing here is part of the toolkit; Pillow draws.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pypdfium2
from PIL import Image, ImageOps

from letters.campaign.load import load
from letters.campaign.looks import plan_looks, write_looks
from letters.formats.programs import to_pdf
from letters.render.pdf.plain import PdfRenderer
from letters.render.word.docxtpl_internals import DocxRenderer

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
# The places to fill in of the sample are shorter than any name, and make a letterhead look empty.
LONG_NAMES = {
    "[First organization]": "[The Name of the First Organization Here]",
    "[Second organization]": "[Second Organization, in Full]",
    "[Street]": "[1234 Street Name, Suite 567]",
    "[telephone]": "[(000) 000-0000]",
    "[website]": "[www.website.org]",
}
LOOKS_LETTER = ("guidance-letter", "berrien-county-sheriff")
LOOKS_SHOWN: tuple[dict[str, str], ...] = (
    {},
    {"letterhead": "centred", "letterhead_caps": "true", "letterhead_color": "blue", "fold_marks": "true"},
    {"letterhead": "stacked", "align": "justified", "size": "12pt", "measure": "6.1in"},
    {"paper": "A4", "margins": "1.15in 1in", "measure": "5.5in", "letterhead_rule": "0pt"},
)
DESK, EDGE, GAP = "#e9e7e2", "#b9b5ac", 14
PAGE_WIDTH, COLUMNS = 270, 5
"""Pixels, and pages in a row of a contact sheet."""
FIRST_PAGE_WIDTH = 900
LARGEST = 150_000
"""Bytes of a picture."""


def set_up(folder: Path) -> Path:
    """Copy the repository's campaign, with places for names that are as long as names are."""
    shutil.copytree(ROOT / "templates", folder / "templates")
    shutil.copy(ROOT / "recipients.csv", folder)
    text = (ROOT / "campaign.toml").read_text("utf-8")
    for short, long in LONG_NAMES.items():
        text = text.replace(short, long)
    (folder / "campaign.toml").write_text(text, "utf-8")
    return folder / "campaign.toml"


def make_letter(campaign: Path, name: str, recipient: str) -> tuple[bytes, bytes]:
    """Make one letter of a campaign, PDF and DOCX."""
    project, _ = load(campaign, name)
    assert project is not None, "letters check tells what is wrong"
    letter = next(each for each in project.letters if each.recipient.id == recipient)
    roots = {"campaign": project.folder, "templates": project.templates}
    renderer = PdfRenderer(project.template.parts, roots, project.campaign.date)
    made = renderer.render(letter.context, letter.notes)
    return made.content, DocxRenderer(project.template.word).render(letter.context, letter.notes, made.contents)


def looks_pictures(folder: Path) -> None:
    """Draw the first page of a letter in several looks, and two pages of it in both media."""
    drawn = []
    for number, given in enumerate(LOOKS_SHOWN):
        campaign = set_up(folder / f"looks-{number}")
        write_looks(plan_looks(campaign.parent / "templates", "templates", given))
        pdf, docx = make_letter(campaign, *LOOKS_LETTER)
        drawn.append(pages(pdf, PAGE_WIDTH)[0])
        if not given:
            both = [
                picture
                for pair in zip(
                    pages(pdf, 430)[1:2],
                    pages(to_pdf(docx, campaign.parent / "templates" / "fonts"), 430)[1:2],
                    strict=True,
                )
                for picture in pair
            ]
            save_small(contact_sheet(both), PICTURES / "looks-both.webp")
    save_small(
        contact_sheet([ImageOps.pad(page, drawn[0].size, color="white") for page in drawn]), PICTURES / "looks.webp"
    )


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
    with tempfile.TemporaryDirectory() as temporary:
        campaign = set_up(Path(temporary, "campaign"))
        for name, recipient in SHOWN.items():
            content, _ = make_letter(campaign, name, recipient)
            save_small(contact_sheet(pages(content, PAGE_WIDTH)), PICTURES / f"{name}.webp")
            if name == "guidance-letter":
                save_first_page(pages(content, FIRST_PAGE_WIDTH)[0], PICTURES / "first-page.png")
        looks_pictures(Path(temporary))


if __name__ == "__main__":
    main()
