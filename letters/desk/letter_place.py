"""The place Letter: the text at the left with its problems, the page for one recipient at the right.

A letter made in Word comes in here, with its merge fields and its page, or a blank one."""

from __future__ import annotations

import gc
import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz
from starlette.background import BackgroundTask
from starlette.responses import JSONResponse, Response

from letters.campaign.init import BLANK, starter
from letters.campaign.load import Project
from letters.campaign.settling import MergeFields, keep_merge_fields, list_merge_fields
from letters.desk.live import ALIKE, bare_words, live_page, picture_of, read, shown_pages, text_files, words_at
from letters.desk.live import save as save_text
from letters.desk.opened import OpenCampaign
from letters.desk.visit import Visit, go, missing, uploaded
from letters.formats.files import write_whole
from letters.model.problems import CannotGoOn, Exit, Problem, Severity
from letters.model.records import MergedLetter
from letters.read.word_letter import open_word_letter
from letters.wording.chunks import Side

_OTHERS = 400
"""Recipients that the chooser lists besides the kinds that matter."""
_NAME = re.compile(r"[^\w]+")


@dataclass(frozen=True, slots=True)
class Choice:
    """A recipient that the page may be shown for, and why that one is worth a look."""

    id: str
    words: str


def letter(visit: Visit) -> Response:
    """Answer with a text of the letter and the page for one recipient."""
    opened = visit.opened
    files = text_files(opened)
    name = visit.query.get("file", "") or next(iter(files), "")
    project = opened.view().project
    if _is_word(opened) and "file" not in visit.query:
        return go("/letter/word", to=visit.query.get("to", ""))
    if name not in files:
        raise missing("The letter has no such file.")
    text = read(files[name])
    return visit.page(
        "letter.html",
        "Letter",
        files=list(files),
        file=name,
        text=text,
        # Kept under its hash, which the form sends back: so a change on disk meanwhile can be merged.
        base=opened.texts.keep(text),
        problems=_problems(opened.view().problems, name),
        kinds=_kinds(project) if project else [],
        # A chooser of 16,625 names takes the browser seconds; the kinds above are what people look at.
        others=[
            Choice(each.recipient.id, each.recipient["agency"])
            for each in (project.letters if project else ())[:_OTHERS]
        ],
        all=_OTHERS,
        to=_recipient(visit, project) if project else "",
        line=visit.number("line", 0),
    )


def _is_word(opened: OpenCampaign) -> bool:
    """Return whether the letter that is shown was made in Word, also where it cannot be read."""
    name, templates = _name(opened), opened.folder / _templates(opened)
    return bool(name) and (templates / f"{name}.docx").is_file() and not (templates / f"{name}.md").is_file()


def _name(opened: OpenCampaign) -> str:
    project = opened.view().project
    return project.template.name if project else opened.letter


def _recipient(visit: Visit, project: Project) -> str:
    """Return the recipient that is asked for; else the first whose letter can be made."""
    ids = [each.recipient.id for each in project.letters]
    asked = visit.query.get("to", "")
    return asked if asked in ids else next(iter(ids), "")


def _problems(problems: Sequence[Problem], name: str) -> list[Problem]:
    return [each for each in problems if each.place.path == name and each.severity is not Severity.NOTE]


def _kinds(project: Project) -> list[Choice]:
    """Return one recipient for each kind of letter, and those whose letters are most likely to look odd."""
    letters = project.letters
    if not letters:
        return []
    # The agreement decides which paragraphs a letter has, so one of each kind is worth a look.
    firsts: dict[str, MergedLetter] = {}
    for each in letters:
        firsts.setdefault(each.recipient["agreement_287g"], each)
    known = {"": "no agreement known", "none": "no agreement, by a list"}
    chosen = [
        Choice(firsts[model].recipient.id, known.get(model) or f"agreement: {model.replace('_', ' ')}")
        for model in sorted(firsts, key=lambda model: (model not in known, model))
    ]
    if nameless := [each for each in letters if not each.recipient["last_name"]]:
        chosen.append(Choice(nameless[0].recipient.id, "no name known"))
    # Long names are what breaks a line, a window or a page.
    longest = max(letters, key=lambda each: len(each.recipient["first_name"] + each.recipient["last_name"]))
    chosen.append(Choice(longest.recipient.id, "longest name"))
    agency = max(letters, key=lambda each: len(each.recipient["agency"]))
    chosen.append(Choice(agency.recipient.id, "longest agency"))
    chosen.append(Choice(max(letters, key=lambda each: each.length).recipient.id, "longest letter"))
    return chosen


