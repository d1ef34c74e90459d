"""Lists the words that Word shows, from the XML itself, and compares them with what pandoc has read of the same file.

What is left over on either side is named. Clause numbers are those of ECMA-376 part 1.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from lxml import etree

from letters.formats.docx.opening import DOCUMENT, ENDNOTES, FOOTNOTES
from letters.formats.docx.shown import (
    MC,
    Formats,
    drop_broken_fields,
    has_format,
    is_drop_cap,
    is_hidden_part,
    style_formats,
    value_of,
)
from letters.formats.docx.text import made_anew, style_names
from letters.formats.docx.word_fields import in_symbols, words_of_code
from letters.formats.ooxml import parse, w

_GONE = frozenset(map(w, ("del", "moveFrom", "pPr", "rPr", "instrText", "delText", "delInstrText", "rt", "sectPr")))
"""Elements of which Word shows nothing: tracked deletions, properties, codes of fields, the small text of ruby."""
_SPACES = frozenset(map(w, ("tab", "ptab", "br", "cr")))
_MARK = re.compile("[\ue000-\ue0ff]\\d+[\ue000-\ue0ff]")
"""The numbers of paragraphs and labels that were put in for pandoc, between private characters."""
_WORD = re.compile(r"\w+")
_FEW = 8
"""Words that a message shows."""
_CHOICE, _FALLBACK = f"{{{MC}}}Choice", f"{{{MC}}}Fallback"
_TEXTS = ("Para", "Plain", "Header")


class ShownParagraph(NamedTuple):
    """A paragraph with the words that Word shows, and its place."""

    element: etree._Element
    text: str


class Difference(NamedTuple):
    """Words of a paragraph that were not read; without an element, words that were read and that Word does not show."""

    element: etree._Element | None
    words: str
    beside: str
    """The first words of the paragraph, to find it by."""


def shown_paragraphs(root: etree._Element, formats: Formats, *, boxes: bool) -> Iterator[ShownParagraph]:
    """Yield the paragraphs of a part with the words that Word shows, in document order; `boxes`: of text boxes, too."""
    initial = ""
    for paragraph in root.iter(w("p")):
        outer = {str(each.tag) for each in paragraph.iterancestors()}
        is_boxed = any(tag.endswith("}txbxContent") for tag in outer)
        if _FALLBACK in outer or outer & _GONE or (is_boxed and not boxes) or _is_away(paragraph):
            continue
        said, initial = initial + _Reader(formats).read(paragraph), ""
        if is_drop_cap(paragraph):
            initial = said
        elif said.strip():
            yield ShownParagraph(paragraph, said)


def _is_away(paragraph: etree._Element) -> bool:
    """Return whether a paragraph is in a row, cell or box that Word hides or that a tracked change takes out."""
    row, cell = (next(paragraph.iterancestors(w(name)), None) for name in ("tr", "tc"))
    if any(map(is_hidden_part, paragraph.iterancestors())):
        return True
    if row is not None and row.find(f"{w('trPr')}/{w('del')}") is not None:
        return True
    return cell is not None and cell.find(f"{w('tcPr')}/{w('cellDel')}") is not None


class _Reader:
    """Reads the words of one paragraph; the code of a field goes from its beginning to its separator (17.16.18)."""

    def __init__(self, formats: Formats) -> None:
        self.formats = formats
        self.in_code: list[bool] = []
        self.code = ""
        self.form: etree._Element | None = None
        self.has_result = False

    def read(self, element: etree._Element) -> str:
        return "".join(map(self._child, element))

    def _child(self, child: etree._Element) -> str:
        if child.tag == w("instrText"):
            self.code += child.text or ""
        if child.tag in _GONE or child.tag == w("p") or not isinstance(child.tag, str):
            return ""
        if child.tag == w("fldChar"):
            return self._mark(child)
        if any(self.in_code):
            return self.read(child) if len(child) else ""
        if child.tag == w("t"):
            return self._text(child)
        if child.tag in _SPACES:
            return " "
        if child.tag == w("noBreakHyphen"):
            return "-"
        if child.tag == f"{{{MC}}}AlternateContent":
            return self._alternative(child)
        return self.read(child)

    def _mark(self, mark: etree._Element) -> str:
        """Take a mark of a field; return what the field shows where it has no result."""
        kind = mark.get(w("fldCharType"))
        if kind == "begin":
            self.in_code.append(True)
            self.code, self.form, self.has_result = "", mark, False
        elif self.in_code and kind == "separate":
            # The number of a note or page that a field shows may be old; the present one is written in its place.
            self.in_code[-1] = self.code.split()[:1] in (["NOTEREF"], ["PAGEREF"])
        elif self.in_code and kind == "end":
            self.in_code.pop()
            if not self.has_result and not any(self.in_code):
                return words_of_code(self.code, self.form) or ""
        return ""

    def _text(self, piece: etree._Element) -> str:
        run = next(piece.iterancestors(w("r")), None)
        said = (piece.text or "").replace("\u00ad", "")
        if run is None:
            return said
        self.has_result = True
        if has_format(run, "vanish", self.formats):
            return ""
        said = in_symbols(run, said)
        return said.upper() if has_format(run, "caps", self.formats) else said

    def _alternative(self, element: etree._Element) -> str:
        branches = [self.read(each) for each in (*element.findall(_CHOICE), *element.findall(_FALLBACK))]
        return next((said for said in branches if said.strip()), "")


def draft_differences(
    parts: Mapping[str, bytes], tree: Sequence[Any], formats: Formats | None = None, *, boxes: bool = True
) -> list[Difference]:
    """Compare the text and the notes of a draft with the tree that was read of it; `boxes`: those of boxes, too.

    Words in tables of contents that are made anew are named elsewhere.
    """
    formats, names = formats or style_formats(parts), style_names(parts)
    roots = [parse(parts[name]) for name in (DOCUMENT, FOOTNOTES, ENDNOTES) if name in parts]
    drop_uncalled(roots, formats)
    for root in roots:
        drop_broken_fields(root)
    shown = [each for root in roots for each in shown_paragraphs(root, formats, boxes=boxes)]
    is_passed = made_anew(names)
    kept = [each for each in shown if not is_passed(names.get(value_of(each.element, "pPr/pStyle"), ""))]
    return differences(kept, tree)


def drop_uncalled(roots: Sequence[etree._Element], formats: Formats) -> None:
    """Remove the notes that nothing calls, or a hidden call: some programs leave those whose calls were deleted."""
    calls = {
        (each.tag, each.get(w("id")))
        for each in roots[0].iter(w("footnoteReference"), w("endnoteReference"))
        if not any(outer.tag in _GONE for outer in each.iterancestors())
        and not any(has_format(run, "vanish", formats) for run in each.iterancestors(w("r")))
    }
    for root in roots[1:]:
        for note in list(root):
            if (f"{note.tag}Reference", note.get(w("id"))) not in calls:
                root.remove(note)


def differences(shown: Iterable[ShownParagraph], tree: Sequence[Any]) -> list[Difference]:
    """Return the words that Word shows and the tree has not, then those that only the tree has."""
    read = Counter(tuple(_WORD.findall(without_marks(said))) for said in tree_paragraphs(tree))
    left = []
    for paragraph in shown:
        words = tuple(_WORD.findall(paragraph.text))
        if words and read[words]:
            read[words] -= 1
        elif words:
            left.append((paragraph, words))
    # What is not the same paragraph on both sides is compared word by word: readers join and divide paragraphs.
    free = Counter(word for words, count in read.items() for word in words * count)
    found = []
    for paragraph, words in left:
        missing = []
        for word in words:
            if free[word]:
                free[word] -= 1
            else:
                missing.append(word)
        if missing:
            found.append(Difference(paragraph.element, _few(missing), _few(words)))
    if extra := [word for word in free.elements() if not word.isdigit()]:
        found.append(Difference(None, _few(extra), ""))
    return found


def without_marks(said: str) -> str:
    """Return a text of a tree without the numbers that were put in for pandoc."""
    return _MARK.sub("", said)


def _few(words: Sequence[str]) -> str:
    return " ".join(words[:_FEW]) + ("…" if len(words) > _FEW else "")


def tree_paragraphs(value: Any) -> Iterator[str]:
    """Yield the texts of the paragraphs in a tree of pandoc, those of notes as paragraphs of their own."""
    if isinstance(value, list):
        for item in value:
            yield from tree_paragraphs(item)
    elif isinstance(value, dict):
        if value.get("t") in _TEXTS:
            notes: list[Any] = []
            yield _inline_text(value["c"][2] if value["t"] == "Header" else value["c"], notes)
            yield from tree_paragraphs(notes)
        elif value.get("t") == "LineBlock":
            for line in value["c"]:
                yield from tree_paragraphs({"t": "Para", "c": line})
        elif value.get("t") == "CodeBlock":
            yield value["c"][1]
        else:
            yield from tree_paragraphs(value.get("c"))


def _inline_text(nodes: Sequence[Any], notes: list[Any]) -> str:
    said = ""
    for node in nodes:
        kind, content = node["t"], node.get("c")
        if kind == "Str":
            said += content.replace("\u00ad", "")
        elif kind in ("Space", "SoftBreak", "LineBreak"):
            said += " "
        elif kind == "Note":
            notes += content
        elif kind == "Code":
            said += content[1]
        elif isinstance(content, list) and kind not in ("Math", "RawInline"):  # formulas are named elsewhere
            said += _inline_text(_inside(content), notes)
    return said


def _inside(content: Sequence[Any]) -> list[Any]:
    """Return the inlines in the content of an inline node: all of it, or what stands beside attributes and targets."""
    if all(isinstance(each, dict) for each in content):
        # The kind of quotation marks is a node without a text.
        return [each for each in content if each["t"] not in ("SingleQuote", "DoubleQuote")]
    lists = [each for each in content if isinstance(each, list) and each and isinstance(each[0], dict)]
    return [node for each in lists for node in each if "t" in node]
