"""Mistakes in campaign.toml are told with their line and what was meant."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from letters.model.problems import CannotGoOn
from letters.read.campaign import read_campaign
from letters.read.toml import read_toml
from tests.golden import Case, cases

GOOD = """letter = "guidance-letter"
date = 2025-09-17
subject = "Local policy"
copies = ["Counsel", {name = "Chair", enclosures = true}]

[[organizations]]
name = "First Organization"

[[signers]]
name = "First Signer"
"""


def told(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "campaign.toml"
    path.write_text(text, "utf-8")
    _, problems = read_campaign(read_toml(path, path.name), tmp_path)
    return [str(problem) for problem in problems]


def test_a_campaign_without_mistakes_has_its_values_and_defaults(tmp_path: Path) -> None:
    path = tmp_path / "campaign.toml"
    path.write_text(GOOD, "utf-8")
    campaign, problems = read_campaign(read_toml(path, path.name), tmp_path)
    assert problems == []
    assert campaign
    assert (campaign.date.isoformat(), campaign.paper, campaign.status) == ("2025-09-17", "Letter", "draft")
    assert [(copy.name, copy.enclosures) for copy in campaign.copies] == [("Counsel", False), ("Chair", True)]


@pytest.mark.parametrize("case", cases(Path(__file__).parent / "campaign_mistakes.txt"))
def test_a_mistake_is_told_with_its_line(tmp_path: Path, case: Case) -> None:
    assert "\n".join(told(tmp_path, case.given)) == case.wanted


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    assert len(told(tmp_path, GOOD.replace("subject", "sbject").replace("[[signers]]\nname", "[[signers]]\nnam"))) == 2


@pytest.mark.parametrize(
    ("logo", "message"),
    [
        ("missing.png", '"missing.png" does not exist\n    hint: correct the name, or remove the key'),
        ("../../etc/passwd", '"../../etc/passwd" is outside the campaign\'s folder\n    hint: copy it into templates/'),
        ("/etc/passwd", '"/etc/passwd" is outside the campaign\'s folder'),
        (
            "campaign.toml",
            '"campaign.toml" is not a picture we can place\n    hint: save it as .png, .jpg or .svg',
        ),
    ],
)
def test_a_logo_that_cannot_be_placed_is_told(tmp_path: Path, logo: str, message: str) -> None:
    text = GOOD.replace('name = "First O', f'logo = "{logo}"\nname = "First O')
    (only,) = told(tmp_path, text)
    assert only.startswith(f"campaign.toml:7: logo: {message}")


def test_a_missing_campaign_is_told(tmp_path: Path) -> None:
    with pytest.raises(CannotGoOn, match=re.escape('"campaign.toml" does not exist')):
        read_toml(tmp_path / "campaign.toml", "campaign.toml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("".join(f"k{number} = 1\n" for number in range(5_000)) + GOOD, "4,900 more keys or values are wrong"),
        (".".join("a" * 20_000) + " = 1\n" + GOOD, "lists or tables are nested too deep"),
        ("x = " + "{a = " * 30 + "1" + "}" * 30 + "\n" + GOOD, "lists or tables are nested too deep"),
        (GOOD.replace("[[signers]]", f"address = {['a'] * 300}\n[[signers]]"), "300 lines are too many for an address"),
        (GOOD.replace('"First Organization"', '" "'), "campaign.toml:7: name: it is empty"),
        (GOOD + "\n[[organizations]]\nname = 'x'\n" * 50, "51 are too many for a letter: 12 is the most"),
    ],
)
def test_what_is_too_much_is_told_in_few_messages(tmp_path: Path, text: str, said: str) -> None:
    messages = told(tmp_path, text)
    assert [message for message in messages if said in message] != []
    assert len(messages) <= 101
