"""Empty documents of Word to write the words of a test into."""

from __future__ import annotations

import functools
import io

import docx
from docx.document import Document

from letters.formats.ooxml import is_xml, parse, read_package, remove_part, serialize, w, write_package

_NOT_READ = ("word/stylesWithEffects.xml", "docProps/thumbnail.jpeg")
"""A second copy of the styles for Word 2007, and a picture of the empty page."""


@functools.cache
def empty_parts() -> dict[str, bytes]:
    """Return the parts of python-docx's empty document without what takes nine tenths of the time to read it.

    That is a hundred looks of tables, of 3 KB each, and the parts that nobody reads.
    """
    out = io.BytesIO()
    docx.Document().save(out)
    parts = read_package(out.getvalue())
    for name in _NOT_READ:
        remove_part(parts, name)
        for relations in [each for each in parts if each.endswith(".rels")]:
            root = parse(parts[relations])
            for element in root:
                if name.endswith(str(element.get("Target"))):
                    root.remove(element)
            parts[relations] = serialize(root)
    styles = parse(parts["word/styles.xml"])
    for style in styles.findall(w("style")):
        if style.get(w("type")) == "table" and style.get(w("default")) is None:
            styles.remove(style)
    parts["word/styles.xml"] = serialize(styles)
    assert all(parse(part) is not None for name, part in parts.items() if is_xml(name))
    return parts


def empty_document() -> Document:
    """Return an empty document to write into, as `docx.Document()` does, with few styles of tables."""
    return docx.Document(io.BytesIO(write_package(empty_parts())))
