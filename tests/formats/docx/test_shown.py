"""What Word shows is what is read: hidden text, fields, ruby, alternatives, capitals."""

from __future__ import annotations

import pytest

from letters.formats.docx.shown import MC, hidden_runs, show, style_formats, write_capitals
from letters.formats.ooxml import W, parse, w

ON, OFF = '<w:vanish w:val="1"/>', '<w:vanish w:val="false"/>'
SECRET, LOUD = '<w:rStyle w:val="Secret"/>', '<w:rStyle w:val="Loud"/>'
NOT = '<w:vanish w:val="0"/>'
STYLES = f"""<w:styles xmlns:w="{W}">
<w:style w:type="paragraph" w:styleId="Base"><w:rPr><w:vanish/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Derived"><w:basedOn w:val="Base"/></w:style>
<w:style w:type="paragraph" w:styleId="Shown"><w:basedOn w:val="Base"/><w:rPr><w:vanish w:val="0"/></w:rPr></w:style>
<w:style w:type="character" w:styleId="Secret"><w:rPr><w:vanish w:val="true"/></w:rPr></w:style>
<w:style w:type="character" w:styleId="Loud"><w:rPr><w:caps/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Circle"><w:basedOn w:val="Circle"/></w:style>
</w:styles>""".encode()
FORMATS = style_formats({"word/styles.xml": STYLES})


def shown(body: str) -> str:
    root = parse(f'<w:body xmlns:w="{W}" xmlns:mc="{MC}">{body}</w:body>'.encode())
    show(root, FORMATS)
    write_capitals(root, FORMATS)
    return "".join(piece.text or "" for piece in root.iter(w("t")))


def run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


def paragraph(style: str, *runs: str) -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{"".join(runs)}</w:p>'


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (f"<w:p>{run('a', '<w:vanish/>')}{run('b')}</w:p>", "b"),
        (f"<w:p>{run('a', ON)}{run('b', OFF)}</w:p>", "b"),
        (f"<w:p>{run('a', '<w:webHidden/>')}</w:p>", "a"),
        (f"<w:p>{run('a', SECRET)}{run('b')}</w:p>", "b"),
        (paragraph("Base", run("a")), ""),
        (paragraph("Derived", run("a"), run("b", NOT)), "b"),
        (paragraph("Shown", run("a")), "a"),
        (paragraph("Circle", run("a")), "a"),
        # Two styles that both hide toggle each other (17.7.3).
        (paragraph("Base", run("a", SECRET)), "a"),
        (f"<w:tbl><w:tr><w:tc><w:p>{run('a', '<w:vanish/>')}{run('b')}</w:p></w:tc></w:tr></w:tbl>", "b"),
        (f'<w:p><w:hyperlink w:anchor="x">{run("a", "<w:vanish/>")}{run("b")}</w:hyperlink></w:p>', "b"),
    ],
)
def test_hidden_text_is_gone(body: str, text: str) -> None:
    assert shown(body) == text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (f'<w:p>{run("See ")}<w:fldSimple w:instr=" SEQ x ">{run("4")}</w:fldSimple></w:p>', "See 4"),
        (
            "<w:p><w:r><w:ruby><w:rt><w:r><w:t>top</w:t></w:r></w:rt>"
            "<w:rubyBase><w:r><w:t>base</w:t></w:r></w:rubyBase></w:ruby></w:r></w:p>",
            "base",
        ),
        (
            '<w:p><w:r><mc:AlternateContent><mc:Choice Requires="w14"><w:t>one</w:t></mc:Choice>'
            "<mc:Fallback><w:t>one</w:t></mc:Fallback></mc:AlternateContent></w:r></w:p>",
            "one",
        ),
        (
            f"<w:p>{run('shout', '<w:caps/>')}{run(' and', LOUD)}{run(' say')}</w:p>",
            "SHOUT AND say",
        ),
    ],
)
def test_what_word_shows_is_there_once(body: str, text: str) -> None:
    assert shown(body) == text


def test_each_mark_of_a_field_gets_a_run_of_its_own() -> None:
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"/><w:instrText> REF x </w:instrText>'
        '<w:fldChar w:fldCharType="separate"/><w:t>4.2</w:t><w:fldChar w:fldCharType="end"/></w:r>'
    )
    root = parse(f'<w:body xmlns:w="{W}"><w:p>{field}</w:p></w:body>'.encode())
    show(root, {})
    assert [len(each) for each in root.iter(w("r"))] == [1, 1, 1, 1, 1]


def test_a_hidden_run_keeps_the_marks_of_fields() -> None:
    root = parse(
        f'<w:body xmlns:w="{W}"><w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:rPr><w:vanish/></w:rPr><w:fldChar w:fldCharType="end"/></w:r>'
        f"{run('x', '<w:vanish/>')}</w:p></w:body>".encode()
    )
    assert len(list(hidden_runs(root, {}))) == 2
    show(root, {})
    assert len(list(root.iter(w("fldChar")))) == 2
    assert next(root.iter(w("t")), None) is None


def test_separators_of_lines_and_paragraphs_are_blanks() -> None:
    root = parse(f'<w:p xmlns:w="{W}"><w:r><w:t>one\u2028two\u2029three</w:t></w:r></w:p>'.encode())
    show(root, {})
    assert "".join(root.itertext()) == "one two three"
