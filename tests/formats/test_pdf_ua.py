"""The checks of PDF/UA find each kind of fault, and nothing in a letter that has none."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from letters.formats.pdf_ua import CONDITIONS, failures, says_accessible, without_claim
from letters.render.pdf.plain import render_page
from tests.desk import ROOT

PAGE = """<html lang="en"><title>A page</title><body><main><h1>One</h1><h2>Two</h2>
<p>See <a href="https://example.org/list">the list</a> and <a href="https://example.org/map">the map</a>.</p>
<ul><li>An item</li></ul><table><tr><th>Head</th></tr><tr><td>Cell</td></tr></table>
<p><img src="pictures/dot.png" alt="A dot"></p></main>"""


@pytest.fixture(scope="module")
def page() -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (4, 4)).save(out, "PNG")
    rendered = render_page(PAGE, ROOT / "templates", date(2026, 1, 5), {"dot.png": out.getvalue()})
    assert rendered.not_accessible == ()
    return rendered.content


def changed(content: bytes, change: Callable[[Any], object]) -> bytes:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        change(pdf)
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


def having(pdf: Any, role: str) -> Any:
    return next(each for each in pdf.objects if isinstance(each, Dictionary) and each.get("/S") == role)


def redraw(old: bytes, new: bytes) -> Callable[[Any], None]:
    def change(pdf: Any) -> None:
        content = pdf.pages[0].Contents.read_bytes()
        assert old in content
        pdf.pages[0].Contents.write(content.replace(old, new, 1))

    return change


def set_item(path: Callable[[Any], Any], key: str, value: object) -> Callable[[Any], None]:
    return lambda pdf: path(pdf).__setitem__(key, value)


def drop(path: Callable[[Any], Any], *keys: str) -> Callable[[Any], None]:
    def change(pdf: Any) -> None:
        for key in keys:
            del path(pdf)[key]

    return change


def root(pdf: Any) -> Any:
    return pdf.Root


def tree(pdf: Any) -> Any:
    return pdf.Root.StructTreeRoot


def link(pdf: Any) -> Any:
    return pdf.pages[0].Annots[0]


def font(pdf: Any) -> Any:
    return next(iter(pdf.pages[0].Resources.Font.values()))


def role(name: str) -> Callable[[Any], Any]:
    return lambda pdf: having(pdf, name)


DAMAGE: dict[str, Callable[[Any], object]] = {
    "01-003": redraw(b"BT", b"/Artifact BMC EMC BT"),
    "01-004": lambda pdf: pdf.pages[0].Contents.write(b"/Artifact BMC " + pdf.pages[0].Contents.read_bytes() + b" EMC"),
    "01-005": lambda pdf: pdf.pages[0].Contents.write(pdf.pages[0].Contents.read_bytes() + b"\n0 0 9 9 re f\n"),
    "01-007": set_item(lambda pdf: pdf.Root.MarkInfo, "/Suspects", True),
    "02-001": set_item(role("/P"), "/S", Name.Paragraph),
    "02-003": lambda pdf: (
        set_item(role("/P"), "/S", Name.One)(pdf),
        set_item(tree, "/RoleMap", Dictionary(One=Name.Two, Two=Name.One))(pdf),
    ),
    "02-004": set_item(tree, "/RoleMap", Dictionary(P=Name.Div)),
    "06-001": drop(root, "/Metadata"),
    "06-003": lambda pdf: pdf.Root.Metadata.write(pdf.Root.Metadata.read_bytes().replace(b"A page", b" ")),
    "07-001": drop(root, "/ViewerPreferences"),
    "09-004": set_item(role("/LBody"), "/S", Name.P),
    "10-001": drop(font, "/ToUnicode"),
    "11-006": drop(root, "/Lang"),
    "13-004": set_item(role("/Figure"), "/Alt", String(" ")),
    "14-002": set_item(role("/H1"), "/S", Name.P),
    "14-003": set_item(role("/H2"), "/S", Name.H3),
    "14-007": set_item(role("/P"), "/S", Name.H),
    "15-003": lambda pdf: (drop(lambda pdf: having(pdf, "/TH").A, "/Scope")(pdf), drop(role("/TD"), "/A")(pdf)),
    "17-002": set_item(role("/P"), "/S", Name.Formula),
    "19-003": set_item(role("/P"), "/S", Name.Note),
    "19-004": lambda pdf: set_item(role("/P"), "/ID", having(pdf, "/TH").ID)(pdf),
    "20-001": set_item(root, "/OCProperties", Dictionary(OCGs=Array([Dictionary(Type=Name.OCG)]))),
    "25-001": set_item(root, "/AcroForm", Dictionary(XFA=String("x"))),
    "28-002": set_item(role("/Link"), "/K", Array([])),
    "28-004": lambda pdf: (
        set_item(link, "/Subtype", Name.Text)(pdf),
        drop(link, "/Contents")(pdf),
    ),
    "28-009": drop(lambda pdf: pdf.pages[0].obj, "/Tabs"),
    "28-011": set_item(role("/Link"), "/S", Name.Span),
    "28-012": drop(link, "/Contents"),
    "31-005": lambda pdf: having_map(pdf).__delitem__("/CIDToGIDMap"),
    "31-006": set_item(font, "/Encoding", Name.Whatever),
    "31-009": lambda pdf: drop(lambda pdf: font(pdf).DescendantFonts[0].FontDescriptor, *files(pdf))(pdf),
    "tree-01": drop(root, "/StructTreeRoot"),
    "tree-02": drop(role("/P"), "/P"),
    "tree-03": redraw(b"/MCID 0>>", b"/MCID 1>>"),
    "tree-04": lambda pdf: set_item(lambda pdf: tree(pdf).ParentTree, "/Nums", Array([]))(pdf),
    "tree-05": drop(tree, "/IDTree"),
    "tree-06": set_item(role("/LBody"), "/S", Name.Lbl),
    "link-01": drop(link, "/A"),
    "link-02": lambda pdf: set_item(link, "/Rect", pdf.pages[0].Annots[1].Rect)(pdf),
    "link-03": set_item(link, "/Contents", String("part-1")),
}


def having_map(pdf: Any) -> Any:
    return next(each for each in pdf.objects if isinstance(each, Dictionary) and "/CIDToGIDMap" in each)


def files(pdf: Any) -> list[str]:
    return [key for key in font(pdf).DescendantFonts[0].FontDescriptor if key.startswith("/FontFile")]


def test_a_page_of_ours_meets_all_conditions_and_says_so(page: bytes) -> None:
    assert failures(page) == []
    assert says_accessible(pikepdf.open(io.BytesIO(page)))


@pytest.mark.parametrize("condition", DAMAGE)
def test_a_fault_is_found(page: bytes, condition: str) -> None:
    assert condition in {failure.condition for failure in failures(changed(page, DAMAGE[condition]))}


def test_a_font_that_only_a_form_names_is_looked_at(page: bytes) -> None:
    def move(pdf: Any) -> None:
        DAMAGE["31-009"](pdf)
        resources = pdf.pages[0].Resources
        form = pdf.make_stream(b"", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 1, 1])
        form.Resources = pikepdf.Dictionary(Font=resources.Font)
        resources.XObject = pikepdf.Dictionary(Form=form)
        del resources["/Font"]

    assert "31-009" in {failure.condition for failure in failures(changed(page, move))}


def test_every_condition_but_two_is_tried() -> None:
    # A second H in one element needs more than one change; a file that is encrypted is opened with a password only.
    assert CONDITIONS.keys() - DAMAGE.keys() == {"14-006", "26-001"}


def test_the_claim_can_be_taken_out_of_the_metadata(page: bytes) -> None:
    without = changed(page, lambda pdf: pdf.Root.Metadata.write(without_claim(pdf.Root.Metadata.read_bytes())))
    assert not says_accessible(pikepdf.open(io.BytesIO(without)))
    assert "A page" in pikepdf.open(io.BytesIO(without)).open_metadata()["dc:title"]


def test_a_page_with_a_fault_does_not_say_that_it_is_accessible() -> None:
    page = PAGE.split("<p><img")[0].replace("<ul>", "<ul><p>A line</p>")
    rendered = render_page(page, ROOT / "templates", date(2026, 1, 5))
    assert not says_accessible(pikepdf.open(io.BytesIO(rendered.content)))
    assert rendered.not_accessible == (
        "09-004: a table, list or table of contents holds an element that may not stand there (P in L)",
    )


@pytest.mark.parametrize(
    ("chosen", "written"),
    [("h1 h4 h4 h2 h6", "H1 H2 H2 H2 H3"), ("h3 h1 h2", "H1 H1 H2"), ("h6 h5 h4", "H1 H1 H1"), ("h2 h3", "H1 H2")],
)
def test_levels_of_headings_begin_with_one_and_have_no_gaps(chosen: str, written: str) -> None:
    headings = "".join(f"<{level}>A</{level}>" for level in chosen.split())
    page = f'<html lang="en"><title>A page</title><body><main>{headings}</main>'
    rendered = render_page(page, ROOT / "templates", date(2026, 1, 5))
    assert rendered.not_accessible == ()
    with pikepdf.open(io.BytesIO(rendered.content)) as pdf:
        roles = [str(each.S) for each in pdf.objects if isinstance(each, Dictionary) and "/S" in each]
    assert [role.removeprefix("/") for role in roles if role.startswith("/H")] == written.split()


def test_metadata_is_read_and_changed_wherever_its_namespaces_are_declared() -> None:
    title = b'<dc:title xmlns:dc="x"><rdf:Alt><rdf:li xml:lang="x-default">A</rdf:li></rdf:Alt></dc:title>'
    assert without_claim(b'<pdfuaid:part xmlns:pdfuaid="x">1</pdfuaid:part>' + title) == title
