"""The campaign whose letter goes to Word and back."""

from __future__ import annotations

import pytest

from tests.conftest import MakeDesk
from tests.desk import Desk

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


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    made = make_desk(letter=LETTER)
    made.write("templates/clauses/meeting.md", CLAUSE)
    made.run("draft", "export", "letter")
    return made
