"""Files made to do harm, as others have described them, each in its smallest form."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def relations(*rows: tuple[str, str, str]) -> str:
    """Write a part of relationships: kind, target, mode."""
    listed = "".join(
        f'<Relationship Id="r{n}" Type="{_OFFICE}/{kind}" Target="{target}" TargetMode="{mode}"/>'
        for n, (kind, target, mode) in enumerate(rows)
    )
    return f'<Relationships xmlns="{_RELATIONS}">{listed}</Relationships>'


def document(body: str, before: str = "") -> str:
    """Write a document part around a body."""
    return f"<?xml version='1.0' encoding='UTF-8'?>{before}<w:document {W}><w:body>{body}</w:body></w:document>"


def paragraph(text: str = "x") -> str:
    """Write a paragraph."""
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def docx(body: str = "", **more: str | bytes) -> bytes:
    """Write a DOCX around a body; further parts by name, "__" standing for "/"."""
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": relations(("officeDocument", "word/document.xml", "Internal")),
        "word/document.xml": document(body or paragraph()),
    }
    parts |= {name.replace("__", "/"): content for name, content in more.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def _nested_tables(depth: int) -> str:
    return "<w:tbl><w:tr><w:tc>" * depth + paragraph() + "</w:tc></w:tr></w:tbl>" * depth


def _laughs() -> str:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE x [<!ENTITY l0 "ha">{entities}]>'


def _listed(level: str) -> str:
    return f'<w:p><w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="1"/></w:numPr></w:pPr></w:p>'


def _numbering(count: int) -> str:
    return f"<w:numbering {W}>" + "".join(f'<w:num w:numId="{n}"/>' for n in range(count)) + "</w:numbering>"


def _ring_of_styles() -> str:
    style = '<w:style w:type="paragraph" w:styleId="{}"><w:basedOn w:val="{}"/></w:style>'
    return f"<w:styles {W}>{style.format('A', 'B')}{style.format('B', 'A')}</w:styles>"


def _lying_sizes() -> bytes:
    """Tell 10 bytes in the directory for a part that unpacks to 130 million."""
    content = bytearray(docx(word__media__image1="0" * 130_000_000))
    place = content.rfind(b"PK\x01\x02")
    content[place + 24 : place + 28] = (10).to_bytes(4, "little")
    return bytes(content)


_NOTE_IN_NOTE = (
    f'<w:footnotes {W}><w:footnote w:id="2"><w:p><w:r><w:footnoteReference w:id="2"/></w:r></w:p></w:footnote>'
    "</w:footnotes>"
)


def _twice() -> bytes:
    content = docx(word__a="1", word__b="2")
    return content.replace(b"word/b", b"word/a")


def _related(kind: str, target: str, mode: str = "External") -> bytes:
    return docx(**{"word___rels__document.xml.rels": relations((kind, target, mode))})


_WIDE = '<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="1000000000"/></w:tcPr></w:tc></w:tr></w:tbl>'
_UTF16 = document("", _laughs()).replace("UTF-8", "UTF-16").encode("utf-16")
_MACRO_TYPE = TYPES.replace("document.main", "document.macroEnabled.main")
_TEMPLATE = "https://192.0.2.1/x.dotm"

HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "a book for a letter": (lambda: docx(paragraph("word " * 400) * 400), "800,000 characters"),
    "thousands of notes": (lambda: docx('<w:p><w:r><w:footnoteReference w:id="2"/></w:r></w:p>' * 3000), "3,000 notes"),
    "zip bomb": (lambda: docx(paragraph("0" * 60_000_000)), "fill the memory"),
    "zip bomb in a picture": (lambda: docx(word__media__image1="0" * 130_000_000), "fill the memory"),
    "zip that lies about sizes": (_lying_sizes, ""),
    "many parts": (lambda: docx(**{f"word__p{n}.bin": "" for n in range(3000)}), "3,003 parts"),
    "template fetched from outside": (lambda: _related("attachedTemplate", _TEMPLATE), f'points to "{_TEMPLATE}"'),
    "picture fetched from outside": (lambda: _related("image", "file:///etc/passwd"), "outside of itself (image)"),
    "link that runs a program": (lambda: _related("hyperlink", "javascript:alert(1)"), "javascript"),
    "another document inside": (lambda: _related("aFChunk", "x.html", "Internal"), "packed into it"),
    "document type": (lambda: docx(**{"word__document.xml": document("&l9;", _laughs())}), "document type"),
    "document type in UTF-16": (lambda: docx(**{"word__document.xml": _UTF16}), "document type"),
    "macros": (lambda: docx(**{"word__vbaProject.bin": "x"}), "holds a program"),
    "macros by content type": (lambda: docx(**{"[Content_Types].xml": _MACRO_TYPE}), "macros"),
    "10,000 nested tables": (lambda: docx(_nested_tables(10_000)), "deeper than any letter"),
    "20 nested tables": (lambda: docx(_nested_tables(20)), "20 deep"),
    "level of a list": (lambda: docx(_listed("99999999")), "where 8 is the most"),
    "level of a list beyond numbers": (lambda: docx(_listed("9" * 5000)), "where 8 is the most"),
    "many lists": (lambda: docx(**{"word__numbering.xml": _numbering(100_000)}), "100,000 lists"),
    "wide table": (lambda: docx(_WIDE), "where 63 is the most"),
    "ring of styles": (lambda: docx(**{"word__styles.xml": _ring_of_styles()}), "based on itself"),
    "note in a note": (lambda: docx(**{"word__footnotes.xml": _NOTE_IN_NOTE}), "footnote of its own"),
    "many paragraphs": (lambda: docx("<w:p/>" * 600_000), "more than 400,000 pieces"),
    "password": (lambda: b"\xd0\xcf\x11\xe0" + b"\0" * 512, "password"),
    "half a file": (lambda: docx()[:200], "not a whole DOCX"),
    "nothing": (lambda: b"", "it is empty"),
    "empty text": (lambda: docx(**{"word__document.xml": b""}), "damaged"),
    "two parts of one name": (_twice, "two parts named"),
    "damaged XML": (lambda: docx(**{"word__document.xml": "<w:document"}), "damaged"),
    "parent folder": (lambda: docx(**{"word__..__x": "y"}), "program"),
}
"""A maker of each file, and words of the sentence that refuses it."""
