"""Audits one finished PDF or DOCX: its words, its pages, what lies where, and what is in the file besides.

A DOCX is read by itself, and not by the reader of drafts: two readers that agree are worth more than one.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Any

import pikepdf
from lxml import etree

from letters.audit.compare import Audited, Finding, compare_looks
from letters.audit.expected import SOFT, PartWords, compare, squeezed, unsqueezed
from letters.formats import pdf_a, pdf_ua
from letters.formats.docx.opening import DOCUMENT, ENDNOTES, FOOTNOTES, Refused, open_docx
from letters.formats.docx.shown import Formats, is_on, is_repeated, show, simplify, style_formats, value_of
from letters.formats.docx.word_fields import all_fields, in_symbols, write_results
from letters.formats.ooxml import parent_of, parse, w
from letters.formats.pdf_text import Box, PageText, PdfText
from letters.model.records import DOCX, PDF
from letters.read.placeholders import in_text
from letters.render.proof import docx_differences

_RUBBISH = re.compile(
    r"\{\{|\}\}|\{%|%\}|\bNone\b|\bnan\b|\bNaN\b|\bundefined\b|#REF!|#N/A|#NAME\?|\ufffd|â€|Ã[\u0080-\u00bf]|<<\w+>>|«\w*»"
)
"""What programs leave in a text where something went wrong."""
# U+2060 before a digit is that of letterhead.css: it keeps the number of a note with its word.
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2061-\u2064\ufeff\u2800\u3164\u034f\ufe0f]|\u2060(?!\\d)")
_TWO_SPACES = re.compile(r"(?<=[^\s]) {2,}(?=[^\s])")
_WORDS_SHOWN = 8
"""Words that a message shows."""
_NEAR = 12
"""Characters beside a word that show whether it is one of the letter."""
_EDGE = 18.0
"""Points from the edge of the paper that no printer reaches."""
_OVERLAP = 0.3
"""The part of a stretch of text that another may cover before both are hard to read."""
_MAKER = "WeasyPrint"
_LEADS = frozenset(("/URI", "/GoTo"))
"""What a link may do."""
_SHOWN = 40
_SYMBOL = "\ue0f0"
"""Stands for a character of a font for symbols, which is another one in the PDF."""
_CONTENTS = re.compile(r"toc \d|toc heading|contents (title|edge)", re.IGNORECASE)
"""Styles of a table of contents, whose words Word makes of the headings."""
_TEXT, _HYPHEN, _CALLS = w("t"), w("noBreakHyphen"), (w("footnoteReference"), w("endnoteReference"))
_RUN, _PROPERTIES, _HIDDEN = w("r"), w("rPr"), w("vanish")


@dataclass(frozen=True, slots=True)
class CampaignLook:
    """What all PDFs of a campaign have in common."""

    style_words: tuple[str, ...]
    """What the style sheet may put into running heads."""
    is_final: bool
    """Whether nothing may be left to be filled in."""
    with_pdf_ua: bool = False
    with_pdf_a: bool = False
    literal: str = ""
    """What the letter itself says, squeezed, with its tags in the place of values: there, "None" is a word."""


def audit_pdf(
    identifier: str, content: bytes, parts: Sequence[PartWords], title: str, look: CampaignLook, anew: bytes = b""
) -> Audited:
    """Audit a PDF that should say what is given, part by part, and have the name of its recipient in its title.

    `anew` is the same letter as it would be made now, where it has other bytes: what looks unlike it is found, too.
    """
    try:
        with PdfText(content) as pdf:
            pages = list(pdf.pages())
            found = list(_pages_findings(identifier, pdf, pages, look))
            about = _about(content)
            found += (Finding(identifier, PDF, "file", fault) for fault in about.faults)
            if about.maker and about.title != title:
                what = f'its title is "{about.title}", and should be "{title}"'
                found.append(Finding(identifier, PDF, "title", what))
            if len(about.starts) != len(parts):
                what = f"the letter has {len(parts) - 1} enclosures, and this file {len(about.starts) - 1}"
                found.append(Finding(identifier, PDF, "enclosures", what))
            if about.maker:
                found += _word_findings(identifier, pdf, pages, about.starts, parts, look)
                # LibreOffice draws a page a little differently on each machine: only ours are compared with ones made
                # anew.
                found += compare_looks(identifier, content, anew) if anew else ()
            else:
                found += _missing_words(identifier, pages, about.starts, parts)
            if look.with_pdf_ua:
                found += (Finding(identifier, PDF, "pdf-ua", str(each)) for each in pdf_ua.failures(content))
            if look.with_pdf_a:
                found += (Finding(identifier, PDF, "pdf-a", str(each)) for each in pdf_a.failures(content))
    except Exception as error:  # noqa: BLE001 - a damaged file may be broken in any way
        return Audited(identifier, PDF, 0, (Finding(identifier, PDF, "file", f"it cannot be read: {error}"),))
    skipped = "" if about.maker else "LibreOffice made it: that no word is missing is looked at, not their order"
    return Audited(identifier, PDF, len(pages), tuple(found), skipped)


def _word_findings(
    identifier: str,
    pdf: PdfText,
    pages: Sequence[PageText],
    starts: Sequence[int],
    parts: Sequence[PartWords],
    look: CampaignLook,
) -> Iterator[Finding]:
    for unseen in filter(None, (words.unseen for words in parts)):
        yield Finding(identifier, PDF, "invisible", f"its text has invisible characters: {unseen!a}")
    for words, (start, end) in zip(parts, pairwise([*starts, len(pages)]), strict=False):
        for misfit in compare([page.text for page in pages[start:end]], words, look.style_words):
            page = start + misfit.page
            first, last = unsqueezed(pages[page].text, misfit.first, misfit.last)
            box = pdf.box_of(page, first, last) if last > first else None
            yield Finding(identifier, PDF, "words", misfit.what, page + 1, box)


def _missing_words(
    identifier: str, pages: Sequence[PageText], starts: Sequence[int], parts: Sequence[PartWords]
) -> Iterator[Finding]:
    """Yield the words that a part of a letter in the looks of Word lacks; it may have more, in headers of its own."""
    for part, (start, end) in zip(parts, pairwise([*starts, len(pages)]), strict=False):
        found = _words(" ".join(page.text for page in pages[start:end]))
        # The number of a note may stand right behind the word that calls it, and before the first word of the note.
        there = Counter([*found, *(word for each in found if (word := each.strip("0123456789")) != each)])
        wanted = Counter(each for each in _words(f"{part.written_body} {part.written_notes}") if not each.isdigit())
        # A letter with pdf = "word" has a heading of its own, or none.
        wanted -= Counter(_words(part.letterhead))
        if missing := list((wanted - there).elements()):
            said = " ".join(missing[:_WORDS_SHOWN]) + ("…" if len(missing) > _WORDS_SHOWN else "")
            yield Finding(identifier, PDF, "words", f'words of the letter are not in it: "{said}"', start + 1)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", unicodedata.normalize("NFKC", text).replace("\u00ad", ""))


def _pages_findings(identifier: str, pdf: PdfText, pages: Sequence[PageText], look: CampaignLook) -> Iterator[Finding]:
    for number, page in enumerate(pages, start=1):
        for kind, pattern in (("rubbish", _RUBBISH), ("invisible", _UNSEEN), ("spaces", _TWO_SPACES)):
            for match in pattern.finditer(page.text):
                if kind == "rubbish" and _is_meant(match, page.text, look.literal):
                    continue
                about = page.text[max(0, match.start() - 20) : match.end() + 20].strip()
                said = f"{match[0]!a} in {about!a}" if kind == "invisible" else f'"{match[0]}" in "{about}"'
                yield Finding(identifier, PDF, kind, said, number, pdf.box_of(number - 1, *match.span()))
        # In a draft brackets are what is still to be settled, and check counts them.
        if look.is_final:
            for place, words in in_text(page.text):
                box = pdf.box_of(number - 1, place, place + len(words) + 2)
                yield Finding(identifier, PDF, "bracket", f"[{words}] is still to be filled in", number, box)
        for what, box in _misplaced(page):
            yield Finding(identifier, PDF, "margins" if "edge" in what else "overlap", what, number, box)


def _is_meant(match: re.Match[str], text: str, literal: str) -> bool:
    """Return whether the letter itself has these words, beside others of its own."""
    before = squeezed(text[max(0, match.start() - _NEAR) : match.end()])
    after = squeezed(text[match.start() : match.end() + _NEAR])
    # Braces and the like are never meant; a word such as "None" is, where the letter has it with its neighbours.
    return match[0].isalpha() and (before in literal or after in literal)


def _misplaced(page: PageText) -> Iterator[tuple[str, Box]]:
    """Yield what lies at the edge of the paper, and what lies over something else."""
    width, height = page.size
    for box in page.lines:
        if box[0] < _EDGE or box[1] < _EDGE or box[2] > width - _EDGE or box[3] > height - _EDGE:
            yield "text reaches the edge of the paper", box
    ordered = sorted(page.lines, key=lambda box: -box[3])
    for number, one in enumerate(ordered):
        left, bottom, right, _ = one
        for other in islice(ordered, number + 1, None):
            if other[3] <= bottom:
                break
            if other[0] < right and left < other[2] and _cover(one, other) > _OVERLAP:
                yield "text lies over other text", other
    for picture in page.pictures:
        for line in page.lines:
            if _cover(picture, line) > _OVERLAP:
                yield "a picture lies over text", line


def _cover(one: Box, other: Box) -> float:
    """Return the part of the smaller of two boxes that the other one covers."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return width * height / smaller if width > 0 and height > 0 and smaller > 0 else 0.0


