"""Compares PDF and DOCX page by page: python -m benchmarks.parity [--each N] [LETTER ...].

LibreOffice lays the DOCX out. Counted are the pages that begin with the same text in both media; running heads do not
count. Every page that begins otherwise is listed.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pypdfium2

from letters.campaign.load import load
from letters.formats.programs import to_pdfs

_ROOT = Path(__file__).parent.parent
_PACK = ("guidance-letter", "county-board", "records-request", "agreement-follow-up", "thank-you", "press-release")
_EACH = 8
# LibreOffice sets a line a thousandth narrower than the PDF: a few pages may always begin otherwise.
_GOAL = 0.95
_COMPARED = 24
"""Letters and digits of the beginning of a page."""
_HEAD, _FOOT = 84.0, 64.0
"""Points at the top and the bottom of a page where running heads and marks stand."""
_NUMBER = re.compile(r"^\W*(?:\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]\s*)*")
"""The number of an item, which programs write before or behind the text of its line."""


class Page(NamedTuple):
    """What is looked at of a page."""

    begins: str
    """How its text begins, letters and digits only."""
    shown: str
    """How it begins, for people."""


class Pair(NamedTuple):
    """The pages of a letter in both media."""

    letter: str
    recipient: str
    pdf: list[Page]
    word: list[Page]

    @property
    def equal(self) -> int:
        """Count the pages that begin alike."""
        return sum(a.begins == b.begins for a, b in zip(self.pdf, self.word, strict=False))

    @property
    def pages(self) -> int:
        """Count the pages of the medium that has more of them."""
        return max(len(self.pdf), len(self.word))

    def differences(self) -> Iterator[str]:
        """Yield each difference as a line."""
        if len(self.pdf) != len(self.word):
            yield f"{len(self.pdf)} pages in the PDF, {len(self.word)} in the DOCX"
        for number, (a, b) in enumerate(zip(self.pdf, self.word, strict=False), start=1):
            if a.begins != b.begins:
                yield f'page {number} begins "{a.shown}" in the PDF, "{b.shown}" in the DOCX'


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison; the exit code is 1 where fewer pages than wanted are alike."""
    asked = _read(arguments)
    pairs: list[Pair] = []
    with tempfile.TemporaryDirectory(prefix="letters-parity-") as folder:
        for letter in asked.letters:
            pairs += _compare(letter, asked.campaign, asked.each, Path(folder, letter))
    text = report(pairs)
    print(text)
    if asked.out:
        asked.out.write_text(text + "\n", "utf-8")
    return int(_share(pairs) < _GOAL)


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.parity", description=__doc__)
    parser.add_argument("letters", nargs="*", metavar="LETTER", default=_PACK, help="[default: the whole pack]")
    parser.add_argument("--each", type=int, default=_EACH, metavar="N", help=f"recipients of each letter [{_EACH}]")
    parser.add_argument("--campaign", type=Path, default=_ROOT / "campaign.toml")
    parser.add_argument("--out", type=Path, help="a file for the report, which is printed in any case")
    return parser.parse_args(arguments)


def _compare(letter: str, campaign: Path, each: int, out: Path) -> Iterator[Pair]:
    """Build a letter for some recipients of the list, from its beginning to its end, and compare the media."""
    project, _ = load(campaign, letter)
    assert project is not None, f"{letter}: letters check tells what is wrong"
    ready = [made.recipient.id for made in project.letters]
    # Spread over the list: neighbours in it are often alike.
    chosen = ready if len(ready) <= each else [ready[number * len(ready) // each] for number in range(each)]
    only = [word for name in chosen for word in ("--only", name)]
    command = [sys.executable, str(_ROOT / "generate.py"), "build", "--campaign", str(campaign), "--letter", letter]
    subprocess.run([*command, "--out", str(out), *only], check=True, capture_output=True)
    folder = out / letter
    drafts = [(folder / "docx" / f"{name}.docx").read_bytes() for name in chosen]
    for name, in_word in zip(chosen, to_pdfs(drafts, project.templates / "fonts"), strict=True):
        assert isinstance(in_word, bytes), in_word
        yield Pair(letter, name, read_pages((folder / "pdf" / f"{name}.pdf").read_bytes()), read_pages(in_word))


def read_pages(content: bytes) -> list[Page]:
    """Return what is looked at of the pages of a PDF."""
    document = pypdfium2.PdfDocument(content)
    try:
        return [_page(page, first=not number) for number, page in enumerate(document)]
    finally:
        document.close()


def _page(page: pypdfium2.PdfPage, *, first: bool) -> Page:
    height = page.get_height()
    top = height - (0 if first else _HEAD)
    text = page.get_textpage().get_text_bounded(bottom=_FOOT, top=top)
    shown = _NUMBER.sub("", " ".join(text.split()))
    return Page(re.sub(r"\W", "", shown)[:_COMPARED].casefold(), shown[:60])


def _share(pairs: Sequence[Pair]) -> float:
    return sum(pair.equal for pair in pairs) / max(1, sum(pair.pages for pair in pairs))


def report(pairs: Sequence[Pair]) -> str:
    """Write the comparison as Markdown."""
    lines = ["# PDF and DOCX, page by page", ""]
    lines += ["| Letter | Letters | Same number of pages | Pages | Begin alike |", "| --- | --- | --- | --- | --- |"]
    for name in dict.fromkeys(pair.letter for pair in pairs):
        of_letter = [pair for pair in pairs if pair.letter == name]
        same = sum(len(pair.pdf) == len(pair.word) for pair in of_letter)
        pages, equal = (sum(getattr(pair, key) for pair in of_letter) for key in ("pages", "equal"))
        lines.append(f"| {name} | {len(of_letter)} | {same} | {pages} | {equal} ({equal / pages:.0%}) |")
    pages, equal = sum(pair.pages for pair in pairs), sum(pair.equal for pair in pairs)
    lines += [f"| all | {len(pairs)} |  | {pages} | {equal} ({_share(pairs):.1%}) |", ""]
    lines += [f"- {pair.letter}, {pair.recipient}: {text}" for pair in pairs for text in pair.differences()]
    return "\n".join(lines).rstrip()


if __name__ == "__main__":
    sys.exit(main())
