"""What we use of docxtpl and python-docx without their having documented it is as it was when it was checked."""

from __future__ import annotations

import inspect
import io
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import pytest
from docx import Document
from docxtpl import DocxTemplate

SIGNATURES: dict[Callable[..., Any], str] = {
    DocxTemplate.render: "(self, context: Dict[str, Any], jinja_env: Optional[Environment] = None, "
    "autoescape: bool = False) -> None",
    DocxTemplate.patch_xml: "(self, src_xml)",
    DocxTemplate.render_xml_part: "(self, src_xml, part, context, jinja_env=None)",
    DocxTemplate.fix_tables: "(self, xml)",
    DocxTemplate.render_footnotes: "(self, context: Dict[str, Any], jinja_env: Optional[Environment] = None) -> None",
    DocxTemplate.render_properties: "(self, context: Dict[str, Any], jinja_env: Optional[Environment] = None) -> None",
}
"""Methods that `letters.render.word.docxtpl_internals` calls or replaces."""


@pytest.mark.parametrize("method", SIGNATURES, ids=lambda method: method.__name__)
def test_a_method_is_called_as_it_was(method: Callable[..., Any]) -> None:
    now = str(inspect.signature(method)).replace("'", "")
    told = f"docxtpl {version('docxtpl')} has {method.__name__}{now}: see letters/render/word/docxtpl_internals.py"
    assert now == SIGNATURES[method], told


def test_a_document_has_the_attributes_that_we_read() -> None:
    out = io.BytesIO()
    Document().save(out)
    template = DocxTemplate(out)
    template.render({})
    part = next(iter(template.docx.part.package.iter_parts()))
    told = f"python-docx {version('python-docx')} differs: see letters/render/word/docxtpl_internals.py"
    assert template.docx.element.body.tag.endswith("}body"), told
    assert part.partname.membername, told
    assert part.content_type, told
    assert isinstance(part.blob, bytes), told


class Environment:
    """What docxtpl asks of Jinja, written down."""

    autoescape: Any = None

    def __init__(self) -> None:
        self.asked: list[str] = []

    def from_string(self, source: str) -> Environment:
        self.asked.append(source)
        return self

    def render(self, context: dict[str, Any]) -> str:
        return self.asked[-1]


def test_docxtpl_asks_nothing_else_of_an_environment() -> None:
    out = io.BytesIO()
    Document().save(out)
    environment = Environment()
    DocxTemplate(out).render({}, environment, autoescape=True)
    assert environment.autoescape is True
    assert environment.asked[0].startswith("<w:body"), "see letters/render/word/docxtpl_internals.py"
