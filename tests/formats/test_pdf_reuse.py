"""What several pieces draw alike becomes forms that depend on nothing; the pages look as before."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name

from letters.formats.pdf_drawn import DrawnMemory, PageReader
from letters.formats.pdf_reuse import Reused, reuse
from letters.formats.pdf_vt import encapsulation_faults

SQUARES = "\n".join(f"{x} 20 6 {10 + x} re f" for x in range(5, 180, 10))
"""Enough to be worth a form."""
LINES = "BT /F 12 Tf 1 0 0 1 10 80 Tm [(What all are told, at)-250(some length and twice over)] TJ ET\n" * 3
TOP = "1 0 0 -1 0 100 cm q 0.75 0 0 0.75 0 0 cm\n"


def written(*pages: str) -> pikepdf.Pdf:
    """Return a PDF with pages of some operators, which have one list of resources."""
    pdf = pikepdf.new()
    font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    states = Dictionary(plain=Dictionary(ca=1), pale=Dictionary(ca=0.5))
    image = pdf.make_stream(b"\x80", Type=Name.XObject, Subtype=Name.Image, Width=1, Height=1, BitsPerComponent=8,
                            ColorSpace=Name.DeviceGray)  # fmt: skip
    resources = Dictionary(Font=Dictionary(F=font), ExtGState=states, XObject=Dictionary(Logo=image))
    shared = pdf.make_indirect(resources)
    for content in pages:
        page = pdf.add_blank_page(page_size=(200, 100)).obj
        page.Contents, page.Resources = pdf.make_stream(content.encode()), shared
    return pdf


def reused(pdf: pikepdf.Pdf, *, keeps_tags: bool = False) -> Reused:
    """Draw by forms what pages have in common, each of which is a piece."""
    return reuse(pdf, range(len(pdf.pages)), keeps_tags=keeps_tags, split=lambda content: [content])


def saved(pdf: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True)
    return out.getvalue()


def pictures(pdf: pikepdf.Pdf) -> list[bytes]:
    document = pypdfium2.PdfDocument(saved(pdf))
    drawn = [bytes(page.render(scale=2).to_pil().tobytes()) for page in document]
    document.close()
    return drawn


def content(pdf: pikepdf.Pdf, page: int = 0) -> bytes:
    return b"\n".join(each.read_bytes() for each in pdf.pages[page].obj.Contents.as_list())


def forms(pdf: pikepdf.Pdf, page: int = 0) -> dict[str, Any]:
    things = pdf.pages[page].obj.Resources.XObject
    return {name: thing for name, thing in things.items() if thing.Subtype == Name.Form}


def test_what_two_pieces_draw_alike_is_one_form() -> None:
    pdf = written(f"{SQUARES}\n9 9 1 1 re f", f"{SQUARES}\n9 9 2 2 re f")
    assert reused(pdf)[:2] == (1, 2)
    (one,), (other,) = (forms(pdf, page).values() for page in (0, 1))
    assert one.objgen == other.objgen
    assert b"9 9 1 1 re" in content(pdf)
    assert b"5 20 6 15 re" not in content(pdf)


def test_what_one_piece_has_twice_is_no_form() -> None:
    pdf = written(SQUARES, SQUARES)
    assert reuse(pdf, [0, 0], keeps_tags=False, split=lambda content: [content]).forms == 0


def test_a_short_stretch_is_no_form() -> None:
    assert reused(written("9 9 1 1 re f", "9 9 1 1 re f")).forms == 0


DRAWN = {
    "colours set before": f"0.9 0.2 0.1 rg\n{SQUARES}",
    "a colour set within goes on behind": f"{SQUARES}\n0 0 1 rg\n{LINES}",
    "coordinates": f"{TOP}{SQUARES} Q",
    "a clip": f"q 20 20 60 60 re W n\n{SQUARES} Q",
    "lines and dashes": f"3 w [4 2] 0 d 1 J\n{SQUARES.replace('f', 'S')}",
    "text with its state": f"2 Tc 1 Tr\n{LINES}",
    "parameters": f"/plain gs 0.5 g\n{SQUARES}",
    "marks": f"/P <</MCID 0>> BDC\n{SQUARES}\nEMC /Artifact BMC\n{LINES} EMC",
}


@pytest.mark.parametrize("keeps_tags", [False, True])
@pytest.mark.parametrize("drawn", DRAWN)
def test_pages_look_as_before(drawn: str, keeps_tags: bool) -> None:
    pages = [f"{DRAWN[drawn]}\n{n}0 5 4 4 re f 1 0 0 RG {n}0 90 5 5 re s" for n in (1, 2)]
    pdf, before = written(*pages), pictures(written(*pages))
    assert reused(pdf, keeps_tags=keeps_tags).forms > 0
    assert pictures(pdf) == before
    assert list(encapsulation_faults(pdf)) == []


@pytest.mark.parametrize("drawn", DRAWN)
def test_a_page_with_forms_draws_the_same_as_one_without(drawn: str) -> None:
    pages = [f"{DRAWN[drawn]}\n{n}0 5 4 4 re f" for n in (1, 2)]
    plain, pdf, memory = written(*pages), written(*pages), DrawnMemory()
    reused(pdf, keeps_tags=True)
    before, after = PageReader(plain, memory), PageReader(pdf, memory)
    for one, other in zip(plain.pages, pdf.pages, strict=True):
        assert before.numbers(one.obj) == after.numbers(other.obj)


def test_a_form_that_hides_a_part_draws_something_else() -> None:
    plain, pdf, memory = written(SQUARES, SQUARES), written(SQUARES, SQUARES), DrawnMemory()
    reused(pdf)
    (form,) = forms(pdf).values()
    form.BBox = Array([0, 0, 100, 100])
    assert PageReader(plain, memory).numbers(plain.pages[0].obj) != PageReader(pdf, memory).numbers(pdf.pages[0].obj)


def test_marks_of_tags_stay_on_the_page_and_are_in_no_form() -> None:
    pdf = written(*[f"/P <</MCID 0>> BDC\n{SQUARES}\nEMC /P <</MCID 1>> BDC\n{LINES} EMC"] * 2)
    reused(pdf, keeps_tags=True)
    assert content(pdf).split() == b"/P << /MCID 0 >> BDC /Form1 Do EMC /P << /MCID 1 >> BDC /Form2 Do EMC".split()
    assert all(b"BDC" not in form.read_bytes() for form in forms(pdf).values())


def test_without_tags_one_form_holds_what_many_marks_held() -> None:
    pdf = written(*[f"/P <</MCID 0>> BDC\n{SQUARES}\nEMC /P <</MCID 1>> BDC\n{LINES} EMC"] * 2)
    reused(pdf)
    assert content(pdf).split() == [b"/Form1", b"Do"]


def test_marks_of_layers_stay_without_tags() -> None:
    pdf = written(*[f"/OC /layer BDC\n{SQUARES}\nEMC"] * 2)
    reused(pdf)
    assert content(pdf).split() == b"/OC /layer BDC /Form1 Do EMC".split()


@pytest.mark.parametrize("before", ["/pale gs", "/Pattern cs /p scn"])
def test_what_shows_what_lies_below_or_a_pattern_is_no_form(before: str) -> None:
    assert reused(written(*[f"{before}\n{SQUARES}"] * 2)).forms == 0


def test_a_page_whose_operators_are_spoiled_stays_as_it_is() -> None:
    pdf = written(f"Q {SQUARES}", SQUARES, SQUARES)
    reused(pdf)
    assert pdf.pages[0].obj.Contents.read_bytes() == f"Q {SQUARES}".encode()
    assert content(pdf, 1).split() == [b"/Form1", b"Do"]


def test_the_same_pages_give_the_same_bytes() -> None:
    one, other = written(LINES, LINES), written(LINES, LINES)
    reused(one)
    reused(other)
    assert saved(one) == saved(other)


def test_ids_are_equal_for_equal_looks_only() -> None:
    def identifier(drawn: str) -> str:
        pdf = written("9 9 9 9 re f", drawn, drawn)
        reused(pdf)
        (form,) = forms(pdf, 1).values()
        return str(form.GTS_XID)

    assert identifier(LINES) == identifier(LINES)
    assert identifier(LINES).startswith("urn:uuid:")
    assert len({identifier(LINES), identifier(f"1 0 0 rg {LINES}"), identifier(SQUARES)}) == 3


def test_opaque_images_that_pieces_share_are_marked() -> None:
    pdf = written("/Logo Do", "/Logo Do")
    reused(pdf)
    logo = pdf.pages[0].obj.Resources.XObject.Logo
    assert (logo.GTS_Encapsulated, logo.GTS_Scope, logo.Intent) == (True, Name.File, Name.RelativeColorimetric)
    assert list(encapsulation_faults(pdf)) == []


def drop_font(form: Any) -> None:
    del form.Resources.Font["/F"]


def drop_state(form: Any) -> None:
    del form.Resources.ExtGState.Standard["/ca"]


def over(more: bytes) -> Callable[[Any], None]:
    return lambda form: form.write(form.read_bytes() + more)


SPOILED: dict[str, tuple[Callable[[Any], None], str]] = {
    "font": (drop_font, "names the Font F, which is not in its resources"),
    "state": (drop_state, "does not set what it uses: gs"),
    "content": (over(b"1 0 0 rg 0 0 5 5 re f"), "is another than its GTS_XID says"),
    "scope": (lambda form: form.__delitem__("/GTS_Scope"), "does not say that it is for this file"),
    "resources": (lambda form: form.__delitem__("/Resources"), "has no resources of its own"),
    "mark": (over(b"/P <</MCID 0>> BDC EMC"), "has a mark for tags, and may be drawn once only"),
    "picture": (over(b"/Logo Do"), "names the XObject Logo, which is not in its resources"),
    "save": (over(b"q"), "saves a state that it does not restore"),
    "restore": (over(b"Q"), "restores a state that it has not saved"),
}


@pytest.mark.parametrize("how", SPOILED)
def test_a_form_that_depends_on_something_is_found(how: str) -> None:
    change, said = SPOILED[how]
    pdf = written(LINES, LINES)
    reused(pdf)
    (form,) = forms(pdf).values()
    change(form)
    assert any(f"Form1 on page 1 {said}" in each for each in encapsulation_faults(pdf))


def test_an_image_with_a_mask_is_not_encapsulated() -> None:
    pdf = written("/Logo Do", "/Logo Do")
    reused(pdf)
    pdf.pages[0].obj.Resources.XObject.Logo.Mask = Array([0, 0])
    assert "has a mask" in next(iter(encapsulation_faults(pdf)))
