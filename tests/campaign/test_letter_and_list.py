"""What a letter takes for granted, and the list does not show, is told once."""

from __future__ import annotations

import csv
import io

import pytest

from letters.campaign.letter_and_list import STATUTE, mentions
from letters.campaign.load import load
from letters.render.word.docxtpl_internals import DocxRenderer
from tests.conftest import MakeDesk
from tests.desk import CHIEF, COLUMNS, SHERIFF
from tests.reading import docx_words

CAREFUL = """
{% if recipient.agreement_287g %}You signed.{% elif recipient.without_agreement %}You have signed none, by the list of
{{ recipient.agreement_list | long_date }}.{% else %}Have you signed?{% endif %}
"""
CARELESS = "We write. {% if recipient.agreement_287g %}You signed.{% else %}You have signed none.{% endif %}\n"
NONE = {**CHIEF, "agreement_287g": "none", "agreement_list": "2025-09-17"}


def test_unknown_is_told_and_none_is_printed_with_the_date_of_its_list(make_desk: MakeDesk) -> None:
    desk = make_desk(letter=CAREFUL, rows=[SHERIFF, NONE, {**CHIEF, "id": "x", "agency": "Alpena Police Department"}])
    said = desk.run("check").stdout
    assert said.count("agreement_287g: warning: empty, so it is unknown") == 1
    project, _ = load(desk.folder / "campaign.toml")
    assert project is not None
    none, unknown = (
        DocxRenderer(project.template.word).render(each.context, each.notes) for each in project.letters[1:]
    )
    assert "signed none, by the list of September 17, 2025" in docx_words(none)
    assert "Have you signed?" in docx_words(unknown)


def test_a_letter_that_takes_unknown_for_none_is_told(make_desk: MakeDesk) -> None:
    said = make_desk(letter=CARELESS).run("check").stdout
    assert "recipients.csv:3: agreement_287g: warning: empty, which is unknown and not none" in said
    assert "unknown" not in make_desk_again(make_desk, CARELESS.replace("{% else %}You have signed none.", ""))


def make_desk_again(make_desk: MakeDesk, letter: str) -> str:
    """Check another letter in a folder beside the first."""
    desk = make_desk(letter=letter, folder=make_desk.keywords["folder"] / "again")  # type: ignore[attr-defined]
    return desk.run("check").stdout


def test_none_without_the_date_of_a_list_stops_its_row(make_desk: MakeDesk) -> None:
    said = make_desk(rows=[SHERIFF, {**NONE, "agreement_list": ""}]).run("check", code=1).stdout
    assert 'agreement_list: empty, but "none" is true by a list of some date only' in said
    assert "1 of 2 letters can be made" in said


def test_none_may_name_its_list_in_the_same_cell(make_desk: MakeDesk) -> None:
    row = {**NONE, "agreement_287g": "none, by ICE's list of 2025-12-31", "agreement_list": ""}
    desk = make_desk(letter="{{ recipient.agreement_list | long_date }}\n", rows=[row])
    assert "1 of 1 letter" in desk.run("check").stdout


def test_a_column_that_the_list_lacks_is_named_in_words(make_desk: MakeDesk) -> None:
    desk = make_desk(letter=CARELESS)
    kept = [name for name in COLUMNS if name != "agreement_287g"]
    out = io.StringIO()
    writer = csv.DictWriter(out, kept, extrasaction="ignore", restval="")
    writer.writeheader()
    writer.writerow(CHIEF)
    desk.write("recipients.csv", out.getvalue())
    said = desk.run("check").stdout
    assert 'the list has no column "agreement_287g", which the letter asks for in templates/letter.md:1' in said
    assert "attribute" not in said


def test_a_letter_on_the_law_of_another_state_is_told(make_desk: MakeDesk) -> None:
    ohio = {**CHIEF, "id": "hamilton", "state": "OH", "city": "Hamilton", "zip": "45011"}
    letter = "Michigan law adds no duty. No statute of Michigan does. *Ohio v. Reiner*, 532 U.S. 17 (2001).\n"
    said = make_desk(letter=letter, rows=[SHERIFF, ohio]).run("check").stdout
    assert "recipients.csv:3: state: warning: the letter speaks of Michigan (templates/letter.md:1)" in said
    assert "another state, OH" in said
    assert said.count("state: warning") == 1


def test_a_letter_that_tells_states_apart_is_left_alone(make_desk: MakeDesk) -> None:
    ohio = {**CHIEF, "id": "hamilton", "state": "OH", "city": "Hamilton", "zip": "45011"}
    letter = '{% if recipient.state == "MI" %}Michigan law, Michigan courts.{% endif %} More.\n'
    assert "another state" not in make_desk(letter=letter, rows=[SHERIFF, ohio]).run("check").stdout


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("Under Michigan law you may.", "MI"),
        ("See MCL 764.15.", "MI"),
        ("Wis. Stat. § 59.27 asks it.", "WI"),
        ("720 ILCS 5/2 bars it.", "IL"),
        ("Tex. Loc. Gov’t Code § 1 bars it.", "TX"),
        ("The Illinois TRUST Act bars it.", "IL"),
        ("The laws of the State of New Jersey bar it.", "NJ"),
    ],
)
def test_one_statute_is_enough_to_speak_of_a_states_law(words: str, state: str) -> None:
    assert (state, STATUTE) in [(mention.state, mention.points) for mention in mentions(words)]


