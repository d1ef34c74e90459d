"""Sets the body that pandoc wrote for Word: marks become tags and tables, parts become sections."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from lxml import etree

from letters.compile.typography import LINE, LINES
from letters.formats.jinja import TOKEN, token, token_number
from letters.formats.ooxml import W, parent_of, w

PART_END = "part end"
END_BOOKMARK = "part_end"
"""The bookmark at the end of a part is this with the part's number."""
TABLE, CELL, TABLE_END = "table", "cell", "table end"
HOIST = "before this paragraph: "
"""Begins a snippet whose tags go between the paragraph it stands in and the one above."""
_USUAL_MEASURE = 8784
"""Twips, 6.1 inches: for a letterhead that says nothing of its page."""
_BETWEEN, _AFTER_ITEM, _AFTER_HEAD = 160, 100, 280
"""Twips between paragraphs, after an item, and after a memorandum's head.

Word takes the larger of the spaces after a paragraph and before the next one.
"""
_WITH_DELIVERY, _WITHOUT_DELIVERY = 374, 714
"""Twips above the inside address; where no delivery line stands there, its room is kept, as in the PDF."""
_ABOVE_DATE, _MOST_LIFT = 60, 334
"""Twips above the date, and the most that the address may be lifted for a letterhead that is higher than usual."""
_OF_ENCLOSURES = {"Heading1": "EnclosureTitle", "Heading2": "EnclosureHeading"}
_ADDRESS, _ADDRESS_LINES = "InsideAddress", "123456"
"""The style of the inside address, and the lines that always have room there: min-height in letterhead.css."""
_CONDITION = re.compile(r"\{%\s*(if|elif|else|endif)\b")
_TABLE_TEXT = "TableText"
# Pandoc gives the first paragraph behind a heading or a table a style of its own.
_PROSE = ("BodyText", "FirstParagraph")
_MOST_KEPT = 16
"""Paragraphs above the closing that are kept with it at most: what is kept together has to fit on a page."""
_WORD_KEEPS = 2
"""Lines that come to the next page at least of a paragraph that Word breaks: widowControl (17.3.1.44)."""
_BOOKMARKS = 9000
"""Ids from here on are those of our bookmarks at the ends of parts."""
_BESIDE = "240"
"""Twips to the right of a signature, as in the style sheet, so that a long title stays apart from the next one."""


@dataclass(slots=True)
class Snippets:
    """What the tokens in the body stand for, by number: tags of docxtpl, and marks of structure."""

    texts: list[str] = field(default_factory=list)

    def token(self, snippet: str) -> str:
        """Return the token of a new snippet."""
        self.texts.append(snippet)
        return token(len(self.texts) - 1)


def set_body(
    root: etree._Element,
    snippets: Snippets,
    sections: Sequence[etree._Element],
    styles: Collection[str],
    measure: int,
    growth: int = 0,
) -> None:
    """Set the body of document.xml, one section for each part.

    `styles` are the identifiers of those that letterhead.docx has, `measure` is how wide the text is, and `growth` how
    much lower than usual it begins below the letterhead, both in twips: the address stays where windows show it.
    """
    body = root.find(w("body"))
    assert body is not None
    # That of pandoc; each part brings one of letterhead.docx.
    for old in body.findall(w("sectPr")):
        body.remove(old)
    _set_tables(body, measure)
    _resolve_paragraphs(body, snippets, measure)
    _set_enclosure_headings(body, styles)
    _set_lists(body)
    _set_spaces(body, growth)
    _keep_ends(body)
    _keep_address_room(body)
    resolve_text(body, snippets)
    _place_sections(body, sections)


def _marker(paragraph: etree._Element, snippets: Snippets) -> str:
    """Return the snippet that is all of a paragraph; empty where the paragraph says anything else."""
    said = "".join(t.text or "" for t in paragraph.iter(w("t")))
    match = TOKEN.fullmatch(said.strip())
    if not match or paragraph.find(f".//{w('footnoteReference')}") is not None:
        return ""
    snippet = snippets.texts[token_number(match)]
    return "" if snippet.startswith(("{{", HOIST)) else snippet


def text_width(section: etree._Element) -> int:
    """Return how wide the text is, in twips (17.6.11, 17.6.13)."""
    size, margins = section.find(w("pgSz")), section.find(w("pgMar"))
    if size is None or margins is None:
        return _USUAL_MEASURE
    return int(size.get(w("w"), "0")) - int(margins.get(w("left"), "0")) - int(margins.get(w("right"), "0"))


