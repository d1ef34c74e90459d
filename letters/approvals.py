"""Approvals: who said yes to the exact words and the exact PDF of a letter, and whether that still counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from letters import words
from letters.ledger import Event, Ledger

_KIND = "approved"


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's yes to one letter as it was."""

    at: str
    id: str
    person: str
    organization: str
    """The organization it was given for; empty for none in particular."""
    words: str
    """Hash of the words; the ledger has the words themselves."""
    pdf: str
    """Hash of the PDF."""

    @property
    def who(self) -> str:
        """Who gave it, and for whom."""
        return f"{self.person} ({self.organization})" if self.organization else self.person


@dataclass(frozen=True, slots=True)
class Subject:
    """A letter as it is now, which is what approvals are given to and measured against."""

    id: str
    pdf: str
    """Hash of the PDF as it stands in the output folder; empty where there is none."""
    paragraphs: tuple[str, ...]
    """Its words."""


def approve(ledger: Ledger, subjects: Sequence[Subject], person: str, organization: str, now: str) -> None:
    """Record one person's approval of letters as they are."""
    texts = ["\n".join(subject.paragraphs).encode() for subject in subjects]
    ledger.keep_texts(texts)
    ledger.append(
        Event(now, subject.id, _KIND, person, organization, words.hash_of(subject.paragraphs), subject.pdf)
        for subject in subjects
    )


def given(ledger: Ledger) -> dict[str, list[Approval]]:
    """List every approval ever given, by id of the recipient, the oldest first."""
    found: dict[str, list[Approval]] = {}
    for event in ledger.events(kind=_KIND):
        approval = Approval(event.at, event.id, event.person, event.organization, event.words, event.pdf)
        found.setdefault(event.id, []).append(approval)
    return found


def valid(approvals: Iterable[Approval], pdf: str) -> list[Approval]:
    """Choose the approvals that count: those of exactly this PDF, the latest of each person."""
    latest = {(approval.person, approval.organization): approval for approval in approvals if approval.pdf == pdf}
    return list(latest.values()) if pdf else []


def lapsed(approvals: Iterable[Approval], valid: Sequence[Approval]) -> list[Approval]:
    """Choose the approvals that no longer count and were not given anew, the latest of each person."""
    renewed = {(approval.person, approval.organization) for approval in valid}
    latest = {(approval.person, approval.organization): approval for approval in approvals}
    return [approval for who, approval in latest.items() if who not in renewed]


def missing(approvals: Iterable[Approval], wanted: Iterable[str]) -> tuple[str, ...]:
    """Name the organizations whose approval is still wanted."""
    there = {approval.organization for approval in approvals}
    return tuple(name for name in wanted if name not in there)


def voided(ledger: Ledger, approval: Approval, subject: Subject) -> str:
    """Say why an approval no longer counts; empty where it does."""
    if approval.pdf == subject.pdf:
        return ""
    if not subject.paragraphs:
        return "the letter is no longer made"
    before = ledger.text(approval.words)
    if before is None:
        return "the letter changed since"
    said = words.summary(before.decode().split("\n"), subject.paragraphs)
    return said or "the words are the same, but the PDF is another file and may look different"
