"""Writes the words of an edited DOCX as Markdown: untouched chunks as they were, changed ones anew.

What cannot be brought back, such as a damaged field or a condition that was taken apart, is refused.
"""

from __future__ import annotations

import itertools
import re
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from letters.formats.jinja import LIST_NUMBER
from letters.formats.text_diff import pairs
from letters.model.problems import many
from letters.read.resources import UNSEEN
from letters.wording.chunks import INCLUDE, NOTE, TEXT, Chunk, LetterOutline, kind_of
from letters.wording.paragraphs import CLOSE, LABEL, NOTE_MARK, OPEN, WordingParagraph, folded, labels, tidy

_WIDTH = 120
"""The number of characters of a line of Markdown."""
# What pandoc takes for mark-up with the extensions of a letter; "==" and "++" are refused as marks of other editors.
_SPECIAL = re.compile(r"([\\`*_\[\]<>^~$|@]|&(?=#?\w+;)|=(?==)|\+(?=\+))")
# Longer Roman numerals than elsewhere: what is escaped without need is printed as it stands.
_BLOCK_START = re.compile(
    r"^(?:(?P<sign>#{1,6} |[-+*] |-{3,}$|:|>)"
    r"|(?P<number>\(?(?:\d{1,9}|[a-zA-Z]|[ivxlcdm]{2,8}|[IVXLCDM]{2,8}|#))(?P<end>[.)] ))"
)
"""What begins a heading, a list, a definition, a block or a quotation at the beginning of a paragraph."""
_HELD_SPACE = "\ue005"
"""Stands for a space at which no line may be broken."""
_TOGETHER = re.compile(rf" (?=\{{%|(?:#{{1,6}}|[-+*>]|:{{3,}}|{LIST_NUMBER}) )|(?<=%\}}) ")
"""Spaces at which no line is broken: a statement alone on its line, or "v." at its beginning, would mean something."""
_MARKS = {"i": "*", "b": "**", "s": "~~", "sup": "^", "sub": "~", "code": "`"}
_CLASSES = {"u": "underline", "small-caps": "smallcaps"}
_ITEM = re.compile(r"item (\d+) (bullet|number)")
_FURTHER = re.compile(r"further (\d+)")
_SHORT = 70
"""The number of characters of a text that a message shows."""


