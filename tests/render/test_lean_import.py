"""WeasyPrint is imported without what it seldom needs, which is there when it is needed after all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import os, sys
from letters.render.pdf import load

weasyprint = load()
assert not {"fontTools.subset", "fontTools.varLib", "pycparser"} & sys.modules.keys() - set(%r)
from weasyprint.text.ffi import ffi, pango
assert pango.pango_version() > 10000 and ffi.sizeof("PangoGlyphInfo") == 20
assert type(weasyprint.pdf.fonts.subset.Options()).__module__ == "fontTools.subset"
assert "fontTools.subset" in sys.modules
content = weasyprint.HTML(string="<p>One word.</p>").write_pdf()
assert content.startswith(b"%%PDF-")
"""


def run(folder: Path, *may_load: str) -> None:
    command = [sys.executable, "-W", "error", "-c", PROGRAM % (may_load,)]
    done = subprocess.run(command, env={"TMPDIR": str(folder)}, capture_output=True, text=True, timeout=60, check=False)
    assert not done.stderr


def test_declarations_are_parsed_once(tmp_path: Path) -> None:
    run(tmp_path, "pycparser")
    (kept,) = tmp_path.rglob("*.declarations")
    run(tmp_path)
    assert [*tmp_path.rglob("*.declarations")] == [kept]


@pytest.mark.parametrize("damage", [b"", b"nothing"])
def test_damaged_declarations_are_parsed_again(tmp_path: Path, damage: bytes) -> None:
    run(tmp_path, "pycparser")
    (kept,) = tmp_path.rglob("*.declarations")
    content = kept.read_bytes()
    kept.write_bytes(damage)
    run(tmp_path, "pycparser")
    assert kept.read_bytes() == content


def test_nothing_is_read_from_a_folder_that_others_can_write_to(tmp_path: Path) -> None:
    run(tmp_path, "pycparser")
    (kept,) = tmp_path.rglob("*.declarations")
    kept.parent.chmod(0o777)
    run(tmp_path, "pycparser")
    assert len([*tmp_path.rglob("*.declarations")]) == 2