def pages(visit: Visit) -> Response:
    """Answer with the page of a letter as it is on disk."""
    opened = visit.opened
    digest = opened.preview(visit.path["id"])
    all_pages = shown_pages(digest, opened.pdfs.get(digest) or b"")
    page = all_pages[min(max(1, visit.number("page", 1)), len(all_pages)) - 1]
    return visit.part("part/page.html", page=page, first=1, last=len(all_pages), problems=None)


def picture(visit: Visit) -> Response:
    """Answer with the picture of a page of a PDF that is kept."""
    # By its hash: a picture is that of the page that was shown, whatever was built since.
    content = visit.opened.pdfs.get(visit.path["digest"])
    drawn = picture_of(content, int(visit.path["number"])) if content else None
    if drawn is None:
        raise missing("This picture is no longer kept: load the page again.")
    return Response(drawn, media_type="image/png")


def preview(visit: Visit) -> Response:
    """Answer with the page of a letter as it would be with a text that is not saved."""
    opened, form = visit.opened, visit.form
    name, text = form.get("file", ""), form.get("text", "")
    if name not in text_files(opened):
        raise missing("The letter has no such file.")
    asked, quick = visit.number("page", 1), form.get("quick") == "yes"
    live = live_page(opened, name, text, form.get("to", ""), asked, form.get("words", ""), quick=quick)
    # Only those of the text that is written; the other parts are cut short, and miss what they refer to.
    own = _problems(live.problems, name)
    if live.page is None:
        return visit.part("part/no_page.html", problems=own or [each for each in live.problems if each.stops])
    answer = visit.part("part/page.html", page=live.page, first=live.first, last=live.last, problems=own)
    if not live.is_alone:
        # Somebody has paused: Python looks for garbage now, and not at one of the next keys.
        answer.background = BackgroundTask(gc.collect)
    return answer


def find(visit: Visit) -> Response:
    """Answer with the line of a text that stands at a point of a page."""
    form = visit.form
    content = visit.opened.pdfs.get(form.get("digest", ""))
    if content is None:
        raise missing("This page is no longer kept.")
    try:
        page, x, y = int(form.get("page", "")), float(form.get("x", "")), float(form.get("y", ""))
    except ValueError:
        raise CannotGoOn(Exit.WRONG_CALL, "that is no place on a page") from None
    words = " ".join(words_at(content, page, x, y).split())
    return JSONResponse({"line": _line_with(form.get("text", ""), words)})


def _line_with(text: str, words: str) -> int:
    """Return the line, from 1, on which words of a page stand; 0 where they are not in this text."""
    if len(words) < 8:
        return 0
    lines = [bare_words(line) for line in text.split("\n")]
    # A line of the file and one of the page break elsewhere: two lines are read as one.
    pairs = [" ".join(f"{line} {following}".split()) for line, following in zip(lines, [*lines[1:], ""], strict=True)]
    scored = [
        (fuzz.partial_ratio(words, pair), fuzz.partial_ratio(words, line) if line.strip() else 0, -number)
        for number, (line, pair) in enumerate(zip(lines, pairs, strict=True), start=1)
        if len(pair) > 7
    ]
    best = max(scored, default=(0, 0, 0))
    return -best[2] if best[0] >= ALIKE else 0


def save(visit: Visit) -> Response:
    """Save a text; where the file changed on disk, merge; where both changed the same words, ask."""
    opened, form = visit.opened, visit.form
    name = form.get("file", "")
    files = text_files(opened)
    if name not in files:
        raise missing("The letter has no such file.")
    # The merge calls the sides of a letter that was in Word; here they are this page and the disk.
    prefer: Side | None = {"mine": "word", "disk": "markdown"}.get(form.get("prefer", ""))  # type: ignore[assignment]
    mine = form.get("text", "")
    saved = save_text(opened, name, files[name], mine, form.get("base", ""), prefer)
    if saved.clashes:
        return visit.page(
            "letter_clash.html", "Letter", 409, clashes=saved.clashes, file=name, text=mine, base=form.get("base", ""),
            to=form.get("to", ""),
        )  # fmt: skip
    opened.tell(f"{name} is saved, together with what changed on disk." if saved.merged else f"{name} is saved.")
    return go("/letter", file=name, to=form.get("to", ""))


