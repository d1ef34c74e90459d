"""Writes the letter tree as a template that prints nothing and reports each value and note in the order of the text.

Merging renders it once for each recipient: it sees every field that this recipient's letter prints, and no other.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from letters.compile.fields import referred_note
from letters.compile.notes import YES, has_words
from letters.compile.settle import Settled
from letters.formats.tree import Node, children, content_of
from letters.model.records import Tag


def write_probe(settled: Settled) -> str:
    """Write the probe of a tree, which tells a `_record` of each `field(slot, value)`, `notes(name, …)`, `branch(…)`.

    Each turn of a loop is told of as a branch, too. A field that refers to a note is reported as
    `reference(slot, name)`, since numbers are not known before the end. A note that may be without words for some
    recipients is reported as `filled(name, whether it has any)`.
    They are filters, since the sandbox takes most of a merge's time to look at every call of a function.
    """
    return _ProbeWriter(settled).nodes(settled.blocks)


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
