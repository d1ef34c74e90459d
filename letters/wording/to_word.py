"""Writes Word files for people: a letter for counsel with its fields as labels, a letter with comments at mistakes.

Clause numbers are those of ECMA-376 part 1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from letters.formats import pandoc
from letters.formats.docx.opening import COMMENTS, DOCUMENT, open_looks
from letters.formats.files import write_whole
from letters.formats.jinja import TOKEN, token, token_number
from letters.formats.ooxml import (
    Relations,
    W,
    add_content_type,
    changing,
    parse,
    read_package,
    relations_of,
    remove,
    remove_all,
    remove_part,
    serialize,
    text_in,
    w,
    write_package,
)
from letters.formats.tree import Node, text
from letters.model.problems import Problem
from letters.read.word_letter import LOOKS, open_word_letter
from letters.wording.chunks import CLAUSE_END, INCLUDE, KEPT, NOTE, STATEMENT, LetterOutline
from letters.wording.paragraphs import CLOSE, OPEN, WordingParagraph, labels, read, with_words

_SEPARATOR = re.compile("\ue002(\\d+)\ue003")
"""The number of a chunk as a paragraph of its own: private characters around digits."""
# With a colon behind it, it is the beginning of the note itself.
_NOTE_CALL = re.compile(r"\[\^([^\]\s]+)\](?!:)")
_NAMES_FROM = 1_000_000
"""The first number of the tokens that name notes, above those of all tags."""
_SHADE, _LINE_SHADE = "E3EAF4", "F1EFE6"
"""The colours behind labels and behind lines of conditions (RRGGBB)."""
_CORE = "docProps/core.xml"
_LOOKS = {"Strong": "b", "Emph": "i", "SmallCaps": "smallCaps", "Strikeout": "strike", "Underline": 'u w:val="single"'}
"""The emphasis that a label shares with the words around it, in the order of the schema (17.3.2.28)."""
_STYLE = "style "
"""Begins a look that is a style of Word."""
_AUTHOR = "letters check"
_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"
_QUOTED = re.compile(r'"([^"]{2,})"')
_FIRST_ID = 70_000
"""The first id of our comments, far above those that Word gives to the comments of a letter."""
_RELATIONS = relations_of(DOCUMENT)


def paragraphs(outline: LetterOutline) -> list[WordingParagraph]:
    """Return the paragraphs of a letter as Word will show them, each with the number of its chunk."""
    shown = labels(outline.tags)
    tree, names = _tree(outline)
    labelled = _Labeller(lambda number, _: text(_label(number, shown, names)), names).rewritten(tree)
    own = {f"note {chunk.name}": number for number, chunk in enumerate(outline.chunks) if chunk.kind == NOTE}
    return [replace(each, chunk=own.get(each.role, each.chunk)) for each in read(labelled, _separator)]


def write(outline: LetterOutline, reference: Path, identifier: str, title: str, cites: Mapping[str, str]) -> bytes:
    """Return the DOCX; its styles are those of `reference`, and `identifier` is stored in it for the way back.

    `cites` are the words of citations by their tags; they stand in the labels, for counsel to read.
    """
    plain = labels(outline.tags)
    shown = {
        number: with_words(plain[number], cites[tag]) if tag in cites else plain[number]
        for number, tag in outline.tags.items()
    }
    tree, names = _tree(outline)
    marks = {number for number, chunk in enumerate(outline.chunks) if chunk.kind in (STATEMENT, INCLUDE, CLAUSE_END)}
    blocks = _without_separators(tree, marks, lambda inlines: _line(inlines, shown))
    labeller = _Labeller(lambda number, looks: _field(_label(number, shown, names), looks), names, named_notes=True)
    # Packed quickly: pandoc unpacks it at once.
    looks = write_package(open_looks(reference), level=1)
    return _finished(pandoc.write_docx(labeller.rewritten(blocks), looks), identifier, title)


def _label(number: int, shown: dict[int, str], names: dict[int, str]) -> str:
    return shown[number] if number in shown else names[number]


def _tree(outline: LetterOutline) -> tuple[list[Node], dict[int, str]]:
    """Return pandoc's tree of a letter, a paragraph with its number before each chunk, and the names of its notes."""
    names: dict[int, str] = {}

    # Pandoc numbers notes and forgets their names; a token behind each call keeps them.
    def named(call: re.Match[str]) -> str:
        number = _NAMES_FROM + len(names)
        names[number] = call[1]
        return call[0] + token(number)

    pieces = []
    for number, chunk in enumerate(outline.chunks):
        pieces.append(f"\n\n\ue002{number}\ue003\n\n")
        if chunk.kind == CLAUSE_END:
            pieces.append(f"{OPEN}End of clause: {chunk.name}{CLOSE}\n")
        elif not (chunk.kind == KEPT and not TOKEN.sub("", chunk.marked).strip()):
            pieces.append(_NOTE_CALL.sub(named, chunk.marked))
    return pandoc.read_markdown("".join(pieces)), names


