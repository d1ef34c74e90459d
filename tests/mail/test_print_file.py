"""The print file: what a printer and a reader find in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest

from letters.formats.pdf_ua import failures
from letters.formats.pdf_vt import encapsulation_faults
from letters.mail.assemble import PrintFileInfo
from letters.mail.manifest import ManifestRow
from letters.mail.pdf_vt_file import make_reusable
from letters.mail.pieces import Document, Piece, numbered
from letters.mail.print_file import PlacedPiece, Printing, write_batch
from letters.mail.windows import parts_of
from letters.model.problems import CannotGoOn
from tests.mail.tags import audit
from tests.sample import SIX, Built

ABOUT = PrintFileInfo(
    title="Guidance", author="First Organization", language="en-US", moment="2025-09-17T00:00:00Z", duplex=True
)
FEW = ("berrien-county-sheriff", "adrian-police", "taylor-police", "alcona-county-sheriff")


def pieces_of(built: Built, names: tuple[str, ...] = FEW) -> list[Piece]:
    pieces = []
    for name in names:
        path = built.out / "pdf" / f"{name}.pdf"
        document = Document(pdf=path, sha256=hashlib.sha256(path.read_bytes()).hexdigest(), parts=parts_of(path))
        piece = Piece(
            recipient=name, name=f"The {name}", agency=name, county="", address=(name,), zip="", documents=(document,)
        )
        pieces.append(piece)
    return numbered(pieces, 17)


def write(pieces: list[Piece], folder: Path, **how: Any) -> list[PlacedPiece]:
    return list(write_batch(pieces, "print-01", folder, ABOUT, Printing(last=83, **how)))


@pytest.fixture(scope="module")
def printed(dozen: Built, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[PlacedPiece], Path]:
    folder = tmp_path_factory.mktemp("print")
    return write(pieces_of(dozen), folder), folder / "print-01.pdf"


@pytest.fixture(scope="module")
def pdf(printed: tuple[list[PlacedPiece], Path]) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(printed[1]) as pdf:
        yield pdf


def labels(pdf: pikepdf.Pdf) -> list[str]:
    return [page.label for page in pdf.pages]


def pixels(content: bytes | Path, page: int) -> bytes:
    document = pypdfium2.PdfDocument(content)
    picture = document[page].render(scale=0.8).to_pil().tobytes()
    document.close()
    return bytes(picture)


def test_the_file_has_no_mistake_that_qpdf_would_find(pdf: pikepdf.Pdf) -> None:
    assert pdf.check_pdf_syntax() == []


def test_every_piece_starts_on_a_front(printed: tuple[list[PlacedPiece], Path]) -> None:
    spans = [each.spans[0] for each in printed[0]]
    assert [span.first % 2 for span in spans] == [1] * len(FEW)
    assert [span.first for span in spans[1:]] == [span.last + 1 for span in spans[:-1]]


def test_enclosures_start_on_a_front_too(printed: tuple[list[PlacedPiece], Path], pdf: pikepdf.Pdf) -> None:
    for placed in printed[0]:
        parts, side = placed.piece.letter.parts, placed.spans[0].first
        assert len(parts) > 1
        for pages in parts:
            assert side % 2 == 1
            assert "blank" not in labels(pdf)[side - 1]
            side += pages + pages % 2


def test_page_labels_name_piece_and_page(printed: tuple[list[PlacedPiece], Path], pdf: pikepdf.Pdf) -> None:
    for placed in printed[0]:
        span = placed.spans[0]
        written = [label for label in labels(pdf)[span.first - 1 : span.last] if not label.endswith("blank")]
        assert written == [f"{placed.piece.number:03}-{n + 1}" for n in range(placed.piece.pages)]


def test_blank_backs_are_blank(pdf: pikepdf.Pdf) -> None:
    blank = [number for number, label in enumerate(labels(pdf)) if label.endswith("blank")]
    assert blank
    for number in blank:
        assert pdf.pages[number].Contents.read_bytes() == b"/Artifact BMC EMC"


def test_bookmarks_lead_to_the_first_page_of_each_piece(
    printed: tuple[list[PlacedPiece], Path], pdf: pikepdf.Pdf
) -> None:
    numbers = {page.objgen: number for number, page in enumerate(pdf.pages, start=1)}
    with pdf.open_outline() as outline:
        found = [(item.title, numbers[item.destination[0].objgen], len(item.children)) for item in outline.root]
    expected = [(f"{each.piece.number:03} {each.piece.name}", each.spans[0].first) for each in printed[0]]
    assert [entry[:2] for entry in found] == expected
    assert all(children > 3 for _, _, children in found)


def test_pages_look_as_in_the_letters(printed: tuple[list[PlacedPiece], Path]) -> None:
    for placed in printed[0]:
        for page in (0, placed.piece.letter.parts[0] - 1):
            assert pixels(placed.piece.letter.pdf, page) == pixels(printed[1], placed.spans[0].first - 1 + page)


def test_the_text_is_that_of_the_letters(printed: tuple[list[PlacedPiece], Path]) -> None:
    document = pypdfium2.PdfDocument(printed[1])
    for placed in printed[0]:
        letter = pypdfium2.PdfDocument(placed.piece.letter.pdf)
        for page in range(placed.piece.letter.parts[0]):
            ours = document[placed.spans[0].first - 1 + page].get_textpage().get_text_range()
            assert ours == letter[page].get_textpage().get_text_range()
        letter.close()
    document.close()


def test_tags_are_whole(pdf: pikepdf.Pdf) -> None:
    assert audit(pdf) == []


def test_each_letter_keeps_its_tags(printed: tuple[list[PlacedPiece], Path], pdf: pikepdf.Pdf) -> None:
    parts = list(pdf.Root.StructTreeRoot.K[0].K)
    assert [str(part.T) for part in parts] == [f"{each.piece.number:03} {each.piece.name}" for each in printed[0]]
    for part, placed in zip(parts, printed[0], strict=True):
        with pikepdf.open(placed.piece.letter.pdf) as letter:
            (document,) = letter.Root.StructTreeRoot.K
            assert list(filter(None, kinds(part.K[0]))) == list(filter(None, kinds(document)))


def kinds(element: Any) -> list[str]:
    """List the kinds of elements that have content, in order, but for wrappers that say nothing."""
    kids = element.get("/K", [])
    found = []
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        found += kinds(kid) if isinstance(kid, pikepdf.Dictionary) and "/S" in kid else [""]
    is_wrapper = str(element.S) in ("/Span", "/NonStruct") and "/Alt" not in element
    return found if is_wrapper or not found else [str(element.S), *filter(None, found)]


def test_the_file_says_that_it_is_accessible(pdf: pikepdf.Pdf) -> None:
    assert str(pdf.Root.Lang) == "en-US"
    assert bool(pdf.Root.MarkInfo.Marked)
    assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
    with pdf.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"] == "Guidance, print-01.pdf"
    written = pdf.Root.Metadata.read_bytes()
    assert b"<pdfuaid:part>1</pdfuaid:part><dc:title><rdf:Alt>" in written


def test_the_printer_is_told_not_to_scale_and_to_turn_along_the_long_edge(pdf: pikepdf.Pdf) -> None:
    preferences = pdf.Root.ViewerPreferences
    assert (str(preferences.PrintScaling), str(preferences.Duplex)) == ("/None", "/DuplexFlipLongEdge")


def test_what_letters_have_in_common_is_there_once(pdf: pikepdf.Pdf) -> None:
    for kind in ("/FontFile2", "/FontFile3", "/ToUnicode"):
        files = [
            each[kind].read_raw_bytes() for each in pdf.objects if isinstance(each, pikepdf.Dictionary) and kind in each
        ]
        assert len(files) == len(set(files))
    contents = [part.objgen for page in pdf.pages if isinstance(page.Contents, pikepdf.Array) for part in page.Contents]
    assert len(set(contents)) < len(contents)


def test_a_print_file_is_smaller_than_its_letters(dozen: Built, tmp_path: Path) -> None:
    pieces = pieces_of(dozen, SIX)
    write(pieces, tmp_path)
    apart = sum(piece.letter.pdf.stat().st_size for piece in pieces)
    assert (tmp_path / "print-01.pdf").stat().st_size < 0.6 * apart


def test_the_same_letters_give_the_same_bytes(
    printed: tuple[list[PlacedPiece], Path], dozen: Built, tmp_path: Path
) -> None:
    write(pieces_of(dozen), tmp_path)
    assert (tmp_path / "print-01.pdf").read_bytes() == printed[1].read_bytes()


def test_simplex_has_no_blank_backs(dozen: Built, tmp_path: Path) -> None:
    placed = write(pieces_of(dozen), tmp_path, duplex=False)
    with pikepdf.open(tmp_path / "print-01.pdf") as pdf:
        assert len(pdf.pages) == sum(each.piece.pages for each in placed)


def test_two_trays_get_first_sheets_and_the_rest(dozen: Built, tmp_path: Path) -> None:
    placed = write(pieces_of(dozen), tmp_path, trays=True)
    with pikepdf.open(tmp_path / "print-01-first.pdf") as first, pikepdf.open(tmp_path / "print-01-rest.pdf") as rest:
        assert labels(first) == [f"{each.piece.number:03}-{page}" for each in placed for page in (1, 2)]
        assert labels(rest)[0] == "017-3"
        assert len(first.pages) + len(rest.pages) == sum(each.piece.sheets(duplex=True) * 2 for each in placed)
        assert audit(first) == audit(rest) == []
        assert first.check_pdf_syntax() == rest.check_pdf_syntax() == []


def test_a_letter_that_changed_since_stops_the_print_file(dozen: Built, tmp_path: Path) -> None:
    (piece, *_) = pieces_of(dozen)
    changed = tmp_path / "changed.pdf"
    changed.write_bytes(piece.letter.pdf.read_bytes() + b"\n")
    document = Document(pdf=changed, sha256=piece.letter.sha256, parts=piece.letter.parts)
    moved = Piece(
        recipient="x", name="x", agency="x", county="", address=("x",), zip="", number=1, documents=(document,)
    )
    with pytest.raises(CannotGoOn, match="is not the file that was taken into the mailing"):
        write([moved], tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def plain_piece(folder: Path) -> Piece:
    """Write a PDF that another program might make: one page, no tags, no labels."""
    plain = pikepdf.new()
    plain.add_blank_page(page_size=(612, 792))
    path = folder / "plain.pdf"
    plain.save(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    document = Document(pdf=path, sha256=digest, parts=parts_of(path))
    return Piece(
        recipient="x", name="x", agency="x", county="", address=("x",), zip="", number=1, documents=(document,)
    )


def test_a_letter_without_tags_or_labels_is_printed_all_the_same(tmp_path: Path) -> None:
    write([plain_piece(tmp_path)], tmp_path)
    with pikepdf.open(tmp_path / "print-01.pdf") as pdf:
        assert labels(pdf) == ["001-1", "001-blank"]


def test_letterhead_paper_gets_letters_without_letterhead(
    printed: tuple[list[PlacedPiece], Path], dozen: Built, tmp_path: Path
) -> None:
    placed = write(pieces_of(dozen), tmp_path, preprinted=True)
    side = placed[1].spans[0].first - 1
    before, after = (picture(path, side) for path in (printed[1], tmp_path / "print-01.pdf"))
    assert ink(before, 0.4, 1.3)
    assert not ink(after, 0.4, 1.3)
    assert before.crop((0, 130, 850, 1100)).tobytes() == after.crop((0, 130, 850, 1100)).tobytes()
    assert pixels(printed[1], side + 1) == pixels(tmp_path / "print-01.pdf", side + 1)
    with pikepdf.open(tmp_path / "print-01.pdf") as pdf:
        assert audit(pdf) == pdf.check_pdf_syntax() == []


def picture(content: Path, page: int) -> Any:
    """Draw a page with a hundred dots to the inch."""
    document = pypdfium2.PdfDocument(content)
    drawn = document[page].render(scale=100 / 72).to_pil().convert("L")
    document.close()
    return drawn


def ink(picture: Any, top: float, bottom: float) -> bool:
    """Tell whether there is any ink between two heights, in inches."""
    darkest, _ = picture.crop((0, int(top * 100), 850, int(bottom * 100))).getextrema()
    return bool(darkest < 200)


def test_a_letter_without_letterhead_stops_printing_on_letterhead_paper(tmp_path: Path) -> None:
    with pytest.raises(CannotGoOn, match="no letterhead was found on the letter to x"):
        write([plain_piece(tmp_path)], tmp_path, preprinted=True)


@pytest.mark.slow
def test_a_print_file_that_a_press_can_reuse_is_that_of_the_letters_to_the_dot(dozen: Built, tmp_path: Path) -> None:
    rows = []
    for placed in write(pieces_of(dozen, SIX), tmp_path):
        rows.append(ManifestRow(piece=placed.piece, sheets=1, ounces=1.0, spans=placed.spans))
    print_file = tmp_path / "print-01.pdf"
    size = print_file.stat().st_size
    make_reusable(tmp_path, rows)
    assert print_file.stat().st_size < 1.4 * size
    with pikepdf.open(print_file) as pdf:
        assert audit(pdf) == []
        assert list(encapsulation_faults(pdf)) == []
        assert len(list(pdf.Root.StructTreeRoot.K[0].K)) == len(SIX)
    assert failures(print_file.read_bytes()) == []
    for row in rows:
        side, page = row.spans[0].first - 1, 0
        for pages in row.piece.letter.parts:
            for number in range(pages):
                assert shown(print_file, side + number) == shown(row.piece.letter.pdf, page + number)
            side, page = side + pages + pages % 2, page + pages


def shown(path: Path, page: int) -> tuple[bytes, str]:
    """Return the dots of a page at 100 to the inch, and its text."""
    document = pypdfium2.PdfDocument(path)
    dots = bytes(document[page].render(scale=100 / 72).to_pil().tobytes())
    text = document[page].get_textpage().get_text_range()
    document.close()
    return dots, text
