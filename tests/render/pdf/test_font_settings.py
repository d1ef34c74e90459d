"""Processes that begin at the same moment find the settings of the fonts whole."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from letters.render.pdf.plain import use_fonts_of


def test_settings_are_replaced_and_never_rewritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FONTCONFIG_FILE", "")
    use_fonts_of(tmp_path)
    settings = Path(os.environ["FONTCONFIG_FILE"])
    with settings.open("rb") as reading:
        use_fonts_of(tmp_path)
        assert os.fstat(reading.fileno()).st_ino != settings.stat().st_ino
        assert reading.read() == settings.read_bytes()
