"""Settles what is known before any recipient is: campaign values, loops over them, conditions on them, note names.

And writes the probe of a settled tree: a template that reports what does depend on the recipient.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from jinja2 import Undefined

from letters.compile.fields import referred_note
from letters.compile.parse import Parsed
from letters.formats import jinja
from letters.formats.tree import (
    YES,
    Node,
    children,
    content_of,
    has_words,
    text,
    with_children,
)
from letters.model.problems import Place, Problem
from letters.model.records import FieldUse, Tag

# Loops over the campaign are written out here: what they list stands in the templates of both media.
_MOST_TURNS, _LONGEST = 2_000, 2_000
# A zero-width space passed for a subject.
_UNSEEN, _BLANK = ("Zs", "Mn", "Me"), "\u115f\u1160\u2800\u3164\uffa0"
"""Categories of characters that show nothing by themselves, and letters that are drawn empty."""
ANCHOR = "anchor"
"""The key of a heading that the contents list, with its number from 1."""


class Settled(NamedTuple):
    """A tree whose fields and conditions depend on the recipient only; every note has a name."""

    blocks: list[Node]
    fields: tuple[FieldUse, ...]
    notes: tuple[str, ...]
    says: str = YES
    """A Jinja expression that is true where the text has words for a recipient; a frame has some for all."""


@dataclass(slots=True)
class _Settler:
    tags: Mapping[int, Tag]
    statics: Mapping[str, object]
    fields: list[FieldUse] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    turns: int = 0
    """How many turns of loops were written out."""

    def nodes(self, nodes: list[Node], names: Mapping[str, str], loop: Place | None = None) -> list[Node]:
        """Settle a list of nodes; `names` are loop variables with what they stand for, `loop` is the loop around."""
        settled: list[Node] = []
        for node in nodes:
            if node["t"] == "Field":
                settled.append(self._field(node, names))
            elif node["t"] == "If":
                settled += self._condition(node, names, loop)
            elif node["t"] == "For":
                settled += self._loop(node, names)
            else:
                if node["t"] == "Note":
                    node = self._note(node, loop)
                settled.append(with_children(node, lambda inside: self.nodes(inside, names, loop)))
        return settled

    def _field(self, node: Node, names: Mapping[str, str]) -> Node:
        tag = self.tags[node["c"]]
        expression = _renamed(tag.expression, names)
        if self._is_static(expression):
            return text(self._static_text(expression, tag.place))
        # Numbered anew: a field in a loop that is written out is printed once for each turn.
        self.fields.append(FieldUse(expression, tag.place, tag.before))
        return {"t": "Field", "c": len(self.fields) - 1}

    def _static_text(self, expression: str, place: Place) -> str:
        value = self._computed(expression, place)
        if value is None or isinstance(value, Undefined) or not any(map(_shows, str(value))):
            what = f"{{{{ {expression} }}}} is empty"
            self.problems.append(Problem(place, what, f"fill it in, or put {{% if {expression} %}} around it"))
            return ""
        if len(str(value)) > _LONGEST:
            what = (
                f"{{{{ {expression} }}}} has {len(str(value)):,} characters, and {_LONGEST:,} is the limit in one place"
            )
            self.problems.append(Problem(place, what, "shorten it"))
            return ""
        return str(value)

    def _computed(self, expression: str, place: Place) -> Any:
        try:
            return jinja.evaluate(expression, self.statics)
        except jinja.COMPUTING as error:
            self.problems.append(Problem(place, f'"{expression}" cannot be computed: {error}', "what is it made of?"))
            return "?"

    def _place_of(self, test: str) -> Place:
        return next((tag.place for tag in self.tags.values() if tag.expression == test), Place())

    def _condition(self, node: Node, names: Mapping[str, str], loop: Place | None) -> list[Node]:
        branches: list[tuple[str | None, list[Node]]] = []
        for test, inside in node["c"]:
            expression = _renamed(test, names) if test else None
            if expression and self._is_static(expression):
                if not self._computed(expression, self._place_of(test)):
                    continue
                expression = None
            branches.append((expression, self.nodes(inside, names, loop)))
            if expression is None:
                break
        # All branches before it are known not to hold.
        if branches and branches[0][0] is None:
            return branches[0][1]
        return [{"t": "If", "c": branches}] if branches else []

    def _loop(self, node: Node, names: Mapping[str, str]) -> list[Node]:
        name, iterable, inside = node["c"]
        expression = _renamed(iterable, names)
        place = self.tags[node["tag"]].place
        if not self._is_static(expression):
            return [{"t": "For", "c": [name, expression, self.nodes(inside, names, place)]}]
        count = len(self._computed(expression, place) or ())
        self.turns += count
        if self.turns > _MOST_TURNS:
            what = f"the loops of the letter take more than {_MOST_TURNS:,} turns, too many for a letter"
            if not any(problem.what == what for problem in self.problems):
                self.problems.append(Problem(place, what, "list less in it"))
            return []
        copies: list[Node] = []
        for number in range(count):
            meanings = {**names, name: f"{expression}[{number}]", "loop": _loop_value(number, count)}
            copies += self.nodes(inside, meanings, place)
        return copies

    def _note(self, node: Node, loop: Place | None) -> Node:
        # With a space, which no name that somebody gives a note can have.
        name = node.get("name") or f"note {len(self.notes) + 1}"
        if loop:
            named = (t.place for t in self.tags.values() if t.kind == "note" and t.expression == name)
            what = f"the note [^{name}] stands in a loop" if "name" in node else "a note stands in a loop"
            self.problems.append(Problem(next(named, loop), what, "write it outside the loop"))
        self.notes.append(name)
        return {**node, "name": name}

    def _is_static(self, expression: str) -> bool:
        return jinja.roots(expression) <= set(self.statics)


def _shows(character: str) -> bool:
    """Return whether a character shows anything: not a space, a mark on nothing, or one of those without a shape."""
    return character.isprintable() and unicodedata.category(character) not in _UNSEEN and character not in _BLANK


def settle(parsed: Parsed, statics: Mapping[str, object]) -> tuple[Settled, list[Problem]]:
    """Settle a parsed source; `statics` are the values that are the same for all recipients."""
    settler = _Settler(dict(enumerate(parsed.tags)), statics)
    blocks = settler.nodes(parsed.blocks, {})
    return Settled(blocks, tuple(settler.fields), tuple(settler.notes)), settler.problems


def _renamed(expression: str, names: Mapping[str, str]) -> str:
    for name, replacement in names.items():
        expression = jinja.with_name_replaced(expression, name, replacement)
    return expression


def _loop_value(number: int, count: int) -> str:
    """Write Jinja's loop variable for one turn, as an expression."""
    # As a dictionary, in which Jinja finds loop.index as it does in its own loop.
    numbers = {"index": number + 1, "index0": number, "revindex": count - number, "length": count}
    flags = {"first": number == 0, "last": number == count - 1}
    return str({**numbers, **flags})


