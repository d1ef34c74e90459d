"""Keeps in campaign.toml what the merge fields of letters made in Word stand for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from letters.formats.files import write_whole
from letters.formats.toml_edit import Document, edited, put_in_table
from letters.model.problems import CannotGoOn, Exit, did_you_mean
from letters.read.campaign import read_campaign
from letters.read.forms import FORMS, read_forms
from letters.read.recipients import read_recipients
from letters.read.text import rewritten
from letters.read.toml import read_toml
from letters.read.word_letter import read_merge_fields
from letters.read.word_merge import DERIVED, MergeNames


class MergeFields(NamedTuple):
    """The merge fields of a letter, and what each stands for."""

    found: Mapping[str, str]
    """The expression of each field by name; empty where nothing is known of it."""
    given: frozenset[str]
    """The names of which the campaign itself says what they stand for."""
    known: tuple[str, ...]
    """The fields of the list that there are."""


def list_merge_fields(campaign_file: Path, letter: str) -> MergeFields:
    """Return the merge fields of a letter made in Word; raises CannotGoOn where there is no such letter."""
    settings = read_toml(campaign_file, campaign_file.name)
    campaign, _ = read_campaign(settings, campaign_file.parent)
    if campaign is None:
        raise CannotGoOn(Exit.PROBLEMS, f"{campaign_file.name} has mistakes", "run: letters check")
    templates = campaign_file.parent / campaign.templates
    path = templates / f"{letter}.docx"
    if not path.is_file():
        words = [each.stem for each in templates.glob("*.docx") if each.stem != "letterhead"]
        what = f'there is no letter made in Word named "{letter}"'
        raise CannotGoOn(Exit.WRONG_CALL, what, did_you_mean(letter, words))
    forms, _ = read_forms(read_toml(templates / FORMS, FORMS))
    offices = tuple(dict.fromkeys(form.office for form in forms))
    listed = campaign.recipients
    _, columns, _ = read_recipients(campaign_file.parent / listed, listed.as_posix(), offices)
    names = MergeNames(campaign.merge_fields, columns)
    found = read_merge_fields(path, f"{campaign.templates.as_posix()}/{path.name}", names)
    known = tuple(f"recipient.{column}" for column in (*DERIVED, *columns))
    return MergeFields(found, frozenset(campaign.merge_fields), known)


def keep_merge_fields(campaign_file: Path, meanings: Mapping[str, str]) -> None:
    """Write what merge fields stand for into campaign.toml; everything else in it stays as it is."""
    write_whole(campaign_file, rewritten(campaign_file, lambda text: with_merge_fields(text, meanings)))


def with_merge_fields(text: str, meanings: Mapping[str, str]) -> str:
    """Return the text of campaign.toml with these keys in the table merge_fields, made where there is none.

    Raises CannotGoOn where the text is no TOML.
    """

    def change(document: Document) -> None:
        for name, expression in meanings.items():
            put_in_table(document, "merge_fields", name, expression)

    return edited(text, "campaign.toml", change)
