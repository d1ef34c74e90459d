"""A Typst loop with one compiler that lives as long as the loop: only the values change from letter to letter."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import typst

from benchmarks.loops.values import read_values
from benchmarks.typst_letter import VALUES_NAME
from letters.formats import jinja


def main(folder: Path, out: Path) -> None:
    """Make the letters of a desk from the Typst letter that lies there."""
    compiler = typst.Compiler(
        folder / "letter.typ", root=folder, font_paths=[folder / "templates" / "fonts"], ignore_system_fonts=True
    )
    environment = jinja.environment()
    expressions = json.loads((folder / VALUES_NAME).read_text("utf-8"))
    compiled = [environment.compile_expression(expression) for expression in expressions]
    for letter in read_values(folder)["letters"]:
        values = [expression(**letter) for expression in compiled]
        compiler.compile(
            output=out / f"{letter['id']}.pdf",
            format="pdf",
            sys_inputs={"values": json.dumps(values), "recipient": json.dumps(letter["recipient"])},
            pdf_standards="ua-1",
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
