"""Sets what goes around the letters as PDF, a batch at a time: memory stays flat, and the time for a page the same."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from letters.campaign.load import Project
from letters.mail.assemble import Assembler, PrintFileInfo, PrintSide

_Thing = TypeVar("_Thing")
PAGES, SHEETS = 100, 10
"""Envelopes, and sheets of labels, in a batch: WeasyPrint takes more than twice as long for twice as many."""


def batches(things: Sequence[_Thing], first: int, others: int) -> Iterator[Sequence[_Thing]]:
    """Split things into a first batch of one size and others of another; there is always one, maybe empty."""
    yield things[:first]
    for start in range(first, len(things), others):
        yield things[start : start + others]


def set_pages(project: Project, pages: Sequence[str], title: str) -> bytes:
    """Set batches of HTML as one tagged PDF, each with a bookmark, that printers are asked not to scale."""
    import pikepdf

    from letters.render.pdf.plain import render_page

    out = io.BytesIO()
    assembler = Assembler(out, replace(about_print_files(project, duplex=False), title=title))
    for batch, html in enumerate(pages, start=1):
        content = render_page(html, project.templates, project.campaign.date).content
        with pikepdf.open(io.BytesIO(content)) as pdf:
            sides = [PrintSide(str(assembler.sides + number + 1), number) for number in range(len(pdf.pages))]
            assembler.add(pdf, sides, f"{title}, from page {assembler.sides + 1}", f"{batch}.")
    assembler.finish()
    return out.getvalue()


def about_print_files(project: Project, *, duplex: bool) -> PrintFileInfo:
    """Return the metadata of the print files of a campaign."""
    campaign = project.campaign
    return PrintFileInfo(
        title=project.template.parts[0].title,
        author="; ".join(organization.name for organization in campaign.organizations),
        language=campaign.language,
        moment=f"{campaign.date.isoformat()}T00:00:00Z",
        duplex=duplex,
    )
