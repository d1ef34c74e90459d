"""Records are made of plain data without pydantic, just as pydantic would make them."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from letters.mailer import Mailer
from letters.model import Campaign, FormOfAddress, Organization
from letters.postal import Envelope
from letters.records import InexactError, record_of

ORGANIZATION = {"name": "First Organization"}
SIGNER = {"name": "First Signer"}
GOOD: dict[str, Any] = {
    "letter": "guidance-letter",
    "organizations": [{**ORGANIZATION, "address": ["1 Main Street"], "logo": "templates/logo.svg"}],
    "signers": [SIGNER],
    "date": datetime.date(2025, 9, 17),
    "copies": [{"name": "Counsel", "file": True}],
    "paper": "A4",
    "enclosures": ["model-policy"],
}
THINGS = st.one_of(
    st.text(max_size=3),
    st.sampled_from(["A4", "final", "draft", " A4", "a/b", "1", "true", "2025-09-17"]),
    st.booleans(),
    st.integers(-3, 3),
    st.floats(allow_nan=False),
    st.dates(),
    st.datetimes(),
    st.just([]),
    st.just([ORGANIZATION]),
    st.just([SIGNER, {"name": 1}]),
    st.lists(st.text(max_size=2), max_size=2),
    st.just(ORGANIZATION),
)


def both(record: type, table: dict[str, Any]) -> tuple[object, object]:
    """Make a record both ways; a text stands for what cannot be made."""
    try:
        ours = record_of(record, table)
    except InexactError:
        ours = "not exact"
    try:
        theirs = TypeAdapter(record).validate_python(table)
    except ValidationError:
        theirs = "a problem"
    return ours, theirs


def test_a_campaign_without_mistakes_needs_no_pydantic() -> None:
    ours, theirs = both(Campaign, GOOD)
    assert isinstance(ours, Campaign)
    assert ours == theirs


@given(st.sampled_from([Campaign, Organization, FormOfAddress, Envelope, Mailer]), st.data())
def test_a_record_is_the_one_that_pydantic_makes(record: type, data: st.DataObject) -> None:
    names = [*record.__dataclass_fields__, "unknown"]
    table = GOOD if record is Campaign else {}
    table = {**table, **data.draw(st.dictionaries(st.sampled_from(names), THINGS))}
    ours, theirs = both(record, table)
    assert repr(ours) in (repr("not exact"), repr(theirs))


@pytest.mark.parametrize(
    "change",
    [
        {"letter": " guidance-letter"},
        {"date": "2025-09-17"},
        {"date": datetime.datetime(2025, 9, 17)},  # noqa: DTZ001 - as TOML has it
        {"signers": SIGNER},
        {"paper": "a4"},
        {"unknown": ""},
        {"copies": [{"name": "Counsel", "file": 1}]},
    ],
)
def test_what_is_not_exact_is_left_to_pydantic(change: dict[str, object]) -> None:
    with pytest.raises(InexactError):
        record_of(Campaign, {**GOOD, **change})


def test_what_is_missing_is_left_to_pydantic() -> None:
    with pytest.raises(InexactError):
        record_of(Campaign, {name: value for name, value in GOOD.items() if name != "date"})
