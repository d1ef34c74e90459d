"""Finds notes that would be empty, for all recipients or for one, and what a note cannot hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from letters.formats import grid
from letters.formats.tree import Node, children, classes, content_of, walk
from letters.model.problems import Place, Problem

_REFUSED = {"Table": "a table", "HorizontalRule": "a line across", "Note": "another note"}
"""What neither the foot of a page nor a reader expects in a note."""
YES, NO = "true", "false"
"""Expressions of Jinja for notes that always, or never, have words."""


def note_problems(blocks: Sequence[Node], places: Mapping[str, Place], otherwise: Place) -> Iterator[Problem]:
    """Find notes without any words, and tables in notes; `places` are those of named notes."""
    for node in walk(blocks):
        if node["t"] != "Note":
            continue
        name = str(node.get("name", ""))
        place = places.get(name, otherwise)
        called = f"the note [^{name}]" if name in places else "a note"
        if has_words(node["c"]) == NO:
            yield Problem(place, f"{called} is empty: it has no words", "write it, or delete its number in the text")
        for inner in walk(node["c"]):
            if refused := _refused(inner):
                what = f"{called} holds {refused}, which cannot stand at the foot of a page"
                yield Problem(place, what, "write it into the text, or as sentences")


def _refused(node: Node) -> str:
    if node["t"] == "OrderedList" and any(item["t"] != "Item" for item in node["c"][1]):
        return "a numbered list with conditions"
    is_table = node["t"] == "Div" and grid.TABLE in classes(node)
    return _REFUSED["Table"] if is_table else _REFUSED.get(node["t"], "")


def has_words(nodes: Sequence[Node]) -> str:
    """Return a Jinja expression that is true where nodes have words for a recipient: YES, NO, or made of conditions.

    A field counts as words: where it is empty, that is a problem of its own.
    """
    found = [said for node in nodes if (said := _has_words(node)) != NO]
    if YES in found:
        return YES
    return f"({' or '.join(found)})" if found else NO


def _has_words(node: Node) -> str:
    kind, content = node["t"], content_of(node)
    if kind == "Str":
        return YES if any(map(str.isalnum, content)) else NO
    if kind == "Code":
        return YES
    if kind == "Field":
        return YES
    if kind == "For":
        return NO if has_words(content[2]) == NO else f"({content[1]})"
    if kind != "If":
        return has_words(children(node))
    said = NO
    for test, inside in reversed(content):
        branch = has_words(inside)
        said = branch if test is None or branch == said else f"({branch} if ({test}) else {said})"
    return said
