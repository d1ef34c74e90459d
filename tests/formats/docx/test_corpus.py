"""Each construct of Word in each place is read as Word shows it, or named: in a draft and in a letter made in Word."""

from __future__ import annotations

from pathlib import Path

import pytest

from letters.formats.docx.losses import draft_differences, shown_paragraphs
from letters.formats.docx.normalize import normalized
from letters.formats.docx.opening import FOOTNOTES, open_docx
from letters.formats.docx.reading import read_words
from letters.formats.docx.shown import style_formats
from letters.formats.docx.text import read
from letters.formats.ooxml import parse, write_package
from letters.formats.pandoc import read_docx
from letters.formats.tree import PAGE_CLASS, paragraph_texts
from letters.read.word_letter import read_word_letter
from letters.read.word_merge import MergeNames
from tests.formats.docx.corpus import CONSTRUCTS, PLACES, RARE, field, run, word_file

OURS = b'"S9"><w:name w:val="Contents Title"/></w:style><w:style w:type="paragraph" w:styleId='
"""A style that only the contents made by this program have, in front of another style."""
VML = '<w:pict><v:shape style="position:absolute;visibility:hidden">{}</v:shape></w:pict>'
SHAPES = (
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
)
FILES = [(construct, place) for construct in CONSTRUCTS for place in PLACES]
EVERY_OTHER = [file for number, file in enumerate(FILES) if (number + number // len(PLACES)) % 2]
"""Each construct in half of the places, and each place with half of the constructs; the code is the same.

Letters are tried with these and drafts with the others; the slow suite tries drafts with all.
"""


@pytest.mark.parametrize(
    ("name", "place"),
    [pytest.param(*file, marks=[pytest.mark.slow] * (file in EVERY_OTHER)) for file in FILES],
)
def test_a_draft_says_what_word_shows(name: str, place: str) -> None:
    construct = CONSTRUCTS[name]
    content = write_package(word_file(place, construct.xml))
    tree = read_words(read(open_docx(content)))
    assert draft_differences(open_docx(content), tree) == []
    said = " ".join(paragraph_texts(tree))
    assert construct.shown in said
    assert not construct.hidden or construct.hidden not in said


@pytest.mark.parametrize(("name", "place"), EVERY_OTHER)
def test_a_letter_made_in_word_says_what_word_shows(tmp_path: Path, name: str, place: str) -> None:
    construct = CONSTRUCTS[name]
    path = tmp_path / "letter.docx"
    path.write_bytes(write_package(word_file(place, construct.xml)))
    letter, problems = read_word_letter(path, "letter.docx", (), MergeNames({}, ()))
    assert [problem for problem in problems if problem.stops] == []
    assert construct.shown in letter.body.text.replace("**", "")
    assert not construct.hidden or construct.hidden not in letter.body.text


@pytest.mark.parametrize("place", PLACES)
def test_rare_constructs_say_what_word_shows(tmp_path: Path, place: str) -> None:
    content = write_package(word_file(place, "".join(each.xml for each in RARE.values())))
    tree = read_words(read(open_docx(content)))
    assert draft_differences(open_docx(content), tree) == []
    path = tmp_path / "letter.docx"
    path.write_bytes(content)
    letter, problems = read_word_letter(path, "letter.docx", (), MergeNames({}, ()))
    # A button is an order to Word, which no letter may give.
    assert [problem.what for problem in problems if problem.stops and "MACROBUTTON" not in problem.what] == []
    for said in (" ".join(paragraph_texts(tree)), letter.body.text):
        assert [each for each in RARE.values() if each.shown not in said or (each.hidden and each.hidden in said)] == []


@pytest.mark.parametrize("place", PLACES)
def test_words_that_were_not_read_are_named_with_their_paragraph(place: str) -> None:
    parts = open_docx(write_package(word_file(place, run("Keep this") + run(" unheard of"))))
    content = write_package({**parts, "word/document.xml": parts["word/document.xml"].replace(b"unheard of", b"")})
    lost = {name: part.replace(b"unheard of", b"") for name, part in open_docx(content).items()}
    (difference,) = draft_differences(parts, read_docx(normalized(read(lost), 1)[0]))
    assert difference.element is not None
    assert difference.words == "unheard of"
    assert "First" in difference.beside


def test_words_that_word_hides_and_a_reader_shows_are_named() -> None:
    parts = open_docx(write_package(word_file("note", run("seen ") + run("secret", "<w:vanish/>"))))
    shown = list(shown_paragraphs(parse(parts[FOOTNOTES]), style_formats(parts), boxes=True))
    assert [paragraph.text for paragraph in shown] == ["First seen  last"]
    (difference,) = draft_differences(parts, read_docx(write_package(parts)))
    assert (difference.element, difference.words) == (None, "secret")


def with_paragraph_styles(*names: str) -> dict[str, bytes]:
    """Return a Word file with a paragraph in each of these styles, which it defines."""
    parts = word_file("body", run("Middle"))
    made = "".join(
        f'<w:style w:type="paragraph" w:styleId="S{n}"><w:name w:val="{name}"/></w:style>'
        for n, name in enumerate(names)
    )
    parts["word/styles.xml"] = parts["word/styles.xml"].replace(b"</w:styles>", made.encode() + b"</w:styles>")
    said = "".join(f'<w:p><w:pPr><w:pStyle w:val="S{n}"/></w:pPr>{run(f"Word{n}")}</w:p>' for n, _ in enumerate(names))
    grid = '<w:tblPr/><w:tblGrid><w:gridCol w:w="900"/></w:tblGrid>'
    table = f"<w:tbl>{grid}<w:tr><w:tc><w:p>{run('Cell')}</w:p></w:tc></w:tr></w:tbl><w:p/>"
    body = parts["word/document.xml"].replace(b"<w:body>", f"<w:body>{said}{table}".encode())
    return {**parts, "word/document.xml": body}


STYLES = (
    *("Title", "Subtitle", "Author", "Date", "Abstract", "Definition Term", "Definition", "Caption", "Image Caption"),
    *("Captioned Figure", "Source Code", "Block Text", "Quote", "toc heading", "Heading 7", "Table Caption"),
)


def test_no_style_makes_words_disappear(tmp_path: Path) -> None:
    content = write_package(with_paragraph_styles(*STYLES))
    tree = read_words(read(open_docx(content)))
    # A line of contents is made of the headings; words that are none are named when a draft is judged.
    assert draft_differences(open_docx(content), tree) == []
    path = tmp_path / "letter.docx"
    path.write_bytes(content)
    letter, problems = read_word_letter(path, "letter.docx", (), MergeNames({}, ()))
    assert [problem for problem in problems if problem.stops] == []
    assert [name for n, name in enumerate(STYLES) if f"Word{n}" not in letter.body.text] == []


def test_hidden_rows_and_paragraphs_are_gone_and_not_counted() -> None:
    hidden = '<w:pPr><w:pStyle w:val="ListNumber"/><w:rPr><w:vanish/></w:rPr></w:pPr>' + run("secret", "<w:vanish/>")
    item = '<w:p><w:pPr><w:pStyle w:val="ListNumber"/></w:pPr>' + run("{}") + "</w:p>"
    row = "<w:tr><w:trPr><w:hidden/></w:trPr><w:tc><w:p>" + run("secretrow") + "</w:p></w:tc></w:tr>"
    grid = '<w:tblPr/><w:tblGrid><w:gridCol w:w="900"/></w:tblGrid>'
    table = f"<w:tbl>{grid}{row}<w:tr><w:tc><w:p>{run('Row')}</w:p></w:tc></w:tr></w:tbl><w:p/>"
    parts = word_file("body", run("Middle"))
    inside = item.format("One") + f"<w:p>{hidden}</w:p>" + item.format("Two") + table
    parts["word/document.xml"] = parts["word/document.xml"].replace(b"<w:body>", f"<w:body>{inside}".encode())
    content = write_package(parts)
    package, labels = normalized(read(open_docx(content)), 1)
    tree = read_docx(package)
    assert [label.text for label in labels] == ["1.", "2."]
    assert "secret" not in str(tree)
    assert draft_differences(open_docx(content), tree) == []


@pytest.mark.parametrize("looks", ['<w:drawing><wp:docPr id="1" hidden="1"/>{}</w:drawing>', VML])
def test_hidden_boxes_and_cells_under_a_merged_one_are_gone_and_named(tmp_path: Path, looks: str) -> None:
    box = looks.format(f"<w:txbxContent><w:p>{run('secretbox')}</w:p></w:txbxContent>")
    cell = "<w:tr><w:tc><w:tcPr><w:vMerge{}/></w:tcPr><w:p>{}</w:p></w:tc></w:tr>"
    rows = cell.format(' w:val="restart"', run("Tall")) + cell.format("", run("secretcell"))
    table = f'<w:tbl><w:tblPr/><w:tblGrid><w:gridCol w:w="900"/></w:tblGrid>{rows}</w:tbl><w:p/>'
    parts = word_file("body", f"<w:r>{box}</w:r>{run('Middle')}")
    document = parts["word/document.xml"].replace(b"</w:body>", f"{table}</w:body>".encode())
    parts["word/document.xml"] = document.replace(b"<w:document ", f"<w:document {SHAPES} ".encode())
    content = write_package(parts)
    tree = read_words(read(open_docx(content)))
    assert draft_differences(open_docx(content), tree) == []
    path = tmp_path / "letter.docx"
    path.write_bytes(content)
    letter, problems = read_word_letter(path, "letter.docx", (), MergeNames({}, ()))
    assert "secret" not in f"{letter.body.text}{tree}"
    assert [str(each).partition("\n")[0] for each in problems] == [
        f'letter.docx: warning: hidden text: "{said}" is left out of every letter'
        for said in ("secretbox", "secretcell")
    ]


def test_boxes_and_contents_of_a_draft_of_a_letter_made_in_word_are_read() -> None:
    line = run("A heading") + "<w:r><w:tab/></w:r>" + field("PAGEREF here \\h", "7")
    parts = with_paragraph_styles("toc 1", "Heading 1")
    box = f"<w:r><w:pict><w:txbxContent><w:p>{run('Boxed')}</w:p></w:txbxContent></w:pict></w:r>"
    mark_of = '<w:bookmarkStart w:id="1" w:name="here"/><w:bookmarkEnd w:id="1"/>'
    document = parts["word/document.xml"].replace(run("Word0").encode(), f"{line}{box}".encode())
    parts["word/document.xml"] = document.replace(run("Word1").encode(), f"{run('A heading')}{mark_of}".encode())
    content = write_package(parts)
    tree = read_words(read(open_docx(content)))
    assert draft_differences(open_docx(content), tree) == []
    said = list(paragraph_texts(tree))
    assert said[:3] == ["A heading ", "Boxed", "A heading"]
    assert PAGE_CLASS in str(tree)
    with_ours = {**parts, "word/styles.xml": parts["word/styles.xml"].replace(b'"S0"><w:name', OURS + b'"S0"><w:name')}
    assert next(paragraph_texts(read_words(read(open_docx(write_package(with_ours)))))) == "Boxed"
