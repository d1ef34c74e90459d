"""Lists what of a DOCX is not read or cannot be shown in the PDF: things, formatting, words of headers, and any words.

The words that Word shows are taken from the XML itself and compared with what pandoc has read of the same file; what is
left over on either side is named. Clause numbers are those of ECMA-376 part 1.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from lxml import etree

from letters.formats import text_diff
from letters.formats.docx.numbering import Numbering, is_known
from letters.formats.docx.opening import DOCUMENT, ENDNOTES, FOOTNOTES
from letters.formats.docx.shown import (
    CHOICE,
    FALLBACK,
    MC,
    Formats,
    Styles,
    drop_broken_fields,
    has_format,
    hidden_runs,
    is_drop_cap,
    is_hidden_part,
    is_on,
    is_repeated,
    style_formats,
    value_of,
)
from letters.formats.docx.text import DocxText, made_anew, style_names
from letters.formats.docx.word_fields import (
    FONTS_OF_SYMBOLS,
    PAGES,
    all_fields,
    in_symbols,
    is_for_symbols,
    words_of_code,
)
from letters.formats.ooxml import parse, text_in, w
from letters.formats.text_diff import few_words
from letters.formats.tree import SAFE_LINK, paragraph_texts

_THINGS = {
    "txbxContent": "a text box",
    "blip": "a picture",
    "imagedata": "a picture",
    "chart": "a chart",
    "oMath": "a formula",
    "endnoteReference": "an endnote",
    "object": "an embedded object",
    "sym": "a symbol from a special font",
    "symEx": "a symbol from a special font",
    "textpath": "words as a drawing",
    "relIds": "a diagram",
    "contentPart": "a drawing by hand",
    **dict.fromkeys(("dayLong", "dayShort", "monthLong", "monthShort", "yearLong", "yearShort"), "a date of today"),
    "pgNum": "a page number",
}
"""What a person calls elements that the letter tree cannot hold, by local name."""
_LOOKS = {"rFonts": "another font", "sz": "another size of type", "color": "another colour", "shd": "shading"}
_PLACES = {"jc": "another alignment", "framePr": "a frame", "pageBreakBefore": "a page break before"}
_FEW_WORDS = 6
"""Words of a paragraph that say where something is."""
_CARRIED = (("an endnote", "it is a footnote there"), ("a text box", "it is set below its paragraph there"))
"""What is in the PDF in another place or form."""
_LONG = re.compile(r'"([^"]{81,})"')
_WITH_PAGES = (PAGES - {"PAGEREF"}) | {"TOA", "INDEX"}
"""Fields that show page numbers, but the one of which the PDF has the present number."""
_GONE = frozenset(map(w, ("del", "moveFrom", "pPr", "rPr", "instrText", "delText", "delInstrText", "rt", "sectPr")))
"""Elements of which Word shows nothing: tracked deletions, properties, codes of fields, the small text of ruby."""
_SPACES = frozenset(map(w, ("tab", "ptab", "br", "cr")))
_MARK = re.compile("[\ue000-\ue0ff]\\d+[\ue000-\ue0ff]")
"""The numbers of paragraphs and labels that were put in for pandoc, between private characters."""
_WORD = re.compile(r"\w+")
_FEW = 8
"""Words that a message shows."""


def losses(document: DocxText) -> frozenset[str]:
    """Return what cannot be carried into the PDF, each with the words beside it."""
    colours = _colours(document)
    found = {look for root in document.roots for look in _looks(root, colours)}
    # They are printed, but by another font, which may draw another thing.
    found |= {f"{_THINGS['sym']} {_at(each)}" for root in document.roots for each in root.iter(w("sym"))}
    old = {said for root in document.roots for said in _old_numbers(root)}
    content = set(content_losses(document))
    for thing, becomes in _CARRIED:
        content = {loss.replace(thing, f"{thing} ({becomes})", loss.startswith(thing)) for loss in content}
    return frozenset(content.union(found, old))


def content_losses(document: DocxText) -> frozenset[str]:
    """Return what cannot be carried into the PDF and is content, not formatting."""
    numbering, styles = Numbering(document.parts), Styles(document.parts)
    found = {
        thing
        for root in document.roots
        for thing in (
            *_things(root),
            *_links_elsewhere(root),
            *_without_result(root),
            *_other_numbers(root, numbering),
            *_own_marks(root),
            *_symbols(root, styles),
        )
    }
    return frozenset(found.union(_heads(document), _note_numbers(document)))


def brief(loss: str) -> str:
    """Return a loss as messages show it, long words cut: what is compared is all of them."""
    return _LONG.sub(lambda match: f'"{text_diff.shortened(match[1], 80)}"', loss)


def _at(element: etree._Element) -> str:
    """Return the place of an element, named by the first words of its paragraph."""
    around = element if element.tag == w("p") else next(element.iterancestors(w("p")), None)
    said = "" if around is None else text_in(around)
    few = " ".join(said.split()[:_FEW_WORDS])
    return f'at "{few}…"' if few else "in an empty paragraph"


def _things(root: etree._Element) -> Iterator[str]:
    boxes = set()
    for element in root.iter("{*}*"):
        name = etree.QName(element).localname
        if name in _THINGS and not is_repeated(element):
            outer = next((a for a in element.iterancestors() if str(a.tag).endswith("}txbxContent")), None)
            # A picture in a text box is lost with the box; for a symbol of a newer Word the fallback is printed.
            if any(map(is_hidden_part, element.iterancestors())):
                continue  # an open point, which nobody sees in Word either
            is_read = (name == "symEx" and _has_fallback(element)) or element.get(w("font")) in FONTS_OF_SYMBOLS
            if (outer is None or outer not in boxes) and not is_read:
                said = text_diff.one_line(text_in(element))
                yield f'{_THINGS[name]} ("{said}")' if name == "txbxContent" else f"{_THINGS[name]} {_at(element)}"
            boxes.add(element)
        elif element.tag in (w("drawing"), w("pict")) and not is_repeated(element) and not _is_named(element):
            yield f"a drawing {_at(element)}"
        elif element.tag == w("br") and element.get(w("type")) in ("page", "column"):
            yield f"a page break {_at(element)}"


def _symbols(root: etree._Element, styles: Styles) -> Iterator[str]:
    """Yield the runs in fonts for symbols that are read as letters: those of rare fonts, and those of a style."""
    for run in root.iter(w("r")):
        fonts = (properties.find(w("rFonts")) for properties in styles.of_run(run))
        found = next((each for each in fonts if each is not None), None)
        font = "" if found is None else str(found.get(w("ascii"), ""))
        # Pandoc looks at the font of a run itself, not at that of its style.
        is_read = found in (run.find(f"{w('rPr')}/{w('rFonts')}"), None) and font in FONTS_OF_SYMBOLS
        if is_for_symbols(font) and not is_read and text_in(run).strip():
            yield f'the symbols of the font "{font}", which are letters there, {_at(run)}'


def _has_fallback(element: etree._Element) -> bool:
    """Return whether words stand beside an alternative for programs that do not know it (part 3, 7.6)."""
    choices = (outer for outer in element.iterancestors() if str(outer.tag).endswith("}Choice"))
    others = (other for choice in choices for other in choice.itersiblings())
    return any(next(other.iter(w("t")), None) is not None for other in others)


def _is_named(drawing: etree._Element) -> bool:
    """Return whether what is in a drawing is named, or is a line across the page (VML attribute o:hr), which is set."""
    inside = [each for each in drawing.iter() if isinstance(each.tag, str)]
    names = {etree.QName(each).localname for each in inside}
    return bool(names & _THINGS.keys()) or any(str(key).endswith("}hr") for each in inside for key in each.attrib)


def _without_result(root: etree._Element) -> Iterator[str]:
    """Yield the fields of which only Word knows what they show, such as the numbers of LISTNUM."""
    for each in all_fields(root):
        if not each.said().strip() and words_of_code(each.code, each.mark) is None:
            yield f"what the field {each.kind} shows {_at(each.mark)}"


def _links_elsewhere(root: etree._Element) -> Iterator[str]:
    """Yield the links in fields that lead to files and the like: no reader has them, and they tell of a machine."""
    for each in all_fields(root):
        address = each.target[0] if each.kind == "HYPERLINK" else ""
        if address and not SAFE_LINK.match(address):
            yield f'a link to "{address}" {_at(each.mark)}'


def _other_numbers(root: etree._Element, numbering: Numbering) -> Iterator[str]:
    """Yield the numbers that Word writes in a way that is not known here, and that become 1, 2, 3."""
    for paragraph, label in numbering.labels(root).items():
        if not is_known(label.kind):
            yield f'a number in the format "{label.kind}" {_at(paragraph)}'


def _note_numbers(document: DocxText) -> Iterator[str]:
    """Yield how the notes are numbered where it is not 1, 2, 3 from the first to the last (17.11.11, 17.11.12)."""
    if next(document.body.iter(w("footnoteReference")), None) is None:
        return
    sections = list(document.body.iter(w("sectPr")))
    settings = [parse(document.parts["word/settings.xml"])] if "word/settings.xml" in document.parts else []
    for properties in [each.find(w("footnotePr")) for each in (*settings, *sections)]:
        if properties is None:
            continue
        form, start, anew = (
            str(each.get(w("val"))) if (each := properties.find(w(name))) is not None else ""
            for name in ("numFmt", "numStart", "numRestart")
        )
        if form not in ("", "decimal"):
            yield f'notes numbered in the format "{form}", which become 1, 2, 3'
        if start not in ("", "0", "1"):
            yield f"notes numbered from {start}, which begin at 1"
        if anew == "eachPage" or (anew == "eachSect" and len(sections) > 1):
            yield f"notes numbered anew in each {'page' if anew == 'eachPage' else 'section'}, which go on"


def _own_marks(root: etree._Element) -> Iterator[str]:
    """Yield the notes that somebody gave a mark such as "*" (17.11.14): they are numbered like the others."""
    for call in root.iter(w("footnoteReference")):
        if is_on(call, "customMarkFollows", "0"):
            yield f"a note with a mark of its own, which gets a number, {_at(call)}"


def _old_numbers(root: etree._Element) -> Iterator[str]:
    """Yield the page numbers in the text, which are printed as the file has them."""
    for each in all_fields(root):
        if each.kind in _WITH_PAGES and each.said():
            yield f'the number of the field {each.kind}, which stays "{each.said()}", {_at(each.mark)}'


def _colours(document: DocxText) -> frozenset[str]:
    """Return the colours of the letterhead's own styles, which programs write again at runs that have them anyway."""
    styles = document.parts.get("word/styles.xml")
    own = {str(each.get(w("val"))) for each in parse(styles).iter(w("color"))} if styles else set()
    return frozenset(own | {"auto", "000000", "None"})


