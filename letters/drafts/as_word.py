"""Makes PDFs from DOCX letters by LibreOffice, so that they look as Word shows them."""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from lxml import etree

from letters.campaign.load import Project
from letters.compile.html import escape_text
from letters.drafts.box import Draft, DraftPdf
from letters.formats import programs
from letters.formats.docx import revisions
from letters.formats.docx.normalize import Unclear, part_ends, set_result
from letters.formats.docx.opening import DOCUMENT, Refused, open_docx
from letters.formats.docx.revisions import strip_comments
from letters.formats.docx.shown import fonts_of
from letters.formats.files import read_up_to, sha256
from letters.formats.ooxml import changing, parse, remove_all, remove_part, serialize, text_in, w, write_package
from letters.model.settings import Paper, Status
from letters.read.looks import read_looks
from letters.read.resources import families_in

if TYPE_CHECKING:
    import pikepdf

NOT_CHECKED = "LibreOffice made them"
_PART_END = "part_end_"
"""The beginning of the names of the bookmarks at the ends of the parts of a letter."""
_PAGE_OF = re.compile(r"\s*PAGEREF\s+(\w+)")
_FONTS = "word/fontTable.xml"
_EDGE = re.compile(r"word/(?:header|footer)\d*\.xml$")
_FREE_ID = 900_000
"""The first id of bookmarks that are put in; Word counts its own from 0."""
# ISO 32000-2, 9.9.2: six capitals before the name of a subset. Monotype ends names in PS and MT: TimesNewRomanPSMT.
_SUBSET, _FACE = re.compile(r"^[A-Z]{6}\+"), re.compile(r"(?:PSMT|PS|MT)?(?:[-,].*)?$")
_SIZES = {Paper.LETTER: "8.5in 11in", Paper.A4: "210mm 297mm"}

_ABOUT_PEOPLE = ("comments", "people", "app.xml", "custom.xml")
"""Prefixes of the names of parts with data about people."""
_PERSONAL = ("lastModifiedBy", "keywords", "description", "category")


class DocxSource(NamedTuple):
    """A DOCX that a PDF is to be made from."""

    content: bytes
    parts: int = 0
    """How many parts the file has, the letter and its enclosures; 0 where its bookmarks tell."""
    name: str = ""
    """The name of the file, for messages."""
    printed: int = 0
    """How many of them the PDF holds; 0 for all."""
    copy_line: str = ""
    """The line at the top of a copy."""


class _Source(NamedTuple):
    """A DOCX letter as it goes to LibreOffice."""

    letter: DocxSource
    parts: dict[str, bytes]


def make_pdfs(
    project: Project, letters: Sequence[DocxSource], processes: int = 1, numbers: dict[str, str] | None = None
) -> list[DraftPdf]:
    """Return the PDF of each DOCX letter, or why there is none; each process of LibreOffice makes many of them.

    LibreOffice prints the page numbers of contents as the file has them. Where they are not those of its own pages,
    they are corrected, and the letter is made once more. `numbers` are those of earlier letters, which are tried first,
    and receives those of these. Raises CannotGoOn where LibreOffice is not installed.
    """
    # Raises where it is missing, before any letter is prepared.
    programs.libreoffice()
    numbers = {} if numbers is None else numbers
    families = families_in(project.templates / "fonts")
    sources = [_prepared(letter, numbers, families) for letter in letters]
    made = _converted(project, sources, processes)
    pairs = enumerate(zip(sources, made, strict=True))
    wrong = [number for number, (source, pdf) in pairs if _correct(source, pdf, numbers)]
    again = _converted(project, [sources[number] for number in wrong], processes)
    for number, pdf in zip(wrong, again, strict=True):
        # A number with one digit more can move a line to the next page, and with it the numbers.
        unsteady = _correct(sources[number], pdf, numbers)
        made[number] = "its contents have other page numbers each time" if unsteady else pdf
    marks = _Marks(project)
    return [
        DraftPdf(failure=f"{letter.name}: {pdf}" if letter.name else pdf)
        if isinstance(pdf, str)
        else _finished(marks, source, pdf)
        for letter, source, pdf in zip(letters, sources, made, strict=True)
    ]


