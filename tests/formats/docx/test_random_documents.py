"""Drafts put together by chance: every word that LibreOffice exports of them is in the PDF, or is named."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from lxml import etree

from letters.campaign.load import load
from letters.drafts.box import Draft, judge, make_pdf
from letters.formats.docx.opening import DOCUMENT, FOOTNOTES, open_docx
from letters.formats.docx.text import read
from letters.formats.files import sha256
from letters.formats.ooxml import parse, read_package, serialize, w, write_package
from letters.read.placeholders import open_words
from letters.render.word.docxtpl_internals import DocxRenderer
from tests.desk import LETTER, set_up
from tests.formats.docx.corpus import CONSTRUCTS, DRAWING_NAMES, RARE, SYMBOLS, run
from tests.formats.docx.test_seeded import KINDS
from tests.reading import plain_text

DOCUMENTS, BLOCKS = 24, 14
_HIDDEN = re.compile("|".join(each.hidden for each in CONSTRUCTS.values() if each.hidden.startswith("secret")))
"""LibreOffice exports hidden words as text, too."""
_WORDS = re.compile(r"[^\W_]+")
_ENDLESS = "a field without an end"
"""LibreOffice takes what stands behind it for its result."""
_NOT_HERE = ("a symbol", "a page number")
"""There can be no PDF with a symbol that no font has; LibreOffice exports the number of every page as 0."""
MORE = "\n# Part\n\n1. One\n2. Two\n\n| Agency | Year |\n|--------|------|\n| Alpha  | 2024 |\n"


class Writer:
    """Writes paragraphs, lists, tables and quotations with constructs of Word in them, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311
        self.count = 0
        self.things = [each for name, each in KINDS.items() if name not in _NOT_HERE]
        others = {name: each for name, each in RARE.items() if name not in (_ENDLESS, *SYMBOLS)}
        self.constructs = {**CONSTRUCTS, **others}

    def word(self) -> str:
        self.count += 1
        return f"w{self.count}q"  # short, so that no narrow cell breaks it

    def inlines(self) -> str:
        made = []
        for _ in range(self.chance.randrange(1, 5)):
            made.append(run(f"{self.word()} "))
            if self.chance.random() < 0.5:
                made.append(self.chance.choice(list(self.constructs.values())).xml + run(" "))
            elif self.chance.random() < 0.2:
                made.append(self.chance.choice(self.things).replace("{n}", self.word()) + run(" "))
        return "".join(made)

    def paragraph(self, style: str = "") -> str:
        looks = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
        return f"<w:p>{looks}{self.inlines()}</w:p>"

    def table(self, depth: int = 0) -> str:
        columns = self.chance.randrange(1, 4)
        grid = '<w:gridCol w:w="2000"/>' * columns
        rows = ""
        for _ in range(self.chance.randrange(1, 4)):
            cells = self.chance.randrange(1, columns + 2)  # some rows are shorter or longer than the grid
            inner = [self.paragraph() for _ in range(cells)]
            if depth == 0 and self.chance.random() < 0.3:
                inner[0] = self.table(1) + inner[0]
            rows += f"<w:tr>{''.join(f'<w:tc>{each}</w:tc>' for each in inner)}</w:tr>"
        return f"<w:tbl><w:tblPr/><w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>" + ("" if depth else "<w:p/>")

    def block(self) -> str:
        kinds = (self.paragraph, self.table, lambda: self.paragraph("Heading2"), lambda: self.paragraph("BlockText"))
        return self.chance.choice(kinds)()

    def edited(self, content: bytes) -> bytes:
        """Return a draft with blocks put in behind paragraphs of its body and words into its notes."""
        parts = read_package(content)
        body, notes = parse(parts[DOCUMENT]), parse(parts[FOOTNOTES])
        places = [each for each in body.iter(w("p")) if "".join(t.text or "" for t in each.iter(w("t")))]
        for _ in range(BLOCKS):
            at = self.chance.choice(places)
            for made in reversed(etree.fromstring(f"<x {DRAWING_NAMES}>{self.block()}</x>")):
                at.addnext(made)
        for note in [each for each in notes.iter(w("p")) if next(each.iter(w("t")), None) is not None]:
            note.extend(etree.fromstring(f"<x {DRAWING_NAMES}>{self.inlines()}</x>"))
        return write_package({**parts, DOCUMENT: serialize(body), FOOTNOTES: serialize(notes)})


def exported(documents: list[bytes], folder: Path) -> list[str]:
    """Return the text that LibreOffice exports of each document."""
    paths = [folder / f"{number}.docx" for number, _ in enumerate(documents)]
    for path, content in zip(paths, documents, strict=True):
        path.write_bytes(content)
    command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "txt:Text"]
    subprocess.run([*command, "--outdir", str(folder), *map(str, paths)], check=True, capture_output=True, timeout=600)
    return [path.with_suffix(".txt").read_text("utf-8", "replace") for path in paths]


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice exports the words")
def test_every_word_that_libreoffice_exports_is_in_the_pdf_or_named(tmp_path: Path) -> None:
    desk = set_up(folder=tmp_path / "campaign", letter=LETTER.replace("[^one]: ", MORE + "\n[^one]: "))
    project, problems = load(desk.folder / "campaign.toml")
    assert project, problems
    letter = project.letters[0]
    content = DocxRenderer(project.template.word).render(letter.context, letter.notes)
    drafts = [Writer(seed).edited(content) for seed in range(DOCUMENTS)]
    base, found = read(open_docx(content)), {}
    for seed, (draft, text) in enumerate(zip(drafts, exported(drafts, tmp_path), strict=True)):
        verdict = judge(draft, base, open_words)
        path = tmp_path / f"{seed}.docx"
        made = make_pdf(project, letter, Draft(letter.recipient.id, path, sha256(draft), verdict, 1, ""))
        assert made.content, made.failure
        pdf = tmp_path / "made.pdf"
        pdf.write_bytes(made.content)
        named = " ".join([*map(str, verdict.open_points), *verdict.losses])
        have = Counter(_WORDS.findall(f"{plain_text(pdf)} {named}".casefold()))
        left = Counter(_WORDS.findall(_HIDDEN.sub(" ", text).casefold())) - have
        if left:
            found[seed] = dict(left)
    assert found == {}
