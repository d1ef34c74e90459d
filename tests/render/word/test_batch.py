"""The fast way to a DOCX and docxtpl's own way make the same members, byte for byte."""

from __future__ import annotations

import io
import pickle
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docxtpl import RichText
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from letters.campaign.load import Project, load
from letters.formats.files import sha256
from letters.formats.ooxml import fill, read_package
from letters.model.records import DOCX, MergedLetter, Values
from letters.render import RenderError
from letters.render.store import Store
from letters.render.word.batch import NotSplicedError, RenderedDocx, WordBatchRenderer
from letters.render.word.docxtpl_internals import DocxRenderer
from tests.desk import ROOT, set_up
from tests.examples import examples
from tests.merged import with_context
from tests.sample import loaded

AWKWARD = (
    "O’Neil & <Sons>",
    'O\'Neil & "Sons"',
    "{{ 7*7 }}",
    "{% raw %}",
    "{_{ a }_} {_% b %_}",
    "{",
    "}_",
    "_{",
    "%",
    "</w:t>",
    "]]>",
    "&amp;",
    "*St. Clair_",
    " ",
    "\u00a0",
    "",
    "a\tb",
    "a\nb",
    "a\r\nb",
    "a\ab",
    "a\fb",
    "\x85\x9f\u2028",
    "Ñuñoa",
    "مكتب الشريف",
    "שריף",
    "e\u0301 \u200d \U0001f600",
    "\ue01f\ue000\ue100" + "7\ue101'\"&<>é\ue102",
    "\ue2000\ue201",
    "x" * 2000,
)


@dataclass(frozen=True)
class Ways:
    """Both ways to a DOCX, with the letters of the sample campaign."""

    plain: DocxRenderer
    fast: WordBatchRenderer
    letters: tuple[MergedLetter, ...]

    def spliced_as_plain(self, letter: MergedLetter) -> bool:
        """Compare the two ways; tell whether the fast one did it without docxtpl."""
        spliced = splice(self.fast, letter.context, letter.notes)
        assert members(self.fast, letter, spliced) == members(self.plain, letter, None)
        return spliced is not None


def splice(fast: WordBatchRenderer, context: Mapping[str, object], notes: Sequence[Values]) -> RenderedDocx | None:
    """Make a letter without docxtpl; None where that cannot be done."""
    try:
        return fast.splice(context, notes)
    except NotSplicedError:
        return None


def members(way: Any, letter: MergedLetter, spliced: RenderedDocx | None) -> dict[str, bytes] | str:
    """Make a letter; return its members by name, or why it cannot be made."""
    try:
        made = spliced or way.render(letter.context, letter.notes)
    except RenderError as error:
        return str(error)
    if isinstance(made, bytes):
        return read_package(made)
    assert not made.unexpected, made.fallback
    return read_package(made.content)


def ways_of(project: Project | None) -> Ways:
    assert project is not None
    word = project.template.word
    return Ways(DocxRenderer(word), WordBatchRenderer(word), project.letters)


@pytest.fixture(scope="module")
def sample() -> Ways:
    return ways_of(loaded("guidance-letter")[0])


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Ways:
    desk = set_up(folder=tmp_path_factory.mktemp("desk") / "campaign")
    return ways_of(load(desk.folder / "campaign.toml")[0])


def varied(letters: tuple[MergedLetter, ...]) -> Iterator[MergedLetter]:
    """Choose letters that differ in what they print and decide."""
    seen = set()
    for letter in letters:
        recipient: Any = letter.context["recipient"]
        names = ("office", "title", "agreement_287g")
        kind = (*(recipient[name] for name in names), bool(recipient["name"]), len(recipient["inside_address"]))
        if kind not in seen:
            seen.add(kind)
            yield letter


def with_values(letter: MergedLetter, **values: object) -> MergedLetter:
    recipient: Any = letter.context["recipient"]
    changed = Values({**{name: recipient[name] for name in recipient}, **values})
    return with_context(letter, recipient=changed)


def test_a_varied_dozen_is_spliced_and_equal(sample: Ways) -> None:
    dozen = list(varied(sample.letters))[:12]
    assert len(dozen) > 3
    assert [letter.recipient.id for letter in dozen if not sample.spliced_as_plain(letter)] == []


