"""Finds where people sign: signature blocks, sheets to be signed by hand, signature images and where they go."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from letters.campaign.load import Project
from letters.formats.files import csv_bytes, write_whole
from letters.formats.pictures import UnusablePicture, check_picture
from letters.mail.assemble import Assembler
from letters.mail.pieces import DocumentKind, LeftOut, Piece, label
from letters.mail.print_file import Printing, add_sheets
from letters.mail.typeset import about_print_files
from letters.mail.windows import Word, bounds, read_words
from letters.model.postal import Box, Inches
from letters.model.problems import CannotGoOn, Exit, Place, Problem, did_you_mean
from letters.model.settings import STRICT_KEYS, Signer
from letters.read.toml import read_toml, validate

# What the frame of a letter leaves free above a printed name, and how wide a signature may be.
_ROOM_HEIGHT: Inches = 0.6
_ROOM_WIDTH: Inches = 2.6
_LINE_ABOVE: Inches = 0.1
"""From the top of the printed name to the line one signs on."""
LISTED, SHEETS = "to-sign.csv", "to-sign.pdf"
FOLDER = "signatures"
"""Beside campaign.toml, outside version control."""
_INDEX = "signatures.toml"
_INDEX_SHOWN = f"{FOLDER}/{_INDEX}"
_HIGHEST_IMAGE = 0.6
"""Inches: the room above a name in the signature block."""


@dataclass(frozen=True, slots=True)
class Block:
    """Where one person signs."""

    signer: str
    page: int
    """Counted from 0."""
    left: Inches
    line: Inches
    """The line the signature stands on, from the top of the page."""
    room: Box
    """What a signature may fill."""


def find_blocks(words: Sequence[Word], signers: Sequence[Signer]) -> dict[str, Block]:
    """Find the signature block of each signer: the last words that read as the name, title and organization."""
    texts = [word.text for word in words]
    blocks = {}
    for signer in signers:
        wanted = " ".join((signer.name, signer.title, signer.organization)).split()
        length = len(signer.name.split())
        # From the end: the letter may name a signer, with title and organization, before the block.
        starts = range(len(texts) - len(wanted), -1, -1)
        start = next((n for n in starts if texts[n : n + len(wanted)] == wanted), None)
        if start is not None:
            blocks[signer.name] = _block(signer.name, words[start : start + length])
    return blocks


def _block(signer: str, name: Sequence[Word]) -> Block:
    printed = bounds(name)
    line = printed.top - _LINE_ABOVE
    room = Box(printed.left, line - _ROOM_HEIGHT + _LINE_ABOVE, printed.left + _ROOM_WIDTH, printed.top)
    return Block(signer, name[0].page, printed.left, line, room)


def crowded(block: Block, words: Sequence[Word]) -> list[Word]:
    """List the words that stand where somebody should sign."""
    return [word for word in words if word.page == block.page and block.room.touches(word.box)]


def find_room(
    content: bytes, pages: int, signers: Sequence[Signer], names: Iterable[str]
) -> tuple[dict[str, Block], str]:
    """Find the signature blocks in the first pages of a PDF, and say why one of those named cannot sign, if so.

    Pages are read from the last one on, no more than needed: to read one takes 9 ms, and people sign at the end.
    """
    words: list[Word] = []
    blocks: dict[str, Block] = {}
    for page in reversed(range(pages)):
        words = [*read_words(content, [page]), *words]
        blocks = find_blocks(words, signers)
        if len(blocks) == len(signers):
            break
    return blocks, next(filter(None, (_fault(blocks.get(name), name, words) for name in names)), "")


def _fault(block: Block | None, name: str, words: Sequence[Word]) -> str:
    if block is None:
        return f"the signature block of {name} was not found in the letter"
    in_the_way = crowded(block, words)
    return f'"{in_the_way[0].text}" stands where {name} should sign' if in_the_way else ""


def write_sheets(project: Project, pieces: Sequence[Piece], folder: Path, printing: Printing) -> list[LeftOut]:
    """Write who signs which page of which letter, and the sheets these pages are on, as they are in the print files.

    Returned are the letters in which a signature block is missing or has no room. Raises CannotGoOn where all are such.
    """
    # By hand everybody signs: a block that is missing would be noticed at the table, with the pen in the hand.
    signers = project.campaign.signers
    found, left_out = [], []
    for piece in (each for each in pieces if each.kind is DocumentKind.LETTER):
        names = [signer.name for signer in signers]
        blocks, fault = find_room(piece.letter.pdf.read_bytes(), piece.letter.parts[0], signers, names)
        if fault:
            left_out.append(LeftOut(piece.recipient, piece.agency, fault))
        else:
            found.append((piece, list(blocks.values())))
    if not found:
        message = "no letter can be signed by hand: " + "; ".join(dict.fromkeys(each.why for each in left_out))
        raise CannotGoOn(Exit.PROBLEMS, message, "the frame of the letter needs its signature block")
    write_whole(folder / LISTED, _list(found, printing))
    write_whole(folder / SHEETS, _sheets(project, found, printing))
    return left_out


def _list(found: Sequence[tuple[Piece, Sequence[Block]]], printing: Printing) -> bytes:
    rows: list[list[object]] = [["number", "id", "recipient", "signer", "page", "sheet"]]
    for piece, blocks in found:
        for block in blocks:
            place = (block.page + 1, _sheet_of(block, printing) + 1)
            rows.append([label(piece.number, printing.last), piece.recipient, piece.name, block.signer, *place])
    return csv_bytes(rows)


def _sheets(project: Project, found: Sequence[tuple[Piece, Sequence[Block]]], printing: Printing) -> bytes:
    """Put the sheets into one PDF, both sides of each, with the bookmarks and page labels of the print files."""
    out = io.BytesIO()
    about = about_print_files(project, duplex=printing.duplex)
    assembler = Assembler(out, replace(about, title="Sheets to sign"))
    for piece, blocks in found:
        add_sheets(assembler, piece, printing, {_sheet_of(block, printing) for block in blocks})
    assembler.finish()
    return out.getvalue()


def _sheet_of(block: Block, printing: Printing) -> int:
    """Return the sheet that a block is on, counted from 0: people sign on the letter, which begins on a front."""
    return block.page // (2 if printing.duplex else 1)


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
        # Before it is opened: a picture of a few bytes may unpack to gigabytes.
        check_picture(path)
    except UnusablePicture as error:
        raise CannotGoOn(Exit.PROBLEMS, f'"{path}" cannot be used: {error.what}', error.hint) from None
    try:
        with Image.open(path) as image:
            # A JPEG has no transparency; then the veil is full, and paper in the picture covers what is below it.
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
            # Shared resources would name the picture on every page; the audit then took all of them for drawn
            # otherwise.
            _have_own_resources(page)
            page.add_resource(_picture(pdf, ink), pikepdf.Name.XObject, name)
            box = _box(block, ink, float(page.mediabox[3]))
            number = _add_figure(pdf, page, f"Signature of {block.signer}", box)
            # The page's own operators stand between q and Q: what they do to the coordinates must not move this.
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
    # PDF counts up from the lower edge, and in points.
    left, bottom = block.left * 72, height - (block.line + ink.height * ink.below) * 72
    return [round(each, 3) for each in (left, bottom, left + ink.width * 72, bottom + ink.height * 72)]


def _drawing(name: str, number: int | None, box: Sequence[float]) -> str:
    # Without a tag tree there is nothing that it could be a part of.
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
    # A soft mask (PDF 32000-2, 11.6.5): the dark of the ink covers, the paper around it does not.
    veil = Stream(pdf, ink.veil, **about, ColorSpace=Name.DeviceGray)
    return pdf.make_indirect(Stream(pdf, ink.pixels, **about, ColorSpace=Name.DeviceRGB, SMask=pdf.make_indirect(veil)))


def _add_figure(pdf: Any, page: Any, description: str, box: Sequence[float]) -> int | None:
    """Add a figure to the tag tree and tell the number of its content on the page; None where there is no tree."""
    from pikepdf import Array, Dictionary, Name, NumberTree

    tree = pdf.Root.get("/StructTreeRoot")
    if tree is None or "/StructParents" not in page.obj:
        return None
    # By the numbers of a page's marked content this lists the elements that own it (ISO 32000-1, 14.7.4.4).
    content = NumberTree(tree.ParentTree)[int(page.obj.StructParents)]
    # The letter itself, which is the first element below the root.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture of somebody's signature, and how it is set on the line."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT_KEYS
    name: str
    """The signer, as in campaign.toml."""
    image: Path
    """A PNG or JPEG file in the same folder."""
    height: Inches = 0.5
    """Of the whole picture."""
    below: float = 0.2
    """Which share of the height hangs below the line, as the tail of a "y" does."""


def read_signatures(campaign: Path, signers: Sequence[Signer]) -> tuple[dict[str, Picture], list[Problem]]:
    """Return who has a signature image, by name; `campaign` is the campaign's folder.

    Raises CannotGoOn when there is no list of them.
    """
    folder = campaign / FOLDER
    file = read_toml(folder / _INDEX, _INDEX_SHOWN)
    problems = [*file.problems, *_privacy_problems(campaign)]
    names = [signer.name for signer in signers]
    pictures: dict[str, Picture] = {}
    for number, each in enumerate(file.table.get("signature", [])):
        picture, more = validate(Picture, each, file, ("signature", number))
        problems += more
        if picture:
            place = file.place("signature", number)
            problems += _picture_problems(picture, folder, names, place)
            pictures[picture.name] = picture
    missing = [name for name in names if name not in pictures]
    # Where something is wrong with the list, a picture may only seem to be missing.
    if missing and not problems:
        what = f'"{missing[0]}" signs this campaign, but no picture of that signature is listed'
        hint = "add a [[signature]] table with name and image, or have the letters signed by hand: --wet"
        problems.append(Problem(Place(_INDEX_SHOWN), what, hint))
    return pictures, problems


def _picture_problems(picture: Picture, folder: Path, names: Sequence[str], place: Place) -> Iterable[Problem]:
    if picture.name not in names:
        what = f'"{picture.name}" does not sign this campaign'
        yield Problem(place, what, did_you_mean(picture.name, names))
    file = (folder / picture.image).resolve()
    # A link in the folder, or "../": only what the folder protects counts as a signature.
    if not file.is_relative_to(folder.resolve()):
        yield Problem(place, f'"{picture.image}" is outside {FOLDER}/', "copy it into the folder")
    elif file.suffix.lower() not in (".png", ".jpg", ".jpeg"):
        yield Problem(place, f'"{picture.image}" is not a picture we can place', "save it as .png or .jpg")
    elif not file.is_file():
        yield Problem(place, f'"{picture.image}" does not exist', "correct the name of the file")
    if not 0 < picture.height <= _HIGHEST_IMAGE:
        hint = f"more than 0 and at most {_HIGHEST_IMAGE}"
        yield Problem(place, f"a height of {picture.height:g} in. does not fit above the name", hint)
    if not 0 <= picture.below < 1:
        yield Problem(place, f"{picture.below:g} is not a share of the height", "0 or more and less than 1")


def _privacy_problems(campaign: Path) -> Iterable[Problem]:
    """Yield a problem for each file that others on this machine may read, and for a folder under version control."""
    folder = campaign / FOLDER
    # A signature that others can copy is no longer somebody’s own.
    open_ones = [path for path in (folder, *sorted(folder.iterdir())) if _is_open(path)]
    for path in open_ones:
        hint = f"run: chmod go-rwx {FOLDER} {FOLDER}/*"
        place = Place(path.relative_to(campaign).as_posix())
        yield Problem(place, "others who use this machine may read or change it", hint)
    # The nearest one: version control that takes the picture in keeps it for good, and on other machines.
    repository = next((each for each in (campaign, *campaign.resolve().parents) if (each / ".git").exists()), None)
    if repository and not _is_ignored(campaign, repository):
        hint = f'add the line "{FOLDER}/" to .gitignore, and make sure that no earlier version holds a signature'
        yield Problem(Place(FOLDER), "version control would take in this folder", hint)


def _is_open(path: Path) -> bool:
    # Windows has access lists instead, which Python does not read.
    return os.name == "posix" and bool(stat.S_IMODE(path.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO))


def _is_ignored(campaign: Path, repository: Path) -> bool:
    """Return whether a .gitignore names the folder; patterns other than its plain name are not understood."""
    ignored = [path for path in {campaign / ".gitignore", repository / ".gitignore"} if path.is_file()]
    lines = [line.strip().strip("/") for path in ignored for line in path.read_text("utf-8").splitlines()]
    return FOLDER in lines
