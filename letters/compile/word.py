"""Makes the docxtpl template of a letter: pandoc writes the body, letterhead.docx gives everything else."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from lxml import etree

from letters.compile.letterhead import FOLD_MARK, Headers, move_fold_marks
from letters.compile.looks_styles import twips
from letters.compile.lower import Guards, lower, part_end
from letters.compile.settle import Settled
from letters.compile.word_body import Snippets, insert_text, resolve_text, set_body, text_width
from letters.formats import pandoc
from letters.formats.ooxml import (
    R,
    Relations,
    add_content_type,
    parent_of,
    parse,
    read_package,
    remove_part,
    serialize,
    w,
    write_package,
)
from letters.model.looks import HEADER_END, PAPER_POINTS, LetterheadFit
from letters.model.settings import Campaign, Paper

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_LIST_INDENT, _BULLET_HANGING, _NUMBER_GAP = 432, 288, 60
"""Twips; 21.6 and 14.4 points in letterhead.css. Numbers end a gap before the text, so that (iii) has room."""
_SEPARATOR = "FootnoteSeparator"
_TAB_SLACK = 20
"""Twips; a tab stop that is no farther from the edge of the text stands at it."""
_CORE_TYPE = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
_CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title/><dc:subject/><dc:creator/>'
    "<dc:identifier>{{ letter.name }}/{{ recipient.id }}</dc:identifier><dc:language/>"
    '<dcterms:created xsi:type="dcterms:W3CDTF"/><dcterms:modified xsi:type="dcterms:W3CDTF"/></cp:coreProperties>'
)


class WordPart(NamedTuple):
    """A part to be set: its tree and the title for its header."""

    settled: Settled
    title: str
    running_head: str = ""
    """For a letter, with its tags."""


def header_texts(
    parts: Sequence[WordPart], looks: Mapping[str, bytes], campaign: Campaign, folder: Path, fit: LetterheadFit
) -> list[str]:
    """Return the text of each paragraph of the headers and footers that `write_word` makes."""
    package = dict(looks)
    _sections(package, Relations(package["word/_rels/document.xml.rels"]), parts, campaign, folder, fit)
    return texts_of_headers(package)


def texts_of_headers(package: Mapping[str, bytes]) -> list[str]:
    """Return the text of each paragraph of the headers and footers of a package."""
    names = sorted(_names(package, r"(header|footer)\d+"))
    paragraphs = [paragraph for name in names for paragraph in parse(package[name]).iter(w("p"))]
    return ["".join(piece.text or "" for piece in paragraph.iter(w("t"))) for paragraph in paragraphs]


def _names(package: Mapping[str, bytes], kind: str) -> list[str]:
    """List the names of the parts of a document that match a pattern."""
    return [name for name in package if re.fullmatch(rf"word/{kind}\.xml", name)]


def write_word(
    parts: Sequence[WordPart],
    looks: Mapping[str, bytes],
    campaign: Campaign,
    core_title: str,
    folder: Path,
    fit: LetterheadFit,
) -> bytes:
    """Write a docxtpl template: one section for each part, the first with the letterhead.

    `looks` are the parts of letterhead.docx, `folder` is the campaign's, where logos are looked for, and `fit` the
    letterhead as it was measured.
    """
    # One of each for all parts: pandoc writes them into one body and one part of notes.
    snippets, guards = Snippets(), Guards()
    blocks = []
    for number, part in enumerate(parts):
        blocks += [*lower(part.settled, number, snippets, guards), part_end(snippets)]
    package = dict(looks)
    # Not compressed for pandoc, which reads it at once: 7 ms of 28.
    written = read_package(pandoc.write_docx(blocks, write_package(package, level=0)))
    relations = Relations(package["word/_rels/document.xml.rels"])
    body = parse(written["word/document.xml"])
    _copy_hyperlinks(body, Relations(written.get("word/_rels/document.xml.rels")), relations)
    sections, measure = _sections(package, relations, parts, campaign, folder, fit)
    styles = {str(style.get(w("styleId"))) for style in parse(package["word/styles.xml"]).iter(w("style"))}
    drop = max(0, _top_margin(sections[0]) - twips(HEADER_END))
    set_body(body, snippets, sections, styles, measure, max(drop, twips(fit.closer + fit.lift)))
    package["word/document.xml"] = serialize(body)
    _add_notes(package, written, relations, snippets, guards)
    _add_numbering(package, written, relations)
    package["word/_rels/document.xml.rels"] = relations.to_bytes()
    _add_properties(package, campaign, core_title)
    return write_package(package, level=1)  # it is read again at once


def write_handmade(parts: Mapping[str, bytes], campaign: Campaign, core_title: str) -> bytes:
    """Write a docxtpl template that somebody made in Word; only its properties become ours."""
    package = dict(parts)
    _add_properties(package, campaign, core_title)
    return write_package(package)


def _copy_hyperlinks(root: etree._Element, old: Relations, new: Relations) -> None:
    targets = old.hyperlinks()
    for link in root.iter(w("hyperlink")):
        identifier = link.get(f"{{{R}}}id")
        if identifier in targets:
            link.set(f"{{{R}}}id", new.add("hyperlink", targets[identifier], external=True))


def _sections(
    package: dict[str, bytes],
    relations: Relations,
    parts: Sequence[WordPart],
    campaign: Campaign,
    folder: Path,
    fit: LetterheadFit,
) -> tuple[list[etree._Element], int]:
    """Take the two section set-ups of the letterhead: the letter's, and the enclosures' once for each of them.

    Return them with the measure of the text, in twips.
    """
    # letterhead.docx may have one section only: enclosures then look like the letter.
    first, *others = parse(package["word/document.xml"]).iter(w("sectPr"))
    usual = text_width(first)
    for section in (first, *others):
        _set_paper(section, campaign.paper)
    margins = first.find(w("pgMar"))
    if fit.rise and margins is not None:
        margins.set(w("header"), str(int(margins.get(w("header"), "0")) - twips(fit.rise)))
    width = text_width(first)
    measure = _fit_styles(package, usual, width)
    sections = [first]
    headers = Headers(package, relations, campaign, folder, fit, width)
    headers.fill(first, 0, "", parts[0].running_head)
    for number, part in enumerate(parts[1:], start=1):
        section = copy.deepcopy(others[0] if others else first)
        headers.fill(section, number, part.title)
        sections.append(section)
    _drop_unused_headers(package, relations, sections)
    _move_fold_marks(package, campaign.paper)
    return sections, measure


def _set_paper(section: etree._Element, paper: Paper) -> None:
    size = section.find(w("pgSz"))
    if size is not None:
        for side, points in zip(("w", "h"), PAPER_POINTS[paper], strict=True):
            size.set(w(side), str(twips(points)))


def _fit_styles(package: dict[str, bytes], usual: int, width: int) -> int:
    """Fit styles to the width of another paper, in twips; return the measure of the text.

    Text that leaves something free at the right keeps its measure, as far as the paper is wide enough.
    """
    styles = parse(package["word/styles.xml"])
    normal = next((style for style in styles.iter(w("style")) if style.get(w("default")) == "1"), None)
    indent = None if normal is None else normal.find(f"{w('pPr')}/{w('ind')}")
    spare = int(indent.get(w("right"), "0")) if indent is not None else 0
    measure = min(usual - spare, width)
    # The paper of letterhead.docx: its styles fit as they are.
    if usual == width:
        return measure
    more = width - measure - spare
    for indent in styles.iter(w("ind")):
        if (right := int(indent.get(w("right"), "0"))) and right >= spare:
            indent.set(w("right"), str(max(0, right + more)))
    package["word/styles.xml"] = serialize(styles)
    _move_right_tabs(package, {usual - spare: measure, usual: width})
    return measure


def _move_right_tabs(package: dict[str, bytes], places: Mapping[int, int]) -> None:
    """Move tab stops at the right edge of the text, or of the page, in styles, headers and footers."""
    for name in _names(package, r"(styles|header\d+|footer\d+)"):
        root = parse(package[name])
        tabs = [(tab, new) for tab in root.iter(w("tab")) for old, new in places.items() if _is_at(tab, old)]
        for tab, new in tabs:
            tab.set(w("pos"), str(new))
        if tabs:
            package[name] = serialize(root)


def _is_at(tab: etree._Element, place: int) -> bool:
    return tab.get(w("val")) == "right" and abs(int(tab.get(w("pos"), "0")) - place) <= _TAB_SLACK


def _move_fold_marks(package: dict[str, bytes], paper: Paper) -> None:
    for name in _names(package, r"header\d+"):
        if FOLD_MARK.encode() in package[name]:
            root = parse(package[name])
            move_fold_marks(root, twips(PAPER_POINTS[paper][1]))
            package[name] = serialize(root)


def _top_margin(section: etree._Element) -> int:
    margins = section.find(w("pgMar"))
    return 0 if margins is None else int(margins.get(w("top"), "0"))


def _drop_unused_headers(package: dict[str, bytes], relations: Relations, sections: Sequence[etree._Element]) -> None:
    """Drop headers that no section shows; the places in them were never filled."""
    used = {reference.get(f"{{{R}}}id") for section in sections for reference in section.iter(w("headerReference"))}
    # docxtpl runs the tags of every header in the package, whether a section shows it or not.
    for element in list(relations.root):
        if str(element.get("Type")).endswith("/header") and element.get("Id") not in used:
            remove_part(package, f"word/{element.get('Target')}")
            relations.root.remove(element)


def _add_notes(
    package: dict[str, bytes], written: dict[str, bytes], relations: Relations, snippets: Snippets, guards: Guards
) -> None:
    """Add the notes, each under the conditions of its call, so that no note is left that nothing refers to."""
    root = parse(written["word/footnotes.xml"])
    note_relations = Relations(None)
    _copy_hyperlinks(root, Relations(written.get("word/_rels/footnotes.xml.rels")), note_relations)
    resolve_text(root, snippets)
    notes = [note for note in root.iter(w("footnote")) if note.get(w("type")) is None]
    for note, tags in zip(notes, guards.before, strict=True):
        insert_text(note, tags)
    if notes:
        notes[-1].tail = (notes[-1].tail or "") + guards.pending
    _set_separators(root, package)
    package["word/footnotes.xml"] = serialize(root)
    package["word/_rels/footnotes.xml.rels"] = note_relations.to_bytes()
    relations.add("footnotes", "footnotes.xml")
    add_content_type(package, "word/footnotes.xml", f"{_WORD}.footnotes+xml")
    settings = parse(package["word/settings.xml"])
    if settings.find(w("footnotePr")) is None:
        _add_separators(settings)
    package["word/settings.xml"] = serialize(settings)


def _set_separators(root: etree._Element, package: Mapping[str, bytes]) -> None:
    """Put the rule of a style above the notes, in the place of Word's own, which has a length of its own (17.11.3)."""
    if not any(style.get(w("styleId")) == _SEPARATOR for style in parse(package["word/styles.xml"]).iter(w("style"))):
        return
    for note in root.iter(w("footnote")):
        if note.get(w("type")) in ("separator", "continuationSeparator"):
            for child in list(note):
                note.remove(child)
            properties = etree.SubElement(etree.SubElement(note, w("p")), w("pPr"))
            etree.SubElement(properties, w("pStyle"), {w("val"): _SEPARATOR})
            # LibreOffice draws a rule of its own where a separator is; Word does not show what is hidden.
            run = etree.SubElement(parent_of(properties), w("r"))
            etree.SubElement(etree.SubElement(run, w("rPr")), w("vanish"))
            etree.SubElement(run, w(str(note.get(w("type")))))


