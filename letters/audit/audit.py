"""The story of an audit: what each letter was meant to say, each finished file read, all findings reported.

Nothing is believed but the letter, the list and the files themselves; the ledger tells only which drafts were edited.
"""

from __future__ import annotations

import base64
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import unescape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from letters.audit.compare import Audited, Finding
from letters.audit.expected import PartWords, part_words, squeezed
from letters.audit.finished import CampaignLook, audit_docx, audit_pdf
from letters.build.build import CACHE, Options, made_anew, plans_of, variants
from letters.build.placing import is_as_made
from letters.build.plan import Plan, Step, digests_of, is_for_archive
from letters.campaign.ledger import LEDGER, Ledger, path_of
from letters.campaign.load import Project
from letters.drafts.box import Draft, DraftBox, pages_of_draft
from letters.formats import jinja, programs
from letters.formats.cache import Cache, program_hash
from letters.formats.files import sha256, sha256_of
from letters.formats.pdf_text import PdfText
from letters.mail.typeset import pages_in
from letters.model.records import DOCX, PDF, MergedLetter, copy_id, is_copy, original_of
from letters.model.settings import Status

# Strings of CSS: what "content" may put on a page. More than is printed may be among them, and does no harm.
_QUOTED = re.compile(r'"([^"\n\\]{2,})"')
_MARKUP = re.compile(r"<[^>]*>")
# Small enough that all cores are busy to the end; a letter takes 0.2 s to read.
_CHUNK = 8
"""Letters that a worker is given at a time."""
_DOTS, _MOST_PICTURES = 60, 40
"""Dots per inch of a page, and pages that are shown."""


@dataclass(slots=True)
class AuditReport:
    """The outcome of an audit."""

    ids: frozenset[str] = frozenset()
    """Of the letters and copies that were read."""
    files: int = 0
    pages: int = 0
    findings: list[Finding] = field(default_factory=list)
    not_checked: dict[str, str] = field(default_factory=dict)
    """Why the words of a file were not compared, by its path."""

    @property
    def letters(self) -> int:
        """How many letters and copies were read."""
        return len(self.ids)

    @property
    def passed(self) -> int:
        """In how many of them nothing was found; what is wrong with a mailing is no fault of a letter."""
        return len(self.ids - {finding.id for finding in self.findings if not finding.file.startswith("mail/")})


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
    anew: Mapping[str, Path] = field(default_factory=dict)
    """The documents as they would be made now, where they have other bytes, by medium."""


def audit(
    project: Project, options: Options, *, with_pdf_ua: bool = False, with_pdf_a: bool = False, again: bool = True
) -> AuditReport:
    """Audit the finished letters of a project and their copies, or some of them, as the options say.

    Without `again`, a file that passed as it is, and should still say the same, is not read once more; one that is as
    this program made it of what it should say is not made anew to be compared.
    """
    chosen = project.narrowed(options.only) if options.only else project
    report = AuditReport()
    with TemporaryDirectory(prefix="letters-audit-") as folder, Ledger(options.out / LEDGER) as ledger:
        # Who builds PDFs only is not told that each DOCX is missing.
        options = _as_there(chosen, options)
        plans = plans_of(chosen, ledger, options)
        # First the letters, then the first copy of each, and so on: each is a project with a template of its own.
        for (each, _), plan in zip(variants(chosen, options), plans, strict=True):
            # Drafts are found by the plan of the letters: a copy has no draft of its own.
            drafts = _drafts(each, plans[0], ledger, options)
            jobs = list(_jobs(each, plan, drafts, options, report))
            variant = _Variant(each, plan, drafts, options, Path(folder))
            # A letter may have the word "None"; only what a value has put there is left over from a program.
            literal = "".join(_literal(part.html) for part in each.template.parts)
            is_final = project.campaign.status is not Status.DRAFT
            look = CampaignLook(_style_words(each), is_final, with_pdf_ua, with_pdf_a, literal)
            _audit_variant(variant, jobs, report, look, again=again)
    report.findings.sort(key=lambda finding: (finding.id, finding.medium, finding.page))
    return report


