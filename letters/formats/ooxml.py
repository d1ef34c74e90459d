"""Reads and writes the ZIP package of an Office document (ECMA-376 part 2) as a mapping of part names to bytes.

Part names have no leading slash: "word/document.xml". XML members that letters of one shape have in common are kept
cut where values stand, with the values of each letter.

A part is what its relationship says it is, whatever its name (ECMA-376 part 2, 9.3; part 1, 11.3): some programs write
word/document2.xml or word/footnotes2.xml.
"""

from __future__ import annotations

import functools
import io
import json
import posixpath
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from lxml import etree

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_NO_RELATIONS = f'<Relationships xmlns="{_RELATIONS}"/>'.encode()
PROPERTY_LENGTH = 255
"""The length in characters at which Word cuts a core property such as the title."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every member, the earliest that ZIP can express, so that equal parts give equal bytes."""
_CONTENT_TYPES = "[Content_Types].xml"
Slot = tuple[int, int]
"""A place for a value: its number, and the number of the way to write it."""
Pieces = Sequence[bytes | Slot]
"""A member: texts and slots by turns, a text at either end."""
# The ampersand goes first: those of the other entities would be escaped again.
_TEXT_ENTITIES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))
STYLES = (
    _TEXT_ENTITIES,
    (*_TEXT_ENTITIES, ("'", "&#39;"), ('"', "&#34;")),
    (*_TEXT_ENTITIES, ('"', "&quot;")),
)
"""The ways to write a value: as lxml does in an element, as Jinja does, as lxml does in an attribute."""
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


@functools.cache
def w(name: str) -> str:
    """Return a name of the WordprocessingML namespace in Clark notation, `{namespace}name`, as lxml expects it."""
    return f"{{{W}}}{name}"


def is_xml(name: str) -> bool:
    """Return whether a part is XML, judged by its name."""
    return name.endswith((".xml", ".rels"))


def read_package(content: bytes) -> dict[str, bytes]:
    """Return every part of a package by its name; raises zipfile.BadZipFile for anything but a ZIP archive."""
    return dict(_parts(content))  # a copy: callers change what they get


@functools.lru_cache(2)  # the letterhead and one template are read many times, by each caller that needs a part
def _parts(content: bytes) -> Mapping[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_package(parts: Mapping[str, bytes], *, level: int | None = None) -> bytes:
    """Return a package as bytes, the same for the same parts; `level` is the compression level of zlib (0 to 9)."""
    return append_parts(b"", parts, level=level)


def append_parts(package: bytes, parts: Mapping[str, bytes], *, level: int | None = None) -> bytes:
    """Return a package with more parts after those that it has, which stay compressed as they are."""
    out = io.BytesIO(package)
    # Mode "a" writes behind the members that are there, and a new directory.
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        # Word writes the content types first, and some programs recognize a DOCX by that; the others follow by name.
        for name in sorted(parts, key=lambda name: (name != _CONTENT_TYPES, name)):
            info = zipfile.ZipInfo(name, _EPOCH)
            # A ZipInfo has a kind of compression of its own, which goes before that of the archive.
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, parts[name], compresslevel=level)
    return out.getvalue()


def parse(part: bytes) -> etree._Element:
    """Return the root element of a part; raises lxml.etree.XMLSyntaxError.

    No entity is expanded and no file or network is read, whatever the part declares.
    """
    from lxml import etree

    # Comments and processing instructions are no elements of a document, and their tags are no names.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    return etree.fromstring(part, parser)


def serialize(root: etree._Element) -> bytes:
    """Return a part as bytes, with the XML declaration that Word itself writes."""
    from lxml import etree

    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


@contextmanager
def changing(parts: dict[str, bytes], name: str) -> Iterator[etree._Element]:
    """Give the root element of a part to be changed, and write it back in the end."""
    root = parse(parts[name])
    yield root
    parts[name] = serialize(root)


