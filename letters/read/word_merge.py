"""Turns the merge fields of a Word letter into the fields and conditions of ours, or says which cannot be.

Fields are those of ECMA-376 part 1, 17.16.5: MERGEFIELD, IF, ADDRESSBLOCK, GREETINGLINE; others of a mail merge (NEXT,
SKIPIF, ASK …) give orders to Word that have no meaning here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from lxml import etree

from letters.formats.docx.word_fields import NESTED, WordField, outer_fields
from letters.formats.ooxml import w
from letters.model.problems import Place, Problem, nearest, shortened, warning
from letters.read.recipients import DATES
from letters.read.word_tags import FOLDED, put_around, replace_text, texts_of

_ORDERS = {
    "NEXT": "it goes on to the next row of a list, for labels",
    "NEXTIF": "it goes on to the next row of a list, for labels",
    "SKIPIF": "it leaves out rows; hold them in the list, or write for: in the letter",
    "MERGEBARCODE": "it draws a bar code; the toolkit prints those of the post on envelopes and labels",
    "MERGEREC": "it prints the number of a row",
    "MERGESEQ": "it prints the number of a row",
    "ASK": "it asks while Word merges; give the value in campaign.toml or in a column of the list",
    "FILLIN": "it asks while Word merges; give the value in campaign.toml or in a column of the list",
    "SET": "it keeps a value for later; write the value where it is printed",
    "DATABASE": "it reads another file",
    "INCLUDETEXT": "it reads another file; paste the text itself",
    "INCLUDEPICTURE": "it reads another file; a logo is named in campaign.toml",
    "LINK": "it reads another file; paste the text itself",
    "DDE": "it starts another program",
    "DDEAUTO": "it starts another program",
    "MACROBUTTON": "it starts a program; type the words that it shows",
    "AUTOTEXT": "its words are in the template of one computer; type them",
    **dict.fromkeys(("TOA", "INDEX"), "its page numbers are those of Word's pages; make it text (Ctrl+Shift+F9)"),
    "DOCVARIABLE": "its value is not shown in Word; type it",
}
"""Fields that are refused, each with the reason."""
_DATES = ("DATE", "TIME", "PRINTDATE", "SAVEDATE", "CREATEDATE")
"""Fields that Word changes whenever it opens, prints or saves the file."""
_COMPUTED = (
    *("PAGE", "NUMPAGES", "SECTION", "SECTIONPAGES", "FILENAME", "FILESIZE", "TEMPLATE"),
    *("USERNAME", "USERINITIALS", "USERADDRESS", "NUMWORDS", "NUMCHARS", "REVNUM", "EDITTIME"),
)
"""Fields that say something of the file, which is another one for each letter; at home in headers and footers."""
_SYNONYMS = {
    "first_name": ("first", "fname", "givenname", "forename", "firstname"),
    "last_name": ("last", "lname", "surname", "familyname", "lastname"),
    "name": ("fullname", "contactname", "contact"),
    "agency": ("company", "companyname", "organization", "organisation", "agencyname", "department"),
    "address1": ("address", "addressline1", "street", "streetaddress", "mailingaddress", "businessstreet"),
    "address2": ("addressline2", "unit", "suite", "businessstreet2"),
    "city": ("town", "businesscity"),
    "state": ("st", "province", "stateorprovince", "businessstate"),
    "zip": ("zipcode", "postalcode", "postcode", "postal", "businesspostalcode"),
    "title": ("jobtitle", "courtesytitle", "rank", "prefix"),
    "salutation": ("greeting", "greetingline"),
    "suffix": ("namesuffix",),
    "email": ("emailaddress", "mail"),
    "phone": ("workphone", "businessphone", "telephone", "phonenumber"),
}
"""What lists and mail merges call our columns, without spaces and underscores."""
_LIKENESS = 0.75
"""How much a name must be like a column to be proposed: «Zone» is not the telephone."""
_ADDRESS = "ADDRESSBLOCK"
DERIVED = ("name", "title", "addressee", "running_name", "salutation")
"""Fields of a recipient that the forms of address make."""
_WRITE_CONDITION = "write a condition: {% if … %} … {% endif %}"
_OPERATORS = {"=": "==", "<>": "!="}
_CASES = {"UPPER": "upper", "LOWER": "lower", "FIRSTCAP": "capfirst"}
_INSTEAD = {
    "\\*": "write the field with a filter, such as {{ recipient.agency | upper }}",
    "\\@": 'dates are printed as "September 17, 2025": {{ recipient.agreement_signed | long_date }}',
    "\\#": "numbers are printed as the list has them: write them there as they are to be read",
}
"""What to do about a switch that cannot be followed."""
_IGNORED = ("MERGEFORMAT", "CHARFORMAT")
_LONG_DATE = "MMMM d, yyyy"
_TYPED = re.compile(r"«\s*([^«»\s][^«»]{0,60}?)\s*»|<<\s*([^<>\s][^<>]{0,60}?)\s*>>")
"""Merge fields as people type them."""


class MergeNames(NamedTuple):
    """What the fields of a mail merge stand for: what the campaign says, and what the list has."""

    given: Mapping[str, str]
    """Expressions by the name of a merge field, from the table merge_fields of campaign.toml."""
    columns: Sequence[str]
    headings: Mapping[str, str] = MappingProxyType({})
    """Expressions by the headings of the lists that were imported: a letter is written for them."""

    def proposal(self, name: str) -> str:
        """Return the expression that a merge field surely stands for; empty where that is not clear."""
        plain = spelling(name)
        by_heading = {spelling(heading): meaning for heading, meaning in reversed([*self.headings.items()])}
        if meaning := by_heading.get(plain):
            return meaning
        known = {spelling(column): column for column in (*DERIVED, *self.columns)}
        for column, others in _SYNONYMS.items():
            if column in (*DERIVED, *self.columns):
                for other in others:
                    known.setdefault(other, column)
        if plain == "date":
            return "campaign.date | long_date"
        if known.get(plain) in DATES:
            return f"recipient.{known[plain]} | long_date"
        return f"recipient.{known[plain]}" if plain in known else ""

    def expression(self, name: str) -> str:
        """Return the expression of a merge field: what the campaign says, else what it surely is; or empty."""
        given = {spelling(key): value for key, value in self.given.items()}
        return given.get(spelling(name), "") or self.proposal(name)


def spelling(name: str) -> str:
    """Return the name of a field or column without what its spellings differ by: case, spaces, underscores."""
    return re.sub(r"[\W_]+", "", name).lower()


class _NotMade(Exception):  # noqa: N818 - reads as a statement: raise _NotMade
    """A field cannot be turned into ours; the message says why, `hint` what to do."""

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.hint = hint


class MergeFieldReader:
    """Replaces the merge fields of the parts of one letter; `filled` gathers what they became."""

    def __init__(self, names: MergeNames) -> None:
        self.names = names
        self.filled: dict[str, str] = {}
        self.unknown: dict[str, Place] = {}
        self.typed: dict[str, str] = {}
        """Names of those that were typed and not put in as fields, as they are written."""

    def settle(self, root: etree._Element, place_of: Callable[[etree._Element], Place]) -> list[Problem]:
        """Replace the merge fields of a part in place, typed ones too; return a problem for each that cannot be."""
        problems = []
        for each in outer_fields(root):
            paragraph = each.paragraph
            if paragraph is None:
                continue
            place = place_of(paragraph)
            try:
                self._settle(each, paragraph, place)
            except _NotMade as error:
                problems.append(Problem(place, str(error), error.hint))
                if _TYPED.search(_said_of(each)) or not each.is_in_one_paragraph:
                    each.replace("")  # what it showed is not told of once more
        for paragraph in list(root.iter(w("p"))):
            self._settle_typed(paragraph, place_of(paragraph))
        return problems

    def _settle(self, each: WordField, paragraph: etree._Element, place: Place) -> None:
        kind = each.kind
        if kind in _ORDERS:
            why, _, hint = _ORDERS[kind].partition("; ")
            raise _NotMade(f"the field {kind} of Word has no meaning here: {why}", hint or "delete it in Word")
        if kind in _DATES:
            what = f"the field {kind} of Word changes whenever the file is opened, printed or saved"
            raise _NotMade(what, "write the date, or {{ campaign.date | long_date }}")
        if kind in _COMPUTED and not place.field:
            what = f"the field {kind} of Word says something of this very file"
            raise _NotMade(what, "type what the letter is to say")
        if kind not in ("MERGEFIELD", "IF", "ADDRESSBLOCK", "GREETINGLINE"):
            if any(inner.kind == "MERGEFIELD" for inner in each.nested):
                what = f"the field {kind} of Word holds merge fields, which it cannot do here"
                raise _NotMade(what, "type it as text")
            return
        if not each.is_in_one_paragraph:
            folded = each.fold()
            if not folded:
                what = f"the field {kind} of Word goes on over several paragraphs"
                hint = "write a condition: {%p if … %} and {%p endif %} in paragraphs of their own"
                raise _NotMade(what, hint if kind == "IF" else "put it anew, into a paragraph of its own")
            # A preview in Word keeps an address block as several paragraphs; the places of those below count them.
            paragraph.set(FOLDED, str(folded + int(paragraph.get(FOLDED, "0"))))
        if each.has_more or any(inner.has_more for inner in each.nested):
            what = f"the field {kind} of Word holds a note or a picture"
            raise _NotMade(what, "write a condition around it: {% if … %} … {% endif %}")
        if kind == "ADDRESSBLOCK":
            self._address_block(each, paragraph)
        elif kind == "GREETINGLINE":
            self.filled["GREETINGLINE"] = "{{ recipient.salutation }}"
            each.replace("{{ recipient.salutation }}")
        elif kind == "IF":
            self._condition(each, paragraph, place)
        else:
            each.replace(self._output(each, place))

    def _address_block(self, each: WordField, paragraph: etree._Element) -> None:
        """Write a loop over the lines of the inside address, each a paragraph in the looks of this one."""
        if _said(paragraph) != _said_of(each):
            raise _NotMade("the field ADDRESSBLOCK stands beside other words", "give it a paragraph of its own")
        each.replace("{{ line }}")
        self._loop_over_address(paragraph)

    def _loop_over_address(self, paragraph: etree._Element) -> None:
        self.filled[_ADDRESS] = "the lines of recipient.inside_address"
        put_around(paragraph, "{%p for line in recipient.inside_address %}", "{%p endfor %}")

    def _condition(self, each: WordField, paragraph: etree._Element, place: Place) -> None:
        is_alone = _said(paragraph) == _said_of(each)
        test, true, false = self._branches(each, place)
        if not any(
            inner.kind == "MERGEFIELD" and inner.arguments[1:2] and _name(inner) in self.unknown
            for inner in each.nested
        ):
            self.filled["IF"] = f"{{% if {test} %}}"
        if not true and false:
            test, true, false = f"not ({test})", false, ""
        if is_alone and not false:
            # A paragraph of its own, so that no empty one is left where the condition does not hold.
            each.replace(true)
            put_around(paragraph, f"{{%p if {test} %}}", "{%p endif %}")
        else:
            each.replace(_as_condition(test, true, false))

    def _branches(self, each: WordField, place: Place) -> tuple[str, str, str]:
        arguments = each.arguments[1:]
        # Word adds \* MERGEFORMAT to an IF field by itself.
        while len(arguments) > 2 and arguments[-2] == "\\*" and arguments[-1].upper() in _IGNORED:
            arguments = arguments[:-2]
        if len(arguments) not in (3, 4, 5) or arguments[1] not in ("=", "<>", "<", ">", "<=", ">="):
            what = f'the field IF of Word is not understood: "{shortened(NESTED.sub("…", each.code))}"'
            raise _NotMade(what, _WRITE_CONDITION)
        left, operator, right = arguments[:3]
        # Word compares numbers by < and >; the columns of a list are texts here, of which "9" is more than "10".
        if operator not in _OPERATORS:
            raise _NotMade(f'the field IF of Word compares by "{operator}"', _WRITE_CONDITION)
        if re.search(r"[*?]", right):
            raise _NotMade(f'the field IF of Word compares with a pattern: "{right}"', _WRITE_CONDITION)
        test = f"{self._operand(each, left, place)} {_OPERATORS[operator]} {self._operand(each, right, place)}"
        true, false = (
            NESTED.sub(lambda match: self._output(each.nested[int(match[1])], place), argument)
            for argument in (*arguments[3:], "", "")[:2]
        )
        return test, true, false

    def _operand(self, each: WordField, argument: str, place: Place) -> str:
        """Return one side of a comparison as an expression of Jinja."""
        parts = []
        for number, piece in enumerate(NESTED.split(argument)):
            if number % 2:
                parts.append(self._named(each.nested[int(piece)], place))
            elif piece:
                parts.append(_quoted(piece))
        return " ~ ".join(parts) or "''"

    def _output(self, each: WordField, place: Place) -> str:
        """Return the tag that prints a merge field, by its switches (17.16.4, 17.16.5.35)."""
        if each.kind == "IF":
            return _as_condition(*self._branches(each, place))
        expression = self._named(each, place)
        before, after, filters = "", "", ""
        arguments = iter(each.arguments[_switches(each) :])
        for switch in arguments:
            if switch in ("\\m", "\\v"):
                continue
            value = next(arguments, "")
            if switch == "\\b":
                before = value
            elif switch == "\\f":
                after = value
            elif switch == "\\*" and value.upper() in _CASES:
                filters += f" | {_CASES[value.upper()]}"
            elif switch == "\\@" and value == _LONG_DATE:
                filters += "" if "long_date" in expression else " | long_date"
            elif switch == "\\#" and expression == "recipient.zip" and not value.strip("0-'"):
                pass  # to keep the zeros of a ZIP code, which a list of ours never loses
            elif not (switch == "\\*" and value.upper() in _IGNORED):
                name = _name(each)
                raise _NotMade(
                    f'the merge field «{name}» has the switch {switch} "{value}", which has no like here',
                    _INSTEAD.get(switch, "delete the switch, or type a field such as {{ recipient.agency }}"),
                )
        tag = f"{{{{ {expression}{filters} }}}}"
        return f"{{% if {expression} %}}{before}{tag}{after}{{% endif %}}" if before or after else tag

    def _named(self, each: WordField, place: Place) -> str:
        """Return the expression of a merge field; one that nothing is known of is an empty text, and on record."""
        if each.kind != "MERGEFIELD" or len(each.arguments) < 2:
            raise _NotMade(f"the field {each.kind} stands inside of another field of Word", "type it as text")
        name = _name(each)
        expression = self.names.expression(name)
        if not expression:
            self.unknown.setdefault(name, place)
            return _quoted(name)  # an error stops the letter; an empty text would be a second one
        self.filled[f"«{name}»"] = expression
        return expression

    def _settle_typed(self, paragraph: etree._Element, place: Place) -> None:
        """Replace what is typed as «Name» or <<Name>> in a paragraph, as if it were a field of Word."""
        pieces = texts_of(paragraph)
        said = "".join(piece.text or "" for piece in pieces)
        alone = _TYPED.fullmatch(said.strip())
        if alone and spelling(alone[1] or alone[2]) == "addressblock" and not self.names.expression(_ADDRESS):
            replace_text(pieces, 0, len(said), "{{ line }}")
            self._loop_over_address(paragraph)
            return
        # From the end, so that offsets of those before it stay.
        for match in reversed(list(_TYPED.finditer(said))):
            name = " ".join((match[1] or match[2]).split())
            if expression := self.names.expression(name):
                self.filled[match[0]] = expression
            else:
                self.unknown.setdefault(name, place)
                self.typed[name] = match[0]
                expression = _quoted(name)
            replace_text(pieces, match.start(), match.end(), f"{{{{ {expression} }}}}")

    def meanings(self) -> dict[str, str]:
        """Return what each named field stands for, without its brackets; empty where nothing is known of it."""
        known = {name.strip("«»<> "): expression for name, expression in self.filled.items() if name[0] in "«<"}
        return known | dict.fromkeys(self.unknown, "")

    def problems(self, shown: str, letter: str) -> Iterator[Problem]:
        """Yield an error for each merge field that nothing is known of, and one warning with what the others became."""
        known = {spelling(column): f"recipient.{column}" for column in (*DERIVED, *self.names.columns)}
        for name, place in self.unknown.items():
            near = known.get(nearest(spelling(name), known, _LIKENESS), "")
            command = f'letters fields map {letter} --map "{name}={near or "recipient.…"}"'
            hint = f"did you mean {near}? Say so: {command}" if near else f"say what it stands for: {command}"
            if name in self.typed:
                hint += "; a quotation stands in “ ”"
            yield Problem(place, f"nothing is known of the merge field {self.typed.get(name, f'«{name}»')}", hint)
        said = {spelling(name) for name in self.names.given}
        if guessed := {name: expression for name, expression in self.filled.items() if spelling(name) not in said}:
            became = ", ".join(f"{name} by {expression}" for name, expression in guessed.items())
            what = f"fields of the mail merge are filled: {became}"
            yield warning(Place(shown), what, f"if one is wrong: letters fields map {letter} --map NAME=FIELD")


def _as_condition(test: str, true: str, false: str) -> str:
    return f"{{% if {test} %}}{true}" + (f"{{% else %}}{false}" if false else "") + "{% endif %}"


def _switches(each: WordField) -> int:
    """Return at which argument the switches of a merge field begin: its name may be several words, without quotes."""
    return next((n for n, word in enumerate(each.arguments) if n > 1 and word.startswith("\\")), len(each.arguments))


def _name(each: WordField) -> str:
    return " ".join(each.arguments[1 : _switches(each)])


def _said(paragraph: etree._Element) -> str:
    """Return the text of a paragraph, with a mark for each note."""
    return "".join(
        "*" if piece.tag == w("footnoteReference") else piece.text or ""
        for piece in paragraph.iter(w("t"), w("footnoteReference"))
    ).strip()


def _said_of(each: WordField) -> str:
    return "".join(piece.text or "" for run in each.elements for piece in run.iter(w("t"))).strip()


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
