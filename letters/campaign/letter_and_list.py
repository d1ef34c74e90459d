"""Compares the letter with the list: columns that are not there, what nobody knows, the law of another state."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from jinja2 import TemplateSyntaxError, nodes

from letters.compile.tags import mark_tags
from letters.formats import jinja
from letters.model.postal import article_digits, article_fault
from letters.model.problems import Place, Problem, nearest, warning
from letters.model.records import Letter, Recipient, Source, Tag
from letters.read.placeholders import without_tags
from letters.read.recipients import ON_REQUEST, OPTIONAL, REQUIRED
from letters.read.zips import STATE_NAMES, STATUTES

# A letter that cites MCL 764.15 once went to Ohio without a word: one statute is enough, see _ENOUGH.
STATUTE, LAW, MENTION = 3, 2, 1
"""Points for a mention: of a statute or of the law of a state, of its courts and agencies, of its name."""
_LAW_WORDS = re.compile(
    r"\s+(?:law|laws|statutes?|constitution|compiled laws|revised (?:code|statutes)|code|administrative code)\b",
    re.IGNORECASE,
)
_ABOUT_LAW = re.compile(
    r"\b(?:laws?|statutes?|constitution|legislature)\s+of\s+(?:the\s+(?:great\s+)?(?:state|commonwealth)\s+of\s+)?$",
    re.IGNORECASE,
)
_INSTITUTIONS = re.compile(
    r"\s+(?:courts?|supreme court|court of appeals|legislature|attorney general|sheriffs?|police|agenc(?:y|ies)|"
    r"counties|rules?)\b",
    re.IGNORECASE,
)
_ACT = re.compile(r"(?:[’']s)?\s+(?:[A-Z][\w-]*\s+){1,5}Act\b")
"""A statute by its name: "the Illinois TRUST Act", "New Jersey's Immigrant Trust Act"."""
_IN_STATE = re.compile(
    r"\b(?:in|of|throughout|across|around)\s+(?:the\s+(?:state|commonwealth)\s+of\s+)?$", re.IGNORECASE
)
_NO_MENTION = re.compile(r"(?:\bv\.\s+|\bWest\s+|\bNew\s+|\*)$|\b(?:George|Booker\s+T\.|Denzel)\s+$")
""""United States v. Texas", "*Arizona*", George Washington; West Virginia is not Virginia."""
_NOT_A_STATE = r"(?!\s+v\.)(?!,?\s+D\.C\.)(?!\s+(?:City|County|Street|Avenue|Post|Times)\b)"
_CODES = {name: code for code, name in STATE_NAMES.items()}
_ANY_NAME = "|".join(sorted(_CODES, key=len, reverse=True)).replace(" ", r"\s+")
_NAMES = re.compile(rf"\b({_ANY_NAME})\b{_NOT_A_STATE}")
_STATUTES = re.compile(f"(?=[A-Z])(?:{'|'.join(f'(?P<{code}>{form})' for code, form in STATUTES.items())})")
"""All begin with a capital: to look for one first takes a thirtieth of the time."""
_BEFORE = 60
"""Characters before a name that are looked at."""
_MODEL, _SIGNED, _NONE_KNOWN = "agreement_287g", "agreement_signed", "without_agreement"
_LONGEST_DELIVERY = 150
"""Characters of the delivery line; a third line of it would stand on the address."""
_CERTIFIED = re.compile(r"\b(?:certified|registered)\b", re.IGNORECASE)
_WITH_VALUES_OF_THEIR_OWN = ("office", _MODEL)
"""Columns whose values are known without the list: compile/fields.py looks at them."""
_YES_OR_NO = ("yes", "no")
_COMPARES = re.compile(r"\brecipient\.\w+\s*(?:[!=]=|not\s+in\b|in\b)|==\s*recipient\.")
_ENOUGH = 3
"""Points by which a letter speaks of a state: those of one statute, or of three mentions."""
_SHARE = 3
"""A letter speaks of a state beside another one where it has at least this part of the points: a third."""


class Mention(NamedTuple):
    """A place where a text speaks of a state."""

    state: str
    points: int
    offset: int


def mentions(text: str) -> Iterator[Mention]:
    """Yield each mention of a state in a text that has no tags; parties of cases and people are none."""
    for found in _NAMES.finditer(text):
        before = text[max(0, found.start() - _BEFORE) : found.start()]
        if not _NO_MENTION.search(before):
            state = _CODES[" ".join(found[1].split())]
            yield Mention(state, _points(before, text[found.end() :]), found.start())
    for found in _STATUTES.finditer(text):
        assert found.lastgroup
        yield Mention(found.lastgroup, STATUTE, found.start())


def _points(before: str, behind: str) -> int:
    if _LAW_WORDS.match(behind) or _ACT.match(behind) or _ABOUT_LAW.search(before):
        return STATUTE
    return LAW if _INSTITUTIONS.match(behind) or _IN_STATE.search(before) else MENTION


def letter_and_list_problems(
    parts: Sequence[Letter], recipients: Sequence[Recipient], columns: Collection[str], shown: str
) -> Iterator[Problem]:
    """Yield a warning for each thing that the letter takes for granted and the list does not show.

    `parts` are the letter and its enclosures, `columns` those that the list has; rows that are held are passed over.
    """
    ready = [recipient for recipient in recipients if not recipient.hold]
    sources = [source for part in parts for source in (part.frame, part.body) if source]
    tags = [tag for source in sources for tag in mark_tags(source)[1] if tag.kind != "note"]
    tags += [part.meant_for for part in parts if part.meant_for]
    yield from _missing_columns(tags, columns, shown)
    yield from _unknown_agreements(tags, ready)
    yield from _unknown_columns(tags, columns, ready)
    yield from _values_of_no_row(tags, columns, recipients)
    yield from _other_states(sources, tags, ready)


def delivery_problems(
    recipients: Sequence[Recipient], sources: Sequence[Source], usual: str, shown: str
) -> Iterator[Problem]:
    """Yield what is wrong with the columns delivery and certified_number, of which the delivery line is made.

    `usual` is the delivery line of the campaign, `shown` the name of its file.
    """
    rows = [row for row in recipients if row["delivery"] or row["certified_number"]]
    seen: dict[str, str] = {}
    for row in rows:
        number = article_digits(row["certified_number"])
        place = row.at("certified_number")
        if number and (fault := article_fault(number)):
            hint = "compare it with the label; spreadsheets spoil such numbers unless they are text"
            yield Problem(place, f'"{row["certified_number"]}" {fault}', hint, recipient=row.id)
        elif number in seen:
            hint = "each article has a number of its own"
            yield Problem(place, f'"{number}" is also the number of {seen[number]}', hint, recipient=row.id)
        # Held rows count: their letters may go later, with the number that their label has.
        if number:
            seen.setdefault(number, row.id)
    for row in recipients:
        said = row["delivery"] or usual
        if not row.hold and not row["certified_number"] and _CERTIFIED.search(said):
            what = f'empty, but the letter says "{said}"'
            hint = (
                "write the number of its label, which the letter then prints; or give numbers to letters mail prepare"
            )
            yield _of_cell(row, "certified_number", what, hint)
    # It once stood on the address, which a window shows.
    if len(usual) > _LONGEST_DELIVERY:
        yield Problem(Place(shown, field="delivery"), *_too_long(usual))
    for row in recipients:
        if not row.hold and len(row["delivery"]) > _LONGEST_DELIVERY:
            yield Problem(row.at("delivery"), *_too_long(row["delivery"]), recipient=row.id)
    printed = any("recipient.delivery" in source.text for source in sources)
    if rows and not (usual and printed):
        hint = 'set delivery = "Via U.S. Mail" in campaign.toml, and write {{ recipient.delivery }} in the frame'
        what = "the letter does not print the columns delivery and certified_number of the list"
        yield warning(Place(shown, field="delivery"), what, hint)


def _too_long(said: str) -> tuple[str, str]:
    room = f"two lines above the address have room for {_LONGEST_DELIVERY}"
    return f'"{said[:60]}…" has {len(said)} characters, and {room}', 'shorten it: "Via Certified Mail and e-mail"'


def _of_cell(recipient: Recipient, column: str, what: str, hint: str) -> Problem:
    """Return a warning about one cell of the list."""
    return warning(recipient.at(column), what, hint)._replace(recipient=recipient.id)


def _uses(tags: Sequence[Tag], column: str) -> list[Tag]:
    return [tag for tag in tags if re.search(rf"\brecipient\.{column}\b", tag.expression)]


def _missing_columns(tags: Sequence[Tag], columns: Collection[str], shown: str) -> Iterator[Problem]:
    for column in (*OPTIONAL, *ON_REQUEST):
        if columns and column not in columns and (uses := _uses(tags, column)):
            first = uses[0].place
            times = f"in {len(uses)} places, first in" if len(uses) > 1 else "in"
            what = f'the list has no column "{column}", which the letter asks for {times} {first.path}:{first.line}'
            hint = "it is taken as empty in every row; add the column and fill it in"
            if column.startswith("agreement_"):
                hint = "it is unknown for every row; letters recipients join-287g fills it in from ICE's list"
            if column in ON_REQUEST:
                hint = "nobody gets the letter until the column is there, with yes in the rows that are to have it"
            yield warning(Place(shown, 1, field=column), what, hint)


def _unknown_agreements(tags: Sequence[Tag], ready: Sequence[Recipient]) -> Iterator[Problem]:
    """Yield a warning for each row of which nobody knows whether it has an agreement, where that matters."""
    careless = [tag for column in (_MODEL, _SIGNED) for tag in _taking_unknown_for_none(tags, column)]
    if not (careless or _uses(tags, _NONE_KNOWN)):
        return
    joins = "letters recipients join-287g fills it in from ICE's list"
    hint = f"{joins}; none stands for none by the list of agreement_list"
    what = "empty, so it is unknown whether there is an agreement; the letter says nothing of it"
    if careless and not _uses(tags, _NONE_KNOWN):
        place = careless[0].place
        what = f"empty, which is unknown and not none, but the letter takes it for none ({place.path}:{place.line})"
        hint = f"{hint}; a letter asks for that with {{% elif recipient.{_NONE_KNOWN} %}}"
    for recipient in ready:
        if not recipient[_MODEL]:
            yield _of_cell(recipient, _MODEL, what, hint)


def _unknown_columns(tags: Sequence[Tag], columns: Collection[str], ready: Sequence[Recipient]) -> Iterator[Problem]:
    """Yield a warning for each empty cell of a column of the user's own that the letter takes for a no."""
    for column in columns:
        # A letter that says "you run no jail" wherever the cell is empty asserts what nobody knows.
        own = column not in (*REQUIRED, *OPTIONAL, *ON_REQUEST)
        if own and (careless := _taking_unknown_for_none(tags, column)):
            place = careless[0].place
            what = f"empty, which is unknown and not no, but the letter takes it for no ({place.path}:{place.line})"
            hint = f'write yes or no where it is known, and ask for no: {{% elif recipient.{column} == "no" %}}'
            for recipient in ready:
                if not recipient[column]:
                    yield _of_cell(recipient, column, what, hint)


