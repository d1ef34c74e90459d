"""Gives the parts of a DOCX and their elements the names that Word gives them, and takes away what leads nowhere.

A part is what its relationship says it is, whatever its name (ECMA-376 part 2, 9.3; part 1, 11.3): some programs write
word/document2.xml or word/footnotes2.xml.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Any

from lxml import etree

from letters.formats.ooxml import W, is_xml, parse, serialize, w

_ROOT, _DOCUMENT = "_rels/.rels", "word/document.xml"
_USUAL = {
    "footnotes": "word/footnotes.xml",
    "endnotes": "word/endnotes.xml",
    "styles": "word/styles.xml",
    "numbering": "word/numbering.xml",
    "comments": "word/comments.xml",
    "settings": "word/settings.xml",
}
"""Parts that there is one of, by the last word of the type of their relationship."""
_TYPES = "[Content_Types].xml"


def with_usual_names(parts: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the parts with the document, its notes, styles and so on under their usual names.

    Raises lxml.etree.XMLSyntaxError where the relationships are damaged.
    """
    named = dict(parts)
    document = _targets(named, _ROOT, "").get("officeDocument", _DOCUMENT)
    _rename(named, document, _DOCUMENT, _ROOT, "")
    relations = _relations_of(_DOCUMENT)
    for kind, target in _targets(named, relations, posixpath.dirname(_DOCUMENT)).items():
        if kind in _USUAL:
            _rename(named, target, _USUAL[kind], relations, posixpath.dirname(_DOCUMENT))
    return named


def as_document(parts: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the parts of a Word template (.dotx) as those of a document, from which they differ by one word."""
    types = parts.get(_TYPES, b"")
    return {
        **parts,
        _TYPES: types.replace(b"wordprocessingml.template.main+xml", b"wordprocessingml.document.main+xml"),
    }


def without_attached_template(parts: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the parts without the link to an attached template (17.15.1.6), which law offices put into every file.

    The template is never read here, so that nothing of the letter depends on it.
    """
    kept = dict(parts)
    relations = _relations_of("word/settings.xml")
    if relations not in kept or "word/settings.xml" not in kept:
        return kept
    root = parse(kept[relations])
    links = [each for each in root if str(each.get("Type")).endswith("/attachedTemplate")]
    if not links:
        return kept
    for link in links:
        root.remove(link)
    settings = parse(kept["word/settings.xml"])
    for element in settings.findall(w("attachedTemplate")):
        settings.remove(element)
    return {**kept, relations: serialize(root), "word/settings.xml": serialize(settings)}


def with_usual_prefix(parts: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the parts with "w" as the prefix of what is of Word, which pandoc and docxtpl go by.

    Programs that write XML by themselves have others, such as "ns0". A damaged part stays as it is.
    """
    usual, name_of_word = f'xmlns:w="{W}"'.encode(), W.encode()
    return {
        name: _with_prefix(part) if is_xml(name) and name_of_word in part and usual not in part else part
        for name, part in parts.items()
    }


def _with_prefix(part: bytes) -> bytes:
    try:
        root = parse(part)
    except etree.XMLSyntaxError:
        return part
    names: dict[Any, str] = {prefix: uri for prefix, uri in root.nsmap.items() if uri != W and prefix != "w"}
    names["w"] = W
    made = etree.Element(root.tag, {str(key): str(value) for key, value in root.attrib.items()}, nsmap=names)
    made.extend(list(root))  # lxml gives each element that is moved the prefix that is declared here
    return serialize(made)


def without_dead_ends(parts: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the parts without relationships to parts that are not there; Word leaves such behind, to "NULL"."""
    kept = dict(parts)
    for name in [name for name in parts if name.endswith(".rels")]:
        root = parse(parts[name])
        folder = posixpath.dirname(posixpath.dirname(name))
        dead = [
            each
            for each in root
            if each.get("TargetMode") != "External" and _resolved(str(each.get("Target")), folder) not in parts
        ]
        for each in dead:
            root.remove(each)
        if dead:
            kept[name] = serialize(root)
    return kept


def _relations_of(name: str) -> str:
    folder, base = posixpath.split(name)
    return f"{folder}/_rels/{base}.rels" if folder else f"_rels/{base}.rels"


def _targets(parts: Mapping[str, bytes], relations: str, folder: str) -> dict[str, str]:
    """Return the parts that relationships inside the package lead to, by the last word of their type."""
    if relations not in parts:
        return {}
    found: dict[str, str] = {}
    for each in parse(parts[relations]):
        if each.get("TargetMode") != "External":
            target = _resolved(str(each.get("Target")), folder)
            if target in parts:
                found.setdefault(str(each.get("Type")).rpartition("/")[2], target)
    return found


def _resolved(target: str, folder: str) -> str:
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))


def _rename(parts: dict[str, bytes], old: str, new: str, relations: str, folder: str) -> None:
    """Move a part with its relationships, in place; a part that stands there without being meant is dropped."""
    if old == new:
        return
    parts[new] = parts.pop(old)
    own = parts.pop(_relations_of(old), None)
    parts.pop(_relations_of(new), None)
    if own is not None:
        parts[_relations_of(new)] = own
    root = parse(parts[relations])
    for each in root:
        if each.get("TargetMode") != "External" and _resolved(str(each.get("Target")), folder) == old:
            each.set("Target", posixpath.relpath(new, folder) if folder else new)
    parts[relations] = serialize(root)
    if _TYPES in parts:
        types = parse(parts[_TYPES])
        _rename_type(types, old, new)
        parts[_TYPES] = serialize(types)


def _rename_type(types: etree._Element, old: str, new: str) -> None:
    for each in [each for each in types if each.get("PartName") == f"/{new}"]:
        types.remove(each)
    for each in types:
        if each.get("PartName") == f"/{old}":
            each.set("PartName", f"/{new}")