@dataclass(frozen=True, slots=True)
class _About:
    title: str
    starts: tuple[int, ...]
    """The first page of each part."""
    maker: bool
    """Whether we made it, and not LibreOffice."""
    faults: tuple[str, ...]


def _about(content: bytes) -> _About:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        labels = pdf.Root.get("/PageLabels")
        # Page labels begin anew with each enclosure (PDF 32000-2, 12.4.2).
        starts = tuple(int(number) for number in list(labels.Nums)[::2]) if labels is not None else (0,)
        title = str(pdf.docinfo.get("/Title", ""))
        # LibreOffice makes the PDFs of pdf = "word" and of --as-word.
        maker = _MAKER in str(pdf.docinfo.get("/Producer", ""))
        return _About(title, starts, maker, tuple(_faults(pdf)))


def _faults(pdf: Any) -> Iterator[str]:
    root = pdf.Root
    # What a reader does not see: a second document, actions, scripts, forms, layers, remains of other programs.
    if "/Names" in root and "/EmbeddedFiles" in root.Names:
        yield "another file is attached to it"
    for key in ("/OpenAction", "/AA"):
        if key in root:
            yield f"it does something when it is opened ({key[1:]})"
    if "/Names" in root and "/JavaScript" in root.Names:
        yield "it holds a program"
    if "/AcroForm" in root and ("/XFA" in root.AcroForm or len(root.AcroForm.get("/Fields", ()))):
        yield "it holds a form"
    if pdf.is_encrypted:
        yield "it is encrypted"
    if "/OCProperties" in root:
        yield "it has layers, which may be hidden"
    if root.get("/PageMode") == "/FullScreen":
        yield "it fills the screen when it is opened"
    if "/PieceInfo" in root or any("/PieceInfo" in page.obj for page in pdf.pages):
        yield "another program keeps something of its own in it (PieceInfo)"
    if any("/Thumb" in page.obj for page in pdf.pages):
        yield "a page has a small picture of itself (Thumb), which may be of another"
    yield from dict.fromkeys(fault for page in pdf.pages for fault in _page_faults(page.obj))
    yield from dict.fromkeys(f"a font is not embedded: {name}" for name in _loose_fonts(pdf))