def _values_of_no_row(
    tags: Sequence[Tag], columns: Collection[str], recipients: Sequence[Recipient]
) -> Iterator[Problem]:
    """Yield a warning for each text, such as "INGHAM", that a tag compares with a column in which no row has it."""
    for tag in tags:
        for column, said in _compared(tag.expression):
            known = {recipient[column] for recipient in recipients} if column in columns else {said}
            if column in _WITH_VALUES_OF_THEIR_OWN or said in known or said in _YES_OR_NO or said in STATE_NAMES:
                continue
            if near := next((each for each in known if each.casefold() == said.casefold()), ""):
                hint = f'capitals count: the list has "{near}"'
            else:
                near = nearest(said, known, 0.8)
                hint = f'did you mean "{near}"?' if near else "is it spelt as in the list?"
            yield warning(tag.place, f'no row of the list has "{said}" in the column {column}', hint)


def _compared(expression: str) -> Iterator[tuple[str, str]]:
    """Yield the columns of the recipient that an expression compares with texts, each with such a text."""
    if not _COMPARES.search(expression):
        return
    try:
        tree = jinja.parse_expression(expression)
    except TemplateSyntaxError:
        return  # compile/fields.py tells of that
    for node in [each for each in (tree, *tree.find_all(nodes.Compare)) if isinstance(each, nodes.Compare)]:
        sides = [node.expr, *(operand.expr for operand in node.ops)]
        columns = [
            side.attr
            for side in sides
            if isinstance(side, nodes.Getattr) and isinstance(side.node, nodes.Name) and side.node.name == "recipient"
        ]
        for side in sides if columns else ():
            for each in [side, *side.find_all(nodes.Const)]:
                if isinstance(each, nodes.Const) and isinstance(each.value, str) and each.value:
                    yield from ((column, each.value) for column in columns)


