"""Lets docxtpl fill a template with marks in the place of values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from letters.formats.ooxml import is_xml, read_package, write_package
from letters.render.braces import LISTING
from letters.render.docx import WordTemplate, fill
from letters.render.trace import Source


class ByDocxtpl:
    """docxtpl; what it does for every letter alike it does here once."""

    def __init__(self, template: bytes) -> None:
        package = read_package(template)
        self._kept = {_stand_in(name): content for name, content in package.items() if not is_xml(name)}
        slim = {name: content if is_xml(name) else _stand_in(name) for name, content in package.items()}
        self._template = write_package(slim)
        self._patched: dict[str, str] = {}

    def fill(self, render: Callable[[Source], str]) -> dict[str, bytes]:
        """Return the members of a letter, whose templates are rendered by the one given."""
        template = _MarkedTemplate(self._template, _Stand(render, escaped=False), self._patched)
        members = fill(template, {}, _Stand(render, escaped=True))
        return {name: self._kept.get(content, content) for name, content in members.items()}


class _MarkedTemplate(WordTemplate):
    """A docxtpl template that does nothing twice and nothing in vain."""

    def __init__(self, template: bytes, properties: Any, patched: dict[str, str]) -> None:
        super().__init__(template, properties)
        self._patched = patched

    def patch_xml(self, src_xml: str) -> str:
        """Make XML ready for Jinja."""
        if src_xml not in self._patched:
            self._patched[src_xml] = super().patch_xml(src_xml)
        return self._patched[src_xml]

    def members(self) -> dict[str, bytes]:
        """Take the members of the document."""
        return self.uncompressed()

    def resolve_listing(self, xml: str) -> str:
        """Turn tabs and line breaks of the text into mark-up; docxtpl looks at every run even where there are none."""
        return super().resolve_listing(xml) if LISTING.search(xml) else xml


@dataclass(slots=True)
class _Stand:
    """Stands between docxtpl and Jinja, as an environment and as the template that it makes."""

    renders: Callable[[Source], str]
    escaped: bool
    text: str = ""
    autoescape: Any = None
    """What docxtpl would tell an environment."""

    def from_string(self, text: str) -> _Stand:
        return _Stand(self.renders, self.escaped, text)

    def render(self, _: dict[str, Any]) -> str:
        return self.renders(Source(self.text, self.escaped))


def _stand_in(name: str) -> bytes:
    """Make what stands in for a font or a picture while docxtpl works, which looks into neither."""
    return f"\0{name}".encode()
