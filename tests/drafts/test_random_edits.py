"""Whatever people, the letter and the power supply do, in whatever order: no word that a person wrote is lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.desk import CHIEF, ROOT, SHERIFF
from tests.drafts.world import World

LETTER = """
We write to the {{ recipient.agency }} about a policy that your office may wish to adopt this year.[^one]

# What we ask

{% if recipient.agreement_287g %}
Your agreement was signed on {{ recipient.agreement_signed | long_date }}, and we ask you to end it in good time.[^two]
{% endif %}

1. Hold no one on a detainer without a warrant that a judge has signed.
2. Ask no one about immigration status during a stop on the road.

We would welcome a meeting with you and with counsel for the county at any time that suits you.

[^one]: A note of every letter, with a few words of its own.

[^two]: A note on the agreement of {{ recipient.jurisdiction }} with the agency.
"""
STEPS = ("edit", "edit", "track", "settle", "save_again", "change_letter", "build_drafts", "build_killed", "merge")
PACK = ("guidance-letter", "records-request", "county-board", "agreement-follow-up")
RECIPIENTS = [SHERIFF["id"], CHIEF["id"]]


@pytest.mark.parametrize("seed", [1])
def test_no_edited_word_is_lost(make_desk, seed):
    desk = make_desk(letter=LETTER)
    world = World(desk.folder, "letter", seed, RECIPIENTS)
    world.build_drafts()
    for _ in range(10):
        world.step(STEPS)
    world.finish()


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, *range(2, 43)])
def test_no_edited_word_is_lost_in_hundreds_of_steps(make_desk, seed):
    test_no_edited_word_is_lost(make_desk, seed)


@pytest.mark.slow
@pytest.mark.parametrize("letter", PACK)
@pytest.mark.parametrize("seed", range(100, 103))
def test_no_edited_word_is_lost_over_the_pack(tmp_path: Path, letter, seed):
    for name in ("campaign.toml", "recipients.csv"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    recipients = ["berrien-county-sheriff", "taylor-police"]
    world = World(tmp_path, letter, seed, recipients)
    world.build_drafts()
    steps = (*STEPS, "save_in_libreoffice") if shutil.which("soffice") else STEPS
    for _ in range(12):
        world.step(steps)
    world.finish()