def _looks(root: etree._Element, colours: frozenset[str]) -> Iterator[str]:
    """Yield the direct formatting of runs and paragraphs: fonts, sizes, colours, alignment, page breaks."""
    seen = set()
    for run in root.iter(w("r")):
        properties = run.find(w("rPr"))
        if properties is None or not text_in(run).strip():
            continue
        for name, said in _LOOKS.items():
            found = properties.find(w(name))
            if found is not None and _is_visible(name, found, colours):
                seen.add(f"{said} {_at(run)}")
    for properties in root.iter(w("pPr")):
        for name, said in _PLACES.items():
            found = properties.find(w(name))
            if found is not None and is_on(found) and found.get(w("val")) not in ("left", "start"):
                seen.add(f"{said} {_at(properties)}")
    yield from sorted(seen)


def _is_visible(name: str, found: etree._Element, colours: frozenset[str]) -> bool:
    if name == "rFonts":  # other attributes name fonts of the theme or of other scripts (17.3.2.26)
        return found.get(w("ascii")) is not None or found.get(w("hAnsi")) is not None
    if name == "shd":
        return found.get(w("fill"), "auto") not in ("auto", "FFFFFF")
    return str(found.get(w("val"))) not in colours if name == "color" else found.get(w("val")) is not None


def _heads(document: DocxText) -> Iterator[str]:
    """Yield the texts and pictures of headers and footers, which the PDF has from campaign.toml and the style sheet."""
    formats = style_formats(document.parts)
    for name, content in sorted(document.parts.items()):
        # Behind "word/" stand six letters, "header" or "footer".
        if name.startswith(("word/header", "word/footer")) and name.endswith(".xml"):
            root = parse(content)
            if any(etree.QName(each).localname in ("blip", "imagedata") for each in root.iter("{*}*")):
                yield f"a picture in a {name[5:11]}"
            for drawn in {str(each.get("string")) for each in root.iter("{*}textpath") if each.get("string")}:
                yield f'the watermark "{drawn}" of a {name[5:11]}'
            # Results of fields, such as page numbers, are no words of a header.
            left_out = {text for each in all_fields(root) for text in each.texts}
            left_out |= {text for run in hidden_runs(root, formats) for text in run.iter(w("t"))}
            for paragraph in root.iter(w("p")):
                pieces = (text.text or "" for text in paragraph.iter(w("t")) if text not in left_out)
                if said := text_diff.one_line("".join(pieces)):
                    yield f'the words "{said}" in a {name[5:11]}'


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
        if FALLBACK in outer or outer & _GONE or (is_boxed and not boxes) or _is_away(paragraph):
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
            # LibreOffice saves the lists of forms without what they show.
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
        branches = [self.read(each) for each in (*element.findall(CHOICE), *element.findall(FALLBACK))]
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
    read = Counter(tuple(_WORD.findall(without_marks(said))) for said in paragraph_texts(tree))
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
            found.append(Difference(paragraph.element, few_words(missing, _FEW), few_words(words, _FEW)))
    if extra := [word for word in free.elements() if not word.isdigit()]:
        found.append(Difference(None, few_words(extra, _FEW), ""))
    return found


def without_marks(said: str) -> str:
    """Return a text of a tree without the numbers that were put in for pandoc."""
    return _MARK.sub("", said)
