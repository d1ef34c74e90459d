"""Records who approved the exact words and the exact PDF of a letter, and finds out whether that still counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from letters.campaign.ledger import Ledger, LedgerEvent
from letters.formats import text_diff

_KIND = "approved"


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
    ledger.keep_texts(texts)
    ledger.append(
        LedgerEvent(now, subject.id, _KIND, person, organization, text_diff.hash_of(subject.paragraphs), subject.pdf)
        for subject in subjects
    )


def given(ledger: Ledger) -> dict[str, list[Approval]]:
    """Return every approval ever given, the oldest first, by the id of the recipient."""
    found: dict[str, list[Approval]] = {}
    for event in ledger.events(kind=_KIND):
        approval = Approval(event.at, event.id, event.person, event.organization, event.words, event.pdf)
        found.setdefault(event.id, []).append(approval)
    return found


def valid(approvals: Iterable[Approval], pdf: str) -> list[Approval]:
    """Return the approvals that count: those of exactly this PDF, the latest of each person."""
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
    said = text_diff.summary(before.decode().split("\n"), subject.paragraphs)
    return said or "the words are the same, but the PDF is another file and may look different"
