"""Who writes and who signs is set in campaign.toml by `letters settle`, and every other line stays."""

from __future__ import annotations

import tomllib

import pytest
from PIL import Image

from letters.campaign.settling import settle
from letters.model.problems import CannotGoOn
from tests.conftest import MakeDesk
from tests.desk import CAMPAIGN, Desk

MORE = 'approvals = ["First Organization"]  # both must agree'


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    return make_desk(campaign=CAMPAIGN, more=MORE)


def text_of(desk: Desk) -> str:
    return (desk.folder / "campaign.toml").read_text("utf-8")


def set_values(desk: Desk, **values: str) -> dict[str, object]:
    """Set values, named with _ in the place of a dot, and return the campaign as it is then."""
    settle(desk.folder / "campaign.toml", [(name.replace("__", "."), value) for name, value in values.items()])
    return tomllib.loads(text_of(desk))


def test_values_of_an_organization_are_set_added_and_taken_away(desk: Desk) -> None:
    before = text_of(desk)
    set_values(
        desk, organizations__1__address='2 "Main" Street; Suite 3; Lansing, MI 48933', organizations__2__web="b.org"
    )
    organizations = tomllib.loads(text_of(desk))["organizations"]
    assert organizations[0]["address"] == ['2 "Main" Street', "Suite 3", "Lansing, MI 48933"]
    assert organizations[1] == {"name": "Second Organization", "web": "b.org"}
    set_values(desk, organizations__1__address="1 Main Street; Lansing, Michigan 48933", organizations__2__web="")
    assert text_of(desk) == before


def test_a_file_of_windows_stays_one(desk: Desk) -> None:
    path = desk.folder / "campaign.toml"
    path.write_bytes(b"\xef\xbb\xbf" + text_of(desk).replace("\n", "\r\n").encode())
    before = path.read_bytes()
    settle(path, [("organizations.2.web", "b.org"), ("date", "2026-01-05")])
    assert path.read_bytes() == before.replace(b"2025-09-17", b"2026-01-05").replace(
        b'name = "Second Organization"\r\n', b'name = "Second Organization"\r\nweb = "b.org"\r\n'
    )


def test_who_signs_or_approves_for_an_organization_does_so_under_its_new_name(desk: Desk) -> None:
    campaign = set_values(desk, organizations__1__name='The "Old" Firm')
    assert campaign["organizations"][0]["name"] == 'The "Old" Firm'  # type: ignore[index]
    assert campaign["signers"][0]["organization"] == 'The "Old" Firm'  # type: ignore[index]
    assert campaign["approvals"] == ['The "Old" Firm']
    assert "# both must agree" in text_of(desk)


def test_the_number_after_the_last_begins_a_table_and_an_empty_name_ends_one(desk: Desk) -> None:
    before = text_of(desk)
    campaign = set_values(
        desk, organizations__3__name="Third", signers__2__name="Second Signer", signers__2__title="Chair"
    )
    assert [each["name"] for each in campaign["organizations"]][2:] == ["Third"]  # type: ignore[attr-defined]
    assert campaign["signers"][1] == {"name": "Second Signer", "title": "Chair"}  # type: ignore[index]
    set_values(desk, organizations__3__name="", signers__2__name="")
    assert tomllib.loads(text_of(desk)) == tomllib.loads(before)
    with pytest.raises(CannotGoOn, match="at least one has to stay"):
        set_values(desk, signers__1__name="")


@pytest.mark.parametrize(
    ("what", "value", "why"),
    [
        ("organizations.4.name", "x", "there is no"),
        ("organizations.3.web", "x", "there is no"),
        ("signers.1.phone", "x", "is not a key of signers"),
        ("organizations.1.logo", "nowhere.png", "cannot be read"),
        ("organizations.1.logo", "letter.md", "neither SVG, PNG nor JPEG"),
    ],
)
def test_what_cannot_be_written_changes_nothing(desk: Desk, what: str, value: str, why: str) -> None:
    before = text_of(desk)
    with pytest.raises(CannotGoOn, match=why):
        settle(desk.folder / "campaign.toml", [("organizations.1.phone", "1"), (what, value)])
    assert text_of(desk) == before


def test_a_value_of_several_lines_is_set_too(make_desk: MakeDesk) -> None:
    campaign = CAMPAIGN.replace('name = "Second Organization"', 'name = """Second\\\n Organization"""')
    desk = make_desk(campaign=campaign)
    assert set_values(desk, organizations__2__name="x")["organizations"][1] == {"name": "x"}  # type: ignore[index]


def test_a_logo_is_looked_at_and_copied_under_a_name_that_is_free(desk: Desk) -> None:
    folder = desk.folder.parent / f"{desk.folder.name}-pictures"
    folder.mkdir()
    for name, color in (("a", "red"), ("b", "blue")):
        (folder / name).mkdir()
        Image.new("RGB", (40, 40), color).save(folder / name / "Our Logo.png")
    for number, name in ((1, "a"), (2, "b")):
        desk.run("settle", f"organizations.{number}.logo", str(folder / name / "Our Logo.png"))
    desk.run("settle", "organizations.1.logo", str(folder / "a" / "Our Logo.png"))
    logos = [each["logo"] for each in tomllib.loads(text_of(desk))["organizations"]]
    assert logos == ["templates/Our-Logo.png", "templates/Our-Logo-2.png"]
    assert (desk.folder / logos[1]).read_bytes() == (folder / "b" / "Our Logo.png").read_bytes()
    (folder / "cut.png").write_bytes((folder / "a" / "Our Logo.png").read_bytes()[:60])
    assert "cannot be placed" in desk.run("settle", "organizations.1.logo", str(folder / "cut.png"), code=1).stderr
    assert not (desk.folder / "templates/cut.png").exists()
