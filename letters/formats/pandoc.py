"""The one door to pandoc: documents of other formats to its JSON tree, and the tree to them."""

from __future__ import annotations

import contextlib
import functools
import importlib.metadata
import importlib.util
import json
import os
import queue
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from letters.formats.ooxml import parse, read_package, serialize, w, write_package
from letters.formats.tree import Node
from letters.model.problems import CannotGoOn, Exit

MARKDOWN = (
    "markdown+smart-raw_html-raw_tex-raw_attribute-tex_math_dollars-citations-example_lists-yaml_metadata_block"
    # Without the last of these a first line that begins with "%" would be the title, and gone.
    "-implicit_figures-pandoc_title_block"
)
"""What a letter may be written in: pandoc's Markdown without the languages of other media."""
# Pandoc refuses a tree whose version differs from that of its pandoc-types in the first two numbers.
_API = [1, 23, 1]
_SECONDS = 60
"""For a document that is written; one that is read has less."""
SECONDS_TO_READ = 10
_SMALL_STEPS = ("+RTS", "-H1m", "-A4m", "-O256m", "-M800m", "-RTS")
"""How pandoc takes memory: to touch the 64 MB that it takes by itself costs as much time as to read a letter, and so
does each search of all memory, its own tables included, which is put off until there are 256 MB to search."""
_LITTLE_MEMORY = ("+RTS", "-M400m", "-RTS")
"""For files that come from anywhere."""
_READ_TEXTS = f"""
for line in io.lines() do
  local given = pandoc.json.decode(line, false)
  for _, text in ipairs(given.texts) do
    print(pandoc.write(pandoc.read(text, "{MARKDOWN}", {{abbreviations = given.abbreviations}}), "json"))
    io.stdout:flush()
  end
end
"""
"""A Lua program that pandoc runs: for each line that it is given, it writes the JSON tree of each of the texts in it.

A tree is one line, too. Where pandoc is stopped, the lines that it had written tell which of the texts it was at.
"""
_SECONDS_OF_KEPT, _READS_OF_KEPT = 3, 500
"""For each text that a kept process reads, and how many times it reads before another one takes its place."""
_ENTITY = re.compile(r"^[ >]*&nbsp;$|&(?=#?\w+;)", re.MULTILINE)
"""The beginning of an entity; a line that is nothing but one space is pandoc's own, between two lists."""
_DEFINITION = re.compile(r"^(\s*)([:~])(?=\s)", re.MULTILINE)
_BACKSLASHES = re.compile(r"\\|[^\\]+")
"""The backslashes of a text, and what stands between them."""
_FROM_QUOTES = str.maketrans("‘’“”", "\ue040\ue041\ue042\ue043")
_TO_QUOTES = str.maketrans("\ue040\ue041\ue042\ue043", "‘’“”")
# What --tab-stop is by itself.
_TAB_STOP = 4
_HEAP_OVERFLOW = 251
"""The code with which programs made by GHC stop at their limit of memory (-M)."""
# Titles and the like become metadata, definitions lists, and captions a part of their tables, without their numbers.
_TAKEN_OUT = frozenset(
    [
        *("title", "subtitle", "author", "date", "abstract", "definition", "definition term"),
        *("caption", "table caption", "image caption", "captioned figure"),
    ]
)
"""Styles whose paragraphs pandoc would take for something else than text, by their names in lower case."""
_KEPT = " kept in the text"


class OutOfBoundsError(CannotGoOn):
    """Raised for a document that pandoc does not read within its limits of time, memory and depth."""

    def __init__(self, written: bytes = b"") -> None:
        super().__init__(Exit.PROBLEMS, "pandoc cannot read this document within its limits of time and memory")
        # What stands behind the last line break was not finished.
        self.read = [_blocks(tree) for tree in written.split(b"\n")[:-1]]
        """The blocks of the texts that were read before the one that is too much."""


@functools.cache
def program() -> str:
    """Find the pandoc program that came with its Python package."""
    spec = importlib.util.find_spec("pypandoc")
    files = Path(spec.origin).parent / "files" if spec and spec.origin else Path()
    # Finds pandoc.exe on Windows, too.
    found = shutil.which("pandoc", path=str(files)) or shutil.which("pandoc")
    if not found:
        raise CannotGoOn(Exit.MISSING_ON_MACHINE, "pandoc is missing", "run: make install")
    return str(Path(found).absolute())


