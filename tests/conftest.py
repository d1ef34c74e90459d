"""The fixtures that all tests share."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest

from tests.desk import CAMPAIGN, CHIEF, LETTER, ROOT, SHERIFF, Desk

MakeDesk = Callable[..., Desk]


@pytest.fixture
def make_desk(tmp_path: Path) -> MakeDesk:
    """Make the folder of a campaign: a short letter, two recipients, our own looks."""

    def make(
        *,
        letter: str = LETTER,
        rows: Iterable[Mapping[str, str]] = (SHERIFF, CHIEF),
        campaign: str = CAMPAIGN,
        more: str = "",
        folder: Path = tmp_path,
    ) -> Desk:
        desk = Desk(folder)
        templates = folder / "templates"
        templates.mkdir(parents=True)
        for name in ("letterhead.css", "letterhead.docx", "forms-of-address.toml"):
            shutil.copy(ROOT / "templates" / name, templates)
        for name in ("frames", "fonts"):
            (templates / name).symlink_to(ROOT / "templates" / name)
        desk.write("templates/letter.md", letter)
        desk.write("campaign.toml", campaign.replace("{more}", more))
        desk.list_recipients(*rows)
        return desk

    return make
