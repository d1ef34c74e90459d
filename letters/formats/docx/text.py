"""Reads the text of a DOCX into paragraphs of atoms, gathered from runs, fields, links and tracked changes.

Clause numbers are those of ECMA-376 part 1.
"""

from __future__ import annotations

import copy
import dataclasses
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from letters.formats import text_diff
from letters.formats.docx.atoms import FIELD, NOTE, PICTURE, Atom, DocxParagraph, fingerprint, keys, texts_of
from letters.formats.docx.numbering import Numbering
from letters.formats.docx.opening import DOCUMENT, ENDNOTES, FOOTNOTES
from letters.formats.docx.revisions import clean
from letters.formats.docx.shown import Formats, has_format, is_on, style_formats, value_of, words_in
from letters.formats.docx.word_fields import (
    RECOMPUTED,
    form_state,
    is_for_symbols,
    kind_of,
    referred_bookmarks,
    words_of_code,
)
from letters.formats.ooxml import R, Relations, parse, relations_of, serialize, text_element, w

_ALIASES = {"text body": "body text", "footnote": "footnote text"}
"""Names that LibreOffice gives to styles of Word."""
_CONTENTS = re.compile(r"toc \d|toc heading|contents (title|edge)")
"""Styles of a table of contents, whose words a program makes of the headings."""
_LINE = re.compile(r"toc \d")
"""Those of them that are for the lines, each made of a heading."""
_OURS = "contents title"
"""The style that only contents made by this program have."""
_CONTENTS_TITLES = ("contents", "table of contents")
_PAGE_OF_ENTRY = re.compile(r"[\t .]*\t\s*\w{1,5}\s*$")
"""The page at the end of a line of contents, behind its tab."""
_FOLDED = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "\u00a0": " ", "\u202f": " ", "\u00ad": ""})
"""Quotation marks and spaces that programs change on their own; the soft hyphen is not shown."""
_BY_STYLE = ("caps", "vanish")
"""Formats that change what is said, by whatever style they come."""
_EMPHASIS = frozenset(("b", "i", "strike", "dstrike", "smallCaps", "u", "highlight"))
_EMPHATIC_STYLES = {"strong": "b", "emphasis": "i"}
_TEXTS = {
    w("tab"): "\t",
    w("ptab"): "\t",
    w("br"): "\n",
    w("cr"): "\n",
    w("noBreakHyphen"): "\u2011",
    w("softHyphen"): "",
}
"""Elements of a run that are characters, with the characters (17.3.3)."""
_SILENT = tuple(
    map(w, ("commentRangeStart", "commentRangeEnd", "bookmarkStart", "bookmarkEnd", "footnoteRef", "annotationRef"))
)
"""Elements between the words that show nothing themselves."""
_PICTURES = ("drawing", "pict", "object", "AlternateContent", "control", "ruby")
"""Elements of a run that are compared by the words in them."""
_NOTHING = frozenset(
    ("rPr", "lastRenderedPageBreak", "separator", "continuationSeparator", "fldChar", "instrText", "delInstrText")
)
"""Elements of a run that are no edit of what it says."""
_LINK_FIELD = re.compile(r'\s*HYPERLINK\s+(\\l\s+)?"([^"]+)"', re.IGNORECASE)
_INSERTED, _DELETED = (w("ins"), w("moveTo")), (w("del"), w("moveFrom"))


@dataclass(slots=True)
class DocxText:
    """A DOCX with its text read.

    The elements of the paragraphs belong to `body` and `notes`, which may be changed and written back.
    """

    parts: dict[str, bytes]
    body: etree._Element
    notes: etree._Element | None
    style_names: Mapping[str, str]
    """Names of styles in lower case, by id."""
    paragraphs: list[DocxParagraph] = field(default_factory=list)
    headings: frozenset[str] = frozenset()
    """What a line of contents may say, to be one that a program made; as `_heading_text` returns it."""

    @property
    def roots(self) -> list[etree._Element]:
        """The body and, where there are any, the notes."""
        return [self.body] if self.notes is None else [self.body, self.notes]

    @property
    def texts(self) -> list[str]:
        """The text, a line for each paragraph that has any; notes follow the paragraph that refers to them."""
        return [text for paragraph in self.without_contents() for text in texts_of(paragraph) if text]

    def fingerprint(self) -> list[tuple[object, ...]]:
        """Return a value that differs after an edit of words or emphasis, and not after saving in another program."""
        found: list[tuple[object, ...]] = []
        for paragraph in self.without_contents():
            # A paragraph without words is no edit; the end of a section always is.
            found += [fingerprint(paragraph)] * bool(keys(paragraph.atoms))
            found += [("end of a section",)] * paragraph.ends_section
        return found

    def without_contents(self) -> list[DocxParagraph]:
        """Return the paragraphs; lines of contents that a program made of headings keep their places, without words."""
        return [
            dataclasses.replace(each, atoms=()) if _is_made(each, self.headings) else each for each in self.paragraphs
        ]

    def after(self, base: DocxText) -> DocxText:
        """Return the document as one that was made of `base`, whose headings its lines of contents may still name.

        Word makes the lines anew only when it is asked to.
        """
        return dataclasses.replace(self, headings=self.headings | base.headings)

    def to_parts(self) -> dict[str, bytes]:
        """Return the parts of the package with the body and the notes as they are now."""
        parts = {**self.parts, DOCUMENT: serialize(self.body)}
        return parts | ({FOOTNOTES: serialize(self.notes)} if self.notes is not None else {})


