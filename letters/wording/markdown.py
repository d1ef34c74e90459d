"""Writes a paragraph that came back from Word as Markdown, on lines that mean nothing else than they say."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping

from letters.wording.labels import CLOSE, LABEL, OPEN, folded
from letters.wording.paragraphs import NOTE_MARK, Paragraph
from letters.wording.runs import Runs

_WIDTH = 120
_SPECIAL = re.compile(r"([\\`*_\[\]<>^~$|@])")
_BLOCK_START = re.compile(r"^(#{1,6} |[-+*] |:::|>|\d{1,9}[.)] |\(?[a-zA-Z][.)] )")
_HELD_SPACE = "\ue005"
_TOGETHER = re.compile(
    r" (?=\{%|(?:#{1,6}|[-+*>]|:{3,}|\(?(?:\d{1,9}|[a-zA-Z]|[ivxlcdm]{2,6}|[IVXLCDM]{2,6}|#)[.)]) )"
    r"|(?<=%\}) "
)
"""Spaces at which no line is broken: a statement alone on its line, or "v." at its beginning, would mean something."""
_MARKS = {"i": "*", "b": "**", "s": "~~", "sup": "^", "sub": "~", "code": "`"}
_CLASSES = {"u": "underline", "small-caps": "smallcaps"}
_ITEM = re.compile(r"item (\d+) (bullet|number)")
_FURTHER = re.compile(r"further (\d+)")


def write(paragraph: Paragraph, known: Mapping[str, str], marker: str, *, first: bool) -> str:
    """Write one paragraph as Markdown, on lines of at most 120 characters."""
    body = _inline(paragraph.runs, known)
    role = paragraph.role
    if role.startswith("h") and role[1:].isdigit():
        return f"{'#' * int(role[1:])} {body}".replace(_HELD_SPACE, " ")
    if item := _ITEM.fullmatch(role):
        outer = "    " * (int(item[1]) - 1)
        own = marker or ("- " if item[2] == "bullet" else "1. ")
        return _wrapped(body, outer + own, outer + " " * len(own))
    if further := _FURTHER.fullmatch(role):
        return _wrapped(body, "    " * int(further[1]), "    " * int(further[1]))
    if role.startswith("note "):
        return _wrapped(body, f"[^{role[5:]}]: " if first else "    ", "    ")
    if role == "quote":
        return _wrapped(body, "> ", "> ")
    return _wrapped(_BLOCK_START.sub(r"\\\1", body), "", "")


def _wrapped(body: str, first: str, later: str) -> str:
    lines: list[str] = []
    body = _TOGETHER.sub(_HELD_SPACE, body)
    for number, line in enumerate(body.split("\n")):
        lines += textwrap.wrap(
            line,
            _WIDTH,
            initial_indent=later if number else first,
            subsequent_indent=later,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [later]
    return "\n".join(lines).replace(_HELD_SPACE, " ")


def _inline(runs: Runs, known: Mapping[str, str]) -> str:
    return "".join(_run(run, flags, known) for run, flags in runs)


def _run(run: str, flags: frozenset[str], known: Mapping[str, str]) -> str:
    code = "code" in flags
    body, position = "", 0
    for label in LABEL.finditer(run):
        body += _escaped(run[position : label.start()], code=code) + _tag(label[0], known)
        position = label.end()
    body += _escaped(run[position:], code=code)
    for flag in sorted(flags):
        if flag in _MARKS:
            body = f"{_MARKS[flag]}{body}{_MARKS[flag]}"
        elif flag.startswith("link "):
            body = f"[{body}]({flag[5:]})"
        else:
            name = _CLASSES.get(flag) or flag.removeprefix("style ").lower().replace(" ", "-")
            body = f"[{body}]{{.{name}}}"
    return body


def _escaped(string: str, *, code: bool) -> str:
    if code:
        return string
    return _SPECIAL.sub(r"\\\1", string).replace("{", "\\{").replace("\n", "\\\n")


def _tag(label: str, known: Mapping[str, str]) -> str:
    inside = label.strip(OPEN + CLOSE)
    if inside.startswith(NOTE_MARK):
        return f"[{inside}]"
    return " ".join(known.get(folded(label), label).split()).replace(" ", _HELD_SPACE)
