"""Brings the words of an edited DOCX back to the Markdown: untouched chunks as they were, changed ones written anew."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from letters.wording.chunks import NOTE, Outline, kind_of
from letters.wording.labels import CLOSE, LABEL, OPEN, folded, labels
from letters.wording.paragraphs import NOTE_MARK, Paragraph, Runs
from letters.words import pairs

_WIDTH = 120
_SPECIAL = re.compile(r"([\\`*_\[\]<>^~$|@])")
_BLOCK_START = re.compile(r"^(#{1,6} |[-+*] |:::|>|\d{1,9}[.)] |\(?[a-zA-Z][.)] )")
_HELD_SPACE = "\ue005"
_MARKS = {"i": "*", "b": "**", "s": "~~", "sup": "^", "sub": "~", "code": "`"}
_CLASSES = {"u": "underline", "small-caps": "smallcaps"}
_ITEM = re.compile(r"item (\d+) (bullet|number)")
_FURTHER = re.compile(r"further (\d+)")


@dataclass(frozen=True, slots=True)
class Change:
    """A paragraph that counsel changed; one side is empty where it was added or taken out."""

    file: int
    line: int
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the words cannot be brought back, and the place in Word by its words."""

    what: str
    hint: str


@dataclass(frozen=True, slots=True)
class Brought:
    """What came back from Word."""

    texts: tuple[str, ...]
    """The new text of each file."""
    changes: tuple[Change, ...]
    questions: tuple[str, ...]
    """What a person should look at: fields that are gone, notes that were added."""
    refusals: tuple[Refusal, ...]


def bring_back(outline: Outline, before: Sequence[Paragraph], after: Sequence[Paragraph]) -> Brought:
    """Compare a letter as it was shown with what came back, and write the new Markdown.

    `before` are the paragraphs of the outline, `after` those read from Word. With any refusal nothing is to be written.
    """
    known = {folded(label): outline.tags[number] for number, label in labels(outline.tags).items()}
    refusals = [*_damaged(after, known, before), *_lost_statements(before, after, known)]
    aligned = list(pairs([p.key for p in before], [p.key for p in after]))
    aligned = _same_kind(aligned, before, after)
    work = _Work(outline, before, after, known)
    for i, j in aligned:
        work.take(i, j)
    refusals += work.refusals
    texts, changes = work.finish()
    questions = [*_vanished(changes, known), *_added_notes(before, after)]
    return Brought(texts, tuple(changes), tuple(questions), tuple(refusals))


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
            found.append(Refusal(f'the field "{label}" was changed in "{_short(paragraph.words)}"', hint))
        rest = LABEL.sub("", paragraph.words)
        if OPEN in rest or CLOSE in rest:
            hint = "put the whole field back: undo, or copy it from another place in the file"
            found.append(Refusal(f'a field was cut in two in "{_short(paragraph.words)}"', hint))
    return found


def _short(words: str) -> str:
    return textwrap.shorten(words, 70, placeholder=" …")


def _lost_statements(
    before: Sequence[Paragraph], after: Sequence[Paragraph], known: Mapping[str, str]
) -> list[Refusal]:
    """Find conditions that are no longer where they were in the order of the text, or of which a part is gone."""
    was, now = (_statements(paragraphs, known) for paragraphs in (before, after))
    if was == now:
        return []
    lost, new = Counter(was) - Counter(now), Counter(now) - Counter(was)
    said = [f"{OPEN}{label}{CLOSE}" for label in (*lost, *new)]
    if not said:
        hint = "move the words, not the lines of the conditions"
        return [Refusal("conditions stand in another order than before", hint)]
    hint = "conditions are changed in the Markdown file; put the labelled lines back as they were"
    return [Refusal(f"lines of conditions or clauses were taken out or added: {', '.join(said)}", hint)]


def _statements(paragraphs: Sequence[Paragraph], known: Mapping[str, str]) -> list[str]:
    found = []
    for paragraph in paragraphs:
        for label in LABEL.findall(paragraph.words):
            name = folded(label)
            if name.startswith("End of clause") or kind_of(known.get(name, "{{")) not in ("output", "comment", "raw"):
                found.append(name)
    return found


