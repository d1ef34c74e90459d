"""The one door to docxtpl: a Word template and values become a DOCX, each letter on its own.

This is the plain way: it tells what a letter is. letters.render.fast_docx makes the same letters faster.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from docx.opc.pkgwriter import PackageWriter
from docxtpl import DocxTemplate
from jinja2 import Environment

from letters.formats import jinja
from letters.formats.ooxml import PROPERTY_LENGTH, read_package, write_package
from letters.model.records import Values
from letters.render.braces import guarded, without_guards
from letters.render.word_fill import mend_emptied


class DocxRenderer:
    """A Word template, ready to be filled for one recipient after the other."""

    def __init__(self, template: bytes) -> None:
        self._template = template
        self._environment = jinja.environment(finalize=guarded)
        self._properties = properties_environment()

    def render(self, context: Mapping[str, object], notes: Sequence[Values]) -> bytes:
        """Fill one letter."""
        document = WordTemplate(self._template, self._properties)
        return write_package(fill(document, {**context, "notes": list(notes)}, self._environment))


def properties_environment() -> Environment:
    """Make the environment for the core properties, which are plain text."""
    made = jinja.environment()
    made.autoescape = False
    return made


def fill(document: WordTemplate, context: dict[str, Any], environment: MakesTemplates) -> dict[str, bytes]:
    """Let docxtpl fill a template, and return the members of the DOCX by name."""
    document.render(context, environment, autoescape=True)
    return {name: without_guards(name, content) for name, content in document.members().items()}


class Renders(Protocol):
    """What docxtpl needs of a Jinja template."""

    def render(self, context: dict[str, Any], /) -> str:
        """Write the text."""


class MakesTemplates(Protocol):
    """What docxtpl needs of a Jinja environment."""

    autoescape: Any

    def from_string(self, source: str, /) -> Renders:
        """Compile a template."""


class WordTemplate(DocxTemplate):  # type: ignore[misc]
    """docxtpl, with its faults in the rendering of notes, properties and empty cells mended."""

    def __init__(self, template: bytes, properties: MakesTemplates) -> None:
        super().__init__(io.BytesIO(template))
        self._properties = properties

    def fix_tables(self, xml: str) -> Any:
        """Fix what conditions have emptied, too: Word opens no table without rows, and no cell without a paragraph."""
        tree = super().fix_tables(xml)
        mend_emptied(tree)
        return tree

    def members(self) -> dict[str, bytes]:
        """Save the document, and return its members by name."""
        out = io.BytesIO()
        self.save(out)
        return read_package(out.getvalue())

    def uncompressed(self) -> dict[str, bytes]:
        """Return the members as python-docx writes them, before it compresses them; pictures put in are left out."""
        writer: Any = PackageWriter
        written = _Members()
        package = self.docx.part.package
        for part in package.parts:
            part.before_marshal()
        writer._write_content_types_stream(written, package.parts)
        writer._write_pkg_rels(written, package.rels)
        writer._write_parts(written, package.parts)
        return written.contents

    def render_footnotes(self, context: dict[str, Any], jinja_env: Any = None) -> None:
        """Render the notes once; docxtpl does so once per section, and runs the values it has put in as templates."""
        for part in self.docx.part.package.iter_parts():
            if part.content_type.endswith(".footnotes+xml"):
                xml = self.render_xml_part(self.patch_xml(part.blob.decode("utf-8")), part, context, jinja_env)
                part._blob = xml.encode("utf-8")

    def render_properties(self, context: dict[str, Any], jinja_env: Any = None) -> None:  # noqa: ARG002
        """Render the properties as plain text; docxtpl would escape them twice."""
        properties = self.docx.core_properties
        for name in ("title", "subject", "identifier"):
            text = self._properties.from_string(getattr(properties, name)).render(context)
            setattr(properties, name, text[:PROPERTY_LENGTH])


class _Members:
    """Stands in for the ZIP archive that python-docx writes."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}

    def write(self, name: Any, content: bytes) -> None:
        self.contents[name.membername] = content
