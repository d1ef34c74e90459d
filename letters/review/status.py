"""Finds the status of each letter: made, edited, approved by whom, final, and if not, why not.

Letters that can be approved are found by it, with what an approval of each is bound to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from letters.build.plan import Plan, plan_build
from letters.campaign.ledger import Entry, Ledger
from letters.campaign.load import Project
from letters.campaign.project import copy_projects
from letters.drafts.box import Draft, words_of_draft
from letters.formats import jinja, text_diff
from letters.model.problems import CannotGoOn, Exit, Problem, did_you_mean
from letters.model.records import DOCX, PDF, MergedLetter, count_open_points, original_of
from letters.model.settings import Status
from letters.review import approvals
from letters.review.approvals import Approval, Subject

NOT_AS_MADE = "is not as it was made: letters adopt takes it if it is right, else move it out of pdf/ and build again"
"""Behind the PDF of a letter that another program changed, or whose ledger was lost."""
HELD, MISSING, OUTDATED, CURRENT, EDITED = "held", "missing", "outdated", "current", "edited"
GENERATED, RESAVED, CONFLICT, STUCK = "generated", "re-saved", "conflict", "stuck"
# As build/plan.py writes them.
_NOT_THERE = ("new", "the file is gone")
"""The reasons of a build step for which the document is missing rather than outdated."""
DRAFT_CAMPAIGN = "the campaign is a draft: set status to final"
"""What every letter of a draft campaign waits for last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The status of one recipient's letter."""

    id: str
    pdf: str
    """The state of the PDF: held, missing, outdated, current, edited (somebody changed the file itself) or stuck."""
    docx: str
    """The state of the DOCX: held, missing, outdated, generated, re-saved, edited, conflict or stuck."""
    pdf_sha256: str = ""
    """The hash of the PDF; empty unless it is current."""
    draft: Draft | None = None
    """The draft, if a person edited it."""
    approved_by: tuple[str, ...] = ()
    """The people whose approval counts, each with the organization it was given for."""
    voided: tuple[str, ...] = ()
    """The people whose approval no longer counts, each with what changed since."""
    waits_for: str = ""
    """What keeps it from being final; empty where nothing does."""

    @property
    def final(self) -> bool:
        """Whether the letter may be signed and posted as it is."""
        return not self.waits_for


class Wording:
    """Renders the words of the letters of a project, without laying them out."""

    def __init__(self, project: Project) -> None:
        environment = jinja.environment()
        self._project = project
        self._pages = [environment.from_string(part.html) for part in project.template.parts]

    def of(self, letter: MergedLetter | None, draft: Draft | None = None) -> tuple[str, ...]:
        """Return the paragraphs of a letter and its enclosures, or those of the edited draft if there is one."""
        if letter is None:
            return ()
        if draft is not None:
            return words_of_draft(self._project, letter, draft)
        pages = (
            page.render({**letter.context, "note": numbers})
            for page, numbers in zip(self._pages, letter.notes, strict=True)
        )
        return tuple(paragraph for page in pages for paragraph in text_diff.of_page(page))


def standing(project: Project, problems: Sequence[Problem], ledger: Ledger, out: Path) -> dict[str, Standing]:
    """Return the status of each letter of the project by the id of its recipient.

    `out` is the letter's output folder.
    """
    # What would be made, and why, is what is missing: status and build cannot say two things.
    plan = plan_build(project, ledger, out, (PDF, DOCX))
    letters = {letter.recipient.id: letter for letter in project.letters}
    view = _View(project, letters, project.held_reasons(problems), plan, _states(plan), approvals.given(ledger))
    wording = Wording(project)
    return {recipient.id: view.of(recipient.id, ledger, wording) for recipient in project.recipients}


def current_copies(project: Project, ledger: Ledger, out: Path) -> dict[str, list[Entry]]:
    """Return the copies that are made and up to date, by the id of the recipient whose letter they copy."""
    # A copy of an edited draft is made of the draft, which the plan of the letters knows.
    originals = plan_build(project, ledger, out, (PDF,))
    found: dict[str, list[Entry]] = {}
    for each in copy_projects(project):
        for entry in plan_build(each, ledger, out, (PDF,), originals).current:
            found.setdefault(original_of(entry.id), []).append(entry)
    return found


