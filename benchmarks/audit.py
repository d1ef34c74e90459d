"""Looks into every file that was made: its own recipient must stand in it, and the next one in the list must not."""

from __future__ import annotations

import html
import re
import unicodedata
import zipfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from benchmarks.workload import Addressee

_TAG = re.compile(r"<[^>]*>")
_WORDS = re.compile(r"word/(document|footnotes|header\d*|footer\d*)\.xml")
_SHOWN = 5
_IN_A_JOB = 50


def audit(folder: Path, medium: str, addressees: Sequence[Addressee], said_to_all: str = "") -> list[str]:
    """List what is wrong with the files of a run; a time counts only where nothing is.

    `said_to_all` is the letter's own text: a recipient that it names to everybody is no stranger.
    """
    common = _squeezed(said_to_all)
    names = {f"{each.id}.{medium}" for each in addressees}
    there = {path.name for path in folder.rglob(f"*.{medium}")}
    faults = [f"{name} is missing" for name in sorted(names - there)[:_SHOWN]]
    faults += [f"{name} is one too many" for name in sorted(there - names)[:_SHOWN]]
    where = next(iter(folder.rglob(f"*.{medium}")), folder).parent
    # Whoever fills a letter with the row beside its own makes this mistake.
    neighbours = zip(addressees, [*addressees[1:], addressees[0]], strict=True)
    pairs = [(own, other) for own, other in neighbours if f"{own.id}.{medium}" in there]
    paths = [where / f"{own.id}.{medium}" for own, _ in pairs]
    look = partial(_faults, read={"pdf": _pdf_text, "docx": _docx_text}[medium], common=common)
    with ProcessPoolExecutor() as pool:
        return faults + [fault for found in pool.map(look, paths, pairs, chunksize=_IN_A_JOB) for fault in found]


def _faults(path: Path, pair: tuple[Addressee, Addressee], read: Callable[[Path], str], common: str) -> list[str]:
    text, (own, other) = read(path), pair
    wanted = {_squeezed(word) for word in (own.agency, own.street, own.salutation) if word}
    faults = [f'{path.name} does not say "{word}"' for word in wanted if word not in text]
    foreign = {_squeezed(word) for word in (other.agency, other.street)}
    allowed = [*wanted, common]
    strange = [word for word in foreign if word and not any(word in mine for mine in allowed) and word in text]
    return faults + [f'{path.name} says "{word}", which is another recipient\'s' for word in strange]


def _squeezed(text: str) -> str:
    """Take out what a line break may change: white space, hyphens, ligatures."""
    # PDF has no white space but what a reader sees in the distances of words.
    return re.sub(r"[\s\u00ad\u2010\ufffe-]", "", unicodedata.normalize("NFKC", text))


def _docx_text(path: Path) -> str:
    """Read every part that holds words; reading checks the part against its checksum."""
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if _WORDS.fullmatch(name)]
        body = "".join(archive.read(name).decode("utf-8") for name in names)
    return _squeezed(html.unescape(_TAG.sub("", body)))


def _pdf_text(path: Path) -> str:
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    try:
        return _squeezed("".join(page.get_textpage().get_text_bounded() for page in document))
    finally:
        document.close()