def word(visit: Visit) -> Response:
    """Answer with the page of a letter made in Word, and what its merge fields stand for."""
    opened = visit.opened
    view = opened.view()
    name = _name(opened)
    shown = f"{_templates(opened)}/{name}.docx"
    if not (opened.folder / shown).is_file():
        raise missing("This letter was not made in Word.")
    return visit.page(
        "letter_word.html",
        "Letter",
        name=name,
        shown=shown,
        to=_recipient(visit, view.project) if view.project else "",
        problems=_problems(view.problems, shown),
        merge=_merge_fields(opened, name),
    )


def _templates(opened: OpenCampaign) -> str:
    project = opened.view().project
    return project.campaign.templates.as_posix() if project else "templates"


def _merge_fields(opened: OpenCampaign, name: str) -> MergeFields | None:
    try:
        return list_merge_fields(opened.path, name)
    except CannotGoOn:
        return None  # what stops it is among the problems


def take(visit: Visit) -> Response:
    """Copy a letter made in Word into the templates, and show it; nothing that is there is overwritten."""
    opened, path = visit.opened, uploaded(visit)
    if path is None or path.suffix.lower() != ".docx":
        hint = "in Word, save it as a Word document (.docx)"
        raise CannotGoOn(Exit.WRONG_CALL, f'"{path.name if path else ""}" is no letter made in Word', hint)
    # Raises for what can be no letter, before it lies among the templates.
    open_word_letter(path, path.name)
    # The name of a letter is a part of paths, of --letter and of out/.
    name = _NAME.sub("-", path.stem.lower()).strip("-") or "letter"
    with opened.lock:
        _keep_new(opened, f"{name}.docx", path.read_bytes())
        opened.letter = name
    opened.tell(f"{name} is taken in and shown here. To send it, choose it as the letter at Campaign.")
    return go("/letter/word")


def begin(visit: Visit) -> Response:
    """Begin a letter of one's own with the blank one that comes along, under a name of its own, and show its text."""
    opened, said = visit.opened, visit.form.get("name", "").strip()
    name = _NAME.sub("-", said.lower()).strip("-")[:80]
    if not name.isascii() or not name:
        raise CannotGoOn(Exit.WRONG_CALL, f'"{said}" cannot be the name of a letter', "letters a to z and digits")
    with opened.lock:
        _keep_new(opened, f"{name}.md", (starter() / "templates" / BLANK).read_bytes())
        opened.letter = name
    opened.tell(f"{name} is begun and shown here. To send it, choose it as the letter at Campaign.")
    return go("/letter")


def _keep_new(opened: OpenCampaign, file: str, content: bytes) -> None:
    folder, name = opened.folder / _templates(opened), file.rpartition(".")[0]
    # Of two letters with one name the one in Markdown is taken, and the other forgotten.
    if any((folder / f"{name}{suffix}").exists() for suffix in (".docx", ".md")):
        raise CannotGoOn(Exit.CANNOT_WRITE, f'there is a letter "{name}" already', "give it another name")
    write_whole(folder / file, content, private=False)


def fields(visit: Visit) -> Response:
    """Write into the campaign what merge fields stand for."""
    opened, form = visit.opened, visit.form
    with opened.lock:
        found = list_merge_fields(opened.path, form.get("letter", ""))
        said = {name: form.get(f"field-{number}", "") for number, name in enumerate(found.found, start=1)}
        # An expression is code of Jinja: only those that were offered, or stood there, are written.
        choices = {"", *found.known, *found.found.values()}
        wrong = [expression for expression in said.values() if expression not in choices]
        if wrong:
            raise CannotGoOn(Exit.WRONG_CALL, f'"{wrong[0]}" is no field of the list', "choose one that is offered")
        keep_merge_fields(opened.path, {name: expression for name, expression in said.items() if expression})
    opened.tell(f"Kept in {opened.path.name}.")
    return go("/letter/word")
