"""Cross-references that lead nowhere, or that show an old number, are found."""

from __future__ import annotations

import pytest

from letters.formats.docx.numbering import Numbering
from letters.formats.docx.word_fields import missing_bookmarks, old_references
from letters.formats.ooxml import W, parse
from tests.formats.docx.corpus import field, run
from tests.formats.docx.test_numbering import definition, instance, level

NUMBERING = (
    f'<w:numbering xmlns:w="{W}">'
    + definition(1, level(0, "decimal", "Section %1."), level(1, "lowerLetter", "(%2)"))
    + f"{instance(1, 1)}</w:numbering>"
)
SHORT = '<w:fldSimple w:instr="{}">{}</w:fldSimple>'


def marked(name: str, inside: str) -> str:
    return f'<w:bookmarkStart w:id="{name}" w:name="{name}"/>{inside}<w:bookmarkEnd w:id="{name}"/>'


def item(depth: int, inside: str) -> str:
    listed = f'<w:pPr><w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="1"/></w:numPr></w:pPr>'
    return f"<w:p>{listed}{inside}</w:p>"


NOTE = '<w:r><w:footnoteReference w:id="2"/></w:r>'
BODY = item(0, run("One")) + item(0, marked("top", run("Two"))) + item(1, marked("inner", run("Two a")))
BODY += f"<w:p>{run('Plain')}{NOTE}{marked('note', NOTE)}{marked('plain', run('x'))}</w:p>"


def old(references: str) -> list[str]:
    body = parse(f'<w:document xmlns:w="{W}"><w:body>{BODY}<w:p>{references}</w:p></w:body></w:document>'.encode())
    labels = Numbering({"word/numbering.xml": NUMBERING.encode()}).labels(body)
    texts = {element: label.text for element, label in labels.items()}
    return [str(each) for each in old_references([body], texts, with_notes=True)]


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        (" REF top \\r \\h ", "Section 2"),
        (" REF top \\t \\n ", "2"),
        (" REF inner \\n ", "(a)"),
        (" REF inner \\w \\h ", "Section 2(a)"),
        (" REF top \\h ", "Twelve"),
        (" REF plain \\r ", "0"),
        (" NOTEREF note \\f ", "2"),
        (" REF gone \\r ", "9"),
    ],
)
def test_a_number_of_today_is_not_named(code: str, shown: str) -> None:
    assert old(field(code, shown)) == []
    assert old(SHORT.format(code, run(shown))) == []


@pytest.mark.parametrize(
    ("code", "shown", "now"),
    [
        (" REF top \\r \\h ", "Section 1", 'is "Section 2" now'),
        (" REF inner \\w ", "Section 2(b)", 'is "(a)" now'),
        (" REF plain \\n ", "3", "has no number"),
        (" NOTEREF note ", "1", 'is "2" now'),
    ],
)
def test_an_old_number_is_named(code: str, shown: str, now: str) -> None:
    named = [f'a cross-reference shows "{shown}", and what it leads to {now}']
    assert old(field(code, shown)) == named
    assert old(SHORT.format(code, run(shown))) == named


def test_bookmarks_that_are_not_there_are_found_in_every_spelling() -> None:
    inside = field('HYPERLINK \\l "a"', "x") + SHORT.format(" PAGEREF b \\h ", run("3")) + marked("there", run("x"))
    inside += f'<w:hyperlink w:anchor="c">{run("x")}</w:hyperlink>' + field("REF there", "x")
    assert missing_bookmarks([parse(f'<w:body xmlns:w="{W}"><w:p>{inside}</w:p></w:body>'.encode())]) == ["a", "b", "c"]
