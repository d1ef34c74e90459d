"""Audits what is about to be posted: the letters before they become pieces, then the files of the mailing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from letters.audit.audit import AuditReport, audit
from letters.audit.findings import Finding
from letters.audit.mailing import audit_mailing
from letters.audit.signed import audit_signed
from letters.build.build import Options
from letters.campaign.load import Project
from letters.mail.pieces import Piece
from letters.model.problems import CannotGoOn, Exit
from letters.model.records import PDF, original_of

_MOST_FINDINGS = 12
"""Faults of a mailing that a message names."""


def audit_letters(project: Project, options: Options, pieces: Iterable[Piece]) -> AuditReport:
    """Audit the PDFs of the letters and copies that go out or are filed; what passed before is not read again."""
    ids = dict.fromkeys(original_of(piece.recipient) for piece in pieces)
    if not ids:
        return AuditReport()
    return audit(project, options._replace(only=tuple(ids), media=(PDF,)), again=False)


def faults_of(report: AuditReport) -> dict[str, str]:
    """Return what was found first in each letter that did not pass, by id."""
    found: dict[str, str] = {}
    for each in report.findings:
        where = f", page {each.page}" if each.page else ""
        found.setdefault(each.id, f"the audit found{where}: {each.kind}: {each.what}")
    return found


def audit_prepared(
    project: Project, out: Path, folder: Path, pieces: Iterable[Piece], read: AuditReport, withdraw: Callable[[], None]
) -> str:
    """Audit the files of a mailing in a folder, and return in words what was read.

    Raises CannotGoOn, and withdraws the mailing, where they are not as the manifest says.
    """
    names = [signer.name for signer in project.campaign.signers]
    signed = [piece.recipient for piece in pieces if piece.letter.sha256 != piece.final]
    mailing = audit_mailing(project, out, folder, read.prints)
    if found := [*audit_signed(out, signed, names), *mailing.findings]:
        withdraw()
        message = f"the files of the mailing are not as they should be; print none of them\n{_said(found)}"
        raise CannotGoOn(Exit.PROBLEMS, message, "run letters mail prepare again; if it says the same, report it")
    counts = [(read.letters, "letter"), (mailing.pages, "page"), (len(mailing.files), "file")]
    letters, pages, files = (f"{count:,} {noun}{'s' * (count != 1)}" for count, noun in counts)
    return f"audited: {letters} and {pages} of {files}: as they should be"


def _said(found: Sequence[Finding]) -> str:
    said = "\n".join(f"  {each}" for each in found[:_MOST_FINDINGS])
    more = f"\n  and {len(found) - _MOST_FINDINGS:,} more" if len(found) > _MOST_FINDINGS else ""
    return said + more
