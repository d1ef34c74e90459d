"""One generated draft of the sample letter, shared by all tests of drafts."""

from __future__ import annotations

import pytest

from letters.render.word.plain import DocxRenderer
from tests.desk import ROOT


@pytest.fixture(scope="session")
def generated() -> bytes:
    """Make the DOCX of the sample letter to one recipient with an agreement."""
    from letters.project import load

    project, _ = load(ROOT / "campaign.toml")
    assert project
    letter = next(each for each in project.letters if each.recipient.id == "berrien-county-sheriff")
    return DocxRenderer(project.template.word).render(letter.context, letter.notes)
