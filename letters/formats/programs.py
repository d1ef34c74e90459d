"""Runs the programs outside of Python but pandoc, and finds what is there on this machine of all that is used.

WeasyPrint asks fontconfig, and fontconfig reads a file that the environment names (fonts-conf(5)). Programs that are
started from here inherit the environment: a browser without a font for its own words ends at once.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
import hashlib
import importlib.util
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from letters.model.problems import CannotGoOn, Exit

if TYPE_CHECKING:
    from lxml import etree

_SETTING = "FONTCONFIG_FILE"
_HEAD = '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n'
_NAMES = ("soffice", "libreoffice")
_ON_MACOS = Path("/Applications/LibreOffice.app/Contents/MacOS/soffice")
_FILTER = (
    'pdf:writer_pdf_Export:{"UseTaggedPDF":{"type":"boolean","value":"true"},'
    '"ExportBookmarksToPDFDestination":{"type":"boolean","value":"true"}}'
)
"""Tagged, and with a named destination for each bookmark, by which the pages of headings and parts are found."""
_SECONDS, _SECONDS_A_FILE = 120, 60
"""The time limit of a run, and how much longer it may take for each file."""
VERAPDF_UA, VERAPDF_ARCHIVE = "ua1", "3a"
"""What veraPDF calls PDF/UA-1 and PDF/A-3a."""
_AT_ONCE = 50
"""Files of one call."""
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "msedge")
_PANGO = {
    "pango-1.0": ("libpango-1.0.so.0", "libpango-1.0.dylib", "libpango-1.0-0.dll"),
    "pangoft2-1.0": ("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib", "libpangoft2-1.0-0.dll"),
    "harfbuzz-subset": ("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib", "libharfbuzz-subset-0.dll"),
}
"""The libraries that WeasyPrint loads, with the names of their files on Linux, macOS and Windows."""
_HOMEBREW = "/opt/homebrew/lib:/usr/local/lib"
_Commands = Mapping[str, str]
"""How to get something, by the beginning of the platform's name."""


def use_fonts_of(folder: Path) -> None:
    """Restrict fontconfig in this process to the fonts of one folder, so that every machine breaks the same lines.

    Raises CannotGoOn where fontconfig could not be told the name of the folder: it would take other fonts.
    """
    where = str(folder.resolve())
    if not where.isprintable():
        what = f"the fonts of {where!a} cannot be found: its name has a character that is none"
        raise CannotGoOn(Exit.PROBLEMS, what, "move the campaign to a folder with a plain name")
    _own_setting()
    cache = _machine_cache()
    conf = cache / f"{hashlib.sha256(where.encode()).hexdigest()[:16]}.conf"
    # Other processes may be reading the file at this moment, and must never see half of it.
    whole = conf.with_name(f"{conf.name}.{os.getpid()}.part")
    settings = f"<fontconfig><dir>{escape(where)}</dir><cachedir>{escape(str(cache))}</cachedir></fontconfig>\n"
    whole.write_text(_HEAD + settings, "utf-8")
    whole.replace(conf)
    os.environ[_SETTING] = str(conf)


@contextmanager
def fonts_of_the_machine() -> Iterator[None]:
    """Let programs that are started meanwhile have the fonts of the machine, or those that its user has set."""
    own, ours = _own_setting(), os.environ.pop(_SETTING, None)
    if own is not None:
        os.environ[_SETTING] = own
    try:
        yield
    finally:
        if ours is not None:
            os.environ[_SETTING] = ours


def _write_settings_with(fonts: Path, path: Path) -> dict[str, str]:
    """Write settings with the fonts of the machine and those of a folder; return an environment that names them."""
    machine = '<include ignore_missing="yes">/etc/fonts/fonts.conf</include>'
    path.write_text(f"{_HEAD}<fontconfig>{machine}<dir>{escape(str(fonts.resolve()))}</dir></fontconfig>\n", "utf-8")
    return {**os.environ, _SETTING: str(path)}


@functools.cache
def _own_setting() -> str | None:
    """Return what the user's environment says, asked before anything is restricted."""
    return os.environ.get(_SETTING) or None


