"""A plain WeasyPrint loop: fill the HTML, lay out letter and enclosure, write one tagged PDF, for each recipient."""

from __future__ import annotations

import sys
from pathlib import Path

from jinja2 import Environment

from benchmarks.loops.values import read_values
from letters.formats.jinja import capfirst, long_date
from letters.formats.programs import use_fonts_of
from letters.render.pdf.plain import VARIANT


def main(folder: Path, out: Path) -> None:
    """Make the letters of a desk."""
    templates = folder / "templates"
    use_fonts_of(templates / "fonts")
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    environment = Environment(autoescape=True)
    environment.filters |= {"long_date": long_date, "capfirst": capfirst}
    values = read_values(folder)
    pages = [environment.from_string((folder / f"part{n}.html").read_text("utf-8")) for n in range(values["parts"])]
    fonts = FontConfiguration()
    style = CSS(templates / "letterhead.css", font_config=fonts)
    for letter in values["letters"]:
        documents = [
            HTML(string=page.render({**letter, "note": notes}), base_url=f"{templates}/").render(
                stylesheets=[style], font_config=fonts, pdf_variant=VARIANT
            )
            for page, notes in zip(pages, letter["notes"], strict=True)
        ]
        first = documents[0]
        for document in documents[1:]:
            first.fonts.update(document.fonts)
        all_pages = [page for document in documents for page in document.pages]
        first.copy(all_pages).write_pdf(out / f"{letter['id']}.pdf", pdf_variant=VARIANT)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
