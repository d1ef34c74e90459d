"""The checks of PDF/A-3a find each kind of fault, and nothing in a page that was made for the archive."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from letters.formats import pdf_ua
from letters.formats.pdf_a import CONDITIONS, failures, says_archival
from letters.formats.pdf_archive import archived, srgb_profile
from letters.model.postal import Box
from letters.render.pdf.plain import render_page
from letters.sign.blocks import Block, Ink, place
from tests.desk import ROOT
from tests.formats.test_pdf_ua import PAGE, drop, font, having_map, link, root, set_item

SVG = b"""<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><g opacity="0.5"><rect width="9" height="9"/>
<circle cx="9" cy="9" r="6" fill="#336699"/></g></svg>"""


@pytest.fixture(scope="module")
def page() -> bytes:
    """A page with a picture and a drawing that is transparent."""
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGBA", (4, 4), (10, 20, 30, 90)).save(out, "PNG")
    html = PAGE.replace("</main>", '<p><img src="pictures/logo.svg" alt="A logo"></p></main>')
    pictures = {"dot.png": out.getvalue(), "logo.svg": SVG}
    return render_page(html, ROOT / "templates", date(2026, 1, 5), pictures).content


@pytest.fixture(scope="module")
def kept(page: bytes) -> bytes:
    made = archived(page)
    assert made.failures == ()
    return made.content


def changed(content: bytes, change: Callable[[Any], object]) -> bytes:
    """Return a file with a change, and nothing set right by the way."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        change(pdf)
        out = io.BytesIO()
        pdf.save(
            out, fix_metadata_version=False, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none
        )
    return out.getvalue()


def adding(text: bytes) -> Callable[[Any], None]:
    """Draw something more, as an artifact."""
    return lambda pdf: pdf.pages[0].Contents.write(
        pdf.pages[0].Contents.read_bytes() + b"\n/Artifact BMC " + text + b" EMC\n"
    )


def intent(pdf: Any) -> Any:
    return pdf.Root.OutputIntents[0]


def picture(pdf: Any) -> Any:
    return next(each for each in pdf.objects if isinstance(each, pikepdf.Stream) and each.get("/Subtype") == "/Image")


def state(**entries: Any) -> Callable[[Any], None]:
    def change(pdf: Any) -> None:
        pdf.pages[0].Resources.ExtGState["/Own"] = Dictionary(Type=Name.ExtGState, **entries)
        adding(b"q /Own gs Q")(pdf)

    return change


def metadata(old: bytes, new: bytes) -> Callable[[Any], None]:
    def change(pdf: Any) -> None:
        written = pdf.Root.Metadata.read_bytes()
        assert old in written
        pdf.Root.Metadata.write(written.replace(old, new))

    return change


def texts(old: bytes, new: bytes) -> Callable[[Any], None]:
    """Change the texts that the letters of the first font stand for."""

    def change(pdf: Any) -> None:
        table = font(pdf).ToUnicode
        written = table.read_bytes()
        assert old in written
        table.write(written.replace(old, new))

    return change


def shown(code: int) -> Callable[[Any], None]:
    """Show a letter of the first font by its code."""

    def change(pdf: Any) -> None:
        name = next(iter(pdf.pages[0].Resources.Font.keys()))
        adding(b"BT %b 9 Tf <%04x> Tj ET" % (name.encode(), code))(pdf)

    return change


def layers(*configurations: Any) -> Callable[[Any], None]:
    first, *others = configurations
    return set_item(root, "/OCProperties", Dictionary(OCGs=Array([]), D=first, Configs=Array(others)))


_NOTHING = bytes.fromhex("80400b")
"""No byte, compressed by LZW."""


def form(**entries: Any) -> Callable[[Any], None]:
    def change(pdf: Any) -> None:
        made = pdf.make_stream(
            _NOTHING if "Filter" in entries else b"",
            Type=Name.XObject,
            Subtype=Name.Form,
            BBox=Array([0, 0, 1, 1]),
            **entries,
        )
        pdf.pages[0].Resources.XObject["/Own"] = made
        adding(b"/Own Do")(pdf)

    return change


def attach(**entries: Any) -> Callable[[Any], None]:
    def change(pdf: Any) -> None:
        file = pdf.make_stream(b"a", Type=Name.EmbeddedFile, **entries)
        about = Dictionary(Type=Name.Filespec, F=String("a"), UF=String("a"), EF=Dictionary(F=file))
        pdf.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array([String("a"), pdf.make_indirect(about)])))

    return change