def with_contents(settled: Settled, level: int) -> Settled | None:
    """Put the contents before the first heading of a level; None where there is none.

    Headings in a loop are not listed, since a turn more would be a heading more.
    """
    numbers = itertools.count(1)
    blocks = [_numbered(block, level, numbers) for block in settled.blocks]
    entries = _entries(blocks)
    if not entries:
        return None
    first = next(position for position, block in enumerate(blocks) if _entries([block]))
    contents: Node = {"t": "Contents", "c": entries}
    return settled._replace(blocks=[*blocks[:first], contents, *blocks[first:]])


def _numbered(node: Node, level: int, numbers: itertools.count[int]) -> Node:
    if node["t"] == "Header" and node["c"][0] == level:
        return {**node, ANCHOR: next(numbers)}
    if node["t"] in ("If", "Div"):
        return with_children(node, lambda nodes: [_numbered(child, level, numbers) for child in nodes])
    return node


def _entries(nodes: list[Node]) -> list[Node]:
    """List the numbered headings as entries; a condition around any of them stands around their entries."""
    entries: list[Node] = []
    for node in nodes:
        if ANCHOR in node:
            entries.append({"t": "Entry", "c": [node[ANCHOR], _without_notes(node["c"][2])]})
        elif node["t"] == "Div":
            entries += _entries(node["c"][1])
        elif node["t"] == "If":
            branches = [[test, _entries(inside)] for test, inside in node["c"]]
            if any(inside for _, inside in branches):
                entries.append({"t": "If", "c": branches})
    return entries


def _without_notes(nodes: list[Node]) -> list[Node]:
    return [with_children(node, _without_notes) for node in nodes if node["t"] != "Note"]


def tags_and_nodes(node: Node) -> list[tuple[str, list[Node]]]:
    """List each tag of a condition or loop with the nodes that follow it; behind the last one there are none."""
    if node["t"] == "For":
        name, expression, nodes = node["c"]
        return [(f"{{% for {name} in {expression} %}}", nodes), ("{% endfor %}", [])]
    tags = []
    for number, (test, nodes) in enumerate(node["c"]):
        word = "else" if test is None else f"{'elif' if number else 'if'} {test}"
        tags.append((f"{{% {word} %}}", nodes))
    return [*tags, ("{% endif %}", [])]


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
            elif kind in ("If", "For"):
                yield self._around(node)
            else:
                yield from self._reports(children(node))

    def _field(self, slot: int) -> str:
        expression = self.settled.fields[slot].expression
        if name := referred_note(expression):
            return f"{{{{ _record | reference({slot}, {name!r}) }}}}"
        return f"{{{{ _record | field({slot}, ({expression})) }}}}"

    def _around(self, node: Node) -> str:
        condition = next(self.conditions)
        *branches, (end, _) = tags_and_nodes(node)
        told = (
            f"{tag}{{{{ _record | branch({condition}, {number}) }}}}{self.nodes(nodes)}"
            for number, (tag, nodes) in enumerate(branches)
        )
        return "".join(told) + end


def write_tags_probe(tags: Sequence[Tag], first_slot: int) -> str:
    """Write the probe of a text that has tags but no tree, such as a header; its fields count from `first_slot`."""
    slots = itertools.count(first_slot)
    return "".join(
        f"{{{{ _record | field({next(slots)}, ({tag.expression})) }}}}"
        if tag.kind == "output"
        else f"{{% {tag.kind} {tag.expression} %}}"
        for tag in tags
    )