def _page_faults(page: Any) -> Iterator[str]:
    """Yield what a page does, or holds, besides what is drawn."""
    links = list(page.get("/Annots", ()))
    acts = [each.A.get("/S") for each in links if "/A" in each]
    if "/AA" in page or any("/AA" in each for each in links) or any(str(act) not in _LEADS for act in acts):
        yield "a page or a link in it does something when it is shown or pressed"
    if page.get("/UserUnit", 1) != 1:
        yield "a page is enlarged (UserUnit)"
    if other := [str(each.get("/Subtype"))[1:] for each in links if each.get("/Subtype") != "/Link"]:
        yield f"something is stuck on a page: {other[0]}"


def _loose_fonts(pdf: Any) -> Iterator[str]:
    seen = set()
    for page in pdf.pages:
        for font in (page.obj.get("/Resources", pikepdf.Dictionary()).get("/Font") or {}).values():
            if font.objgen in seen:
                continue
            seen.add(font.objgen)
            # Of a composite font the descendant has the descriptor (PDF 32000-2, 9.7).
            inner = font.DescendantFonts[0] if "/DescendantFonts" in font else font
            described = inner.get("/FontDescriptor", pikepdf.Dictionary())
            if not any(key in described for key in ("/FontFile", "/FontFile2", "/FontFile3")):
                yield str(font.get("/BaseFont", "?"))[1:]


