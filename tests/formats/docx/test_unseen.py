"""Words that a person cannot see in Word, or struck out, are open; endnotes are looked at like footnotes."""

from __future__ import annotations

import pytest

from letters.drafts.box import judge
from letters.formats.docx.open_points import unseen_runs
from letters.formats.docx.opening import open_docx
from letters.formats.docx.reading import read_words
from letters.formats.docx.shown import Styles
from letters.formats.docx.text import read
from letters.formats.ooxml import W, parse, w, write_package
from letters.read.placeholders import open_words
from tests.formats.docx.corpus import field, run, word_file
from tests.formats.docx.test_edits import _ENDNOTES, NAMES, TRACKED, with_part

STYLES = f"""<w:styles xmlns:w="{W}">
<w:style w:type="paragraph" w:default="1" w:styleId="N"><w:rPr><w:sz w:val="22"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Dark"><w:pPr><w:shd w:val="clear" w:fill="203040"/></w:pPr></w:style>
<w:style w:type="character" w:styleId="Pale"><w:rPr><w:color w:val="FFFFFF"/></w:rPr></w:style>
<w:style w:type="character" w:styleId="Paler"><w:basedOn w:val="Pale"/></w:style>
<w:style w:type="table" w:styleId="Banded"><w:tblStylePr w:type="firstRow"><w:tcPr><w:shd w:fill="000000"/></w:tcPr>
</w:tblStylePr></w:style></w:styles>"""
WHITE = '<w:color w:val="FFFFFF"/>'


def is_unseen(looks: str, around: str = "{}", properties: str = "") -> bool:
    inside = f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:rPr>{looks}</w:rPr><w:t>Secret</w:t></w:r></w:p>"
    root = parse(f'<w:body xmlns:w="{W}">{around.format(inside)}</w:body>'.encode())
    styles = Styles({"word/styles.xml": STYLES.encode()})
    return list(unseen_runs(root, styles)) == list(root.iter(w("r")))


@pytest.mark.parametrize(
    "looks",
    [
        WHITE,
        '<w:color w:val="FEFEFE"/>',
        '<w:color w:val="auto" w:themeColor="background1"/>',
        '<w:rStyle w:val="Pale"/>',
        '<w:rStyle w:val="Paler"/>',
        '<w:sz w:val="2"/>',
        '<w:w w:val="1"/>',
        '<w:shd w:val="clear" w:fill="000000"/><w:color w:val="000000"/>',
        '<w:highlight w:val="black"/>',
    ],
)
def test_white_tiny_and_covered_words_are_unseen(looks: str) -> None:
    assert is_unseen(looks)


@pytest.mark.parametrize(
    "looks", ["", '<w:color w:val="808080"/>', '<w:sz w:val="12"/>', '<w:highlight w:val="yellow"/>']
)
def test_words_that_are_only_grey_small_or_highlighted_are_seen(looks: str) -> None:
    assert not is_unseen(looks)


def test_white_words_on_a_dark_ground_are_seen() -> None:
    assert not is_unseen(f'<w:shd w:val="clear" w:fill="000000"/>{WHITE}')
    assert not is_unseen(WHITE, properties='<w:pStyle w:val="Dark"/>')
    cell = '<w:tbl><w:tr><w:tc><w:tcPr><w:shd w:fill="204060"/></w:tcPr>{}</w:tc></w:tr></w:tbl>'
    assert not is_unseen(WHITE, cell)
    assert not is_unseen(
        WHITE, '<w:tbl><w:tblPr><w:tblStyle w:val="Banded"/></w:tblPr><w:tr><w:tc>{}</w:tc></w:tr></w:tbl>'
    )


def open_in(parts: dict[str, bytes], before: dict[str, bytes]) -> list[str]:
    verdict = judge(write_package(parts), read(open_docx(write_package(before))), open_words)
    return list(map(str, verdict.open_points))


def test_unseen_and_struck_words_of_a_draft_are_open_unless_they_were_there_when_it_was_made() -> None:
    before = word_file("body", run("Old", "<w:strike/>"))
    after = word_file(
        "body", run("Old", "<w:strike/>") + run("Plain ") + run("Secret", WHITE) + run("Gone", "<w:dstrike/>")
    )
    assert open_in(after, before) == ['text that is struck through: "Gone"', 'text that nobody sees: "Secret"']


