from __future__ import annotations

import json

import pytest

from letters.campaign.load import load
from letters.campaign.project import Field, list_fields
from tests.conftest import MakeDesk
from tests.desk import CHIEF, SHERIFF

LETTER = """
---
edition: 2025-09
---

To the {{ recipient.agency }}.[^first-note] {% if recipient.board_chair %}See note {{ note["first-note"] }}.{% endif %}

[^first-note]: A note.
"""


@pytest.fixture
def fields(make_desk: MakeDesk) -> dict[str, Field]:
    rows = [{**SHERIFF, "board_chair": "Nobody & Co"}, {**CHIEF, "hold": "on purpose"}]
    project, _ = load(make_desk(letter=LETTER.lstrip(), rows=rows).folder / "campaign.toml")
    assert project
    return {field.name: field for field in list_fields(project, project.recipients[0])}


def test_a_column_of_the_list_is_a_field_with_its_line(fields: dict[str, Field]) -> None:
    assert fields["recipient.board_chair"] == Field(
        "recipient.board_chair", "Nobody & Co", "recipients.csv, line 2, column board_chair", used=True
    )
    assert not fields["recipient.zip"].used


def test_what_the_forms_of_address_make_is_a_field(fields: dict[str, Field]) -> None:
    salutation = fields["recipient.salutation"]
    assert salutation.holds == "Dear Sheriff Heit:"
    assert salutation.origin == "templates/forms-of-address.toml, for the office sheriff"
    assert fields["recipient.title"].origin == "recipients.csv, line 2, column title"


def test_what_is_the_same_for_all_is_a_field(fields: dict[str, Field]) -> None:
    assert fields["signer.name"].holds == "First Signer"
    assert fields["letter.edition"].origin == "templates/letter.md, front matter"
    assert fields["letter.subject"].origin == "campaign.toml, subject"
    assert fields["campaign.date"].holds == "2025-09-17, printed September\u00a017, 2025 by | long_date"


def test_the_number_of_a_note_is_a_field(fields: dict[str, Field]) -> None:
    assert fields['note["first-note"]'] == Field(
        'note["first-note"]', "1", "the number of the note [^first-note] in letter", used=True
    )


def test_every_field_that_check_allows_is_listed(make_desk: MakeDesk) -> None:
    desk = make_desk()
    listed = json.loads(desk.run("fields", "--json").stdout)
    names = [field["name"] for field in listed["fields"] if field["name"].startswith(("recipient.", "letter."))]
    desk.write("templates/letter.md", "".join(f"{{% if {name} %}}Text.{{% endif %}}\n\n" for name in names))
    found = load(desk.folder / "campaign.toml")[1]
    assert [problem for problem in found if problem.place.field != "agreement_287g"] == []
    assert listed["recipient"] == SHERIFF["id"]


def test_a_letter_that_is_kept_back_tells_its_columns_and_why(make_desk: MakeDesk) -> None:
    desk = make_desk(rows=[SHERIFF, {**CHIEF, "hold": "on purpose"}])
    done = desk.run("fields", CHIEF["id"])
    assert "the letter to adrian-police is kept back: on purpose" in done.stderr
    assert "100 East Church Street" in done.stdout
