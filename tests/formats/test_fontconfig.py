"""Letters are set with the fonts of their campaign alone, and programs that are started have those of the machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest
from lxml import etree

from letters.formats.programs import use_fonts_of
from letters.model.problems import CannotGoOn
from tests.conftest import MakeDesk


def test_settings_are_replaced_and_never_rewritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FONTCONFIG_FILE", "")
    use_fonts_of(tmp_path)
    settings = Path(os.environ["FONTCONFIG_FILE"])
    with settings.open("rb") as reading:
        use_fonts_of(tmp_path)
        assert os.fstat(reading.fileno()).st_ino != settings.stat().st_ino
        assert reading.read() == settings.read_bytes()


@pytest.mark.parametrize("name", ["R&D <1> 100%", 'l\'été "2026" #1', "  two blanks  "])
def test_folders_may_have_any_name_that_can_be_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("FONTCONFIG_FILE", "")
    (tmp_path / name).mkdir()
    use_fonts_of(tmp_path / name)
    settings = etree.parse(os.environ["FONTCONFIG_FILE"])
    assert settings.findtext("dir") == str(tmp_path / name)


def test_a_folder_that_no_settings_can_name_is_an_error_and_not_another_font(tmp_path: Path) -> None:
    with pytest.raises(CannotGoOn, match="character that is none"):
        use_fonts_of(tmp_path / "a\x07b")
    with pytest.raises(CannotGoOn, match="character that is none"):
        use_fonts_of(tmp_path / os.fsdecode(b"a\xffb"))


@pytest.mark.slow
def test_the_fonts_of_a_folder_with_markup_in_its_name_are_used(make_desk: MakeDesk, tmp_path: Path) -> None:
    made = make_desk(folder=tmp_path / "R&D <1>")
    script = "import sys; from letters.cli import main; sys.argv[1:] = ['build', '--no-docx', '--jobs', '1']; main()"
    subprocess.run([sys.executable, "-c", script], cwd=made.folder, check=True, capture_output=True)
    with pikepdf.open(next(made.folder.glob("out/letter/pdf/*.pdf"))) as pdf:
        fonts = {str(font.BaseFont) for page in pdf.pages for font in page.Resources.Font.values()}
    assert any("Charis" in font for font in fonts), fonts


PREVIEW = "import sys; from letters.cli import main; main()"
OPENING = (
    "from pathlib import Path; from letters.cli.screen import open_in_program; "
    "from letters.formats.programs import use_fonts_of; use_fonts_of(Path('templates/fonts')); open_in_program('x')"
)
"""What the commands do that open something, without the letter that is made before."""


@pytest.mark.parametrize(("own", "script"), [("", PREVIEW), ("/etc/fonts/of-this-user.conf", OPENING)])
def test_a_program_that_is_opened_has_the_fonts_of_the_machine(
    make_desk: MakeDesk, tmp_path: Path, own: str, script: str
) -> None:
    for name in ("xdg-open", "open"):
        program = tmp_path / name
        program.write_text('#!/bin/sh\necho "fonts: $FONTCONFIG_FILE."\n', "utf-8")
        program.chmod(0o755)
    opening = [sys.executable, "-c", script, "preview", "berrien-county-sheriff", "--open"]
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "FONTCONFIG_FILE": own}
    # The program that is opened writes to the same pipe, so its words are waited for.
    done = subprocess.run(opening, cwd=make_desk().folder, env=environment, capture_output=True, text=True, check=True)
    assert f"fonts: {own}." in done.stdout.splitlines()