def _as_there(project: Project, options: Options) -> Options:
    """Return the options for what is there: the media that were made, and whether any copy was."""
    # Where nothing was made at all, that the PDFs are missing is what there is to say.
    media = tuple(medium for medium in options.media if (options.out / medium).is_dir()) or (PDF,)
    numbers = range(1, len(project.campaign.copies) + 1)
    copies = any(
        path_of(options.out, copy_id(letter.recipient.id, number), PDF).is_file()
        for letter in project.letters
        for number in numbers
    )
    return options._replace(media=media, copies=copies)


@dataclass(frozen=True, slots=True)
class _Variant:
    """The letters of a project, or one copy of each of them, with what is needed to audit them."""

    project: Project
    plan: Plan
    drafts: Mapping[str, Draft]
    """The edited drafts that they are made of, by id."""
    options: Options
    folder: Path
    """For files that are needed for the moment."""


def _drafts(project: Project, originals: Plan, ledger: Ledger, options: Options) -> dict[str, Draft]:
    """Return the edited drafts by id; a copy is made of the draft of its letter."""
    box = DraftBox(project, ledger, options.out)
    found = {}
    for letter in project.letters:
        identifier = letter.recipient.id
        if draft := originals.drafts.get(original_of(identifier)):
            found[identifier] = box.for_copy(letter, draft) if is_copy(identifier) else draft
    return found


def _audit_variant(
    variant: _Variant, jobs: Sequence[_Job], report: AuditReport, look: CampaignLook, *, again: bool
) -> None:
    """Audit files that are there, and put what is found on the report."""
    options = variant.options
    passed = _Passed(options.out, look)
    known = {} if again else {job.id: pages for job in jobs if (pages := passed.look_up(job)) is not None}
    # What passed as it is need not be read again; the hash of file, words and program says that it is as it was.
    unread = [job for job in jobs if job.id not in known]
    anew = _made_anew(variant, unread if again else _not_as_made(variant, unread))
    unread = [replace(job, anew=anew.get(job.id, {})) for job in unread]
    chunks = [unread[start : start + _CHUNK] for start in range(0, len(unread), _CHUNK)]
    with options.new_executor() as executor:
        futures = [executor.submit(_audit_all, chunk, look) for chunk in chunks]
        audited = [each for future in futures for each in future.result()]
    found = [finding for each in audited for finding in each.findings]
    # Also those whose finding came before, such as one that is out of date: only what is sound is remembered.
    faulty = {finding.id for finding in (*found, *report.findings)}
    sound: dict[str, int] = {}
    for each in audited:
        report.files += 1
        report.pages += each.pages
        if each.not_checked:
            report.not_checked[f"{each.medium}/{each.id}.{each.medium}"] = each.not_checked
        # A DOCX that passed is in the key by its hash, beside the PDF that is posted.
        elif each.medium == PDF and each.id not in faulty:
            sound[each.id] = each.pages
    for job in unread:
        if job.id in sound:
            passed.keep(job, sound[job.id])
    report.files += len(known)
    report.pages += sum(known.values())
    report.findings += found


class _Passed:
    """Remembers which files passed as they are, so that a second look need not be as long as the first.

    An entry is found by the hash of the file and of all that it should say, and of this program.
    """

    def __init__(self, out: Path, look: CampaignLook) -> None:
        self._cache = Cache(out / CACHE)
        self._look = sha256(repr((program_hash(), look)).encode())

    def look_up(self, job: _Job) -> int | None:
        """Return how many pages a letter has that passed; None where it is not known."""
        found = self._cache.get(self._key(job))
        return None if found is None else int(found)

    def keep(self, job: _Job, pages: int) -> None:
        """Remember that a letter passed."""
        self._cache.put(self._key(job), str(pages).encode())

    def _key(self, job: _Job) -> str:
        docx = "" if job.docx is None else sha256_of(job.docx)
        said = repr((self._look, job.id, job.pages, job.title, job.literal))
        return f"audit {sha256_of(job.pdf)} {docx} {sha256(said.encode())}"