@functools.cache
def version() -> str:
    """Return which pandoc works here, by the version of the package that it came with, or of itself."""
    spec = importlib.util.find_spec("pypandoc")
    if spec and spec.origin and Path(program()).is_relative_to(Path(spec.origin).parent):
        return f"of pypandoc {importlib.metadata.version('pypandoc-binary')}"
    return _run(["--version"], b"").decode().split("\n", 1)[0].removeprefix("pandoc ")


def read_markdown(text: str) -> list[Node]:
    """Return the blocks of a Markdown text."""
    return read_markdown_texts([text])[0]


def read_markdown_texts(texts: Sequence[str], seconds: float = SECONDS_TO_READ) -> list[list[Node]]:
    """Return the blocks of each Markdown text; one run of pandoc reads them all, but each as a document of its own.

    Raises OutOfBoundsError with the blocks of those before the first that takes too much time or memory.
    """
    if not texts:
        return []
    # What pandoc's command line does before its reader sees a file: it expands tabs, and knows more abbreviations.
    given = {
        "texts": [text.expandtabs(_TAB_STOP) for text in texts],
        "abbreviations": dict.fromkeys(_abbreviations(), True),
    }
    content = json.dumps(given).encode()
    # A text that a kept process does not read as fast as any letter is left to a process with all limits.
    lines = _kept.read(content, len(texts)) if _kept else None
    if lines is not None:
        return [_blocks(line) for line in lines]
    written = _run([*_SMALL_STEPS, "lua", "-e", _READ_TEXTS], content, seconds)
    return [_blocks(tree) for tree in written.splitlines()]


class _KeptPandoc:
    """A process that reads Markdown texts again and again: to start one takes as long as to read a letter."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._owner = 0
        """The process that started it: one that was forked from that must not use it."""
        self._reads = 0

    def read(self, content: bytes, count: int) -> list[bytes] | None:
        """Return the trees of so many texts, as `_READ_TEXTS` writes them; None where that fails or takes too long."""
        with self._lock:
            if self._owner not in (0, os.getpid()):
                return None
            if self._process is None or self._reads >= _READS_OF_KEPT:
                self._start()
            self._reads += 1
            assert self._process
            assert self._process.stdin
            try:
                self._process.stdin.write(content + b"\n")
                self._process.stdin.flush()
                lines = [self._lines.get(timeout=_SECONDS_OF_KEPT) for _ in range(count)]
            except (OSError, queue.Empty):
                # What `_take_lines` puts for a process that has ended.
                lines = [b""]
            if not all(lines):
                self._stop()
                return None
            return lines

    def _start(self) -> None:
        self._stop()
        command = [program(), *_SMALL_STEPS, "lua", "-e", _READ_TEXTS]
        pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=nothing)
        self._owner, self._reads, self._lines = os.getpid(), 0, queue.SimpleQueue()
        threading.Thread(target=_take_lines, args=(self._process.stdout, self._lines), daemon=True).start()

    def _stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            assert self._process.stdin
            with contextlib.suppress(OSError):  # it may hold what could no longer be written
                self._process.stdin.close()
            self._process = None

    def close(self) -> None:
        """End the process."""
        with self._lock:
            if self._owner == os.getpid():
                self._stop()


def _take_lines(pipe: IO[bytes], lines: queue.SimpleQueue[bytes]) -> None:
    """Hand on what a process writes, line by line, and nothing when it has ended; a pipe knows no limit of time."""
    with pipe:
        for line in pipe:
            lines.put(line)
    lines.put(b"")


_kept: _KeptPandoc | None = None
_users = 0
_users_lock = threading.Lock()


@contextlib.contextmanager
def kept_running() -> Iterator[None]:
    """Let one process of pandoc read all Markdown texts for a while: for who reads the same letter with each key.

    Several threads may ask for it; it ends with the last of them.
    """
    global _kept, _users
    with _users_lock:
        _users += 1
        _kept = _kept or _KeptPandoc()
    try:
        yield
    finally:
        with _users_lock:
            _users -= 1
            ended, _kept = (None, _kept) if _users else (_kept, None)
        if ended:
            ended.close()


def _blocks(tree: bytes) -> list[Node]:
    try:
        blocks: list[Node] = json.loads(tree)["blocks"]
    # json calls itself for what is nested.
    except RecursionError:
        raise OutOfBoundsError from None
    return blocks


@functools.cache
def _abbreviations() -> list[str]:
    """Return the abbreviations behind which pandoc puts a space that does not break."""
    return _run(["--print-default-data-file", "abbreviations"], b"").decode().splitlines()


def read_docx(content: bytes, changes: str = "accept") -> list[Node]:
    """Read a DOCX into the blocks of the document tree, with the names of its styles.

    `changes` tells what becomes of tracked changes: "accept" and "reject" settle them, "all" keeps them and comments.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "read.docx")
        path.write_bytes(_as_body(content))
        how = ["--from", "docx+styles", "--to", "json", f"--track-changes={changes}"]
        return _blocks(_run([*_LITTLE_MEMORY, *how, str(path)], b"", SECONDS_TO_READ).replace(_KEPT.encode(), b""))


