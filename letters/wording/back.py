"""Brings the words of an edited DOCX back to the Markdown: untouched chunks as they were, changed ones written anew."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from letters.wording.chunks import INCLUDE, NOTE, TEXT, Outline
from letters.wording.labels import CLOSE, LABEL, OPEN, folded, labels
from letters.wording.markdown import write
from letters.wording.paragraphs import NOTE_MARK, Paragraph
from letters.wording.refusals import Refusal, refusals, short
from letters.words import pairs


@dataclass(frozen=True, slots=True)
class Change:
    """A paragraph that counsel changed; one side is empty where it was added or taken out."""

    file: int
    line: int
    old: str
    new: str


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
    found = refusals(before, after, known)
    aligned = list(pairs([p.key for p in before], [p.key for p in after]))
    aligned = _same_kind(aligned, before, after)
    work = _Work(outline, before, after, known)
    for number, (i, j) in enumerate(aligned):
        work.take(i, j, next((before[k].chunk for k, _ in aligned[number + 1 :] if k is not None), None))
    found += work.refusals
    texts, changes = work.finish()
    questions = [*_vanished(changes, known), *_added_notes(before, after)]
    return Brought(texts, tuple(changes), tuple(questions), tuple(found))


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
        self.above: dict[int, list[Paragraph]] = {}
        """Paragraphs that were added above a chunk."""
        self.below: dict[int, list[Paragraph]] = {}
        """Paragraphs that were added below a chunk."""
        self.changes: list[Change] = []
        self.refusals: list[Refusal] = []
        self.last: int | None = None

    def take(self, i: int | None, j: int | None, following: int | None) -> None:
        """Take a pair of paragraphs; `following` is the chunk of the next one that was there before."""
        old = self.before[i] if i is not None else None
        new = self.after[j] if j is not None else None
        if old is not None:
            self.last = old.chunk
            self.kept.setdefault(old.chunk, [])
        if new is not None and old is not None:
            self.kept[old.chunk].append(new)
        elif new is not None:
            self._add(new, following)
        chunk = self.outline.chunks[self.last or 0]
        if old is None or new is None or old.key != new.key:
            self._changed(chunk.file, chunk.line, old, new)

    def _add(self, new: Paragraph, following: int | None) -> None:
        """Put an added paragraph where it stands in Word: above or below a chunk, or in the midst of one."""
        if new.role.startswith("note"):
            self.below.setdefault(self._last_note(new), []).append(new)
        elif self.last is None:
            self.above.setdefault(following or 0, []).append(new)
        elif following == self.last:
            self.kept[self.last].append(new)
            self.touched.add(self.last)
        elif following is not None and self._begins_clause(self.last, following):
            self.above.setdefault(following, []).append(new)
        else:
            self.below.setdefault(self.last, []).append(new)

    def _begins_clause(self, last: int, following: int) -> bool:
        chunks = self.outline.chunks
        return chunks[last].kind == INCLUDE and chunks[last].file != chunks[following].file

    def _last_note(self, new: Paragraph) -> int:
        """Tell below which chunk an added note belongs: the last note of the file that calls it."""
        caller = f"{OPEN}{NOTE_MARK}{new.role.removeprefix('note ')}{CLOSE}"
        added = (*self.kept.items(), *self.above.items(), *self.below.items())
        numbers = [number for number, paragraphs in added if _calls(paragraphs, caller)]
        file = self.outline.chunks[numbers[0] if numbers else self.last or 0].file
        own = [n for n, chunk in enumerate(self.outline.chunks) if chunk.file == file]
        return max((n for n in own if self.outline.chunks[n].kind == NOTE), default=own[-1])

    def _changed(self, file: int, line: int, old: Paragraph | None, new: Paragraph | None) -> None:
        if old is not None:
            self.touched.add(old.chunk)
        self.changes.append(Change(file, line, old.words if old else "", new.words if new else ""))
        if any(p is not None and p.role == "cell" for p in (old, new)):
            words = (old or new).words  # type: ignore[union-attr]
            hint = "tables are changed in the Markdown file; undo that change in Word"
            self.refusals.append(Refusal(f'a table was changed at "{short(words)}"', hint))

    def finish(self) -> tuple[tuple[str, ...], list[Change]]:
        texts = {number: self._written(number) for number in self.touched}
        for number, paragraphs in self.below.items():
            texts[number] = _with_blank_line(self._text(number, texts)) + self._joined(paragraphs, "")
        for number, paragraphs in self.above.items():
            texts[number] = self._joined(paragraphs, "") + self._text(number, texts)
        for file in range(len(self.outline.files)):
            self._keep_apart(file, texts)
        whole = tuple(self.outline.text_of(file, texts) for file in range(len(self.outline.files)))
        return whole, self.changes

    def _text(self, number: int, texts: Mapping[int, str]) -> str:
        return texts.get(number, self.outline.raw(self.outline.chunks[number].marked))

    def _keep_apart(self, file: int, texts: dict[int, str]) -> None:
        """Put a blank line between what now stands together and must not run on, as below the last item of a list."""
        numbers = [n for n, chunk in enumerate(self.outline.chunks) if chunk.file == file and self._text(n, texts)]
        for last, number in itertools.pairwise(numbers):
            chunks = self.outline.chunks[last], self.outline.chunks[number]
            items = all(chunk.marker for chunk in chunks)
            if (last + 1 == number and not {last, number} & texts.keys()) or items:
                continue
            if all(chunk.kind in (TEXT, NOTE) for chunk in chunks):
                texts[last] = _with_blank_line(self._text(last, texts))

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
            texts.append(write(paragraph, self.known, marker if number == 0 else "", first=first))
        return "\n\n".join(texts) + "\n\n"


def _calls(paragraphs: Sequence[Paragraph], caller: str) -> bool:
    return any(caller in paragraph.words for paragraph in paragraphs)


def _with_blank_line(text: str) -> str:
    return text.rstrip("\n") + "\n\n" if text.strip() else text


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
    return [f'a note was added and is named [^{role[5:]}]: "{short(words)}"' for role, words in new.items()]
