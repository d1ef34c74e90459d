"""Letters that come in at the place Letter: one made in Word, with its merge fields and its page, or a blank one."""

from __future__ import annotations

import re

from starlette.responses import Response

from letters.campaign.init import BLANK, starter
from letters.campaign.merge_fields import MergeFields, keep_merge_fields, list_merge_fields
from letters.desk.opened import OpenCampaign
from letters.desk.visit import Visit, go, missing, uploaded
from letters.formats.files import write_whole
from letters.model.problems import CannotGoOn, Exit, Severity
from letters.read.word_letter import open_word_letter

_NAME = re.compile(r"[^\w]+")


def word(visit: Visit) -> Response:
    """Answer with the page of a letter made in Word, and what its merge fields stand for."""
    opened = visit.opened
    view = opened.view()
    name = view.project.template.name if view.project else opened.letter
    shown = f"{_templates(opened)}/{name}.docx"
    if not (opened.folder / shown).is_file():
        raise missing("This letter was not made in Word.")
    letters = view.project.letters if view.project else ()
    ids = [each.recipient.id for each in letters]
    asked = visit.query.get("to", "")
    return visit.page(
        "letter_word.html",
        "Letter",
        name=name,
        shown=shown,
        to=asked if asked in ids else next(iter(ids), ""),
        problems=[each for each in view.problems if each.place.path == shown and each.severity is not Severity.NOTE],
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
    open_word_letter(path, path.name)
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
    if any((folder / f"{name}{suffix}").exists() for suffix in (".docx", ".md")):
        raise CannotGoOn(Exit.CANNOT_WRITE, f'there is a letter "{name}" already', "give it another name")
    write_whole(folder / file, content, private=False)


def fields(visit: Visit) -> Response:
    """Write into the campaign what merge fields stand for."""
    opened, form = visit.opened, visit.form
    with opened.lock:
        found = list_merge_fields(opened.path, form.get("letter", ""))
        said = {name: form.get(f"field-{number}", "") for number, name in enumerate(found.found, start=1)}
        wrong = [expression for expression in said.values() if expression and expression not in _choices(found)]
        if wrong:
            raise CannotGoOn(Exit.WRONG_CALL, f'"{wrong[0]}" is no field of the list', "choose one that is offered")
        keep_merge_fields(opened.path, {name: expression for name, expression in said.items() if expression})
    opened.tell(f"Kept in {opened.path.name}.")
    return go("/letter/word")


def _choices(merge: MergeFields) -> set[str]:
    return {*merge.known, *merge.found.values()}
