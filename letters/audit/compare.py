"""Compares finished PDFs with what would be made now, and signed ones with the letter that they were made of.

Equal bytes look alike. Others are compared as they are drawn: a letter made the plain way has other bytes than one that
shares its pages, and looks the same.
"""

from __future__ import annotations

import datetime
import hashlib
import io
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pikepdf

from letters.campaign.ledger import LEDGER, Ledger, path_of
from letters.formats.files import sha256
from letters.formats.pdf_drawn import Drawings
from letters.formats.pdf_text import Box, PageText, PdfText
from letters.mail.barcode import corner
from letters.mail.windows import Word, bounds, read_words
from letters.model import postal
from letters.model.records import PDF
from letters.render.proof import structural_differences
from letters.review.approvals import Authorization, authorizations, refusal, signings

_DOTS = 100
"""Dots per inch at which pages are compared: a hair line is then a grey one."""
_STEPS = 16
"""Of 256 by which a dot may differ: two ways to write a place may round it otherwise."""
_FOLD_MARKS = 0.4
"""Inches from the left edge in which folds are marked."""
_NEAR = 1.0
"""Points by which a line may be drawn elsewhere before it was moved."""
FOLDER = "signed"
_SIGNATURE = "signature"
_ACROSS, _ABOVE, _BELOW = 4.0, 60.0, 45.0
"""Points that a signature may begin beside the name, and reach above and below the upper edge of it."""


class Finding(NamedTuple):
    """One fault of a finished letter."""

    id: str
    """Of the recipient."""
    medium: str
    """"pdf" or "docx"."""
    kind: str
    """One or two words: "words", "notes", "margins"."""
    what: str
    page: int = 0
    """Of the file, from 1; 0 for the whole of it."""
    box: Box | None = None
    """Where on the page, in points from the lower left."""
    file: str = ""
    """The file in the output folder, such as mail/print-01.pdf; empty for the letter itself."""

    def __str__(self) -> str:
        where = f", page {self.page}" if self.page else ""
        return f"{self.id} ({self.file or self.medium.upper()}{where}): {self.kind}: {self.what}"

    @property
    def path(self) -> str:
        """The file that it is in, in the output folder."""
        return self.file or f"{self.medium}/{self.id}.{self.medium}"


class Audited(NamedTuple):
    """The result for one file."""

    id: str
    medium: str
    pages: int
    findings: tuple[Finding, ...]
    not_checked: str = ""
    """Why its words were not compared with those of the letter; empty where they were."""


def compare_looks(identifier: str, content: bytes, anew: bytes) -> Iterator[Finding]:
    """Yield where a PDF looks unlike the same letter made anew, or has other tags, links or properties."""
    if sha256(content) == sha256(anew):
        return
    with PdfText(content) as found, PdfText(anew) as wanted:
        pages, others = list(found.pages()), list(wanted.pages())
        if len(pages) != len(others):
            yield Finding(identifier, PDF, "pages", f"it has {len(pages)} pages, and should have {len(others)}")
            return
        for number, (page, other) in enumerate(zip(pages, others, strict=True), start=1):
            if page.size != other.size:
                what = f"the page is {_size(page)} points large, and should be {_size(other)}"
                yield Finding(identifier, PDF, "looks", what, number)
            elif box := _difference(_picture(found, number - 1), _picture(wanted, number - 1), page.size[1]):
                what = _moved(page, other) or "it looks other than it should at this place"
                yield Finding(identifier, PDF, "looks", what, number, box)
    try:
        for what in structural_differences(anew, content):
            yield Finding(identifier, PDF, "structure", f"{what} from those of the letter made anew")
    # What pikepdf raises where tags lead nowhere; the looks have been compared by then.
    except (LookupError, AttributeError, TypeError, ValueError) as error:
        yield Finding(identifier, PDF, "structure", f"its tags are not whole ({error})")


def _size(page: PageText) -> str:
    return " by ".join(f"{length:.0f}" for length in page.size)


def _picture(pdf: PdfText, number: int) -> Any:
    """Return a page as a picture of its own, in colours; most are, and a conversion would copy them."""
    drawn = pdf.picture(number, _DOTS)
    return drawn if drawn.mode == "RGB" else drawn.convert("RGB")


def unlike(
    found: PdfText, side: int, wanted: PdfText, page: int, *, below: float, bars: postal.Box | None
) -> Box | None:
    """Return the box around all that looks unlike a page of another PDF, in points; None where nothing does.

    The marks at the edge that folders and machines read do not count, nor the bars of an article number, nor what is
    not so many points below the top.
    """
    size = found.page(side).size
    one, other = _picture(found, side), _picture(wanted, page)
    if one.size != other.size:
        return (0.0, 0.0, *size)
    mark = corner(one.height / _DOTS)
    marks = (0.0, 0.0, _FOLD_MARKS, one.height / _DOTS), (mark.left, mark.top, mark.right, mark.bottom)
    also = [(bars.left, bars.top, bars.right, bars.bottom)] if bars else []
    for box in (*marks, *also, (0.0, 0.0, one.width / _DOTS, below / 72)):
        for picture in (one, other):
            picture.paste((255, 255, 255), tuple(round(edge * _DOTS) for edge in box))
    return _difference(one, other, size[1])


