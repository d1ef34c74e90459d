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
    b"<table": "a web page",
    b"BEGIN:VCARD": "a file of address cards (vCard)",
}
"""How files begin that hold no list."""
_BEGINNING = 400
"""Bytes that are looked at."""
SUFFIXES = (".xlsx", ".xlsm", ".xls", ".ods")


def foreign_kind(content: bytes) -> str:
    """Return what kind of file this is that holds no list; empty where it may hold one."""
    if content.startswith(b"PK"):
        if b"word/document.xml" in content or b"word/" in content:
            return "a Word document (docx)"
        if b"Index/Document.iwa" in content:
            return "a file of Numbers, Pages or Keynote (export it, as Excel)"
        if b"ppt/" in content:
            return "a PowerPoint presentation"
        if b"xl/" not in content and b"opendocument.spreadsheet" not in content:
            return "an archive (zip)"
    begin = content[:_BEGINNING].lstrip(b"\xef\xbb\xbf \t\r\n")
    if begin.startswith((b"{", b"[{")) and b'":' in begin.replace(b" ", b""):
        return "a link to Google Sheets (download it there, as Excel)" if b"docs.google.com" in begin else "JSON"
    return next((kind for starts, kind in _FOREIGN.items() if begin[: len(starts)].lower() == starts.lower()), "")
