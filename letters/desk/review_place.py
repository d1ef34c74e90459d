"""The places Build and Review: what would be made and why, how far that is; then one letter after the other, approved.

An approval is of exactly the words and the PDF that the page has shown.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from starlette.responses import Response

from letters.build.beginning import open_campaign
from letters.build.build import Report, plans_of
from letters.build.build import build as run_build
from letters.build.plan import Plan
from letters.campaign.ledger import LEDGER, Ledger, path_of
from letters.campaign.load import Project
from letters.desk.live import shown_pages
from letters.desk.opened import OpenCampaign
from letters.desk.running import Progress
from letters.desk.visit import Visit, go, missing
from letters.formats.files import alone_in, sha256
from letters.formats.text_diff import Change, compare, pairs
from letters.model.problems import CannotGoOn, Exit, Severity, many
from letters.model.records import DOCX, PDF, MergedLetter, Values, is_copy
from letters.read.folder import earlier_editions
from letters.read.placeholders import in_text
from letters.review import approvals
from letters.review.status import NOT_AS_MADE, Standing, Wording, check_organization, is_ready, ready, subjects

_ON_PAGE = 200
# The offending value, as messages quote it: it is looked for on the page.
_QUOTED = re.compile(r'"([^"]{2,80})"')
QUEUES = {
    "todo": "to approve",
    "all": "all",
    "never": "never looked at",
    "changed": "changed since approved",
    "problems": "with problems",
    "odd": "odd salutations first",
}


def build(visit: Visit) -> Response:
    """Answer with what would be made and why, or how far it is."""
    opened = visit.opened
    with opened.lock:
        # Under the lock: to plan looks at every file that was made.
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
    with Ledger(options.out / LEDGER) as ledger:
        return plans_of(opened.view().loaded, ledger, options)


def build_progress(visit: Visit) -> Response:
    """Answer with how far it is."""
    return visit.part("part/progress.html", progress=visit.opened.running.progress, is_running=visit.opened.is_busy)


def begin_build(visit: Visit) -> Response:
    """Begin to make every letter that is missing or out of date, behind the page."""
    opened, form = visit.opened, visit.form
    media = tuple(medium for medium in (PDF, DOCX) if form.get(medium) == "yes")
    if not media:
        raise CannotGoOn(Exit.WRONG_CALL, "neither PDF nor DOCX is chosen", "choose one")
    view = opened.view()
    options = opened.options(media, jobs=0)._replace(copies=form.get("copies") == "yes" and PDF in media)

    def work(progress: Progress) -> str:
        # Also against a command in a terminal.
        with alone_in(options.out, "build"):
            report = run_build(view.loaded, view.problems, options, progress)
        progress.good = not report.failures
        return _outcome(report)

    opened.begin("Making letters", work)
    return go("/build")


def _outcome(report: Report) -> str:
    """Return in words what a build did, as the command line does."""
    letters = {entry.id for entry in report.made if not is_copy(entry.id)}
    pages = sum(entry.pages for entry in report.made if entry.medium == PDF)
    said = [f"{many(len(letters), 'letter')} made, {many(pages, 'page')}."]
    # A letter of which only the DOCX was made is not up to date.
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


def stop_build(visit: Visit) -> Response:
    """Stop what runs; what is finished stays."""
    visit.opened.running.ask_to_stop()
    return go("/build")


@dataclass(frozen=True, slots=True)
class Looked:
    """A letter in the queue."""

    id: str
    agency: str
    salutation: str
    standing: Standing
    seen: bool
    problems: int
    alike: int
    """How many letters differ from it only in the recipient's own words, itself included."""
    alike_seen: int


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to look at in a letter, with its number on the page."""

    number: int
    what: str
    hint: str
    words: str
    """What is outlined, where it stands on a page."""


def review(visit: Visit) -> Response:
    """Answer with the queue."""
    name = _queue_name(visit)
    whole = _looked(visit.opened)
    queue = _queue(whole, name)
    number, last = visit.page_number(len(queue), _ON_PAGE)
    return visit.page(
        "review.html",
        "Review",
        queue=queue[(number - 1) * _ON_PAGE : number * _ON_PAGE],
        found=len(queue),
        number=number,
        last=last,
        name=name,
        queues=QUEUES,
        counts={each: len(_queue(whole, each)) for each in QUEUES},
        ready=sum(is_ready(each.standing) for each in whole),
    )


def _queue_name(visit: Visit) -> str:
    asked = visit.query.get("queue", "") or visit.form.get("queue", "")
    return asked if asked in QUEUES else "all"


def _looked(opened: OpenCampaign) -> Sequence[Looked]:
    """Return every letter that can be made, with what is known of it."""
    found = opened.standings()
    # What does not depend on who has looked: that changes with every letter that is opened.
    whole, kinds = opened.kept("looked", lambda: _not_looked(opened))
    seen = {each.id for each in whole if opened.has_seen(found[each.id])}
    if not seen:
        return whole
    counted = Counter(kinds[identifier] for identifier in seen)
    return [replace(each, seen=each.id in seen, alike_seen=counted[kinds[each.id]]) for each in whole]


def _not_looked(opened: OpenCampaign) -> tuple[Sequence[Looked], Mapping[str, object]]:
    """Return every letter that can be made as if nobody had looked at it, and which are of one kind, by id."""
    view, found = opened.view(), opened.standings()
    kinds = {each.recipient.id: each.kind for each in view.loaded.letters}
    counted = Counter(kinds.values())
    faults = Counter(
        problem.recipient for problem in view.problems if problem.recipient and problem.severity is not Severity.NOTE
    )
    return [
        Looked(
            each.recipient.id,
            each.recipient["agency"],
            _salutation(each),
            found[each.recipient.id],
            seen=False,
            problems=faults[each.recipient.id],
            alike=counted[kinds[each.recipient.id]],
            alike_seen=0,
        )
        for each in view.loaded.letters
    ], kinds


def _salutation(letter: MergedLetter) -> str:
    values = letter.context["recipient"]
    return str(values["salutation"]) if isinstance(values, Values) and "salutation" in values else ""


def _queue(whole: Sequence[Looked], name: str) -> list[Looked]:
    if name == "todo":
        return [each for each in whole if is_ready(each.standing) and not each.standing.approved_by]
    if name == "never":
        return [each for each in whole if not each.seen]
    if name == "changed":
        return [each for each in whole if each.standing.voided]
    if name == "problems":
        return [each for each in whole if each.problems]
    if name == "odd":
        # "Dear Sheriff Aa:" stands on hundreds; what stands on one is where mistakes are.
        shapes = Counter(_shape(each.salutation) for each in whole)
        return sorted(whole, key=lambda each: (shapes[_shape(each.salutation)], -len(each.salutation)))
    return list(whole)


def _shape(salutation: str) -> str:
    """Return how a salutation is built: "Dear Sheriff Aa:", so that rare ones are found."""
    words = salutation.split()
    named = [
        re.sub(r"[^\W\d_]+", lambda m: "Aa" if m[0][:1].isupper() and m[0][1:].islower() else m[0], w)
        for w in words[2:]
    ]
    return " ".join([*words[:2], *named])


def one(visit: Visit) -> Response:
    """Answer with one letter: its pages, its remarks, what stands around it in the queue."""
    opened, name = visit.opened, _queue_name(visit)
    whole = _looked(opened)
    here = next((each for each in whole if each.id == visit.path["id"]), None)
    if here is None:
        return _held(visit)
    digest, is_current = _document(opened, here.standing)
    content = opened.pdfs.get(digest) or b""
    remarks = _remarks(opened, here.id, [page.text for page in shown_pages(digest, content)])
    # Only what would be posted counts as seen; a preview is no such file.
    if is_current and not opened.read_only:
        opened.see(here.standing)
    before, after = _around(_queue(whole, name), whole, here.id)
    campaign = opened.view().loaded.campaign
    return visit.page(
        "review_one.html",
        here.agency,
        here=here,
        pages=shown_pages(digest, content, [(each.number, each.words, each.what) for each in remarks if each.words]),
        remarks=remarks,
        is_current=is_current,
        can_approve=is_current and is_ready(here.standing) and not opened.read_only,
        digest=digest if is_current else "",
        before=before,
        after=after,
        name=name,
        queues=QUEUES,
        wanted=campaign.approvals or tuple(each.name for each in campaign.organizations),
        must_say=bool(campaign.approvals),
    )


def _held(visit: Visit) -> Response:
    why = visit.opened.view().held.get(visit.path["id"])
    if why is None:
        raise missing("The list has no such row.")
    raise CannotGoOn(Exit.PROBLEMS, f"the letter to {visit.path['id']} is kept back: {why}", "see its row in the list")


def _document(opened: OpenCampaign, standing: Standing) -> tuple[str, bool]:
    """Return the hash of the PDF to be shown, and whether it is the one that would be posted."""
    if standing.pdf_sha256:
        content = path_of(opened.out, standing.id, PDF).read_bytes()
        # The file may be written anew between the look at the ledger and this line.
        if sha256(content) == standing.pdf_sha256:
            return opened.pdfs.keep(content), True
    return opened.preview(standing.id), False


def _remarks(opened: OpenCampaign, identifier: str, texts: Sequence[str]) -> list[Remark]:
    """Return what is to be looked at in a letter: problems of its row, and what its pages leave to fill in."""
    found: list[tuple[str, str, str]] = []
    for problem in opened.view().problems:
        if problem.recipient == identifier and problem.severity is not Severity.NOTE:
            quoted = next(
                (words for words in _QUOTED.findall(problem.what) if any(words in text for text in texts)), ""
            )
            field = f"{problem.place.field.replace('_', ' ')}: " if problem.place.field else ""
            found.append((f"{field}{problem.what}", problem.hint, quoted))
    for text in texts:
        for start, words in in_text(text):
            there = text[start : text.find("]", start) + 1]
            found.append((f"[{words}] is still to be filled in", "", there))
    # Two problems of a row may be told in the same words.
    unique = dict.fromkeys(found)
    return [Remark(number, *each) for number, each in enumerate(unique, start=1)]


def _around(queue: Sequence[Looked], whole: Sequence[Looked], identifier: str) -> tuple[str, str]:
    """Return the ids before and after a letter in a queue; where it is not in it any more, by the order of the list."""
    ids = [each.id for each in queue]
    if identifier in ids:
        at = ids.index(identifier)
        return (ids[at - 1] if at else ""), (ids[at + 1] if at + 1 < len(ids) else "")
    order, queued = [each.id for each in whole], set(ids)
    at = order.index(identifier)
    # Approved, a letter leaves the queue "to approve": the next one is that behind it in the list.
    later = next((each for each in order[at + 1 :] if each in queued), ids[0] if ids else "")
    earlier = next((each for each in reversed(order[:at]) if each in queued), "")
    return earlier, later


def approve(visit: Visit) -> Response:
    """Record that whoever sits here approves exactly the PDF that the page showed, and go on to the next letter."""
    opened, form = visit.opened, visit.form
    identifier, name = visit.path["id"], _queue_name(visit)
    person = (form.get("person", "").strip() or opened.person).strip()
    if not person:
        raise CannotGoOn(Exit.WRONG_CALL, "an approval needs a name", "say who you are, at the top of the page")
    with opened.lock:
        project, found = opened.view().loaded, opened.standings()
        organization = form.get("organization", "")
        check_organization(project, organization)
        whole = _looked(opened)
        queue = [each for each in _queue(whole, name) if each.id != identifier]
        _, after = _around(queue, whole, identifier)
        (standing,) = ready(project, found, [identifier])
        # Approved is what was seen, and not what was made meanwhile.
        if standing.pdf_sha256 != form.get("pdf"):
            opened.tell("The letter was made anew while you looked at it. Nothing was approved: look again.", "bad")
            return go(f"/review/{identifier}", queue=name)
        with Ledger(opened.out / LEDGER) as ledger:
            approvals.approve(ledger, subjects(project, [standing]), person, organization, opened.moment())
        # Still under the lock: a page that is asked for now shows the approval.
        opened.look_again([identifier])
    opened.person = person
    opened.tell(f"{identifier} is approved by {person}.")
    return go(f"/review/{after}", queue=name) if after else go("/review", queue=name)


def difference(visit: Visit) -> Response:
    """Answer with what changed in the words since the letter was approved, or since the last edition."""
    opened, identifier = visit.opened, visit.path["id"]
    project = opened.view().loaded
    letter = next((each for each in project.letters if each.recipient.id == identifier), None)
    if letter is None:
        raise missing("No letter is made for this row.")
    now = Wording(project).of(letter, opened.standings()[identifier].draft)
    before, since = _former_words(opened, project, identifier)
    changed = _changed(before, now) if before else []
    return visit.page(
        "difference.html",
        "Difference",
        id=identifier,
        since=since,
        agency=letter.recipient["agency"],
        paragraphs=changed,
        has_former=bool(before),
        name=_queue_name(visit),
    )


def _former_words(opened: OpenCampaign, project: Project, identifier: str) -> tuple[Sequence[str], str]:
    """Return the words that were approved last, else those of the last edition, and what they are."""
    with Ledger(opened.out / LEDGER) as ledger:
        if given := approvals.given(ledger).get(identifier):
            text = ledger.text(given[-1].words)
            if text is not None:
                return text.decode().split("\n"), f"approved by {given[-1].who} on {given[-1].at[:10]}"
    # An edition is named NAME@EDITION; earlier ones are files beside the letter.
    name = project.template.name.partition("@")[0]
    if editions := earlier_editions(name, project.templates):
        with opened.lock:
            earlier, _ = open_campaign(opened.path, f"{name}@{editions[-1]}", makes=True)
        letters = earlier.letters if earlier else ()
        letter = next((each for each in letters if each.recipient.id == identifier), None)
        if earlier and letter:
            return Wording(earlier).of(letter), f"edition {editions[-1]}"
    return (), ""


def _changed(before: Sequence[str], now: Sequence[str]) -> list[list[Change]]:
    """Return the paragraphs that differ, each as stretches."""
    found: Iterable[list[Change]] = (
        compare(before[i] if i is not None else "", now[j] if j is not None else "") for i, j in pairs(before, now)
    )
    return [each for each in found if any(not change.is_equal for change in each)]


def pdf(visit: Visit) -> Response:
    """Answer with the PDF itself, for the browser's own viewer."""
    opened = visit.opened
    standing = opened.standings().get(visit.path["id"])
    if standing is None:
        raise missing("The list has no such row.")
    digest, _ = _document(opened, standing)
    return Response(opened.pdfs.get(digest), media_type="application/pdf")