def _separator(inlines: Sequence[Node]) -> int | None:
    only = inlines[0] if len(inlines) == 1 and inlines[0]["t"] == "Str" else None
    match = _SEPARATOR.fullmatch(only["c"]) if only else None
    return int(match[1]) if match else None


@dataclass(frozen=True, slots=True)
class _Labeller:
    """Replaces tokens by labels, and gives each note the name that follows its call."""

    label: Callable[[int, frozenset[str]], Node]
    """Returns the label of a token, given the emphasis around it."""
    names: Mapping[int, str]
    named_notes: bool = False
    """Whether the name of a note is written at its beginning."""

    def rewritten(self, value: Any, looks: frozenset[str] = frozenset()) -> Any:
        """Return a copy of a part of a tree, in which `looks` is the emphasis around it."""
        if isinstance(value, list):
            result: list[Any] = []
            for item in value:
                if isinstance(item, dict) and item.get("t") == "Str":
                    self._add_pieces(result, item["c"], looks)
                else:
                    result.append(self.rewritten(item, looks))
            return result
        if not isinstance(value, dict):
            return value
        kind = value.get("t")
        if kind == "Code" and TOKEN.search(value["c"][1]):
            plain = TOKEN.sub(lambda m: self.label(token_number(m), looks).get("c", ""), value["c"][1])
            return {"t": "Code", "c": [value["c"][0], plain]}
        if kind == "Span" and value["c"][0][1]:
            value = {"t": "Span", "c": [_styled(value["c"][0]), value["c"][1]]}
        looks = frozenset() if kind == "Note" else looks | _looks_of(value)
        return {key: self.rewritten(item, looks) for key, item in value.items()}

    def _add_pieces(self, result: list[Any], string: str, looks: frozenset[str]) -> None:
        position = 0
        for match in TOKEN.finditer(string):
            if match.start() > position:
                result.append(text(string[position : match.start()]))
            position = match.end()
            number = token_number(match)
            if number not in self.names:
                result.append(self.label(number, looks))
            elif result and result[-1].get("t") == "Note":
                result[-1] = self._named(result[-1], self.names[number])
        if position < len(string):
            result.append(text(string[position:]))

    def _named(self, note: Node, name: str) -> Node:
        if not self.named_notes:
            return {**note, "name": name}
        first, *others = note["c"]
        labelled = {**first, "c": [_field(f"{OPEN}Note {name}{CLOSE}"), {"t": "Space"}, *first["c"]]}
        return {"t": "Note", "c": [labelled, *others]}


def _without_separators(blocks: list[Node], marks: set[int], line: Callable[[Sequence[Node]], Node]) -> list[Node]:
    """Return blocks without the numbers, and with the chunks in `marks` written by `line`."""
    result: list[Node] = []
    current = -1
    for block in blocks:
        number = _separator(block["c"]) if block["t"] in ("Para", "Plain") else None
        if number is not None:
            current = number
        elif block["t"] == "Div":
            attributes, inside = block["c"]
            result.append({"t": "Div", "c": [_styled(attributes), _without_separators(inside, marks, line)]})
            current = _last_separator(inside, current)
        elif current in marks and block["t"] == "Para":
            result.append(line(block["c"]))
        else:
            result.append(block)
    return result


