"""The names that a letter may use: the values that are the same for all, and the schema of everything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, NamedTuple

from letters.compile.fields import Schema
from letters.model.records import Campaign, Copy, Letter, Organization, Signer, Values

DERIVED = ("name", "title", "addressee", "running_name", "salutation", "delivery", "without_agreement")
"""What is made of several columns: by the forms of address, see merge/address.py; whether a list has no agreement."""
_LISTS: Mapping[str, type] = {"organizations": Organization, "signers": Signer, "copies": Copy}


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
    return {"recipient": recipient, "campaign": campaign, "letter": letter, "note": dict.fromkeys(["", *notes])}