@dataclass(frozen=True, slots=True)
class ChangedParagraph:
    """A paragraph that counsel changed; one side is empty where it was added or taken out."""

    file: int
    line: int
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the words cannot be brought back, with the words at that place in Word."""

    what: str
    hint: str


@dataclass(frozen=True, slots=True)
class Brought:
    """What came back from Word."""

    texts: tuple[str, ...]
    """The new text of each file."""
    changes: tuple[ChangedParagraph, ...]
    questions: tuple[str, ...]
    """What a person should look at: fields that are gone, notes that were added."""
    refusals: tuple[Refusal, ...]


def bring_back(
    outline: LetterOutline, before: Sequence[WordingParagraph], after: Sequence[WordingParagraph]
) -> Brought:
    """Compare a letter as it was shown with what came back, and return the new Markdown.

    `before` are the paragraphs of the outline, `after` those read from Word. With any refusal nothing is to be written.
    """
    known = {folded(label): outline.tags[number] for number, label in labels(outline.tags).items()}
    after, cleared = _cleared(before, after)
    found = [*_damaged(after, known, before), *_lost_statements(before, after, known)]
    aligned = list(pairs([p.key for p in before], [p.key for p in after]))
    aligned = _same_kind(aligned, before, after)
    edit = _ParagraphEdit(outline, before, after, known)
    for number, (i, j) in enumerate(aligned):
        edit.take(i, j, next((before[k].chunk for k, _ in aligned[number + 1 :] if k is not None), None))
    found += edit.refusals
    texts, changes = edit.finish()
    questions = [*_vanished(changes, known), *_added_notes(before, after), *cleared]
    return Brought(texts, tuple(changes), tuple(questions), tuple(found))


def _cleared(
    before: Sequence[WordingParagraph], after: Sequence[WordingParagraph]
) -> tuple[list[WordingParagraph], list[str]]:
    """Return what was read from Word without what a letter has no use for, and a question for each such thing.

    That are styles of characters and links to places in the Word file which it did not have before, and invisible
    characters.
    """
    usual = {flag for paragraph in before for _, flags in paragraph.runs for flag in flags}
    questions: dict[str, None] = {}
    cleared = []
    for paragraph in after:
        runs = []
        for run, flags in paragraph.runs:
            gone = {flag for flag in flags - usual if flag.startswith(("style ", "link #"))}
            for flag in sorted(gone - {"style Hyperlink"}):
                name = (
                    f'the style "{flag[6:]}"' if flag.startswith("style ") else "the link to a place in the Word file"
                )
                questions[f'{name} of "{_short(run)}" is not taken over'] = None
            if found := UNSEEN.findall(run):
                questions[f'{many(len(found), "invisible character")} in "{_short(run)}" left out'] = None
            runs.append((UNSEEN.sub("", run), flags - gone))
        cleared.append(replace(paragraph, runs=tidy(runs)))
    return cleared, list(questions)


def _same_kind(
    aligned: list[tuple[int | None, int | None]],
    before: Sequence[WordingParagraph],
    after: Sequence[WordingParagraph],
) -> list[tuple[int | None, int | None]]:
    """Split pairs of which one is a note or a mark and the other is not."""
    result: list[tuple[int | None, int | None]] = []
    for i, j in aligned:
        if i is not None and j is not None and _sort(before[i]) != _sort(after[j]):
            result += [(i, None), (None, j)]
        else:
            result.append((i, j))
    return result


def _sort(paragraph: WordingParagraph) -> str:
    return paragraph.role if paragraph.role in ("mark", "cell") or paragraph.role.startswith("note") else ""


@dataclass(slots=True)
class _ParagraphEdit:
    """Collects what became of each paragraph, chunk by chunk."""

    outline: LetterOutline
    before: Sequence[WordingParagraph]
    after: Sequence[WordingParagraph]
    known: Mapping[str, str]
    kept: dict[int, list[WordingParagraph]] = field(default_factory=dict)
    """The paragraphs that each chunk has now."""
    touched: set[int] = field(default_factory=set)
    """The chunks that have to be written anew."""
    above: dict[int, list[WordingParagraph]] = field(default_factory=dict)
    """Paragraphs that were added above a chunk."""
    below: dict[int, list[WordingParagraph]] = field(default_factory=dict)
    """Paragraphs that were added below a chunk."""
    changes: list[ChangedParagraph] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    last: int | None = None

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
            self._changed(chunk, old, new)

    def _add(self, new: WordingParagraph, following: int | None) -> None:
        """Put an added paragraph where it is in Word: above or below a chunk, or inside one."""
        if new.role.startswith("note"):
            self.below.setdefault(self._last_note(new), []).append(new)
        elif self.last is None:
            self.above.setdefault(following or 0, []).append(new)
        elif following == self.last:
            self.kept[self.last].append(new)
            self.touched.add(self.last)
        # Counsel sees the clause right behind the line that includes it: what was put between is the clause's.
        elif following is not None and self._begins_clause(self.last, following):
            self.above.setdefault(following, []).append(new)
        else:
            self.below.setdefault(self.last, []).append(new)

    def _begins_clause(self, last: int, following: int) -> bool:
        chunks = self.outline.chunks
        return chunks[last].kind == INCLUDE and chunks[last].file != chunks[following].file

    def _last_note(self, new: WordingParagraph) -> int:
        """Return the chunk below which an added note belongs: the last note of the file that calls it."""
        caller = f"{OPEN}{NOTE_MARK}{new.role.removeprefix('note ')}{CLOSE}"
        added = (*self.kept.items(), *self.above.items(), *self.below.items())
        numbers = [number for number, paragraphs in added if any(caller in each.words for each in paragraphs)]
        file = self.outline.chunks[numbers[0] if numbers else self.last or 0].file
        own = [n for n, chunk in enumerate(self.outline.chunks) if chunk.file == file]
        return max((n for n in own if self.outline.chunks[n].kind == NOTE), default=own[-1])

    def _changed(self, chunk: Chunk, old: WordingParagraph | None, new: WordingParagraph | None) -> None:
        if old is not None:
            self.touched.add(old.chunk)
        self.changes.append(
            ChangedParagraph(chunk.file, chunk.line, old.words if old else "", new.words if new else "")
        )
        if any(p is not None and p.role == "cell" for p in (old, new)):
            words = (old or new).words  # type: ignore[union-attr]
            hint = "tables are changed in the Markdown file; undo that change in Word"
            self.refusals.append(Refusal(f'a table was changed at "{_short(words)}"', hint))

    def finish(self) -> tuple[tuple[str, ...], list[ChangedParagraph]]:
        """Return the new text of each file, and the changes."""
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
        """Put a blank line between chunks that are neighbours now and must not run on, as below a list's last item."""
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
        # As many blank lines below as there were.
        below = len(chunk.marked) - len(chunk.marked.rstrip("\n"))
        return written.rstrip("\n") + "\n" * max(1, below)

    def _joined(self, paragraphs: Sequence[WordingParagraph], marker: str) -> str:
        texts = []
        for number, paragraph in enumerate(paragraphs):
            first = number == 0 or paragraph.role != paragraphs[number - 1].role
            texts.append(_markdown(paragraph, self.known, marker if number == 0 else "", first=first))
        return "\n\n".join(texts) + "\n\n"


