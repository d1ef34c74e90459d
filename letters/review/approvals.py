"""Records who approved the exact words of a letter, and who allowed that a signature is put on it, until when."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from letters.campaign.ledger import Ledger, LedgerEvent
from letters.formats import text_diff

# Words of the record, as letters log prints them: old ledgers have them, so they stay as they are.
_APPROVED = "approved"
_ALLOWED, _SIGNED = "may be signed", "signed"
_UNTIL, _HASH = "until ", "; the signed PDF has the hash "


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's approval of one letter as it was."""

    at: str
    """The moment, in ISO 8601."""
    id: str
    person: str
    organization: str
    """The organization it was given for; empty for none in particular."""
    words: str
    """The hash of the words; the ledger has the words themselves."""
    pdf: str
    """The hash of the PDF."""

    @property
    def who(self) -> str:
        """The person, with the organization in brackets."""
        return f"{self.person} ({self.organization})" if self.organization else self.person


@dataclass(frozen=True, slots=True)
class Subject:
    """A letter as it is now, which approvals are given to and compared with."""

    id: str
    pdf: str
    """The hash of the PDF in the output folder; empty where there is none."""
    paragraphs: tuple[str, ...]
    """Its words, paragraph by paragraph."""


def approve(ledger: Ledger, subjects: Sequence[Subject], person: str, organization: str, now: str) -> None:
    """Record one person's approval of letters as they are; `now` is the moment in ISO 8601."""
    texts = ["\n".join(subject.paragraphs).encode() for subject in subjects]
    # The words themselves, once for all who approve them: a lapsed approval can say what changed.
    ledger.keep_texts(texts)
    ledger.append(
        LedgerEvent(
            now, subject.id, _APPROVED, person, organization, text_diff.hash_of(subject.paragraphs), subject.pdf
        )
        for subject in subjects
    )


def given(ledger: Ledger) -> dict[str, list[Approval]]:
    """Return every approval ever given, the oldest first, by the id of the recipient."""
    found: dict[str, list[Approval]] = {}
    for event in ledger.events(kind=_APPROVED):
        approval = Approval(event.at, event.id, event.person, event.organization, event.words, event.pdf)
        found.setdefault(event.id, []).append(approval)
    return found


def valid(approvals: Iterable[Approval], pdf: str) -> list[Approval]:
    """Return the approvals that count: those of exactly this PDF, the latest of each person."""
    # A person may approve for two organizations; who approves twice counts once.
    latest = {(approval.person, approval.organization): approval for approval in approvals if approval.pdf == pdf}
    return list(latest.values()) if pdf else []


def lapsed(approvals: Iterable[Approval], valid: Sequence[Approval]) -> list[Approval]:
    """Return the approvals that no longer count and were not given again, the latest of each person."""
    renewed = {(approval.person, approval.organization) for approval in valid}
    latest = {(approval.person, approval.organization): approval for approval in approvals}
    return [approval for who, approval in latest.items() if who not in renewed]


def missing(approvals: Iterable[Approval], wanted: Iterable[str]) -> tuple[str, ...]:
    """Return the organizations among `wanted` that have not approved."""
    there = {approval.organization for approval in approvals}
    return tuple(name for name in wanted if name not in there)


def voided(ledger: Ledger, approval: Approval, subject: Subject) -> str:
    """Return why an approval no longer counts; empty where it does."""
    if approval.pdf == subject.pdf:
        return ""
    if not subject.paragraphs:
        return "the letter is no longer made"
    before = ledger.text(approval.words)
    if before is None:
        return "the letter changed since"
    # Same words in another file: a logo or a style was changed, and nobody has looked at that.
    said = text_diff.summary(before.decode().split("\n"), subject.paragraphs)
    return said or "the words are the same, but the PDF is another file and may look different"


@dataclass(frozen=True, slots=True)
class Authorization:
    """A signer's authorization to put a signature on one letter as it was."""

    at: str
    id: str
    signer: str
    pdf: str
    """Hash of the PDF that may be signed."""
    until: datetime.date
    """The last day on which it counts."""


def authorize(ledger: Ledger, pdfs: Mapping[str, str], signer: str, until: datetime.date, now: str) -> None:
    """Record that a signer allows the signature on letters, given as hashes of their PDFs by id."""
    remark = f"{_UNTIL}{until.isoformat()}"
    ledger.append(LedgerEvent(now, id_, _ALLOWED, signer, pdf=pdf, remark=remark) for id_, pdf in pdfs.items())


def log_signed(ledger: Ledger, identifier: str, hashes: tuple[str, str], how: Mapping[str, str], now: str) -> None:
    """Record that a letter is signed, at once for all signers, given with how each signs.

    `hashes` are those of the PDF before and after.
    """
    before, after = hashes
    ledger.append(
        LedgerEvent(now, identifier, _SIGNED, signer, pdf=before, remark=f"{words}{_HASH}{after}")
        for signer, words in how.items()
    )


@dataclass(frozen=True, slots=True)
class Signing:
    """The record that somebody signed a letter."""

    at: str
    signer: str
    pdf: str
    """Hash of the PDF before."""
    signed: str
    """Hash of the PDF after."""


def signings(ledger: Ledger, identifier: str) -> list[Signing]:
    """List who signed a letter, the oldest first."""
    events = ledger.events(identifier, _SIGNED)
    # Behind the last mark: a reason in words may hold the mark’s own words.
    return [Signing(each.at, each.person, each.pdf, each.remark.rpartition(_HASH)[2]) for each in events]


def signed_versions(ledger: Ledger, identifier: str, pdf: str) -> set[str]:
    """List the hashes of the signed PDFs that were made of a PDF."""
    return {each.signed for each in signings(ledger, identifier) if each.pdf == pdf}


def authorizations(ledger: Ledger) -> dict[str, list[Authorization]]:
    """List the authorizations by id of the recipient, the oldest first."""
    found: dict[str, list[Authorization]] = {}
    for event in ledger.events(kind=_ALLOWED):
        until = datetime.date.fromisoformat(event.remark.removeprefix(_UNTIL))
        found.setdefault(event.id, []).append(Authorization(event.at, event.id, event.person, event.pdf, until))
    return found


def refusal(given: Sequence[Authorization], signer: str, pdf: str, today: datetime.date) -> str:
    """Return why a signer's signature may not be put on a PDF today; empty where it may."""
    own = [each for each in given if each.signer == signer]
    if not own:
        return f"{signer} has not allowed it: letters sign authorize"
    # An authorization is of one file; a later day of an older file does not count.
    same = [each for each in own if each.pdf == pdf]
    if not same:
        return f"the letter changed since {signer} allowed it on {own[-1].at[:10]}"
    latest = max(each.until for each in same)
    if latest < today:
        return f"the authorization of {signer} expired on {latest.isoformat()}"
    return ""