def _prepared(letter: DocxSource, numbers: Mapping[str, str], families: Collection[str]) -> _Source | str:
    """Return what LibreOffice is given, with a bookmark at the end of each part; in words why it cannot be read."""
    try:
        parts = printable(open_docx(letter.content))
        body = parse(parts[DOCUMENT])
        _mark_parts(body, letter.parts)
        _set_numbers(body, numbers)
    except (Refused, Unclear) as error:
        return str(error)
    if _FONTS in parts:
        parts[_FONTS] = _without_embedded(parts[_FONTS], families)
    return _Source(letter, {**parts, DOCUMENT: serialize(body)})


def _without_embedded(table: bytes, families: Collection[str]) -> bytes:
    """Return the font table without the files of fonts that LibreOffice has from a folder (17.8.3.3 to 17.8.3.6).

    Of two files of one font it takes now this one, now the other, and the same letter would not give the same bytes.
    """
    root = parse(table)
    for font in root.iter(w("font")):
        if font.get(w("name")) in families:
            for each in [each for each in font if str(each.tag).startswith(w("embed"))]:
                font.remove(each)
    return serialize(root)


def _mark_parts(body: etree._Element, count: int) -> None:
    """Put a bookmark into the last paragraph of each part but the last, where there is none; 0 parts are marked."""
    named = {str(mark.get(w("name"))) for mark in body.iter(w("bookmarkStart"))}
    for number, paragraph in enumerate(part_ends(body, count)):
        name = f"{_PART_END}{number}"
        if name not in named:
            for kind in ("bookmarkStart", "bookmarkEnd"):
                mark = etree.SubElement(paragraph, w(kind))
                mark.set(w("id"), str(_FREE_ID + number))
                if kind == "bookmarkStart":
                    mark.set(w("name"), name)


def _converted(project: Project, sources: Sequence[_Source | str], processes: int) -> list[bytes | str]:
    """Return the PDFs that LibreOffice makes; what is not to be made stays the reason that it is."""
    documents = [write_package(each.parts) for each in sources if isinstance(each, _Source)]
    made = iter(programs.to_pdfs(documents, project.templates / "fonts", processes))
    return [next(made) if isinstance(each, _Source) else each for each in sources]


def _correct(source: _Source | str, pdf: bytes | str, numbers: dict[str, str]) -> bool:
    """Set the page numbers of contents to those of a PDF; return whether any of them was another."""
    import pikepdf

    if isinstance(source, str) or isinstance(pdf, str):
        return False
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        pages = _destinations(opened)
    starts = _starts(pages)
    for name, page in pages.items():
        # Each part of a letter counts its pages from 1.
        numbers[name] = str(page - max(start for start in starts if start <= page) + 1)
    body = parse(source.parts[DOCUMENT])
    changed = _set_numbers(body, numbers)
    source.parts[DOCUMENT] = serialize(body)
    return changed


def _set_numbers(body: etree._Element, numbers: Mapping[str, str]) -> bool:
    """Set the page numbers of contents to those that are known; return whether any of them was another."""
    changed = False
    for code in body.iter(w("instrText")):
        if (found := _PAGE_OF.match(code.text or "")) and (number := numbers.get(_as_name(found[1]))):
            changed |= set_result(code, number) != number
    return changed


def _destinations(pdf: pikepdf.Pdf) -> dict[str, int]:
    """Return the pages of the named destinations of a PDF, counted from 0 (ISO 32000-2, 12.3.2.4)."""
    import pikepdf

    numbers: dict[Any, int] = {page.objgen: number for number, page in enumerate(pdf.pages)}
    found = {}
    targets: Any = pdf.Root.get("/Dests", {})
    for name, target in targets.items():
        place = target if isinstance(target, pikepdf.Array) else target["/D"]
        found[name.removeprefix("/")] = numbers[place[0].objgen]
    return found


