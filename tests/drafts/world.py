"""A campaign in the hands of a person who edits, a letter that changes, and builds that are killed, all by one seed."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from letters.build.build import Options, Report, build
from letters.build.executors import InProcess
from letters.campaign.ledger import Ledger, path_of
from letters.campaign.load import Project, load
from letters.cli.options import make_options
from letters.formats.docx import revisions
from letters.formats.docx.opening import DOCUMENT, FOOTNOTES, open_docx
from letters.formats.docx.text import read
from letters.formats.ooxml import parse, read_package, serialize, write_package
from letters.model.records import DOCX, PDF
from letters.redline.redlines import EditedDrafts
from tests.desk import ROOT
from tests.drafts.editing import Editor, tracked
from tests.formats.docx import word_writes
from tests.reading import plain_text

_KILLED = """
import os, pathlib, signal, sys
from tests.drafts.world import World
left = int(sys.argv[3])
replace = pathlib.Path.replace

def counted(self, target):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return replace(self, target)

pathlib.Path.replace = counted
World(pathlib.Path(sys.argv[1]), sys.argv[2], 0, sys.argv[4:]).build()
"""
"""Builds, and is killed right before so many a file is put in its place."""
NOW = "2025-09-17T12:00:00+00:00"


class _Silent:
    def start(self, steps) -> None:
        """Hear what is going to be made."""

    def made(self, made) -> None:
        """Hear of one document."""


class World:
    """A campaign's folder with some recipients, and what a person saved last of each draft that is edited."""

    def __init__(self, folder: Path, letter: str, seed: int, recipients: list[str]) -> None:
        self.folder = folder
        self.letter = letter
        self.recipients = recipients
        self.chance = random.Random(seed)  # noqa: S311
        self.saved: dict[str, bytes] = {}
        self.typed: dict[str, list[str]] = {}
        self.changes = 0
        self.did: list[str] = []

    def load(self) -> Project:
        project, problems = load(self.folder / "campaign.toml", self.letter)
        assert project, problems
        return project.narrowed(self.recipients)

    def options(self, project: Project, media: tuple[str, ...] = (PDF, DOCX)) -> Options:
        options = make_options(project, None, media, [], 1)
        return options._replace(new_executor=InProcess, now=NOW)

    def path(self, identifier: str, medium: str = DOCX) -> Path:
        return path_of(self.folder / "out" / self.letter, identifier, medium)

    def build(self, media: tuple[str, ...] = (PDF, DOCX)) -> Report:
        project = self.load()
        return build(project, [], self.options(project, media), _Silent())

    def step(self, steps: tuple[str, ...]) -> None:
        """Do one thing by chance, and see that no draft that a person saved changed by it, byte for byte."""
        name = self.chance.choice(steps)
        self.did.append(name)
        getattr(self, name)()
        for identifier, content in self.saved.items():
            assert self.path(identifier).read_bytes() == content, (identifier, self.did)

    def edit(self) -> None:
        identifier = self.chance.choice(self.recipients)
        if not self.path(identifier).exists():
            return
        editor = Editor(self.path(identifier).read_bytes(), self.chance.randrange(10**6))
        self.did += editor.edit(self.chance.randint(1, 3))
        self._save(identifier, editor.to_bytes(), editor.typed)

    def _save(self, identifier: str, content: bytes, typed: list[str]) -> None:
        self.path(identifier).write_bytes(content)
        self.saved[identifier] = content
        there = said(content)
        numbers = [*self.typed.get(identifier, []), *(each.rpartition(" ")[2] for each in typed)]
        self.typed[identifier] = [number for number in numbers if number in there]

    def track(self) -> None:
        """Type with changes tracked."""
        identifier = self.chance.choice(self.recipients)
        if not self.path(identifier).exists():
            return
        editor = Editor(self.path(identifier).read_bytes(), self.chance.randrange(10**6))
        first, _ = editor._halves()
        word = editor.word()
        first.addnext(tracked("ins", "[Partner]", word))
        self._save(identifier, editor.to_bytes(), [word])

    def settle(self) -> None:
        """Accept or reject all changes in Word."""
        for identifier in list(self.saved):
            parts = read_package(self.saved[identifier])
            how = self.chance.choice((revisions.accept, revisions.reject))
            for name in (DOCUMENT, FOOTNOTES):
                root = parse(parts[name])
                how(root)
                parts[name] = serialize(root)
            self._save(identifier, write_package(parts), [])

    def save_again(self) -> None:
        """Save a draft in Word without a change of words."""
        identifier = self.chance.choice(self.recipients)
        if not self.path(identifier).exists():
            return
        parts = read_package(self.path(identifier).read_bytes())
        root = parse(parts[DOCUMENT])
        for change in self.chance.sample(word_writes.SAVING, 3):
            change(root)
        content = write_package({**parts, DOCUMENT: serialize(root)})
        self.path(identifier).write_bytes(content)
        if identifier in self.saved:
            self.saved[identifier] = content

    def save_in_libreoffice(self) -> None:
        identifier = self.chance.choice(self.recipients)
        if not self.path(identifier).exists():
            return
        with tempfile.TemporaryDirectory() as folder:
            source = shutil.copy(self.path(identifier), folder)
            out = Path(folder, "saved")
            profile = f"-env:UserInstallation=file://{folder}/profile"
            command = ["soffice", profile, "--headless", "--convert-to", "docx", "--outdir", str(out), source]
            subprocess.run(command, check=True, capture_output=True, timeout=180)
            content = (out / self.path(identifier).name).read_bytes()
        self.path(identifier).write_bytes(content)
        if identifier in self.saved:
            self.saved[identifier] = content

    def change_letter(self) -> None:
        self.changes += 1
        path = self.folder / "templates" / f"{self.letter}.md"
        text = path.read_text("utf-8")
        first, blank, rest = text.partition("\n\n[^")
        path.write_text(f"{first}\n\nSentence {self.changes} was added.\n{blank}{rest}", "utf-8")

    def build_drafts(self) -> None:
        self.build((DOCX,))

    def build_killed(self) -> None:
        number = str(self.chance.randint(1, 4))
        command = [sys.executable, "-c", _KILLED, str(self.folder), self.letter, number, *self.recipients]
        subprocess.run(command, check=False, cwd=ROOT, timeout=300)

    def merge(self) -> None:
        """Merge every conflict; the person's words must all be there, whoever's changes are taken in."""
        project = self.load()
        out = self.folder / "out" / self.letter
        with Ledger(out / "ledger.sqlite") as ledger:
            desk = EditedDrafts(project, ledger, out, NOW)
            for draft in desk.drafts():
                if not draft.conflict or any("tracked" in point.kind for point in draft.verdict.open_points):
                    continue
                kept = desk.merge(draft)
                assert kept.read_bytes() == self.saved[draft.id]
                self.saved[draft.id] = draft.path.read_bytes()
                there = said(self.saved[draft.id])
                assert [each for each in self.typed[draft.id] if each not in there] == [], (draft.id, self.did)

    def finish(self) -> None:
        """Build to the end, and see that every letter is what it should be."""
        report = self.build()
        assert report.failures == [], self.did
        assert report.stuck == {}, self.did
        project = self.load()
        for letter in project.letters:
            identifier = letter.recipient.id
            if identifier in self.saved:
                assert self.path(identifier).read_bytes() == self.saved[identifier], self.did
            printed = words_of(self.path(identifier, PDF))
            for each in self.typed.get(identifier, []):
                assert squeezed(each) in printed, (identifier, each, self.did)
            if identifier not in report.drafts:
                drafted = said(self.path(identifier).read_bytes())
                for number in range(1, self.changes + 1):
                    sentence = f"Sentence {number} was added."
                    assert sentence in drafted, (identifier, self.did)
                    assert squeezed(sentence) in printed, (identifier, self.did)
        again = self.build()
        assert again.made == [], self.did


def said(content: bytes) -> str:
    return " ".join(read(open_docx(content)).texts)


def words_of(pdf: Path) -> str:
    return squeezed(plain_text(pdf))


def squeezed(text: str) -> str:
    """Take all white space away: where lines break is not the point here."""
    return "".join(text.split())
