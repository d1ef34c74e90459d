"""Gathers the atoms of paragraphs from runs, fields, links and tracked changes."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from letters import words
from letters.drafts.atoms import FIELD, NOTE, PICTURE, Atom, Paragraph
from letters.formats.ooxml import R, w

_CONTENTS = re.compile(r"toc \d|toc heading|contents (title|edge)")
"""Styles of a table of contents, whose words a program makes of the headings."""
_FOLDED = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "\u00a0": " ", "\u202f": " ", "\u00ad": ""})
"""Quotation marks and spaces that programs change by themselves."""
_EMPHASIS = {name: name for name in ("b", "i", "strike", "dstrike", "smallCaps", "caps", "vanish", "u", "highlight")}
_EMPHATIC_STYLES = {"strong": "b", "emphasis": "i"}
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


def is_contents(style: str) -> bool:
    """Tell whether a style, named in small letters, is one of a table of contents."""
    return _CONTENTS.fullmatch(style) is not None


@dataclass(slots=True)
class Reader:
    """Reads the paragraphs of a part, given the names of its styles, its links and its notes, by id."""

    names: Mapping[str, str]
    links: Mapping[str, str]
    notes: Mapping[str, tuple[Paragraph, ...]]

    def paragraphs(self, root: etree._Element) -> Iterator[Paragraph]:
        """Yield the paragraphs in the order of the text, but those of text boxes and of tables of contents."""
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

    reader: Reader
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
