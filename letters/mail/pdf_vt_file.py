"""Writes print files for presses: as PDF/VT-1 (ISO 16612-2) beside the others, and with content that can be reused.

A file of this kind has the profile of a press as its output intent, and a document part for each piece that tells what
the piece is. It is for machines: links, tags and the reading order stay in the print file that it was made from.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf

from letters.formats.files import sha256, writing_whole
from letters.formats.pdf_reuse import reuse
from letters.formats.pdf_vt import PDF_VT, PDF_X, VtFailure, profile_fault, vt_failures
from letters.mail.assemble import cut
from letters.mail.manifest import ManifestRow
from letters.mail.pieces import label
from letters.model.problems import CannotGoOn, Exit

_OF_TAGS = ("/StructTreeRoot", "/MarkInfo")
_OF_READERS = ("/Annots", "/StructParents", "/Tabs")
"""What pages have for readers."""

_LEAST = 8
"""Pieces that draw the same before it is worth a form in a file with tags, where it is a line and costs 400 bytes."""


@dataclass(frozen=True, slots=True)
class PressProfile:
    """The colour profile of a press, as the print shop gave it."""

    name: str
    content: bytes


def read_profile(path: Path) -> PressProfile:
    """Read the profile of a press; raises CannotGoOn where the file is none."""
    try:
        content = path.read_bytes()
    except OSError:
        raise CannotGoOn(Exit.WRONG_CALL, f'"{path}" cannot be read', "ask the print shop for its profile") from None
    if fault := profile_fault(content):
        hint = "ask the print shop for the ICC profile of its press: a file that ends in .icc"
        raise CannotGoOn(Exit.WRONG_CALL, f'"{path}" {fault}', hint)
    return PressProfile(path.stem, content)


def name_of(print_file: str) -> str:
    """Return the name of the PDF/VT file for a print file: pdfvt-01.pdf."""
    return print_file.replace("print-", "pdfvt-", 1)


def write_all_as_pdf_vt(
    folder: Path, rows: Sequence[ManifestRow], profile: PressProfile, moment: str
) -> tuple[list[str], str]:
    """Write each print file of some pieces as PDF/VT-1, too; return their names, and what kept one from being it."""
    names, warning = [], ""
    last = max(row.piece.number for row in rows)
    for print_file in _print_files(rows):
        if failures := write_pdf_vt(folder, print_file, rows, last, profile, moment):
            warning = warning or f"{name_of(print_file)} is not written, since it would not be PDF/VT-1: {failures[0]}."
        else:
            names.append(name_of(print_file))
    return names, warning


def write_pdf_vt(
    folder: Path, print_file: str, rows: Sequence[ManifestRow], last: int, profile: PressProfile, moment: str
) -> list[VtFailure]:
    """Write a print file as PDF/VT-1, checked; nothing is written where a check fails, which is returned."""
    with pikepdf.open(folder / print_file) as pdf:
        _drop_what_readers_need(pdf)
        spaces = Dictionary(DefaultRGB=Array([Name.ICCBased, _screen_profile(pdf, moment)]))
        tied: set[tuple[int, int]] = set()
        for page in pdf.pages:
            _tie_colours(page.obj.Resources, spaces, tied)
        own = list(_own(rows, print_file))
        reuse(pdf, owners_of(own), keeps_tags=False, split=cut)
        _add_intent(pdf, profile)
        _add_parts(pdf, own, last)
        _tell(pdf, moment, sha256((folder / print_file).read_bytes()))
        out = io.BytesIO()
        pdf.save(
            out,
            # PDF/X-4 is PDF 1.6 (ISO 15930-7).
            force_version="1.6",
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
    # Checked as it is read back: what only the open file has would not be in the one that is sent.
    with pikepdf.open(out) as written:
        failures = vt_failures(written)
    if not failures:
        with writing_whole(folder / name_of(print_file)) as file:
            file.write(out.getvalue())
    return failures


def _print_files(rows: Sequence[ManifestRow]) -> list[str]:
    return sorted({span.file for row in rows for span in row.spans})


def _own(rows: Sequence[ManifestRow], print_file: str) -> Iterator[tuple[ManifestRow, int, int]]:
    """Yield the pieces in a print file, each with its first and last side, counted from 0."""
    for row in rows:
        for span in row.spans:
            if span.file == print_file:
                yield row, span.first - 1, span.last - 1


def owners_of(placed: Sequence[tuple[ManifestRow, int, int]]) -> list[int]:
    """Return for each side of a print file which of its pieces it belongs to, counted from 0."""
    return [number for number, (_, first, last) in enumerate(placed) for _ in range(first, last + 1)]


def make_reusable(folder: Path, rows: Sequence[ManifestRow]) -> None:
    """Write the print files of some pieces again: what several have in common is drawn by encapsulated forms."""
    for name in _print_files(rows):
        out = io.BytesIO()
        with pikepdf.open(folder / name) as pdf:
            reuse(pdf, owners_of(list(_own(rows, name))), keeps_tags=True, least=_LEAST, split=cut)
            pdf.save(
                out,
                min_version="1.7",
                deterministic_id=True,
                object_stream_mode=pikepdf.ObjectStreamMode.generate,
            )
        with writing_whole(folder / name) as file:
            file.write(out.getbuffer())


def _drop_what_readers_need(pdf: Pdf) -> None:
    """Take out links, which may not be inside of a page that is printed (ISO 15930-7), and the tags that name them."""
    for key in _OF_TAGS:
        if key in pdf.Root:
            del pdf.Root[key]
    for page in pdf.pages:
        for key in _OF_READERS:
            if key in page.obj:
                del page.obj[key]
        # PDF/X wants the edge of the finished sheet: paper that is not cut is its own.
        if "/TrimBox" not in page.obj:
            page.obj.TrimBox = page.obj.MediaBox


def _screen_profile(pdf: Pdf, moment: str) -> Object:
    """Return sRGB as a profile, with the date of the letters in place of the clock's."""
    from PIL import ImageCms

    content = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    numbers = [int(moment[start:end]) for start, end in ((0, 4), (5, 7), (8, 10))]
    # The date of a profile is six numbers of two bytes (ISO 15076-1, 7.2.8); a checksum of zeros is none.
    content[24:36] = b"".join(number.to_bytes(2, "big") for number in (*numbers, 0, 0, 0))
    content[84:100] = bytes(16)
    stream = pdf.make_stream(bytes(content))
    stream.N = 3
    return stream


