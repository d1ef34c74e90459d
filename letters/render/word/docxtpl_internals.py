"""The one door to docxtpl, with its faults corrected: a Word template and values become a DOCX.

`DocxRenderer` is the plain way: it says what a letter is, and `batch.py` makes the same letters faster. No other module
uses undocumented names of docxtpl.

Checked with docxtpl 0.20.2 and python-docx 1.2.0. `tests/render/word/test_docxtpl_internals.py` holds the signatures.

* `DocxTemplate.render_xml_part` (called, extended): docxtpl parses the body it has rendered with `recover=True`, which
  leaves out text where the XML is broken. Upstream: issue 634 asks for an error; pull request 653 removes illegal
  characters without a word, which `guarded` refuses before.
* `DocxTemplate.render_footnotes` (replaced): docxtpl renders the notes once per section, so that with two sections the
  values of the first time are run as templates. Upstream: reported in the review of pull request 563, no issue yet.
* `DocxTemplate.patch_xml` (called): what makes Jinja's tags of the runs of Word; needed for the notes.
* `DocxTemplate.render_properties` (replaced): docxtpl renders the core properties with autoescape, and python-docx
  escapes them again. Upstream: none yet.
* `DocxTemplate.fix_tables` (called, extended): docxtpl fails at a table without a grid, at a column without a width and
  at a cell that spans no number of columns, all of which Word opens. Upstream: none yet.
* `render` calls `from_string(text).render(context)` of the environment it is given, and sets its `autoescape`: so
  another object can stand in for Jinja's Environment (`batch.py`). Upstream: none needed.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from docxtpl import DocxTemplate
from jinja2 import Environment
from lxml import etree

from letters.formats import jinja
from letters.formats.ooxml import PROPERTY_LENGTH, parse, read_package, w, write_package
from letters.model.records import Values
from letters.render import RenderError

_PROPERTIES = ("title", "subject", "identifier")
"""The core properties that a template may have fields in."""
_COLUMN = "1440"
"""The width of a column that says none, in twentieths of a point: an inch. Word makes it as wide as its cells need."""
_NEAR = 40
"""Characters of the letter that a message quotes to show a place."""
_GUARD = "\ue01f"
"""A private character that keeps docxtpl from reading "{_{" in a value as an escaped brace; taken out again."""
# "{_{" and "}_}" are how docxtpl has people write braces; it turns them into "{{" after rendering, in values, too.
_ESCAPED = re.compile(r"([{%])_(?=[{%])|([}%])_(?=\})")
_ILLEGAL = re.compile("[\x00-\x06\x08\x0b\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 cannot hold (2.2, Char) and docxtpl does not turn into mark-up, as it does a bell and a form feed."""


class RendersText(Protocol):
    """What docxtpl needs of a Jinja template."""

    def render(self, context: dict[str, Any], /) -> str:
        """Write the text."""


class MakesTemplates(Protocol):
    """What docxtpl needs of a Jinja environment."""

    autoescape: Any

    def from_string(self, source: str, /) -> RendersText:
        """Compile a template."""


class WordTemplate(DocxTemplate):  # type: ignore[misc]
    """A Word template, to be filled once: docxtpl keeps the rendered document in the same object."""

    def __init__(self, template: bytes, environment: MakesTemplates, properties: MakesTemplates) -> None:
        super().__init__(io.BytesIO(template))
        self._environment = environment
        self._of_properties = properties

    def fill(self, context: dict[str, Any]) -> dict[str, bytes]:
        """Return the members of the filled DOCX by name; raises RenderError, and what Jinja raises."""
        self.render(context, self._environment, autoescape=True)
        _complete_emptied(self.docx.element.body)
        out = io.BytesIO()
        self.save(out)
        return {**read_package(out.getvalue()), **self._notes(context)}

    def render_xml_part(self, src_xml: str, part: Any, context: dict[str, Any], jinja_env: Any = None) -> str:
        """Render the text of a part; raises RenderError where it is not well-formed XML, before docxtpl parses it."""
        xml = str(super().render_xml_part(src_xml, part, context, jinja_env))
        # docxtpl would parse it with recover=True, which leaves out what follows the mistake.
        content = xml.encode()
        try:
            parse(content)
        except etree.XMLSyntaxError as error:
            what = f'"{part.partname.membername}" is not well-formed XML {_place(content, error)}'
            why = str(error.msg).partition(", line")[0]
            raise RenderError(f"{what} ({why}); look at the fields and conditions of the template there") from None
        return xml

    def fix_tables(self, xml: str) -> Any:
        """Parse the body that was rendered, and give each table as many columns as it has cells."""
        root = parse(xml.encode())
        for table in root.iter(w("tbl")):
            _complete_grid(table)
        return super().fix_tables(etree.tostring(root, encoding="unicode"))

    def render_footnotes(self, context: dict[str, Any], jinja_env: Any = None) -> None:
        """Leave the notes as they are; `fill` renders them."""

    def _notes(self, context: dict[str, Any]) -> dict[str, bytes]:
        """Render the notes, which python-docx does not parse but hands on as they are."""
        rendered = {}
        for part in self.docx.part.package.iter_parts():
            if part.content_type.endswith(".footnotes+xml"):
                # Word may cut a tag into runs; this puts it together and takes the mark-up of Word out of it.
                source = self.patch_xml(part.blob.decode())
                xml = self.render_xml_part(source, part, context, self._environment)
                rendered[part.partname.membername] = xml.encode()
        return rendered

    def render_properties(self, context: dict[str, Any], jinja_env: Any = None) -> None:  # noqa: ARG002
        """Render the core properties as plain text, cut off at the length that Word keeps."""
        properties = self.docx.core_properties
        for name in _PROPERTIES:
            text = self._of_properties.from_string(getattr(properties, name)).render(context)
            try:
                setattr(properties, name, text[:PROPERTY_LENGTH])
            except ValueError as error:  # python-docx would raise that of lxml, which names no place
                raise RenderError(f"the {name} in the properties of the DOCX cannot be written: {error}") from None


