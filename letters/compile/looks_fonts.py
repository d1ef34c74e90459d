"""Embeds the font of the letters into letterhead.docx, so that Word breaks the same lines on every machine."""

from __future__ import annotations

import io
import uuid
from pathlib import Path

from lxml import etree

from letters.formats.ooxml import R, Relations, W, add_default_type, parse, serialize, w

FACES = ("Regular", "Bold", "Italic", "BoldItalic")
_EMBEDDED = "U+0020-017F,U+02C6-02DD,U+2010-203A,U+2070-209F,U+20AC,U+2116,U+2122,U+2190-2193,U+2212,U+2610-2612,U+2713"
"""Latin and the signs of legal type; other letters are taken from the reader's own fonts."""
_TABLE, _TABLE_RELATIONS = "word/fontTable.xml", "word/_rels/fontTable.xml.rels"
_BOLD, _ITALIC = 1 << 5, 1 << 0
"""Bits of fsSelection (OpenType, OS/2)."""
_RESTRICTED = 0x0002
"""The bit of fsType of a font that may not be embedded."""
_FAMILY_NAMES = (1, 16)
_SUFFIXES = (".ttf", ".otf")


def faces_of(family: str, folder: Path) -> dict[str, Path]:
    """Return the files of a family in a folder by their faces: regular, bold, italic, bold italic."""
    from fontTools.ttLib import TTFont, TTLibError

    faces: dict[str, Path] = {}
    for path in sorted(folder.glob("*")):
        if path.suffix.lower() not in _SUFFIXES:
            continue
        try:
            with path.open("rb") as file, TTFont(file, lazy=True) as font:
                names = {str(each.toUnicode()) for each in font["name"].names if each.nameID in _FAMILY_NAMES}
                bits = font["OS/2"].fsSelection
        except (TTLibError, OSError, ValueError, KeyError):
            continue
        if family.casefold() in {name.casefold() for name in names}:
            faces.setdefault(FACES[bool(bits & _BOLD) + 2 * bool(bits & _ITALIC)], path)
    return faces


def may_be_embedded(path: Path) -> bool:
    """Return whether the makers of a font allow it to be part of a document."""
    from fontTools.ttLib import TTFont

    with TTFont(path, lazy=True) as font:
        return not font["OS/2"].fsType & _RESTRICTED


def embed_font(package: dict[str, bytes], family: str, folder: Path) -> None:
    """Embed a family in the place of what is embedded, subset to Latin (ECMA-376 part 1, 17.8.1)."""
    relations = Relations(package.get(_TABLE_RELATIONS))
    table = parse(package[_TABLE]) if _TABLE in package else etree.Element(w("fonts"), nsmap={"w": W, "r": R})
    for relation in list(relations.root):
        if str(relation.get("Type")).endswith("/font"):
            package.pop(f"word/{relation.get('Target')}", None)
            relations.root.remove(relation)
    font = _entry(table, family)
    faces = {face: path for face, path in faces_of(family, folder).items() if may_be_embedded(path)}
    for number, face in enumerate((face for face in FACES if face in faces), start=1):
        key = uuid.uuid5(uuid.NAMESPACE_URL, f"{family} {face}")
        name = f"fonts/font{number}.odttf"
        package[f"word/{name}"] = _obfuscated(_subset(faces[face]), key)
        attributes = {
            w("fontKey"): f"{{{str(key).upper()}}}",
            w("subsetted"): "1",
            f"{{{R}}}id": relations.add("font", name),
        }
        etree.SubElement(font, w(f"embed{face}"), attributes)
    add_default_type(package, "odttf", "application/vnd.openxmlformats-officedocument.obfuscatedFont")
    package[_TABLE] = serialize(table)
    package[_TABLE_RELATIONS] = relations.to_bytes()


def _entry(table: etree._Element, family: str) -> etree._Element:
    """Return the entry of a family in the font table (17.8.3.10), made if need be; fonts embedded before go."""
    found = None
    for font in list(table):
        embedded = [child for child in font if etree.QName(child).localname.startswith("embed")]
        for child in embedded:
            font.remove(child)
        if font.get(w("name")) == family:
            found = font
        elif embedded:
            table.remove(font)
    if found is None:
        found = etree.SubElement(table, w("font"), {w("name"): family})
        for tag, value in (("charset", "00"), ("family", "roman"), ("pitch", "variable")):
            etree.SubElement(found, w(tag), {w("val"): value})
    return found


def _subset(path: Path) -> bytes:
    """Cut a font down to the characters that are embedded."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options(
        layout_features=["kern", "liga", "ccmp", "locl", "mark", "mkmk"], hinting=False, name_IDs=["*"]
    )
    # Graphite, which Word does not know; and FontForge's time stamp, of which fontTools would warn.
    options.drop_tables += ["Silf", "Sill", "Silt", "Feat", "Glat", "Gloc", "FFTM"]
    font = TTFont(path, recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=subset.parse_unicodes(_EMBEDDED.replace("U+", "")))
    subsetter.subset(font)
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def _obfuscated(font: bytes, key: uuid.UUID) -> bytes:
    """Exclusive-or the first 32 bytes with the key, twice, its bytes reversed (17.8.1)."""
    mask = key.bytes[::-1] * 2
    return bytes(a ^ b for a, b in zip(font[:32], mask, strict=True)) + font[32:]
