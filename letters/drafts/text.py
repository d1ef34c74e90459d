"""Reads the text of a DOCX into paragraphs of atoms: words and marks that are compared, with the runs they stand in."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree

from letters import words
from letters.drafts.cleaning import clean
from letters.drafts.opening import DOCUMENT, FOOTNOTES
from letters.package import R, Relations, parse, w

NOTE, PICTURE, FIELD = "\ufffcnote", "\ufffcpicture", "\ufffcfield"
"""The keys of atoms that are not text."""
_FOLDED = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "\u00a0": " ", "\u202f": " ", "\u00ad": ""})
"""Quotation marks and spaces that programs change by themselves."""
_EMPHASIS = {name: name for name in ("b", "i", "strike", "dstrike", "smallCaps", "caps", "vanish", "u", "highlight")}
_EMPHATIC_STYLES = {"strong": "b", "emphasis": "i"}
_BOLD = "b"
_OFF = ("0", "false", "none", "off")
_TEXTS = {
    w("tab"): "\t",
    w("ptab"): "\t",
    w("br"): "\n",
    w("cr"): "\n",
    w("noBreakHyphen"): "\u2011",
    w("softHyphen"): "",
}
_SILENT = tuple(
    map(w, ("commentRangeStart", "commentRangeEnd", "bookmarkStart", "bookmarkEnd", "footnoteRef", "annotationRef"))
)
"""What stands among the words without being one."""
_PICTURES = ("drawing", "pict", "object", "AlternateContent", "control", "ruby")
_INSERTED, _DELETED = (w("ins"), w("moveTo")), (w("del"), w("moveFrom"))
_CONTENTS = re.compile(r"toc \d|toc heading|contents (title|edge)")
"""Styles of a table of contents, whose words a program makes of the headings."""
_ALIASES = {"text body": "body text", "footnote": "footnote text"}
"""What LibreOffice calls Word's styles."""


