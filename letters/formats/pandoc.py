"""The one door to pandoc: documents of other formats to its JSON tree, and the tree to them."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import importlib.util
import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from letters import plain_runs
from letters.formats.ooxml import parse, read_package, serialize, w, write_package
from letters.formats.tree import Node, joined
from letters.model.problems import CannotGoOn, Exit

MARKDOWN = (
    "markdown+smart-raw_html-raw_tex-raw_attribute-tex_math_dollars-citations-example_lists-yaml_metadata_block"
    "-implicit_figures"
)
"""What a letter may be written in: pandoc's Markdown without the languages of other media."""
_API = [1, 23, 1]
_SECONDS = 60
_SMALL_STEPS = ("+RTS", "-H1m", "-A4m", "-O256m", "-RTS")
"""How pandoc takes memory: to touch the 64 MB that it takes by itself costs as much time as to read a letter, and so
does each search of all memory, its own tables included, which is put off until there are 256 MB to search."""
_LITTLE_MEMORY = ("+RTS", "-M400m", "-RTS")
"""For files that come from anywhere."""
_BETWEEN, _MARK = "between", "\ue004"
"""The file that is read between two texts, and the private character in it, which no text has."""
_TAKEN_OUT = frozenset(("title", "subtitle", "author", "date", "abstract"))
_KEPT = " kept in the text"


@functools.cache
def program() -> str:
    """Find the pandoc program that came with its Python package."""
    spec = importlib.util.find_spec("pypandoc")
    files = Path(spec.origin).parent / "files" if spec and spec.origin else Path()
    found = shutil.which("pandoc", path=str(files)) or shutil.which("pandoc")
    if not found:
        raise CannotGoOn(Exit.MISSING_ON_MACHINE, "pandoc is missing", "run: make install")
    return str(Path(found).absolute())


@functools.cache
def version() -> str:
    """Tell which pandoc works here, by the version of the package that it came with, or of itself."""
    spec = importlib.util.find_spec("pypandoc")
    if spec and spec.origin and Path(program()).is_relative_to(Path(spec.origin).parent):
        return f"of pypandoc {importlib.metadata.version('pypandoc-binary')}"
    return _run(["--version"], b"").decode().split("\n", 1)[0].removeprefix("pandoc ")


def read_markdown(text: str) -> list[Node]:
    """Read Markdown into the blocks of the document tree."""
    tree = json.loads(_run([*_SMALL_STEPS, "--from", MARKDOWN, "--to", "json"], text.encode()))
    blocks: list[Node] = tree["blocks"]
    return blocks


def read_together(texts: Sequence[str]) -> list[list[Node]]:
    """Read several texts, each by itself but in one run: what pandoc needs to start it needs once.

    Runs of plain words come as one text, see plain_runs.py; else the trees are those of `read_markdown`.
    """
    if len(texts) < 2:
        return [read_markdown(text) for text in texts]
    word = f"text{hashlib.sha256(repr(texts).encode()).hexdigest()[:16]}"  # which none of them has
    names = [f"{word}{number}" for number in range(len(texts))]
    shorter, runs = plain_runs.take_out(texts)
    try:
        read = _read_files({**dict(zip(names, shorter, strict=True)), _BETWEEN: f"{_MARK}\n"}, names)
    except OSError:  # no room for files, which a text by itself does not need
        return [read_markdown(text) for text in texts]
    for name in names:
        read = read.replace(f"{name}__", "")  # what pandoc puts before the identifiers of each file
    together: list[list[Node]] = [[]]
    for block in json.loads(plain_runs.put_back(read, runs))["blocks"]:
        if block == {"t": "Para", "c": [{"t": "Str", "c": _MARK}]}:
            together.append([])
        else:
            together[-1].append(block)
    return together


def _read_files(files: Mapping[str, str], names: Sequence[str]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            Path(folder, name).write_text(text, "utf-8", newline="\n")
        order = [each for name in names for each in (name, _BETWEEN)][:-1]
        return _run([*_SMALL_STEPS, "--file-scope", "--from", MARKDOWN, "--to", "json", *order], b"", folder).decode()


def read_docx(content: bytes, changes: str = "accept") -> list[Node]:
    """Read a DOCX into the blocks of the document tree, with the names of its styles.

    `changes` tells what becomes of tracked changes: "accept" and "reject" settle them, "all" keeps them and comments.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "read.docx")
        path.write_bytes(_as_body(content))
        how = ["--from", "docx+styles", "--to", "json", f"--track-changes={changes}"]
        tree = json.loads(_run([*_LITTLE_MEMORY, *how, str(path)], b"").replace(_KEPT.encode(), b""))
    blocks: list[Node] = tree["blocks"]
    return blocks


def _as_body(content: bytes) -> bytes:
    """Rename the styles whose paragraphs pandoc would take out of the text, as being about the document."""
    parts = read_package(content)
    if "word/styles.xml" not in parts:
        return content
    root = parse(parts["word/styles.xml"])
    for name in root.iter(w("name")):
        if str(name.get(w("val"))).lower() in _TAKEN_OUT:
            name.set(w("val"), f"{name.get(w('val'))}{_KEPT}")
    return write_package({**parts, "word/styles.xml": serialize(root)})


def write_markdown(blocks: list[Node]) -> str:
    """Write a tree as Markdown that `read_markdown` reads, each paragraph on a line of its own."""
    tree: dict[str, Any] = {"pandoc-api-version": _API, "meta": {}, "blocks": blocks}
    arguments = ["--from", "json", "--to", MARKDOWN, "--wrap", "none", "--reference-location", "document"]
    return _run(arguments, json.dumps(tree).encode()).decode()


def write_docx(blocks: list[Node], reference: Path) -> bytes:
    """Write a tree as DOCX whose styles, page set-up and header come from a reference document."""
    tree: dict[str, Any] = {"pandoc-api-version": _API, "meta": {}, "blocks": with_words_joined(blocks)}
    arguments = ["--from", "json", "--to", "docx", "--reference-doc", str(reference), "--output", "-"]
    return _run([*_SMALL_STEPS, *arguments], json.dumps(tree).encode())


def with_words_joined(value: Any) -> Any:
    """Join the words of a whole tree, as pandoc does before it writes; it takes half as long to read then."""
    if isinstance(value, dict):
        return {key: with_words_joined(inside) for key, inside in value.items()}
    return joined([with_words_joined(item) for item in value]) if isinstance(value, list) else value


def _run(arguments: list[str], content: bytes, folder: str | None = None) -> bytes:
    command = [program(), *arguments]
    done = subprocess.run(command, input=content, capture_output=True, timeout=_SECONDS, check=False, cwd=folder)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip() or f"it stopped with code {done.returncode}"
        raise CannotGoOn(Exit.PROBLEMS, f"pandoc: {said}")
    return done.stdout
