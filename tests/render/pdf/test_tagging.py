"""The tags of a PDF are those that ISO 14289-1 wants: notes are notes, contents are contents, links are in Link."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from letters.campaign.load import load
from letters.formats.pdf_ua import failures
from letters.render.pdf.batch import BatchPdfRenderer
from letters.render.pdf.plain import PdfRenderer
from letters.render.proof import pdf_differences
from tests.desk import set_up

LETTER = """---
title: Guidance
contents: true
---

# The first part

We write to the {{ recipient.agency }}, of {{ recipient.city }}.[^one] See [the list](https://example.org/list) or
<https://example.org>, and write to <office@example.org>.

1. An item.

   Its second paragraph.[^two]

   * A list in it,
   * of two.

2. Another.

## A heading with a note[^three]

| Agency | Year |
|--------|------|
| All    | 2025 |

# The second part

Two notes in one line.[^four] Here.[^five]

[^one]: Sent to {{ recipient.agency }}, {{ recipient.address1 }}.
[^two]: The second.

    It has two paragraphs.
[^three]: The third.
[^four]: The fourth.
[^five]: The fifth.
"""


@pytest.fixture(scope="module", params=["plain", "batch"])
def letter(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return pikepdf.open(io.BytesIO(letters(request.param, tmp_path_factory.mktemp("tags"))[0]))


def letters(way: str, folder: Path) -> list[bytes]:
    desk = set_up(folder=folder / "campaign", letter=LETTER).folder
    project, problems = load(desk / "campaign.toml")
    assert project is not None, problems
    roots = {"campaign": project.folder, "templates": project.templates}
    parts, date = project.template.parts, project.campaign.date
    renderer = PdfRenderer(parts, roots, date) if way == "plain" else BatchPdfRenderer(parts, roots, date, strict=True)
    rendered = [renderer.render(each.context, each.notes) for each in project.letters]
    assert [pdf.fallback for pdf in rendered] == [""] * len(rendered)
    return [pdf.content for pdf in rendered]


def elements(parent: Any) -> Iterator[Any]:
    kids = parent.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from elements(kid)


def having(pdf: Any, role: str) -> list[Any]:
    return [each for each in elements(pdf.Root.StructTreeRoot) if role == each.S]


def pages_of(element: Any) -> set[Any]:
    """Return the pages on which an element, or one below it, has content."""
    kids = element.K if isinstance(element.K, pikepdf.Array) else [element.K]
    own = {element.Pg.objgen for kid in kids if isinstance(kid, int)}
    own |= {kid.Pg.objgen for kid in kids if not isinstance(kid, int) and kid.get("/Type") == "/MCR"}
    return own.union(*(pages_of(kid) for kid in kids if not isinstance(kid, int) and "/S" in kid))


def test_no_machine_check_fails(letter: Any) -> None:
    out = io.BytesIO()
    letter.save(out)
    assert failures(out.getvalue()) == []
    assert b"pdfuaid:part" in letter.Root.Metadata.read_bytes()


def test_no_element_says_only_that_there_is_content(letter: Any) -> None:
    wrappers = having(letter, "/Span") + having(letter, "/NonStruct")
    assert [str(each.P.S) for each in wrappers] == ["/Document"]  # the letterhead, which holds blocks
    assert all(len(each.K) for each in wrappers)


def test_the_file_has_no_element_that_is_not_in_the_tree(letter: Any) -> None:
    found = {each.objgen for each in elements(letter.Root.StructTreeRoot)}
    there = [each for each in letter.objects if isinstance(each, pikepdf.Dictionary) and "/S" in each and "/P" in each]
    assert {each.objgen for each in there if each.get("/Type") == "/StructElem"} == found


def test_each_note_has_an_id_that_the_tree_of_ids_leads_to(letter: Any) -> None:
    notes = having(letter, "/Note")
    names = pikepdf.NameTree(letter.Root.StructTreeRoot.IDTree)
    assert [names[str(note.ID)].objgen for note in notes] == [note.objgen for note in notes]
    assert len(notes) == 5


def test_a_note_stands_behind_the_words_that_call_it_and_not_in_a_heading(letter: Any) -> None:
    around = [str(note.P.S) for note in having(letter, "/Note")]
    assert around == ["/P", "/P", "/Part", "/P", "/P"]


def test_a_call_leads_to_its_note_and_the_note_back_to_it(letter: Any) -> None:
    said = [str(each.Contents) for page in letter.pages for each in page.obj.get("/Annots", [])]
    for number in range(1, 6):
        assert said.count(f"To note {number}") == said.count(f"Back to note {number} in the text") == 1
    assert len(having(letter, "/Reference")) == 5 + 2  # and the entries of the contents


def test_links_say_where_they_lead_in_words(letter: Any) -> None:
    said = [str(each.Contents) for page in letter.pages for each in page.obj.get("/Annots", [])]
    assert "The first part" in said
    assert "the list: https://example.org/list" in said
    assert "https://example.org" in said
    assert "office@example.org" in said


def test_contents_are_contents(letter: Any) -> None:
    (contents,) = having(letter, "/TOC")
    assert [str(kid.S) for kid in contents.K] == ["/Caption", "/TOCI", "/TOCI"]


def test_an_item_has_a_label_and_a_body_and_a_list_in_it_is_in_its_body(letter: Any) -> None:
    items = having(letter, "/LI")
    assert [[str(kid.S) for kid in item.K] for item in items] == [["/Lbl", "/LBody"]] * 4
    outer, inner = having(letter, "/L")
    assert inner.P.S == "/LBody"
    assert outer == inner.P.P.P


def test_header_cells_have_a_scope_and_names_that_are_the_same_in_every_file(letter: Any) -> None:
    cells = having(letter, "/TH")
    assert [str(cell.A.Scope) for cell in cells] == ["/Column", "/Column"]
    assert [str(cell.ID) for cell in cells] == ["table-1-0-0", "table-1-0-1"]


def test_links_on_notes_of_each_letter_of_a_batch_are_where_the_plain_way_puts_them(tmp_path: Path) -> None:
    plain, batch = letters("plain", tmp_path / "plain"), letters("batch", tmp_path / "batch")
    assert len(plain) > 1
    assert [pdf_differences(*pair) for pair in zip(plain, batch, strict=True)] == [()] * len(plain)


def test_a_note_that_goes_on_over_the_page_is_one_note(tmp_path: Path) -> None:
    long = "A sentence of a note that is long. " * 90
    lines, more = "\n\n".join(["A line of text."] * 15), "\n\nMore." * 6
    text = f"---\ntitle: Guidance\n---\n{lines}\n\nA call.[^a]{more}\n\nThe end.\n\n[^a]: {long}\n"
    desk = set_up(folder=tmp_path / "campaign", letter=text).folder
    project, problems = load(desk / "campaign.toml")
    assert project is not None, problems
    roots = {"campaign": project.folder, "templates": project.templates}
    renderer = PdfRenderer(project.template.parts, roots, project.campaign.date)
    rendered = renderer.render(project.letters[0].context, project.letters[0].notes)
    with pikepdf.open(io.BytesIO(rendered.content)) as pdf:
        (note,) = having(pdf, "/Note")
        assert pages_of(note) == {pdf.pages[0].objgen, pdf.pages[1].objgen}
    assert rendered.not_accessible == ()
