"""Finds the letters that can be approved, and what an approval of each is bound to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from letters.campaign.load import Project
from letters.model.problems import CannotGoOn, Exit, did_you_mean
from letters.review.approvals import Subject
from letters.review.status import Standing, Wording


def check_organization(project: Project, organization: str) -> None:
    """Raise CannotGoOn for an organization whose approval does not count, and where one must be named and is not."""
    wanted = project.campaign.approvals
    known = wanted or [each.name for each in project.campaign.organizations]
    if organization and organization not in known:
        message = f'"{organization}" is not an organization whose approval counts here'
        raise CannotGoOn(Exit.WRONG_CALL, message, did_you_mean(organization, known))
    if wanted and not organization:
        names = " or ".join(f'--for "{name}"' for name in wanted)
        raise CannotGoOn(Exit.WRONG_CALL, "the campaign wants to know for whom the approval is given", f"add {names}")


def is_ready(standing: Standing) -> bool:
    """Return whether a letter can be approved: its PDF is there, and nothing is open in its draft."""
    draft = standing.draft
    return bool(standing.pdf_sha256) and not (draft and (draft.conflict or draft.verdict.open_points))


def ready(project: Project, found: Mapping[str, Standing], identifiers: Sequence[str]) -> list[Standing]:
    """Return the letters to these recipients; raises CannotGoOn where one is not there as it would be posted."""
    project.narrowed(identifiers)
    chosen = [found[identifier] for identifier in dict.fromkeys(identifiers)]
    if unready := [each for each in chosen if not is_ready(each)]:
        listed = "; ".join(f"{each.id}: {each.waits_for}" for each in unready)
        raise CannotGoOn(Exit.PROBLEMS, f"not ready to be approved: {listed}", "nothing was recorded")
    return chosen


def subjects(project: Project, chosen: Sequence[Standing]) -> list[Subject]:
    """Return what the approvals of these letters are given to: their very PDFs and words."""
    wording = Wording(project)
    letters = {letter.recipient.id: letter for letter in project.letters}
    return [Subject(each.id, each.pdf_sha256, wording.of(letters[each.id], each.draft)) for each in chosen]
