"""The number before each paragraph of a list is the one that Word shows."""

from __future__ import annotations

import pytest

from letters.formats.docx.numbering import Label, Numbering, mark_labels, settle_labels, spelled
from letters.formats.docx.shown import MC
from letters.formats.ooxml import W, parse
from letters.formats.tree import ITEM_NUMBER, Node, text

STYLES = f"""<w:styles xmlns:w="{W}">
<w:style w:type="paragraph" w:styleId="Heading1"><w:pPr><w:numPr><w:numId w:val="3"/></w:numPr></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Heading2"><w:basedOn w:val="Heading1"/></w:style>
<w:style w:type="numbering" w:styleId="Legal"><w:pPr><w:numPr><w:numId w:val="3"/></w:numPr></w:pPr></w:style>
</w:styles>""".encode()


def level(depth: int, form: str, said: str, start: int = 1, more: str = "") -> str:
    return (
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>'
        f'<w:lvlText w:val="{said}"/>{more}</w:lvl>'
    )


def definition(number: int, *levels: str) -> str:
    return f'<w:abstractNum w:abstractNumId="{number}">{"".join(levels)}</w:abstractNum>'


def instance(number: int, of: int, override: str = "") -> str:
    return f'<w:num w:numId="{number}"><w:abstractNumId w:val="{of}"/>{override}</w:num>'


ANEW = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
LINKED = '<w:abstractNum w:abstractNumId="9"><w:numStyleLink w:val="Legal"/></w:abstractNum>'
FORM = '<w:numFmt w:val="decimal"/>'
ZEROS = '<w:numFmt w:val="custom" w:format="001, 002, 003, ..."/>'
"""Word writes this and the one above as alternatives."""
NUMBERING = (
    f'<w:numbering xmlns:w="{W}" xmlns:mc="{MC}">'
    + definition(1, level(0, "decimal", "%1."), level(1, "decimal", "%1.%2"), level(2, "lowerRoman", "(%3)"))
    + definition(2, level(0, "lowerLetter", "(%1)", 3), level(1, "bullet", "\uf0b7"))
    + definition(
        3,
        level(0, "upperRoman", "Part %1", 1, '<w:pStyle w:val="Heading1"/>'),
        level(1, "decimal", "%1.%2", 1, '<w:isLgl/><w:pStyle w:val="Heading2"/>'),
    )
    + definition(4, level(0, "decimal", "%1)"), level(1, "decimal", "%2.", 1, '<w:lvlRestart w:val="0"/>'))
    + LINKED
    + definition(5, level(0, "decimal", "%1.", 1, "<w:rPr><w:vanish/></w:rPr>"), level(1, "decimal", "%1.%2"))
    + definition(
        6, level(0, "decimal", "%1.").replace(FORM, f"<mc:x>{ZEROS}{FORM}</mc:x>"), level(1, "bullet", "Note:")
    )
    + "".join(instance(number, number) for number in (1, 2, 3, 4, 5, 6, 9))
    + instance(11, 1, ANEW)
    + "</w:numbering>"
).encode()
NUMBERS = Numbering({"word/styles.xml": STYLES, "word/numbering.xml": NUMBERING})


def item(number: int, depth: int = 0) -> str:
    numbered = f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{number}"/></w:numPr>'
    return f"<w:p><w:pPr>{numbered}</w:pPr><w:r><w:t>x</w:t></w:r></w:p>"


def styled(name: str, more: str = "") -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{name}"/>{more}</w:pPr></w:p>'


def labels(*paragraphs: str) -> list[str]:
    root = parse(f'<w:body xmlns:w="{W}">{"".join(paragraphs)}</w:body>'.encode())
    return [label.text for label in NUMBERS.labels(root).values()]


PLAIN = "<w:p/>"
NO_LIST = '<w:numPr><w:numId w:val="0"/></w:numPr>'


