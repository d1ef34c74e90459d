"""Lines set with font features leave nothing behind."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.desk import ROOT

GROWTH = """
import resource, sys
from pathlib import Path
from letters.formats.programs import use_fonts_of
from letters.render.pdf.plain import load
use_fonts_of(Path(sys.argv[1]))
weasyprint = load()
from weasyprint.text.line_break import Layout
page = weasyprint.HTML(string="<p style='font-variant-ligatures: none'>Words").render().pages[0]
style = next(box.style for box in page._page_box.descendants() if box.element_tag == "p")
def set_lines(number):
    for _ in range(number):
        line = Layout(style)
        line.set_text("Words")
        line.get_first_line()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = set_lines(2_000)
print(style["font_variant_ligatures"], set_lines(30_000) / before)
"""


@pytest.mark.slow
def test_a_process_that_sets_many_lines_does_not_grow() -> None:
    command = [sys.executable, "-c", GROWTH, str(ROOT / "templates" / "fonts")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    features, growth = done.stdout.split()
    assert features == "none"
    assert float(growth) < 1.03