def read(parts: dict[str, bytes]) -> DocxText:
    """Read the text of a DOCX from its parts, by name, as `open_docx` returns them."""
    body = parse(parts[DOCUMENT])
    notes = parse(parts[FOOTNOTES]) if FOOTNOTES in parts else None
    names = style_names(parts)
    # A bookmark that a link or field leads to is no noise.
    referred = set().union(*(referred_bookmarks(root) for root in (body, notes) if root is not None))
    clean(body, referred)
    formats, labels = style_formats(parts), Numbering(parts).labels(body)
    reader = _PartReader(names, formats, links(parts, DOCUMENT), {each: label.text for each, label in labels.items()})
    if notes is not None:
        clean(notes, referred)
        # Notes are read first: an atom of the body holds the paragraphs of its note.
        inner = _PartReader(names, formats, links(parts, FOOTNOTES), {})
        reader.notes = {str(note.get(w("id"))): tuple(inner.paragraphs(note)) for note in notes.iter(w("footnote"))}
    if ENDNOTES in parts:
        reader.endnotes = {str(each.get(w("id"))): words_in(each) for each in parse(parts[ENDNOTES])}
    found = list(reader.paragraphs(body))
    headings = frozenset(said for each in found if not is_contents(each.style) for said in _heading_texts(each))
    return DocxText(parts, body, notes, names, found, headings)


def _is_made(paragraph: DocxParagraph, headings: Collection[str]) -> bool:
    """Return whether a program made a paragraph of contents from a heading; words that a person typed there count."""
    if not is_contents(paragraph.style):
        return False
    said = _heading_text(paragraph)
    # Of the other styles of contents, those at its edges, none is for words of a heading: somebody joined paragraphs.
    return not said or said in _CONTENTS_TITLES or (said in headings and _LINE.fullmatch(paragraph.style) is not None)


def _heading_text(paragraph: DocxParagraph, without: str = "del") -> str:
    """Return the text of a heading, or of a line of contents without its page, to compare them."""
    said = "".join(atom.text for atom in paragraph.atoms if atom.revision != without)
    return text_diff.one_line(_PAGE_OF_ENTRY.sub("", said).translate(_FOLDED)).casefold()


def _heading_texts(heading: DocxParagraph) -> Iterator[str]:
    """Yield what its line of contents may say: with its number, and before a tracked change of the heading or after."""
    for said in {_heading_text(heading), _heading_text(heading, "ins")}:
        yield said
        yield text_diff.one_line(f"{heading.label} {said}").casefold()


def contents_texts(document: DocxText) -> list[str]:
    """Return the texts of paragraphs in styles of contents that no heading has."""
    return [each.text for each in document.without_contents() if is_contents(each.style) and each.text]