class Relations:
    """The relationships of one part: what its r:id attributes point to (ECMA-376 part 2, 9.3)."""

    def __init__(self, content: bytes | None) -> None:
        self.root = parse(content) if content else parse(_NO_RELATIONS)

    def add(self, kind: str, target: str, *, external: bool = False) -> str:
        """Return the id of a new relationship of a kind such as "header"."""
        from lxml import etree

        taken = {element.get("Id") for element in self.root}
        new = next(f"rId{n}" for n in range(1, len(taken) + 2) if f"rId{n}" not in taken)
        attributes = {"Id": new, "Type": f"{R}/{kind}", "Target": target}
        if external:
            attributes["TargetMode"] = "External"
        etree.SubElement(self.root, f"{{{_RELATIONS}}}Relationship", attributes)
        return new

    def target(self, identifier: str) -> str:
        """Return what an id points to; empty where there is no such id."""
        return next((str(e.get("Target")) for e in self.root if e.get("Id") == identifier), "")

    def hyperlinks(self) -> dict[str, str]:
        """Return the targets of hyperlinks by id."""
        return {str(e.get("Id")): str(e.get("Target")) for e in self.root if str(e.get("Type")).endswith("/hyperlink")}

    def to_bytes(self) -> bytes:
        """Return the part that holds the relationships."""
        return serialize(self.root)


def parent_of(element: etree._Element) -> etree._Element:
    """Return the element around one that has one: any but the root."""
    parent = element.getparent()
    assert parent is not None
    return parent


def remove(element: etree._Element) -> None:
    """Remove an element with the text that follows it, if any; nothing where it is in no other."""
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def remove_all(root: etree._Element, *names: str) -> None:
    """Remove the elements with these names of WordprocessingML from a part, each with the text that follows it."""
    from lxml import etree

    etree.strip_elements(root, *map(w, names))


def text_in(element: etree._Element) -> str:
    """Return the texts of runs in an element, one behind the other; tabs and breaks are none of them."""
    return "".join(piece.text or "" for piece in element.iter(w("t")))


def first_place(paragraph: etree._Element) -> int:
    """Return the place of the first child of a paragraph behind its properties (17.3.1.22)."""
    return 0 if paragraph.find(w("pPr")) is None else 1


def text_element(content: str) -> etree._Element:
    """Return a text of a run (17.3.3.31), in which no space is lost."""
    from lxml import etree

    made = etree.Element(w("t"), {"{http://www.w3.org/XML/1998/namespace}space": "preserve"})
    made.text = content
    return made


def add_content_type(parts: dict[str, bytes], name: str, content_type: str) -> None:
    """Declare the type of one part in [Content_Types].xml (ECMA-376 part 2, 10.1.2)."""
    from lxml import etree

    with changing(parts, _CONTENT_TYPES) as root:
        if not any(element.get("PartName") == f"/{name}" for element in root):
            etree.SubElement(root, f"{{{_TYPES}}}Override", {"PartName": f"/{name}", "ContentType": content_type})


def add_default_type(parts: dict[str, bytes], extension: str, content_type: str) -> None:
    """Declare the type of all parts with a file name extension in [Content_Types].xml."""
    from lxml import etree

    with changing(parts, _CONTENT_TYPES) as root:
        if not any(element.get("Extension") == extension for element in root):
            # In the order of Word: defaults before overrides.
            root.insert(0, etree.Element(f"{{{_TYPES}}}Default", {"Extension": extension, "ContentType": content_type}))


def remove_part(parts: dict[str, bytes], name: str) -> None:
    """Delete a part from the package and from [Content_Types].xml; relationships to it are the caller's to delete."""
    del parts[name]
    with changing(parts, _CONTENT_TYPES) as root:
        for element in list(root):
            if element.get("PartName") == f"/{name}":
                root.remove(element)


class Filling(NamedTuple):
    """What a letter was spliced from."""

    skeleton: str
    """The SHA-256 of the members with slots, as `write_skeleton` writes them."""
    values: tuple[str, ...]
    text: bytes = b""
    """The skeleton itself, with the first letter of a shape that a process makes: it is long, and the same for all."""


@functools.lru_cache(256)  # a letter prints the same few values again and again
def escaped(value: str, style: int) -> bytes:
    """Return a value as it is written in one of the styles."""
    for character, entity in STYLES[style]:
        if character in value:
            value = value.replace(character, entity)
    return value.encode()


