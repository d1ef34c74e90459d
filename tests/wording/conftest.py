"""The campaign whose letter goes to Word and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.desk import Desk, set_up

LETTER = """---
title: A letter
---

{# Counsel must review this letter. #}

We write to the {{ recipient.agency }} about *policy* and
its wording.[^one] It costs 5 * 3 dollars.

{% if recipient.agreement_287g %}
You signed on {{ recipient.agreement_signed | long_date }}.[^two]
{% else %}
You have no agreement, and we are glad.
{% endif %}

# What we ask

1.  Hold no one.
2.  Ask no one, {% if recipient.title %}{{ recipient.title }}, {% endif %}about status.

{% include "meeting" %}

[^one]: A note of every letter, on *Arizona v. United States*.

[^two]: A note on {{ recipient.jurisdiction }}.
"""
CLAUSE = "We would welcome a meeting.\n"


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    made = set_up(folder=tmp_path_factory.mktemp("exported") / "desk", letter=LETTER)
    made.write("templates/clauses/meeting.md", CLAUSE)
    made.run("draft", "export", "letter")
    return made


@pytest.fixture
def desk(exported: Desk, tmp_path: Path) -> Desk:
    return exported.copy(tmp_path / "desk")