def _styled(attributes: Any) -> list[Any]:
    """Return the attributes of a Div or Span with a style of Word in place of its class."""
    style = [["custom-style", attributes[1][0].replace("-", " ").title()]] if attributes[1] else []
    return ["", [], style]


def _last_separator(blocks: Sequence[Node], current: int) -> int:
    for block in blocks:
        if block["t"] in ("Para", "Plain") and (number := _separator(block["c"])) is not None:
            current = number
    return current


def _line(inlines: Sequence[Node], shown: dict[int, str]) -> Node:
    """Return a line that counsel reads but does not edit: a condition, the beginning or end of a clause."""
    said = "".join(node["c"] if node["t"] == "Str" else " " for node in inlines)
    said = TOKEN.sub(lambda match: shown[token_number(match)], said)
    controls = "".join(_control(part) for part in re.findall(f"{OPEN}[^{CLOSE}]*{CLOSE}", said))
    # It stays with the words below it (17.3.1.15), and its shade tells it from words.
    properties = (
        f'<w:pStyle w:val="BodyText"/><w:keepNext/><w:shd w:val="clear" w:color="auto" w:fill="{_LINE_SHADE}"/>'
    )
    return {"t": "RawBlock", "c": ["openxml", f"<w:p><w:pPr>{properties}</w:pPr>{controls}</w:p>"]}


def _field(label: str, looks: frozenset[str] = frozenset()) -> Node:
    return {"t": "RawInline", "c": ["openxml", _control(label, looks)]}


def _looks_of(node: Node) -> frozenset[str]:
    """Return the emphasis that a node gives to its content, and its style by the id that pandoc gives it in Word."""
    if node.get("t") in _LOOKS:
        return frozenset((node["t"],))
    named = dict(node["c"][0][2]) if node.get("t") == "Span" else {}
    return frozenset(f"{_STYLE}{style.replace(' ', '')}" for key, style in named.items() if key == "custom-style")


def _control(label: str, looks: frozenset[str] = frozenset()) -> str:
    """Return a content control that can be moved or deleted but not typed into (17.5.2.23)."""
    plain = label.strip(OPEN + CLOSE)
    # A run has one style (17.3.2.29).
    styles = [f"<w:rStyle w:val={quoteattr(look[len(_STYLE) :])}/>" for look in looks if look.startswith(_STYLE)]
    emphasis = "".join([*styles[:1], *(f"<w:{element}/>" for look, element in _LOOKS.items() if look in looks)])
    return (
        f'<w:sdt><w:sdtPr><w:alias w:val={quoteattr(plain)}/><w:lock w:val="contentLocked"/></w:sdtPr><w:sdtContent>'
        f'<w:r><w:rPr>{emphasis}<w:shd w:val="clear" w:color="auto" w:fill="{_SHADE}"/></w:rPr>'
        f'<w:t xml:space="preserve">{escape(label)}</w:t></w:r></w:sdtContent></w:sdt>'
    )


def _finished(content: bytes, identifier: str, title: str) -> bytes:
    """Return the DOCX without the headers of the letterhead, which belong to letters, and with its identifier."""
    parts = read_package(content)
    with changing(parts, DOCUMENT) as document:
        remove_all(document, "headerReference", "footerReference", "titlePg")
    with changing(parts, _RELATIONS) as relations:
        for element in list(relations):
            if str(element.get("Type")).rpartition("/")[2] in ("header", "footer"):
                remove_part(parts, f"word/{element.get('Target')}")
                relations.remove(element)
    with changing(parts, "word/styles.xml") as styles:
        _drop_missing_parents(styles)
    # Written anew: pandoc puts the time into it, and export compares files of the same words byte for byte.
    parts[_CORE] = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><cp:coreProperties '
        'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>{escape(title)}</dc:title><dc:description>{escape(identifier)}</dc:description></cp:coreProperties>"
    ).encode()
    return write_package(parts)


