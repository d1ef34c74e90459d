"""Where a Word template is known, docxtpl makes the same members of it, byte for byte."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from docx import Document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jinja2 import TemplateError

from letters.campaign.load import load
from letters.formats import jinja
from letters.formats.ooxml import read_package, write_package
from letters.render.marked_docxtpl import ByDocxtpl
from letters.render.trace import Source
from letters.render.word_fill import KnownWord
from letters.render.word_parts import NotKnownError
from tests.conftest import MakeDesk
from tests.desk import ROOT

Change = Callable[[bytes], bytes]
VALUES = {"name": "O’Neil & <Sons>", "yes": True, "no": False, "items": ["a", "b & c"]}
PIECES = (
    "{{ name }}",
    "{% if yes %}",
    "{% if no %}",
    "{% endif %}",
    "{% for item in items %}{{ item }}{% endfor %}",
    "{{ '<' }}",
    "{{ “a” }}",
    "{{ '{' }}",
    "{%- if yes -%}",
    "{{r name }}",
    "{%p if yes %}",
    "{# no #}",
    "{_{",
    "{",
    "}",
    "%}",
    "a\tb",
    "a\nb",
    " ",
    "text",
)


def render(source: Source) -> str:
    environment = jinja.environment()
    environment.autoescape = source.escaped
    return environment.from_string(source.text).render(VALUES)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return document([["{{ name }}"], ["{% for item in items %}", "{{ item }}", "{% endfor %}"]], "{{ name }}")


def document(paragraphs: list[list[str]], cell: str) -> bytes:
    """Make a template of paragraphs, given as texts of runs, with a table and a header."""
    made = Document()
    for runs in paragraphs:
        paragraph = made.add_paragraph()
        for text in runs:
            paragraph.add_run(text)
    made.add_table(rows=2, cols=2).rows[0].cells[0].text = cell
    made.sections[0].header.paragraphs[0].text = "{{ name }} of {{ items[0] }}"
    made.core_properties.title, made.core_properties.subject = "To {{ name }}", "Policy"
    made.core_properties.identifier = "{{ name }}"
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def known(template: bytes) -> bool:
    """Compare both ways where the template is known; tell whether it is."""
    try:
        ours = KnownWord(template).fill(render)
    except NotKnownError:
        return False
    assert ours == ByDocxtpl(template).fill(render)
    return True


def changed(template: bytes, name: str, old: bytes, new: bytes) -> bytes:
    parts = read_package(template)
    assert old in parts[name]
    return write_package({**parts, name: parts[name].replace(old, new, 1)})


@pytest.mark.parametrize("letter", sorted(path.stem for path in (ROOT / "templates").glob("*.md")))
def test_every_letter_of_the_toolkit_is_known(letter: str) -> None:
    project, _ = load(ROOT / "campaign.toml", letter)
    assert project is not None
    KnownWord(project.template.word)


def test_tags_between_paragraphs_and_in_notes_are_known(make_desk: MakeDesk) -> None:
    letter = (
        "{% if yes %}\nA text.[^n]\n{% endif %}\n\n| a | b |\n|---|---|\n| c | {{ name }} |\n\n[^n]: Of {{ name }}.\n"
    )
    desk = make_desk(letter=letter.replace("{{ name }}", "{{ recipient.agency }}").replace("yes", "recipient.county"))
    project, _ = load(desk.folder / "campaign.toml")
    assert project is not None
    values: dict[str, Any] = {**project.letters[0].context, "notes": list(project.letters[0].notes)}

    def filled(source: Source) -> str:
        environment = jinja.environment()
        environment.autoescape = source.escaped
        return environment.from_string(source.text).render(values)

    word = project.template.word
    assert KnownWord(word).fill(filled) == ByDocxtpl(word).fill(filled)


def test_a_plain_template_of_word_is_known(template: bytes) -> None:
    assert known(template)


RUNS = st.lists(st.lists(st.sampled_from(PIECES), max_size=3).map("".join), max_size=3)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(RUNS, max_size=3), st.sampled_from(PIECES))
def test_any_template_comes_out_as_docxtpl_makes_it(paragraphs: list[list[str]], cell: str) -> None:
    with suppress(TemplateError):
        known(document(paragraphs, cell))


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("word/document.xml", b"<w:gridCol", b"<w:gridCol w:w='1'/><w:gridCol"),
        ("word/document.xml", b"{{ name }}", b"{{ na</w:t></w:r><w:r><w:t>me }}"),
        ("word/document.xml", b"{{ name }}", b"{% colspan 2 %}"),
        ("word/document.xml", b"{{ name }}", b"{{ name\n}}"),
        ("word/document.xml", b"</w:body>", b"</w:body>text"),
        ("word/document.xml", b"<w:p>", b"<w:p><w:r><w:drawing docPr='1'/></w:r>"),
        ("docProps/core.xml", b"identifier>", b"description>"),
        ("word/_rels/document.xml.rels", b'Target="styles.xml"', b'Target="/word/styles.xml"'),
        ("word/_rels/document.xml.rels", b'Id="rId3"', b'Id="rId4"'),
        ("[Content_Types].xml", b'Extension="xml"', b'Extension="bin"'),
    ],
)
def test_what_docxtpl_changes_further_is_not_known(template: bytes, name: str, old: bytes, new: bytes) -> None:
    if name == "docProps/core.xml":
        template = changed(template, name, b"/dc:identifier", b"/dc:description")
    assert not known(changed(template, name, old, new))


def test_a_table_that_a_condition_empties_is_mended(template: bytes) -> None:
    emptied = changed(template, "word/document.xml", b"<w:tr>", b"{% if no %}<w:tr>")
    assert known(changed(emptied, "word/document.xml", b"</w:tbl>", b"{% endif %}</w:tbl>"))
    cell = changed(template, "word/document.xml", b"<w:p><w:r><w:t>{{ name }}</w:t></w:r></w:p></w:tc>", b"</w:tc>")
    assert known(cell)


def test_parts_that_nothing_leads_to_are_left_out(template: bytes) -> None:
    parts = read_package(template)
    left = write_package({**parts, "word/alone.xml": b"<a/>"})
    assert known(left)
    assert "word/alone.xml" not in KnownWord(left).fill(render)


def test_pictures_and_links_are_known(template: bytes) -> None:
    made = Document(io.BytesIO(template))
    made.part.relate_to("https://example.org/?a=1&b=2", "http://example.org/hyperlink", is_external=True)
    made.sections[0].header.paragraphs[0].add_run().add_picture(str(next((ROOT / "docs").rglob("*.png"))))
    out = io.BytesIO()
    made.save(out)
    assert known(out.getvalue())