@pytest.mark.slow
def test_every_letter_is_spliced_and_equal(sample: Ways) -> None:
    assert [letter.recipient.id for letter in sample.letters if not sample.spliced_as_plain(letter)] == []


@pytest.mark.parametrize("value", AWKWARD)
def test_an_awkward_value_comes_through_as_in_the_plain_way(ways: Ways, value: str) -> None:
    ways.spliced_as_plain(with_values(ways.letters[0], agency=value, running_name=value, inside_address=(value, value)))


@examples(6, 100)
@given(st.lists(st.text() | st.text("{}%_ab") | st.sampled_from(AWKWARD), min_size=3, max_size=3))
def test_any_values_come_through_as_in_the_plain_way(ways: Ways, values: list[str]) -> None:
    agency, jurisdiction, line = ("".join(c for c in value if c >= " ") for value in values)
    letter = with_values(
        ways.letters[0], agency=agency, jurisdiction=jurisdiction, inside_address=(line, agency, f"{line}{agency}")
    )
    ways.spliced_as_plain(letter)


def test_a_title_longer_than_word_keeps_is_cut_off_as_in_the_plain_way(ways: Ways) -> None:
    assert not ways.spliced_as_plain(with_values(ways.letters[0], agency="A" * 400))


def test_values_are_spliced_whatever_xml_escapes_in_them(ways: Ways) -> None:
    assert ways.spliced_as_plain(with_values(ways.letters[0], agency='O\'Neil & <"Sons"> {{ 7*7 }} Ñuñoa'))


def test_archives_are_whole(ways: Ways) -> None:
    made = ways.fast.splice(ways.letters[0].context, ways.letters[0].notes)
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist()[0] == "[Content_Types].xml"


def test_the_same_values_make_the_same_bytes_whatever_was_made_before(ways: Ways) -> None:
    letter = ways.letters[0]
    fresh = WordBatchRenderer(ways.plain._template)
    for other in ways.letters[1:]:
        fresh.render(other.context, other.notes)
    assert fresh.render(letter.context, letter.notes).content == ways.fast.render(letter.context, letter.notes).content


def test_a_letter_is_known_from_its_shape_and_its_values(ways: Ways) -> None:
    letter = with_values(ways.letters[0], agency='O\'Neil & <"Sons"> Ñuñoa')
    made = WordBatchRenderer(ways.plain._template).render(letter.context, letter.notes)
    assert made.filling is not None
    parts = read_package(made.content)
    assert fill(made.filling.text, made.filling.values) == {
        name: part for name, part in parts.items() if name.endswith((".xml", ".rels"))
    }


def test_shapes_are_kept_for_the_next_build(ways: Ways, tmp_path: Path) -> None:
    template = ways.plain._template
    first = WordBatchRenderer(template, tmp_path)
    made = [first.render(letter.context, letter.notes) for letter in ways.letters]
    following = WordBatchRenderer(template, tmp_path)
    assert [following.render(letter.context, letter.notes) for letter in ways.letters] == made
    assert len(list(tmp_path.iterdir())) == 1 + len({each.filling.skeleton for each in made if each.filling})


