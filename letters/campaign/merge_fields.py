"""Keeps in campaign.toml what the merge fields of letters made in Word stand for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import NamedTuple

from letters.compile.fields import expression_problems, schema
from letters.formats.files import write_whole
from letters.formats.toml_edit import Document, edited, put_in_table
from letters.model.problems import CannotGoOn, Exit, Place, did_you_mean
from letters.model.records import Tag
from letters.read.campaign import FORMS, read_campaign, read_forms
from letters.read.recipients import imported_headings, read_recipients
from letters.read.text import rewritten
from letters.read.toml import read_toml
from letters.read.word_letter import read_merge_fields
from letters.read.word_merge import DERIVED, MergeNames, spelling


class MergeFields(NamedTuple):
    """The merge fields of a letter, and what each stands for."""

    found: Mapping[str, str]
    """The expression of each field by name; empty where nothing is known of it."""
    given: frozenset[str]
    """The names of which the campaign itself says what they stand for."""
    offices: tuple[str, ...]
    columns: tuple[str, ...]

    @property
    def known(self) -> list[str]:
        """Return the fields of a recipient that there are."""
        return [f"recipient.{name}" for name in (*DERIVED, *self.columns)]

    def settled(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return what all fields stand for, those that are given as they are given.

        Raises CannotGoOn for a name that the letter has not, and for what a letter could not print.
        """
        names = {spelling(name): name for name in self.found}
        wrong = []
        meanings = dict(self.found)
        for name, expression in given.items():
            if spelling(name) not in names:
                hint = did_you_mean(f"«{name}»", [f"«{each}»" for each in self.found])
                raise CannotGoOn(Exit.WRONG_CALL, f"the letter has no merge field «{name}»", hint)
            tags = [Tag("output", expression, Place())]
            wrong += list(expression_problems(tags, schema(self.columns, self.offices, (), ())))
            meanings[names[spelling(name)]] = expression
        if wrong:
            raise CannotGoOn(Exit.WRONG_CALL, wrong[0].what, wrong[0].hint)
        return meanings


def list_merge_fields(campaign_file: Path, letter: str) -> MergeFields:
    """Return the merge fields of a letter made in Word; raises CannotGoOn where there is no such letter."""
    settings = read_toml(campaign_file, campaign_file.name)
    campaign, _ = read_campaign(settings, campaign_file.parent)
    if campaign is None:
        raise CannotGoOn(Exit.PROBLEMS, f"{campaign_file.name} has mistakes", "run: letters check")
    templates = campaign_file.parent / campaign.templates
    letter = PurePath(letter).name.removesuffix(".docx")
    path = templates / f"{letter}.docx"
    if not path.is_file():
        words = [each.stem for each in templates.glob("*.docx") if each.stem != "letterhead"]
        what = f'there is no letter made in Word named "{letter}"'
        raise CannotGoOn(Exit.WRONG_CALL, what, did_you_mean(letter, words))
    forms, _ = read_forms(read_toml(templates / FORMS, FORMS))
    offices = tuple(dict.fromkeys(form.office for form in forms))
    listed = campaign.recipients
    _, columns, _ = read_recipients(campaign_file.parent / listed, listed.as_posix(), offices)
    names = MergeNames(campaign.merge_fields, columns, imported_headings(campaign_file.parent))
    found = read_merge_fields(path, f"{campaign.templates.as_posix()}/{path.name}", names)
    return MergeFields(found, frozenset(campaign.merge_fields), offices, tuple(columns))


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
