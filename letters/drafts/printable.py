"""Makes a DOCX fit to be printed as it is: no comment, no deleted word and no name of an editor is left in it."""

from __future__ import annotations

from letters.drafts import revisions
from letters.drafts.preparing import strip_comments
from letters.formats.ooxml import parse, remove_part, serialize, w

_ABOUT_PEOPLE = ("comments", "people", "app.xml", "custom.xml")
"""How the names of the parts begin that tell of people and not of the letter."""
_PERSONAL = ("lastModifiedBy", "keywords", "description", "category")


def printable(parts: dict[str, bytes]) -> dict[str, bytes]:
    """Copy a DOCX with its tracked changes taken in, its comments and its traces of people left out."""
    made = dict(parts)
    for name in [name for name in made if name.startswith("word/") and name.endswith(".xml")]:
        root = parse(made[name])
        revisions.accept(root)
        strip_comments(root)
        for trace in list(root.iter(w("docVars"), w("attachedTemplate"))):
            trace.getparent().remove(trace)  # type: ignore[union-attr]
        made[name] = serialize(root)
    for name in [name for name in made if _is_about_people(name)]:
        remove_part(made, name)
    for name in [name for name in made if name.endswith(".rels")]:
        root = parse(made[name])
        for relation in list(root):
            if _is_about_people(str(relation.get("Target"))):
                root.remove(relation)
        made[name] = serialize(root)
    if "docProps/core.xml" in made:
        core = parse(made["docProps/core.xml"])
        for element in list(core):
            if str(element.tag).rpartition("}")[2] in _PERSONAL:
                core.remove(element)
        made["docProps/core.xml"] = serialize(core)
    return made


def _is_about_people(name: str) -> bool:
    return name.rpartition("/")[2].startswith(_ABOUT_PEOPLE)
