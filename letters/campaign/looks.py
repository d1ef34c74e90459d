"""Writes looks.toml into letterhead.css and letterhead.docx, so that PDF and Word cannot drift apart.

What was written last is recorded in looks-written.json: a value that is another one now was changed by hand. It is kept
and told, as is whatever else differs from the toolkit's own style sheet and Word template.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from letters.campaign.init import starter
from letters.compile.looks_files import (
    FACES,
    css_values,
    embed_font,
    faces_of,
    may_be_embedded,
    read_block,
    unused_values,
    with_block,
    without_block,
)
from letters.compile.looks_word import (
    Key,
    describe,
    describe_value,
    missing_styles,
    read_values,
    wanted_values,
    write_values,
)
from letters.formats.docx.opening import open_looks
from letters.formats.files import write_whole
from letters.formats.ooxml import write_package
from letters.model.looks import PageLooks
from letters.model.postal import Points
from letters.model.problems import Place, Problem, nearest, warning
from letters.read.folder import check_folder
from letters.read.looks import LOOKS, WRITTEN, as_values, key_of, read_looks, read_record, with_values, written
from letters.read.resources import families_in
from letters.read.text import encoded_like, read_text, rewritten
from letters.read.toml import Document, edited, put, value_of

SHEET, WORD = "letterhead.css", "letterhead.docx"
_SHOWN_LINES = 20
"""Changed lines of the style sheet that are shown."""
_FONT: Key = ("text", "rFonts ascii")
_NEAR: Points = 0.5


class LooksDifference(NamedTuple):
    """A value that is not what looks.toml asks for, since somebody changed it by hand."""

    file: str
    what: str
    there: str
    wanted: str
    """Empty where looks.toml has no say in it."""


class LooksPlan(NamedTuple):
    """What is to be written, and what is kept as it is."""

    looks: PageLooks
    files: Mapping[Path, bytes]
    """The new content of each file that changes."""
    keys: Sequence[LooksDifference]
    """The keys of looks.toml that change."""
    changed: Sequence[LooksDifference]
    """The values that change in the letterheads, with what was there."""
    kept: Sequence[LooksDifference]
    problems: Sequence[Problem]


def plan_looks(templates: Path, shown: str, given: Mapping[str, str], *, overwrite: bool = False) -> LooksPlan:
    """Plan how the looks are written, with values for keys in the place of those of looks.toml.

    `shown` is the name of the folder, for messages; with `overwrite` nothing that was changed by hand is kept. Raises
    CannotGoOn where a file is missing or spoilt.
    """
    check_folder(templates.parent, Path(templates.name))
    file, before, problems = read_looks(templates, shown)
    looks, more = with_values(before, given, lambda key: Place("--set", field=key), follow=True)
    problems += more
    if not problems:
        problems += _font_problems(looks, templates, shown)
    if any(problem.stops for problem in problems):
        return LooksPlan(before, {}, (), (), (), problems)
    problems += _measure_notes(looks, shown)
    keys = [
        LooksDifference(LOOKS, name, old, new)
        for (name, old), new in zip(as_values(before).items(), as_values(looks).values(), strict=True)
        if old != new
    ]
    record = read_record(templates)
    sheet, of_sheet, kept_sheet, more = _plan_sheet(templates, shown, looks, record.get(SHEET, {}), overwrite=overwrite)
    problems += more
    if any(problem.stops for problem in problems):
        return LooksPlan(before, {}, (), (), (), problems)
    word, of_word, kept_word, words = _plan_word(templates, looks, record.get(WORD, {}), overwrite=overwrite)
    new_record = {LOOKS: as_values(looks), SHEET: css_values(looks), WORD: words}
    contents = {
        templates / LOOKS: rewritten(
            (templates if file else starter() / "templates") / LOOKS,
            lambda text: _with_keys(text, looks, [key.what for key in keys]),
        ),
        templates / SHEET: sheet,
        templates / WORD: word,
        templates / WRITTEN: (json.dumps(new_record, ensure_ascii=False, indent=0) + "\n").encode(),
    }
    files = {path: content for path, content in contents.items() if not path.is_file() or content != path.read_bytes()}
    return LooksPlan(looks, files, keys, [*of_sheet, *of_word], [*kept_sheet, *kept_word], problems)


def write_looks(plan: LooksPlan) -> None:
    """Write the files of a plan, each of them whole; looks.toml last, so that a run that was killed is seen."""
    for path in sorted(plan.files, key=lambda path: path.name in (LOOKS, WRITTEN)):
        write_whole(path, plan.files[path], private=False)


def _font_problems(looks: PageLooks, templates: Path, shown: str) -> Iterator[Problem]:
    """Yield why letters cannot be set in the font, or what is imitated where it has not all faces."""
    folder = templates / "fonts"
    place = Place(f"{shown}/{LOOKS}", field="font")
    faces = faces_of(looks.font, folder)
    if not faces:
        there = families_in(folder)
        listed = ", ".join(f'"{each}"' for each in there) or "none"
        near = nearest(looks.font, there)
        how = f"to add a font, put its .ttf or .otf files into {shown}/fonts/ and run this again"
        hint = f'did you mean "{near}"? {how}' if near else how
        yield Problem(place, f'there is no font "{looks.font}" in {shown}/fonts/; there are {listed}', hint)
        return
    if missing := [face.replace("BoldI", "bold i").lower() for face in FACES if face not in faces]:
        what = f'"{looks.font}" has no {", ".join(missing)} in {shown}/fonts/; they would be imitated'
        yield warning(place, what, "put the files of these faces there, too")
    # A font says in itself what may be done with it (OpenType, OS/2 table, fsType).
    if closed := [path.name for path in faces.values() if not may_be_embedded(path)]:
        what = f"{', '.join(closed)}: the makers of this font do not allow it to be part of a Word document"
        yield warning(place, what, "Word shows another font on machines that do not have it; PDFs are not concerned")


def _measure_notes(looks: PageLooks, shown: str) -> Iterator[Problem]:
    if looks.text_width < looks.measure - _NEAR:
        what = f"the margins leave {looks.text_width / 72:.2f} inches, less than the measure"
        yield warning(Place(f"{shown}/{LOOKS}", field="measure"), what, "the text is as wide as the margins leave")
    if looks.spare > 36:
        what = f"the text is {looks.measure / 72:.2f} inches wide; the margins leave {looks.text_width / 72:.2f}"
        hint = f"for wider lines: letters looks --set measure={looks.text_width / 72:.2f}in"
        yield warning(Place(f"{shown}/{LOOKS}", field="measure"), what, hint)


def _plan_sheet(
    templates: Path, shown: str, looks: PageLooks, record: Mapping[str, str], *, overwrite: bool
) -> tuple[bytes, list[LooksDifference], list[LooksDifference], list[Problem]]:
    """Return the style sheet with the values that it is to have, those that change, and those that are kept."""
    text, problems = read_text(templates / SHEET, f"{shown}/{SHEET}")
    there, wanted = read_block(text), css_values(looks)
    if there is None:
        what = 'it has no block "/* letters looks: begin */", so that looks.toml cannot be written into it'
        hint = "copy letterhead.css from the toolkit, and put your own rules at its end"
        return b"", [], [], [*problems, Problem(Place(f"{shown}/{SHEET}"), what, hint)]
    base = {**css_values(PageLooks()), **record}
    new, changed, kept = dict(there), [], []
    for name, value in wanted.items():
        old = there.get(name)
        if old == value:
            continue
        if overwrite or old in (None, base.get(name)):
            new[name] = value
            changed.append(LooksDifference(SHEET, name, old or "nothing", value))
        else:
            kept.append(LooksDifference(SHEET, name, old or "", value))
    kept += _own_rules(text)
    for name in unused_values(text, wanted):
        what = f"no rule uses {name}, so that looks.toml changes nothing there"
        problems.append(warning(Place(f"{shown}/{SHEET}"), what, "copy the rule from the toolkit's letterhead.css"))
    content = encoded_like((templates / SHEET).read_bytes(), with_block(text, new))
    return content, changed, kept, problems


def _own_rules(text: str) -> Iterator[LooksDifference]:
    """Yield the lines of a style sheet that are not those of the toolkit's."""
    ours = without_block((starter() / "templates" / SHEET).read_text("utf-8")).splitlines()
    # The first two lines of a difference are the names of its files.
    lines = list(difflib.unified_diff(ours, without_block(text).splitlines(), lineterm="", n=0))[2:]
    changed = [line for line in lines if line[1:].strip() and not line.startswith("@@")]
    for line in changed[:_SHOWN_LINES]:
        yield LooksDifference(SHEET, "taken out" if line[0] == "-" else "put in", line[1:].strip(), "")
    if len(changed) > _SHOWN_LINES:
        yield LooksDifference(SHEET, "and", f"{len(changed) - _SHOWN_LINES} more lines", "")