def _tie_colours(resources: Object, spaces: Object, seen: set[tuple[int, int]]) -> None:
    """Say of all RGB colours that they are those of sRGB: by themselves they would be the press's."""
    if resources.is_indirect and resources.objgen in seen:
        return
    seen.add(resources.objgen)
    resources.ColorSpace = Dictionary(
        {**dict(resources.get("/ColorSpace", Dictionary()).items()), **dict(spaces.items())}
    )
    for kind in ("/XObject", "/Pattern"):
        for thing in (resources.get(kind) or {}).values():
            if isinstance(thing, pikepdf.Stream) and "/Resources" in thing and thing.objgen not in seen:
                seen.add(thing.objgen)
                _tie_colours(thing.Resources, spaces, seen)


def _add_intent(pdf: Pdf, profile: PressProfile) -> None:
    stream = pdf.make_stream(profile.content)
    # Components of the colours: `profile_fault` has made sure that it is CMYK.
    stream.N = 4
    intent = Dictionary(Type=Name.OutputIntent, S=Name.GTS_PDFX, DestOutputProfile=stream)
    intent.OutputConditionIdentifier = intent.Info = profile.name
    pdf.Root.OutputIntents = Array([intent])


def _add_parts(pdf: Pdf, placed: Sequence[tuple[ManifestRow, int, int]], last: int) -> None:
    """Add the tree of document parts (ISO 16612-2, 6.5): the file, and below it the pieces with what they are."""
    root = pdf.make_indirect(Dictionary(Type=Name.DPartRoot, RecordLevel=1))
    root.NodeNameList = Array([Name.Mailing, Name.Piece])
    node = pdf.make_indirect(Dictionary(Type=Name.DPart, Parent=root))
    root.DPartRootNode = node
    leaves = []
    pages: list[Any] = list(pdf.pages)
    for row, first, end in placed:
        leaf = pdf.make_indirect(Dictionary(Type=Name.DPart, Parent=node))
        leaf.Start, leaf.End = pages[first].obj, pages[end].obj
        leaf.DPM = Dictionary(
            # Keys of our own, by their prefix: the standard leaves them to whoever writes the file.
            Letters_Number=label(row.piece.number, last),
            Letters_ID=row.piece.recipient,
            Letters_Sheets=row.sheets,
            Letters_ZIP=row.piece.zip,
            Letters_Ounces=row.ounces,
        )
        for page in pages[first : end + 1]:
            page.obj.DPart = leaf
        leaves.append(leaf)
    node.DParts = Array([Array(leaves)])
    pdf.Root.DPartRoot = root


def _tell(pdf: Pdf, moment: str, digest: str) -> None:
    """Say what the file is, in both places where a PDF does."""
    # Whether the overlaps of inks are drawn already: PDF/X does not take "unknown".
    pdf.docinfo.Trapped = Name("/False")
    pdf.docinfo.Producer = "letters"
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as xmp:
        xmp.register_xml_namespace(PDF_X, "pdfxid")
        xmp.register_xml_namespace(PDF_VT, "pdfvtid")
        if "pdfuaid:part" in xmp:
            del xmp["pdfuaid:part"]
        xmp[f"{{{PDF_X}}}GTS_PDFXVersion"] = "PDF/X-4"
        xmp[f"{{{PDF_VT}}}GTS_PDFVTVersion"] = "PDF/VT-1"
        xmp[f"{{{PDF_VT}}}GTS_PDFVTModDate"] = moment
        xmp["xmpMM:DocumentID"] = f"uuid:{digest[:32]}"
        xmp["xmpMM:VersionID"] = "1"
        xmp["xmpMM:RenditionClass"] = "default"
        xmp["xmp:MetadataDate"] = moment
        xmp["pdf:Producer"] = "letters"
        xmp["pdf:Trapped"] = "False"
