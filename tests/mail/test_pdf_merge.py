"""Merging PDFs: what letters made by hand, small enough to see through, become."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Operator, String

from letters.mail.assemble import Assembler, PrintFileInfo, PrintSide, cut, without_strays
from tests.mail.tags import audit

ABOUT = PrintFileInfo(title="<&>", author="A", language="en-US", moment="2025-09-17T00:00:00Z", duplex=True)


def letter() -> pikepdf.Pdf:
    """Make a tagged page with a table whose cell names its header, a link to a named place, a form that is drawn."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(200, 100)).obj
    content = (
        b"/TH <</MCID 0>> BDC EMC\n/TD <</MCID 1>> BDC EMC\n/Link <</MCID 2>> BDC EMC\n/Artifact BMC /Form Do EMC\n"
    )
    page.Contents = pdf.make_stream(content)
    form = pdf.make_stream(b"0 0 10 10 re f", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 10, 10])
    form.Resources = Dictionary(XObject=Dictionary())
    page.Resources = Dictionary(XObject=Dictionary(Form=form))
    page.StructParents = 0
    link = pdf.make_indirect(
        Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], StructParent=1, Dest=String("note"))
    )
    page.Annots = Array([link])
    add_tags(pdf, page, link)
    pdf.Root.Names = Dictionary(Dests=Dictionary(Names=[String("note"), Array([page, Name.Fit])]))
    file = io.BytesIO()
    pdf.save(file)
    return pikepdf.open(file)


def add_tags(pdf: pikepdf.Pdf, page: Any, link: Any) -> None:
    root = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot, RoleMap=Dictionary(Headline=Name.H1)))
    top = pdf.make_indirect(Dictionary(S=Name.Document, P=root))
    head = element(pdf, top, page, Name.TH, 0, ID=String("h(1)"), A=Dictionary(O=Name.Table, Scope=Name.Column))
    cell = element(pdf, top, page, Name.TD, 1, A=Dictionary(O=Name.Table, Headers=[String("h(1)")]))
    reference = element(pdf, top, page, Name.Link, 2, Alt=String("to (the) note"))
    reference.K = Array([2, Dictionary(Type=Name.OBJR, Obj=link, Pg=page)])
    wrapper = element(pdf, top, page, Name.Headline, 0)
    wrapper.K = Array([])
    top.K = Array([head, cell, reference, wrapper])
    root.K = Array([top])
    root.ParentTree = Dictionary(Nums=[0, Array([head, cell, reference]), 1, reference])
    pdf.Root.StructTreeRoot = root


def element(pdf: pikepdf.Pdf, parent: Any, page: Any, role: Any, mark: int, **more: Any) -> Any:
    return pdf.make_indirect(Dictionary(S=role, P=parent, Pg=page, K=Array([mark]), **more))


def merge(letters: Sequence[pikepdf.Pdf]) -> pikepdf.Pdf:
    file = io.BytesIO()
    assembler = Assembler(file, ABOUT)
    for number, each in enumerate(letters, start=1):
        assembler.add(
            each,
            [PrintSide(f"00{number}-1", 0), PrintSide(f"00{number}-blank", None)],
            f"Letter {number}",
            f"00{number}.",
        )
    assembler.finish()
    return pikepdf.open(file)


@pytest.fixture(scope="module")
def merged() -> pikepdf.Pdf:
    return merge([letter(), letter()])


def elements(pdf: pikepdf.Pdf, role: str) -> list[Any]:
    return [each for each in pdf.objects if isinstance(each, Dictionary) and each.get("/S") == f"/{role}"]


def test_the_tags_are_whole(merged: pikepdf.Pdf) -> None:
    assert audit(merged) == merged.check_pdf_syntax() == []


def test_ids_are_unique_and_the_tree_leads_to_them(merged: pikepdf.Pdf) -> None:
    heads = {str(head.ID): head.objgen for head in elements(merged, "TH")}
    assert list(heads) == ["001.h(1)", "002.h(1)"]
    tree = pikepdf.NameTree(merged.Root.StructTreeRoot.IDTree)
    assert {str(name): thing.objgen for name, thing in tree.items()} == heads


def test_cells_name_the_headers_of_their_own_letter(merged: pikepdf.Pdf) -> None:
    assert [str(cell.A.Headers[0]) for cell in elements(merged, "TD")] == ["001.h(1)", "002.h(1)"]


def test_links_lead_to_the_page_itself(merged: pikepdf.Pdf) -> None:
    for page in (merged.pages[0], merged.pages[2]):
        (link,) = page.obj.Annots
        assert link.Dest[0].objgen == page.obj.objgen


