"""Makes a Word mail-merge document of the campaign's letter: its fields, its conditions settled."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from xml.sax.saxutils import quoteattr

from docxtpl import DocxTemplate

from benchmarks.loops.values import read_values
from letters.formats import jinja
from letters.formats.ooxml import read_package, write_package

_FIELD = re.compile(r"\{\{ (.*?) \}\}")
_MARKED = re.compile(r"<w:t(?: [^>]*)?>([^<]*\ue100[^<]*)</w:t>")
_MARK = re.compile("\ue100(\\w+)\ue101")


def write_mailmerge(folder: Path) -> None:
    """Write mailmerge.docx beside the docxtpl template, and which expression each of its fields stands for.

    Mail merge has no conditions of this sort: every letter gets the paragraphs of the first recipient.
    """
    names: dict[str, str] = {}
    package = read_package((folder / "template.docx").read_bytes())
    for part in [name for name in package if name.startswith("word/") and name.endswith(".xml")]:
        text = package[part].decode("utf-8")
        package[part] = _FIELD.sub(lambda field: _mark(field[1], names), text).encode()
    document = DocxTemplate(io.BytesIO(write_package(package)))
    document.render(read_values(folder)["letters"][0], jinja.environment(), autoescape=True)
    out = io.BytesIO()
    document.save(out)
    package = read_package(out.getvalue())
    for part, content in package.items():
        if part.startswith("word/") and part.endswith(".xml"):
            package[part] = _MARKED.sub(_fields, content.decode("utf-8")).encode()
    (folder / "mailmerge.docx").write_bytes(write_package(package))
    (folder / "fields.json").write_text(json.dumps(names), "utf-8")


def _mark(expression: str, names: dict[str, str]) -> str:
    """Put a mark in the place of a field; the lines of the address become one field each."""
    if expression == "line":
        names.update(_ADDRESS)
        return "{{ '\ue100address' ~ loop.index0 ~ '\ue101' }}"
    # A text, such as the literal brace, is no field.
    if expression.startswith(("'", '"')):
        return "{{ " + expression + " }}"
    name = f"field{len(names)}"
    names[name] = expression
    return f"\ue100{name}\ue101"


_ADDRESS = {f"address{n}": f"recipient.inside_address[{n}:][:1] | join" for n in range(8)}


def _fields(text: re.Match[str]) -> str:
    pieces = _MARK.split(text[1])
    runs = ""
    for number, piece in enumerate(pieces):
        if number % 2:
            code = quoteattr(f" MERGEFIELD {piece} ")
            runs += f"</w:r><w:fldSimple w:instr={code}><w:r><w:t>{piece}</w:t></w:r></w:fldSimple><w:r>"
        elif piece:
            runs += f'<w:t xml:space="preserve">{piece}</w:t>'
    return runs