def _add_separators(settings: etree._Element) -> None:
    properties = etree.Element(w("footnotePr"))
    for identifier in ("-1", "0"):
        etree.SubElement(properties, w("footnote"), {w("id"): identifier})
    # In this order by the schema (17.15.1.78).
    before = settings.find(w("compat"))
    if before is None:
        settings.append(properties)
    else:
        before.addprevious(properties)


def _add_numbering(package: dict[str, bytes], written: dict[str, bytes], relations: Relations) -> None:
    root = parse(written["word/numbering.xml"])
    for level in root.iter(w("lvl")):
        depth = int(level.get(w("ilvl"), "0"))
        indent = level.find(f"{w('pPr')}/{w('ind')}")
        kind, side = level.find(w("numFmt")), level.find(w("lvlJc"))
        if indent is not None and kind is not None and side is not None:
            is_bullet = kind.get(w("val")) == "bullet"
            indent.set(w("left"), str(_LIST_INDENT * (depth + 1)))
            indent.set(w("hanging"), str(_BULLET_HANGING if is_bullet else _NUMBER_GAP))
            side.set(w("val"), "left" if is_bullet else "right")
    package["word/numbering.xml"] = serialize(root)
    relations.add("numbering", "numbering.xml")
    add_content_type(package, "word/numbering.xml", f"{_WORD}.numbering+xml")


def _add_properties(package: dict[str, bytes], campaign: Campaign, title: str) -> None:
    """Write the core properties (ECMA-376 part 2, 11); docxtpl fills the tags in the title and the identifier."""
    authors = "; ".join(organization.name for organization in campaign.organizations)
    stamp = f"{campaign.date.isoformat()}T00:00:00Z"
    core = etree.fromstring(_CORE.encode())
    texts = {"title": title, "creator": authors, "language": campaign.language, "subject": "{{ letter.subject }}"}
    for element in core:
        name = etree.QName(element).localname
        element.text = texts.get(name, stamp if name in ("created", "modified") else element.text)
    package["docProps/core.xml"] = serialize(core)
    root_relations = Relations(package["_rels/.rels"])
    if b"core-properties" not in package["_rels/.rels"]:
        root_relations.add("core", "docProps/core.xml")
        # The one relationship of a package whose type is of the packaging standard, not of office documents.
        root_relations.root[-1].set("Type", _CORE_TYPE)
    package["_rels/.rels"] = root_relations.to_bytes()
    add_content_type(package, "docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml")
