"""Converts a DOCX to a PDF with LibreOffice, so that the page looks about as it does in Word.

The only module that runs LibreOffice.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from letters.model.problems import CannotGoOn, Exit

_NAMES = ("soffice", "libreoffice")
_ON_MACOS = Path("/Applications/LibreOffice.app/Contents/MacOS/soffice")
_TAGGED = 'pdf:writer_pdf_Export:{"UseTaggedPDF":{"type":"boolean","value":"true"}}'
_SECONDS = 180
"""The time limit for one conversion."""


def program() -> str:
    """Return the path of LibreOffice; raises CannotGoOn where it is not installed."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found:
        return found
    if _ON_MACOS.is_file():
        return str(_ON_MACOS)
    hint = (
        "install it (Debian: apt install libreoffice-writer; macOS and Windows: www.libreoffice.org), "
        "or leave --as-word out: the PDF is then set on our letterhead"
    )
    raise CannotGoOn(Exit.MISSING_ON_MACHINE, "LibreOffice is not installed on this machine", hint)


def to_pdf(docx: bytes) -> bytes:
    """Return a DOCX as a tagged PDF; raises CannotGoOn where LibreOffice makes nothing of it."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "draft.docx")
        source.write_bytes(docx)
        # A profile of its own: with the user's, an open LibreOffice window takes the request and nothing is converted.
        own_profile = f"-env:UserInstallation={Path(folder, 'profile').as_uri()}"
        command = [program(), own_profile, "--headless", "--convert-to", _TAGGED, "--outdir", folder, str(source)]
        try:
            done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise CannotGoOn(Exit.PROBLEMS, f"LibreOffice did not finish in {_SECONDS} seconds") from None
        made = Path(folder, "draft.pdf")
        # The exit code is 0 even where the file could not be loaded.
        if not made.is_file():
            said = done.stderr.decode(errors="replace").strip() or "it said nothing"
            raise CannotGoOn(Exit.PROBLEMS, f"LibreOffice made no PDF: {said}", "open the draft in it and look")
        return made.read_bytes()
