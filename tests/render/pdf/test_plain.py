"""A PDF is accessible, and its pages break as a fine office's letters do."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pikepdf
import pytest

from letters.render import RenderError
from letters.render.pdf.plain import PdfRenderer, render_page
from tests.desk import ROOT, copied
from tests.reading import pdf_pages, pdf_words
from tests.sample import EACH_OF_DOZEN, Built, recipients


@pytest.fixture(scope="module", params=EACH_OF_DOZEN)
def identifier(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_it_says_that_it_is_accessible_and_what_it_is(dozen: Built, identifier: str) -> None:
    with pikepdf.open(io.BytesIO(dozen.content(identifier, "pdf"))) as pdf:
        metadata = pdf.open_metadata()
        assert metadata["pdfuaid:part"] == "1"
        assert recipients()[identifier]["agency"] in metadata["dc:title"]
        assert str(pdf.Root.Lang) == "en-US"
        assert bool(pdf.Root.MarkInfo.Marked)
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)


def test_its_headings_are_bookmarks_and_tags(dozen: Built, identifier: str) -> None:
    with pikepdf.open(io.BytesIO(dozen.content(identifier, "pdf"))) as pdf:
        with pdf.open_outline() as outline:
            titles = [str(item.title) for item in outline.root]
        tags = [str(item.S) for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and "/S" in item]
    assert len(titles) > 4
    words = pdf_words(dozen.content(identifier, "pdf"))
    assert [title for title in titles if title not in words] == []
    assert {"/Document", "/H1", "/P", "/L", "/LI"} <= set(tags)


def test_no_page_ends_with_a_heading(dozen: Built, identifier: str) -> None:
    pages = pdf_pages(dozen.content(identifier, "pdf"))
    with pikepdf.open(io.BytesIO(dozen.content(identifier, "pdf"))) as pdf, pdf.open_outline() as outline:
        titles = {str(item.title) for item in outline.root}
    last_lines = [[line.strip() for line in page.body.splitlines() if line.strip()][-1] for page in pages]
    assert not titles.intersection(last_lines)


def test_the_signatures_stand_with_their_closing_and_words_above_it(dozen: Built, identifier: str) -> None:
    (page,) = (page.body for page in pdf_pages(dozen.content(identifier, "pdf")) if "Sincerely," in page.body)
    before, after = page.split("Sincerely,")
    assert "[Name of first signer]" in after
    assert "[Name of second signer]" in after
    assert before.strip()


def test_continuation_pages_name_recipient_date_and_page(dozen: Built) -> None:
    with pikepdf.open(io.BytesIO(dozen.content("taylor-police", "pdf"))) as pdf:
        count = len(pdf.pages)
    heads = running_heads(dozen.content("taylor-police", "pdf"))
    assert len(heads) == count
    assert "Page" not in heads[0]
    assert re.search(r"Taylor Police Department.*September 17, 2025 · Page 2 of \d+", heads[1])


def running_heads(content: bytes) -> list[str]:
    """Read what stands above the text of each page."""
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    texts = [page.get_textpage().get_text_bounded(bottom=page.get_height() - 1.235 * 72) for page in document]
    document.close()
    return [" ".join(text.split()) for text in texts]


def test_all_that_is_drawn_is_an_artifact_or_stands_in_the_structure_tree(dozen: Built, identifier: str) -> None:
    with pikepdf.open(io.BytesIO(dozen.content(identifier, "pdf"))) as pdf:
        tree = pdf.Root.StructTreeRoot
        known = {element.objgen for element in elements(tree)}
        owners = [list(each) for each in tree.ParentTree.Nums[1::2] if isinstance(each, pikepdf.Array)]
        assert {owner.objgen for each in owners for owner in each} <= known
        for page, each in zip(pdf.pages, owners, strict=False):
            marked = re.findall(rb"/MCID (\d+)>>\s*BDC", page.Contents.read_bytes())
            assert [int(number) for number in marked] == list(range(len(each)))


def elements(parent: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """List the elements below an element of the structure tree, or below its root."""
    for child in parent.K if isinstance(parent.get("/K"), pikepdf.Array) else ():
        if isinstance(child, pikepdf.Dictionary) and "/S" in child:
            yield child
            yield from elements(child)


def test_the_dots_of_the_contents_are_not_read_aloud(dozen: Built) -> None:
    with pikepdf.open(io.BytesIO(dozen.content("taylor-police", "pdf"))) as pdf:
        roles = [str(element.S) for element in elements(pdf.Root.StructTreeRoot)]
        drawn = pdf.pages[0].Contents.read_bytes()
    # Each note has a link to it and one back.
    assert 5 < roles.count("/Link") - 2 * roles.count("/Note") < 40
    assert drawn.count(b"/Artifact") > 200


def test_what_is_half_transparent_has_its_place_in_the_structure_tree() -> None:
    style = "p { opacity: 0.5 } a::after { content: leader('.') } @page { @top-left { content: 'x'; opacity: 0.5 } }"
    body = '<p>See <a href="#end">the end</a></p><p id="end">End</p>'
    html = f'<html lang="en"><title>x</title><style>{style}</style>{body}'
    with pikepdf.open(io.BytesIO(render_page(html, ROOT / "templates", date(2026, 1, 5)).content)) as pdf:
        assert [str(element.S) for element in elements(pdf.Root.StructTreeRoot)].count("/P") == 2


@pytest.mark.parametrize("rule", ["@import 'paper.css'", "@IMPORT url(paper.css)", r"@\69mport 'paper.css'"])
def test_what_a_style_sheet_imports_is_that_of_its_own_campaign(tmp_path: Path, rule: str) -> None:
    widths = []
    for width in (300, 400):
        templates = tmp_path / str(width)
        shutil.copytree(ROOT / "templates/fonts", templates / "fonts", copy_function=copied)
        (templates / "letterhead.css").write_text(f"{rule}; p {{ margin: 0 }}", "utf-8")
        (templates / "paper.css").write_text(f"@page {{ size: {width}px }}", "utf-8")
        renderer = PdfRenderer((), {"campaign": tmp_path, "templates": templates}, date(2025, 9, 17))
        widths.append(renderer.read("<p>x").render(stylesheets=[renderer.style]).pages[0].width)
    assert widths == [300, 400]


def test_a_style_sheet_that_is_wrong_is_refused_each_time(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "templates/fonts", tmp_path / "fonts", copy_function=copied)
    (tmp_path / "letterhead.css").write_text("p { colour: red }", "utf-8")
    for _ in range(2):
        with pytest.raises(RenderError, match="colour: red"):
            PdfRenderer((), {"campaign": tmp_path, "templates": tmp_path}, date(2025, 9, 17))
