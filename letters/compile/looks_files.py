"""Writes looks into the files of the letterhead: the variables of letterhead.css, and the font into letterhead.docx.

The variables stand in one marked block, and are read back from it. With its font embedded Word breaks the same lines on
every machine.
"""

from __future__ import annotations

import io
import json
import re
import uuid
from collections.abc import Mapping
from pathlib import Path

from lxml import etree

from letters.formats.ooxml import R, Relations, W, add_default_type, parse, serialize, w
from letters.model.looks import HEADER_END, PAPER_POINTS, Align, PageLooks, TypeSize
from letters.model.postal import Points

# Looks are written between these two remarks only; what stands around them is the office's own.
_BLOCK = re.compile(r"(/\* letters looks: begin \*/\s*:root \{\n)(.*?)(\}\n/\* letters looks: end \*/)", re.DOTALL)
_VARIABLE = re.compile(r"^\s*(--[\w-]+):\s*(.*?);\s*$", re.MULTILINE)
_FALLBACK_FONT = "DejaVu Sans"
"""For signs that the font of the letters has not."""
_FOLD_MARK: Points = 10
_FOR_COPIES = ("--margin-top",)
"""What the line at the top of copies needs, and no rule of the style sheet."""
# In the order of two bits: 1 for bold, 2 for italic.
FACES = ("Regular", "Bold", "Italic", "BoldItalic")
_EMBEDDED = "U+0020-017F,U+02C6-02DD,U+2010-203A,U+2070-209F,U+20AC,U+2116,U+2122,U+2190-2193,U+2212,U+2610-2612,U+2713"
"""Latin and the signs of legal type; other letters are taken from the reader's own fonts."""
_TABLE, _TABLE_RELATIONS = "word/fontTable.xml", "word/_rels/fontTable.xml.rels"
_BOLD, _ITALIC = 1 << 5, 1 << 0
"""Bits of fsSelection (OpenType, OS/2)."""
_RESTRICTED = 0x0002
"""The bit of fsType of a font that may not be embedded."""
# Of a family with more faces than four, name 1 has a family of its own for the others; 16 has them all (OpenType).
_FAMILY_NAMES = (1, 16)
_SUFFIXES = (".ttf", ".otf")


def css_values(looks: PageLooks) -> dict[str, str]:
    """Return the variables of the style sheet, by name."""
    fonts = dict.fromkeys((looks.font, _FALLBACK_FONT))
    values = {
        "paper": looks.paper.value,
        "paper-width": _points(PAPER_POINTS[looks.paper][0]),
        "paper-height": _points(PAPER_POINTS[looks.paper][1]),
        "margins": " ".join(map(_inches, looks.margins)),
        "margin-top": _inches(looks.margins.top),
        "margin-right": _inches(looks.margins.right),
        "margin-bottom": _inches(looks.margins.bottom),
        "margin-left": _inches(looks.margins.left),
        "date-drop": _points(max(0.0, looks.margins.top - HEADER_END)),
        "measure": _inches(looks.measure),
        "font": ", ".join(map(_string, fonts)),
        **_type("", looks.body),
        "align": "justify" if looks.align is Align.JUSTIFIED else "left",
        "color": looks.color,
        **_type("address-", looks.address),
        **_type("heading-", looks.heading),
        **_type("title-", looks.title),
        **_type("headline-", looks.headline),
        **_type("contents-", looks.contents),
        **_type("small-", looks.small),
        **_type("source-", looks.source),
        **_type("note-", looks.note),
        "mark-size": _points(looks.mark_size),
        "mark-rise": _points(looks.mark_rise),
        **_type("name-", looks.name),
        **_type("contact-", looks.contact),
        "name-case": "uppercase" if looks.letterhead_caps else "none",
        "letterhead-color": looks.letterhead_color,
        "letterhead-rule": _points(looks.letterhead_rule),
        "draft-mark": _string(looks.draft_mark),
        "draft-color": looks.draft_color,
        "fold-mark": _points(_FOLD_MARK if looks.fold_marks else 0),
    }
    return {f"--{name}": value for name, value in values.items()}


def read_block(sheet: str) -> dict[str, str] | None:
    """Return the variables in the marked block of a style sheet; None where it has no such block."""
    found = _BLOCK.search(sheet)
    return dict(_VARIABLE.findall(found[2])) if found else None


def with_block(sheet: str, values: Mapping[str, str]) -> str:
    """Return the style sheet with these variables in its block, and those of others that were there behind them."""
    # Somebody may have added variables for rules of their own.
    kept = {**values, **{name: value for name, value in (read_block(sheet) or {}).items() if name not in values}}
    lines = "".join(f"  {name}: {value};\n" for name, value in kept.items())
    return _BLOCK.sub(lambda found: found[1] + lines + found[3], sheet, count=1)


def without_block(sheet: str) -> str:
    """Return the rules of a style sheet that are not written from looks.toml."""
    return _BLOCK.sub(lambda found: found[1] + found[3], sheet, count=1)


def unused_values(sheet: str, values: Mapping[str, str]) -> list[str]:
    """List the variables that no rule of a style sheet uses, so that they change nothing in the PDF."""
    rules = without_block(sheet)
    return [name for name in values if name not in _FOR_COPIES and not re.search(rf"var\(\s*{name}\s*[,)]", rules)]


def _type(prefix: str, type_: TypeSize) -> dict[str, str]:
    return {f"{prefix}size": _points(type_.size), f"{prefix}leading": _points(type_.leading)}


def _points(points: Points) -> str:
    return f"{points:g}pt"


def _inches(points: Points) -> str:
    return f"{round(points / 72, 4):g}in"


def _string(text: str) -> str:
    """Write a text as a string of CSS (CSS Syntax, 4.3.5); backslashes and quotes are written as in JSON."""
    return json.dumps(text, ensure_ascii=False)


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
        # Made from the name, where Word takes a random one: the same looks give the same bytes.
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