def test_kept_shapes_need_no_docxtpl(ways: Ways, tmp_path: Path) -> None:
    letter = ways.letters[0]
    WordBatchRenderer(ways.plain._template, tmp_path).render(letter.context, letter.notes)
    (tmp_path / "template.docx").write_bytes(ways.plain._template)
    (tmp_path / "letter.pickle").write_bytes(pickle.dumps((letter.context, letter.notes)))
    script = (
        "import pickle, sys; from pathlib import Path; from letters.render.word.batch import WordBatchRenderer\n"
        "folder = Path(sys.argv[1]); letter = pickle.loads((folder / 'letter.pickle').read_bytes())\n"
        "made = WordBatchRenderer((folder / 'template.docx').read_bytes(), folder).render(*letter)\n"
        "assert made.filling and 'docxtpl' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, check=True)


def test_what_is_kept_of_one_template_is_not_used_for_another(tmp_path: Path) -> None:
    for text in ("Dear {{ name }},", "To {{ name }}:"):
        template = document(text)
        made = WordBatchRenderer(template, tmp_path).render({"name": "Berrien County"}, [])
        assert read_package(made.content) == read_package(DocxRenderer(template).render({"name": "Berrien County"}, []))


def test_a_missing_value_is_the_same_error(ways: Ways) -> None:
    letter = with_context(ways.letters[0], recipient=Values({}))
    for way in (ways.plain, ways.fast):
        with pytest.raises(UndefinedError):
            way.render(letter.context, letter.notes)


def document(*paragraphs: str) -> bytes:
    """Make a small template."""
    made = Document()
    for paragraph in paragraphs:
        made.add_paragraph(paragraph)
    made.core_properties.title = "A letter to {{ name }}"
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def both(template: bytes, **context: object) -> tuple[bool, dict[str, bytes]]:
    """Make a small letter both ways; tell whether it was spliced, and its members."""
    fast = WordBatchRenderer(template)
    fast.render({**context, "name": "First"}, [])
    made = read_package(fast.render(context, []).content)
    assert made == read_package(DocxRenderer(template).render(context, []))
    return splice(fast, context, []) is not None, made


def test_loops_of_any_length_are_spliced() -> None:
    template = document("{% for item in items %}{{ loop.index }}. {{ item }} {% endfor %}{{ name }}")
    assert both(template, items=["a", "<b>", ""], name="Second")[0]


def test_a_table_row_for_each_item_is_spliced() -> None:
    made = Document(io.BytesIO(document("{{ name }}")))
    table = made.add_table(rows=3, cols=2)
    for row, texts in zip(
        table.rows, (("{%tr for x in xs %}", ""), ("{{ x }}", "n"), ("{%tr endfor %}", "")), strict=True
    ):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    out = io.BytesIO()
    made.save(out)
    assert both(out.getvalue(), xs=["a", "b & c"], name="Second")[0]


def test_rich_text_goes_to_docxtpl() -> None:
    spliced, made = both(document("{{ name }}{{r rich }}"), name="Second", rich=RichText("bold", bold=True))
    assert not spliced
    assert b"<w:b/>" in made["word/document.xml"]


def test_text_that_is_changed_after_it_was_printed_goes_to_docxtpl() -> None:
    template = document("{% filter upper %}{{ name }}{% endfilter %}")
    spliced, made = both(template, name="Second")
    assert not spliced
    assert b"SECOND" in made["word/document.xml"]


def test_a_value_in_an_attribute_is_escaped_as_one() -> None:
    made = Document(io.BytesIO(document("{{ name }}")))
    properties = made.paragraphs[0]._p.get_or_add_pPr()
    properties.set("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}val", "{{ name }}")
    out = io.BytesIO()
    made.save(out)
    spliced, made_members = both(out.getvalue(), name="'a' \"b\" & <c>")
    assert spliced
    assert b"'a' &quot;b&quot; &amp; &lt;c&gt;" in made_members["word/document.xml"]


@pytest.mark.parametrize(
    ("template", "values", "reason"),
    [
        ("{{ name }}", {"name": "a\tb"}, "a value holds the character U+0009"),
        ("{{ name }}", {"name": "A" * 400}, "a property of the DOCX is longer than 255 characters"),
        ("{_{{ name }}", {"name": "{b"}, "a brace of a value stands beside another"),
        ("{{ name }}{{r rich }}", {"name": "b", "rich": RichText("bold")}, "a value brings mark-up of its own"),
        ("{% filter upper %}{{ name }}{% endfilter %}", {"name": "b"}, "may change printed text (FilterBlock)"),
    ],
)
def test_what_goes_to_docxtpl_says_why(template: str, values: dict[str, object], reason: str) -> None:
    made = WordBatchRenderer(document(template)).render(values, [])
    assert reason in made.fallback
    assert not made.unexpected


def test_what_was_spliced_names_no_reason(ways: Ways) -> None:
    made = ways.fast.render(ways.letters[0].context, ways.letters[0].notes)
    assert made.fallback == ""
    assert made.filling


def test_a_fault_of_the_engine_is_reported_with_the_letter(ways: Ways, tmp_path: Path) -> None:
    letter, template = ways.letters[0], ways.plain._template
    WordBatchRenderer(template, tmp_path).render(letter.context, letter.notes)
    # Whole and with a right checksum, but not what the engine expects.
    Store(tmp_path, ("Word", sha256(template)), DOCX).put("sources", 7)
    made = WordBatchRenderer(template, tmp_path).render(letter.context, letter.notes)
    assert made.unexpected
    assert made.fallback == "TypeError: 'int' object is not iterable"
    assert made.content == ways.plain.render(letter.context, letter.notes)
