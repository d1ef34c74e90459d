"""Draws the pictures for the pages on the post from the sample campaign: envelope, labels, windows, cover sheet.

Run it again when the sample letter, its looks or a product of templates/postal/ change:

    python scripts/make_mail_pictures.py
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pypdfium2
from PIL import Image, ImageOps
from typer.testing import CliRunner

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
PICTURES = ROOT / "docs" / "pictures"
RECIPIENTS = ("alcona-county-sheriff", "berrien-county-sheriff", "adrian-police", "taylor-police")
LETTER = "records-request"
"""A letter that is thin enough to be folded."""


def main() -> None:
    """Make a few letters in a temporary folder, and draw what goes around them."""
    with tempfile.TemporaryDirectory() as folder:
        run(folder, "build", "--no-docx", *(word for name in RECIPIENTS for word in ("--only", name)))
        run(folder, "mail", "envelopes", "--draft", "--style", "publication-28")
        run(folder, "mail", "labels", "--draft", "--product", "5160", "--start-at", "7")
        for window in ("house-10", "double-10"):
            # One of the windows hides a part of the address, which ends with 1: that is what its picture shows.
            run(folder, "mail", "check", "--window", window, fine=(0, 1))
        mail = Path(folder) / LETTER / "mail"
        draw(mail / "draft" / "envelopes-10.pdf", "envelope.png", dots=72)
        draw(mail / "draft" / "labels-5160.pdf", "labels.png", dots=60)
        draw(mail / "window-house-10.pdf", "window-fits.png", dots=72, inches=5.0)
        draw(mail / "window-double-10.pdf", "window-hides.png", dots=72, inches=5.0)
        run(folder, "mail", "prepare", "--draft")
        draw(mail / "draft" / "cover-sheet.pdf", "cover-sheet.png", dots=64)


def run(folder: str, *words: str, fine: tuple[int, ...] = (0,)) -> None:
    """Run a command on the sample campaign; some of its exit codes are fine."""
    # Here, behind the change of sys.path.
    from letters.cli import program

    done = CliRunner().invoke(program(), [*words, "--letter", LETTER, "--campaign", str(ROOT), "--out", folder])
    assert done.exit_code in fine, f"{' '.join(words)}: {done.exception}\n{done.output}"


def draw(pdf: Path, name: str, *, dots: int, inches: float = 0.0) -> None:
    """Draw the first page, or its upper part, with a thin frame."""
    document = pypdfium2.PdfDocument(pdf)
    page: Image.Image = document[0].render(scale=dots / 72).to_pil().convert("RGB")
    document.close()
    if inches:
        page = page.crop((0, 0, page.width, int(inches * dots)))
    framed = ImageOps.expand(page, 1, "#999")
    PICTURES.mkdir(parents=True, exist_ok=True)
    framed.quantize(64).save(PICTURES / name, optimize=True)


if __name__ == "__main__":
    main()