DAMAGE: dict[str, Callable[[Any], object]] = {
    "6.1.7.1-3": lambda pdf: set_item(picture, "/F", String("elsewhere"))(pdf),
    "6.1.7.2-1": lambda pdf: form(Resources=Dictionary(), Filter=Name.LZWDecode)(pdf),
    "6.1.8-1": lambda pdf: pdf.Root.__setitem__("/Own", pikepdf.Object.parse(b"/#ff#fe")),
    "6.1.13-1": set_item(root, "/Own", 2**31),
    "6.1.13-3": set_item(root, "/Own", String("a" * 32_768)),
    "6.1.13-4": set_item(root, "/Own", Name("/" + "a" * 128)),
    "6.1.13-8": adding(b"q " * 29 + b"Q " * 29),
    "6.1.13-11": set_item(lambda pdf: pdf.pages[0].obj, "/MediaBox", Array([0, 0, 2, 2])),
    "6.2.2-1": adding(b"1 2 whatever"),
    "6.2.2-2": form(),
    "6.2.3-1": lambda pdf: intent(pdf).DestOutputProfile.write(srgb_profile().replace(b"mntr", b"scnr")),
    "6.2.3-2": lambda pdf: pdf.Root.OutputIntents.append(
        Dictionary(Type=Name.OutputIntent, S=Name.GTS_PDFA1, DestOutputProfile=pdf.make_stream(srgb_profile()))
    ),
    "6.2.4.3-2": drop(root, "/OutputIntents"),
    "6.2.4.3-3": adding(b"0 0 0 1 k 0 0 9 9 re f"),
    "6.2.4.3-4": lambda pdf: (drop(root, "/OutputIntents")(pdf), adding(b"0.5 g 0 0 9 9 re f")(pdf)),
    "6.2.5-1": state(TR=Name.Identity),
    "6.2.6-1": adding(b"/Vivid ri"),
    "6.2.8-1": set_item(picture, "/OPI", Dictionary()),
    "6.2.8-3": set_item(picture, "/Interpolate", True),
    "6.2.9-1": form(Resources=Dictionary(), PS=Name.PS),
    "6.2.10-1": state(BM=Name.Sparkle),
    "6.2.10-2": lambda pdf: (drop(root, "/OutputIntents")(pdf), state(ca=0.5)(pdf)),
    "6.2.11.2-2": set_item(font, "/Subtype", Name.TrueType),
    "6.2.11.3.2-1": lambda pdf: having_map(pdf).__delitem__("/CIDToGIDMap"),
    "6.2.11.3.3-1": set_item(font, "/Encoding", Name.Whatever),
    "6.2.11.4.1-1": lambda pdf: [
        described.__delitem__(key)
        for described in [font(pdf).DescendantFonts[0].FontDescriptor]
        for key in [key for key in described if key.startswith("/FontFile")]
    ],
    "6.2.11.4.1-2": shown(65_000),
    "6.2.11.4.2-2": lambda pdf: set_item(
        lambda pdf: font(pdf).DescendantFonts[0].FontDescriptor, "/CIDSet", pdf.make_stream(b"\x80")
    )(pdf),
    "6.2.11.5-1": set_item(lambda pdf: font(pdf).DescendantFonts[0], "/W", Array([0, 65_535, 333])),
    "6.2.11.7.2-1": drop(font, "/ToUnicode"),
    "6.2.11.7.2-2": texts(b"<0065>", b"<FEFF>"),
    "6.2.11.7.3-1": texts(b"<0065>", b"<E000>"),
    "6.2.11.8-1": shown(0),
    "6.3.1-1": set_item(link, "/Subtype", Name.Movie),
    "6.3.2-1": set_item(link, "/F", 2),
    "6.3.3-1": lambda pdf: set_item(link, "/Subtype", Name.Square)(pdf),
    "6.4.1-1": set_item(root, "/AcroForm", Dictionary(Fields=Array([]), NeedAppearances=True)),
    "6.4.2-1": set_item(root, "/AcroForm", Dictionary(Fields=Array([]), XFA=String("x"))),
    "6.5.1-1": set_item(link, "/A", Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))),
    "6.5.2-1": set_item(root, "/AA", Dictionary()),
    "6.6.2.1-1": drop(root, "/Metadata"),
    "6.6.2.1-4": metadata(b"</x:xmpmeta>", b""),
    "6.6.2.3.1-1": metadata(b"<pdfaProperty:name>part", b"<pdfaProperty:name>whole"),
    "6.6.3": lambda pdf: set_item(lambda pdf: pdf.docinfo, "/ModDate", String("D:20250917000001Z"))(pdf),
    "6.6.4-1": metadata(b'conformance="A"', b'conformance="B"'),
    "6.7.2.2-1": set_item(lambda pdf: pdf.Root.MarkInfo, "/Marked", False),
    "6.7.3.3-1": drop(root, "/StructTreeRoot"),
    "6.7.4-1": set_item(root, "/Lang", String("English (US)")),
    "6.8-1": attach(Subtype=Name("/text/plain")),
    "6.9-1": layers(Dictionary(Name=String("A")), Dictionary(Name=String("A"))),
    "6.10-1": set_item(root, "/Names", Dictionary(AlternatePresentations=Dictionary())),
    "6.11-1": set_item(root, "/Requirements", Array([])),
}
"""What is done to a page, by the condition that it then does not meet."""
BYTES: dict[str, Callable[[bytes], bytes]] = {
    "6.1.2-1": lambda content: content.replace(b"%PDF-1.7", b"%PDF-2.0", 1),
    "6.1.2-2": lambda content: content.replace(content[9:14], b"%abcd", 1),
    "6.1.3-3": lambda content: content + b"something more",
    "6.1.7.1-1": lambda content: content[: content.rindex(b"startxref")] + b"startxref\n17\n%%EOF\n",
}
"""What is done to the bytes of a file."""


