"""Audits the tags of a PDF: every piece of marked content has an owner, and the way back leads to it."""

from __future__ import annotations

import re
from typing import Any

import pikepdf

_MARK = re.compile(rb"/(\w+)\s*<<[^>]*/MCID (\d+)[^>]*>>\s*BDC")


def audit(pdf: pikepdf.Pdf) -> list[str]:
    """List what is wrong with the tags; nothing where they are whole."""
    root = pdf.Root.StructTreeRoot
    parents = pikepdf.NumberTree(root.ParentTree)
    owned = dict(_owned(root, []))
    wrong = [f"element {number} does not name its parent" for number in _strays(root)]
    keys = []
    for number, page in enumerate(pdf.pages, start=1):
        marks = {int(mark) for _, mark in _MARK.findall(_content(page))}
        if "/StructParents" not in page.obj:
            wrong += [f"page {number} has marked content and no key"] if marks else []
            continue
        keys.append(int(page.obj.StructParents))
        entry = parents[page.obj.StructParents]
        for mark in marks:
            owner = entry[mark] if mark < len(entry) else None
            if owner is None or owned.get((page.obj.objgen, mark)) != owner.objgen:
                wrong.append(f"page {number}: content {mark} does not lead back to its element")
        for annotation in page.obj.get("/Annots", ()):
            if "/StructParent" in annotation:
                keys.append(int(annotation.StructParent))
                if owned.get((annotation.objgen, -1)) != parents[annotation.StructParent].objgen:
                    wrong.append(f"page {number}: an annotation does not lead back to its element")
    if len(keys) != len(set(keys)) or any(key >= int(root.get("/ParentTreeNextKey", key + 1)) for key in keys):
        wrong.append("keys of the parent tree are used twice")
    return wrong


def _content(page: pikepdf.Page) -> bytes:
    contents = page.obj.Contents
    streams = contents if isinstance(contents, pikepdf.Array) else [contents]
    return b"\n".join(stream.read_bytes() for stream in streams)


def _kids(element: Any) -> list[Any]:
    kids = element.get("/K", [])
    return list(kids) if isinstance(kids, pikepdf.Array) else [kids]


def _owned(element: Any, found: list[Any]) -> list[tuple[tuple[Any, int], Any]]:
    """List page and number of all marked content, and annotations with -1, each with the element that owns it."""
    for kid in _kids(element):
        if isinstance(kid, int):
            found.append(((element.Pg.objgen, kid), element.objgen))
        elif kid.get("/Type") == "/MCR":
            found.append(((kid.Pg.objgen, int(kid.MCID)), element.objgen))
        elif kid.get("/Type") == "/OBJR":
            found.append(((kid.Obj.objgen, -1), element.objgen))
        else:
            _owned(kid, found)
    return found


def _strays(element: Any) -> list[int]:
    found = []
    for kid in _kids(element):
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            if kid.P.objgen != element.objgen:
                found.append(kid.objgen[0])
            found += _strays(kid)
    return found
