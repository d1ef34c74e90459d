"""Converts DOCX files to PDF with LibreOffice, so that the page looks about as it does in Word.

The only module that runs LibreOffice.
"""

from __future__ import annotations

import functools
import html
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from letters.model.problems import CannotGoOn, Exit

_NAMES = ("soffice", "libreoffice")
_ON_MACOS = Path("/Applications/LibreOffice.app/Contents/MacOS/soffice")
_FILTER = (
    'pdf:writer_pdf_Export:{"UseTaggedPDF":{"type":"boolean","value":"true"},'
    '"ExportBookmarksToPDFDestination":{"type":"boolean","value":"true"}}'
)
"""Tagged, and with a named destination for each bookmark, by which the pages of headings and parts are found."""
_SECONDS, _SECONDS_A_FILE = 120, 60
"""The time limit of a run, and how much longer it may take for each file."""


def program() -> str:
    """Return the path of LibreOffice; raises CannotGoOn where it is not installed."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found:
        return found
    if _ON_MACOS.is_file():
        return str(_ON_MACOS)
    hint = (
        "install it (Debian: apt install libreoffice-writer; macOS and Windows: www.libreoffice.org), "
        'or leave --as-word and pdf = "word" out: the PDF is then set on our letterhead'
    )
    raise CannotGoOn(Exit.MISSING_ON_MACHINE, "LibreOffice is not installed on this machine", hint)


@functools.cache
def version() -> str:
    """Return what LibreOffice says of its version; nothing where it is not installed."""
    try:
        program()
    except CannotGoOn:
        return ""
    with tempfile.TemporaryDirectory() as folder:
        command = [program(), _profile(folder), "--headless", "--version"]
        done = subprocess.run(command, capture_output=True, check=False, timeout=_SECONDS)
        return done.stdout.decode(errors="replace").strip()


def to_pdf(document: bytes, fonts: Path) -> bytes:
    """Return one DOCX as PDF; raises CannotGoOn where LibreOffice is missing, or makes nothing of it."""
    (made,) = to_pdfs([document], fonts)
    if isinstance(made, str):
        raise CannotGoOn(Exit.PROBLEMS, made)
    return made


def to_pdfs(documents: Sequence[bytes], fonts: Path, processes: int = 1) -> list[bytes | str]:
    """Return each DOCX as a tagged PDF, or in words why there is none; each process makes many of them.

    `fonts` is a folder of fonts that documents may use besides those of the machine.

    One file that ends the program does not take the others with it: what is missing is tried again, file by file.
    """
    made: list[bytes | str] = [""] * len(documents)
    with ThreadPoolExecutor(max(1, processes)) as threads:
        shares = [range(first, len(documents), processes) for first in range(min(processes, len(documents)))]
        runs = threads.map(lambda share: _run([documents[number] for number in share], fonts), shares)
        for share, pdfs in zip(shares, runs, strict=True):
            for number, pdf in zip(share, pdfs, strict=True):
                made[number] = pdf
    if len(documents) > 1:
        failed = [number for number, pdf in enumerate(made) if isinstance(pdf, str)]
        for number in failed:
            made[number] = _run([documents[number]], fonts)[0]
    return made


def _run(documents: Sequence[bytes], fonts: Path) -> list[bytes | str]:
    with tempfile.TemporaryDirectory() as folder:
        sources = [Path(folder, f"{number}.docx") for number in range(len(documents))]
        for source, document in zip(sources, documents, strict=True):
            source.write_bytes(document)
        command = [program(), _profile(folder), "--headless", "--convert-to", _FILTER, "--outdir", folder]
        seconds = _SECONDS + _SECONDS_A_FILE * len(documents)
        try:
            environment = {**os.environ, "FONTCONFIG_FILE": _font_settings(Path(folder), fonts)}
            done = subprocess.run(
                [*command, *map(str, sources)], capture_output=True, timeout=seconds, check=False, env=environment
            )
            # The exit code is 0 even where a file could not be loaded.
            why = f"LibreOffice made no PDF: {done.stderr.decode(errors='replace').strip() or 'it said nothing'}"
        except subprocess.TimeoutExpired:
            why = f"LibreOffice did not finish in {seconds} seconds"
        made = [source.with_suffix(".pdf") for source in sources]
        return [path.read_bytes() if path.is_file() else why for path in made]


def _font_settings(folder: Path, fonts: Path) -> str:
    """Write what fontconfig is told, where LibreOffice asks it: the fonts of the machine, and those of a folder."""
    path = folder / "fonts.conf"
    where = html.escape(str(fonts.resolve()), quote=False)
    path.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f'<include ignore_missing="yes">/etc/fonts/fonts.conf</include><dir>{where}</dir></fontconfig>',
        "utf-8",
    )
    return str(path)


def _profile(folder: str) -> str:
    # A profile of its own: with the user's, an open LibreOffice window takes the request and nothing is converted.
    return f"-env:UserInstallation={Path(folder, 'profile').as_uri()}"
