"""Writes a form of the place Campaign, who writes or who signs, into campaign.toml, as `letters settle` does."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from letters.campaign.settling import settle as settle_in_file
from letters.desk.visit import Visit, go, missing, uploaded
from letters.desk.writers import LEFT_OUT, WriterForm, writers


def save(visit: Visit) -> Response:
    """Write what was changed in one form into campaign.toml; nothing where the file changed meanwhile."""
    opened, form = visit.opened, visit.form
    table, number = form.get("table", ""), form.get("number", "")
    what = f"{table}.{number}"
    with opened.lock:
        now = writers(opened, ())
        if form.get("base") != now.base:
            opened.tell(f"{opened.path.name} was changed meanwhile. Nothing was written: look again.", "bad")
            return go("/")
        shown = now.form(table, number)
        if shown is None:
            raise missing("There is no such form.")
        said = [(f"{what}.{key}", value) for key, value in _changed(shown, form)]
        if form.get("remove") == "yes":
            said = [(f"{what}.name", "")]
        elif logo := uploaded(visit):
            said.append((f"{what}.logo", str(logo)))
        elif form.get("no-logo") == "yes":
            said.append((f"{what}.logo", ""))
        if said:
            settle_in_file(opened.path, said)
    name = form.get("name", "").strip() or shown.heading
    opened.tell(f"{name}: kept in {opened.path.name}." if said else "Nothing was filled in.", "good" if said else "bad")
    return go(f"/#{table}")


def _changed(shown: WriterForm, form: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the keys that another value was given, the name first: a new table begins with it."""
    found = []
    for field in shown.fields:
        value = form.get(field.key, "").strip()
        if value == field.value.strip() and not (field.open and not value and field.key in LEFT_OUT):
            continue
        if (field.key == "name" and not value) or (value and value == field.open):
            continue
        lines = [line.strip().strip(";") for line in value.split("\n")]
        found.append((field.key, "; ".join(filter(None, lines)) if field.key == "address" else value))
    return found
