"""Whatever counsel does to the Word file of a letter: the Markdown says just that, or the import is refused."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from letters.formats import pandoc
from letters.read.campaign import read_campaign
from letters.read.toml import read_toml
from letters.wording import round_trip
from letters.wording.paragraphs import read
from tests.desk import ROOT
from tests.drafts.editing import Editor

LETTER = """
We write to the **{{ recipient.agency }}** about a *policy* that your office may wish to adopt this year,[^one] as it is
said in the decision of the Supreme Court of the United States in the case of *Rodriguez v. United States*.[^two]

{% if recipient.agreement_287g %}
Your agreement was signed, {% if recipient.title %}{{ recipient.title }}, {% endif %}and we ask you to end it this year.
{% else %}
You have no agreement, and we are glad of it for the sake of all who live in {{ recipient.jurisdiction }}. {% if
recipient.county %}So is the county.{% endif %}
{% endif %}

# What we ask

1. Hold no one on a detainer without a warrant that a judge has signed.
2. Ask no one about immigration status during a stop on the road.

We would welcome a meeting with you and with counsel at any time that suits you.

[^one]: A note of every letter, with a few words of its own.

[^two]: A note on *Rodriguez v. United States*, and on {{ recipient.jurisdiction }}.
"""
PACK = ("guidance-letter", "county-board", "records-request", "agreement-follow-up", "model-policy", "frames/letter")


def said(path: Path) -> list[str]:
    """List the words of a Word file; how notes are named and labels are told apart counts for nothing."""
    texts = [" ".join(paragraph.words.split()) for paragraph in read(pandoc.read_docx(path.read_bytes()))]
    return [re.sub(r"‹\^[^›]*›", "‹^›", re.sub(r" \(\d+\)›", "›", text)) for text in texts]


def comes_back(folder: Path, name: str, seed: int) -> bool:
    """Edit an exported letter by chance and bring it back; tells whether the words were taken."""
    campaign, _ = read_campaign(read_toml(folder / "campaign.toml", "campaign.toml"), folder)
    assert campaign
    desk = round_trip.CampaignFolders(folder, campaign, folder / "out")
    path = round_trip.export(desk, name, folder / f"{seed}.docx")
    editor = Editor(path.read_bytes(), seed)
    did = editor.edit(1 + seed % 4)
    editor.save(path)
    returned = round_trip.bring_back(desk, path)
    if returned.brought.refusals:
        return False
    before = {shown: (folder / shown).read_bytes() for shown in returned.files}
    for shown, text in returned.files.items():
        (folder / shown).write_text(text, "utf-8")
    again = round_trip.export(desk, name, folder / f"{seed} again.docx")
    for shown, content in before.items():
        (folder / shown).write_bytes(content)
    assert said(again) == said(path), (name, seed, did)
    return True


def test_the_markdown_says_what_counsel_wrote(make_desk):
    folder = make_desk(letter=LETTER).folder
    assert sum(comes_back(folder, "letter", seed) for seed in range(6)) > 2


@pytest.mark.slow
def test_the_markdown_says_what_counsel_wrote_in_hundreds_of_edits(make_desk):
    folder = make_desk(letter=LETTER).folder
    assert sum(comes_back(folder, "letter", seed) for seed in range(6, 200)) > 90


@pytest.mark.slow
@pytest.mark.parametrize("name", PACK)
def test_the_letters_of_the_pack_say_what_counsel_wrote(tmp_path, name):
    shutil.copy(ROOT / "campaign.toml", tmp_path)
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    assert sum(comes_back(tmp_path, name, seed) for seed in range(30)) > 3