def write_skeleton(parts: Mapping[str, Pieces]) -> bytes:
    """Return the cut XML members of a shape as JSON."""
    texts = {
        name: [piece.decode() if isinstance(piece, bytes) else piece for piece in pieces]
        for name, pieces in parts.items()
    }
    return json.dumps(texts, ensure_ascii=False).encode()


def read_skeleton(skeleton: bytes) -> dict[str, Pieces]:
    """Return the cut XML members of a shape, given as JSON."""
    parts: dict[str, list[str | list[int]]] = json.loads(skeleton)
    return {
        name: [piece.encode() if isinstance(piece, str) else (piece[0], piece[1]) for piece in pieces]
        for name, pieces in parts.items()
    }


def fill_pieces(parts: Mapping[str, Pieces], values: Sequence[str]) -> dict[str, bytes]:
    """Return cut members with these values in their slots."""
    return {
        name: b"".join([piece if isinstance(piece, bytes) else escaped(values[piece[0]], piece[1]) for piece in pieces])
        for name, pieces in parts.items()
    }


def fill(skeleton: bytes, values: Sequence[str]) -> dict[str, bytes]:
    """Return the XML members of the letter that fills these values into a skeleton."""
    return fill_pieces(read_skeleton(skeleton), values)


def with_usual_names(parts: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the parts with the document, its notes, styles and so on under their usual names.

    Raises lxml.etree.XMLSyntaxError where the relationships are damaged.
    """
    named = dict(parts)
    document = _targets(named, _ROOT, "").get("officeDocument", _DOCUMENT)
    _rename(named, document, _DOCUMENT, _ROOT, "")
    relations = relations_of(_DOCUMENT)
    for kind, target in _targets(named, relations, posixpath.dirname(_DOCUMENT)).items():
        if kind in _USUAL:
            _rename(named, target, _USUAL[kind], relations, posixpath.dirname(_DOCUMENT))
    return named


def as_document(parts: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the parts of a Word template (.dotx) as those of a document, from which they differ by one word."""
    types = parts.get(_CONTENT_TYPES, b"")
    return {
        **parts,
        _CONTENT_TYPES: types.replace(b"wordprocessingml.template.main+xml", b"wordprocessingml.document.main+xml"),
    }


def without_attached_template(parts: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the parts without the link to an attached template (17.15.1.6), which law offices put into every file.

    The template is never read here, so that nothing of the letter depends on it.
    """
    kept, name = dict(parts), _USUAL["settings"]
    relations = relations_of(name)
    if relations not in kept or name not in kept:
        return kept
    root = parse(kept[relations])
    links = [each for each in root if str(each.get("Type")).endswith("/attachedTemplate")]
    if links:
        for link in links:
            root.remove(link)
        kept[relations] = serialize(root)
        with changing(kept, name) as settings:
            remove_all(settings, "attachedTemplate")
    return kept


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
    from lxml import etree

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


def relations_of(name: str) -> str:
    """Return the name of the part with the relationships of a part (ECMA-376 part 2, 9.3)."""
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
    # A target begins at the package, or at the folder of its source (ECMA-376 part 2, 9.3.2.2).
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))


def _rename(parts: dict[str, bytes], old: str, new: str, relations: str, folder: str) -> None:
    """Move a part with its relationships, in place; a part that stands there without being meant is dropped."""
    if old == new:
        return
    parts[new] = parts.pop(old)
    own = parts.pop(relations_of(old), None)
    parts.pop(relations_of(new), None)
    if own is not None:
        parts[relations_of(new)] = own
    with changing(parts, relations) as root:
        for each in root:
            if each.get("TargetMode") != "External" and _resolved(str(each.get("Target")), folder) == old:
                each.set("Target", posixpath.relpath(new, folder) if folder else new)
    if _CONTENT_TYPES in parts:
        with changing(parts, _CONTENT_TYPES) as types:
            for each in list(types):
                if each.get("PartName") == f"/{new}":
                    types.remove(each)
                elif each.get("PartName") == f"/{old}":
                    each.set("PartName", f"/{new}")
