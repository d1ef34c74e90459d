"""Renders the PDFs that look as in Word: of letters, of their copies, and of drafts that somebody edited."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from html import unescape

from letters.build.jobs import RenderedDocument, for_archive
from letters.build.plan import Step
from letters.campaign.load import Project
from letters.drafts.as_word import DocxSource, make_pdfs, opened_draft
from letters.drafts.box import DraftPdf
from letters.formats.files import sha256
from letters.model.records import PDF, MergedLetter

_AT_ONCE = 16
"""Letters that one run of LibreOffice for each process makes: few enough that progress shows."""
_COPY_LINE = re.compile(r'<p class="copy-line">(.*?)</p>')

RenderDocx = Callable[[Sequence[MergedLetter]], Iterable[RenderedDocument]]


def render_as_word(
    project: Project, steps: Sequence[Step], docx_of: RenderDocx, processes: int
) -> Iterator[list[RenderedDocument]]:
    """Render PDFs with LibreOffice, some at a time; a failure is a result like any other.

    `docx_of` renders the DOCX of letters, in memory: whether such files are to be made, and where, is another matter.
    Raises CannotGoOn where LibreOffice is not installed.
    """
    pages: dict[str, str] = {}
    for start in range(0, len(steps), _AT_ONCE):
        chunk = steps[start : start + _AT_ONCE]
        sources = _sources(project, chunk, docx_of)
        letters = [each for each in sources if isinstance(each, DocxSource)]
        # Those without a DOCX are failures already; the others come back in their order.
        made = iter(make_pdfs(project, letters, processes, pages))
        pdfs = [next(made) if isinstance(each, DocxSource) else DraftPdf(failure=each) for each in sources]
        yield [draft_document(step, pdf) for step, pdf in zip(chunk, pdfs, strict=True)]


def _sources(project: Project, steps: Sequence[Step], docx_of: RenderDocx) -> list[DocxSource | str]:
    """Return the DOCX of each step, or why there is none: the edited draft, or what is made for that recipient now."""
    made = {document.id: document for document in docx_of([step.letter for step in steps if step.draft is None])}
    # The line at the top of copies is put in when LibreOffice has set the letter: it stands in no DOCX.
    line = _COPY_LINE.search(project.template.parts[0].html)
    printed = len(project.template.parts) if line else 0
    found: list[DocxSource | str] = []
    for step in steps:
        if step.draft is not None:
            source = opened_draft(step.draft)
        elif why := made[step.letter.recipient.id].failure:
            source = why
        else:
            source = DocxSource(made[step.letter.recipient.id].content)
        if isinstance(source, DocxSource) and line:
            source = source._replace(copy_line=unescape(line[1]), printed=printed)
        found.append(source)
    return found


def draft_document(step: Step, pdf: DraftPdf) -> RenderedDocument:
    """Return what became of a step whose PDF was made of a DOCX."""
    digest = "" if pdf.failure else sha256(pdf.content)
    document = RenderedDocument(
        step.letter.recipient.id,
        PDF,
        pdf.content,
        pdf.pages,
        pdf.failure,
        digest,
        not_accessible=pdf.not_accessible,
        other_fonts=pdf.other_fonts,
    )
    return for_archive(document) if step.archive else document