def test_a_page_for_the_archive_meets_all_conditions_and_says_so(kept: bytes) -> None:
    assert failures(kept) == []
    with pikepdf.open(io.BytesIO(kept)) as pdf:
        assert says_archival(pdf)
        with pdf.open_metadata() as said:
            assert (said["pdfaid:part"], said["pdfaid:conformance"], said["pdfuaid:part"]) == ("3", "A", "1")


def test_it_is_accessible_as_before_and_shows_the_same(page: bytes, kept: bytes) -> None:
    assert pdf_ua.failures(kept) == []
    assert pixels(kept) == pixels(page)


def pixels(content: bytes) -> str:
    import pypdfium2

    with pypdfium2.PdfDocument(content) as pdf:
        return hashlib.sha256(pdf[0].render(scale=2).to_pil().tobytes()).hexdigest()


def test_a_picture_of_a_signature_on_it_keeps_it_fit_for_the_archive(kept: bytes) -> None:
    ink = Ink(pixels=bytes(3 * 4), veil=b"\0\x7f\xff\xff", size=(2, 2), height=0.4, below=0.25)
    block = Block("First Signer", 0, 1.0, 5.0, Box(1.0, 4.0, 3.0, 5.0))
    signed = place(kept, [(block, ink)])
    assert [*failures(signed), *pdf_ua.failures(signed)] == []


@pytest.mark.parametrize("condition", DAMAGE)
def test_a_fault_is_found(kept: bytes, condition: str) -> None:
    assert condition in {failure.condition for failure in failures(changed(kept, DAMAGE[condition]))}


@pytest.mark.parametrize("condition", BYTES)
def test_a_fault_of_the_file_is_found(kept: bytes, condition: str) -> None:
    assert condition in {failure.condition for failure in failures(BYTES[condition](kept))}


def test_every_condition_is_tried_but_for_a_password_and_a_file_without_an_identifier(page: bytes) -> None:
    assert "6.1.3-1" in {failure.condition for failure in failures(page)}
    assert CONDITIONS.keys() - DAMAGE.keys() - BYTES.keys() == {"6.1.3-1", "6.1.3-2"}


def test_equal_files_give_equal_bytes_and_nothing_is_added_twice(page: bytes, kept: bytes) -> None:
    assert archived(page).content == kept
    assert archived(kept).content == kept


def test_what_cannot_be_kept_stays_as_it_was_and_says_why(page: bytes) -> None:
    spoilt = changed(page, adding(b"0 0 0 1 k 0 0 9 9 re f"))
    made = archived(spoilt)
    assert made.content == spoilt
    assert made.failures == ("6.2.4.3-3: colours of a press (DeviceCMYK) without an output intent in CMYK (page 1)",)


def test_what_is_not_accessible_is_not_for_the_archive(page: bytes) -> None:
    without = changed(page, lambda pdf: pdf.Root.Metadata.write(pdf_ua.without_claim(pdf.Root.Metadata.read_bytes())))
    assert archived(without).failures == ("it is not PDF/UA, which conformance A is made of here",)


def test_the_profile_of_colours_has_no_date_of_its_making_and_a_version_that_is_allowed() -> None:
    profile = srgb_profile()
    assert profile[24:36] == bytes.fromhex("07d000010001000000000000")
    assert (profile[8], profile[12:20]) == (4, b"mntrRGB ")