def test_a_draft_without_a_word_is_open() -> None:
    before = word_file("body", run("Old"))
    empty = f"<w:document {NAMES}><w:body><w:p/></w:body></w:document>".encode()
    assert open_in({**before, "word/document.xml": empty}, before) == ['an empty draft: "no words are left"']


def with_endnote(inside: str) -> dict[str, bytes]:
    note = f'<w:endnotes {NAMES}><w:endnote w:id="4"><w:p>{inside}</w:p></w:endnote></w:endnotes>'
    return with_part("endnotes", "endnotes", _ENDNOTES, note, '<w:r><w:endnoteReference w:id="4"/></w:r>')


@pytest.mark.parametrize(
    ("inside", "named"),
    [
        (run("Secret", "<w:vanish/>") + run("Seen"), ['hidden text: "Secret"']),
        (f"<w:ins {TRACKED}>{run('New')}</w:ins>", ['a tracked change: put in (by Partner 2025-09-19): "New"']),
        (run("TODO"), ['a note to do: "TODO"']),
        (run("Loud", '<w:highlight w:val="yellow"/>'), ['highlighted: "Loud"']),
        ("", ['a note without words: "First last"']),
    ],
)
def test_what_is_open_in_an_endnote_is_named(inside: str, named: list[str]) -> None:
    assert open_in(with_endnote(inside), with_endnote(run("Old"))) == named


def test_hidden_words_of_an_endnote_are_not_read() -> None:
    parts = with_endnote(run("Secret", "<w:vanish/>") + run("seen", "<w:caps/>"))
    said = str(read_words(read(open_docx(write_package(parts)))))
    assert "Secret" not in said
    assert "SEEN" in said


def addressed(*lines: str) -> dict[str, bytes]:
    parts = word_file("body", run("Dear Sheriff:"))
    style = b'<w:style w:type="paragraph" w:styleId="IA"><w:name w:val="Inside Address"/></w:style></w:styles>'
    address = "".join(f'<w:p><w:pPr><w:pStyle w:val="IA"/></w:pPr>{run(line)}</w:p>' for line in lines)
    document = parts["word/document.xml"].replace(b"<w:body>", b"<w:body>" + address.encode())
    styles = parts["word/styles.xml"].replace(b"</w:styles>", style)
    return {**parts, "word/document.xml": document, "word/styles.xml": styles}


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        (("Sheriff Roe", "2 Oak Street", "Lansing, MI 48933"), ["2 Oak Street, Lansing, MI 48933"]),
        (("The Honorable Pat Roe", "1 Main Street", "Lansing, MI 48933"), []),  # a name is a matter of the letter
        (("Sheriff Roe", "1 Main Street, Lansing, MI 48933"), []),
        ((), []),
    ],
)
def test_another_street_than_the_envelope_has_is_open(lines: tuple[str, ...], named: list[str]) -> None:
    before = addressed("Sheriff Roe", "1 Main Street", "Lansing, MI 48933")
    kind = "an address that the list, and so the envelope, has not"
    assert open_in(addressed(*lines), before) == [f'{kind}: "{each}"' for each in named]


def test_what_is_hidden_or_tracked_in_a_header_and_blanks_of_a_form_are_open() -> None:
    blank = field("FORMTEXT", "\u2002" * 5)
    before = write_package(word_file("body", ""))
    parts = word_file("body", blank)
    hidden = run("privileged", "<w:vanish/>") + f"<w:ins {TRACKED}>{run('added')}</w:ins>" + run("seen")
    parts["word/header1.xml"] = f"<w:hdr {NAMES}><w:p>{hidden}</w:p></w:hdr>".encode()
    verdict = judge(write_package(parts), read(open_docx(before)), open_words)
    said = [str(each) for each in verdict.open_points]
    assert said[0].startswith("a tracked change: put in")
    assert said[1:] == ['hidden text: "privileged"', 'a form field to be filled in: "First last"']
    assert [each for each in verdict.losses if "privileged" in each] == []
