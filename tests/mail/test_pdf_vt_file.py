"""Print files as PDF/VT-1: they look the same, tell of each piece, and meet every condition that is checked."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import ImageCms

from letters.formats.pdf_vt import CONDITIONS, vt_failures
from letters.mail.manifest import ManifestRow
from letters.mail.pdf_vt_file import PressProfile, name_of, read_profile, write_all_as_pdf_vt
from letters.mail.pieces import Piece
from letters.mail.print_file import Span
from letters.model.problems import CannotGoOn
from tests.desk import CHIEF, set_up
from tests.mail.test_pdf_merge import letter, merge

MOMENT = "2025-09-17T00:00:00Z"


def profile(kind: bytes = b"prtr", space: bytes = b"CMYK") -> bytes:
    """Return a profile that says of itself that it is that of a press, without today as the date it was made on."""
    content = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return content[:12] + kind + space + content[20:24] + bytes(12) + content[36:]


def row(number: int) -> ManifestRow:
    piece = Piece(
        number=number, recipient=f"r{number}", name="", agency="", county="", address=(), zip="49221", documents=()
    )
    return ManifestRow(piece=piece, sheets=1, ounces=0.16, spans=(Span("print-01.pdf", 2 * number - 1, 2 * number),))


def with_colour(pdf: pikepdf.Pdf, number: int) -> pikepdf.Pdf:
    """Draw in a colour of the screen, and with a font, as letters do: a row that all have, and a square of its own."""
    page = pdf.pages[0].obj
    own = b"/Artifact BMC 0 0 1 rg %d 90 5 5 re f EMC\n" % (number * 10)
    squares = b" ".join(b"%d 9 9 9 re f" % across for across in range(9, 180, 10))
    page.Contents = pdf.make_stream(page.Contents.read_bytes() + b"/Artifact BMC 1 0 0 rg " + squares + b" EMC\n" + own)
    descriptor = pdf.make_indirect(Dictionary(Type=Name.FontDescriptor, FontFile2=pdf.make_stream(b"")))
    font = Dictionary(Type=Name.Font, Subtype=Name.TrueType, BaseFont=Name.A, FontDescriptor=descriptor)
    page.Resources.Font = Dictionary(F=pdf.make_indirect(font))
    return pdf


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vt")
    merge([with_colour(letter(), 1), with_colour(letter(), 2)]).save(folder / "print-01.pdf")
    names, warning = write_all_as_pdf_vt(folder, [row(1), row(2)], PressProfile("press", profile()), MOMENT)
    assert (names, warning) == (["pdfvt-01.pdf"], "")
    return folder


def pictures(path: Path) -> Sequence[bytes]:
    document = pypdfium2.PdfDocument(path)
    drawn = [bytes(page.render(scale=2).to_pil().tobytes()) for page in document]
    document.close()
    return drawn


def test_pages_look_as_in_the_print_file(folder: Path) -> None:
    assert pictures(folder / "pdfvt-01.pdf") == pictures(folder / "print-01.pdf")


def test_what_pieces_have_in_common_is_drawn_by_one_encapsulated_form(folder: Path) -> None:
    with pikepdf.open(folder / "pdfvt-01.pdf") as pdf:
        one, other = (pdf.pages[number].obj.Resources.XObject.Form1 for number in (0, 2))
        assert one.objgen == other.objgen
        assert (one.GTS_Encapsulated, one.GTS_Scope) == (True, Name.File)
        assert "/DefaultRGB" in one.Resources.ColorSpace


def test_each_piece_is_a_document_part_that_tells_what_it_is(folder: Path) -> None:
    with pikepdf.open(folder / "pdfvt-01.pdf") as pdf:
        (parts,) = pdf.Root.DPartRoot.DPartRootNode.DParts
        told = [(str(part.DPM.Letters_Number), str(part.DPM.Letters_ID), str(part.DPM.Letters_ZIP)) for part in parts]
        assert told == [("001", "r1", "49221"), ("002", "r2", "49221")]
        assert [part.Start.objgen for part in parts] == [pdf.pages[0].obj.objgen, pdf.pages[2].obj.objgen]
        assert [(int(part.DPM.Letters_Sheets), float(part.DPM.Letters_Ounces)) for part in parts] == [(1, 0.16)] * 2
        labels = [page.label for page in pdf.pages]
    assert labels == ["001-1", "001-blank", "002-1", "002-blank"]


def test_the_same_pieces_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "print-01.pdf").write_bytes((folder / "print-01.pdf").read_bytes())
    write_all_as_pdf_vt(tmp_path, [row(1), row(2)], PressProfile("press", profile()), MOMENT)
    assert (tmp_path / "pdfvt-01.pdf").read_bytes() == (folder / "pdfvt-01.pdf").read_bytes()


def test_a_file_that_would_fail_is_not_written_and_named(folder: Path, tmp_path: Path) -> None:
    with pikepdf.open(folder / "print-01.pdf") as pdf:
        pdf.Root.AcroForm = Dictionary(Fields=Array())
        pdf.save(tmp_path / "print-01.pdf")
    names, warning = write_all_as_pdf_vt(tmp_path, [row(1), row(2)], PressProfile("press", profile()), MOMENT)
    assert names == []
    assert warning.startswith("pdfvt-01.pdf is not written, since it would not be PDF/VT-1: x-action: ")
    assert not (tmp_path / name_of("print-01.pdf")).exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no profile", "is no ICC profile"),
        (profile(kind=b"mntr", space=b"RGB "), 'is a profile of the class "mntr"'),
        (profile(space=b"RGB "), "is a profile for RGB; presses print CMYK"),
        (None, "cannot be read"),
    ],
)
def test_what_is_no_profile_of_a_press_is_refused(content: bytes | None, said: str, tmp_path: Path) -> None:
    path = tmp_path / "press.icc"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CannotGoOn, match=said):
        read_profile(path)


def metadata(key: str, value: str) -> Callable[[Any], None]:
    def change(pdf: Any) -> None:
        with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as xmp:
            xmp[key] = value

    return change


def page(change: Callable[[Any, Any], None]) -> Callable[[Any], None]:
    return lambda pdf: change(pdf, pdf.pages[0].obj)


def drop(pdf: Any, key: str) -> None:
    del pdf.Root[key]


def parts(change: Callable[[Any], None]) -> Callable[[Any], None]:
    return lambda pdf: change(pdf.Root.DPartRoot)


def link(pdf: Any, page: Any) -> None:
    page.Annots = Array([pdf.make_indirect(Dictionary(Subtype=Name.Link, Rect=Array([0, 0, 1, 1])))])


SPOILED: dict[str, Callable[[Any], None]] = {
    "x-version": metadata("{http://www.npes.org/pdfx/ns/id/}GTS_PDFXVersion", "PDF/X-3"),
    "x-info": lambda pdf: pdf.docinfo.__delitem__("/Trapped"),
    "x-xmp": metadata("xmpMM:VersionID", ""),
    "x-intent": lambda pdf: drop(pdf, "/OutputIntents"),
    "x-boxes": page(lambda _, page: page.__delitem__("/TrimBox")),
    "x-annotation": page(link),
    "x-action": lambda pdf: setattr(pdf.Root, "OpenAction", Dictionary(S=Name.JavaScript)),
    "x-font": page(lambda _, page: page.Resources.Font.F.FontDescriptor.__delitem__("/FontFile2")),
    "x-colour": page(lambda _, page: page.Resources.ColorSpace.__delitem__("/DefaultRGB")),
    "x-image": page(lambda _, page: setattr(page.Resources.XObject.Form, "Alternates", Array())),
    "x-state": page(lambda _, page: setattr(page.Resources, "ExtGState", Dictionary(g=Dictionary(TR=Name.T)))),
    "x-external": page(lambda _, page: setattr(page.Resources.XObject.Form, "Ref", Dictionary())),
    "vt-reuse": page(lambda _, page: setattr(page.Resources.XObject.Form1, "BBox", Array([0, 0, 1, 1]))),
    "vt-version": metadata("{http://www.npes.org/pdfvt/ns/id/}GTS_PDFVTModDate", "2024-01-01T00:00:00Z"),
    "vt-root": lambda pdf: drop(pdf, "/DPartRoot"),
    "vt-parts": parts(lambda root: setattr(root.DPartRootNode.DParts[0][1], "Parent", root)),
    "vt-pages": parts(lambda root: root.DPartRootNode.DParts[0].__delitem__(1)),
    "vt-names": parts(lambda root: setattr(root, "NodeNameList", Array([Name.Mailing]))),
}


@pytest.mark.parametrize("condition", SPOILED)
def test_a_spoiled_file_fails_the_condition(condition: str, folder: Path) -> None:
    with pikepdf.open(io.BytesIO((folder / "pdfvt-01.pdf").read_bytes())) as pdf:
        SPOILED[condition](pdf)
        assert {each.condition for each in vt_failures(pdf)} == {condition}


def test_a_file_that_is_encrypted_or_has_no_id_fails(folder: Path) -> None:
    out = io.BytesIO()
    with pikepdf.open(folder / "pdfvt-01.pdf") as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="a", user=""))
        del pdf.trailer["/ID"]
        assert [each.condition for each in vt_failures(pdf)] == ["x-id"]
    with pikepdf.open(out) as pdf:
        assert [each.condition for each in vt_failures(pdf)] == ["x-encrypted"]


def test_every_condition_is_tried() -> None:
    assert {*SPOILED, "x-id", "x-encrypted"} == set(CONDITIONS)


@pytest.mark.slow
def test_a_mailing_has_its_print_files_for_a_press_in_the_package_and_on_the_cover_sheet(tmp_path: Path) -> None:
    desk = set_up(folder=tmp_path / "desk", rows=(CHIEF,), more='status = "final"\n')
    (desk.folder / "press.icc").write_bytes(profile())
    desk.run("build", "--no-docx")
    said = desk.run("mail", "prepare", "--mail-house", "--pdf-vt", "press.icc").stderr
    assert "as they should be" in said
    assert "print-01.pdf, pdfvt-01.pdf" in said
    with zipfile.ZipFile(desk.out("mail/mail-house.zip")) as package:
        assert package.read("pdfvt-01.pdf") == desk.out("mail/pdfvt-01.pdf").read_bytes()
    document = pypdfium2.PdfDocument(desk.out("mail/cover-sheet.pdf"))
    assert "pdfvt-01.pdf" in document[0].get_textpage().get_text_range()
    document.close()
    assert desk.run("mail", "prepare", "--pdf-vt", "campaign.toml", code=2).stderr.startswith("error: ")
    desk.run("mail", "prepare")
    assert not desk.out("mail/pdfvt-01.pdf").exists()
