"""Lists what of a DOCX the PDF cannot show: things, formatting, the words of headers (ECMA-376 part 1)."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from letters.formats import text_diff
from letters.formats.docx.text import DocxText
from letters.formats.ooxml import parse, w

_THINGS = {
    "txbxContent": "a text box",
    "blip": "a picture",
    "imagedata": "a picture",
    "chart": "a chart",
    "oMath": "a formula",
    "endnoteReference": "an endnote",
    "object": "an embedded object",
    "sym": "a symbol from a special font",
}
"""What a person calls elements that the letter tree cannot hold, by local name."""
_LOOKS = {"rFonts": "another font", "sz": "another size of type", "color": "another colour", "shd": "shading"}
_PLACES = {"jc": "another alignment", "framePr": "a frame", "pageBreakBefore": "a page break before"}
_FEW_WORDS = 6
"""Words of a paragraph that say where something is."""


def losses(document: DocxText) -> frozenset[str]:
    """Return what cannot be carried into the PDF, each with the words beside it."""
    colours = _colours(document)
    found = {look for root in roots_of(document) for look in _looks(root, colours)}
    return content_losses(document).union(found)


def content_losses(document: DocxText) -> frozenset[str]:
    """Return what cannot be carried into the PDF and is content, not formatting."""
    found = {thing for root in roots_of(document) for thing in _things(root)}
    return frozenset(found.union(_heads(document)))


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
            if outer is None or outer not in boxes:  # a picture in a text box is lost with the box
                said = text_diff.one_line("".join(t.text or "" for t in element.iter(w("t"))))
                yield f"{_THINGS[name]} {f'({said[:60]!r})' if name == 'txbxContent' else _at(element)}"
            boxes.add(element)
        elif element.tag == w("br") and element.get(w("type")) in ("page", "column"):
            yield f"a page break {_at(element)}"


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
            if found is not None and found.get(w("val"), "1") not in ("left", "start", "0", "false"):
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
    for name, content in sorted(document.parts.items()):
        if name.startswith(("word/header", "word/footer")) and name.endswith(".xml"):
            root = parse(content)
            if any(etree.QName(each).localname in ("blip", "imagedata") for each in root.iter("{*}*")):
                yield f"a picture in a {name[5:11]}"
            for paragraph in root.iter(w("p")):
                if said := _without_fields(paragraph):
                    yield f'the words "{said[:80]}" in a {name[5:11]}'


def _without_fields(paragraph: etree._Element) -> str:
    """Return the text of a paragraph without the results of fields (17.16.18), such as page numbers."""
    said, depth = [], 0
    for element in paragraph.iter(w("t"), w("fldChar")):
        if element.tag == w("fldChar"):
            depth += {"begin": 1, "end": -1}.get(str(element.get(w("fldCharType"))), 0)
        elif not depth and next(element.iterancestors(w("fldSimple")), None) is None:
            said.append(element.text or "")
    return text_diff.one_line("".join(said))
