"""Merges a letter with its recipients: how each is addressed, what is printed, and what would print nothing."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, filterfalse
from typing import Any, NamedTuple

from jinja2 import Environment, Template, Undefined

from letters.formats import jinja
from letters.model.postal import article_digits, spaced_article
from letters.model.problems import Place, Problem, warning
from letters.model.records import DocumentTemplate, FieldUse, MergedLetter, PartTemplate, Recipient, Values
from letters.model.settings import FormOfAddress

_ROOM = 60
"""Characters of 9-point type in 65 % of a line of 5.8 inches, which is that of A4."""
_LONGEST = 2000
"""Characters in one field; more is a mistake in the list rather than a name."""
_MOST_DECIDED = 10_000
"""Branches and turns of loops in a letter."""
_FIELD = re.compile(r"[A-Za-z_][\w.]*")
"""The field that an expression begins with, before its filters."""
_OF_PERSONS = ("first_name", "last_name", "name", "title", '"recipient.name"')
"""Columns, and fields that are no columns, of which a list of offices often has none."""


class Address(NamedTuple):
    """How one recipient is addressed."""

    name: str
    """First name, last name and suffix; empty where nobody is known to hold the office."""
    title: str
    addressee: str
    """The first line of the inside address."""
    running_name: str
    """How the recipient is named at the top of continuation pages."""
    inside_address: tuple[str, ...]
    """Lines in USPS order: recipient, unit above the delivery line, delivery line, last line (Publication 28, 211)."""
    salutation: str


class NoFormError(LookupError):
    """Raised for a recipient whom no form of address fits."""


def address(recipient: Recipient, forms: Sequence[FormOfAddress]) -> Address:
    """Address a recipient by the first form that fits its office and title.

    Raises NoFormError where none fits.
    """
    fitting = (
        f
        for f in forms
        if f.office == recipient["office"] and recipient["title"] in (f.titles or (recipient["title"],))
    )
    form = next(fitting, None)
    if form is None:
        raise NoFormError(f'no form of address is for the office "{recipient["office"]}" with this title')
    name = recipient.full_name
    title = recipient["title"] or form.title
    known = {"name": name, "title": title, "first_name": recipient["first_name"], "last_name": recipient["last_name"]}
    lines = [_fill(line, known) for line in (form.addressee if name else form.unnamed_addressee)]
    last_line = f"{recipient['city']}, {recipient['state']} {recipient['zip']}"
    return Address(
        name=name,
        title=title,
        addressee=lines[0],
        running_name=_running_name(lines[0], f"{title} {name}" if name else "", recipient["agency"]),
        inside_address=tuple(
            filter(None, (*lines, recipient["agency"], recipient["address2"], recipient["address1"], last_line))
        ),
        salutation=_fill(form.salutation if name else form.unnamed_salutation, known),
    )


def delivery(recipient: Recipient, usual: str) -> str:
    """Return the delivery line of a letter: that of the row, or else the usual one; with its certified mail number."""
    number = article_digits(recipient["certified_number"])
    # Whoever has a number of certified mail gets it that way, whatever is usual.
    line = recipient["delivery"] or ("Via Certified Mail" if number else usual)
    return f"{line}, No. {spaced_article(number)}" if number else line


def _running_name(addressee: str, short: str, agency: str) -> str:
    """Return how a recipient is named beside date and page on one line: with the agency, where there is room for it.

    `short` is the title with the name, empty where nobody is known to hold the office.
    """
    forms = [f"{addressee}, {agency}", f"{short}, {agency}", short] if short else [f"{addressee}, {agency}", agency]
    return next((form for form in forms if len(form) <= _ROOM), forms[-1])


def _fill(text: str, known: dict[str, str]) -> str:
    """Put the values into a form, in one pass: braces in a value are never read as a place."""
    pieces = text.split("{")
    filled = pieces[0]
    for piece in pieces[1:]:
        key, _, rest = piece.partition("}")
        filled += known.get(key, "") + rest
    return filled


class Merger:
    """A letter with its enclosures, ready to be merged with one recipient after the other."""

    def __init__(self, template: DocumentTemplate, forms: Sequence[FormOfAddress]) -> None:
        self._statics = template.statics
        self._forms = forms
        self._meant_for = template.meant_for
        self._parts = [(part, _probe(part.probe)) for part in template.parts]
        self._kinds: dict[tuple[tuple[object, ...], ...], _Kind] = {}
        """The kinds of letters, by what they decide."""
        self.characters: set[str] = set()
        """Every character of the values that letters print, but for values in ASCII, which every font has."""
        self._merged: dict[str, tuple[Recipient, tuple[MergedLetter | None, list[Problem]]]] = {}

    @staticmethod
    def like(former: Merger | None, template: DocumentTemplate, forms: Sequence[FormOfAddress]) -> Merger:
        """Return the merger of a letter: the former one, with all that it merged, where it is for the same letter."""
        made = Merger(template, forms)
        return former if former and former._made_from == made._made_from else made

    @property
    def _made_from(self) -> tuple[object, ...]:
        return [part for part, _ in self._parts], self._statics, self._forms, self._meant_for

    def without_others(
        self, recipients: Iterable[Recipient], stopped: Collection[str] = ()
    ) -> tuple[list[Recipient], list[Problem]]:
        """Hold back the recipients whom the letter is not meant for, each with that as the reason.

        Those that are held or `stopped` already, by id, stay as they are: their row may not even have an office.
        """
        condition = self._meant_for
        if condition is None:
            return list(recipients), []
        held: list[Recipient] = []
        problems: list[Problem] = []
        for recipient in recipients:
            if recipient.hold or recipient.id in stopped:
                held.append(recipient)
                continue
            try:
                meant = bool(jinja.evaluate(condition.expression, self.context(recipient)))
            except jinja.COMPUTING as error:
                what = f'"{condition.expression}" cannot be computed for {recipient.id}: {error}'
                problems.append(Problem(condition.place, what, recipient=recipient.id))
                meant = True
            reason = "" if meant else f"the letter is for others: {condition.expression}"
            held.append(replace(recipient, hold=reason))
        return held, problems

    def merge(self, recipient: Recipient) -> tuple[MergedLetter | None, list[Problem]]:
        """Merge one recipient; None and the problems where the letter would have a blank.

        The digest covers what this letter prints and decides, so that a column it does not use changes nothing.
        """
        # The desk merges the list after each change: of 16,625 rows all but one are as they were.
        former, merged = self._merged.get(recipient.id, (None, (None, [])))
        if former != recipient:
            merged = self._merge(recipient)
            self._merged[recipient.id] = recipient, merged
        return merged

    def _merge(self, recipient: Recipient) -> tuple[MergedLetter | None, list[Problem]]:
        try:
            context = self.context(recipient)
        except NoFormError as error:
            place = recipient.place._replace(field="title")
            what = f'"{recipient["title"]}": {error}'
            hint = "add a [[form]] without titles for this office to forms-of-address.toml, or correct the title"
            return None, [Problem(place, what, hint, recipient=recipient.id)]
        records = self._records(recipient, context)
        if problems := [problem for record in records for problem in record.problems]:
            return None, problems
        always = _always(context)
        texts = _texts(always, records)
        self.characters.update(*filterfalse(str.isascii, texts))
        kind = self._kind(records)
        told = json.dumps([always, [record.texts for record in records]]) + kind.told
        letter = MergedLetter(
            recipient=recipient,
            merging=self,
            notes=kind.notes,
            digest=hashlib.sha256(told.encode()).hexdigest(),
            kind=kind.number,
            length=sum(map(len, texts)),
        )
        return letter, [remark for record in records for remark in record.remarks]

    def context(self, recipient: Recipient) -> Mapping[str, object]:
        """Return what the templates are rendered with."""
        return {**self._statics, "recipient": self._values(recipient)}

    def texts(self, recipient: Recipient) -> tuple[str, ...]:
        """List every value that a letter prints, in the order of the text."""
        context = self.context(recipient)
        return _texts(_always(context), self._records(recipient, context))

    def _records(self, recipient: Recipient, context: Mapping[str, object]) -> list[_Record]:
        return [_Record(part, recipient).run(probe, context) for part, probe in self._parts]

    def _kind(self, records: Sequence[_Record]) -> _Kind:
        """Find the kind of a letter; letters that decide alike have the same notes."""
        decided = tuple([tuple(record.decided) for record in records])
        if decided not in self._kinds:
            notes = tuple(Values(record.notes) for record in records)
            self._kinds[decided] = _Kind(len(self._kinds), notes, json.dumps(decided))
        return self._kinds[decided]

    def _values(self, recipient: Recipient) -> Values:
        campaign: Any = self._statics["campaign"]
        made = {**address(recipient, self._forms)._asdict(), "delivery": delivery(recipient, campaign["delivery"])}
        # What is made here goes before a column of the same name.
        return Values({**recipient.columns, **_agreement(recipient), **made})


@functools.lru_cache(32)  # other words of a letter have the same probe
def _probe(text: str) -> Template:
    """Return a probe, compiled."""
    return _probing().from_string(text)


@functools.cache
def _probing() -> Environment:
    # A probe prints nothing, so that nothing has to be escaped.
    environment = jinja.environment(autoescape=False)
    environment.filters |= _REPORTS
    return environment


def _agreement(recipient: Recipient) -> dict[str, str]:
    """Return what a letter may say of an agreement: a model, or that a list has none; neither where it is unknown.

    The word "none" of the list is no model: {% if recipient.agreement_287g %} asks for an agreement.
    """
    none = recipient["agreement_287g"] == "none"
    model = "" if none else recipient["agreement_287g"]
    return {"agreement_287g": model, "without_agreement": "yes" if none else ""}


def _always(context: Mapping[str, Any]) -> list[str]:
    """List what stands in every letter, in file names, running heads or titles."""
    return [str(context["recipient"][name]) for name in ("id", "running_name", "agency")]


def _texts(always: Sequence[str], records: Iterable[_Record]) -> tuple[str, ...]:
    return (*always[1:], *chain.from_iterable(record.texts for record in records))


class _Kind(NamedTuple):
    """What letters have in common that decide alike."""

    number: int
    notes: tuple[Values, ...]
    """The numbers of the notes of each part."""
    told: str
    """What they decide, as their digests cover it."""


@dataclass(slots=True)
class _Record:
    """What the probe of one part reports for one recipient."""

    part: PartTemplate
    recipient: Recipient
    texts: list[str] = dataclasses.field(default_factory=list)
    """What the letter prints, in the order of the text."""
    decided: list[object] = dataclasses.field(default_factory=list)
    """Which branches it takes, how often its loops run, and the numbers of notes that it names."""
    notes: dict[str, int] = dataclasses.field(default_factory=dict)
    references: list[tuple[int, str]] = dataclasses.field(default_factory=list)
    problems: list[Problem] = dataclasses.field(default_factory=list)
    remarks: list[Problem] = dataclasses.field(default_factory=list)
    """Warnings, which stop nothing."""

    def run(self, probe: Template, context: Mapping[str, object]) -> _Record:
        """Run the probe, and return what is on record then."""
        try:
            probe.render({**context, "_record": self})
        except jinja.COMPUTING as error:
            self.problems.append(self._not_computed(error, context))
        for slot, name in self.references:
            if name in self.notes:
                self.decided.append(self.notes[name])
            else:
                what = f"refers to the note [^{name}], which the letter to {self.recipient.id} does not have"
                hint = "put the reference under the same condition as the note"
                self.problems.append(self._problem(self.part.fields[slot].place, what, hint))
        return self

    def field(self, slot: int, value: Any) -> str:
        """Record a printed value; an empty one is a problem."""
        # This runs for each field of each letter, and nearly all values are plain texts.
        text = value if type(value) is str else "" if value is None or isinstance(value, Undefined) else str(value)
        if not text or text.isspace():
            use = self.part.fields[slot]
            problem = self._empty(use)
            # One message for a column, however often a text prints it.
            if all(problem.place != other.place or use.place.path not in other.what for other in self.problems):
                self.problems.append(problem)
        elif len(text) > _LONGEST:
            self.problems.append(self._too_long(self.part.fields[slot], len(text)))
        else:
            self.texts.append(text)
            use = self.part.fields[slot]
            # "the {{ recipient.agency }}" of an agency whose name begins with "The".
            if use.before and text.partition(" ")[0].casefold() == use.before.casefold():
                self.remarks.append(self._twice(use, text))
        return ""

    def number(self, *names: str) -> str:
        """Number the notes that a branch of the text has."""
        for name in names:
            self.notes[name] = len(self.notes) + 1
        return ""

    def filled(self, name: str, has_words: object) -> str:
        """Record whether a note, or without a name the text, has words for this recipient; none is a problem."""
        if not has_words and not name:
            what = f'"{self.part.name}" has no words for {self.recipient.id}: no condition in it holds'
            self.problems.append(self._problem(self.recipient.place, what, "give it other words ({% else %})"))
        elif not has_words:
            what = f"the note [^{name}] is empty for {self.recipient.id}: no condition in it holds"
            hint = "put the number in the text under the same condition, or give the note other words ({% else %})"
            self.problems.append(self._problem(self.recipient.place, what, hint))
        return ""

    def reference(self, slot: int, name: str) -> str:
        """Record a place that prints the number of a note."""
        self.references.append((slot, name))
        return ""

    def branch(self, condition: int, number: int) -> str:
        """Record the branch that a condition takes, or a new turn of a loop; raises TooMuchError for too many."""
        self.decided.append((condition, number))
        if len(self.decided) > _MOST_DECIDED:
            raise jinja.TooMuchError(f"its loops take more than {_MOST_DECIDED:,} turns, too many for a letter")
        return ""

    def _empty(self, use: FieldUse) -> Problem:
        place, column = self._column(use)
        field = _FIELD.match(use.expression)
        around = f"put {{% if {field[0]} %}} around it in the letter" if field else "say what stands there otherwise"
        hint = f"fill it in, or {around}, or hold this row"
        if column in _OF_PERSONS:
            hint = f"for a greeting write {{{{ recipient.salutation }}}}, which does without a name; else {hint}"
        where = f"{use.place.path}:{use.place.line}"
        return self._problem(place, f"empty, but the letter prints {column} ({where})", hint)

    def _twice(self, use: FieldUse, text: str) -> Problem:
        what = f'"{use.before} {{{{ {use.expression} }}}}" prints "{use.before} {text[:60]}", the word twice'
        hint = f'remove "{use.before}" before the field'
        return warning(use.place, what, hint)._replace(recipient=self.recipient.id)

    def _too_long(self, use: FieldUse, length: int) -> Problem:
        place, column = self._column(use)
        for name, cell in self.recipient.columns.items():
            if len(cell) > _LONGEST:
                place, column, length = self.recipient.place._replace(field=name), name, len(cell)
        what = f"{length:,} characters, more than the {_LONGEST:,} a letter can print in one place"
        return self._problem(place, what, f"shorten {column} in the list")

    def _not_computed(self, error: Exception, context: Mapping[str, object]) -> Problem:
        """Return which field could not be computed; a condition is told by the letter's name only."""
        # Jinja does not say which expression failed: it is the one that fails again in these words.
        for use in self.part.fields:
            try:
                jinja.evaluate(use.expression, context)
            except jinja.COMPUTING as same:
                if str(same) == str(error):
                    return self._problem(
                        use.place, f'"{use.expression}" cannot be computed: {error}', "look at the row"
                    )
        return self._problem(Place(self.part.name), f"the letter cannot be computed: {error}")

    def _column(self, use: FieldUse) -> tuple[Place, str]:
        """Point to the cell of the list where a field comes straight from a column, else to the letter."""
        name = use.expression.removeprefix("recipient.").partition("|")[0].strip()
        if name in self.recipient.columns:
            return self.recipient.place._replace(field=name), name
        return self.recipient.place, f'"{use.expression}"'

    def _problem(self, place: Place, what: str, hint: str = "") -> Problem:
        return Problem(place, what, hint, recipient=self.recipient.id)


_REPORTS = {
    "field": _Record.field,
    "notes": _Record.number,
    "filled": _Record.filled,
    "reference": _Record.reference,
    "branch": _Record.branch,
}
"""How a probe reports, see compile/settle.py."""


def merge_all(
    merger: Merger, recipients: Iterable[Recipient], stopped: frozenset[str]
) -> tuple[list[MergedLetter], list[Problem]]:
    """Merge all recipients but those held on purpose or stopped by a problem of their row."""
    letters: list[MergedLetter] = []
    problems: list[Problem] = []
    for recipient in recipients:
        if recipient.hold or recipient.id in stopped or not recipient.id:
            continue
        letter, more = merger.merge(recipient)
        problems += more
        if letter:
            letters.append(letter)
    return letters, problems
