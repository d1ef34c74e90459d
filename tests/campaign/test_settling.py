"""What campaign.toml leaves open is settled, and every other byte of it stays."""

from __future__ import annotations

import pytest

from letters.campaign.settling import brackets, settle, settle_everywhere
from letters.model.problems import CannotGoOn
from tests.conftest import MakeDesk
from tests.desk import CAMPAIGN, ROOT

OPEN = CAMPAIGN.replace("{more}", 'delivery = "[By mail]" # [By mail] or by hand').replace(
    "1 Main Street", "[Street], [City]"
)


def test_brackets_are_found_in_texts_and_not_in_remarks() -> None:
    assert brackets(OPEN) == ["[By mail]", "[Street]", "[City]"]
    assert brackets("# all of it [is] a remark\n") == []
    assert "[First organization]" in brackets((ROOT / "campaign.toml").read_text("utf-8"))


@pytest.mark.parametrize(
    "value", ["Via U.S. Mail", 'the "old" way', "back\\slash", "Ünïcode — dash", "# no remark", "]]"]
)
def test_a_bracket_is_filled_in_with_whatever_a_person_types(make_desk: MakeDesk, value: str) -> None:
    desk = make_desk(campaign=OPEN)
    assert settle(desk.folder / "campaign.toml", [("[By mail]", value)]) == 1
    from letters.read.toml import read_toml

    file = read_toml(desk.folder / "campaign.toml", "campaign.toml")
    assert file.table["delivery"] == value
    assert file.text.count("[By mail]") == 1, "the remark stays"
    assert file.text.count("\n") == OPEN.count("\n")


def test_the_command_fills_in_and_sets(make_desk: MakeDesk) -> None:
    desk = make_desk(campaign=OPEN)
    assert "1 place of campaign.toml changed" in desk.run("settle", "[Street]", "2 Main Street").stdout
    desk.run("settle", "date", "2026-01-05")
    desk.run("settle", "closing", "Yours,")
    text = (desk.folder / "campaign.toml").read_text("utf-8")
    assert '"2 Main Street, [City]"' in text
    assert "date = 2026-01-05" in text
    assert text.index('closing = "Yours,"') < text.index("[[organizations]]")


@pytest.mark.parametrize(
    ("what", "value"),
    [("[Nothing]", "x"), ("[Street]", " "), ("date", "tomorrow"), ("status", "done"), ("organizations", "x")],
)
def test_what_cannot_be_settled_changes_nothing(make_desk: MakeDesk, what: str, value: str) -> None:
    desk = make_desk(campaign=OPEN)
    before = (desk.folder / "campaign.toml").read_bytes()
    with pytest.raises(CannotGoOn):
        settle(desk.folder / "campaign.toml", [(what, value)])
    assert (desk.folder / "campaign.toml").read_bytes() == before


def test_a_bracket_of_the_texts_is_filled_in_as_it_is_meant(make_desk: MakeDesk) -> None:
    desk = make_desk(
        campaign=OPEN,
        letter="---\ntitle: A letter\nsubject: Of [the agent]\n---\n"
        "\nAsk [the\nagent] or [the agent](x.org) of [Street]."
        "\n\n{# [the agent] #} \\[the agent]\n",
    )
    said = desk.run("settle", "[the agent]", "J_R_R <Roe> 5*").stdout
    assert said == "[the agent]: 1 place of templates/letter.md changed\n"
    text = (desk.folder / "templates" / "letter.md").read_text("utf-8")
    assert "Ask J\\_R\\_R \\<Roe\\> 5\\* or [the agent](x.org) of [Street]." in text
    assert "subject: Of [the agent]" in text
    assert "{# [the agent] #} \\[the agent]" in text
    both = desk.run("settle", "[Street]", "2 Main Street").stdout.splitlines()
    assert [line.rpartition(" of ")[2] for line in both] == ["campaign.toml changed", "templates/letter.md changed"]


def test_several_places_are_settled_together_or_none_is(make_desk: MakeDesk) -> None:
    desk = make_desk(campaign=OPEN, letter="Ask [the agent] at [Street].\n")
    path = desk.folder / "campaign.toml"
    before = path.read_bytes()
    with pytest.raises(CannotGoOn):
        settle_everywhere(path, [("[the agent]", "Jane"), ("[Street]", "1 Main Street"), ("date", "tomorrow")])
    assert path.read_bytes() == before
    filled = settle_everywhere(path, [("[the agent]", "Jane"), ("[Street]", "1 Main Street"), ("status", "final")])
    assert [(file.path.name, file.places) for file in filled] == [("campaign.toml", 2), ("letter.md", 2)]
    assert (desk.folder / "templates/letter.md").read_text("utf-8") == "Ask Jane at 1 Main Street.\n"
