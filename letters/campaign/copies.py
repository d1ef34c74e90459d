"""Makes copies of a letter: the same pages with a line that says so and for whom, with or without the enclosures."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace

from letters.campaign.load import Project
from letters.model.records import MergedLetter, PartTemplate, copy_id
from letters.model.settings import Copy

_BODY = re.compile(r"<body[^>]*>\n")
_STYLE_END = "</style>"
_STYLE = (
    ".copy-line { position: absolute; top: -0.27in; left: 0; right: 0; margin: 0; text-align: center; "
    'font: bold 9pt/11pt var(--font, "Charis SIL", "DejaVu Sans") } '
    ".enclosure .copy-line { top: calc(0.23in - var(--margin-top, 1.25in)) }"
)
"""Puts the line into the margin, 0.23 inches below the edge of the sheet, so that no other line of the letter moves."""


def copy_projects(project: Project) -> Iterator[Project]:
    """Yield for each copy of the campaign the project that makes that copy of every letter."""
    for number, copy in enumerate(project.campaign.copies, start=1):
        parts = project.template.parts if copy.enclosures else project.template.parts[:1]
        template = project.template._replace(parts=tuple(_marked(part, copy, project) for part in parts))
        letters = tuple(_copied(letter, number, len(parts)) for letter in project.letters)
        yield project._replace(template=template, letters=letters)


def copy_line(copy: Copy, *, enclosures: bool) -> str:
    """Return the line at the top of a copy; `enclosures` is whether the letter has any."""
    words = "COPY FOR THE FILE" if copy.file else "COPY"
    terms = ("with enclosures" if copy.enclosures else "without enclosures") if enclosures else ""
    return " · ".join(filter(None, (words, copy.name, terms)))


def _marked(part: PartTemplate, copy: Copy, project: Project) -> PartTemplate:
    from letters.compile.html import escape_text

    line = copy_line(copy, enclosures=len(project.template.parts) > 1)
    page = part.html.replace(_STYLE_END, _STYLE + _STYLE_END, 1)
    marked = _BODY.sub(lambda body: f'{body[0]}<p class="copy-line">{escape_text(line)}</p>\n', page, count=1)
    return part._replace(html=marked)


def _copied(letter: MergedLetter, number: int, parts: int) -> MergedLetter:
    recipient = replace(letter.recipient, id=copy_id(letter.recipient.id, number))
    digest = hashlib.sha256(f"copy {letter.digest}".encode()).hexdigest()
    return replace(letter, recipient=recipient, notes=letter.notes[:parts], digest=digest)