@dataclass(frozen=True, slots=True)
class Atom:
    """A word, a space, a mark, a note or a thing that is not text, with the runs it stands in."""

    key: str
    """What is compared: the text, quotation marks folded, and how it is emphasised."""
    text: str
    runs: tuple[etree._Element, ...]
    link: str = ""
    """Where the link goes that it stands in."""
    note: tuple[Paragraph, ...] = ()
    note_id: str = ""
    revision: str = ""
    """"ins" or "del" where it stands in somebody's tracked change."""
    before: tuple[etree._Element, ...] = ()
    """Silent elements in front of it, such as the beginning of a comment's range."""

    @property
    def is_space(self) -> bool:
        """Whether it is only white space."""
        return bool(self.text) and not self.text.strip()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of the body, of a table cell or of a note."""

    element: etree._Element
    style: str
    """The name of its style, in small letters."""
    level: int
    """The level in a list, from 0; -1 outside of lists."""
    atoms: tuple[Atom, ...]
    after: tuple[etree._Element, ...] = ()
    """Silent elements behind the last atom."""

    @property
    def text(self) -> str:
        """The words, in one line, without those that are deleted by a tracked change."""
        return words.one_line("".join(atom.text for atom in self.atoms if atom.revision != "del"))

    @property
    def in_table(self) -> bool:
        """Whether it stands in a cell of a table."""
        return next(self.element.iterancestors(w("tc")), None) is not None

    @property
    def ends_section(self) -> bool:
        """Whether the set-up of a section hangs on it."""
        return self.element.find(f"{w('pPr')}/{w('sectPr')}") is not None


@dataclass(slots=True)
class Document:
    """A DOCX with its text read; the elements belong to `body` and `notes`, which may be changed and written back."""

    parts: dict[str, bytes]
    body: etree._Element
    notes: etree._Element | None
    style_names: Mapping[str, str]
    """Names in small letters, by id."""
    paragraphs: list[Paragraph] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        """The words, a line for each paragraph that has any, notes behind the paragraph they are called in."""
        return [text for paragraph in self.paragraphs for text in _texts(paragraph) if text]

    def fingerprint(self) -> list[tuple[object, ...]]:
        """Tell what a change of words or emphasis changes, and saving by another program does not."""
        found: list[tuple[object, ...]] = []
        for paragraph in self.paragraphs:
            found += [_fingerprint(paragraph)] * bool(keys(paragraph.atoms))
            found += [("end of a section",)] * paragraph.ends_section
        return found

    def to_parts(self) -> dict[str, bytes]:
        """Write the body and the notes back into the parts."""
        from letters.package import serialize

        parts = {**self.parts, DOCUMENT: serialize(self.body)}
        return parts | ({FOOTNOTES: serialize(self.notes)} if self.notes is not None else {})


def read(parts: dict[str, bytes]) -> Document:
    """Read the text of a DOCX that was opened."""
    body = parse(parts[DOCUMENT])
    notes = parse(parts[FOOTNOTES]) if FOOTNOTES in parts else None
    names = style_names(parts)
    clean(body)
    reader = _Reader(names, links(parts, DOCUMENT), {})
    if notes is not None:
        clean(notes)
        inner = _Reader(names, links(parts, FOOTNOTES), {})
        reader.notes = {str(note.get(w("id"))): tuple(inner.paragraphs(note)) for note in notes.iter(w("footnote"))}
    return Document(parts, body, notes, names, list(reader.paragraphs(body)))


def is_contents(style: str) -> bool:
    """Tell whether a style, named in small letters, is one of a table of contents."""
    return _CONTENTS.fullmatch(style) is not None


def style_names(parts: Mapping[str, bytes]) -> dict[str, str]:
    """List the names of styles by id, in small letters, as Word calls them."""
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
    """List where the links of a part go, by id."""
    relations = parts.get(name.replace("word/", "word/_rels/") + ".rels")
    return Relations(relations).hyperlinks() if relations else {}


@dataclass(slots=True)
class _Reader:
    names: Mapping[str, str]
    links: Mapping[str, str]
    notes: Mapping[str, tuple[Paragraph, ...]]

    def paragraphs(self, root: etree._Element) -> Iterator[Paragraph]:
        for element in root.iter(w("p")):
            if any(box.tag.endswith("}txbxContent") for box in element.iterancestors()):
                continue
            paragraph = self._paragraph(element)
            if not is_contents(paragraph.style):
                yield paragraph

    def _paragraph(self, element: etree._Element) -> Paragraph:
        collector = _Collector(self)
        collector.gather(element, "", "")
        collector.finish()
        style = element.find(f"{w('pPr')}/{w('pStyle')}")
        level = element.find(f"{w('pPr')}/{w('numPr')}/{w('ilvl')}")
        listed = element.find(f"{w('pPr')}/{w('numPr')}/{w('numId')}")
        in_list = listed is not None and listed.get(w("val")) != "0"
        return Paragraph(
            element,
            self.names.get(str(style.get(w("val"))), "normal") if style is not None else "normal",
            (int(level.get(w("val"), "0")) if level is not None else 0) if in_list else -1,
            tuple(collector.atoms),
            tuple(collector.silent),
        )


@dataclass(slots=True)
class _Collector:
    """Collects the atoms of one paragraph; the runs of a field are one atom."""

    reader: _Reader
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
                self._add(FIELD + str(child.get(w("instr"))).strip(), _said(child), (child,), link, revision)
            elif child.tag in _SILENT:
                self.silent.append(child)
            elif str(child.tag).endswith(("oMath", "oMathPara")):
                self._add(PICTURE, "", (child,), link, revision)

    def _run(self, run: etree._Element, link: str, revision: str) -> None:
        marks = {str(mark.get(w("fldCharType"))) for mark in run.iter(w("fldChar"))}
        if marks or self.depth:
            self.depth += ("begin" in marks) - ("end" in marks)
            self.field_runs.append(run)
            if self.depth <= 0:
                self._close_field(link, revision)
            return
        properties = run.find(w("rPr"))
        emphasis = _emphasis(properties, self.reader.names)
        for child in run:
            self._piece(run, child, emphasis, link, revision)

    def _close_field(self, link: str, revision: str) -> None:
        code = "".join(t.text or "" for run in self.field_runs for t in run.iter(w("instrText"), w("delInstrText")))
        said = "".join(_said(run) for run in self.field_runs)
        self._add(FIELD + code.strip(), said, tuple(self.field_runs), link, revision)
        self.field_runs, self.depth = [], 0

    def finish(self) -> None:
        """Read the runs of a field that goes on in the next paragraph as plain text; its marks are silent."""
        runs, self.field_runs, self.depth = self.field_runs, [], 0
        for run in runs:
            emphasis = _emphasis(run.find(w("rPr")), self.reader.names)
            for child in run:
                if child.tag in (w("fldChar"), w("instrText")):
                    self.silent.append(_run_of(run, copy.deepcopy(child)))
                else:
                    self._piece(run, child, emphasis, "", "")

    def _piece(self, run: etree._Element, child: etree._Element, emphasis: str, link: str, revision: str) -> None:
        name = etree.QName(child).localname
        if name in ("t", "delText"):
            for token in words.tokens(child.text or ""):
                folded = token.translate(_FOLDED)
                key = f"{emphasis}{folded}" if folded.strip() else " "
                self._add(key, token, (_run_of(run, _text(token)),), link, revision)
        elif child.tag in _TEXTS:
            text = _TEXTS[child.tag]
            key = f"\ufffcbreak {child.get(w('type'))}" if child.get(w("type")) in ("page", "column") else text
            self._add(key, text, (_run_of(run, copy.deepcopy(child)),), link, revision)
        elif name == "footnoteReference":
            identifier = str(child.get(w("id")))
            note = self.reader.notes.get(identifier, ())
            self._add(NOTE, "", (_run_of(run, copy.deepcopy(child)),), link, revision, note, identifier)
        elif name in _PICTURES or name in ("sym", "endnoteReference"):
            mark = "".join(sorted(map(str, child.attrib.values()))) if name not in _PICTURES else ""
            self._add(PICTURE + mark, "", (_run_of(run, copy.deepcopy(child)),), link, revision)
        elif child.tag in _SILENT or name == "commentReference":
            self.silent.append(_run_of(run, copy.deepcopy(child)))

    def _add(
        self,
        key: str,
        text: str,
        runs: tuple[etree._Element, ...],
        link: str,
        revision: str,
        note: tuple[Paragraph, ...] = (),
        note_id: str = "",
    ) -> None:
        self.atoms.append(Atom(key, text, runs, link, note, note_id, revision, tuple(self.silent)))
        self.silent = []


def _said(element: etree._Element) -> str:
    return "".join(t.text or "" for t in element.iter(w("t"), w("delText")))


def _run_of(run: etree._Element, content: etree._Element) -> etree._Element:
    """Make a run of one piece with the properties of the run it was in."""
    made = etree.Element(w("r"))
    properties = run.find(w("rPr"))
    if properties is not None:
        made.append(copy.deepcopy(properties))
    made.append(content)
    return made


def _text(token: str) -> etree._Element:
    made = etree.Element(w("t"))
    made.text = token
    made.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return made


def _emphasis(properties: etree._Element | None, names: Mapping[str, str]) -> str:
    """Tell how a run is emphasised, as a word to put before its text; empty for plain text."""
    if properties is None:
        return ""
    found = {
        etree.QName(child).localname
        for child in properties
        if etree.QName(child).localname in _EMPHASIS and child.get(w("val"), "1") not in _OFF
    }
    raised = properties.find(w("vertAlign"))
    if raised is not None and raised.get(w("val")) != "baseline":
        found.add(str(raised.get(w("val"))))
    style = properties.find(w("rStyle"))
    if style is not None and (mark := _EMPHATIC_STYLES.get(names.get(str(style.get(w("val"))), ""))):
        found.add(mark)
    return f"{' '.join(sorted(found))}|" if found else ""


def _texts(paragraph: Paragraph) -> Iterator[str]:
    yield paragraph.text
    for atom in paragraph.atoms:
        if atom.revision != "del":
            for inner in atom.note:
                yield inner.text


def _fingerprint(paragraph: Paragraph) -> tuple[object, ...]:
    found = keys(paragraph.atoms)
    if _heads_table(paragraph):
        found = [key.removeprefix(f"{_BOLD}|") if isinstance(key, str) else key for key in found]
    return (paragraph.style, paragraph.level, paragraph.in_table, *found)


def _heads_table(paragraph: Paragraph) -> bool:
    """Tell whether it stands in the first row of a table, whose words are bold; LibreOffice says so at each of them."""
    row = next(paragraph.element.iterancestors(w("tr")), None)
    return (
        row is not None
        and row.getprevious() is not None
        and next(row.itersiblings(w("tr"), preceding=True), None) is None
    )


def keys(atoms: Sequence[Atom]) -> list[object]:
    """List what atoms are compared by, with their tracked changes, notes and links; outer spaces do not count."""
    found: list[object] = []
    for atom in atoms:
        note = tuple(_fingerprint(inner)[3:] for inner in atom.note)
        key: object = (atom.key, atom.revision, note) if note or atom.revision else atom.key
        key = (key, atom.link) if atom.link else key
        if key != " " or (found and found[-1] != " "):
            found.append(key)
    return found[:-1] if found and found[-1] == " " else found
