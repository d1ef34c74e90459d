"""Names what a draft holds that its PDF cannot show, before it is lost."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from letters import words
from letters.drafts.text import Document
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
"""Elements, by their names, and what a person calls them."""
_LOOKS = {"rFonts": "another font", "sz": "another size of type", "color": "another colour", "shd": "shading"}
_PLACES = {"jc": "another alignment", "framePr": "a frame", "pageBreakBefore": "a page break before"}
_FEW_WORDS = 6


def losses(document: Document) -> frozenset[str]:
    """List what cannot be carried into the PDF, each with the words it stands at."""
    colours = _colours(document)
    found = {look for root in _roots(document) for look in _looks(root, colours)}
    return content_losses(document).union(found)


def content_losses(document: Document) -> frozenset[str]:
    """List what cannot be carried into the PDF and is more than looks."""
    found = {thing for root in _roots(document) for thing in _things(root)}
    return frozenset(found.union(_heads(document)))


def _roots(document: Document) -> list[etree._Element]:
    return [root for root in (document.body, document.notes) if root is not None]


def _at(element: etree._Element) -> str:
    """Tell where something stands by the first words of its paragraph."""
    around = element if element.tag == w("p") else next(element.iterancestors(w("p")), None)
    said = words.one_line("".join(t.text or "" for t in around.iter(w("t")))) if around is not None else ""
    few = " ".join(said.split()[:_FEW_WORDS])
    return f'at "{few}…"' if few else "in an empty paragraph"


def _things(root: etree._Element) -> Iterator[str]:
    boxes = set()
    for element in root.iter("{*}*"):
        name = etree.QName(element).localname
        inside_fallback = any(str(outer.tag).endswith("}Fallback") for outer in element.iterancestors())
        if name in _THINGS and not inside_fallback:
            outer = next((a for a in element.iterancestors() if str(a.tag).endswith("}txbxContent")), None)
            if outer is None or outer not in boxes:
                said = words.one_line("".join(t.text or "" for t in element.iter(w("t"))))
                yield f"{_THINGS[name]} {f'({said[:60]!r})' if name == 'txbxContent' else _at(element)}"
            boxes.add(element)
        elif element.tag == w("br") and element.get(w("type")) in ("page", "column"):
            yield f"a page break {_at(element)}"


def _colours(document: Document) -> frozenset[str]:
    """List the colours of the letterhead's own styles; programs write them to words that have them anyway."""
    styles = document.parts.get("word/styles.xml")
    own = {str(each.get(w("val"))) for each in parse(styles).iter(w("color"))} if styles else set()
    return frozenset(own | {"auto", "000000", "None"})


def _looks(root: etree._Element, colours: frozenset[str]) -> Iterator[str]:
    """Find fonts, sizes and colours that words have of their own, apart from their style."""
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
    if name == "rFonts":
        return found.get(w("ascii")) is not None or found.get(w("hAnsi")) is not None
    if name == "shd":
        return found.get(w("fill"), "auto") not in ("auto", "FFFFFF")
    return str(found.get(w("val"))) not in colours if name == "color" else found.get(w("val")) is not None


def _heads(document: Document) -> Iterator[str]:
    """Tell the words of headers and footers, which in the PDF come from campaign.toml and the style sheet."""
    for name, content in sorted(document.parts.items()):
        if name.startswith(("word/header", "word/footer")) and name.endswith(".xml"):
            for paragraph in parse(content).iter(w("p")):
                if said := _without_fields(paragraph):
                    yield f'the words "{said[:80]}" in a {name[5:11]}'


def _without_fields(paragraph: etree._Element) -> str:
    """Tell the words of a paragraph but those that a program computes, such as page numbers."""
    said, depth = [], 0
    for element in paragraph.iter(w("t"), w("fldChar")):
        if element.tag == w("fldChar"):
            depth += {"begin": 1, "end": -1}.get(str(element.get(w("fldCharType"))), 0)
        elif not depth and next(element.iterancestors(w("fldSimple")), None) is None:
            said.append(element.text or "")
    return words.one_line("".join(said))