def _as_name(bookmark: str) -> str:
    """Return the name of the destination that LibreOffice makes of a bookmark: other characters in hexadecimal."""
    return "".join(each if each.isascii() and each.isalnum() else f"{ord(each):X}" for each in bookmark)


def _starts(pages: Mapping[str, int]) -> list[int]:
    """Return on which pages the parts of a letter begin, counted from 0."""
    ends = [page for name, page in pages.items() if name.startswith(_as_name(_PART_END))]
    return [0, *sorted(end + 1 for end in ends)]


def _finished(marks: _Marks, source: _Source | str, pdf: bytes) -> DraftPdf:
    """Return a PDF with the marks, the page labels and the date of the letter.

    LibreOffice writes the time of the conversion and random ids; the same letter has to give the same bytes.
    """
    import pikepdf

    assert isinstance(source, _Source)
    date = marks.project.campaign.date
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        starts = [start for start in _starts(_destinations(opened)) if start < len(opened.pages)]
        if 0 < source.letter.printed < len(starts):
            del opened.pages[starts[source.letter.printed] :]
            starts = starts[: source.letter.printed]
        _mark(marks, source, opened, starts)
        if "/OpenAction" in opened.Root:
            del opened.Root.OpenAction
        opened.Root.PageLabels = pikepdf.Dictionary(Nums=pikepdf.Array(_labels(starts)))
        with opened.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as about:
            for key in ("xmp:CreateDate", "xmp:ModifyDate", "xmp:MetadataDate"):
                if key in about:
                    about[key] = date.isoformat()
        for key in ("/CreationDate", "/ModDate"):
            if key in opened.docinfo:
                opened.docinfo[key] = f"D:{date:%Y%m%d}"
        for key in ("/DocChecksum", "/ID"):  # they depend on the time
            if key in opened.trailer:
                del opened.trailer[key]
        out = io.BytesIO()
        opened.save(out, deterministic_id=True)
        used = _fonts_in(opened)
        others = tuple(sorted(font for font in fonts_of(source.parts) if not used & {_plain(font)}))
        return DraftPdf(out.getvalue(), len(opened.pages), not_accessible=(NOT_CHECKED,), other_fonts=others)


