"""Audits the letters with pictured signatures: made of this very letter, each signature on its line, and allowed."""

from __future__ import annotations

import datetime
import io
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pikepdf

from letters.audit.findings import Finding
from letters.audit.looks import print_of
from letters.campaign.ledger import Ledger, path_of
from letters.formats.files import sha256
from letters.formats.pdf_digest import Drawings
from letters.formats.pdf_text import Box, PdfText
from letters.mail.page_words import Word, bounds, read_words
from letters.model.records import PDF
from letters.review.approvals import Authorization, authorizations, refusal, signings

FOLDER = "signed"
_KIND = "signature"
_ACROSS, _ABOVE, _BELOW = 4.0, 60.0, 45.0
"""Points that a signature may begin beside the name, and reach above and below the upper edge of it."""


class _Signature(NamedTuple):
    """A picture on a signed page."""

    page: int
    """Counted from 0."""
    box: Box
    digest: str
    """Of its dots."""


def audit_signed(out: Path, ids: Sequence[str], signers: Sequence[str]) -> list[Finding]:
    """Audit the signed files of letters that are made of what these letters are now.

    Found is a file whose signing is not recorded, a signature that nobody allowed, that is missing, another than on the
    other letters or elsewhere than on its line, and any change but the signatures.
    """
    found: list[Finding] = []
    pictures: dict[str, dict[str, _Signature]] = defaultdict(dict)
    with Ledger(out / "ledger.sqlite") as ledger:
        allowed = authorizations(ledger)
        for identifier in ids:
            path = out / FOLDER / f"{identifier}.{PDF}"
            final = path_of(out, identifier, PDF)
            if path.is_file() and final.is_file():
                signed = _Signed(identifier, path.read_bytes(), final.read_bytes(), signers)
                found += signed.unlike_record(ledger, allowed.get(identifier, ()))
                found += signed.unlike_letter(pictures)
    return [*found, *_unlike_others(pictures)]


class _Signed(NamedTuple):
    id: str
    content: bytes
    final: bytes
    signers: Sequence[str]

    def finding(self, what: str, page: int = 0, box: Box | None = None) -> Finding:
        return Finding(self.id, PDF, _KIND, what, page, box, f"{FOLDER}/{self.id}.{PDF}")

    def unlike_record(self, ledger: Ledger, allowed: Sequence[Authorization]) -> Iterator[Finding]:
        """Yield what the record of signings and authorizations does not say."""
        own = [each for each in signings(ledger, self.id) if each.signed == sha256(self.content)]
        if not own:
            yield self.finding("this file is not the one whose signing is recorded: sign the letter again")
            return
        if missing := [name for name in self.signers if name not in {each.signer for each in own}]:
            yield self.finding(f"the record does not say that {' and '.join(missing)} signed it")
        for each in own:
            day = datetime.datetime.fromisoformat(each.at).date()
            before = [one for one in allowed if one.at <= each.at]
            if why := refusal(before, each.signer, each.pdf, day):
                yield self.finding(f"it was signed without authorization: {why}")

    def unlike_letter(self, pictures: dict[str, dict[str, _Signature]]) -> Iterator[Finding]:
        """Yield where the file is not the letter with a signature on each line; gather whose picture is whose."""
        try:
            with PdfText(self.content) as signed, PdfText(self.final) as letter:
                if len(signed) != len(letter):
                    yield self.finding(f"it has {len(signed)} pages, and the letter {len(letter)}")
                    return
                added: list[_Signature] = []
                for number in self._drawn_otherwise():
                    page, other = signed.page(number), letter.page(number)
                    more = [box for box in page.pictures if box not in other.pictures]
                    kept = tuple(box for box in page.pictures if box not in more)
                    if print_of(replace(page, pictures=kept)) != print_of(other):
                        yield self.finding("it says or shows other words than the letter", number + 1)
                    if more:
                        images = [(box, dots) for box, dots in signed.images(number) if box in more]
                        added += [_Signature(number, box, sha256(dots)) for box, dots in images]
        except Exception as error:  # noqa: BLE001 - a damaged file may be broken in any way
            yield self.finding(f"it cannot be read: {error}")
            return
        yield from self._lines(added, pictures)

    def _drawn_otherwise(self) -> list[int]:
        """List the pages, counted from 0, that other operators or resources draw than those of the letter."""
        with pikepdf.open(io.BytesIO(self.content)) as signed, pikepdf.open(io.BytesIO(self.final)) as letter:
            one, other = Drawings(signed), Drawings(letter)
            return [
                number
                for number in range(len(letter.pages))
                if (drawn := one.page(number)) is None or drawn != other.page(number)
            ]

    def _lines(self, added: Sequence[_Signature], pictures: dict[str, dict[str, _Signature]]) -> Iterator[Finding]:
        left = list(added)
        pages = {page: _page_words(self.final, page) for page in {each.page for each in added}}
        for name in self.signers:
            places = list(_places(name, pages))
            on_line = [each for each in left if any(_stands(each, page, box) for page, box in places)]
            if len(on_line) != 1:
                count = "no signature" if not on_line else f"{len(on_line)} signatures"
                yield self.finding(f"there is {count} on the line of {name}", on_line[0].page + 1 if on_line else 0)
            for each in on_line:
                left.remove(each)
                pictures[name][self.id] = each
        for each in left:
            yield self.finding("a signature stands on nobody's line", each.page + 1, each.box)


def _page_words(content: bytes, number: int) -> tuple[list[Word], float]:
    """Return the words of a page, and its height in points."""
    with PdfText(content) as pdf:
        return read_words(content, [number]), pdf.size(number)[1]


def _places(name: str, pages: Mapping[int, tuple[list[Word], float]]) -> Iterator[tuple[int, Box]]:
    """Yield where a name stands, in points from the lower left."""
    wanted = name.split()
    for number, (words, height) in sorted(pages.items()):
        texts = [word.text for word in words]
        for start in range(len(texts) - len(wanted) + 1):
            if texts[start : start + len(wanted)] == wanted:
                box = bounds(words[start : start + len(wanted)])
                edges = (box.left, height / 72 - box.bottom, box.right, height / 72 - box.top)
                left, bottom, right, top = (edge * 72 for edge in edges)
                yield number, (left, bottom, right, top)


def _stands(each: _Signature, page: int, name: Box) -> bool:
    """Return whether a signature stands on the line above a name."""
    left, bottom, _, top = each.box
    beside = abs(left - name[0]) <= _ACROSS
    return each.page == page and beside and bottom >= name[3] - _BELOW and name[3] < top <= name[3] + _ABOVE


def _unlike_others(pictures: Mapping[str, Mapping[str, _Signature]]) -> Iterator[Finding]:
    """Yield signatures that are other pictures than the same person's on most letters."""
    for name, signed in pictures.items():
        most, _ = Counter(each.digest for each in signed.values()).most_common(1)[0]
        for identifier, each in signed.items():
            if each.digest != most:
                what = f"the signature on the line of {name} is another than on the other letters"
                yield Finding(identifier, PDF, _KIND, what, each.page + 1, each.box, f"{FOLDER}/{identifier}.{PDF}")
