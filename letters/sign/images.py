"""Puts pictured signatures on a finished PDF, on the line above the printed name, and into its tag tree."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from letters.formats.pictures import UnusablePicture, check_picture
from letters.model.postal import Inches
from letters.model.problems import CannotGoOn, Exit
from letters.sign.blocks import Block


@dataclass(frozen=True, slots=True)
class Ink:
    """A signature ready to be placed: its pixels, and how it stands on the line."""

    pixels: bytes
    """RGB, eight bits each."""
    veil: bytes
    """How much of each pixel covers the paper."""
    size: tuple[int, int]
    height: Inches
    below: float

    @property
    def width(self) -> Inches:
        """The width that goes with the height."""
        return self.height * self.size[0] / self.size[1]


def read_ink(path: Path, height: Inches, below: float) -> Ink:
    """Read a picture; raises CannotGoOn where it is none."""
    from PIL import Image, UnidentifiedImageError

    try:
        check_picture(path)
    except UnusablePicture as error:
        raise CannotGoOn(Exit.PROBLEMS, f'"{path}" cannot be used: {error.what}', error.hint) from None
    try:
        with Image.open(path) as image:
            pixels = image.convert("RGBA")
    except (UnidentifiedImageError, OSError):
        raise CannotGoOn(Exit.PROBLEMS, f'"{path}" is not a picture', "save it again as PNG") from None
    return Ink(pixels.convert("RGB").tobytes(), pixels.getchannel("A").tobytes(), pixels.size, height, below)


def place(content: bytes, signatures: Sequence[tuple[Block, Ink]]) -> bytes:
    """Put signatures on their lines; each becomes a figure of the tag tree, described by whose signature it is."""
    import pikepdf

    out = io.BytesIO()
    with pikepdf.Pdf.open(io.BytesIO(content)) as pdf:
        for which, (block, ink) in enumerate(signatures, start=1):
            page = pdf.pages[block.page]
            name = pikepdf.Name(f"/Signature{which}")
            _have_own_resources(page)
            page.add_resource(_picture(pdf, ink), pikepdf.Name.XObject, name)
            box = _box(block, ink, float(page.mediabox[3]))
            number = _add_figure(pdf, page, f"Signature of {block.signer}", box)
            page.contents_add(b"q\n", prepend=True)
            page.contents_add(_drawing(str(name), number, box).encode())
        pdf.save(out, deterministic_id=True)
    return out.getvalue()


def _have_own_resources(page: Any) -> None:
    """Give a page a list of resources that it shares with no other page, which would else name the picture, too."""
    from pikepdf import Dictionary, Name

    page.obj.Resources = Dictionary(page.obj.get("/Resources", Dictionary()))
    page.obj.Resources[Name.XObject] = Dictionary(page.obj.Resources.get("/XObject", Dictionary()))


def _box(block: Block, ink: Ink, height: float) -> list[float]:
    """Return where the picture goes, in points from the lower left: it stands on the line, its tail hangs below."""
    left, bottom = block.left * 72, height - (block.line + ink.height * ink.below) * 72
    return [round(each, 3) for each in (left, bottom, left + ink.width * 72, bottom + ink.height * 72)]


def _drawing(name: str, number: int | None, box: Sequence[float]) -> str:
    begin = "/Artifact BMC" if number is None else f"/Figure <</MCID {number}>> BDC"
    matrix = f"{box[2] - box[0]:.3f} 0 0 {box[3] - box[1]:.3f} {box[0]:.3f} {box[1]:.3f} cm"
    return f"Q\n{begin}\nq {matrix} {name} Do Q\nEMC\n"


def _picture(pdf: Any, ink: Ink) -> Any:
    from pikepdf import Name, Stream

    about = {
        "Type": Name.XObject,
        "Subtype": Name.Image,
        "Width": ink.size[0],
        "Height": ink.size[1],
        "BitsPerComponent": 8,
    }
    veil = Stream(pdf, ink.veil, **about, ColorSpace=Name.DeviceGray)
    return pdf.make_indirect(Stream(pdf, ink.pixels, **about, ColorSpace=Name.DeviceRGB, SMask=pdf.make_indirect(veil)))


def _add_figure(pdf: Any, page: Any, description: str, box: Sequence[float]) -> int | None:
    """Add a figure to the tag tree and tell the number of its content on the page; None where there is no tree."""
    from pikepdf import Array, Dictionary, Name, NumberTree

    tree = pdf.Root.get("/StructTreeRoot")
    if tree is None or "/StructParents" not in page.obj:
        return None
    content = NumberTree(tree.ParentTree)[int(page.obj.StructParents)]
    parent = tree.K[0] if isinstance(tree.K, Array) else tree.K
    layout = Dictionary(O=Name.Layout, BBox=Array(box), Placement=Name.Block)
    figure = Dictionary(
        Type=Name.StructElem, S=Name.Figure, P=parent, Pg=page.obj, Alt=description, K=len(content), A=layout
    )
    if not isinstance(parent.K, Array):
        parent.K = Array([parent.K])
    content.append(pdf.make_indirect(figure))
    parent.K.append(content[-1])
    return len(content) - 1