def _not_as_made(variant: _Variant, jobs: Sequence[_Job]) -> list[_Job]:
    """Return the letters whose PDF is not, byte for byte, what this program made of what they say now."""
    cache, digests = Cache(variant.options.out / CACHE), digests_of(variant.project, PDF)
    letters = {letter.recipient.id: letter for letter in variant.project.letters}
    return [
        job
        for job in jobs
        if job.id in variant.drafts or not is_as_made(cache, letters[job.id], PDF, digests, sha256_of(job.pdf))
    ]


def _made_anew(variant: _Variant, jobs: Sequence[_Job]) -> dict[str, dict[str, Path]]:
    """Make documents anew, and keep those that have other bytes than what is there.

    Returned is where these are, by id and medium.
    """
    # A document that is out of date would differ from one made anew, and is named for that already.
    late = {(step.letter.recipient.id, step.medium) for step in variant.plan.steps}
    there = {(job.id, PDF): job.pdf for job in jobs if job.pdf.is_file()}
    there |= {(job.id, DOCX): job.docx for job in jobs if job.docx is not None}
    # A PDF for the archive has an output intent and other metadata: it is compared with one made the same way.
    archived = {entry.id for entry in variant.plan.current if entry.medium == PDF and is_for_archive(entry)}
    steps = [
        Step(
            letter,
            medium,
            "audit",
            draft=variant.drafts.get(letter.recipient.id) if medium == PDF else None,
            archive=medium == PDF and letter.recipient.id in archived,
        )
        for medium in (PDF, DOCX)
        for letter in variant.project.letters
        if (letter.recipient.id, medium) in there.keys() - late
    ]
    anew: dict[str, dict[str, Path]] = {}
    # By the engines, as a build does: that these make what the plain way makes is what --prove is for.
    for made in made_anew(variant.project, steps, variant.options._replace(prove=0, plain=False, as_word=False)):
        if not made.failure and made.sha256 != sha256_of(there[made.id, made.medium]):
            # Files and not bytes: hundreds of letters would else be sent to the workers, and kept in memory meanwhile.
            path = variant.folder / f"{made.id}.{made.medium}"
            path.write_bytes(made.content)
            anew.setdefault(made.id, {})[made.medium] = path
    return anew


def _jobs(
    project: Project, plan: Plan, drafts: Mapping[str, Draft], options: Options, report: AuditReport
) -> Iterator[_Job]:
    """Yield the letters that have files, and put those without or with old ones on the report."""
    late = {(step.letter.recipient.id, step.medium): step.why for step in plan.steps}
    environment = jinja.environment()
    templates = [environment.from_string(part.html) for part in project.template.parts]
    for letter in project.letters:
        identifier = letter.recipient.id
        if is_copy(identifier) and not path_of(options.out, identifier, PDF).is_file():
            continue  # copies are made where somebody asks for them
        report.ids |= {identifier}
        for medium in options.media:
            if why := late.get((identifier, medium)):
                what = f"it is not what the letter and the list say now ({why}): letters build"
                report.findings.append(Finding(identifier, medium, "not current", what))
        if why := plan.stuck.get(identifier):
            report.findings.append(Finding(identifier, PDF, "not current", why))
        draft = drafts.get(identifier)
        pages = (
            pages_of_draft(project, letter, draft)
            if draft is not None
            else tuple(
                template.render({**letter.context, "note": numbers})
                for template, numbers in zip(templates, letter.notes, strict=True)
            )
        )
        yield _job(letter, pages, options, draft)


def _job(letter: MergedLetter, pages: tuple[str, ...], options: Options, draft: Draft | None) -> _Job:
    identifier = letter.recipient.id
    # The title that WeasyPrint takes over; white space in it is squeezed there, too.
    title = re.search(r"<title>(.*?)</title>", pages[0], re.DOTALL) if pages else None
    docx = path_of(options.out, identifier, DOCX)
    return _Job(
        id=identifier,
        pages=pages,
        title=" ".join(unescape(title[1]).split()) if title else "",
        pdf=path_of(options.out, identifier, PDF),
        literal="" if draft is None else "".join(_literal(page) for page in pages),
        docx=docx if draft is None and DOCX in options.media and docx.is_file() else None,
    )


def _audit_all(jobs: Sequence[_Job], look: CampaignLook) -> list[Audited]:
    return [audited for job in jobs for audited in _audit(job, look)]


