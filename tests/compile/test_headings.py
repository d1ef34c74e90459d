"""Headings have three looks in both media."""

from __future__ import annotations

from letters.campaign.load import load
from letters.formats.ooxml import parse, read_package, w
from tests.conftest import MakeDesk


def test_headings_below_the_third_level_have_its_looks_in_both_media(make_desk: MakeDesk) -> None:
    desk = make_desk(letter="# One\n\nText.\n\n#### Of {{ recipient.agency }}\n\nText.\n\n##### Five\n\nText.\n")
    project, _ = load(desk.folder / "campaign.toml")
    assert project
    page = project.template.parts[0].html
    assert "<h3>Of {{ recipient.agency }}</h3>" in page
    assert "<h3>Five</h3>" in page
    body = parse(read_package(project.template.word)["word/document.xml"])
    styles = [str(style.get(w("val"))) for style in body.iter(w("pStyle"))]
    assert [style for style in styles if style.startswith("Heading")] == ["Heading1", "Heading3", "Heading3"]