def accessible(change: Callable[[pikepdf.Pdf], None]) -> pikepdf.Pdf:
    """Make a letter that says of itself that it is PDF/UA, but for a change."""
    pdf = letter()
    with pdf.open_metadata() as metadata:
        metadata["pdfuaid:part"] = "1"
    head, _, _, wrapper = pdf.Root.StructTreeRoot.K[0].K
    wrapper.K = 0
    head.K = Array([wrapper])
    wrapper.P = head
    pdf.Root.StructTreeRoot.ParentTree.Nums[1][0] = wrapper
    pdf.Root.StructTreeRoot.K[0].K = Array(list(pdf.Root.StructTreeRoot.K[0].K)[:3])
    pdf.Root.StructTreeRoot.IDTree = Dictionary(Names=[String("h(1)"), head])
    change(pdf)
    file = io.BytesIO()
    pdf.save(file)
    return pikepdf.open(file)


def no_key(pdf: pikepdf.Pdf) -> None:
    """Take the key from the page, as other programs do where they think that it has no tags."""
    del pdf.pages[0].obj["/StructParents"]


def two_nodes(pdf: pikepdf.Pdf) -> None:
    tree = pdf.Root.StructTreeRoot.ParentTree
    pdf.Root.StructTreeRoot.ParentTree = Dictionary(Kids=[pdf.make_indirect(Dictionary(Limits=[0, 1], Nums=tree.Nums))])


@pytest.mark.parametrize("change", [lambda _: None, no_key, two_nodes], ids=["whole", "no key", "two nodes"])
def test_the_tags_of_accessible_letters_are_whole(change: Callable[[pikepdf.Pdf], None]) -> None:
    merged = merge([accessible(change), accessible(change)])
    assert audit(merged) == merged.check_pdf_syntax() == []
    assert list(pikepdf.NameTree(merged.Root.StructTreeRoot.IDTree).keys()) == ["001.h(1)", "002.h(1)"]
    assert [str(cell.A.Headers[0]) for cell in elements(merged, "TD")] == ["001.h(1)", "002.h(1)"]
    assert [link.Dest[0].objgen == merged.pages[2].obj.objgen for link in merged.pages[2].obj.Annots] == [True]


def test_texts_in_tags_stay_as_they_are(merged: pikepdf.Pdf) -> None:
    assert [str(link.Alt) for link in elements(merged, "Link")] == ["to (the) note"] * 2


def test_own_kinds_of_elements_stay_known(merged: pikepdf.Pdf) -> None:
    assert merged.Root.StructTreeRoot.RoleMap == Dictionary(Headline=Name.H1)


def test_what_is_the_same_is_there_once(merged: pikepdf.Pdf) -> None:
    forms = [each for each in merged.objects if isinstance(each, pikepdf.Stream) and each.get("/Subtype") == "/Form"]
    first, _, second, _ = (page.obj for page in merged.pages)
    assert len(forms) == 1
    assert first.Resources.objgen == second.Resources.objgen
    assert [each.objgen for each in first.Contents] == [each.objgen for each in second.Contents]


def test_a_title_with_markup_characters_is_a_title(merged: pikepdf.Pdf) -> None:
    with merged.open_metadata() as metadata:
        assert metadata["dc:title"] == "<&>"


def test_resources_that_lead_back_to_themselves_are_copied() -> None:
    pdf = letter()
    form = pdf.pages[0].obj.Resources.XObject.Form
    form.Resources.XObject.Self = form
    file = io.BytesIO()
    pdf.save(file)
    merged = merge([pikepdf.open(file)])
    copied = merged.pages[0].obj.Resources.XObject.Form
    assert copied.Resources.XObject.Self.objgen == copied.objgen
    assert merged.check_pdf_syntax() == []


def test_content_is_cut_only_where_marked_runs_end() -> None:
    content = b"".join(b"/P <</MCID %d>> BDC (%d) Tj EMC\n" % (number, number**3) for number in range(200))
    pieces = cut(content)
    assert b"".join(pieces) == content
    assert len(pieces) > 10
    assert all(piece.endswith(b"EMC\n") for piece in pieces)


def test_one_changed_run_changes_one_piece() -> None:
    runs = [b"/P <</MCID %d>> BDC (%d) Tj EMC\n" % (number, number**3) for number in range(200)]
    before = cut(b"".join(runs))
    after = cut(b"".join([*runs[:100], b"/P <</MCID 100>> BDC (other) Tj EMC\n", *runs[101:]]))
    assert len(set(after) - set(before)) <= 2


def test_content_that_no_element_owns_is_an_artifact() -> None:
    pdf = letter()
    content = without_strays(pdf.pages[0].Contents.read_bytes(), {0, 2})
    pdf.pages[0].Contents = pdf.make_stream(content)
    kinds = [str(operands[0]) for operands, operator in pikepdf.parse_content_stream(pdf.pages[0]) if operator in MARKS]
    assert kinds == ["/TH", "/Artifact", "/Link", "/Artifact"]


MARKS = (Operator("BDC"), Operator("BMC"))
