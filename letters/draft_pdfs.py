"""Makes the PDFs of edited drafts: on our letterhead, or as LibreOffice shows them."""

from __future__ import annotations

import datetime
import io
from dataclasses import dataclass

from letters import jinja, words
from letters.compile import html
from letters.compile.contents import with_contents
from letters.compile.settle import Settled
from letters.drafting import around
from letters.drafts.opening import Refused, open_docx
from letters.drafts.preparing import Unclear
from letters.drafts.printable import printable
from letters.drafts.reading import PartText, read_parts
from letters.drafts.text import read
from letters.files import sha256
from letters.jobs import RenderedDocument
from letters.model import PDF, MergedLetter, PartTemplate, Values
from letters.package import write_package
from letters.plan import Draft
from letters.problems import CannotGoOn, Exit
from letters.project import Project

_LETTER = '<body class="letter"'
"""How the body of a letter begins; the contents of an enclosure list the headings below its title."""


@dataclass(frozen=True, slots=True)
class _Pages:
    """The pages of an edited draft, ready to be set, with the numbers of their notes."""

    parts: tuple[PartTemplate, ...]
    notes: tuple[Values, ...]


def _pages(project: Project, draft: Draft) -> _Pages:
    """Put the words of a draft on our letterhead; raises Refused or Unclear where they cannot be read."""
    content = draft.path.read_bytes()
    if sha256(content) != draft.sha256:
        raise Unclear("it was saved while it was being read: build again")
    texts = read_parts(read(open_docx(content)), draft.parts)[: len(project.template.parts)]
    parts = tuple(
        _page(part, text, is_open=bool(draft.verdict.open_points))
        for part, text in zip(project.template.parts, texts, strict=True)
    )
    numbers = (Values({name: number for number, name in enumerate(text.notes, start=1)}) for text in texts)
    return _Pages(parts, tuple(numbers))


def make_pdf(project: Project, letter: MergedLetter, draft: Draft) -> RenderedDocument:
    """Make the PDF of an edited draft: its words, our letterhead; the DRAFT mark is on it while anything is open."""
    from letters.render.pdf import PdfRenderer

    try:
        pages = _pages(project, draft)
        roots = {"campaign": project.folder, "templates": project.templates}
        pdf = PdfRenderer(pages.parts, roots, project.campaign.date).render(letter.context, pages.notes)
    except (Refused, Unclear) as error:
        return RenderedDocument(draft.id, PDF, failure=f"{draft.path.name}: {error}; or make it with --as-word")
    except CannotGoOn as error:
        if error.code is Exit.MISSING_ON_MACHINE:
            raise
        return RenderedDocument(draft.id, PDF, failure=f"{draft.path.name}: {error}")
    except Exception as error:  # noqa: BLE001 - one failing letter never stops the others; it is reported
        return RenderedDocument(draft.id, PDF, failure=f"{draft.path.name}: {error}")
    return RenderedDocument(draft.id, PDF, pdf.content, pdf.pages, sha256=sha256(pdf.content))


def make_pdf_as_word(project: Project, draft: Draft) -> RenderedDocument:
    """Make the PDF of an edited draft as it looks in Word, by LibreOffice; of a draft in which nothing is open."""
    from letters import libreoffice

    libreoffice.program()
    if draft.verdict.open_points:
        what = f"{draft.path.name}: something is still open in it: letters draft check {draft.id}"
        return RenderedDocument(draft.id, PDF, failure=what)
    content = draft.path.read_bytes()
    if sha256(content) != draft.sha256:
        return RenderedDocument(
            draft.id, PDF, failure=f"{draft.path.name} was saved while it was being read: build again"
        )
    try:
        made = libreoffice.to_pdf(write_package(printable(open_docx(content))))
    except CannotGoOn as error:
        return RenderedDocument(draft.id, PDF, failure=f"{draft.path.name}: {error}")
    dated, pages = _dated(made, project.campaign.date)
    return RenderedDocument(draft.id, PDF, dated, pages, sha256=sha256(dated))


def _dated(content: bytes, date: datetime.date) -> tuple[bytes, int]:
    """Put the letter's date in the place of the clock's, and count the pages."""
    import pikepdf

    with pikepdf.open(io.BytesIO(content)) as pdf:
        with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as about:
            for key in ("xmp:CreateDate", "xmp:ModifyDate", "xmp:MetadataDate"):
                if key in about:
                    about[key] = date.isoformat()
        for key in ("/CreationDate", "/ModDate"):
            if key in pdf.docinfo:
                pdf.docinfo[key] = f"D:{date:%Y%m%d}"
        out = io.BytesIO()
        pdf.save(out, deterministic_id=True)
        return out.getvalue(), len(pdf.pages)


def words_of_draft(project: Project, letter: MergedLetter, draft: Draft) -> tuple[str, ...]:
    """List the paragraphs that the PDF of an edited draft says; none where the draft cannot be read."""
    try:
        pages = _pages(project, draft)
    except (Refused, Unclear):
        return ()
    environment = jinja.environment()
    said = (
        words.of_page(environment.from_string(part.html).render({**letter.context, "note": numbers}))
        for part, numbers in zip(pages.parts, pages.notes, strict=True)
    )
    return tuple(paragraph for page in said for paragraph in page)


def _page(part: PartTemplate, text: PartText, *, is_open: bool) -> PartTemplate:
    before, after = around(part)
    settled = Settled(text.blocks, (), text.notes)
    if text.has_contents:
        settled = with_contents(settled, 1 if _LETTER in before else 2) or settled
    if is_open:
        before = before.replace('class="final"', 'class="draft"', 1)
    page = before + html.write_body(settled) + after
    return PartTemplate(name=part.name, title=part.title, probe="", html=page, fields=())