def _with_blank_line(text: str) -> str:
    return text.rstrip("\n") + "\n\n" if text.strip() else text


def _vanished(changes: Sequence[ChangedParagraph], known: Mapping[str, str]) -> list[str]:
    gone: Counter[str] = Counter()
    for change in changes:
        gone.update(LABEL.findall(change.old))
        gone.subtract(LABEL.findall(change.new))
    return [
        f"{label} stands {count} time{'' if count == 1 else 's'} less than before: is that meant?"
        for label, count in gone.items()
        if count > 0 and (folded(label) in known or label.strip(OPEN + CLOSE).startswith(NOTE_MARK))
    ]


def _added_notes(before: Sequence[WordingParagraph], after: Sequence[WordingParagraph]) -> list[str]:
    had = {p.role for p in before}
    new = {p.role: p.words for p in after if p.role.startswith("note ") and p.role not in had}
    return [f'a note was added and is named [^{role[5:]}]: "{_short(words)}"' for role, words in new.items()]


def _damaged(
    after: Sequence[WordingParagraph], known: Mapping[str, str], before: Sequence[WordingParagraph]
) -> list[Refusal]:
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
    """Return the beginning of a text, enough to find it by."""
    return textwrap.shorten(words, _SHORT, placeholder=" …")


def _lost_statements(
    before: Sequence[WordingParagraph], after: Sequence[WordingParagraph], known: Mapping[str, str]
) -> list[Refusal]:
    """Find conditions that are in another order than before, or of which a part is gone."""
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


def _joined_lines(before: Sequence[WordingParagraph], after: Sequence[WordingParagraph]) -> list[Refusal]:
    """Find lines of conditions that were joined with others, or separated from the words around them."""
    was, now = (Counter(_line(p) for p in side if p.role == "mark") for side in (before, after))
    joined = [line[0] for line in was - now]
    found = []
    for label in joined:
        beside = next((p.words for p in after if label in _line(p) and _line(p) not in was), "")
        hint = "give each shaded line a paragraph of its own again"
        found.append(Refusal(f'the line {OPEN}{label}{CLOSE} was joined with another: "{_short(beside)}"', hint))
    for label, *_ in now - was:
        if label not in joined:
            what = f"the condition {OPEN}{label}{CLOSE} stood inside a paragraph, and now stands alone"
            found.append(Refusal(what, "put it back into the paragraph"))
    return found


