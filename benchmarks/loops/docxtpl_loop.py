"""A plain docxtpl loop: open the template, render, save, for each recipient."""

from __future__ import annotations

import sys
from pathlib import Path

from docxtpl import DocxTemplate
from jinja2 import Environment

from benchmarks.loops.values import read_values
from letters.formats.jinja import capfirst, long_date


def main(folder: Path, out: Path) -> None:
    """Make the letters of a desk."""
    environment = Environment(autoescape=True)
    environment.filters |= {"long_date": long_date, "capfirst": capfirst}
    for letter in read_values(folder)["letters"]:
        document = DocxTemplate(folder / "template.docx")
        document.render(letter, environment, autoescape=True)
        document.save(out / f"{letter['id']}.docx")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
