"""What looks.toml says is what both letterheads have; what was changed by hand stays and is told."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from letters.campaign.looks import LooksPlan, plan_looks, write_looks
from letters.compile.looks_files import css_values, read_block
from letters.compile.looks_word import read_values, wanted_values
from letters.formats.ooxml import parse, read_package, serialize, w, write_package
from letters.model.looks import PageLooks
from letters.read.looks import read_looks
from tests.desk import ROOT, copied

SHOWN = "templates"


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    """A folder of letters with the looks of the toolkit."""
    folder = tmp_path / "templates"
    folder.mkdir()
    for name in ("looks.toml", "looks-written.json", "letterhead.css", "letterhead.docx"):
        shutil.copy(ROOT / "templates" / name, folder)
    shutil.copytree(ROOT / "templates" / "fonts", folder / "fonts", copy_function=copied)
    return folder


def set_keys(templates: Path, **given: str) -> LooksPlan:
    plan = plan_looks(templates, SHOWN, given)
    assert not [problem for problem in plan.problems if problem.stops]
    write_looks(plan)
    return plan


def in_css(templates: Path) -> dict[str, str]:
    return read_block((templates / "letterhead.css").read_text("utf-8")) or {}


def in_word(templates: Path) -> dict[tuple[str, str], str]:
    return read_values(read_package((templates / "letterhead.docx").read_bytes()))


def test_the_templates_of_the_toolkit_have_the_looks_that_their_file_says() -> None:
    plan = plan_looks(ROOT / "templates", SHOWN, {})
    assert (plan.files, plan.kept, plan.problems) == ({}, [], [])
    assert plan.looks == PageLooks()


@pytest.mark.parametrize(
    ("key", "value", "variable", "css", "place", "word"),
    [
        ("paper", "A4", "--paper", "A4", ("page", "pgSz w"), "11906"),
        ("paper", "A4", "--paper-height", "841.9pt", ("page", "pgSz h"), "16838"),
        ("margins", "1in", "--margins", "1in 1in 1in 1in", ("page", "pgMar left"), "1440"),
        ("margins", "1.4in 1in 1.2in 0.9in", "--margin-top", "1.4in", ("page", "pgMar top"), "2016"),
        ("margins", "1.4in 1in 1.2in 0.9in", "--margin-bottom", "1.2in", ("page", "pgMar bottom"), "1728"),
        ("measure", "5in", "--measure", "5in", ("Normal", "ind right"), "1589"),
        ("font", "DejaVu Sans", "--font", '"DejaVu Sans"', ("text", "rFonts ascii"), "DejaVu Sans"),
        ("size", "12pt", "--size", "12pt", ("text", "sz val"), "24"),
        ("size", "12pt", "--heading-size", "12pt", ("Heading 1", "sz val"), "24"),
        ("size", "12pt", "--small-size", "10.5pt", ("Table Text", "sz val"), "21"),
        ("size", "12pt", "--leading", "16pt", ("text", "spacing line"), "320"),
        ("leading", "16pt", "--leading", "16pt", ("text", "spacing line"), "320"),
        ("align", "justified", "--align", "justify", ("Body Text", "jc val"), "both"),
        ("color", "#102030", "--color", "#102030", ("text", "color val"), "102030"),
        ("heading_size", "13pt", "--heading-size", "13pt", ("Heading 2", "sz val"), "26"),
        ("heading_size", "13pt", "--title-size", "16pt", ("Enclosure Title", "sz val"), "32"),
        ("note_size", "10pt", "--note-size", "10pt", ("Footnote Text", "sz val"), "20"),
        ("note_leading", "12pt", "--note-leading", "12pt", ("Running Head", "spacing line"), "240"),
        ("letterhead_caps", "true", "--name-case", "uppercase", ("Letterhead Name", "caps"), "on"),
        ("letterhead_size", "13pt", "--name-size", "13pt", ("Letterhead Name", "sz val"), "26"),
        ("letterhead_color", "blue", "--letterhead-color", "#1f3a6e", ("Letterhead Line", "color val"), "1F3A6E"),
        ("letterhead_rule", "0pt", "--letterhead-rule", "0pt", ("Letterhead", "pBdr"), None),
        ("draft_mark", "DRAFT", "--draft-mark", '"DRAFT"', ("DRAFT mark", "words"), "DRAFT"),
        ("draft_color", "#000000", "--draft-color", "#000000", ("Draft Mark", "color val"), "000000"),
        ("fold_marks", "yes", "--fold-mark", "10pt", ("fold marks", ""), "on"),
    ],
)
def test_a_key_reaches_both_media(
    templates: Path, key: str, value: str, variable: str, css: str, place: tuple[str, str], word: str | None
) -> None:
    set_keys(templates, **{key: value})
    assert in_css(templates)[variable] == css
    assert in_word(templates).get(place) == word


@pytest.mark.parametrize("paper", ["Letter", "A4"])
def test_written_looks_are_read_back_from_both(templates: Path, paper: str) -> None:
    given = {"margins": "1in 1.1in", "size": "10.5pt", "align": "justified", "fold_marks": "true", "color": "#222222"}
    plan = set_keys(templates, paper=paper, letterhead="centered", letterhead_caps="yes", **given)
    assert read_looks(templates, SHOWN)[1] == plan.looks
    assert in_css(templates) == css_values(plan.looks)
    assert in_word(templates) == wanted_values(plan.looks)
    again = plan_looks(templates, SHOWN, {})
    assert (again.files, again.changed, again.kept) == ({}, [], [])


def test_headings_and_the_distance_of_lines_follow_the_size_unless_they_are_given(templates: Path) -> None:
    looks = set_keys(templates, size="12pt").looks
    assert (looks.heading_size, looks.leading) == (12, 16)
    looks = set_keys(templates, size="11pt", leading="15pt").looks
    assert (looks.heading_size, looks.leading) == (11, 15)


def test_comments_of_the_file_stay_where_they_are(templates: Path) -> None:
    before = (templates / "looks.toml").read_text("utf-8").splitlines()
    set_keys(templates, margins="1in", letterhead="stacked")
    after = (templates / "looks.toml").read_text("utf-8").splitlines()
    assert len(after) == len(before)
    assert [line.partition("#")[2] for line in after] == [line.partition("#")[2] for line in before]
    assert 'margins = "1in"' in "\n".join(after)


def change_in_word(templates: Path, change: Callable[[etree._Element], None]) -> None:
    path = templates / "letterhead.docx"
    package = read_package(path.read_bytes())
    styles = parse(package["word/styles.xml"])
    (heading,) = (each for each in styles.iter(w("style")) if each.get(w("styleId")) == "Heading1")
    change(heading)
    package["word/styles.xml"] = serialize(styles)
    path.write_bytes(write_package(package))


def wide(heading: etree._Element) -> None:
    heading.find(f"{w('pPr')}/{w('spacing')}").set(w("before"), "400")  # type: ignore[union-attr]


def underlined(heading: etree._Element) -> None:
    etree.SubElement(heading.find(w("rPr")), w("u"), {w("val"): "single"})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "told", "place", "value"),
    [
        (wide, ("Heading 1: space before", "20 pt", "14 pt"), ("Heading 1", "spacing before"), "400"),
        (underlined, ("Heading 1: underlined", "single", "nothing"), ("Heading 1", "u val"), "single"),
    ],
)
def test_what_was_changed_in_word_is_kept_and_told(
    templates: Path,
    change: Callable[[etree._Element], None],
    told: tuple[str, str, str],
    place: tuple[str, str],
    value: str,
) -> None:
    change_in_word(templates, change)
    plan = set_keys(templates, size="12pt")
    assert [tuple(each)[1:] for each in plan.kept] == [told]
    assert in_word(templates)[place] == value
    assert in_word(templates)["Heading 1", "sz val"] == "24"
    write_looks(plan_looks(templates, SHOWN, {}, overwrite=True))
    assert in_word(templates) == wanted_values(plan.looks)


def test_what_was_changed_in_the_style_sheet_is_kept_and_told(templates: Path) -> None:
    sheet = templates / "letterhead.css"
    text = sheet.read_text("utf-8").replace("--note-size: 9pt", "--note-size: 8.5pt")
    sheet.write_text(f"{text}\nh1 {{ color: #336699 }}\n", "utf-8")
    plan = set_keys(templates, size="12pt")
    told = [tuple(each)[1:] for each in plan.kept]
    assert told == [("--note-size", "8.5pt", "9pt"), ("put in", "h1 { color: #336699 }", "")]
    assert in_css(templates)["--note-size"] == "8.5pt"
    assert sheet.read_text("utf-8").endswith("h1 { color: #336699 }\n")


@pytest.mark.parametrize(
    ("given", "what", "hint"),
    [
        (
            {"font": "Times New Roman"},
            '"Charis SIL", "DejaVu Sans"',
            "put its .ttf or .otf files into templates/fonts/",
        ),
        ({"font": "Charis SI"}, "there is no font", 'did you mean "Charis SIL"?'),
        ({"sise": "11pt"}, '"sise" is not a key', "did you mean size?"),
        ({"size": "40pt"}, '"40pt" is too large', "from 9pt to 14pt"),
        ({"margins": "1"}, '"1" is not a length', "1.2in"),
        ({"margins": "3in"}, "the top margin is too large", "from 0.9in to 1.55in"),
        ({"color": "pinkish"}, "is not a color", "#1f3a6e"),
        ({"letterhead": "diagonal"}, '"diagonal" is none of these', "stacked"),
        ({"fold_marks": "maybe"}, "neither true nor false", "write true or false"),
        ({"leading": "11pt"}, "too close", "set leading to 14.3pt or so"),
        ({"draft_mark": "{{ x }}"}, "cannot be the mark", "braces"),
    ],
)
def test_a_value_that_cannot_be_is_told_and_nothing_is_written(
    templates: Path, given: dict[str, str], what: str, hint: str
) -> None:
    plan = plan_looks(templates, SHOWN, given)
    (problem,) = (problem for problem in plan.problems if problem.stops)
    assert what in problem.what
    assert hint in problem.hint
    assert plan.files == {}


def test_a_style_sheet_without_the_block_is_told_and_nothing_is_written(templates: Path) -> None:
    (templates / "letterhead.css").write_text("@page { size: Letter }", "utf-8")
    plan = plan_looks(templates, SHOWN, {"size": "12pt"})
    assert "has no block" in plan.problems[0].what
    assert plan.files == {}


def test_a_font_of_ones_own_is_embedded_in_word(templates: Path) -> None:
    plan = set_keys(templates, font="DejaVu Sans")
    assert any("no bold, italic, bold italic" in problem.what for problem in plan.problems)
    package = read_package((templates / "letterhead.docx").read_bytes())
    table = parse(package["word/fontTable.xml"])
    embedded = {str(font.get(w("name"))) for font in table if font.find(w("embedRegular")) is not None}
    assert embedded == {"DejaVu Sans"}
    assert [name for name in package if name.startswith("word/fonts/")] == ["word/fonts/font1.odttf"]


def test_the_line_ends_of_a_style_sheet_from_windows_stay(templates: Path) -> None:
    sheet = templates / "letterhead.css"
    sheet.write_bytes(sheet.read_bytes().replace(b"\n", b"\r\n"))
    assert plan_looks(templates, SHOWN, {}).files == {}
    set_keys(templates, size="12pt")
    assert b"\r\n" in sheet.read_bytes()
    assert b"\n" not in sheet.read_bytes().replace(b"\r\n", b"")
