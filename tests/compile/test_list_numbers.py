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


ITEMS = """
1. {% if recipient.email %}Alpha{% endif %}
2. Beta
3. {% if recipient.county %}Gamma{% endif %}

   {% if recipient.county %}Delta{% endif %}
4. *{% if recipient.email %}Epsilon{% endif %}*
5. Zeta
"""


def test_items_that_are_a_condition_leave_no_number_behind_in_either_medium(make_desk: MakeDesk) -> None:
    desk = make_desk()
    (desk.folder / "templates/numbers.md").write_text(f"---\ntitle: Numbers\n---\n{ITEMS}", "utf-8")
    desk.run("build", "--letter", "numbers", "--only", "berrien-county-sheriff")
    parts = read_package((desk.folder / "out/numbers/docx/berrien-county-sheriff.docx").read_bytes())
    found = Numbering(parts).labels(parse(parts["word/document.xml"]))
    said = [("".join(paragraph.itertext()), label.text) for paragraph, label in found.items()]
    assert [each for each in said if each[0] != "Delta"] == [("Beta", "1."), ("Gamma", "2."), ("Zeta", "3.")]
    page = pypdfium2.PdfDocument(desk.folder / "out/numbers/pdf/berrien-county-sheriff.pdf")[0]
    words = " ".join(page.get_textpage().get_text_range().split())
    assert "Beta Gamma Delta Zeta" in words
    assert "1. 2. 3." in words
    assert "4." not in words
