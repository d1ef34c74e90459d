"""The story of edited drafts: find them, judge them, make their PDFs, merge them with what changed since."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Template

from letters import jinja
from letters.copies import original_of
from letters.files import sha256
from letters.ledger import Entry, Ledger
from letters.model import DOCX, PDF, MergedLetter, OpenPoint, PartTemplate, Verdict
from letters.package import read_package
from letters.plan import Draft, is_touched
from letters.project import Project
from letters.read.placeholders import in_text

if TYPE_CHECKING:
    from letters.drafts.text import Document

KEPT, REDLINES = "kept", "redlines"
"""Folders beside the drafts: files that were set aside, and files that show changes."""
_NOT_DRAFTS = frozenset((PDF, KEPT, REDLINES, "mail", "preview", "post"))
_NOT_KEPT = ("word/fonts/", "word/media/")
"""Parts of a draft that are the same in all and hold no words."""
_BEFORE, _AFTER = "<main>\n", "</main>"
"""Where the body stands in a page."""


@dataclass(slots=True)
class DraftBox:
    """The drafts of a project's letter in its output folder, as they are looked at while a build is planned."""

    project: Project
    ledger: Ledger
    out: Path
    _renderer: Any = None
    _frames: list[Template] = field(default_factory=list)
    """The pages without their bodies."""

    def strays(self) -> Mapping[str, Sequence[Path]]:
        """Find changed drafts that are not under their own names, by the id inside the file."""
        found: dict[str, list[Path]] = {}
        if not self.out.is_dir():
            return found
        ids = {recipient.id for recipient in self.project.recipients}
        entries = self.ledger.entries(DOCX)
        for path in sorted(self.out.rglob("*.docx")):
            inner = path.relative_to(self.out).parts
            own_place = inner[0] == DOCX and len(inner) == 2
            if own_place and (path.stem in ids or not is_touched(path, entries.get(path.stem))):
                continue
            if inner[0] in _NOT_DRAFTS or path.name.startswith(("~$", ".")):
                continue
            content = path.read_bytes()
            if self.ledger.was_written(DOCX, sha256(content)):
                continue
            if (identifier := _identifier(content, path.stem, self.project.template.name, ids)) in ids:
                found.setdefault(identifier, []).append(path)
        return found

    def look(self, letter: MergedLetter, path: Path, entry: Entry | None, why: str) -> Draft:
        """Look at a changed draft; answers are remembered, since the same files give the same answer."""
        content = path.read_bytes()
        digest = sha256(content)
        base = entry.sha256 if entry else f"{self._sources()} {letter.digest}"
        question = f"verdict 1 {digest} {base}"
        if answer := self.ledger.remembered(question):
            verdict = _verdict(answer)
        else:
            from letters.drafts.verdict import judge

            verdict = judge(content, self.base(letter, entry), in_text)
            self.ledger.remember(question, _answer(verdict))
        edited = not verdict.same_words and not verdict.refused
        return Draft(
            id=letter.recipient.id,
            path=path,
            sha256=digest,
            verdict=verdict,
            conflict=self._conflict(letter, entry, why) if edited and entry and why else "",
            parts=len(self.project.template.parts),
            used=self._used(letter, digest),
        )

    def original(self, copy: MergedLetter) -> str:
        """Tell whose letter a copy is of, by id."""
        return original_of(copy.recipient.id)

    def for_copy(self, copy: MergedLetter, draft: Draft) -> Draft:
        """Tell what a copy of an edited letter is made from."""
        return draft._replace(id=copy.recipient.id, used=self._used(copy, draft.sha256))

    def base(self, letter: MergedLetter, entry: Entry | None) -> Document:
        """Return the document that a person began to edit: as it was kept, or where it was not, as it is made now."""
        from letters.drafts.text import read

        parts = self.ledger.base(entry.sha256) if entry else {}
        return read(parts) if parts else self.generated(letter)

    def generated(self, letter: MergedLetter) -> Document:
        """Make the draft that the letter and the list say today."""
        from letters.drafts.text import read

        return read(read_package(self.docx(letter)))

    def docx(self, letter: MergedLetter) -> bytes:
        """Make the DOCX that the letter and the list say today."""
        from letters.render.word.plain import DocxRenderer

        if self._renderer is None:
            self._renderer = DocxRenderer(self.project.template.word)
        content: bytes = self._renderer.render(letter.context, letter.notes)
        return content

    def _conflict(self, letter: MergedLetter, entry: Entry, why: str) -> str:
        """Tell whether what changed since the edit changes any word of this letter."""
        question = f"conflict 1 {entry.sha256} {self._sources()} {letter.digest}"
        answer = self.ledger.remembered(question)
        if not answer:
            same = self.base(letter, entry).fingerprint() == self.generated(letter).fingerprint()
            answer = "same" if same else "other"
            self.ledger.remember(question, answer)
        return why if answer == "other" else ""

    def _sources(self) -> str:
        return hashlib.sha256(self.project.template.word).hexdigest()

    def _used(self, letter: MergedLetter, digest: str) -> str:
        if not self._frames:
            environment = jinja.environment()
            self._frames = [environment.from_string("".join(around(part))) for part in self.project.template.parts]
        pages = [frame.render(letter.context) for frame in self._frames]
        return sha256("\0".join([digest, *pages]).encode())

    def template(self) -> str:
        """Hash the looks of the PDF; the words are the draft's."""
        hashed = hashlib.sha256()
        for name, content in self.project.resources:
            hashed.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
        return f"draft {hashed.hexdigest()}"


def _identifier(content: bytes, stem: str, letter: str, ids: Collection[str]) -> str:
    """Tell whose draft of this letter a file is; empty where it is none.

    A file that has lost the id inside it is known by a name that begins with one, such as "taylor-police (2)".
    """
    from letters.drafts.opening import Refused, open_docx
    from letters.drafts.verdict import core_property

    try:
        named = core_property(open_docx(content), "identifier")
    except Refused:
        return ""
    name, _, identifier = named.partition("/")
    if named:
        return identifier if name == letter else ""
    return max((each for each in ids if re.match(rf"{re.escape(each)}(?![\w-])", stem)), key=len, default="")


def _answer(verdict: Verdict) -> str:
    return json.dumps({**verdict._asdict(), "open_points": [point._asdict() for point in verdict.open_points]})


def _verdict(answer: str) -> Verdict:
    values = json.loads(answer)
    points = tuple(OpenPoint(**point) for point in values.pop("open_points"))
    return Verdict(**{**values, "open_points": points, "losses": tuple(values["losses"])})


def around(part: PartTemplate) -> tuple[str, str]:
    """Cut the body out of a page; what is left is the letterhead, the title and the looks."""
    start, end = part.html.index(_BEFORE) + len(_BEFORE), part.html.rindex(_AFTER)
    return part.html[:start], part.html[end:]


def parts_to_keep(content: bytes) -> dict[str, bytes]:
    """Choose the parts of a DOCX that are kept, so that later edits can be told from what we wrote."""
    return {name: part for name, part in read_package(content).items() if not name.startswith(_NOT_KEPT)}
