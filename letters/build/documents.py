"""The records that a build and its workers exchange: the setup, a job, a rendered document."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from letters.formats.files import sha256
from letters.formats.ooxml import Filling
from letters.model.records import DocumentTemplate, Values


def lists_pages(template: DocumentTemplate) -> bool:
    """Return whether a letter or an enclosure has contents, so that its DOCX needs the pages of the PDF."""
    return any('<nav class="contents">' in part.html for part in template.parts)


class RenderSetup(NamedTuple):
    """All that a worker needs besides the values of a letter: the template, and where its files are."""

    digest: str
    """The hash of the template and its looks, by which a worker knows the setup."""
    template: DocumentTemplate
    folder: Path
    templates: Path
    date: datetime.date
    plain: bool = False
    """Whether every letter is left to docxtpl and WeasyPrint alone."""
    cache: Path | None = None
    """A folder for what workers and later builds may share; safe to delete."""
    out: Path | None = None
    """The output folder of the letter, where workers that share the disk write; None has every content sent back."""
    run: int = 0
    """The number of the process that runs the build, for the names of temporary files."""


class RenderJob(NamedTuple):
    """One letter to be rendered, in one medium or both."""

    id: str
    media: tuple[str, ...]
    values: Mapping[str, object]
    """What it is rendered with, besides what is the same for all letters."""
    notes: tuple[Values, ...]
    prove: bool = False
    """Whether to make it the plain way, too, and compare."""
    archive: bool = False
    """Whether its PDF is to be one for the archive (PDF/A-3a)."""


class RenderedDocument(NamedTuple):
    """One finished document, or why there is none."""

    id: str
    medium: str
    content: bytes = b""
    """Empty where the document is in a temporary file."""
    pages: int = 0
    """Of a PDF; a DOCX has no fixed number."""
    failure: str = ""
    sha256: str = ""
    filling: Filling | None = None
    """What a DOCX was spliced from, where it was."""
    differences: tuple[str, ...] = ()
    """How it was unlike what the plain way makes, in whose place it then is not."""
    part: Path | None = None
    """The temporary file that a worker wrote."""
    skeleton: Path | None = None
    """The temporary file with the text of the filling's skeleton, where it is told for the first time."""
    fallback: str = ""
    """Why an engine left it to the plain way; empty where none did."""
    unexpected: bool = False
    """Whether that was a fault of the engine, and not a letter that it is not made for."""
    not_accessible: tuple[str, ...] = ()
    """Why a PDF does not say that it is PDF/UA."""
    other_fonts: tuple[str, ...] = ()
    """The fonts for which LibreOffice took others."""
    not_archival: tuple[str, ...] = ()
    """Why a PDF that was to be one for the archive is none."""


def for_archive(document: RenderedDocument) -> RenderedDocument:
    """Return a rendered PDF as one for the archive; as it was, with the reasons, where it cannot be one."""
    from letters.formats.pdf_archive import archived

    if document.failure:
        return document
    made = archived(document.content)
    return document._replace(content=made.content, sha256=sha256(made.content), not_archival=made.failures)
