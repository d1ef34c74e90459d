"""Opens the package of a Word template and writes it again, as python-docx does, which takes long to load.

Whatever python-docx might see otherwise, or would refuse, is not known here.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import NamedTuple

from lxml import etree

from letters.formats.ooxml import R, parse, read_package, serialize

_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
CORE_PROPERTIES = f"{_RELATIONS}/metadata/core-properties"
OFFICE = R
"""How the kinds of most relations begin."""
_KINDS = ("document.main", "comments", "footer", "header", "numbering", "settings", "styles")
_REWRITTEN = frozenset(
    (
        "application/vnd.openxmlformats-package.core-properties+xml",
        *(f"application/vnd.openxmlformats-officedocument.wordprocessingml.{kind}+xml" for kind in _KINDS),
    )
)
"""Types of parts that python-docx parses and writes anew; others it leaves as they are."""
_PICTURES = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif"}
_USUAL = {"rels": "application/vnd.openxmlformats-package.relationships+xml", "xml": "application/xml"}
_OTHER_DEFAULTS = frozenset(("bin", "bmp", "emf", "fntdata", "jpe", "tif", "tiff", "wdp", "wmf", "xlsx"))
"""Extensions that have a type of their own for python-docx, and that no template of ours has."""


class NotKnownError(Exception):
    """Tells that only python-docx and docxtpl know what becomes of a template."""


class Relation(NamedTuple):
    """What one part has to do with another, or with something outside."""

    id: str
    kind: str
    target: str
    part: str
    """The name of the other part; empty where it is something outside."""


class WordParts:
    """The parts of a template that can be reached from its beginning; raises NotKnownError."""

    def __init__(self, template: bytes) -> None:
        self._package = read_package(template)
        try:
            self._types = _Types(parse(self._package["[Content_Types].xml"]))
            self.relations = {"": self._relations("")}
            left = [""]
            while left:
                for name in [relation.part for relation in self.relations[left.pop()] if relation.part]:
                    if name not in self.relations:
                        self.relations[name] = self._relations(name)
                        left.append(name)
            self.types = {name: self._types.of(name) for name in self.relations if name}
            self.contents = {name: self._package[name] for name in self.types}
        except (KeyError, etree.LxmlError):
            raise NotKnownError from None

    def related(self, name: str, kind: str) -> list[str]:
        """List the parts that have a relation of a kind with a part, in its order."""
        return [each.part for each in self.relations[name] if each.kind == kind]

    def only_one(self, name: str, kind: str) -> str:
        """Tell the only part that has a relation of a kind with a part."""
        found = self.related(name, kind)
        if len(found) != 1:
            raise NotKnownError
        return found[0]

    def is_related_once(self, name: str) -> bool:
        """Tell whether nothing else has to do with a part that something has to do with."""
        return sum(each.part == name for relations in self.relations.values() for each in relations) == 1

    def written(self) -> dict[str, bytes]:
        """Write all members of the package."""
        members = {name: self._written(name) for name in self.types}
        for name, relations in self.relations.items():
            if relations or not name:
                members[_relations_of(name)] = _write_relations(relations)
        members["[Content_Types].xml"] = _write_types(self.types)
        return members

    def _written(self, name: str) -> bytes:
        return serialize(tidy(self.contents[name])) if self.types[name] in _REWRITTEN else self.contents[name]

    def _relations(self, name: str) -> list[Relation]:
        content = self._package.get(_relations_of(name))
        found = list(_read_relations(content, posixpath.dirname(name))) if content else []
        if len({each.id for each in found}) < len(found):
            raise NotKnownError
        return found


def tidy(content: bytes) -> etree._Element:
    """Parse a part without the white space that means nothing."""
    return etree.fromstring(content, etree.XMLParser(remove_blank_text=True, resolve_entities=False))


def _relations_of(name: str) -> str:
    folder, file = posixpath.split(name)
    return posixpath.join(folder, "_rels", f"{file}.rels")


def _read_relations(content: bytes, folder: str) -> Iterator[Relation]:
    for element in parse(content).findall(f"{{{_RELATIONS}}}Relationship"):
        identifier, kind, target = (str(element.attrib[name]) for name in ("Id", "Type", "Target"))
        part = ""
        if element.get("TargetMode") != "External":
            part = posixpath.normpath(posixpath.join("/", folder, target))[1:]
            if posixpath.relpath(f"/{part}", f"/{folder}") != target:
                raise NotKnownError
        yield Relation(identifier, kind, target, part)


def _write_relations(relations: list[Relation]) -> bytes:
    root = parse(f'<Relationships xmlns="{_RELATIONS}"/>'.encode())
    for each in relations:
        attributes = {"Id": each.id, "Type": each.kind, "Target": each.target}
        outside = {} if each.part else {"TargetMode": "External"}
        etree.SubElement(root, f"{{{_RELATIONS}}}Relationship", {**attributes, **outside})
    return serialize(root)


class _Types:
    """The types of parts, by name or by extension, whatever their case."""

    def __init__(self, root: etree._Element) -> None:
        self._of_part = {each.attrib["PartName"].lower(): each.attrib["ContentType"] for each in _all(root, "Override")}
        self._of_kind = {each.attrib["Extension"].lower(): each.attrib["ContentType"] for each in _all(root, "Default")}

    def of(self, name: str) -> str:
        """Tell the type of a part; raises KeyError where there is none, and NotKnownError where it is rare."""
        extension = _extension(name)
        if extension in _OTHER_DEFAULTS or extension != extension.lower():
            raise NotKnownError
        return str(self._of_part.get(f"/{name.lower()}") or self._of_kind[extension])


def _all(root: etree._Element, name: str) -> list[etree._Element]:
    return root.findall(f"{{{_TYPES}}}{name}")


def _extension(name: str) -> str:
    return posixpath.splitext(name)[1][1:]


def _write_types(types: dict[str, str]) -> bytes:
    root = parse(f'<Types xmlns="{_TYPES}"/>'.encode())
    usual = {name for name, kind in types.items() if {**_PICTURES, **_USUAL}.get(_extension(name)) == kind}
    defaults = _USUAL | {_extension(name): types[name] for name in usual}
    for extension in sorted(defaults):
        attributes = {"Extension": extension, "ContentType": defaults[extension]}
        etree.SubElement(root, f"{{{_TYPES}}}Default", attributes)
    for name in sorted(types.keys() - usual):
        etree.SubElement(root, f"{{{_TYPES}}}Override", {"PartName": f"/{name}", "ContentType": types[name]})
    return serialize(root)
