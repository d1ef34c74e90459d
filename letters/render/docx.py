"""The one door to docxtpl: a Word template and values become a DOCX."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

from docxtpl import DocxTemplate

from letters import jinja
from letters.model import Values
from letters.package import read_package, write_package

_GUARD = "\ue01f"
"""A private character that keeps docxtpl from reading "{_{" in a value as an escaped brace; taken out again."""
_ESCAPED_BRACES = re.compile(r"([{%])_(?=[{%])|([}%])_(?=\})")


class DocxRenderer:
    """A Word template, ready to be filled for one recipient after the other."""

    def __init__(self, template: bytes) -> None:
        self._template = template
        self._environment = jinja.environment(finalize=_guarded)

    def render(self, context: Mapping[str, object], notes: Sequence[Values]) -> bytes:
        """Fill one letter."""
        document = _Template(io.BytesIO(self._template))
        document.render({**context, "notes": list(notes)}, self._environment, autoescape=True)
        out = io.BytesIO()
        document.save(out)
        parts = read_package(out.getvalue())
        parts = {name: _without_guards(name, content) for name, content in parts.items()}
        return write_package(parts)


class _Template(DocxTemplate):  # type: ignore[misc]
    """docxtpl, with its two faults in the rendering of notes and properties mended."""

    def render_footnotes(self, context: dict[str, Any], jinja_env: Any = None) -> None:
        """Render the notes once; docxtpl does so once per section, and runs the values it has put in as templates."""
        for part in self.docx.part.package.iter_parts():
            if part.content_type.endswith(".footnotes+xml"):
                xml = self.render_xml_part(self.patch_xml(part.blob.decode("utf-8")), part, context, jinja_env)
                part._blob = xml.encode("utf-8")

    def render_properties(self, context: dict[str, Any], jinja_env: Any = None) -> None:  # noqa: ARG002
        """Render the properties as plain text; docxtpl would escape them twice."""
        plain = jinja.environment()
        plain.autoescape = False
        properties = self.docx.core_properties
        for name in ("title", "subject", "identifier"):
            setattr(properties, name, plain.from_string(getattr(properties, name)).render(context)[:255])


def _guarded(value: object) -> object:
    return _ESCAPED_BRACES.sub(lambda m: f"{m[1] or m[2]}{_GUARD}_", value) if isinstance(value, str) else value


def _without_guards(name: str, content: bytes) -> bytes:
    return content.replace(_GUARD.encode(), b"") if name.endswith(".xml") else content
