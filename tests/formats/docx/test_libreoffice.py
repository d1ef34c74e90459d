"""Letters that LibreOffice itself saved: the same words, whatever else it writes."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from letters.campaign.load import load
from letters.drafts.box import judge
from letters.formats.docx.opening import open_docx
from letters.formats.docx.text import read
from letters.read.placeholders import open_words
from letters.render.word.docxtpl_internals import DocxRenderer
from tests.desk import ROOT

PACK = ("guidance-letter", "county-board", "press-release", "records-request", "thank-you", "agreement-follow-up")


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice saves the letters")
@pytest.mark.parametrize("name", PACK)
def test_a_letter_that_libreoffice_saved_is_not_edited(tmp_path, name):
    project, problems = load(ROOT / "campaign.toml", name)
    assert project, problems
    letter = project.letters[0]
    content = DocxRenderer(project.template.word).render(letter.context, letter.notes)
    (tmp_path / "letter.docx").write_bytes(content)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "docx", "--outdir", str(tmp_path / "saved")]
    subprocess.run([*command, str(tmp_path / "letter.docx")], check=True, capture_output=True, timeout=180)
    saved = (tmp_path / "saved" / "letter.docx").read_bytes()
    verdict = judge(saved, read(open_docx(content)), open_words)
    assert (verdict.losses, verdict.open_points) == ((), ())
    assert verdict.same_words