@pytest.mark.parametrize(
    "words",
    [
        "The Washington Post and George Washington.",
        "Texas v. United States.",
        "The ACLU of Michigan.",
        "New York City.",
    ],
)
def test_a_newspaper_a_party_and_an_organization_are_no_law(words: str) -> None:
    assert sum(mention.points for mention in mentions(words)) < STATUTE


def test_a_state_that_is_printed_tells_no_states_apart(make_desk: MakeDesk) -> None:
    ohio = {**CHIEF, "id": "hamilton", "state": "OH", "city": "Hamilton", "zip": "45011"}
    desk = make_desk(letter="Michigan law for you in {{ recipient.state }}.\n", rows=[SHERIFF, ohio])
    assert "another state, OH" in desk.run("check").stdout


@pytest.mark.parametrize(
    "tags",
    [
        "{% if recipient.jail %}One.{% else %}None.{% endif %}",
        "{% if not recipient.jail %}None.{% endif %}",
        "{% if recipient.jail != 'yes' %}None.{% endif %}",
        "{{ 'One' if recipient.jail else 'None' }}.",
        "{{ recipient.jail or 'None' }}.",
        "{{ recipient.jail | default('None', true) }}.",
    ],
)
def test_an_empty_cell_that_a_letter_takes_for_a_no_is_told(make_desk: MakeDesk, tags: str) -> None:
    said = make_desk(letter=f"We write. {tags}\n", rows=[{**SHERIFF, "jail": "yes"}, CHIEF]).run("check").stdout
    assert "recipients.csv:3: jail: warning: empty, which is unknown and not no" in said
    assert '{% elif recipient.jail == "no" %}' in said


def test_a_letter_that_asks_for_no_or_says_nothing_takes_nothing_for_granted(make_desk: MakeDesk) -> None:
    asks = '{% if recipient.jail == "yes" %}One.{% elif recipient.jail == "no" %}None.{% else %}Perhaps.{% endif %}'
    silent = "{% if recipient.jail %}One.{% endif %}"
    named = "{% if recipient.last_name %}Named.{% else %}Not named.{% endif %}"
    desk = make_desk(letter=f"{asks} {silent} {named}\n", rows=[{**SHERIFF, "jail": "yes"}, CHIEF])
    assert "unknown" not in desk.run("check").stdout


def test_a_delivery_line_that_would_stand_on_the_address_is_told(make_desk: MakeDesk) -> None:
    long = "Via Certified Mail, " * 9
    desk = make_desk(rows=[SHERIFF, {**CHIEF, "delivery": long}])
    said = desk.run("check", code=1).stdout
    assert "recipients.csv:3: delivery: " in said
    assert "two lines above the address have room for 150" in said
    campaign = (desk.folder / "campaign.toml").read_text("utf-8")
    desk.write("campaign.toml", campaign.replace("date = ", f'delivery = "{long}"\ndate = '))
    assert "campaign.toml: delivery: " in desk.run("check", code=1).stdout


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ('recipient.county == "BERRIEN"', 'no row of the list has "BERRIEN" in the column county'),
        ('recipient.county in ("Lenawee", "Berien")', 'no row of the list has "Berien" in the column county'),
        ('"Adrain" == recipient.city', 'no row of the list has "Adrain" in the column city'),
        ('recipient.county != "Wayne"', 'no row of the list has "Wayne" in the column county'),
    ],
)
def test_a_value_that_no_row_has_is_told(make_desk: MakeDesk, condition: str, said: str) -> None:
    done = make_desk(letter=f"Words{{% if {condition} %}} of our own{{% endif %}}.\n").run("check").stdout
    assert f"templates/letter.md:1:6: warning: {said}" in done


def test_values_that_a_row_has_or_a_list_may_have_are_not_told(make_desk: MakeDesk) -> None:
    conditions = ('county == "Berrien"', 'agreement_287g == "jail_enforcement"', 'state == "OH"', 'email == ""')
    letter = "".join(f"{{% if recipient.{each} %}}Words. {{% endif %}}" for each in conditions)
    assert "no row of the list" not in make_desk(letter=f"Words. {letter}\n").run("check").stdout


def test_a_condition_that_cannot_be_read_is_told_as_such(make_desk: MakeDesk) -> None:
    done = make_desk(letter="Words{% if recipient.county == %} of our own{% endif %}.\n").run("check", code=1)
    assert "templates/letter.md:1" in done.stdout