def audit_docx(identifier: str, content: bytes, parts: Sequence[PartWords], anew: bytes = b"") -> Audited:
    """Audit a DOCX that should say what is given, part by part; `anew` is the DOCX as it would be made now, if another.

    What its words do not tell is found by the second: letterhead and running heads, numbers of lists, hidden or pale
    words, size of the page, title.
    """
    try:
        members = open_docx(content)
    except Refused as error:
        return Audited(identifier, DOCX, 0, (Finding(identifier, DOCX, "file", f"it cannot be read: {error.what}"),))
    wanted = "".join(part.docx for part in parts)
    found = _read(members)
    # Only where the quick way differs: letters made in Word have fields, boxes and alternatives that say something.
    if found != wanted and _says(_read(members, as_shown=True), wanted):
        found = wanted
    if found == wanted:
        unlike = docx_differences(anew, content) if anew else ()
        findings = (Finding(identifier, DOCX, "looks", f"{each} from the DOCX made anew") for each in unlike)
        return Audited(identifier, DOCX, 0, tuple(findings))
    pairs = enumerate(zip(found, wanted, strict=False))
    place = next((place for place, (one, other) in pairs if one != other), min(len(found), len(wanted)))
    said = f'"{found[place : place + _SHOWN]}" stands where "{wanted[place : place + _SHOWN]}" should'
    if place == len(found):
        said = f'words are missing: "{wanted[place : place + _SHOWN]}"'
    elif place == len(wanted):
        said = f'"{found[place : place + _SHOWN]}" stands at its end, and should not'
    return Audited(identifier, DOCX, 0, (Finding(identifier, DOCX, "words", said),))


def _says(found: str, wanted: str) -> bool:
    """Return whether a text is the one that is wanted, whatever the symbols in it are."""
    # A sign of Wingdings is another character in the PDF, which has it from a font of symbols.
    return re.fullmatch(re.escape(found).replace(_SYMBOL, ".?"), wanted) is not None


def _read(members: Mapping[str, bytes], *, as_shown: bool = False) -> str:
    """Return the text of the document, that of its notes behind the paragraphs that call them, without spaces.

    Contents are passed over, which Word makes of the headings. In a letter made in Word they are words like others, and
    fields, boxes and alternatives say something: `as_shown` reads it as Word shows it, which takes longer.
    """
    roots = {name: parse(members[name]) for name in (DOCUMENT, FOOTNOTES, ENDNOTES) if name in members}
    if as_shown:
        formats = style_formats(members)
        for root in roots.values():
            _show(root, formats)
    styles = parse(members["word/styles.xml"]).iter(w("style"))
    contents = {str(style.get(w("styleId"))) for style in styles if _CONTENTS.match(value_of(style, "name"))}
    return squeezed("".join(_shown(roots, frozenset() if as_shown else contents))).replace(SOFT, "")


def _show(root: etree._Element, formats: Formats) -> None:
    """Rewrite a part in place as Word shows it, a sign in the place of each symbol."""
    show(root, formats)
    write_results(root)
    simplify(root)
    for symbol in root.iter(w("sym")):
        symbol.tag, symbol.text = _TEXT, _SYMBOL
    for piece in root.iter(_TEXT):
        said = piece.text or ""
        # Set in Symbol or Wingdings, a letter of the file is another sign on the page.
        if (as_letters := in_symbols(parent_of(piece), said)) != said:
            piece.text = as_letters if as_letters.strip() else _SYMBOL * len(said)
    for page in [text for each in all_fields(root) if each.kind == "PAGEREF" for text in each.texts]:
        page.text = ""  # the PDF has the present number
    for call in root.iter(*_CALLS):
        if is_on(call, "customMarkFollows", "0"):  # its mark stands behind it, and is a number in the PDF
            for mark in call.itersiblings(_TEXT):
                mark.text = ""


def _shown(roots: Mapping[str, etree._Element], passed: Collection[str]) -> Iterator[str]:
    """Yield the texts of the paragraphs, and of the notes that they call, but for those in some styles."""
    notes = {
        (f"{note.tag}Reference", note.get(w("id"))): "".join(map(_text, note.iter(w("p"))))
        for name in (FOOTNOTES, ENDNOTES)
        for note in roots.get(name, ())
        # The separators between text and notes are notes to Word, with a w:type of their own.
        if note.get(w("type")) is None
    }
    called: list[tuple[str, str | None]] = []
    for paragraph in roots[DOCUMENT].iter(w("p")):
        if value_of(paragraph, "pPr/pStyle") in passed or is_repeated(paragraph):
            continue
        yield _text(paragraph)
        for call in paragraph.iter(*_CALLS):
            called.append((str(call.tag), call.get(w("id"))))
            yield notes.get(called[-1], "")
    # A note that nothing calls, or two call, is no note of the letter.
    yield "".join(text for name, text in notes.items() if called.count(name) != 1)


def _text(paragraph: etree._Element) -> str:
    """Return the text of a paragraph, without that of text boxes in it, which are paragraphs themselves."""
    said = []
    for piece in paragraph.iter(_TEXT, _HYPHEN):
        run = piece.getparent()
        looks = run.find(_PROPERTIES) if run is not None and run.tag == _RUN else None
        is_hidden = looks is not None and looks.find(_HIDDEN) is not None
        if not is_hidden and next(piece.iterancestors(w("p"))) is paragraph:
            said.append("\u2011" if piece.tag == _HYPHEN else piece.text or "")
    return "".join(said)
