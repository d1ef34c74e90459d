"""Makes the PDFs of edited drafts: on our letterhead, or by LibreOffice, as they look in Word."""

from __future__ import annotations

from dataclasses import dataclass

from letters.campaign.load import Project
from letters.compile import html
from letters.compile.ending import keep_end
from letters.compile.settle import Settled, with_contents
from letters.drafts.box import Draft, DraftPdf, around
from letters.formats import jinja, text_diff
from letters.formats.deadline import TooSlowError, limited
from letters.formats.docx.normalize import Unclear
from letters.formats.docx.opening import Refused, open_docx
from letters.formats.docx.reading import PartText, read_parts
from letters.formats.docx.text import read
from letters.formats.files import read_up_to, sha256
from letters.model.problems import CannotGoOn, Exit
from letters.model.records import MergedLetter, PartTemplate, Values
from letters.read.resources import missing_characters

_MOST_SECONDS = 15
"""Of computing for the PDF of one draft."""
_LETTER = '<body class="letter"'
"""Start tag of the body of a letter; the contents of an enclosure begin below the heading that is its title."""


@dataclass(frozen=True, slots=True)
class _Pages:
    """The pages of an edited draft as templates, with the numbers of their notes."""

    parts: tuple[PartTemplate, ...]
    notes: tuple[Values, ...]


def _pages(project: Project, draft: Draft) -> _Pages:
    """Return the words of a draft on our letterhead; raises Refused or Unclear where they cannot be read."""
    content = read_up_to(draft.path)
    if sha256(content) != draft.sha256:
        raise Unclear("it was saved while it was being read: build again")
    # The copy of a letter may be without enclosures, which the draft has.
    texts = read_parts(read(open_docx(content)), draft.parts)[: len(project.template.parts)]
    parts = tuple(
        _page(part, text, is_open=bool(draft.verdict.open_points))
        for part, text in zip(project.template.parts, texts, strict=True)
    )
    numbers = (Values({name: number for number, name in enumerate(text.notes, start=1)}) for text in texts)
    return _Pages(parts, tuple(numbers))


def make_pdf(project: Project, letter: MergedLetter, draft: Draft) -> DraftPdf:
    """Return the PDF of an edited draft: its words on our letterhead, with the DRAFT mark while anything is open."""
    from letters.render.pdf.plain import PdfRenderer

    try:
        pages = _pages(project, draft)
        if missing := missing_characters("".join(part.html for part in pages.parts), project.templates / "fonts"):
            named = ", ".join(f'"{each}" (U+{ord(each):04X})' for each in sorted(missing))
            hint = "put one into templates/fonts/, write it without, or make it with --as-word"
            return DraftPdf(failure=f"{draft.path.name}: no font has {named}: {hint}")
        roots = {"campaign": project.folder, "templates": project.templates}
        with limited(_MOST_SECONDS):
            pdf = PdfRenderer(pages.parts, roots, project.campaign.date).render(letter.context, pages.notes)
    except TooSlowError as error:
        return DraftPdf(failure=f"{draft.path.name}: {error}")
    except (Refused, Unclear) as error:
        return DraftPdf(failure=f"{draft.path.name}: {error}; or make it with --as-word")
    except CannotGoOn as error:
        if error.code is Exit.MISSING_ON_MACHINE:
            raise  # no other letter could be made, either
        return DraftPdf(failure=f"{draft.path.name}: {error}")
    except Exception as error:  # noqa: BLE001 - one failing letter never stops the others; it is reported
        return DraftPdf(failure=f"{draft.path.name}: {error}")
    return DraftPdf(pdf.content, pdf.pages, not_accessible=pdf.not_accessible)


def words_of_draft(project: Project, letter: MergedLetter, draft: Draft) -> tuple[str, ...]:
    """Return the paragraphs of the PDF of an edited draft as text; none if the draft cannot be read."""
    pages = pages_of_draft(project, letter, draft)
    return tuple(paragraph for page in pages for paragraph in text_diff.of_page(page))


def pages_of_draft(project: Project, letter: MergedLetter, draft: Draft) -> tuple[str, ...]:
    """Return the HTML of each part of an edited draft, filled; none if the draft cannot be read."""
    try:
        pages = _pages(project, draft)
    except (Refused, Unclear):
        return ()
    environment = jinja.environment()
    return tuple(
        environment.from_string(part.html).render({**letter.context, "note": numbers})
        for part, numbers in zip(pages.parts, pages.notes, strict=True)
    )


def _page(part: PartTemplate, text: PartText, *, is_open: bool) -> PartTemplate:
    """Return the page of one part with the words of the draft in place of the template's."""
    before, after = around(part)
    blocks = keep_end(text.blocks) if _LETTER in before else text.blocks
    settled = Settled(blocks, (), text.notes)
    if text.has_contents:  # Word's own has page numbers of Word; the PDF needs those of its pages
        settled = with_contents(settled, 1 if _LETTER in before else 2) or settled
    if is_open:  # the style sheet prints the DRAFT mark for this class
        before = before.replace('class="final"', 'class="draft"', 1)
    page = before + html.write_body(settled) + after
    return PartTemplate(name=part.name, title=part.title, probe="", html=page, fields=())