def _drop_missing_parents(styles: etree._Element) -> None:
    """Delete references to missing parent styles (17.7.4.3), which pandoc writes and then fails to read again."""
    known = {style.get(w("styleId")) for style in styles.iter(w("style"))}
    for base in list(styles.iter(w("basedOn"))):
        if base.get(w("val")) not in known:
            remove(base)


def annotated(problems: Sequence[Problem], folder: Path, target: Path) -> list[Path]:
    """Write a copy of each Word file that has problems, with a comment at each; return the paths of the copies.

    `folder` is that of the campaign, from which the paths of problems are counted; the copies go to `target`.
    """
    written = []
    for shown in dict.fromkeys(problem.place.path for problem in problems):
        source = folder / shown
        if source.suffix.lower() != ".docx" or not source.is_file() or source.name == LOOKS:
            continue
        own = [problem for problem in problems if problem.place.path == shown]
        copy = target / source.name
        write_whole(copy, write_package(_annotate(open_word_letter(source, shown), own)))
        written.append(copy)
    return written


def _annotate(parts: Mapping[str, bytes], problems: Sequence[Problem]) -> dict[str, bytes]:
    """Return the parts of a DOCX with a comment for each problem; the line of a place counts the body's paragraphs."""
    new = dict(parts)
    document = parse(parts[DOCUMENT])
    comments = parse(parts[COMMENTS]) if COMMENTS in parts else etree.Element(w("comments"), nsmap={"w": W})
    paragraphs = list(document.iter(w("p")))
    for number, problem in enumerate(problems, start=_FIRST_ID):
        if paragraphs:
            # A problem of the whole file stands at its first paragraph.
            at = min(max(problem.place.line, 1), len(paragraphs)) - 1
            _comment_on(_spot(paragraphs[at], problem), str(number))
            comments.append(_comment(problem, str(number)))
    new[DOCUMENT] = serialize(document)
    if COMMENTS not in parts:
        relations = Relations(parts[_RELATIONS])
        relations.add("comments", "comments.xml")
        new[_RELATIONS] = relations.to_bytes()
        add_content_type(new, COMMENTS, _COMMENTS_TYPE)
    new[COMMENTS] = serialize(comments)
    return new


def _spot(paragraph: etree._Element, problem: Problem) -> Sequence[etree._Element]:
    """Return the runs that a problem quotes; all runs of the paragraph where none has the quoted words."""
    runs = [run for run in paragraph.iter(w("r")) if run.getparent() is paragraph]
    quoted = _QUOTED.findall(problem.what)
    named = [run for run in runs if any(each in text_in(run) for each in quoted)]
    return named[:1] or runs or [paragraph]


def _comment_on(runs: Sequence[etree._Element], identifier: str) -> None:
    """Anchor a comment at runs, or at a paragraph that has none (17.13.4.3 to 17.13.4.5)."""
    start, end = (etree.Element(w(f"commentRange{edge}"), {w("id"): identifier}) for edge in ("Start", "End"))
    reference = etree.Element(w("r"))
    etree.SubElement(reference, w("commentReference"), {w("id"): identifier})
    if runs[0].tag == w("p"):
        runs[0].extend([start, end, reference])
        return
    runs[0].addprevious(start)
    runs[-1].addnext(end)
    end.addnext(reference)


def _comment(problem: Problem, identifier: str) -> etree._Element:
    """Return the comment of a problem (17.13.4.2), its hint as a second paragraph."""
    comment = etree.Element(w("comment"), {w("id"): identifier, w("author"): _AUTHOR})
    for line in filter(None, (problem.what, problem.hint and f"Hint: {problem.hint}")):
        run = etree.SubElement(etree.SubElement(comment, w("p")), w("r"))
        etree.SubElement(run, w("t")).text = line
    return comment
