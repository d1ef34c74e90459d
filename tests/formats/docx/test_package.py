"""Parts of a DOCX are found by their relationships, and an attached template is left aside."""

from __future__ import annotations

import io
import random
import re

import pytest
from docx import Document

from letters.formats.docx.opening import Refused, open_docx
from letters.formats.docx.text import read
from letters.formats.ooxml import read_package, write_package


def renamed(content: bytes, old: str, new: str) -> bytes:
    parts = read_package(content)
    relations = f"word/_rels/{old}.rels"
    parts[f"word/{new}"] = parts.pop(f"word/{old}")
    if relations in parts:
        parts[f"word/_rels/{new}.rels"] = parts.pop(relations)
    for name in ("[Content_Types].xml", "_rels/.rels", "word/_rels/document.xml.rels", f"word/_rels/{new}.rels"):
        if name in parts:
            parts[name] = parts[name].replace(old.encode(), new.encode())
    return write_package(parts)


def test_parts_under_other_names_are_read(generated_short: bytes) -> None:
    for old, new in (
        ("footnotes.xml", "footnotes2.xml"),
        ("document.xml", "document2.xml"),
        ("styles.xml", "looks.xml"),
    ):
        assert read(open_docx(renamed(generated_short, old, new))).texts == read(open_docx(generated_short)).texts


def with_prefix(part: bytes) -> bytes:
    """Write a part as a program does that gives the names of Word a prefix of its own."""
    part = re.sub(rb"(</?)w:", rb"\1ns0:", part)
    return re.sub(rb'(?<=[\s])w:(?=[\w]+=")', b"ns0:", part).replace(b"xmlns:w=", b"xmlns:ns0=")


def test_names_of_word_with_another_prefix_are_read(generated_short: bytes) -> None:
    parts = read_package(generated_short)
    named = {name: with_prefix(part) if name.startswith("word/") else part for name, part in parts.items()}
    assert b"<w:t" not in named["word/document.xml"]
    opened = open_docx(write_package(named))
    assert read(opened).texts == read(open_docx(generated_short)).texts
    assert b"ns0:" not in opened["word/document.xml"]


@pytest.mark.parametrize("target", ["NULL", "../NULL", "media/image9.png", "../customXml/item1.xml"])
def test_a_relationship_that_leads_nowhere_is_left_aside(generated: bytes, target: str) -> None:
    parts = read_package(generated)
    relations = "word/_rels/document.xml.rels"
    dead = (
        '<Relationship Id="rIdX" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" '
        f'Target="{target}"/></Relationships>'
    )
    parts[relations] = parts[relations].replace(b"</Relationships>", dead.encode())
    opened = open_docx(write_package(parts))
    assert b"rIdX" not in opened[relations]
    Document(io.BytesIO(write_package(opened)))  # python-docx reads no package with one


def test_an_attached_template_is_left_aside(generated: bytes) -> None:
    parts = read_package(generated)
    relations = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" '
        b'Target="file:///C:/Firm/Letter.dotm" TargetMode="External"/></Relationships>'
    )
    opened = open_docx(write_package({**parts, "word/_rels/settings.xml.rels": relations}))
    assert b"Letter.dotm" not in b"".join(opened.values())


def test_a_spoiled_file_is_refused_and_raises_nothing_else(generated: bytes) -> None:
    spoil = random.Random(7)  # noqa: S311 - the same damage in every run
    for _ in range(150):
        content = bytearray(generated)
        for _ in range(spoil.randint(1, 12)):
            # The last kilobytes are the directory of the archive, where damage leads to impossible places.
            content[-spoil.randint(1, min(4000, len(content)))] = spoil.randrange(256)
        try:
            open_docx(bytes(content[: len(content) - spoil.choice((0, 0, 30, 500))]))
        except Refused:
            continue
