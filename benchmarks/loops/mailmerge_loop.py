"""A docx-mailmerge2 loop: the fields of one letter, filled as Word's mail merge would; it has no conditions."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from mailmerge import MailMerge

from benchmarks.loops.values import read_values
from letters.formats import jinja


def main(folder: Path, out: Path) -> None:
    """Make the letters of a desk from the mail-merge document that lies there."""
    environment = jinja.environment()
    expressions = json.loads((folder / "fields.json").read_text("utf-8"))
    compiled = {name: environment.compile_expression(expression) for name, expression in expressions.items()}
    for letter in read_values(folder)["letters"]:
        with MailMerge(folder / "mailmerge.docx") as document:
            document.merge(**{name: str(expression(**letter)) for name, expression in compiled.items()})
            document.write(out / f"{letter['id']}.docx")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
