"""Writes the letter tree as a template that prints nothing and reports each value and note in the order of the text.

Merging renders it once for each recipient: it sees every field that this recipient's letter prints, and no other.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from letters.compile.fields import referred_note
from letters.compile.settle import Settled
from letters.model import Tag
from letters.tree import Node, children, content_of


def write_probe(settled: Settled) -> str:
    """Write the probe of a tree, which tells a `_record` of each `field(slot, value)`, `note(name)`, `branch(…)`.

    A field that refers to a note is reported as `reference(slot, name)`, since numbers are not known before the end.
    They are filters, since the sandbox takes most of a merge's time to look at every call of a function.
    """
    return _Writer(settled).nodes(settled.blocks)


class _Writer:
    def __init__(self, settled: Settled) -> None:
        self.settled = settled
        self.conditions = itertools.count()

    def nodes(self, nodes: Sequence[Node]) -> str:
        return "".join(self.node(node) for node in nodes)

    def node(self, node: Node) -> str:
        kind, content = node["t"], content_of(node)
        if kind == "Field":
            return self._field(content)
        if kind == "Note":
            return f"{{{{ _record | note({node['name']!r}) }}}}{self.nodes(content)}"
        if kind == "For":
            return f"{{% for {content[0]} in {content[1]} %}}{self.nodes(content[2])}{{% endfor %}}"
        if kind == "If":
            return self._condition(content)
        return self.nodes(children(node))

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
