"""Writes what a tag does in plain words, as it is shown to counsel: ‹Recipient: agency›, ‹If recipient office›."""

from __future__ import annotations

import re
from collections.abc import Mapping

from letters.wording.chunks import kind_of

OPEN, CLOSE = "‹", "›"
"""What stands around a label; the letters themselves use other quotation marks."""
LABEL = re.compile(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}")
_FOLDED = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "\u00a0": " "})
_SAID = {
    "if": "If",
    "elif": "Else, if",
    "else": "Else",
    "endif": "End of if",
    "for": "For each",
    "endfor": "End of each",
}
_WORDS = ((r"\s*==\s*", " is "), (r"\s*!=\s*", " is not "), (r"_", " "), (r"\.", " "))


def labels(tags: Mapping[int, str]) -> dict[int, str]:
    """Make the label of each tag, by the number of its token; different tags never share one."""
    by_label: dict[str, str] = {}
    made = {}
    for number, tag in tags.items():
        plain = _plain(tag)
        label, count = plain, 1
        while by_label.setdefault(folded(label), tag) != tag:
            count += 1
            label = f"{plain} ({count})"
        made[number] = f"{OPEN}{label}{CLOSE}"
    return made


def folded(label: str) -> str:
    """Write a label so that straight and curly quotation marks, and spaces, make no difference."""
    return " ".join(label.strip(OPEN + CLOSE).translate(_FOLDED).split())


def _plain(tag: str) -> str:
    kind = kind_of(tag)
    inside = " ".join(tag[2:-2].strip("-+ \n\t").split())
    if kind == "output":
        return _field(inside)
    if kind == "comment":
        return "Comment: " + inside.replace(OPEN, "").replace(CLOSE, "")[:40]
    if kind == "raw":
        return "Literal text"
    word, _, rest = inside.partition(" ")
    if word == "include":
        return f"Clause: {rest.strip(chr(34) + chr(39))}"
    return " ".join(filter(None, (_SAID.get(word, word), _spoken(rest))))


def _field(expression: str) -> str:
    path, *filters = (part.strip() for part in expression.split("|"))
    root, dot, rest = path.partition(".")
    if root == "note" and dot:
        return f"Number of note {rest}"
    name = f"{root.capitalize()}: {_spoken(rest)}" if dot and rest.replace("_", "").replace(".", "").isalnum() else path
    return name + (f", as {', '.join(_spoken(f) for f in filters)}" if filters else "")


def _spoken(expression: str) -> str:
    """Say an expression in words; what stands in quotation marks is left as it is."""
    pieces = re.split(r"(\"[^\"]*\"|'[^']*')", expression)
    for number in range(0, len(pieces), 2):
        for pattern, words in _WORDS:
            pieces[number] = re.sub(pattern, words, pieces[number])
    return "".join(pieces).strip()
