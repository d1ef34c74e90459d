"""Writes the letter tree as a template that prints nothing and reports each value and note in the order of the text.

Merging renders it once for each recipient: it sees every field that this recipient's letter prints, and no other.
By the same tree notes are found that would be empty, for all recipients or for one.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

from letters.compile.fields import referred_note
from letters.compile.settle import Settled
from letters.formats.tree import NO, WORD_TABLE, YES, Node, children, classes, content_of, has_words, walk
from letters.model.problems import Place, Problem
from letters.model.records import Tag

_REFUSED = {"Table": "a table", "HorizontalRule": "a line across", "Note": "another note"}
"""What neither the foot of a page nor a reader expects in a note."""


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
    is_table = node["t"] == "Div" and WORD_TABLE in classes(node)
    return _REFUSED["Table"] if is_table else _REFUSED.get(node["t"], "")


def write_probe(settled: Settled) -> str:
    """Write the probe of a tree, which tells a `_record` of each `field(slot, value)`, `notes(name, …)`, `branch(…)`.

    Each turn of a loop is told of as a branch, too. A field that refers to a note is reported as
    `reference(slot, name)`, since numbers are not known before the end. A note that may be without words for some
    recipients is reported as `filled(name, whether it has any)`, and so is the text itself, without a name.
    They are filters, since the sandbox takes most of a merge's time to look at every call of a function.
    """
    says = "" if settled.says == YES else f"{{{{ _record | filled('', {settled.says}) }}}}"
    return _ProbeWriter(settled).nodes(settled.blocks) + says


class _NoteName(str):
    """The name of a note, which is told of together with the notes next to it."""

    __slots__ = ()


class _ProbeWriter:
    def __init__(self, settled: Settled) -> None:
        self.settled = settled
        self.conditions = itertools.count()

    def nodes(self, nodes: Sequence[Node]) -> str:
        text = ""
        for kind, reports in itertools.groupby(self._reports(nodes), type):
            if kind is _NoteName:
                text += f"{{{{ _record | notes({', '.join(map(repr, reports))}) }}}}"
            else:
                text += "".join(reports)
        return text

    def _reports(self, nodes: Sequence[Node]) -> Iterator[str]:
        for node in nodes:
            kind, content = node["t"], content_of(node)
            if kind == "Field":
                yield self._field(content)
            elif kind == "Note":
                yield _NoteName(node["name"])
                yield from self._reports(content)
                if (words := has_words(content)) != YES:
                    yield f"{{{{ _record | filled({node['name']!r}, {words}) }}}}"
            elif kind == "For":
                anew = f"{{{{ _record | branch({next(self.conditions)}, 0) }}}}"
                yield f"{{% for {content[0]} in {content[1]} %}}{anew}{self.nodes(content[2])}{{% endfor %}}"
            elif kind == "If":
                yield self._condition(content)
            else:
                yield from self._reports(children(node))

    def _field(self, slot: int) -> str:
        expression = self.settled.fields[slot].expression
        if name := referred_note(expression):
            return f"{{{{ _record | reference({slot}, {name!r}) }}}}"
        return f"{{{{ _record | field({slot}, ({expression})) }}}}"

    def _condition(self, branches: list[tuple[str | None, list[Node]]]) -> str:
        condition = next(self.conditions)
        text = ""
        for number, (test, nodes) in enumerate(branches):
            word = "else" if test is None else f"{'elif' if number else 'if'} {test}"
            text += f"{{% {word} %}}{{{{ _record | branch({condition}, {number}) }}}}{self.nodes(nodes)}"
        return text + "{% endif %}"


def write_tags_probe(tags: Sequence[Tag], first_slot: int) -> str:
    """Write the probe of a text that has tags but no tree, such as a header; its fields count from `first_slot`."""
    text = ""
    slot = first_slot
    for tag in tags:
        if tag.kind == "output":
            text += f"{{{{ _record | field({slot}, ({tag.expression})) }}}}"
            slot += 1
        else:
            text += f"{{% {tag.kind} {tag.expression} %}}"
    return text
