"""The place Build: what would be made and why, how far it is, what failed, stop and go on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from starlette.responses import Response

from letters.build.build import Report, plans_of
from letters.build.build import build as run_build
from letters.build.plan import Plan
from letters.campaign.ledger import Ledger
from letters.desk.opened import OpenCampaign
from letters.desk.running import Progress
from letters.desk.visit import Visit, go
from letters.formats.files import alone_in
from letters.model.problems import CannotGoOn, Exit, many
from letters.model.records import DOCX, PDF, is_copy
from letters.review.status import NOT_AS_MADE


def build(visit: Visit) -> Response:
    """Answer with what would be made and why, or how far it is."""
    opened = visit.opened
    with opened.lock:
        plans = opened.kept("plans", lambda: _plans(opened))
    steps = [step for plan in plans for step in plan.steps]
    return visit.page(
        "build.html",
        "Build",
        progress=opened.running.progress,
        is_running=opened.is_busy,
        reasons=Counter(step.why for step in steps).most_common(),
        steps=len(steps),
        current=sum(len(plan.current) for plan in plans),
        edited=sorted({identifier for plan in plans for identifier, medium in plan.edited if medium != PDF}),
        changed=sorted({identifier for plan in plans for identifier, medium in plan.edited if medium == PDF}),
        not_as_made=NOT_AS_MADE,
        stuck=[(identifier, why) for plan in plans for identifier, why in plan.stuck.items()],
        held=Counter(opened.view().held.values()).most_common(12),
    )


def _plans(opened: OpenCampaign) -> Sequence[Plan]:
    options = opened.options()
    with Ledger(options.out / "ledger.sqlite") as ledger:
        return plans_of(opened.view().loaded, ledger, options)


def progress(visit: Visit) -> Response:
    """Answer with how far it is."""
    return visit.part("part/progress.html", progress=visit.opened.running.progress, is_running=visit.opened.is_busy)


def begin(visit: Visit) -> Response:
    """Begin to make every letter that is missing or out of date."""
    form = visit.form
    media = tuple(medium for medium in (PDF, DOCX) if form.get(medium) == "yes")
    if not media:
        raise CannotGoOn(Exit.WRONG_CALL, "neither PDF nor DOCX is chosen", "choose one")
    start(visit.opened, media, copies=form.get("copies") == "yes" and PDF in media)
    return go("/build")


def start(opened: OpenCampaign, media: tuple[str, ...], *, copies: bool) -> None:
    """Begin a build behind the page."""
    view = opened.view()
    options = opened.options(media, (), 0)._replace(copies=copies)

    def work(progress: Progress) -> str:
        with alone_in(options.out, "build"):
            report = run_build(view.loaded, view.problems, options, progress)
        progress.good = not report.failures
        return _said(report)

    opened.begin("Making letters", work)


def _said(report: Report) -> str:
    """Return in words what a build did, as the command line does."""
    letters = {entry.id for entry in report.made if not is_copy(entry.id)}
    pages = sum(entry.pages for entry in report.made if entry.medium == PDF)
    said = [f"{many(len(letters), 'letter')} made, {many(pages, 'page')}."]
    current = {entry.id for entry in report.current if not is_copy(entry.id)} - letters
    if current:
        said.append(f"{many(len(current), 'letter')} {'was' if len(current) == 1 else 'were'} up to date.")
    if report.failures:
        said.append(f"{len(report.failures):,} failed.")
    if report.edited:
        said.append(f"{len(report.edited):,} not as made, and kept.")
    for fallback, number in report.fallbacks.most_common():
        said.append(f"{number:,} made the slow way: {fallback.reason}.")
    return "\n".join(said)


def stop(visit: Visit) -> Response:
    """Stop what runs; what is finished stays."""
    visit.opened.running.ask_to_stop()
    return go("/build")
