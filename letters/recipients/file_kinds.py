"""Knows files that hold no list by how they begin."""

from __future__ import annotations

_FOREIGN = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture (PNG)",
    b"\xff\xd8\xff": "a picture (JPEG)",
    b"GIF8": "a picture (GIF)",
    b"{\\rtf": "a Word document (rtf)",
    b"<!DOCTYPE": "a web page",
    b"<html": "a web page",
    b"BEGIN:VCARD": "a file of address cards (vCard)",
}
"""How files begin that hold no list."""
SUFFIXES = (".xlsx", ".xlsm", ".xls", ".ods")


def foreign_kind(content: bytes) -> str:
    """Return what kind of file this is that holds no list; empty where it may hold one."""
    if content.startswith(b"PK"):
        if b"word/document.xml" in content or b"word/" in content:
            return "a Word document (docx)"
        if b"ppt/" in content:
            return "a PowerPoint presentation"
        if b"xl/" not in content and b"opendocument.spreadsheet" not in content:
            return "an archive (zip)"
    return next((kind for begins, kind in _FOREIGN.items() if content.startswith(begins)), "")