def _audit(job: _Job, look: CampaignLook) -> Iterator[Audited]:
    parts: list[PartWords] = [part_words(page) for page in job.pages]
    if job.pdf.is_file():
        own = replace(look, literal=job.literal) if job.literal else look
        yield audit_pdf(job.id, job.pdf.read_bytes(), parts, job.title, own, _anew(job, PDF))
    if job.docx is not None:
        yield audit_docx(job.id, job.docx.read_bytes(), parts, _anew(job, DOCX))


def _anew(job: _Job, medium: str) -> bytes:
    return job.anew[medium].read_bytes() if medium in job.anew else b""


def _literal(page: str) -> str:
    """Return the words of a page of HTML, squeezed; what it has of Jinja stays."""
    return squeezed(unescape(_MARKUP.sub("", page)))


def _style_words(project: Project) -> tuple[str, ...]:
    """Return the words that the style sheets may put into running heads."""
    sheets = (content.decode("utf-8", "replace") for name, content in project.resources if name.endswith(".css"))
    return tuple(dict.fromkeys(word for sheet in sheets for word in _QUOTED.findall(sheet)))


def second_opinion(out: Path, ids: Sequence[str], standard: str) -> list[Finding]:
    """Return what veraPDF finds wrong with the PDFs of letters by a standard; nothing where it is not on the PATH.

    Raises CannotGoOn where it gives no report.
    """
    # veraPDF names the files that it was given; a temporary folder may be a link.
    files = {path.resolve(): identifier for identifier in ids if (path := path_of(out, identifier, PDF)).is_file()}
    return [
        Finding(files.get(path.resolve(), path.stem), PDF, "veraPDF", what)
        for path, what in programs.verapdf_faults(list(files), standard)
    ]


def as_data(report: AuditReport) -> dict[str, Any]:
    """Return a report as plain data, for JSON."""
    return {
        "letters": report.letters,
        "files": report.files,
        "pages": report.pages,
        "findings": [
            {**finding._asdict(), "box": None if finding.box is None else [round(edge, 1) for edge in finding.box]}
            for finding in report.findings
        ],
        "not_checked": report.not_checked,
    }


def write_html(report: AuditReport, title: str, out: Path) -> str:
    """Return a page of HTML with all findings, and the pages that have any, marked at the spot."""
    pages: dict[tuple[str, int], list[Finding]] = {}
    for finding in report.findings:
        if finding.medium == PDF and finding.page:
            pages.setdefault((finding.path, finding.page), []).append(finding)
    # A report of a thousand pages could not be opened; the table below the pictures names all of them.
    shown = list(pages.items())[:_MOST_PICTURES]
    return (
        pages_in(Path(__file__).parent / "pages")
        .get_template("report.html")
        .render(
            report=report,
            title=title,
            kinds=Counter(finding.kind for finding in report.findings).most_common(),
            shown=[_shown(path, page, found, out) for (path, page), found in shown],
            more=len(pages) - len(shown),
        )
    )


def _shown(path: str, page: int, findings: Sequence[Finding], out: Path) -> dict[str, object]:
    """Return what the report says of a page, with its picture, each fault in a red frame."""
    from PIL import ImageDraw

    with PdfText((out / path).read_bytes()) as pdf:
        picture = pdf.picture(page - 1, _DOTS).convert("RGB")
    draw, scale = ImageDraw.Draw(picture), _DOTS / 72
    for finding in findings:
        if finding.box is not None:
            left, bottom, right, top = (edge * scale for edge in finding.box)
            height = picture.height
            draw.rectangle((left - 2, height - top - 2, right + 2, height - bottom + 2), outline=(220, 0, 0), width=2)
    file = io.BytesIO()
    # A page of black text and a red frame in 32 colours has a tenth of the bytes.
    picture.quantize(32).save(file, "PNG", optimize=True)
    return {
        "path": path,
        "page": page,
        "names": ", ".join(dict.fromkeys(finding.id for finding in findings)),
        "faults": "; ".join(finding.what for finding in findings),
        "picture": base64.b64encode(file.getvalue()).decode(),
    }