def _same_kind(
    aligned: list[tuple[int | None, int | None]], before: Sequence[Paragraph], after: Sequence[Paragraph]
) -> list[tuple[int | None, int | None]]:
    """Part pairs of which one is a note or a mark and the other is not."""
    result: list[tuple[int | None, int | None]] = []
    for i, j in aligned:
        if i is not None and j is not None and _sort(before[i]) != _sort(after[j]):
            result += [(i, None), (None, j)]
        else:
            result.append((i, j))
    return result


def _sort(paragraph: Paragraph) -> str:
    return paragraph.role if paragraph.role in ("mark", "cell") or paragraph.role.startswith("note") else ""


class _Work:
    """Gathers, chunk by chunk, what became of each paragraph."""

    def __init__(
        self, outline: Outline, before: Sequence[Paragraph], after: Sequence[Paragraph], known: Mapping[str, str]
    ) -> None:
        self.outline = outline
        self.before = before
        self.after = after
        self.known = known
        self.kept: dict[int, list[Paragraph]] = {}
        """What now stands in each chunk."""
        self.touched: set[int] = set()
        self.below: dict[int, list[Paragraph]] = {}
        """Paragraphs that were added below a chunk."""
        self.changes: list[Change] = []
        self.refusals: list[Refusal] = []
        self.last = 0
        self.open = False

    def take(self, i: int | None, j: int | None) -> None:
        old = self.before[i] if i is not None else None
        new = self.after[j] if j is not None else None
        if old is not None:
            self.last = old.chunk
            self.kept.setdefault(old.chunk, [])
        chunk = self.outline.chunks[self.last]
        if new is not None and old is not None:
            self.kept[old.chunk].append(new)
        elif new is not None:
            self.below.setdefault(self._place_of(new), []).append(new)
        if old is None or new is None or old.key != new.key:
            self._changed(chunk.file, chunk.line, old, new)

    def _place_of(self, new: Paragraph) -> int:
        """Tell below which chunk an added paragraph stands; an added note belongs below the last note of its file."""
        if not new.role.startswith("note"):
            return self.last
        caller = f"{OPEN}{NOTE_MARK}{new.role.removeprefix('note ')}{CLOSE}"
        numbers = [n for n, paragraphs in (*self.kept.items(), *self.below.items()) if _calls(paragraphs, caller)]
        file = self.outline.chunks[numbers[0] if numbers else self.last].file
        own = [n for n, chunk in enumerate(self.outline.chunks) if chunk.file == file]
        return max((n for n in own if self.outline.chunks[n].kind == NOTE), default=own[-1])

    def _changed(self, file: int, line: int, old: Paragraph | None, new: Paragraph | None) -> None:
        if old is not None:
            self.touched.add(old.chunk)
        self.changes.append(Change(file, line, old.words if old else "", new.words if new else ""))
        if any(p is not None and p.role == "cell" for p in (old, new)):
            words = (old or new).words  # type: ignore[union-attr]
            hint = "tables are changed in the Markdown file; undo that change in Word"
            self.refusals.append(Refusal(f'a table was changed at "{_short(words)}"', hint))

    def finish(self) -> tuple[tuple[str, ...], list[Change]]:
        texts: dict[int, str] = {}
        for number in self.touched:
            texts[number] = self._written(number)
        for number, paragraphs in self.below.items():
            own = texts.get(number, self.outline.raw(self.outline.chunks[number].marked))
            texts[number] = _with_blank_line(own) + self._joined(paragraphs, "")
        whole = tuple(self.outline.text_of(file, texts) for file in range(len(self.outline.files)))
        return whole, self.changes

    def _written(self, number: int) -> str:
        chunk = self.outline.chunks[number]
        if not self.kept.get(number):
            return ""
        written = self._joined(self.kept[number], chunk.marker)
        below = len(chunk.marked) - len(chunk.marked.rstrip("\n"))
        return written.rstrip("\n") + "\n" * max(1, below)

    def _joined(self, paragraphs: Sequence[Paragraph], marker: str) -> str:
        texts = []
        for number, paragraph in enumerate(paragraphs):
            first = number == 0 or paragraph.role != paragraphs[number - 1].role
            texts.append(_markdown(paragraph, self.known, marker if number == 0 else "", first=first))
        return "\n\n".join(texts) + "\n\n"


