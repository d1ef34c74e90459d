"""The programs that are compared: what each is, how it is called, what it needs."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from benchmarks.workload import Workload

_ROOT = Path(__file__).parent.parent
PLAIN = {"docx": "docxtpl loop", "pdf": "WeasyPrint loop"}
"""What ours is compared with first, by medium."""
OURS = {"docx": "letters, DOCX", "pdf": "letters, PDF"}
_KEPT = "kept letter"
_NEW_NAMES = "names never seen before"


@dataclass(frozen=True, slots=True)
class Contender:
    """A program that makes the letters of a workload."""

    name: str
    medium: str
    command: Callable[[Workload, Path], Sequence[str]]
    """Makes the command line, given the workload and the folder for the results."""
    package: str
    """The distribution whose version is told; empty for a program."""
    module: str = ""
    """What must be importable."""
    prepare: Callable[[Path], None] | None = None
    """Writes into the workload's folder what the program needs; not part of the time."""
    slow: bool = False
    """Whether it learns nothing from letter to letter, so that large numbers need not be tried."""
    warm: bool = False
    """Whether it may find what a run before it, with another list, has learned of the letter."""
    new_names: bool = False
    """Whether no recipient comes twice in its list, however long the list is."""

    def missing(self) -> str:
        """Tell what keeps it from running here; empty where nothing does."""
        # The one contender that is a program, and no package of Python.
        if self.name == "LibreOffice":
            return "" if shutil.which("soffice") else "soffice is not installed"
        there = not self.module or importlib.util.find_spec(self.module) is not None
        return "" if there else f"{self.package} is not installed"

    def version(self) -> str:
        """Tell the version that runs."""
        return version(self.package) if self.package else "installed"


def _ours(medium: str) -> Callable[[Workload, Path], Sequence[str]]:
    other = "--no-pdf" if medium == "docx" else "--no-docx"
    return lambda _, out: [sys.executable, str(_ROOT / "generate.py"), "build", other, "--out", str(out)]


def _loop(module: str) -> Callable[[Workload, Path], Sequence[str]]:
    return lambda workload, out: [sys.executable, "-m", f"benchmarks.loops.{module}", str(workload.folder), str(out)]


def _libreoffice(workload: Workload, out: Path) -> Sequence[str]:
    """Turn finished DOCX files into PDFs in one call, as a user of docxtpl would; the files are those of our build."""
    # A profile of its own, or LibreOffice hands the work to one that is open, and ends.
    profile = f"-env:UserInstallation={(workload.folder / 'libreoffice').as_uri()}"
    files = sorted(str(path) for path in workload.out("for LibreOffice").rglob("*.docx"))
    return ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(out), *files]


def _prepare_typst(folder: Path) -> None:
    from benchmarks.typst_letter import write_typst

    write_typst(folder)


def _prepare_mailmerge(folder: Path) -> None:
    from benchmarks.mailmerge_document import write_mailmerge

    write_mailmerge(folder)


def _prepare_libreoffice(folder: Path) -> None:
    import subprocess

    out = folder / "out" / "for LibreOffice"
    command = _ours("docx")(Workload(folder, ()), out)
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


CONTENDERS = (
    Contender(OURS["docx"], "docx", _ours("docx"), "letters-toolkit"),
    Contender(f"{OURS['docx']}, {_KEPT}", "docx", _ours("docx"), "letters-toolkit", warm=True),
    Contender(f"{OURS['docx']}, {_NEW_NAMES}", "docx", _ours("docx"), "letters-toolkit", new_names=True),
    Contender(PLAIN["docx"], "docx", _loop("docxtpl_loop"), "docxtpl", "docxtpl", slow=True),
    Contender(
        "docx-mailmerge2",
        "docx",
        _loop("mailmerge_loop"),
        "docx-mailmerge2",
        "mailmerge",
        _prepare_mailmerge,
        slow=True,
    ),
    Contender(OURS["pdf"], "pdf", _ours("pdf"), "letters-toolkit"),
    Contender(f"{OURS['pdf']}, {_KEPT}", "pdf", _ours("pdf"), "letters-toolkit", warm=True),
    Contender(f"{OURS['pdf']}, {_NEW_NAMES}", "pdf", _ours("pdf"), "letters-toolkit", new_names=True),
    Contender(PLAIN["pdf"], "pdf", _loop("weasyprint_loop"), "weasyprint", "weasyprint", slow=True),
    Contender("Typst", "pdf", _loop("typst_loop"), "typst", "typst", _prepare_typst),
    Contender("LibreOffice", "pdf", _libreoffice, "", prepare=_prepare_libreoffice, slow=True),
)
