"""Names the cross-references of a Word letter that show old numbers, and keeps its links to headings together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from lxml import etree

from letters.formats.anchors import PAGE
from letters.formats.docx.normalize import set_result
from letters.formats.docx.numbering import Numbering
from letters.formats.docx.opening import DOCUMENT, FOOTNOTES
from letters.formats.docx.references import RENEW, old_references
from letters.formats.ooxml import parse, serialize, w
from letters.formats.tree import Node
from letters.model.problems import Place, Problem, warning

HEADING = "heading-"
"""Prefix of the ids of headings that links lead to."""


def old_numbers(
    roots: Mapping[str, etree._Element],
    numbering: Numbering,
    places_of: Mapping[str, Callable[[etree._Element], Place]],
) -> Iterator[Problem]:
    """Name the cross-references whose number is an old one."""
    texts = {name: parse(serialize(roots[name])) for name in (DOCUMENT, FOOTNOTES) if name in roots}
    # The copies are of the same shape, so a paragraph is found by its place among all.
    originals = {name: list(roots[name].iter(w("p"))) for name in texts}
    copies = {each: (name, number) for name, root in texts.items() for number, each in enumerate(root.iter(w("p")))}
    labels = {element: label.text for element, label in numbering.labels(texts[DOCUMENT]).items()}
    for each in old_references(list(texts.values()), labels, with_notes=True):
        name, number = copies[each.paragraph]
        yield warning(places_of[name](originals[name][number]), str(each), RENEW)


def _nodes(value: Any) -> Iterator[Node]:
    """Yield the nodes of a tree as pandoc writes it."""
    if isinstance(value, dict) and "t" in value:
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _nodes(inner)


def name_headings(tree: Sequence[Node]) -> None:
    """Give the headings that links lead to ids of their own: pandoc makes ids of the words, our marks among them."""
    nodes = list(_nodes(tree))
    links = [node["c"][2] for node in nodes if node["t"] == "Link"]
    targets = {str(address).removeprefix("#") for address, _ in links}
    headings = [node["c"][1] for node in nodes if node["t"] == "Header" and node["c"][1][0] in targets]
    names = {heading[0]: f"{HEADING}{number}" for number, heading in enumerate(headings)}
    for heading in headings:
        heading[0] = names[heading[0]]
    for link in links:
        if (name := names.get(str(link[0]).removeprefix("#"))) is not None:
            link[0] = f"#{name}"


def show_pages(root: etree._Element, bookmarks: Collection[str]) -> None:
    """Write a mark for the page into the fields that show the page of a bookmark (17.16.5.44): the PDF has its own."""
    for code in root.iter(w("instrText")):
        words = (code.text or "").split()
        if words[:1] == ["PAGEREF"] and words[1:2] and words[1] in bookmarks:
            set_result(code, PAGE)
            code.text = f" PAGEREF {words[1]} \\h "  # \\h makes it a link, which pandoc reads