def _machine_cache() -> Path:
    """Return a folder for what all builds on this machine share, which nobody else can write to; safe to delete."""
    user = os.getuid() if hasattr(os, "getuid") else 0
    folder = Path(tempfile.gettempdir(), f"letters-{user}")
    folder.mkdir(mode=0o700, exist_ok=True)
    # /tmp is open to all: somebody else may have made the folder first.
    status = folder.lstat()
    if hasattr(os, "getuid") and (status.st_uid != user or not stat.S_ISDIR(status.st_mode) or status.st_mode & 0o022):
        return Path(tempfile.mkdtemp(prefix="letters-"))
    return folder


def libreoffice() -> str:
    """Return the path of LibreOffice; raises CannotGoOn where it is not installed."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found:
        return found
    # On macOS the program is in its bundle and not on the PATH.
    if _ON_MACOS.is_file():
        return str(_ON_MACOS)
    hint = (
        "install it (Debian: apt install libreoffice-writer; macOS and Windows: www.libreoffice.org), "
        'or leave --as-word and pdf = "word" out: the PDF is then set on our letterhead'
    )
    raise CannotGoOn(Exit.MISSING_ON_MACHINE, "LibreOffice is not installed on this machine", hint)


@functools.cache
def libreoffice_version() -> str:
    """Return what LibreOffice says of its version; nothing where it is not installed."""
    try:
        libreoffice()
    except CannotGoOn:
        return ""
    with tempfile.TemporaryDirectory() as folder:
        command = [libreoffice(), _profile(folder), "--headless", "--version"]
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
        command = [libreoffice(), _profile(folder), "--headless", "--convert-to", _FILTER, "--outdir", folder]
        seconds = _SECONDS + _SECONDS_A_FILE * len(documents)
        try:
            environment = _write_settings_with(fonts, Path(folder, "fonts.conf"))
            done = subprocess.run(
                [*command, *map(str, sources)], capture_output=True, timeout=seconds, check=False, env=environment
            )
            # The exit code is 0 even where a file could not be loaded.
            why = f"LibreOffice made no PDF: {done.stderr.decode(errors='replace').strip() or 'it said nothing'}"
        except subprocess.TimeoutExpired:
            why = f"LibreOffice did not finish in {seconds} seconds"
        made = [source.with_suffix(".pdf") for source in sources]
        return [path.read_bytes() if path.is_file() else why for path in made]


def _profile(folder: str) -> str:
    # A profile of its own: with the user's, an open LibreOffice window takes the request and nothing is converted.
    return f"-env:UserInstallation={Path(folder, 'profile').as_uri()}"


def verapdf() -> str | None:
    """Return the path of veraPDF; None where it is not on the PATH."""
    return shutil.which("verapdf")


def verapdf_faults(paths: Sequence[Path], standard: str) -> Iterator[tuple[Path, str]]:
    """Yield what veraPDF finds wrong with files by a standard, each rule once: "ISO 14289-1:2014 7.1-9: …".

    Nothing where veraPDF is not there. Raises CannotGoOn where it gives no report.
    """
    from lxml import etree

    program = verapdf()
    if program is None:
        return
    for start in range(0, len(paths), _AT_ONCE):
        some = [str(path.resolve()) for path in paths[start : start + _AT_ONCE]]
        command = [program, "--format", "xml", "--flavour", standard, *some]
        # Its code is not 0 where a file fails, which is no failure of the program.
        done = subprocess.run(command, capture_output=True, check=False)
        try:
            report = etree.fromstring(done.stdout, etree.XMLParser(resolve_entities=False, huge_tree=True))
        except etree.XMLSyntaxError:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            hint = said[-1] if said else f"it stopped with code {done.returncode}"
            raise CannotGoOn(Exit.MISSING_ON_MACHINE, "veraPDF gave no report", hint) from None
        for job in report.iter("job"):
            path = Path(job.findtext("item/name") or "")
            yield from ((path, what) for what in _of_job(job))


def _of_job(job: etree._Element) -> Iterator[str]:
    for rule in job.iter("rule"):
        if rule.get("status") == "failed" or int(rule.get("failedChecks") or 0):
            said = " ".join((rule.findtext("description") or "").split())
            yield f"{rule.get('specification')} {rule.get('clause')}-{rule.get('testNumber')}: {said}"
    if (report := job.find("validationReport")) is None:
        reason = job.findtext(".//exceptionMessage") or "it could not be read"
        yield f"no verdict: {reason}"
    elif report.get("isCompliant") != "true" and job.find(".//rule") is None:
        yield "not as the standard asks, without a rule that says why"


class Need(NamedTuple):
    """Something that the toolkit uses."""

    name: str
    use: str
    """What for."""
    is_there: bool
    is_needed: bool
    """Whether no letter is made without it."""
    how: str
    """The command that gets it on this machine."""


def needs(platform: str = sys.platform) -> list[Need]:
    """Return what the toolkit uses, what is needed first, and whether it is there."""
    return [
        Need(name, use, _is_there(found), needed, _command(commands, platform))
        for name, use, needed, found, commands in (
            ("Pango", "laying out every PDF", True, _has_pango, _GET_PANGO),
            ("fontconfig", "finding the fonts of the letters, which come with them", True, _has_fontconfig, _GET_FONTS),
            ("pandoc", "reading letters, writing DOCX", True, _has_pandoc, _GET_PANDOC),
            ("the desk", "letters open", False, _has_module("starlette", "uvicorn", "python_multipart"), _GET_DESK),
            ("pyHanko", "digital signatures (letters sign)", False, _has_module("pyhanko"), _GET_PYHANKO),
            ("LibreOffice", "letters build --as-word, and opening DOCX here", False, libreoffice, _GET_OFFICE),
            ("Chromium", "testing the desk; to use it any browser will do", False, _has_any(*CHROMIUM), _GET_CHROMIUM),
            ("poppler", "looking at PDFs by command (pdftoppm, pdftotext)", False, _has_any("pdftoppm"), _GET_POPPLER),
            ("qpdf", "looking into PDFs by command", False, _has_any("qpdf"), _GET_QPDF),
        )
    ]


def _everywhere(package: str) -> _Commands:
    return dict.fromkeys(("linux", "darwin", "win"), package)


def _packages(debian: str, homebrew: str, windows: str) -> _Commands:
    return {"linux": f"sudo apt install {debian}", "darwin": f"brew install {homebrew}", "win": windows}


_GET_PANGO = _packages(
    "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
    "pango",
    "install MSYS2, then: pacman -S mingw-w64-x86_64-pango",
)
_GET_FONTS = _packages("fontconfig", "fontconfig", "comes with Pango")
_GET_PANDOC = _everywhere("install the toolkit again: pandoc comes with it")
_GET_DESK = _everywhere("install the toolkit again with the extra desk, see docs/install.md")
_GET_PYHANKO = _everywhere("install the toolkit again with the extra sign, see docs/install.md")
_GET_OFFICE = _packages("libreoffice-writer", "--cask libreoffice", "winget install TheDocumentFoundation.LibreOffice")
_GET_CHROMIUM = _packages("chromium", "--cask chromium", "Edge is there already")
_GET_POPPLER = _packages("poppler-utils", "poppler", "winget install oschwartz10612.Poppler")
_GET_QPDF = _packages("qpdf", "qpdf", "winget install QPDF.QPDF")


def _command(commands: _Commands, platform: str) -> str:
    """Return the command for a platform; that of Linux for one that is not known."""
    return next((command for name, command in commands.items() if platform.startswith(name)), commands["linux"])


def _is_there(found: Callable[[], object]) -> bool:
    try:
        return bool(found())
    except (CannotGoOn, OSError, ValueError):
        return False


def _has_any(*programs: str) -> Callable[[], bool]:
    return lambda: any(map(shutil.which, programs))


def _has_module(*names: str) -> Callable[[], bool]:
    return lambda: all(importlib.util.find_spec(name) for name in names)


def _has_pandoc() -> str:
    from letters.formats import pandoc

    return pandoc.version()


def _has_fontconfig() -> bool:
    return _loads("fontconfig", ("libfontconfig.so.1", "libfontconfig.1.dylib", "libfontconfig-1.dll"))


def _has_pango() -> bool:
    return all(_loads(name, files) for name, files in _PANGO.items())


def _loads(name: str, files: tuple[str, ...]) -> bool:
    """Return whether a library can be loaded, under any of its names."""
    # Where Homebrew puts libraries macOS does not look by itself; the manual of WeasyPrint says so, too.
    os.environ.setdefault("DYLD_FALLBACK_LIBRARY_PATH", _HOMEBREW)
    for file in (ctypes.util.find_library(name), *files):
        try:
            ctypes.CDLL(file or "")
        except OSError:
            continue
        if file:
            return True
    return False