def style_names(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Return the names of styles by id, in lower case, as Word calls them."""
    if "word/styles.xml" not in parts:
        return {}
    found = {}
    for style in parse(parts["word/styles.xml"]).iter(w("style")):
        name = style.find(w("name"))
        if name is not None:
            lower = str(name.get(w("val"))).lower()
            found[str(style.get(w("styleId")))] = _ALIASES.get(lower, lower)
    return found


def links(parts: Mapping[str, bytes], name: str) -> dict[str, str]:
    """Return the targets of the hyperlinks of a part by relationship id."""
    return Relations(parts.get(relations_of(name))).hyperlinks()


def is_contents(style: str) -> bool:
    """Return whether a style, named in lower case, is one of a table of contents."""
    return _CONTENTS.fullmatch(style) is not None


def made_anew(names: Mapping[str, str]) -> Callable[[str], bool]:
    """Return what tells styles of contents that the PDF makes of its headings, given the names of a document's styles.

    Those of a letter made in Word are lines like others: its headings need not be those of its contents.
    """
    return is_contents if _OURS in names.values() else lambda _: False


@dataclass(slots=True)
class _PartReader:
    """Reads the paragraphs of a part, given the names and the formats of its styles, its links, labels and notes."""

    names: Mapping[str, str]
    formats: Formats
    links: Mapping[str, str]
    labels: Mapping[etree._Element, str]
    notes: Mapping[str, tuple[DocxParagraph, ...]] = field(default_factory=dict)
    endnotes: Mapping[str, str] = field(default_factory=dict)

    def paragraphs(self, root: etree._Element) -> Iterator[DocxParagraph]:
        """Yield the paragraphs in document order, without those of text boxes."""
        for element in root.iter(w("p")):
            if any(box.tag.endswith("}txbxContent") for box in element.iterancestors()):
                continue
            yield self._paragraph(element)

    def _paragraph(self, element: etree._Element) -> DocxParagraph:
        collector = _Collector(self)
        collector.gather(element, "", "")
        collector.finish()
        in_list = value_of(element, "pPr/numPr/numId") not in ("", "0")  # 0 takes the style's list away (17.9.18)
        return DocxParagraph(
            element,
            self.names.get(value_of(element, "pPr/pStyle"), "normal"),
            int(value_of(element, "pPr/numPr/ilvl") or 0) if in_list else -1,
            tuple(collector.atoms),
            tuple(collector.silent),
            self.labels.get(element, ""),
        )


@dataclass(slots=True)
class _Collector:
    """Collects the atoms of one paragraph; the runs of a field are one atom."""

    reader: _PartReader
    atoms: list[Atom] = field(default_factory=list)
    silent: list[etree._Element] = field(default_factory=list)
    field_runs: list[etree._Element] = field(default_factory=list)
    depth: int = 0

    def gather(self, parent: etree._Element, link: str, revision: str) -> None:
        for child in parent:
            if child.tag == w("r"):
                self._run(child, link, revision)
            elif child.tag == w("hyperlink"):
                anchor = child.get(w("anchor"))
                target = self.reader.links.get(str(child.get(f"{{{R}}}id")), f"#{anchor}" if anchor else "")
                self.gather(child, target, revision)
            elif child.tag in _INSERTED or child.tag in _DELETED:
                self.gather(child, link, "ins" if child.tag in _INSERTED else "del")
            elif child.tag == w("fldSimple"):
                code, said = str(child.get(w("instr"))), _said(child)
                self._add(_field_key(code, said), said, (child,), link, revision)
            elif child.tag in _SILENT:
                self.silent.append(child)
            elif str(child.tag).endswith(("oMath", "oMathPara", "}AlternateContent")):
                self._add(PICTURE + words_in(child), "", (child,), link, revision)
            elif child.tag != w("pPr"):  # whatever else is around words, they count
                self.gather(child, link, revision)

    def _run(self, run: etree._Element, link: str, revision: str) -> None:
        # A field is all runs from fldChar "begin" to "end", and fields may be nested (17.16.18).
        marks = {str(mark.get(w("fldCharType"))) for mark in run.iter(w("fldChar"))}
        if marks or self.depth:
            self.depth += ("begin" in marks) - ("end" in marks)
            self.field_runs.append(run)
            if self.depth <= 0:
                self._close_field(link, revision)
            return
        self._pieces(run, link, revision)

    def _pieces(self, run: etree._Element, link: str, revision: str) -> None:
        emphasis = _emphasis(run, self.reader)
        for child in run:
            self._piece(run, child, emphasis, link, revision)

    def _close_field(self, link: str, revision: str) -> None:
        runs, self.field_runs, self.depth = self.field_runs, [], 0
        code = "".join(t.text or "" for run in runs for t in run.iter(w("instrText"), w("delInstrText")))
        marks = [mark for run in runs for mark in run.iter(w("fldChar"))]
        target = _LINK_FIELD.match(code)
        # A beginning, a separator and an end: no other field is inside.
        if target and len(marks) == 3 and not link:  # a link in the long spelling: its words are words
            for run in runs:
                self._pieces(run, f"{'#' if target[1] else ''}{target[2]}", revision)
            return
        said = "".join(_said(run) for run in runs) or words_of_code(code, marks[0]) or ""
        self._add(_field_key(code, said + form_state(marks[0])), said, tuple(runs), link, revision)

    def finish(self) -> None:
        """Read the runs of a field that continues in the next paragraph as plain text; its marks are silent."""
        runs, self.field_runs, self.depth = self.field_runs, [], 0
        for run in runs:
            emphasis = _emphasis(run, self.reader)
            for child in run:
                if child.tag in (w("fldChar"), w("instrText")):
                    self.silent.append(_run_of(run, copy.deepcopy(child)))
                else:
                    self._piece(run, child, emphasis, "", "")

    def _piece(self, run: etree._Element, child: etree._Element, emphasis: str, link: str, revision: str) -> None:
        name = etree.QName(child).localname
        if name in ("t", "delText"):
            # An atom for each word: programs cut the same words into runs in other places.
            for token in text_diff.tokens(child.text or ""):
                folded = token.translate(_FOLDED)
                # How a space is emphasized nobody sees.
                words = bool(folded.strip())
                key = f"{emphasis}{folded}" if words else " "
                piece = (_run_of(run, text_element(token)),)
                self._add(key, token, piece, link, revision, emphasis=emphasis if words else "")
        elif child.tag in _TEXTS:
            text = _TEXTS[child.tag]
            # A page break is another thing than a line break, although both are a "br" (17.3.3.1).
            key = f"\ufffcbreak {child.get(w('type'))}" if child.get(w("type")) in ("page", "column") else text
            self._add(key, text, (_run_of(run, copy.deepcopy(child)),), link, revision)
        elif name == "footnoteReference":
            identifier = str(child.get(w("id")))
            note = self.reader.notes.get(identifier, ())
            self._add(NOTE, "", (_run_of(run, copy.deepcopy(child)),), link, revision, note, identifier)
        elif child.tag in _SILENT or name == "commentReference":
            self.silent.append(_run_of(run, copy.deepcopy(child)))
        elif name not in _NOTHING:
            # Ids of pictures change when a file is saved, so pictures with the same words are alike; symbols are not.
            mark = words_in(child) if name in _PICTURES else name + "".join(sorted(map(str, child.attrib.values())))
            if name == "endnoteReference":
                mark = name + self.reader.endnotes.get(str(child.get(w("id"))), "")
            self._add(PICTURE + mark, "", (_run_of(run, copy.deepcopy(child)),), link, revision)

    def _add(
        self,
        key: str,
        text: str,
        runs: tuple[etree._Element, ...],
        link: str,
        revision: str,
        note: tuple[DocxParagraph, ...] = (),
        note_id: str = "",
        emphasis: str = "",
    ) -> None:
        self.atoms.append(Atom(key, text, runs, link, note, note_id, revision, tuple(self.silent), emphasis))
        self.silent = []


def _said(element: etree._Element) -> str:
    # LibreOffice writes a line of contents into one field, with the tab before its page.
    tags = w("t"), w("delText"), w("tab")
    return "".join(_TEXTS.get(each.tag, each.text or "") for each in element.iter(*tags))


def _run_of(run: etree._Element, content: etree._Element) -> etree._Element:
    """Return a run of one element with a copy of the properties of the run it was in."""
    made = etree.Element(w("r"))
    properties = run.find(w("rPr"))
    if properties is not None:
        made.append(copy.deepcopy(properties))
    made.append(content)
    return made


def _field_key(code: str, said: str) -> str:
    """Return the key of a field: its code and what it shows, unless programs write that anew themselves."""
    result = "" if kind_of(code) in RECOMPUTED else text_diff.one_line(said.translate(_FOLDED))
    return f"{FIELD}{' '.join(code.split())} {result}".rstrip()


def _emphasis(run: etree._Element, reader: _PartReader) -> str:
    """Return the emphasis of a run as a prefix of the keys of its atoms; empty for plain text."""
    properties = run.find(w("rPr"))
    found = {name for name in _BY_STYLE if has_format(run, name, reader.formats)}
    if properties is not None:
        style = properties.find(w("rStyle"))
        if style is not None and (mark := _EMPHATIC_STYLES.get(reader.names.get(str(style.get(w("val"))), ""))):
            found.add(mark)
        for child in properties:
            if (name := etree.QName(child).localname) in _EMPHASIS:
                found = found | {name} if is_on(child) and child.get(w("val")) != "none" else found - {name}
        raised = properties.find(w("vertAlign"))
        if raised is not None and raised.get(w("val")) != "baseline":
            found.add(str(raised.get(w("val"))))
        fonts = properties.find(w("rFonts"))
        if fonts is not None and is_for_symbols(str(fonts.get(w("ascii"), ""))):
            found.add("symbols")
    return f"{' '.join(sorted(found))}|" if found else ""