def _resolve_paragraphs(body: etree._Element, snippets: Snippets, measure: int) -> None:
    """Turn the paragraphs that are marks into tags between paragraphs, tables, and places for sections."""
    open_tables: list[list[etree._Element]] = []
    for paragraph in list(body.iter(w("p"))):
        mark = _marker(paragraph, snippets)
        if mark == TABLE:
            open_tables.append([])
        elif mark == CELL:
            open_tables[-1].append(etree.Element(w("tc")))
        elif mark == TABLE_END:
            paragraph.addprevious(_signature_table(open_tables.pop(), measure // 2))
        elif mark == PART_END:
            paragraph.clear()
            # No attribute of Word's: _place_sections finds the paragraph by it, and takes it off.
            paragraph.set("part-end", "yes")
            continue
        elif mark:
            insert_text(paragraph, mark)
        else:
            _hoist(paragraph, snippets)
            if open_tables and open_tables[-1]:
                open_tables[-1][-1].append(paragraph)
            continue
        _remove(paragraph)


def insert_text(element: etree._Element, tag: str) -> None:
    """Put a tag between an element and the one before it, where docxtpl finds it outside of any paragraph."""
    before, parent = element.getprevious(), parent_of(element)
    if before is None:
        parent.text = (parent.text or "") + tag
    else:
        before.tail = (before.tail or "") + tag


def _remove(element: etree._Element) -> None:
    """Remove an element and keep the text behind it."""
    if element.tail:
        insert_text(element, element.tail)
    parent_of(element).remove(element)


def _hoist(paragraph: etree._Element, snippets: Snippets) -> None:
    for piece in paragraph.iter(w("t")):
        for match in TOKEN.finditer(piece.text or ""):
            snippet = snippets.texts[token_number(match)]
            if snippet.startswith(HOIST):
                insert_text(paragraph, snippet.removeprefix(HOIST))
                snippets.texts[token_number(match)] = ""


def resolve_text(root: etree._Element, snippets: Snippets) -> None:
    """Put the tags in the place of their tokens inside runs."""
    for piece in root.iter(w("t")):
        piece.text = TOKEN.sub(lambda match: snippets.texts[token_number(match)], piece.text or "")


def _signature_table(cells: Sequence[etree._Element], half: int) -> etree._Element:
    """Set signatures two to a row; a row stays on one page and with the closing above."""
    table = etree.Element(w("tbl"), nsmap={"w": W})
    properties = etree.SubElement(table, w("tblPr"))
    etree.SubElement(properties, w("tblW"), {w("w"): str(2 * half), w("type"): "dxa"})
    etree.SubElement(properties, w("tblLayout"), {w("type"): "fixed"})
    margins = etree.SubElement(properties, w("tblCellMar"))
    for side, twips in (("left", "0"), ("right", _BESIDE)):
        etree.SubElement(margins, w(side), {w("w"): twips, w("type"): "dxa"})
    grid = etree.SubElement(table, w("tblGrid"))
    for _ in range(2):
        etree.SubElement(grid, w("gridCol"), {w("w"): str(half)})
    for start in range(0, len(cells), 2):
        row = etree.SubElement(table, w("tr"))
        etree.SubElement(etree.SubElement(row, w("trPr")), w("cantSplit"))
        # An odd number of signatures leaves the last cell of a row empty.
        for cell in [*cells[start : start + 2], etree.Element(w("tc"))][:2]:
            width = etree.Element(w("tcPr"))
            etree.SubElement(width, w("tcW"), {w("w"): str(half), w("type"): "dxa"})
            cell.insert(0, width)
            # Word opens no cell without a paragraph.
            if len(cell) == 1:
                etree.SubElement(cell, w("p"))
            row.append(cell)
    return table


def _set_tables(body: etree._Element, measure: int) -> None:
    """Give the text of tables its own style, their columns the whole measure, and keep each row on one page."""
    for table in body.iter(w("tbl")):
        styles = [style for style in table.iter(w("pStyle")) if style.get(w("val")) == "Compact"]
        for style in styles:
            style.set(w("val"), _TABLE_TEXT)
        if styles:
            _set_columns(table, measure)


def _set_columns(table: etree._Element, measure: int) -> None:
    """Widen the columns to the measure (pandoc's are for another); the last one ends flush with the rules."""
    whole = table.find(f"{w('tblPr')}/{w('tblW')}")
    if whole is not None:
        whole.attrib.update({w("type"): "dxa", w("w"): str(measure)})
    columns = list(table.iter(w("gridCol")))
    # Pandoc reckons with a text of its own width.
    total = sum(int(column.get(w("w"), "0")) for column in columns)
    for column in columns:
        column.set(w("w"), str(int(column.get(w("w"), "0")) * measure // total))
    for row in table.iter(w("tr")):
        properties = row.find(w("trPr"))
        if properties is None:
            properties = etree.Element(w("trPr"))
            row.insert(0, properties)
        properties.insert(0, etree.Element(w("cantSplit")))
        cells = row.findall(w("tc"))
        for cell, column in zip(cells, columns, strict=False):
            width = cell.find(w("tcPr"))
            if width is not None and width.find(w("tcW")) is None:
                width.insert(0, etree.Element(w("tcW"), {w("w"): str(column.get(w("w"))), w("type"): "dxa"}))
        last = cells[-1].find(w("tcPr"))
        if last is not None:
            margins = etree.SubElement(last, w("tcMar"))
            etree.SubElement(margins, w("right"), {w("w"): "0", w("type"): "dxa"})


def _set_enclosure_headings(body: etree._Element, styles: Collection[str]) -> None:
    """Give the title and the headings of enclosures styles of their own, where letterhead.docx has them."""
    is_enclosure = False
    for paragraph in body.iter(w("p")):
        style = paragraph.find(f"{w('pPr')}/{w('pStyle')}")
        if paragraph.get("part-end"):
            is_enclosure = True
        elif is_enclosure and style is not None:
            own = _OF_ENCLOSURES.get(str(style.get(w("val"))), "")
            if own in styles:
                style.set(w("val"), own)


def _set_lists(body: etree._Element) -> None:
    """Give items of several paragraphs the body's style, and the space after them that they have in the PDF.

    What leads to a list in a list stays with it; that is not torn at its ends, and a list in it nowhere.
    """
    for properties in body.iter(w("pPr")):
        numbered = properties.find(w("numPr"))
        # Pandoc names no style in the items of a loose list: they were set like Normal, without the space after them.
        if numbered is not None and properties.find(w("pStyle")) is None:
            numbered.addprevious(etree.Element(w("pStyle"), {w("val"): "BodyText"}))
            numbered.addnext(etree.Element(w("spacing"), {w("after"): str(_AFTER_ITEM)}))
    paragraphs = list(body.iter(w("p")))
    depths = [_depth(paragraph) for paragraph in paragraphs]
    for paragraph, before, own, after, last in zip(
        paragraphs, [None, *depths], depths, depths[1:], [*depths[2:], None], strict=False
    ):
        leads = own is not None and after is not None and after > own
        is_first = own is not None and own > 0 and after == own and (before is None or before < own)
        is_next_to_last = own is not None and own > 0 and after == own and (last is None or last < own)
        if leads or is_first or is_next_to_last or (own is not None and own > 1 and after == own):
            _keep(paragraph, "keepNext")


def _depth(paragraph: etree._Element) -> int | None:
    """Return how deep in lists a paragraph that has a number stands, from 0; None for one that has none."""
    number = paragraph.find(f"{w('pPr')}/{w('numPr')}")
    if number is None:
        return None
    level = number.find(w("ilvl"))
    return 0 if level is None else int(level.get(w("val"), "0"))


def _keep(paragraph: etree._Element, how: str) -> None:
    """Keep a paragraph with the next one, or its lines together."""
    style = paragraph.find(f"{w('pPr')}/{w('pStyle')}")
    if style is not None and paragraph.find(f"{w('pPr')}/{w(how)}") is None:
        before = paragraph.find(f"{w('pPr')}/{w('keepNext')}")
        (style if before is None else before).addnext(etree.Element(w(how)))  # in this order: 17.3.1.26


def _set_spaces(body: etree._Element, growth: int) -> None:
    """Give text below a list or a table the space between paragraphs."""
    above: etree._Element | None = None
    opened: list[etree._Element | None] = []
    for element in body.iter(w("p"), w("tbl")):
        for word in _CONDITION.findall(_text_before(element)):
            if word == "if":
                opened.append(above)
            elif opened and word == "endif":
                opened.pop()
            elif opened:  # every branch stands below what is above the condition
                above = opened[-1]
        if _style(element) in _PROSE and element.find(f"{w('pPr')}/{w('numPr')}") is None:
            if space := _missing_space(above):
                _set_space_before(element, space)
        elif _style(element) == _ADDRESS and above is not None and _style(above) != _ADDRESS:
            space = (_WITHOUT_DELIVERY if _style(above) == "Date" else _WITH_DELIVERY) - min(growth, _MOST_LIFT)
            if space != _WITH_DELIVERY:
                _set_space_before(element, space)
        elif _style(element) == "Date" and growth > _MOST_LIFT:
            space = max(0, _ABOVE_DATE - growth + _MOST_LIFT)
            _set_space_before(element, space)
        above = element


def _set_space_before(paragraph: etree._Element, twips: int) -> None:
    properties = paragraph.find(w("pPr"))
    assert properties is not None  # it has a style
    etree.SubElement(properties, w("spacing"), {w("before"): str(twips)})


def _keep_ends(body: etree._Element) -> None:
    """Keep the last paragraphs with the closing, until they are sure to have the lines that stand above it at least."""
    above: list[etree._Element] = []
    for element in body.iter(w("p")):
        if _style(element) == "Closing" and above and _style(above[-1]) != "Closing":
            _keep_end(element, above)
        above.append(element)


def _keep_end(closing: etree._Element, above: Sequence[etree._Element]) -> None:
    """Keep paragraphs with the closing; those in a condition are kept, but not counted, and a row counts once."""
    # Walked upwards: the end of a condition comes before its beginning.
    need, inside, below = LINES, 0, closing
    rows: list[etree._Element | None] = [None]
    for paragraph in reversed(above[-_MOST_KEPT:]):
        for word in reversed(_CONDITION.findall(_text_before(below))):
            inside += {"endif": 1, "if": -1}.get(word, 0)
        if below is closing or need > _WORD_KEEPS:
            _keep(paragraph, "keepLines")
        _keep(paragraph, "keepNext")
        row = next(paragraph.iterancestors(w("tr")), None)
        if not inside and not _style(paragraph).startswith("Heading") and (row is None or row not in rows):
            words = sum(len(piece.text or "") for piece in paragraph.iter(w("t")))
            need -= -(-words // LINE) if row is None else 1
        rows.append(row)
        if need <= 0:
            return
        below = paragraph


def _keep_address_room(body: etree._Element) -> None:
    """Put empty lines below an inside address of few lines, so that what follows stands where it does in the PDF."""
    for element in list(body.iter(w("p"))):
        if _style(element) == _ADDRESS and "recipient.inside_address" in _text_before(element):
            below = element.getnext()
            if below is None or _style(below) == _ADDRESS:
                continue
            line = etree.Element(w("p"))
            etree.SubElement(etree.SubElement(line, w("pPr")), w("pStyle"), {w("val"): _ADDRESS})
            below.addprevious(line)
            # The slice is empty for six lines or more.
            insert_text(line, f"{{% for gap in '{_ADDRESS_LINES}'[recipient.inside_address | length :] %}}")
            line.tail = "{% endfor %}"


def _text_before(element: etree._Element) -> str:
    """Return the tags between an element and the one before it."""
    before, parent = element.getprevious(), element.getparent()
    return (before.tail if before is not None else parent.text if parent is not None else "") or ""


def _missing_space(above: etree._Element | None) -> int:
    """Return the twips between a list or a table and the paragraph below; 0 where the styles say it."""
    if above is None:
        return 0
    table = next(above.iterancestors(w("tbl")), None)
    if (table is not None and _style(above) == _TABLE_TEXT) or _depth(above) is not None:
        return _BETWEEN
    return _AFTER_HEAD if _style(above) == "MemoHead" else 0


def _style(element: etree._Element) -> str:
    style = element.find(f"{w('pPr')}/{w('pStyle')}")
    return "" if style is None else str(style.get(w("val")))


def _place_sections(body: etree._Element, sections: Sequence[etree._Element]) -> None:
    """End each part with a thin paragraph: its bookmark tells the last page, its section the set-up (17.6.17)."""
    ends = [p for p in body.iter(w("p")) if p.attrib.pop("part-end", "")]
    for number, (paragraph, section) in enumerate(zip(ends, sections, strict=True)):
        properties = etree.SubElement(paragraph, w("pPr"))
        line = {w("before"): "0", w("after"): "0", w("line"): "20", w("lineRule"): "exact"}
        etree.SubElement(properties, w("spacing"), line)
        identifier = {w("id"): str(_BOOKMARKS + number)}
        etree.SubElement(paragraph, w("bookmarkStart"), identifier | {w("name"): f"{END_BOOKMARK}_{number}"})
        etree.SubElement(paragraph, w("bookmarkEnd"), identifier)
        (properties if number + 1 < len(sections) else body).append(section)
