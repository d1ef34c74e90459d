"""One page is laid out no further than itself, and is the page that the whole letter has."""

from __future__ import annotations

import pytest

from letters.campaign.load import load
from letters.desk.pictures import picture_of
from letters.formats.pdf_text import named_pages
from letters.render import RenderError
from letters.render.pdf.one_page import LastLayout, OnePageRenderer
from letters.render.pdf.plain import HEADING, PdfRenderer
from letters.render.pdf.weasyprint_internals import current
from tests.conftest import MakeDesk
from tests.desk import LETTER

BODY, MARK, NOTES = LETTER.partition("[^one]:")
LONG = (
    f"---\ncontents: true\n---\n{BODY}"
    + "".join(f"\n\n# Heading {n}\n\n" + "Many words of the letter. " * 90 for n in range(1, 7))
    + f"\n\n{MARK}{NOTES}"
)


def test_each_page_is_that_of_the_whole_letter_and_nothing_stays_replaced(make_desk: MakeDesk) -> None:
    desk = make_desk(letter=LONG)
    project, _ = load(desk.folder / "campaign.toml")
    assert project
    renderer = PdfRenderer(
        project.template.parts, {"campaign": project.folder, "templates": project.templates}, project.campaign.date
    )
    letter, before = project.letters[0], (current("remake_page"), current("make_margin_boxes"))
    whole = renderer.render(letter.context, letter.notes)
    assert whole.pages > 2
    headings = {int(name.removeprefix(HEADING)): page for name, page in named_pages(whole.content).items()}
    last = LastLayout(whole.pages, headings)
    one = OnePageRenderer(renderer, project.templates)
    part, notes = project.template.parts[0], letter.notes[0]
    for number in range(1, whole.pages + 1):
        content = one.draw(part, letter.context, notes, number, last)
        assert content
        assert picture_of(content, 1) == picture_of(whole.content, number), number
    assert one.draw(part, letter.context, notes, whole.pages + 1, last) is None
    with pytest.raises(RenderError):
        one.draw(part._replace(html='<p style="no-such-property: 1">x</p>'), letter.context, notes, 1, last)
    assert (current("remake_page"), current("make_margin_boxes")) == before
    assert one.fits(project.templates)


def test_where_links_lead_is_read_from_the_pdf(make_desk: MakeDesk) -> None:
    desk = make_desk(letter=LONG)
    desk.run("build", "--no-docx")
    pages = named_pages(desk.out("pdf/adrian-police.pdf").read_bytes())
    assert [pages[f"{HEADING}{n}"] for n in (1, 6)] == [1, max(pages.values())]
