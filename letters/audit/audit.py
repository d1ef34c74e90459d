"""The story of an audit: what each letter was meant to say, each finished file read, all findings gathered.

Nothing is believed but the letter, the list and the files themselves; the ledger tells only which drafts were edited.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from html import unescape
from pathlib import Path

from letters.audit.docx_file import audit_docx
from letters.audit.expected import PartWords, part_words, squeezed
from letters.audit.findings import Audited, Finding
from letters.audit.pdf_file import CampaignLook, audit_pdf
from letters.build.build import plan_build
from letters.campaign.ledger import Ledger, path_of
from letters.campaign.load import Project
from letters.drafts.box import Draft
from letters.drafts.pdfs import pages_of_draft
from letters.formats import jinja
from letters.model.records import DOCX, PDF, MergedLetter, Status

_QUOTED = re.compile(r'"([^"\n\\]{2,})"')
_MARKUP = re.compile(r"<[^>]*>")
_CHUNK = 8
"""Letters that a worker is given at a time."""
_FEWEST = 8
"""Letters that make it worth while to compare where their lines begin."""
_SHIFT = 1.5
"""Points by which a line may begin elsewhere than others do."""


@dataclass(slots=True)
class AuditReport:
    """The outcome of an audit."""

    letters: int = 0
    files: int = 0
    pages: int = 0
    findings: list[Finding] = field(default_factory=list)
    not_checked: dict[str, str] = field(default_factory=dict)
    """Why the words of a file were not compared, by its path."""


@dataclass(frozen=True, slots=True)
class _Job:
    """A letter to be audited; it is sent to a worker."""

    id: str
    pages: tuple[str, ...]
    """The HTML of each part, filled."""
    title: str
    pdf: Path
    literal: str
    """What an edited draft says itself; empty for other letters, whose template tells that."""
    docx: Path | None
    """None where a person has edited it: its words are theirs."""


def audit(
    project: Project, out: Path, executor: Executor, *, only: Sequence[str] = (), with_pdf_ua: bool = False
) -> AuditReport:
    """Audit the finished letters of a project in its output folder, or some of them by id."""
    chosen = project.narrowed(only) if only else project
    report = AuditReport(letters=len(chosen.letters))
    jobs = list(_jobs(chosen, out, report))
    literal = "".join(_literal(part.html) for part in project.template.parts)
    look = CampaignLook(_style_words(project), project.campaign.status is not Status.DRAFT, with_pdf_ua, literal)
    chunks = [jobs[start : start + _CHUNK] for start in range(0, len(jobs), _CHUNK)]
    audited: list[Audited] = []
    for future in [executor.submit(_audit_all, chunk, look) for chunk in chunks]:
        audited += future.result()
    for each in audited:
        report.files += 1
        report.pages += each.pages
        report.findings += each.findings
        if each.not_checked:
            report.not_checked[f"{each.medium}/{each.id}.{each.medium}"] = each.not_checked
    report.findings += _shifted(audited)
    report.findings.sort(key=lambda finding: (finding.id, finding.medium, finding.page))
    return report


def _jobs(project: Project, out: Path, report: AuditReport) -> Iterator[_Job]:
    """Yield the letters that have files, and put those without or with old ones on the report."""
    with Ledger(out / "ledger.sqlite") as ledger:
        media = [medium for medium in (PDF, DOCX) if (out / medium).is_dir()] or [PDF]
        plan = plan_build(project, ledger, out, media)
    late = {(step.letter.recipient.id, step.medium): step.why for step in plan.steps}
    environment = jinja.environment()
    templates = [environment.from_string(part.html) for part in project.template.parts]
    for letter in project.letters:
        identifier = letter.recipient.id
        for medium in media:
            if why := late.get((identifier, medium)):
                what = f"it is not what the letter and the list say now ({why}): letters build"
                report.findings.append(Finding(identifier, medium, "not current", what))
        draft = plan.drafts.get(identifier)
        pages = (
            pages_of_draft(project, letter, draft)
            if draft is not None
            else tuple(
                template.render({**letter.context, "note": numbers})
                for template, numbers in zip(templates, letter.notes, strict=True)
            )
        )
        yield _job(letter, pages, out, draft)


def _job(letter: MergedLetter, pages: tuple[str, ...], out: Path, draft: Draft | None) -> _Job:
    identifier = letter.recipient.id
    title = re.search(r"<title>(.*?)</title>", pages[0], re.DOTALL) if pages else None
    docx = path_of(out, identifier, DOCX)
    return _Job(
        id=identifier,
        pages=pages,
        title=" ".join(unescape(title[1]).split()) if title else "",
        pdf=path_of(out, identifier, PDF),
        literal="" if draft is None else "".join(_literal(page) for page in pages),
        docx=docx if draft is None and docx.is_file() else None,
    )


def _audit_all(jobs: Sequence[_Job], look: CampaignLook) -> list[Audited]:
    return [audited for job in jobs for audited in _audit(job, look)]


def _audit(job: _Job, look: CampaignLook) -> Iterator[Audited]:
    parts: list[PartWords] = [part_words(page) for page in job.pages]
    if job.pdf.is_file():
        own = replace(look, literal=job.literal) if job.literal else look
        yield audit_pdf(job.id, job.pdf.read_bytes(), parts, job.title, own)
    if job.docx is not None:
        yield audit_docx(job.id, job.docx.read_bytes(), parts)


def _literal(page: str) -> str:
    """Return the words of a page of HTML, squeezed; what it has of Jinja stays."""
    return squeezed(unescape(_MARKUP.sub("", page)))


def _style_words(project: Project) -> tuple[str, ...]:
    """Return the words that the style sheets may put into running heads."""
    sheets = (content.decode("utf-8", "replace") for name, content in project.resources if name.endswith(".css"))
    return tuple(dict.fromkeys(word for sheet in sheets for word in _QUOTED.findall(sheet)))


def _shifted(audited: Sequence[Audited]) -> Iterator[Finding]:
    """Yield the lines of a letter that begin where no line of any other letter does."""
    letters = [each for each in audited if each.medium == PDF]
    if len(letters) < _FEWEST:
        return
    known: Counter[int] = Counter()
    for letter in letters:
        known.update({round(edge) for edge, _, _ in letter.edges})
    for letter in letters:
        for edge, page, box in letter.edges:
            near = sum(known[round(edge) + step] for step in (-1, 0, 1))
            own = len({round(other) for other, _, _ in letter.edges if abs(other - edge) <= _SHIFT})
            if near <= own:
                what = f"a line begins {edge:.1f} points from the left, where no line of another letter does"
                yield Finding(letter.id, PDF, "margins", what, page, box)