@pytest.mark.parametrize(
    ("paragraphs", "shown"),
    [
        ((item(1), item(1), PLAIN, item(1)), ["1.", "2.", "3."]),
        ((item(1), item(1, 1), item(1, 1), item(1), item(1, 1)), ["1.", "1.1", "1.2", "2.", "2.1"]),
        # A level that is skipped counts as begun.
        ((item(1, 1), item(1, 2)), ["1.1", "(i)"]),
        ((item(1), item(1), item(11), item(11), item(1)), ["1.", "2.", "1.", "2.", "3."]),
        ((item(2), item(2, 1), item(2)), ["(c)", "•", "(d)"]),
        ((styled("Heading1"), styled("Heading2"), styled("Heading1")), ["Part I", "1.1", "Part II"]),
        ((styled("Heading1", NO_LIST), styled("Heading1")), ["Part I"]),
        ((item(4), item(4, 1), item(4), item(4, 1)), ["1)", "1.", "2)", "2."]),
        ((item(9), item(3)), ["Part I", "Part II"]),
        ((item(77), PLAIN), []),
        # A number that Word hides counts all the same.
        ((item(5), item(5, 1), item(5)), ["", "1.1", ""]),
        ((item(6), item(6, 1)), ["001.", "Note:"]),
    ],
)
def test_paragraphs_have_the_numbers_of_word(paragraphs: tuple[str, ...], shown: list[str]) -> None:
    assert labels(*paragraphs) == shown


@pytest.mark.parametrize(
    ("number", "form", "said"),
    [
        (28, "lowerLetter", "bb"),
        (4, "upperRoman", "IV"),
        (1994, "lowerRoman", "mcmxciv"),
        (11, "ordinal", "11th"),
        (22, "ordinal", "22nd"),
        (7, "decimalZero", "07"),
        (7, "none", ""),
        (21, "cardinalText", "Twenty-one"),
        (12, "ordinalText", "Twelfth"),
        (30, "ordinalText", "Thirtieth"),
        (43, "ordinalText", "Forty-third"),
        (6, "chicago", "††"),
    ],
)
def test_numbers_are_spelled_as_word_spells_them(number: int, form: str, said: str) -> None:
    assert spelled(number, form) == said


def read(*paragraphs: str) -> list[Label]:
    root = parse(f'<w:body xmlns:w="{W}">{"".join(paragraphs)}</w:body>'.encode())
    marked: list[Label] = []
    mark_labels(root, NUMBERS, marked)
    return marked


def marked_list(count: int) -> Node:
    items = [[{"t": "Para", "c": [text(f"\ue024{number}\ue025word")]}] for number in range(count)]
    return {"t": "OrderedList", "c": [[1, {"t": "Decimal"}, {"t": "Period"}], items]}


def test_a_list_that_begins_elsewhere_has_its_start_and_style() -> None:
    (found,) = settle_labels([marked_list(2)], read(item(2), item(2)))
    assert found["c"][0] == [3, {"t": "LowerAlpha"}, {"t": "TwoParens"}]
    assert [blocks[0]["c"][0]["c"] for blocks in found["c"][1]] == ["word", "word"]


def test_numbers_that_no_style_can_say_are_written_at_their_items() -> None:
    (found,) = settle_labels([marked_list(2)], read(item(1, 1), item(1, 1)))
    assert [blocks[0]["c"][0]["c"][1][0]["c"] for blocks in found["c"][1]] == ["1.1", "1.2"]
    (long,) = settle_labels([marked_list(26)], read(*[item(2)] * 26))  # it begins with (c)
    assert [blocks[0]["c"][0]["c"][1][0]["c"] for blocks in long["c"][1][-3:]] == ["(z)", "(aa)", "(bb)"]


def test_the_number_of_a_heading_becomes_its_first_words() -> None:
    heading = {"t": "Header", "c": [1, ["", [], []], [text("\ue0240\ue025Detainers")]]}
    (found,) = settle_labels([heading], read(styled("Heading1")))
    number: Node = {"t": "Span", "c": [["", [ITEM_NUMBER], []], [text("Part I")]]}
    assert found["c"][2] == [number, {"t": "Space"}, text("Detainers")]