def _calls(paragraphs: Sequence[Paragraph], caller: str) -> bool:
    return any(caller in paragraph.words for paragraph in paragraphs)


def _with_blank_line(text: str) -> str:
    return text.rstrip("\n") + "\n\n" if text.strip() else text


def _markdown(paragraph: Paragraph, known: Mapping[str, str], marker: str, *, first: bool) -> str:
    """Write one paragraph as Markdown, on lines of at most 120 characters."""
    body = _inline(paragraph.runs, known)
    role = paragraph.role
    if role.startswith("h") and role[1:].isdigit():
        return f"{'#' * int(role[1:])} {body}".replace(_HELD_SPACE, " ")
    if item := _ITEM.fullmatch(role):
        outer = "    " * (int(item[1]) - 1)
        own = marker or ("- " if item[2] == "bullet" else "1. ")
        return _wrapped(body, outer + own, outer + " " * len(own))
    if further := _FURTHER.fullmatch(role):
        return _wrapped(body, "    " * int(further[1]), "    " * int(further[1]))
    if role.startswith("note "):
        return _wrapped(body, f"[^{role[5:]}]: " if first else "    ", "    ")
    if role == "quote":
        return _wrapped(body, "> ", "> ")
    return _wrapped(_BLOCK_START.sub(r"\\\1", body), "", "")


def _wrapped(body: str, first: str, later: str) -> str:
    lines: list[str] = []
    for number, line in enumerate(body.split("\n")):
        lines += textwrap.wrap(
            line,
            _WIDTH,
            initial_indent=later if number else first,
            subsequent_indent=later,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [later]
    return "\n".join(lines).replace(_HELD_SPACE, " ")


def _inline(runs: Runs, known: Mapping[str, str]) -> str:
    return "".join(_run(run, flags, known) for run, flags in runs)


def _run(run: str, flags: frozenset[str], known: Mapping[str, str]) -> str:
    code = "code" in flags
    body, position = "", 0
    for label in LABEL.finditer(run):
        body += _escaped(run[position : label.start()], code=code) + _tag(label[0], known)
        position = label.end()
    body += _escaped(run[position:], code=code)
    for flag in sorted(flags):
        if flag in _MARKS:
            body = f"{_MARKS[flag]}{body}{_MARKS[flag]}"
        elif flag.startswith("link "):
            body = f"[{body}]({flag[5:]})"
        else:
            name = _CLASSES.get(flag) or flag.removeprefix("style ").lower().replace(" ", "-")
            body = f"[{body}]{{.{name}}}"
    return body


def _escaped(string: str, *, code: bool) -> str:
    if code:
        return string
    return _SPECIAL.sub(r"\\\1", string).replace("{", "\\{").replace("\n", "\\\n")


def _tag(label: str, known: Mapping[str, str]) -> str:
    inside = label.strip(OPEN + CLOSE)
    if inside.startswith(NOTE_MARK):
        return f"[{inside}]"
    return " ".join(known.get(folded(label), label).split()).replace(" ", _HELD_SPACE)


def _vanished(changes: Sequence[Change], known: Mapping[str, str]) -> list[str]:
    gone: Counter[str] = Counter()
    for change in changes:
        gone.update(LABEL.findall(change.old))
        gone.subtract(LABEL.findall(change.new))
    return [
        f"{label} stands {count} time{'' if count == 1 else 's'} less than before: is that meant?"
        for label, count in gone.items()
        if count > 0 and (folded(label) in known or label.strip(OPEN + CLOSE).startswith(NOTE_MARK))
    ]


def _added_notes(before: Sequence[Paragraph], after: Sequence[Paragraph]) -> list[str]:
    had = {p.role for p in before}
    new = {p.role: p.words for p in after if p.role.startswith("note ") and p.role not in had}
    return [f'a note was added and is named [^{role[5:]}]: "{_short(words)}"' for role, words in new.items()]
