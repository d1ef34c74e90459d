"""Looks at a picture before anything draws it: how large it is, and whether it is one at all."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

from letters.formats.ooxml import parse

if TYPE_CHECKING:
    from PIL import Image

_MOST_BYTES = 10_000_000
# Four bytes each while it is drawn, that is 200 MB.
_MOST_PIXELS = 50_000_000
_KINDS = {".png": ("PNG",), ".jpg": ("JPEG", "MPO"), ".jpeg": ("JPEG", "MPO")}
"""What Pillow calls the pictures that a suffix stands for; telephones write JPEG with a second picture in it, MPO."""
SUFFIXES = (".svg", *_KINDS)
"""How the names of pictures end that a letterhead may have."""
_MODES = ("1", "P", "L", "LA", "I", "RGB", "RGBA", "CMYK")
"""Kinds of pixels that WeasyPrint draws (its images.py); others it leaves out with a word in its log."""
_ORIENTATION = 0x0112
"""The field of EXIF that says which side of the picture is up (EXIF 2.32, 4.6.4 A)."""
_LOOKED_AT, _WHITE = 1_000_000, 250
"""Pixels that are looked at, and how light one is that nobody sees on paper, of 255."""
_MOST_PIECES = 20_000
"""Pieces that an SVG draws, those included that it uses again."""
_DEEPEST = 50
"""Elements of an SVG in one another."""
_MOST_COMMANDS, _LONGEST_TEXT = 100_000, 50_000
"""Commands of all paths, characters of texts and style sheets."""
_COMMAND = re.compile(r"[A-DF-Za-df-z]")
"""Letters of a path but the e of an exponent (SVG 2, 9.3)."""
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_SIZE = re.compile(rf"auto|\s*{_NUMBER}(?:[a-zA-Z]{{1,4}}|%)?(?:[\s,]+{_NUMBER})*\s*")
UNSEEN = "nothing of it can be seen on white paper", "take the picture that is made for a white ground"
"""What is wrong with a picture that prints nothing, and what to do about it."""
_SIMPLER = "save it in a drawing program as a plain picture, or as PNG"
_LENGTHS = frozenset(("d", "points", "transform", "x", "y", "width", "height", "r", "rx", "ry", "cx", "cy"))
_ENDLESS = re.compile(r"nan|inf|[eE]\+?\d{2,}", re.IGNORECASE)
"""What is no length of a logo: not a number, endless, or with more than nine zeros."""
_NOT_DRAWN = frozenset(("filter", "writing-mode", "text-transform", "font-variant", "vector-effect", "d"))
"""Properties that WeasyPrint's svg package does not know: what has them would be drawn as if it had not."""
_AS_USUAL = frozenset(("none", "normal", "lr", "lr-tb", "horizontal-tb", "inherit", "initial", "unset", "auto", ""))
_PROPERTY = re.compile(r"([\w-]+)\s*:\s*([^;{}]*)")
_OF_OTHERS = re.compile(r"@media\b(?![^{]*\bprefers-)[^{]*")
"""A rule for some media, none of which is read; those for who prefers a dark ground are not meant for paper."""
_OWN = re.compile(r"\s*(?:#|data:|$)", re.IGNORECASE)
_TAKEN = re.compile(r"url\(\s*[\"']?([^\"')]*)|@import\s+[\"']([^\"']*)", re.IGNORECASE)
_TEXTS = frozenset(("text", "tspan", "textPath"))
"""Elements whose own words are drawn with a font (SVG 2, 11.2)."""
_REFERENCE = re.compile(r"url\(\s*[\"']?#([^\"')]+)[\"']?\s*\)")