def _fonts_in(pdf: pikepdf.Pdf) -> set[str]:
    """Return the names of the fonts of a PDF, without what tells subsets and faces apart (ISO 32000-2, 9.9.2)."""
    import pikepdf

    fonts = (each for each in pdf.objects if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/Font")
    return {_plain(_SUBSET.sub("", str(font.get("/BaseFont", "/"))[1:])) for font in fonts}


def _plain(font: str) -> str:
    """Return the name of a font as fonts are compared: "Times New Roman" and "TimesNewRomanPS-BoldMT" are one."""
    return _FACE.sub("", font.replace(" ", "")).casefold()


def _labels(starts: Sequence[int]) -> list[Any]:
    """Return the page labels "1", "2" of a letter and "Enclosure 1-1" of its enclosures (ISO 32000-2, 12.4.2)."""
    import pikepdf

    labels: list[Any] = []
    for number, start in enumerate(starts):
        label = pikepdf.Dictionary(S=pikepdf.Name.D)
        if number:
            label.P = pikepdf.String(f"Enclosure {number}-")
        labels += [start, label]
    return labels


class _Marks:
    """The marks of a campaign's letters; each page of them is laid out once for all letters of a run."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.draft = read_looks(project.templates, project.campaign.templates.as_posix())[1].draft_mark
        self._pages: dict[tuple[str, str], pikepdf.Pdf] = {}

    def page(self, line: str, mark: str) -> pikepdf.Page:
        """Return a page with the line of a copy and the DRAFT mark; what is empty is not there."""
        if (line, mark) not in self._pages:
            self._pages[line, mark] = _overlay(self.project, line=line, mark=mark)
        return self._pages[line, mark].pages[0]


def _mark(marks: _Marks, source: _Source, pdf: pikepdf.Pdf, starts: Sequence[int]) -> None:
    """Print the line of a copy on the first page of each part, and the DRAFT mark where the DOCX has none itself."""
    draft = marks.project.campaign.status is Status.DRAFT and not _has_mark(source.parts, marks.draft)
    line = source.letter.copy_line
    if not draft and not line:
        return
    first, others = (marks.page(words, marks.draft if draft else "") for words in (line, ""))
    for number, page in enumerate(pdf.pages):
        page.add_overlay(first if number in starts else others, None)


def _has_mark(parts: Mapping[str, bytes], mark: str) -> bool:
    """Return whether a header or a footer has the DRAFT mark."""
    edges = (parse(content) for name, content in parts.items() if _EDGE.match(name))
    return any(mark in text_in(edge) for edge in edges)


def _overlay(project: Project, *, line: str, mark: str) -> pikepdf.Pdf:
    """Return a page with nothing but the line of a copy at its top and the DRAFT mark at its foot."""
    import pikepdf

    from letters.render.pdf.plain import render_page

    size = _SIZES[project.campaign.paper]
    page = (
        f'<html lang="{project.campaign.language}"><head><title>Marks</title>'
        f"<style>@page {{ size: {size}; margin: 0 }} "
        'p { position: absolute; left: 0; right: 0; margin: 0; text-align: center; font: bold 9pt "Charis SIL", '
        '"DejaVu Sans" } .mark { bottom: 0.3in; color: #a3261b; letter-spacing: 0.8pt }</style></head><body>'
        f'<p style="top: 0.23in">{escape_text(line)}</p><p class="mark">{escape_text(mark)}</p></body></html>'
    )
    made = render_page(page, project.templates, project.campaign.date)
    return pikepdf.open(io.BytesIO(made.content))


def opened_draft(draft: Draft) -> DocxSource | str:
    """Return an edited draft for its PDF; in words why there can be none, as long as anything is open in it."""
    if draft.verdict.open_points:
        return f"{draft.path.name}: something is still open in it: letters draft check {draft.id}"
    content = read_up_to(draft.path)
    if sha256(content) != draft.sha256:
        return f"{draft.path.name} was saved while it was being read: build again"
    return DocxSource(content, draft.parts, name=draft.path.name)


def printable(parts: dict[str, bytes]) -> dict[str, bytes]:
    """Return a copy of a DOCX with tracked changes accepted, and without comments and data about people.

    LibreOffice would print deleted words and comments, and copy the names of editors into the PDF.
    """
    made = dict(parts)
    # Headers and notes can hold tracked changes and comments as well as the body.
    for name in [name for name in made if name.startswith("word/") and name.endswith(".xml")]:
        with changing(made, name) as root:
            revisions.accept(root)
            strip_comments(root)
            remove_all(root, "docVars", "attachedTemplate")
    for name in [name for name in made if _is_about_people(name)]:
        remove_part(made, name)
    # A relationship to a part that is gone would make the package invalid (ECMA-376 part 2, clause 9.3).
    for name in [name for name in made if name.endswith(".rels")]:
        with changing(made, name) as root:
            for relation in list(root):
                if _is_about_people(str(relation.get("Target"))):
                    root.remove(relation)
    if "docProps/core.xml" in made:
        with changing(made, "docProps/core.xml") as core:
            etree.strip_elements(core, *(f"{{*}}{name}" for name in _PERSONAL))
    return made


def _is_about_people(name: str) -> bool:
    return name.rpartition("/")[2].startswith(_ABOUT_PEOPLE)
