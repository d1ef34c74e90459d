"""Reads campaign.toml: who writes, what, when and how."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from letters.model.problems import Place, Problem, did_you_mean, warning
from letters.model.records import Campaign
from letters.read.text import read_text
from letters.read.toml_lines import key_lines, line_of
from letters.read.validation import load_toml, validate

_Lines = Mapping[tuple[str | int, ...], int]


def read_campaign(path: Path) -> tuple[Campaign | None, list[Problem]]:
    """Read a campaign; None where a problem leaves nothing to work with.

    Raises CannotGoOn when the file does not exist or is not readable.
    """
    text, problems = read_text(path, path.name)
    table, more = load_toml(text, path.name)
    if more:
        return None, problems + more
    campaign, more = validate(Campaign, _full(table), text, path.name)
    if campaign:
        lines = key_lines(text)
        more = [
            *_empty_problems(campaign, path.name),
            *_logo_problems(campaign, path, lines),
            *_approval_problems(campaign, path.name, lines),
            *_barcode_problems(campaign, path.name, lines),
        ]
    return campaign, problems + more


def _full(table: Mapping[str, Any]) -> dict[str, Any]:
    """Write the short form copies = ["Name"] out as tables."""
    copies = table.get("copies")
    if not isinstance(copies, list):
        return dict(table)
    return {**table, "copies": [{"name": copy} if isinstance(copy, str) else copy for copy in copies]}


def _empty_problems(campaign: Campaign, shown: str) -> list[Problem]:
    wanted = {"organizations": campaign.organizations, "signers": campaign.signers}
    return [
        Problem(Place(shown, field=name), "none is given", f"add a [[{name}]] table with a name")
        for name, given in wanted.items()
        if not given
    ]


def _approval_problems(campaign: Campaign, shown: str, lines: _Lines) -> list[Problem]:
    """Find approvals that are wanted of an organization that does not write."""
    names = [organization.name for organization in campaign.organizations]
    place = Place(shown, line_of(("approvals",), lines), field="approvals")
    return [
        Problem(place, f'"{wanted}" is not the name of one of the [[organizations]]', did_you_mean(wanted, names))
        for wanted in campaign.approvals
        if wanted not in names
    ]


def _barcode_problems(campaign: Campaign, shown: str, lines: _Lines) -> list[Problem]:
    faults = campaign.barcode.faults() if campaign.barcode else []
    return [
        Problem(Place(shown, line_of(("barcode", key), lines), field=key), what, hint) for key, what, hint in faults
    ]


def _logo_problems(campaign: Campaign, path: Path, lines: _Lines) -> list[Problem]:
    problems = []
    for number, organization in enumerate(campaign.organizations):
        if organization.logo:
            place = Place(path.name, line_of(("organizations", number, "logo"), lines), field="logo")
            problems += _picture_problems(organization.logo, path.parent, place)
    return problems


def _picture_problems(logo: Path, folder: Path, place: Place) -> list[Problem]:
    file = (folder / logo).resolve()
    if not file.is_relative_to(folder.resolve()):
        return [Problem(place, f'"{logo}" is outside the campaign\'s folder', "copy it into templates/")]
    if file.suffix not in (".svg", ".png", ".jpg", ".jpeg"):
        return [Problem(place, f'"{logo}" is not a picture we can place', "use a file ending in .svg, .png or .jpg")]
    if not file.is_file():
        return [Problem(place, f'"{logo}" does not exist', "correct the name, or remove the key")]
    if file.suffix == ".svg" and not file.with_suffix(".png").is_file():
        hint = f'put "{logo.with_suffix(".png")}" beside it'
        return [warning(place, "Word shows no SVG; the DOCX will be without this logo", hint)]
    return []
