"""What veraPDF finds wrong with finished letters, as findings beside our own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from letters.audit.findings import Finding
from letters.campaign.ledger import path_of
from letters.formats import verapdf
from letters.model.records import PDF


def second_opinion(out: Path, ids: Sequence[str], standard: str) -> list[Finding]:
    """Return what veraPDF finds wrong with the PDFs of letters by a standard; nothing where it is not on the PATH.

    Raises CannotGoOn where it gives no report.
    """
    files = {path.resolve(): identifier for identifier in ids if (path := path_of(out, identifier, PDF)).is_file()}
    return [
        Finding(files.get(path.resolve(), path.stem), PDF, "veraPDF", what)
        for path, what in verapdf.faults(list(files), standard)
    ]