def _taking_unknown_for_none(tags: Sequence[Tag], column: str) -> list[Tag]:
    """Return the tags that say something where a column is empty: with else, "not", "or", or a default.

    An else behind two tests of the column or more is for what is neither of them.
    """
    cell = rf"\brecipient\.{column}\b"
    taking = re.compile(
        rf"\bnot\s+{cell}|{cell}\s*(?:==\s*(?:\"\"|'')|!=\s*[\"']\w)|\bif\b.*{cell}.*\belse\b|{cell}\s*(?:or\b|\|\s*d(?:efault)?\b)"
    )
    found: list[Tag] = []
    opened: list[list[Tag]] = []
    """The tests of each condition that is open."""
    for tag in tags:
        if tag.kind == "if":
            opened.append([tag])
        elif tag.kind == "elif" and opened:
            opened[-1].append(tag)
        elif tag.kind == "endif" and opened:
            opened.pop()
        elif tag.kind == "else" and opened and len(tests := _uses(opened[-1], column)) == 1:
            found += tests
        if taking.search(tag.expression):
            found.append(tag)
    return found


def _other_states(sources: Sequence[Source], tags: Sequence[Tag], ready: Sequence[Recipient]) -> Iterator[Problem]:
    """Yield a warning for each row of a state of which the letter does not speak, where it speaks of another."""
    # One that only prints {{ recipient.state }} does not: every inside address does.
    if any(tag.kind in ("if", "elif") for tag in _uses(tags, "state")):
        return  # the letter itself tells states apart
    spoken: Counter[str] = Counter()
    first: dict[str, Place] = {}
    for source in sources:
        for mention in mentions(without_tags(source.text)):
            spoken[mention.state] += mention.points
            first.setdefault(mention.state, source.place(mention.offset))
    if not spoken or max(spoken.values()) < _ENOUGH:
        return
    most = max(spoken, key=lambda state: spoken[state])
    # A decision of another state's court, and what it cites, make no letter about that state's law.
    meant = [state for state, points in spoken.items() if points >= max(_ENOUGH, spoken[most] / _SHARE)]
    what = f"the letter speaks of {STATE_NAMES[most]} ({first[most].path}:{first[most].line}), and this recipient is in"
    hint = "is it the law of their state? Write another letter, or ask {% if recipient.state == … %} in this one"
    for recipient in ready:
        if recipient["state"] not in meant and recipient["state"] in STATE_NAMES:
            yield _of_cell(recipient, "state", f"{what} another state, {recipient['state']}", hint)
