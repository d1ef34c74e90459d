"""Judges a DOCX that is not byte for byte as we wrote it: saved again, edited, or not to be read."""

from __future__ import annotations

import re

from letters.drafts.findings import Brackets, open_points
from letters.drafts.losses import losses
from letters.drafts.opening import Refused, open_docx
from letters.drafts.text import Document, read
from letters.formats.ooxml import parse
from letters.model import Verdict

_CORE = "docProps/core.xml"


def judge(content: bytes, base: Document, brackets: Brackets) -> Verdict:
    """Judge a draft, given the document that we wrote."""
    try:
        document = read(open_docx(content))
    except Refused as error:
        return Verdict(refused=f"{error.what}; {error.hint}" if error.hint else error.what)
    known = frozenset(inside for line in base.texts for _, inside in brackets(line))
    points = open_points(document, brackets, known)
    lost = tuple(sorted(losses(document) - losses(base)))
    same = not points and not lost and document.fingerprint() == base.fingerprint()
    return Verdict(
        same_words=same, editor=core_property(document.parts, "lastModifiedBy"), open_points=tuple(points), losses=lost
    )


def core_property(parts: dict[str, bytes], name: str) -> str:
    """Read a property of a document, such as its identifier or who saved it last."""
    if _CORE not in parts:
        return ""
    for element in parse(parts[_CORE]):
        if isinstance(element.tag, str) and element.tag.endswith(f"}}{name}"):
            return re.sub(r"\s+", " ", element.text or "").strip()
    return ""
