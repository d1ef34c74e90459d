"""Audits one finished DOCX that nobody has edited: the words that Word shows, and what is in the file besides."""

from __future__ import annotations

from collections.abc import Sequence

from letters.audit.expected import SOFT, PartWords, squeezed
from letters.audit.findings import Audited, Finding
from letters.formats.docx.opening import Refused, open_docx
from letters.formats.docx.text import read
from letters.model.records import DOCX

_SHOWN = 40


def audit_docx(identifier: str, content: bytes, parts: Sequence[PartWords]) -> Audited:
    """Audit a DOCX that should say what is given, part by part."""
    try:
        document = read(open_docx(content))
    except Refused as error:
        return Audited(identifier, DOCX, 0, (Finding(identifier, DOCX, "file", f"it cannot be read: {error.what}"),))
    found = squeezed("".join(document.texts)).replace(SOFT, "")
    wanted = "".join(part.docx for part in parts)
    if found == wanted:
        return Audited(identifier, DOCX, 0, ())
    pairs = enumerate(zip(found, wanted, strict=False))
    place = next((place for place, (one, other) in pairs if one != other), min(len(found), len(wanted)))
    said = f'"{found[place : place + _SHOWN]}" stands where "{wanted[place : place + _SHOWN]}" should'
    if place == len(found):
        said = f'words are missing: "{wanted[place : place + _SHOWN]}"'
    elif place == len(wanted):
        said = f'"{found[place : place + _SHOWN]}" stands at its end, and should not'
    return Audited(identifier, DOCX, 0, (Finding(identifier, DOCX, "words", said),))
