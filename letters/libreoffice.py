"""The one door to LibreOffice: a DOCX becomes a PDF that looks as it does in Word."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from letters.problems import CannotGoOn, Exit

_NAMES = ("soffice", "libreoffice")
_ON_MACOS = Path("/Applications/LibreOffice.app/Contents/MacOS/soffice")
_TAGGED = 'pdf:writer_pdf_Export:{"UseTaggedPDF":{"type":"boolean","value":"true"}}'
_SECONDS = 180


def program() -> str:
    """Find LibreOffice; raises CannotGoOn where it is not installed."""
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
    """Convert a DOCX; raises CannotGoOn where LibreOffice makes nothing of it."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "draft.docx")
        source.write_bytes(docx)
        own_profile = f"-env:UserInstallation={Path(folder, 'profile').as_uri()}"
        command = [program(), own_profile, "--headless", "--convert-to", _TAGGED, "--outdir", folder, str(source)]
        try:
            done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise CannotGoOn(Exit.PROBLEMS, f"LibreOffice did not finish in {_SECONDS} seconds") from None
        made = Path(folder, "draft.pdf")
        if not made.is_file():
            said = done.stderr.decode(errors="replace").strip() or "it said nothing"
            raise CannotGoOn(Exit.PROBLEMS, f"LibreOffice made no PDF: {said}", "open the draft in it and look")
        return made.read_bytes()
