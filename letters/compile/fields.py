"""Knows the names that a letter may use, and checks that each expression in it can be computed."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, NamedTuple

from jinja2 import TemplateSyntaxError, nodes

from letters.formats import jinja
from letters.model.problems import Problem, did_you_mean, nearest
from letters.model.records import Letter, Tag, Values
from letters.model.settings import Campaign, Copy, Organization, Signer

Schema = Any
"""What a name holds: a mapping of parts, a one-item list of what a list holds, a frozenset of allowed texts, None."""

_LOOP: Schema = dict.fromkeys(("index", "index0", "first", "last", "length", "revindex"))
_NOTE = "note"
# An empty cell says that nothing is known. That there is no agreement can only be said where a list of agreements was
# joined; an empty column used to become a statement of fact.
_NONE_ASKED = (
    'recipient.agreement_287g is never "none"',
    "an agency that a list has no agreement of is asked for with {% if recipient.without_agreement %}",
)
_READABLE = "a field is one name, such as recipient.last_name; texts stand in straight quotes"
# As a mail merge shows the columns of its list: {{ Last Name }}, {{ recipient.Zip Code }}.
_SPACED = re.compile(r"(?:recipient\s*\.\s*)?\w+(?: +\w+)+")
_OPERATORS = frozenset(("and", "or", "not", "in", "is", "if", "else"))
_MERGE_NAMES = {
    "address": "address1",
    "address_1": "address1",
    "street": "address1",
    "address_line_1": "address1",
    "address_2": "address2",
    "address_line_2": "address2",
    "zip_code": "zip",
    "postal_code": "zip",
    "company": "agency",
    "company_name": "agency",
    "organization": "agency",
    "department": "agency",
    "full_name": "name",
    "first": "first_name",
    "last": "last_name",
    "surname": "last_name",
    "job_title": "title",
    "courtesy_title": "title",
    "greeting": "salutation",
    "greeting_line": "salutation",
    "address_block": "inside_address",
    "addressblock": "inside_address",
    "greetingline": "salutation",
    "e_mail": "email",
    "email_address": "email",
    "telephone": "phone",
    "business_phone": "phone",
}
"""Names that mail merges and address books give to what a letter knows by another name."""
_NAME = re.compile(r"[a-z_][a-z0-9_]*", re.IGNORECASE)
DERIVED = ("name", "title", "addressee", "running_name", "salutation", "delivery", "without_agreement")
"""What is made of several columns: by the forms of address, see merge/merge.py; whether a list has no agreement."""
_LISTS: Mapping[str, type] = {"organizations": Organization, "signers": Signer, "copies": Copy}


def expression_problems(tags: Sequence[Tag], schema: Mapping[str, Schema]) -> Iterator[Problem]:
    """Check the expressions of a source in order; `schema` is what a letter may use, by name."""
    scope = dict(schema)
    loops: list[tuple[str, Schema]] = []
    for tag in tags:
        if tag.kind == "for":
            name, outer, problems = _enter_loop(tag, scope)
            loops.append((name, outer))
            yield from problems
        elif tag.kind == "endfor" and loops:
            name, outer = loops.pop()
            scope.pop(name, None)
            if outer is not None:
                scope[name] = outer
            if not loops:
                scope.pop("loop", None)
        elif tag.kind in ("output", "if", "elif"):
            problems = list(_check(tag, tag.expression, scope))
            yield from problems
            if tag.kind == "output" and not problems:
                yield from _no_single_value(tag, scope)


def _enter_loop(tag: Tag, scope: dict[str, Schema]) -> tuple[str, Schema, list[Problem]]:
    name, word, expression = (part.strip() for part in tag.expression.partition(" in "))
    if not word or not _NAME.fullmatch(name):
        hint = "such as {% for line in recipient.inside_address %}"
        return "", None, [Problem(tag.place, f"{{% for {tag.expression} %}} is not a loop", hint)]
    problems = list(_check(tag, expression, scope))
    listed = None if problems else _schema_of(jinja.parse_expression(expression), scope)
    if not problems and not isinstance(listed, list):
        problems.append(Problem(tag.place, f'"{expression}" is not a list', "use {{ }} to print a single value"))
    outer = scope.get(name)
    scope[name] = listed[0] if isinstance(listed, list) else {}
    scope.setdefault("loop", _LOOP)
    return name, outer, problems


def _no_single_value(tag: Tag, scope: Mapping[str, Schema]) -> Iterator[Problem]:
    """Find outputs of a list, or of a thing with parts."""
    holds = _schema_of(jinja.parse_expression(tag.expression), scope)
    if isinstance(holds, list):
        hint = f"{{% for each in {tag.expression} %}}"
        yield Problem(tag.place, f'"{tag.expression}" is a list', f"print its items one by one: {hint}")
    elif isinstance(holds, Mapping) and holds:
        yield Problem(tag.place, f'"{tag.expression}" is not a single value', f"{tag.expression}.{min(holds)}, say")


def _check(tag: Tag, expression: str, scope: Mapping[str, Schema]) -> Iterator[Problem]:
    if _SPACED.fullmatch(expression) and not _OPERATORS & set(expression.split()):
        what = f'"{expression}" is not a field: no field has a space in it'
        yield Problem(tag.place, what, _meant_field(expression, scope))
        return
    try:
        parsed = jinja.parse_expression(expression)
    except TemplateSyntaxError as error:
        where = _in_words(error)
        hint = "two values are compared by ==" if where.startswith(': "="') else _READABLE
        yield Problem(tag.place, f'"{expression}" cannot be read{where}', hint)
        return
    if _NOTE in jinja.roots(expression) and not (tag.kind == "output" and referred_note(expression)):
        yield _note_problem(tag, expression)
        return
    for node in (parsed, *parsed.find_all(nodes.Node)):
        if what_and_hint := _fault(node, scope, expression):
            yield Problem(tag.place, *what_and_hint)


def _meant_field(said: str, scope: Mapping[str, Schema]) -> str:
    """Return the hint that names the field a text such as First_Name or Zip Code means."""
    recipient = scope.get("recipient")
    columns = [name for name in recipient if name] if isinstance(recipient, Mapping) else []
    bare = re.sub(r"[^a-z0-9]+", "_", re.sub(r"^recipient\b", "", said.casefold())).strip("_")
    meant = bare if bare in columns else _MERGE_NAMES.get(bare, "") or nearest(bare, columns)
    return f"did you mean recipient.{meant}?" if meant in columns else ""


def _in_words(error: TemplateSyntaxError) -> str:
    """Return what the parser stumbled over, without its own words for it."""
    # Jinja speaks of its own tokens, such as "end of print statement", which no user has typed.
    found = re.search(r"got '(.+)'$|unexpected (?:char )?'(.+?)'", error.message or "")
    said = (found[1] or found[2]) if found else ""
    if said and said not in (")", "end of print statement", "end of template"):
        return f': "{said}" stands where it should end'
    return "" if found else f": {error.message}"


def referred_note(expression: str) -> str:
    """Return the name of the note that an expression such as note.arizona refers to; empty where it refers to none."""
    if not expression.lstrip().startswith(_NOTE):
        return ""
    parsed = jinja.parse_expression(expression)
    is_reference = isinstance(parsed, nodes.Getattr | nodes.Getitem) and _dotted(parsed.node) == _NOTE
    return str(_part(parsed)) if is_reference else ""  # type: ignore[arg-type]


def _note_problem(tag: Tag, expression: str) -> Problem:
    """Return what is wrong with a use of `note` that is more than a reference."""
    if tag.kind != "output":
        hint = "test what the note itself depends on, such as recipient.agreement_287g"
        return Problem(tag.place, f'"{expression}" tests a note, whose number is not known before the end', hint)
    name = re.match(r"note\.([\w-]+)", expression)
    hint = f'write {{{{ note["{name[1]}"] }}}}' if name and "-" in name[1] else "write {{ note.NAME }}"
    return Problem(tag.place, f'"{expression}" is not a reference to a note', hint)


def _fault(node: nodes.Node, scope: Mapping[str, Schema], expression: str) -> tuple[str, str] | None:
    if isinstance(node, nodes.Name) and node.name not in scope:
        hint = _meant_field(node.name, scope) or did_you_mean(node.name, scope)
        if hint.startswith("known") and node.name[:1].isupper():
            hint = f'a text stands in straight quotes: "{node.name}"'
        return f'"{node.name}" is not a field', hint
    if isinstance(node, nodes.Getattr | nodes.Getitem):
        return _unknown_part(node, scope)
    if isinstance(node, nodes.Filter) and node.name not in jinja.shared().filters:
        return f'"{node.name}" is not a filter', did_you_mean(node.name, jinja.shared().filters)
    if isinstance(node, nodes.Filter):
        return _misused_filter(node)
    if isinstance(node, nodes.Test) and node.name not in jinja.shared().tests:
        return f'"{node.name}" is not a test', did_you_mean(node.name, jinja.shared().tests)
    # The sandbox refuses every call when a letter is merged; here it has a line and a way out.
    if isinstance(node, nodes.Call):
        return f'"{expression}" calls a function', "a letter prints fields; a filter changes them: {{ name | upper }}"
    if isinstance(node, nodes.Compare):
        return _impossible_value(node, scope)
    return None


def _misused_filter(node: nodes.Filter) -> tuple[str, str] | None:
    """Find a filter that is given too few texts to work with, or too many."""
    signature = inspect.signature(jinja.shared().filters[node.name])
    # A filter that fails would fail for each recipient; here it is told once, with its line.
    # A filter that is marked with pass_context and its like is given that first, and Jinja names it so everywhere.
    passed = next(iter(signature.parameters)) in ("context", "eval_ctx", "environment")
    given = [node, node.node, *node.args] if passed else [node.node, *node.args]
    try:
        signature.bind(*given, **{str(keyword.key): keyword for keyword in node.kwargs})
    except TypeError as error:
        return f'the filter "{node.name}" is used wrongly: {error}', 'such as {{ name | replace("old", "new") }}'
    return None


def _unknown_part(node: nodes.Getattr | nodes.Getitem, scope: Mapping[str, Schema]) -> tuple[str, str] | None:
    owner = _schema_of(node.node, scope)
    part = _part(node)
    if isinstance(part, str) and isinstance(owner, Mapping) and owner and part not in owner:
        name = _dotted(node.node)
        known = [f"{name}.{key}" for key in owner if key]
        meant = _meant_field(part, scope) if name == "recipient" and nearest(part.lower(), ["", *owner]) == "" else ""
        return f'"{name}.{part}" is not a field', meant or did_you_mean(f"{name}.{part.lower()}", known)
    if isinstance(part, str) and (owner is None or isinstance(owner, list | frozenset)):
        return f'"{_dotted(node.node)}" has no parts, so "{part}" is not one of them', ""
    return None


def _impossible_value(node: nodes.Compare, scope: Mapping[str, Schema]) -> tuple[str, str] | None:
    """Find a comparison with a text that the field never holds: its condition would never be true."""
    for operand in node.ops:
        sides = (node.expr, operand.expr)
        field = next((side for side in sides if isinstance(_schema_of(side, scope), frozenset)), None)
        if field is None:
            continue
        allowed: frozenset[str] = _schema_of(field, scope)
        for each in (each for side in sides for each in (side, *side.find_all(nodes.Const))):
            said = each.value if isinstance(each, nodes.Const) else None
            if isinstance(said, str) and said and allowed and said not in allowed:
                if said == "none" and "task_force" in allowed:
                    return _NONE_ASKED
                return f'{_dotted(field)} is never "{said}"', did_you_mean(said, allowed)
    return None


def _schema_of(node: nodes.Node, scope: Mapping[str, Schema]) -> Schema:
    """Return what an expression holds; an empty mapping where that is not known."""
    if isinstance(node, nodes.Name):
        return scope.get(node.name, {})
    if isinstance(node, nodes.Getattr | nodes.Getitem):
        owner, part = _schema_of(node.node, scope), _part(node)
        if isinstance(owner, list) and isinstance(part, int):
            return owner[0]
        return owner.get(part, {}) if isinstance(owner, Mapping) else {}
    return {}


def _part(node: nodes.Getattr | nodes.Getitem) -> object:
    if isinstance(node, nodes.Getattr):
        return node.attr
    return node.arg.value if isinstance(node.arg, nodes.Const) else None


def _dotted(node: nodes.Node) -> str:
    if isinstance(node, nodes.Getattr | nodes.Getitem):
        return f"{_dotted(node.node)}.{_part(node)}"
    return node.name if isinstance(node, nodes.Name) else "…"


class Vocabulary(NamedTuple):
    """What the list of recipients and the forms of address let a letter use."""

    columns: tuple[str, ...]
    offices: tuple[str, ...]
    agreements: tuple[str, ...]


def statics(campaign: Campaign, letter: Letter, enclosures: Sequence[Letter]) -> dict[str, object]:
    """Gather the values that are the same for all recipients, by the name a letter uses."""
    about_letter = {
        "name": letter.name,
        "title": letter.title,
        "edition": letter.edition,
        "subject": letter.subject or campaign.subject,
        "enclosures": [enclosure.title for enclosure in enclosures],
    }
    # A copy for the file is nobody's business: the list under "cc" is of those who are sent one.
    shown = replace(campaign, copies=tuple(each for each in campaign.copies if not each.file))
    return {"campaign": _value(shown), "letter": Values(about_letter)}


def _value(thing: Any) -> Any:
    if is_dataclass(thing):
        return Values({field.name: _value(getattr(thing, field.name)) for field in fields(thing)})
    if isinstance(thing, tuple):
        return [_value(item) for item in thing]
    return thing


def schema(
    columns: Iterable[str], offices: Iterable[str], agreements: Iterable[str], notes: Iterable[str]
) -> dict[str, Schema]:
    """Describe what a letter may use: recipient, campaign, letter, and its notes by name."""
    recipient: dict[str, Schema] = dict.fromkeys([*columns, *DERIVED])
    recipient |= {"inside_address": [None], "office": frozenset(offices), "agreement_287g": frozenset(agreements)}
    campaign: dict[str, Schema] = dict.fromkeys(field.name for field in fields(Campaign))
    campaign |= {name: [dict.fromkeys(field.name for field in fields(record))] for name, record in _LISTS.items()}
    letter: dict[str, Schema] = dict.fromkeys(("name", "title", "edition", "subject")) | {"enclosures": [None]}
    # With a name that no note has: an empty mapping would say that its parts are not known.
    return {"recipient": recipient, "campaign": campaign, "letter": letter, "note": dict.fromkeys(["", *notes])}