class UnusablePicture(Exception):  # noqa: N818 - reads as a statement
    """Raised for a picture that is not drawn: `what` says why, `hint` what to do about it."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint


def check_picture(path: Path) -> None:
    """Raise UnusablePicture for a file that is no picture, or that takes too long or too much memory to draw."""
    if path.stat().st_size > _MOST_BYTES:
        raise UnusablePicture(f"it is {path.stat().st_size:,} bytes large, too much for a logo", "save it smaller")
    if path.suffix.lower() == ".svg":
        _check_drawing(path.read_bytes())
    else:
        _check_pixels(path)


def fonts_of_drawing(path: Path) -> tuple[str, bool]:
    """Return the style sheet that names the fonts of an SVG's words, and whether there are any words.

    Which rule sets which words is not asked: a drawing program writes none that it does not need.
    """
    rules, has_words = [], False
    for each in parse(path.read_bytes()).iter():
        name = str(each.tag).rpartition("}")[2]
        has_words |= name in _TEXTS and bool("".join(map(str, each.itertext())).strip())
        if name == "style":
            rules.append(each.text or "")
        rules.append(f"* {{ {each.get('style') or ''} }}")
        rules += [f"* {{ {key}: {value} }}" for key in ("font", "font-family") if (value := each.get(key))]
    return "\n".join(rules), has_words


def _check_pixels(path: Path) -> None:
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            # Pillow warns of large pictures; their pixels are counted below.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                width, height = image.size
                if width * height <= _MOST_PIXELS:
                    _check_kind(path, image)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError):
        raise UnusablePicture("it is not a picture that can be read", "save it again as PNG") from None
    except Image.DecompressionBombError:
        raise UnusablePicture("it has too many pixels", "save it smaller") from None
    if width * height > _MOST_PIXELS:
        what = f"it has {width:,} by {height:,} pixels, too many for a logo"
        raise UnusablePicture(what, "save it smaller: 600 pixels to the inch are enough")


def _check_kind(path: Path, image: Image.Image) -> None:
    """Raise UnusablePicture for pixels that one of PDF and Word does not show, or shows otherwise than the other."""
    _load_whole(image)
    wanted = _KINDS.get(path.suffix.lower(), ())
    if image.format not in wanted:
        raise UnusablePicture(f"it is a {image.format} in a file that ends in {path.suffix}", "save it again as PNG")
    if image.mode not in _MODES:
        what = f'its pixels are kept in a way that a PDF does not show ("{image.mode}")'
        raise UnusablePicture(what, "save it again as PNG in RGB, eight bits to the color")
    if image.getexif().get(_ORIENTATION, 1) != 1:
        # CSS Images 3, "image-orientation: from-image": a PDF shows it turned. Word shows the pixels as they are.
        raise UnusablePicture("it lies on its side, and only the camera's remark in it turns it", "save it upright")
    if is_blank(image):
        raise UnusablePicture(*UNSEEN)


def is_blank(image: Image.Image) -> bool:
    """Return whether a picture is white, or transparent, everywhere."""
    from PIL import Image

    # A large picture is looked at in a smaller copy, which takes as much less memory.
    seen = image.reduce(max(1, math.isqrt(image.width * image.height // _LOOKED_AT))).convert("RGBA")
    paper = Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen).convert("L")
    return not any(paper.histogram()[:_WHITE])


def _load_whole(image: Image.Image) -> None:
    """Load a picture; raises OSError for one cut short, which Pillow takes for whole since WeasyPrint asked it to."""
    from PIL import ImageFile

    before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        image.load()
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


def _check_drawing(content: bytes) -> None:
    if b"<!DOCTYPE" in content.replace(b"\0", b"") and b"<!ENTITY" in content.replace(b"\0", b""):
        raise UnusablePicture("it declares entities, which no logo needs and which may be made to do harm", _SIMPLER)
    try:
        root = parse(content)
    except etree.XMLSyntaxError as error:
        raise UnusablePicture(f"it is not an SVG that can be read ({error.msg})", _SIMPLER) from None
    named = {str(each.get("id")): each for each in root.iter() if each.get("id")}
    if _depth(root) > _DEEPEST:
        raise UnusablePicture(f"its parts are nested more than {_DEEPEST} deep", _SIMPLER)
    if len(re.sub(r"\s+", " ", "".join(map(str, root.itertext())))) > _LONGEST_TEXT:
        raise UnusablePicture(f"it holds more than {_LONGEST_TEXT:,} characters of text", _SIMPLER)
    if sum(len(_COMMAND.findall(str(each.get("d") or ""))) for each in root.iter()) > _MOST_COMMANDS:
        raise UnusablePicture(f"its lines have more than {_MOST_COMMANDS:,} parts", _SIMPLER)
    # WeasyPrint fails at them while it draws, and the style sheet would be blamed.
    for name in ("width", "height", "viewBox"):
        given = str(root.get(name) or "").strip()
        sizes = [float(each) for each in re.findall(_NUMBER, given)][-2 if name == "viewBox" else 0 :]
        if given not in ("", "auto") and (not _SIZE.fullmatch(given) or min(sizes) <= 0):
            raise UnusablePicture(f'its {name} is "{given[:40]}", which is no size', _SIMPLER)
    if not root.get("viewBox") and "%" in (root.get("width", "%") + root.get("height", "%")):
        raise UnusablePicture("it does not say how large it is, so that a part of it might be cut off", _SIMPLER)
    _check_elements(root)
    _check_properties(root)
    _count(root, named, {}, ())


def _check_elements(root: etree._Element) -> None:
    """Raise UnusablePicture for an element that repeats, has no end, or takes something from elsewhere."""
    for each in root.iter():
        if isinstance(each.tag, str) and etree.QName(each).localname == "foreignObject":
            raise UnusablePicture("it holds a web page, which is not drawn", _SIMPLER)
        # Of one such gradient WeasyPrint made 2.6 GB.
        if str(each.get("spreadMethod") or "pad") != "pad":
            raise UnusablePicture("a gradient in it repeats, which can fill the memory", _SIMPLER)
        for key, value in each.attrib.items():
            if etree.QName(key).localname == "href" and re.match(r"\s*data:image/svg", str(value), re.IGNORECASE):
                raise UnusablePicture("it holds another drawing as data", _SIMPLER)
            if key in _LENGTHS and (found := _ENDLESS.search(str(value))):
                raise UnusablePicture(f'a number in it has no end ("{found[0]}")', _SIMPLER)
        if elsewhere := next(_elsewhere(each), ""):
            raise UnusablePicture(
                f'it takes something from another file ("{elsewhere[:60]}"), which is not read', _SIMPLER
            )


def _check_properties(root: etree._Element) -> None:
    """Raise UnusablePicture for what would be drawn otherwise than a browser shows it."""
    for each in root.iter():
        name = str(each.tag).rpartition("}")[2]
        # What WeasyPrint 70 leaves out or draws otherwise, as a comparison with Chromium showed.
        if name in ("textPath", "switch"):
            raise UnusablePicture(f"it has a part that is not drawn as it should be (<{name}>)", _SIMPLER)
        sheet = (each.text or "") if name == "style" else str(each.get("style") or "")
        if found := _OF_OTHERS.search(sheet):
            raise UnusablePicture(f'its "{found[0].strip()[:60]}" is not read', _SIMPLER)
        attributes = ((key, str(value)) for key, value in each.attrib.items() if key != "d")
        for key, value in (*attributes, *_PROPERTY.findall(sheet)):
            # A stroke with a gradient is drawn as a hair line.
            is_plain = key.lower() not in _NOT_DRAWN or value.strip().lower() in _AS_USUAL
            if not is_plain or (key == "stroke" and "url(" in value) or "var(" in value:
                raise UnusablePicture(f'its "{key}: {value.strip()[:60]}" is not drawn', _SIMPLER)


def _elsewhere(element: etree._Element) -> Iterator[str]:
    """Yield what an element takes from other files; a link for whoever clicks on it takes nothing."""
    name = str(element.tag).rpartition("}")[2]
    for key, value in element.attrib.items():
        if etree.QName(key).localname == "href" and name != "a" and not _OWN.match(str(value)):
            yield str(value)
    styled = [str(value) for value in element.attrib.values()] + ([element.text or ""] if name == "style" else [])
    for text in styled:
        yield from (found[1] or found[2] for found in _TAKEN.finditer(text) if not _OWN.match(found[1] or found[2]))


def _depth(root: etree._Element) -> int:
    # Level by level, since a function that calls itself would end in a traceback.
    depth, level = 0, [root]
    while level and depth <= _DEEPEST:
        depth, level = depth + 1, [child for each in level for child in each]
    return depth


def _count(
    element: etree._Element, named: Mapping[str, etree._Element], known: dict[str, int], around: tuple[str, ...]
) -> int:
    """Return how many pieces an element draws, with all that it uses; raises UnusablePicture for too many."""
    own = str(element.get("id") or "")
    if own in known:
        return known[own]
    if len(around) > _DEEPEST:
        raise UnusablePicture(f"its parts use each other more than {_DEEPEST} deep", _SIMPLER)
    number = 1
    # Ten uses of ten uses of ten …: a file of a few lines can draw more than any machine.
    for name in _used(element):
        if name in around or name == own:
            raise UnusablePicture(f'its part "{name[:40]}" uses itself', _SIMPLER)
        if name in named:
            number += _count(named[name], named, known, (*around, *([own] if own else []), name))
    inside = (*around, own) if own else around
    number += sum(_count(child, named, known, inside) for child in element)
    if number > _MOST_PIECES:
        raise UnusablePicture(f"it draws more than {_MOST_PIECES:,} pieces, too many for a logo", _SIMPLER)
    if own:
        known[own] = number
    return number


def _used(element: etree._Element) -> Iterator[str]:
    """Yield the names of what an element draws besides what is in it: uses, patterns, masks, markers."""
    for key, value in element.attrib.items():
        if etree.QName(key).localname == "href" and str(value).startswith("#"):
            yield str(value)[1:]
        yield from _REFERENCE.findall(str(value))
