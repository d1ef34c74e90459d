"""A DOCX is a Word document as a person would make it: native notes, named styles, properties, nothing of ours left."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from letters.formats.ooxml import parse, read_package, w
from tests.reading import docx_words
from tests.sample import Built


@pytest.fixture(scope="module")
def parts(dozen: Built) -> dict[str, bytes]:
    return read_package(dozen.content("taylor-police", "docx"))


def test_its_notes_are_notes_of_word_each_called_once(parts: dict[str, bytes]) -> None:
    notes = [n.get(w("id")) for n in parse(parts["word/footnotes.xml"]).iter(w("footnote")) if n.get(w("type")) is None]
    calls = [call.get(w("id")) for call in parse(parts["word/document.xml"]).iter(w("footnoteReference"))]
    assert len(calls) > 10
    assert calls == notes


def test_every_style_is_one_of_the_letterhead(parts: dict[str, bytes]) -> None:
    known = {style.get(w("styleId")) for style in parse(parts["word/styles.xml"]).iter(w("style"))}
    for name in ("word/document.xml", "word/footnotes.xml"):
        root = parse(parts[name])
        used = {style.get(w("val")) for kind in ("pStyle", "rStyle") for style in root.iter(w(kind))}
        assert used <= known
        assert used


def test_its_properties_say_what_it_is(parts: dict[str, bytes]) -> None:
    core = parts["docProps/core.xml"].decode()
    assert "<dc:identifier>guidance-letter/taylor-police</dc:identifier>" in core
    assert "Taylor Police Department</dc:title>" in core
    assert "<dc:language>en-US</dc:language>" in core
    assert core.count("2025-09-17T00:00:00Z") == 2


def test_nothing_of_the_template_is_left(parts: dict[str, bytes]) -> None:
    texts = b"".join(content for name, content in parts.items() if name.endswith(".xml"))
    assert not re.search(rb"\{\{|\{%|\{#|\}\}|%\}", texts)
    assert not re.search("[\ue000-\ue0ff]", texts.decode())


def test_every_part_is_well_formed_and_every_relation_leads_somewhere(parts: dict[str, bytes]) -> None:
    for name, content in parts.items():
        if name.endswith((".xml", ".rels")):
            root = parse(content)
            if name == "word/_rels/document.xml.rels":
                inside = [str(r.get("Target")) for r in root if r.get("TargetMode") != "External"]
                assert all(f"word/{target}" in parts for target in inside)


@pytest.mark.slow
def test_libreoffice_opens_it_and_saves_the_same_words(dozen: Built, tmp_path: Path) -> None:
    office = shutil.which("soffice")
    assert office, "this slow test needs LibreOffice on the machine"
    before = dozen.content("taylor-police", "docx")
    (tmp_path / "in.docx").write_bytes(before)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    out = tmp_path / "out"
    command = [office, profile, "--headless", "--convert-to", "docx", "--outdir", str(out), str(tmp_path / "in.docx")]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    again = docx_words((out / "in.docx").read_bytes())
    assert sorted(again.body) == sorted(docx_words(before).body)
    assert len(again.notes) == len(docx_words(before).notes)
