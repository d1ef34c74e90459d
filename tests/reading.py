"""Reads the words of a letter back out of its files, as a person would see them, headers aside."""

from __future__ import annotations

import ctypes
import functools
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pypandoc
import pypdfium2
import pypdfium2.raw as pdfium

from letters.formats.ooxml import parse, read_package, serialize, w, write_package

POINTS = 72
_POINTS_PER_PIXEL = 0.75
"""WeasyPrint sets type in CSS pixels."""
_HEAD, _FOOT = 1.135 * POINTS, 0.9 * POINTS
"""What lies above and below is letterhead, running head or draft mark."""
_NOTE_SIZE, _NUMBER_SIZE = 9, 7.5
_WORD = re.compile(r"\w+|[^\w\s]")
_BETWEEN = "\0"
"""Stands between words where they are joined to search in them; no word has it."""
_LIST_MARK = re.compile(r"^\s*(?:\d+\.|•|–|\([a-z]+\)|[a-z]\.)\s*$", re.MULTILINE)

_LEADER = re.compile(r"(?:\. ?){4,}\s*\d+")
"""Dots and page number in a table of contents; Word computes them itself."""


@dataclass(frozen=True)
class Words:
    """Words and punctuation marks, in the order of the text; the numbers of notes are among them."""

    body: list[str]
    notes: list[str]

    @functools.cached_property
    def _joined(self) -> str:
        return _BETWEEN.join(["", *self.body, "", *self.notes, ""])

    def __contains__(self, phrase: str) -> bool:
        return _BETWEEN.join(["", *split(phrase), ""]) in self._joined


def split(text: str) -> list[str]:
    """Split a text into words and punctuation marks, so that it does not matter where lines were broken."""
    return _WORD.findall(text)


@dataclass
class Page:
    """What stands on a page: its text, its notes, and the numbers of the notes that are called and given there."""

    body: str = ""
    notes: str = ""
    called: list[str] = field(default_factory=list)
    given: list[str] = field(default_factory=list)


@functools.lru_cache(maxsize=64)
def pdf_words(content: bytes) -> Words:
    """Read a PDF; what is set in the size of notes is a note."""
    pages = pdf_pages(content)
    body = "\n".join(_LEADER.sub("", _LIST_MARK.sub("", page.body)) for page in pages)
    return Words(split(body), split("\n".join(page.notes for page in pages)))


def plain_text(pdf: Path) -> str:
    """Read the words of a PDF as they are copied from it, with single spaces."""
    with pypdfium2.PdfDocument(pdf) as document:
        return " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())


@functools.lru_cache(maxsize=64)
def pdf_pages(content: bytes) -> list[Page]:
    """Read the pages of a PDF one by one."""
    document = pypdfium2.PdfDocument(content)
    pages = [_read_page(page) for page in document]
    document.close()
    return pages


def _read_page(page: pypdfium2.PdfPage) -> Page:
    read = Page()
    number = ""
    in_note = False
    for character, size, bottom in _characters(page):
        blank = character.isspace()
        if not blank and not _FOOT < bottom < page.get_height() - _HEAD:
            continue
        if (not blank and _is_near(size, _NUMBER_SIZE)) or (number and blank and character != "\n"):
            number += character
            continue
        if not blank:
            in_note = _is_near(size, _NOTE_SIZE)
        if number and (not blank or character == "\n"):
            _place_number(read, number, given=in_note and not blank)
            number = ""
        _say(read, character, in_note=in_note)
    return read


def _place_number(read: Page, number: str, *, given: bool) -> None:
    """Place a small number: it belongs to a note where the words of the note follow it on its line."""
    (read.given if given else read.called).append(number.strip())
    _say(read, number, in_note=given)


def _say(read: Page, words: str, *, in_note: bool) -> None:
    if in_note:
        read.notes += words
    else:
        read.body += words


def _is_near(size: float, wanted: float) -> bool:
    return abs(size - wanted) < 0.2


def _characters(page: pypdfium2.PdfPage) -> Iterator[tuple[str, float, float]]:
    text = page.get_textpage()
    edges = [ctypes.c_double() for _ in range(4)]
    for index in range(text.count_chars()):
        character = (
            chr(pdfium.FPDFText_GetUnicode(text, index)).replace("\ufffe", "-").replace("\x02", "-").replace("\r", "\n")
        )
        pdfium.FPDFText_GetCharBox(text, index, *edges)
        yield character, pdfium.FPDFText_GetFontSize(text, index) * _POINTS_PER_PIXEL, edges[2].value


@functools.lru_cache(maxsize=64)
def docx_words(content: bytes) -> Words:
    """Read a DOCX through pandoc; notes are numbered anew in each enclosure, which begins with its title."""
    command = [pypandoc.get_pandoc_path(), "--from", "docx", "--to", "json"]
    done = subprocess.run(command, input=_without_pages(content), capture_output=True, check=True)
    tree = json.loads(done.stdout)
    reader = _DocxReader()
    body = " ".join(reader.text(value) for value in tree["meta"].values())
    body += " ".join(reader.text(block) for block in tree["blocks"])
    return Words(split(body), split(" ".join(reader.notes)))


def _without_pages(content: bytes) -> bytes:
    """Take the page numbers out of the contents: in a PDF they are computed, and drawn as no words of the text."""
    parts = read_package(content)
    root = parse(parts["word/document.xml"])
    for style in root.iter(w("pStyle")):
        if str(style.get(w("val"))).upper().startswith(("TOC", "CONTENTS")):  # the second as LibreOffice calls it
            is_page = False
            for element in next(style.iterancestors(w("p"))).iter(w("tab"), w("t")):
                is_page = is_page or (element.tag == w("tab") and next(element.iterancestors(w("r")), None) is not None)
                if is_page and element.tag == w("t"):
                    element.text = ""
    return write_package({**parts, "word/document.xml": serialize(root)}, level=0)


@dataclass
class _DocxReader:
    notes: list[str] = field(default_factory=list)
    number: int = 0

    def text(self, node: Any) -> str:
        if isinstance(node, list):
            return "".join(self.text(item) for item in node)
        kind, content = node.get("t"), node.get("c")
        if kind == "Str":
            return str(content)
        if kind in ("Space", "SoftBreak", "LineBreak"):
            return " "
        if kind == "Note":
            return self._note(content)
        if kind == "Header" and "Enclosure-Title" in content[1][1]:
            self.number = 0
        return self._children(kind, content)

    def _note(self, blocks: Any) -> str:
        self.number += 1
        number = str(self.number)
        place = len(self.notes)
        self.notes.append("")
        self.notes[place] = f"{number} {self.text(blocks)}"
        return number

    def _children(self, kind: str, content: Any) -> str:
        if kind in ("Header", "OrderedList", "Div", "Span", "Link", "Quoted"):
            inside = self.text(content[2 if kind == "Header" else 1])
            return (
                {"SingleQuote": f"‘{inside}’", "DoubleQuote": f"“{inside}”"}[content[0]["t"]]
                if kind == "Quoted"
                else inside + self._end(kind)
            )
        if kind == "Table":
            rows = [row for body in content[4] for row in (*body[2], *body[3])]
            return "".join(self.text(cell[4]) + "\n" for row in (*content[3][1], *rows) for cell in row[1])
        if kind in ("Code", "RawInline"):
            return str(content[1])
        return self.text(content) + self._end(kind) if isinstance(content, list) else ""

    def _end(self, kind: str) -> str:
        return "" if kind in ("Emph", "Strong", "Span", "Link", "SmallCaps", "Underline", "Superscript") else "\n"