def _line(paragraph: WordingParagraph) -> tuple[str, ...]:
    return tuple(folded(label) for label in LABEL.findall(paragraph.words))


def _statements(paragraphs: Sequence[WordingParagraph], known: Mapping[str, str]) -> list[str]:
    found = []
    for paragraph in paragraphs:
        for label in LABEL.findall(paragraph.words):
            name = folded(label)
            if name.startswith("End of clause") or kind_of(known.get(name, "{{")) not in ("output", "comment", "raw"):
                found.append(name)
    return found


def _markdown(paragraph: WordingParagraph, known: Mapping[str, str], marker: str, *, first: bool) -> str:
    """Return one paragraph as Markdown, on lines of at most 120 characters that mean nothing else than they say.

    `known` are the tags by their folded labels; `marker` is what the list item began with; `first` is False for a
    further paragraph of the same note.
    """
    body = "".join(_run(run, flags, known) for run, flags in paragraph.runs)
    role = paragraph.role
    if role.startswith("h") and role[1:].isdigit():
        # A heading is one line, however long.
        return f"{'#' * int(role[1:])} {body}".replace(_HELD_SPACE, " ")
    body = _BLOCK_START.sub(_escaped_start, body)
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
    return _wrapped(body, "", "")


def _escaped_start(found: re.Match[str]) -> str:
    # Only signs can be escaped: the backslash of "\\1." would be printed.
    return f"\\{found['sign']}" if found["sign"] else f"{found['number']}\\{found['end']}"


def _wrapped(body: str, first: str, later: str) -> str:
    lines: list[str] = []
    body = _TOGETHER.sub(_HELD_SPACE, body)
    for number, line in enumerate(body.split("\n")):
        lines += textwrap.wrap(
            line,
            _WIDTH,
            initial_indent=later if number else first,
            subsequent_indent=later,
            break_long_words=False,
            # A line break is a space in Markdown: a word that is cut at its hyphen would get one.
            break_on_hyphens=False,
        ) or [later]
    return "\n".join(lines).replace(_HELD_SPACE, " ")


def _run(run: str, flags: frozenset[str], known: Mapping[str, str]) -> str:
    code = "code" in flags
    body, position = "", 0
    for label in LABEL.finditer(run):
        body += _escaped(run[position : label.start()], code=code) + _tag(label[0], known)
        position = label.end()
    body += _escaped(run[position:], code=code)
    # Sorted, so that the nesting is the same whenever the same words are written.
    for flag in sorted(flags):
        if flag in _MARKS:
            # A raised or lowered word ends at a space that is not escaped.
            inside = body.replace(" ", "\\ ") if flag in ("sup", "sub") else body
            body = f"{_MARKS[flag]}{inside}{_MARKS[flag]}"
        elif flag.startswith("link "):
            body = f"[{body}]({flag[5:]})"
        else:
            name = _CLASSES.get(flag) or flag.removeprefix("style ").lower().replace(" ", "-")
            body = f"[{body}]{{.{name}}}"
    return body


def _escaped(string: str, *, code: bool) -> str:
    if code:
        return string
    # A brace might begin a field; a backslash at the end of a line is a line break of pandoc's.
    return _SPECIAL.sub(r"\\\1", string).replace("{", "\\{").replace("\n", "\\\n")


def _tag(label: str, known: Mapping[str, str]) -> str:
    """Return the tag of a label, its spaces held so that no line is broken inside it."""
    inside = label.strip(OPEN + CLOSE)
    if inside.startswith(NOTE_MARK):
        return f"[{inside}]"
    return " ".join(known.get(folded(label), label).split()).replace(" ", _HELD_SPACE)