def _as_body(content: bytes) -> bytes:
    """Rename the styles whose paragraphs pandoc would take out of the text, as being about the document."""
    parts = read_package(content)
    if "word/styles.xml" not in parts:
        return content
    root = parse(parts["word/styles.xml"])
    for name in root.iter(w("name")):
        if str(name.get(w("val"))).lower() in _TAKEN_OUT:
            name.set(w("val"), f"{name.get(w('val'))}{_KEPT}")
    return write_package({**parts, "word/styles.xml": serialize(root)}, level=0)  # it is read at once, and removed


def write_markdown(blocks: list[Node]) -> str:
    """Write a tree as Markdown that `read_markdown` reads, each paragraph on a line of its own."""
    tree: dict[str, Any] = {"pandoc-api-version": _API, "meta": {}, "blocks": _spared(blocks)}
    arguments = ["--from", "json", "--to", MARKDOWN, "--wrap", "none", "--reference-location", "document"]
    written = _run(arguments, json.dumps(tree).encode()).decode()
    # What pandoc leaves as it is and would read as an entity, or as the beginning of a definition.
    plain = _ENTITY.sub(lambda match: r"\&" if match[0] == "&" else match[0], written)
    return _DEFINITION.sub(r"\1\\\2", plain).translate(_TO_QUOTES)


def _spared(value: Any) -> Any:
    """Return a part of a tree with each backslash as a text of its own, and marks in place of curly quotes.

    Pandoc writes "\\*" as a backslash, and the star behind it not at all. It writes quotes straight; which way those of
    "rock ’n’ roll" turn could then only be guessed.
    """
    if isinstance(value, dict):
        return {key: _spared(each) for key, each in value.items()}
    if not isinstance(value, list):
        return value
    found: list[Any] = []
    for each in value:
        if isinstance(each, dict) and each.get("t") == "Str":
            found += ({"t": "Str", "c": part.translate(_FROM_QUOTES)} for part in _BACKSLASHES.findall(each["c"]))
        else:
            found.append(_spared(each))
    return found


def write_docx(blocks: list[Node], reference: bytes) -> bytes:
    """Write a tree as DOCX whose styles, page set-up and header come from a reference document."""
    tree: dict[str, Any] = {"pandoc-api-version": _API, "meta": {}, "blocks": blocks}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "reference.docx")
        path.write_bytes(reference)
        arguments = ["--from", "json", "--to", "docx", "--reference-doc", str(path), "--output", "-"]
        return _run([*_SMALL_STEPS, *arguments], json.dumps(tree).encode())


def _run(arguments: list[str], content: bytes, seconds: float = _SECONDS) -> bytes:
    """Run pandoc; raises CannotGoOn where it fails, and OutOfBoundsError where it takes too much time or memory."""
    command = [program(), *arguments]
    environment = dict(os.environ)
    if "TMPDIR" in environment:
        # Where it cannot be written, Python takes another folder; pandoc fails, in words of its own language.
        environment["TMPDIR"] = tempfile.gettempdir()
    try:
        done = subprocess.run(
            command, input=content, capture_output=True, timeout=seconds, check=False, env=environment
        )
    except subprocess.TimeoutExpired as stopped:
        raise OutOfBoundsError(stopped.stdout or b"") from None
    if done.returncode == _HEAP_OVERFLOW:
        raise OutOfBoundsError(done.stdout)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip() or f"it stopped with code {done.returncode}"
        raise CannotGoOn(Exit.PROBLEMS, f"pandoc: {said}")
    return done.stdout