def _place(xml: bytes, error: etree.XMLSyntaxError) -> str:
    """Quote the words before the place of an error."""
    line, column = error.position
    before = xml.split(b"\n")[line - 1][: max(column - 1, 0)].decode(errors="ignore")
    # The last tag may be cut off by the place of the error.
    words = re.sub(r"<[^>]*>?", "", before)
    return f'after "{words[-_NEAR:]}"' if words else "at its beginning"


def _complete_grid(table: Any) -> None:
    """Give a table the grid that Word can do without (ISO 29500-1, 17.4.48), with a width for each of its columns."""
    grid = table.find(w("tblGrid"))
    if grid is None:
        grid = table.makeelement(w("tblGrid"))
        table.insert(len(table.findall(w("tblPr"))), grid)
    for column in grid.iter(w("gridCol")):
        if not column.get(w("w"), "").isdecimal():
            column.set(w("w"), _COLUMN)
    for span in list(table.iter(w("gridSpan"))):
        if not span.get(w("val"), "").isdecimal():
            span.getparent().remove(span)
    # In a table without any grid there is one column for each cell of its longest row.
    for _ in range(max((len(row.findall(w("tc"))) for row in table.iter(w("tr"))), default=0) if not len(grid) else 0):
        grid.append(grid.makeelement(w("gridCol"), {w("w"): _COLUMN}))


def _complete_emptied(body: Any) -> None:
    """Make valid what conditions have emptied: Word opens no table without rows, and no cell without a paragraph."""
    # Rows before tables: a table whose rows have all gone is empty then.
    for name, child in (("tr", "tc"), ("tbl", "tr")):
        for element in list(body.iter(w(name))):
            if element.find(w(child)) is None:
                element.getparent().remove(element)
    for cell in body.iter(w("tc")):
        if not len(cell) or cell[-1].tag != w("p"):
            cell.append(cell.makeelement(w("p")))


class DocxRenderer:
    """A Word template, ready to be filled for one recipient after the other."""

    def __init__(self, template: bytes) -> None:
        self._template = template
        self._environment = jinja.environment(finalize=guarded)
        self._properties = properties_environment()

    def render(
        self, context: Mapping[str, object], notes: Sequence[Values], pages: Sequence[Mapping[int, int]] = ()
    ) -> bytes:
        """Fill one letter; raises RenderError, and what Jinja raises.

        `pages` are those of the headings that the contents of each part list; without them, Word has to look them up.
        """
        values = {**context, "notes": list(notes), "pages": list(pages)}
        members = fill(self._template, values, self._environment, self._properties)
        return write_package(members)


def properties_environment() -> Environment:
    """Return an environment for the core properties, which are plain text."""
    made = jinja.environment()
    # python-docx escapes them when it writes; docxtpl would have escaped them before.
    made.autoescape = False
    return made


def fill(
    template: bytes, context: dict[str, Any], environment: MakesTemplates, properties: MakesTemplates
) -> dict[str, bytes]:
    """Let docxtpl fill a template; return the members of the DOCX by name."""
    members = WordTemplate(template, environment, properties).fill(context)
    guard = _GUARD.encode()
    return {name: text.replace(guard, b"") if name.endswith(".xml") else text for name, text in members.items()}


def guarded(value: object) -> object:
    """Return a value for docxtpl, with its braces kept from being read as escapes; raises RenderError."""
    if not isinstance(value, str):
        return value
    if illegal := _ILLEGAL.search(value):
        raise RenderError(f'"{value}" holds the character U+{ord(illegal[0]):04X}, which a DOCX cannot hold')
    return _ESCAPED.sub(lambda m: f"{m[1] or m[2]}{_GUARD}_", value)
