"""Takes the words out of text boxes, which no letter of ours has, and leaves pictures out."""

from __future__ import annotations

from lxml import etree

from letters.formats.ooxml import w

_BLIND = ("drawing", "pict", "object", "AlternateContent")
"""What holds pictures and boxes; pandoc forgets the words of a paragraph that a box stands in."""


def is_repeated(element: etree._Element) -> bool:
    """Tell whether an element is the second copy of a text box, which Word writes for older programs (part 3, 7.6)."""
    return any(str(outer.tag).endswith("}Fallback") for outer in element.iterancestors())


def unbox(root: etree._Element) -> None:
    """Put the paragraphs of each text box below the one that it is anchored in; take boxes and pictures away."""
    for box in list(root.iter(w("txbxContent"))):
        if not is_repeated(box):
            anchor = list(box.iterancestors(w("p")))[-1]
            for block in reversed(box):
                anchor.addnext(block)
    for element in list(root.iter()):
        if isinstance(element.tag, str) and etree.QName(element).localname in _BLIND:
            parent = element.getparent()
            if parent is not None:
                parent.remove(element)
