"""Authorizations: who allowed that a signature is put on which very letters, until when; and what was signed."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from letters.campaign.ledger import Ledger, LedgerEvent

_ALLOWED, _SIGNED = "may be signed", "signed"
_UNTIL, _HASH = "until ", "; the signed PDF has the hash "


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
    return [Signing(each.at, each.person, each.pdf, each.remark.rpartition(_HASH)[2]) for each in events]


def signed_versions(ledger: Ledger, identifier: str, pdf: str) -> set[str]:
    """List the hashes of the signed PDFs that were made of a PDF."""
    return {each.signed for each in signings(ledger, identifier) if each.pdf == pdf}


def given(ledger: Ledger) -> dict[str, list[Authorization]]:
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
    same = [each for each in own if each.pdf == pdf]
    if not same:
        return f"the letter changed since {signer} allowed it on {own[-1].at[:10]}"
    latest = max(each.until for each in same)
    if latest < today:
        return f"the authorization of {signer} expired on {latest.isoformat()}"
    return ""