def lacks_letterhead(found: PageText, whole: PageText) -> bool:
    """Return whether a page has all the words of another but those of its letterhead, in one piece."""
    one, other = ("".join(page.text.split()) for page in (whole, found))
    # The letterhead comes first; the rest must be the end of the page, word for word.
    start = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(other))
    return len(other) < len(one) and one.endswith(other[start:]) and other.startswith(one[:start])


def _difference(one: Any, other: Any, height: float) -> Box | None:
    """Return the box around all dots in which two pictures of a page differ, in points; None where none do."""
    from PIL import ImageChops

    red, green, blue = ImageChops.difference(one, other).split()
    # The largest difference of the three colours: text in pale yellow differs in blue alone.
    most = ImageChops.lighter(red, ImageChops.lighter(green, blue))
    edges = most.point(lambda step: 255 if step > _STEPS else 0).getbbox()
    if edges is None:
        return None
    left, top, right, bottom = (edge * 72 / _DOTS for edge in edges)
    return left, height - bottom, right, height - top


def _moved(page: PageText, other: PageText) -> str:
    """Return by how much the first line that was moved was; empty where none was."""
    strange = [line for line in page.lines if not any(_are_one(line, each) for each in other.lines)]
    missing = [line for line in other.lines if not any(_are_one(line, each) for each in page.lines)]
    for here in strange:
        # A line that was moved is as long as before; one with other words is found by its words.
        alike = [each for each in missing if abs(_width(each) - _width(here)) < _NEAR]
        if not alike:
            continue
        there = min(alike, key=lambda each: abs(each[0] - here[0]) + abs(each[1] - here[1]))
        across, up = here[0] - there[0], here[1] - there[1]
        side, height = "right" if across > 0 else "left", "high" if up > 0 else "low"
        ways = [f"{abs(across):.1f} points too far to the {side}"] if abs(across) > _NEAR else []
        ways += [f"{abs(up):.1f} points too {height}"] if abs(up) > _NEAR else []
        if ways:
            return f"a line stands {' and '.join(ways)}"
    return ""


def _are_one(one: Box, other: Box) -> bool:
    return max(abs(edge - there) for edge, there in zip(one, other, strict=True)) <= _NEAR


def _width(box: Box) -> float:
    return box[2] - box[0]


def print_of(page: PageText) -> str:
    """Return a hash of the words of a page and of where they and its pictures are; blank pages of one size have one."""
    # A tenth of a point: writers of PDF round places to different digits.
    places = (tuple(round(edge, 1) for edge in box) for box in (*page.lines, *page.pictures))
    said = repr((" ".join(page.text.split()), [round(length) for length in page.size], list(places)))
    return hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


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
    with Ledger(out / LEDGER) as ledger:
        allowed = authorizations(ledger)
        for identifier in ids:
            path = out / FOLDER / f"{identifier}.{PDF}"
            final = path_of(out, identifier, PDF)
            # A signed file without its letter belongs to an earlier edition, and is not posted.
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
        return Finding(self.id, PDF, _SIGNATURE, what, page, box, f"{FOLDER}/{self.id}.{PDF}")

    def unlike_record(self, ledger: Ledger, allowed: Sequence[Authorization]) -> Iterator[Finding]:
        """Yield what the record of signings and authorizations does not say."""
        # By the hash of the bytes: a file that another program has saved again is not the one that was signed.
        own = [each for each in signings(ledger, self.id) if each.signed == sha256(self.content)]
        if not own:
            yield self.finding("this file is not the one whose signing is recorded: sign the letter again")
            return
        if missing := [name for name in self.signers if name not in {each.signer for each in own}]:
            yield self.finding(f"the record does not say that {' and '.join(missing)} signed it")
        for each in own:
            day = datetime.datetime.fromisoformat(each.at).date()
            # What was allowed afterwards does not count.
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
                # Pages that the same operators draw show the same, and to read the words of one takes 9 ms.
                for number in self._drawn_otherwise():
                    page, other = signed.page(number), letter.page(number)
                    more = [box for box in page.pictures if box not in other.pictures]
                    # The logo is a picture, too: what is more than on the letter is a signature.
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
        # A picture serves one line: two signers whose names stand close must not share it.
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
        # Of a person’s signatures the one on most letters is right; a single wrong one stands out.
        most, _ = Counter(each.digest for each in signed.values()).most_common(1)[0]
        for identifier, each in signed.items():
            if each.digest != most:
                what = f"the signature on the line of {name} is another than on the other letters"
                file = f"{FOLDER}/{identifier}.{PDF}"
                yield Finding(identifier, PDF, _SIGNATURE, what, each.page + 1, each.box, file)
