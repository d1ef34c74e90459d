"""A list of Markdown begins with the number that was typed, in both media."""

from __future__ import annotations

import pypdfium2
import pytest

from letters.formats.docx.numbering import Numbering
from letters.formats.ooxml import parse, read_package
from tests.conftest import MakeDesk


@pytest.mark.parametrize(
    ("first", "labels"),
    [("3.", ["3.", "4."]), ("(c)", ["(c)", "(d)"]), ("iv)", ["iv)", "v)"]), ("1.", ["1.", "2."])],
)
def test_lists_begin_with_the_number_that_was_typed(make_desk: MakeDesk, first: str, labels: list[str]) -> None:
    desk = make_desk()
    letter = f"---\ntitle: Numbers\n---\nBefore.\n\n{first} Alpha\n{labels[1]} Beta\n\nAfter.\n"
    (desk.folder / "templates/numbers.md").write_text(letter, "utf-8")
    desk.run("build", "--letter", "numbers", "--only", "berrien-county-sheriff")
    parts = read_package((desk.folder / "out/numbers/docx/berrien-county-sheriff.docx").read_bytes())
    found = Numbering(parts).labels(parse(parts["word/document.xml"]))
    assert [label.text for label in found.values()] == labels
    page = pypdfium2.PdfDocument(desk.folder / "out/numbers/pdf/berrien-county-sheriff.pdf")[0]
    said = " ".join(page.get_textpage().get_text_range().split())
    # The markers are drawn after the text of the page.
    assert "Alpha Beta" in said
    assert f"{labels[0]} {labels[1]}" in said
