"""Removes what can be made again, and keeps what cannot: what people edited, signed and posted, and the record."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from letters.build.build import CACHE
from letters.campaign.ledger import LEDGER, Ledger
from letters.drafts.box import KEPT, REDLINES
from letters.formats.files import cannot_write, sha256_of
from letters.model.records import DOCX, PDF

# The write-ahead log and its index are parts of the database while it is open (SQLite, WAL).
_RECORDS = (LEDGER, f"{LEDGER}-wal", f"{LEDGER}-shm", ".running")
_SIGNED = ("signed", "signed-digitally")
_MADE = ("manifest.csv", "audit.html")
"""What build and audit write beside the letters."""
_OF_MAIL = (
    "print-*.pdf", "file-copies-*.pdf", "reprint-*.pdf", "envelopes-*.pdf", "labels-*.pdf", "return-labels-*.pdf",
    "cover-sheet*.pdf", "window-*.pdf", "manifest.csv", "manifest.xlsx", "left-out.csv", "to-sign.*", "certified*",
    "mail-house.zip", "pdfvt-*.pdf",
)  # fmt: skip
"""What the commands of the mailing write into mail/."""
_EDITED, _POSTED = "somebody edited it", "posted"
_STRANGE, _LINK = "not made by this program", "a link, which is not followed"


@dataclass(slots=True)
class Cleaned:
    """What was removed from an output folder, and what was kept."""

    removed: list[Path] = field(default_factory=list)
    size: int = 0
    """Bytes."""
    kept: dict[str, list[Path]] = field(default_factory=dict)
    """What stays, by the reason."""


def clean(out: Path, posted: Collection[str], *, mailing_posted: bool, dry_run: bool = False) -> Cleaned:
    """Remove what was made from the output folder of a letter; with `dry_run` only say what would be.

    `posted` are the hashes of letters that were posted; with `mailing_posted` the print files that lie in mail/ were,
    or some of their pieces. Raises CannotGoOn where something cannot be removed.
    """
    cleaned = Cleaned()
    if not out.is_dir():
        return cleaned
    with Ledger(out / LEDGER) as ledger:
        for path, why in _sorted(out, ledger, posted, mailing_posted=mailing_posted):
            if why:
                cleaned.kept.setdefault(why, []).append(path)
                continue
            cleaned.size += _size(path)
            cleaned.removed.append(path)
            if not dry_run:
                _remove(path)
    if not dry_run:
        # Folders in folders first.
        for name in (PDF, DOCX, "preview", "mail/draft", "mail/eml", "mail"):
            if (out / name).is_dir() and not any((out / name).iterdir()):
                (out / name).rmdir()
    return cleaned


def _sorted(out: Path, ledger: Ledger, posted: Collection[str], *, mailing_posted: bool) -> Iterator[tuple[Path, str]]:
    """Yield each file, and caches as a whole, with the reason to keep it; empty for what is to be removed."""
    for path in sorted(out.iterdir()):
        if path.is_symlink():
            yield path, _LINK
        elif path.name in _RECORDS:
            # Its companions go unmentioned: nobody knows their names.
            yield from [(path, "the record")] if path.name == _RECORDS[0] else []
        elif path.name in (PDF, DOCX) and path.is_dir():
            yield from _documents(path, ledger, posted)
        elif path.name in (KEPT, REDLINES):
            yield path, "versions of drafts"
        elif path.name in _SIGNED:
            yield from ((each, "signed") for each in sorted(path.iterdir()))
        elif path.name == "mail" and path.is_dir():
            yield from _mailing(path, is_posted=mailing_posted)
        elif path.name == CACHE or path.name in _MADE or path.name.endswith(".part"):
            yield path, ""
        elif path.name == "preview" and path.is_dir():
            yield from ((each, "" if each.suffix == ".pdf" else _STRANGE) for each in sorted(path.iterdir()))
        else:
            yield path, _STRANGE


def _documents(folder: Path, ledger: Ledger, posted: Collection[str]) -> Iterator[tuple[Path, str]]:
    """Yield the letters of one medium: kept are those that people edited or posted."""
    medium = folder.name
    for path in sorted(folder.iterdir()):
        if path.is_symlink() or not path.is_file():
            yield path, _STRANGE
        elif path.name.endswith(".part"):
            yield path, ""
        elif path.suffix != f".{medium}":
            yield path, _STRANGE
        else:
            digest = sha256_of(path)
            ours = ledger.ours(path.stem, medium, digest)
            yield path, _POSTED if digest in posted else "" if ours else _EDITED


def _mailing(folder: Path, *, is_posted: bool) -> Iterator[tuple[Path, str]]:
    def is_ours(path: Path) -> bool:
        return any(map(path.match, _OF_MAIL))

    for path in sorted(folder.iterdir()):
        if path.is_symlink():
            yield path, _LINK
        elif path.is_dir() and path.name == "draft":
            yield from ((each, "" if is_ours(each) else _STRANGE) for each in sorted(path.iterdir()))
        elif path.is_dir() and path.name == "eml":
            yield from ((each, "" if each.suffix == ".eml" else _STRANGE) for each in sorted(path.iterdir()))
        elif path.name.endswith(".part"):
            yield path, ""
        elif not path.is_file() or not is_ours(path):
            yield path, _STRANGE
        else:
            yield path, _POSTED if is_posted else ""


def _size(path: Path) -> int:
    return sum(each.stat().st_size for each in (path.rglob("*") if path.is_dir() else [path]) if each.is_file())


def _remove(path: Path) -> None:
    try:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    except OSError as error:
        raise cannot_write(path, error) from None