def _plan_word(
    templates: Path, looks: PageLooks, record: Mapping[str, str], *, overwrite: bool
) -> tuple[bytes, list[LooksDifference], list[LooksDifference], dict[str, str]]:
    """Return the Word template with the values that it is to have, those that change, those that are kept, and all."""
    package = dict(open_looks(templates / WORD))
    there, wanted, usual = read_values(package), wanted_values(looks), wanted_values(PageLooks())
    base: dict[Key, str | None] = {key: usual.get(key) for key in {**there, **wanted}}
    base |= {_key(name): value for name, value in record.items()}
    # What the record has not was not written: whatever stands there is of somebody's own.
    if record:
        base |= {key: None for key in {**there, **wanted} if _name(key) not in record}
    new_styles = missing_styles(package, looks)
    styles = {style for style, _ in wanted}
    changes: dict[Key, str | None] = {}
    changed, kept = [], []
    for key in {**wanted, **there}:
        old, value = there.get(key), wanted.get(key)
        # Styles of the office's own are no difference.
        if old == value or key[0] in new_styles or key[0] not in styles:
            continue
        told = LooksDifference(WORD, describe(key), describe_value(key, old), describe_value(key, value))
        if overwrite or old == base.get(key):
            changes[key] = value
            changed.append(told)
        else:
            kept.append(told)
    changed += [LooksDifference(WORD, name, "nothing", "a style of this name") for name in new_styles]
    all_written = {_name(key): value for key, value in wanted.items()}
    if not changes and not new_styles:
        return (templates / WORD).read_bytes(), changed, kept, all_written
    write_values(package, changes, looks)
    # Word takes another font where it is not on the machine, and breaks other lines.
    if _FONT in changes:
        embed_font(package, looks.font, templates / "fonts")
    return write_package(package), changed, kept, all_written


def _name(key: Key) -> str:
    return " | ".join(key)


def _key(name: str) -> Key:
    style, _, path = name.partition(" | ")
    return style, path


def _with_keys(text: str, looks: PageLooks, keys: Sequence[str]) -> str:
    """Return the text of looks.toml with these keys written anew; comments stay where they are."""

    def change(document: Document) -> None:
        for key in keys:
            there = next((name for name in document if key_of(name) == key), key)
            put(document, there, value_of(written(looks, key)))

    return edited(text, LOOKS, change)
