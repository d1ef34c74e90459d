"""Finds what cannot be brought back from Word: damaged fields, and conditions that were taken apart."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from letters.wording.chunks import kind_of
from letters.wording.labels import CLOSE, LABEL, OPEN, folded
from letters.wording.paragraphs import NOTE_MARK, Paragraph


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the words cannot be brought back, and the place in Word by its words."""

    what: str
    hint: str


def refusals(before: Sequence[Paragraph], after: Sequence[Paragraph], known: Mapping[str, str]) -> list[Refusal]:
    """List why a letter cannot be brought back; `known` are its tags by their folded labels."""
    return [*_damaged(after, known, before), *_lost_statements(before, after, known)]


def _damaged(after: Sequence[Paragraph], known: Mapping[str, str], before: Sequence[Paragraph]) -> list[Refusal]:
    """Find labels that are none of ours, and halves of labels."""
    own = {label for p in before for label in LABEL.findall(p.words)}
    found = []
    for paragraph in after:
        for label in LABEL.findall(paragraph.words):
            inside = label.strip(OPEN + CLOSE)
            if inside.startswith(NOTE_MARK) or folded(label) in known or label in own:
                continue
            hint = "undo that change in Word, or copy the field from another place in the file"
            found.append(Refusal(f'the field "{label}" was changed in "{short(paragraph.words)}"', hint))
        rest = LABEL.sub("", paragraph.words)
        if OPEN in rest or CLOSE in rest:
            hint = "put the whole field back: undo, or copy it from another place in the file"
            found.append(Refusal(f'a field was cut in two in "{short(paragraph.words)}"', hint))
    return found


def short(words: str) -> str:
    """Write the beginning of a text, enough to find it by."""
    return textwrap.shorten(words, 70, placeholder=" …")


def _lost_statements(
    before: Sequence[Paragraph], after: Sequence[Paragraph], known: Mapping[str, str]
) -> list[Refusal]:
    """Find conditions that are no longer where they were in the order of the text, or of which a part is gone."""
    was, now = (_statements(paragraphs, known) for paragraphs in (before, after))
    if was == now:
        return _joined_lines(before, after)
    lost, new = Counter(was) - Counter(now), Counter(now) - Counter(was)
    said = [f"{OPEN}{label}{CLOSE}" for label in (*lost, *new)]
    if not said:
        hint = "move the words, not the lines of the conditions"
        return [Refusal("conditions stand in another order than before", hint)]
    hint = "conditions are changed in the Markdown file; put the labelled lines back as they were"
    return [Refusal(f"lines of conditions or clauses were taken out or added: {', '.join(said)}", hint)]


def _joined_lines(before: Sequence[Paragraph], after: Sequence[Paragraph]) -> list[Refusal]:
    """Find lines of conditions that were joined with others, or parted from the words they stood among."""
    was, now = (Counter(_line(p) for p in side if p.role == "mark") for side in (before, after))
    joined = [line[0] for line in was - now]
    found = []
    for label in joined:
        beside = next((p.words for p in after if label in _line(p) and _line(p) not in was), "")
        hint = "give each shaded line a paragraph of its own again"
        found.append(Refusal(f'the line {OPEN}{label}{CLOSE} was joined with another: "{short(beside)}"', hint))
    for label, *_ in now - was:
        if label not in joined:
            what = f"the condition {OPEN}{label}{CLOSE} stood inside a paragraph, and now stands alone"
            found.append(Refusal(what, "put it back into the paragraph"))
    return found


def _line(paragraph: Paragraph) -> tuple[str, ...]:
    return tuple(folded(label) for label in LABEL.findall(paragraph.words))


def _statements(paragraphs: Sequence[Paragraph], known: Mapping[str, str]) -> list[str]:
    found = []
    for paragraph in paragraphs:
        for label in LABEL.findall(paragraph.words):
            name = folded(label)
            if name.startswith("End of clause") or kind_of(known.get(name, "{{")) not in ("output", "comment", "raw"):
                found.append(name)
    return found
