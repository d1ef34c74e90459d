"""Lists what of a DOCX the PDF cannot show: things, formatting, the words of headers (ECMA-376 part 1)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from letters.formats import text_diff
from letters.formats.docx.numbering import Numbering, is_known
from letters.formats.docx.shown import Styles, hidden_runs, is_hidden_part, is_on, style_formats
from letters.formats.docx.text import DocxText
from letters.formats.docx.word_fields import FONTS_OF_SYMBOLS, PAGES, all_fields, is_for_symbols, words_of_code
from letters.formats.ooxml import parse, w
from letters.formats.tree import SAFE_LINK

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
_LINK = re.compile(r'\s*HYPERLINK\s+"([^"]+)"', re.IGNORECASE)
_LONG = re.compile(r'"([^"]{81,})"')
_WITH_PAGES = (PAGES - {"PAGEREF"}) | {"TOA", "INDEX"}
"""Fields that show page numbers, but the one of which the PDF has the present number."""


def losses(document: DocxText) -> frozenset[str]:
    """Return what cannot be carried into the PDF, each with the words beside it."""
    colours = _colours(document)
    found = {look for root in roots_of(document) for look in _looks(root, colours)}
    # They are printed, but by another font, which may draw another thing.
    found |= {f"{_THINGS['sym']} {_at(each)}" for root in roots_of(document) for each in root.iter(w("sym"))}
    old = {said for root in roots_of(document) for said in _old_numbers(root)}
    content = set(content_losses(document))
    for thing, becomes in _CARRIED:
        content = {loss.replace(thing, f"{thing} ({becomes})", loss.startswith(thing)) for loss in content}
    return frozenset(content.union(found, old))


def content_losses(document: DocxText) -> frozenset[str]:
    """Return what cannot be carried into the PDF and is content, not formatting."""
    numbering, styles = Numbering(document.parts), Styles(document.parts)
    found = {
        thing
        for root in roots_of(document)
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
    return _LONG.sub(lambda match: f'"{match[1][:79].rstrip()}…"', loss)


def roots_of(document: DocxText) -> list[etree._Element]:
    """Return the body and, where there are any, the notes of a document."""
    return [root for root in (document.body, document.notes) if root is not None]


def _at(element: etree._Element) -> str:
    """Return the place of an element, named by the first words of its paragraph."""
    around = element if element.tag == w("p") else next(element.iterancestors(w("p")), None)
    said = text_diff.one_line("".join(t.text or "" for t in around.iter(w("t")))) if around is not None else ""
    few = " ".join(said.split()[:_FEW_WORDS])
    return f'at "{few}…"' if few else "in an empty paragraph"


def _things(root: etree._Element) -> Iterator[str]:
    boxes = set()
    for element in root.iter("{*}*"):
        name = etree.QName(element).localname
        # Word writes a shape twice: for itself, and as a fallback for older programs (ECMA-376 part 3).
        inside_fallback = any(str(outer.tag).endswith("}Fallback") for outer in element.iterancestors())
        if name in _THINGS and not inside_fallback:
            outer = next((a for a in element.iterancestors() if str(a.tag).endswith("}txbxContent")), None)
            # A picture in a text box is lost with the box; for a symbol of a newer Word the fallback is printed.
            if any(map(is_hidden_part, element.iterancestors())):
                continue  # an open point, which nobody sees in Word either
            is_read = (name == "symEx" and _has_fallback(element)) or element.get(w("font")) in FONTS_OF_SYMBOLS
            if (outer is None or outer not in boxes) and not is_read:
                said = text_diff.one_line("".join(t.text or "" for t in element.iter(w("t"))))
                yield f'{_THINGS[name]} ("{said}")' if name == "txbxContent" else f"{_THINGS[name]} {_at(element)}"
            boxes.add(element)
        elif element.tag in (w("drawing"), w("pict")) and not inside_fallback and not _is_named(element):
            yield f"a drawing {_at(element)}"
        elif element.tag == w("br") and element.get(w("type")) in ("page", "column"):
            yield f"a page break {_at(element)}"


def _symbols(root: etree._Element, styles: Styles) -> Iterator[str]:
    """Yield the runs in fonts for symbols that are read as letters: those of rare fonts, and those of a style."""
    for run in root.iter(w("r")):
        fonts = (properties.find(w("rFonts")) for properties in styles.of_run(run))
        found = next((each for each in fonts if each is not None), None)
        font = "" if found is None else str(found.get(w("ascii"), ""))
        is_read = found in (run.find(f"{w('rPr')}/{w('rFonts')}"), None) and font in FONTS_OF_SYMBOLS
        if is_for_symbols(font) and not is_read and any((t.text or "").strip() for t in run.iter(w("t"))):
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
        found = _LINK.match(each.code)
        if found and not SAFE_LINK.match(found[1]):
            yield f'a link to "{found[1]}" {_at(each.mark)}'


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
        if properties is None or not any((t.text or "").strip() for t in run.iter(w("t"))):
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