def _states(plan: Plan) -> dict[tuple[str, str], _State]:
    """Return the state of each document by id and medium; what is not in it is held back."""
    good = {PDF: CURRENT, DOCX: GENERATED}
    states = {(entry.id, entry.medium): _State(good[entry.medium], entry.sha256) for entry in plan.current}
    # Each line overrides those above: an edit matters more than being out of date, and being stuck most.
    for step in plan.steps:
        state = MISSING if step.why in _NOT_THERE else OUTDATED
        states[step.letter.recipient.id, step.medium] = _State(state, why=step.why)
    states |= dict.fromkeys(plan.edited, _State(EDITED))
    states |= {(identifier, DOCX): _State(CONFLICT) for identifier, draft in plan.drafts.items() if draft.conflict}
    states |= {(identifier, DOCX): _State(RESAVED) for identifier in plan.resaved}
    return states | {(identifier, medium): _State(STUCK) for identifier in plan.stuck for medium in (PDF, DOCX)}


@dataclass(frozen=True, slots=True)
class _State:
    """The state of one document, with its hash if it is up to date, else with the reason."""

    name: str
    sha256: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class _View:
    """Everything that the status of a letter is derived from."""

    project: Project
    letters: Mapping[str, MergedLetter]
    reasons: Mapping[str, str]
    plan: Plan
    states: Mapping[tuple[str, str], _State]
    given: Mapping[str, Sequence[Approval]]

    def of(self, identifier: str, ledger: Ledger, wording: Wording) -> Standing:
        held = _State(HELD)
        pdf, docx = (self.states.get((identifier, medium), held) for medium in (PDF, DOCX))
        draft = self.plan.drafts.get(identifier)
        given = self.given.get(identifier, ())
        valid = approvals.valid(given, pdf.sha256)
        lapsed = approvals.lapsed(given, valid)
        # Rendering the words takes time and only the explanation of a lapsed approval needs them.
        subject = Subject(identifier, pdf.sha256, wording.of(self.letters.get(identifier), draft) if lapsed else ())
        return Standing(
            id=identifier,
            pdf=pdf.name,
            docx=docx.name,
            pdf_sha256=pdf.sha256,
            draft=draft,
            approved_by=tuple(approval.who for approval in valid),
            voided=tuple(f"{approval.who}: {approvals.voided(ledger, approval, subject)}" for approval in lapsed),
            waits_for=self._waits_for(identifier, pdf, valid),
        )

    def _waits_for(self, identifier: str, pdf: _State, valid: Sequence[Approval]) -> str:
        """Return the first thing to be done before a letter is final; empty where there is nothing."""
        # In the order in which people mend it: the row, the draft, the build, the approval, the campaign.
        if why := self.reasons.get(identifier) or self.plan.stuck.get(identifier):
            return why
        draft = self.plan.drafts.get(identifier)
        if draft and draft.conflict:
            changed = f"{draft.conflict} after the draft was edited ({draft.since})"
            return f"{changed}: letters draft merge {identifier}, or draft discard"
        if draft and (points := draft.verdict.open_points):
            count = count_open_points(points)
            return f"{count} in the draft: letters draft check {identifier}"
        if pdf.name != CURRENT:
            if pdf.name == EDITED:
                return f"its PDF {NOT_AS_MADE}"
            return f"{pdf.why or pdf.name}: run letters build"
        if missing := approvals.missing(valid, self.project.campaign.approvals):
            return f"waits for the approval of {' and '.join(missing)}"
        return "" if self.project.campaign.status is Status.FINAL else DRAFT_CAMPAIGN


def check_organization(project: Project, organization: str) -> None:
    """Raise CannotGoOn for an organization whose approval does not count, and where one must be named and is not."""
    wanted = project.campaign.approvals
    # Where no approval is asked for, any organization of the campaign may still give one.
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
    # A campaign that is a draft is approved, too: its status changes last.
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
