"""Reads a letter or an enclosure: its front matter (YAML), its body with its clauses, the frame around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import yaml

from letters.model.problems import CannotGoOn, Exit, Place, Problem, did_you_mean
from letters.model.records import Letter, Source, Stretch, Tag
from letters.model.settings import Campaign
from letters.read.folder import CLAUSES, ENCLOSURES, FRAMES, LETTERS, Shelf, earlier_editions, shelf
from letters.read.text import read_text
from letters.read.toml import TomlFile

_LONGEST_FRONT_MATTER = 20_000
# YAML ends a document by three dashes or by three points; both may have blanks behind them.
_FENCE = re.compile(r"\A---[ \t]*\n(.*?\n)?(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_WANTED = {list: "a list of names: [one, two]", bool: "true or false", str: 'text; put it in quotes: "…"'}
_INCLUDE = re.compile(r"""([ \t]*)\{%[-+]?\s*include\s+(?:"([^"]*)"|'([^']*)')\s*[-+]?%\}[ \t]*""")
# A clause that includes two others, which do the same, doubles the letter at each level.
_MOST_CLAUSES = 500
_DEEPEST = 20
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_FOR = "for"
_LONGEST = 250_000
"""Characters of a letter, and of all its clauses together: some 100 pages."""
_MOST_ENCLOSURES = 30
_KEYS: dict[str, type] = {
    "title": str,
    "subject": str,
    "frame": str,
    "edition": str,
    "enclosures": list,
    "running_head": str,
    "contents": bool,
    _FOR: str,
}
_UNFENCED = re.compile(rf"(?:\s|---+[ \t]*\n)*(?P<key>(?:{'|'.join(_KEYS)}):[ \t].*)")
"""A key above the text, where the lines --- do not stand as they should."""
_PRINTED = ("title", "subject", "running_head")
_AT = "@"
"""Stands between the name of a letter and its edition: guidance-letter@2017-01."""
_DEFAULT_FRAME, _NO_FRAME = "letter", "none"


class FrontMatter(NamedTuple):
    """The keys of a letter with their lines, and the text that follows."""

    values: dict[str, object]
    lines: dict[str, int]
    body: str
    body_line: int
    """The line of the file on which the body begins, from 1."""


def split_front_matter(text: str, shown: str) -> tuple[FrontMatter, list[Problem]]:
    """Split a text into its front matter and its body; a text without front matter is all body."""
    fence = _FENCE.match(text)
    if not fence:
        return FrontMatter({}, {}, text, 1), list(_not_front_matter(text, shown))
    body_line = text.count("\n", 0, fence.end()) + 1
    values, lines, problems = _load(fence[1] or "", shown)
    return FrontMatter(values, lines, text[fence.end() :], body_line), problems


def _not_front_matter(text: str, shown: str) -> Iterator[Problem]:
    """Find keys at the beginning of a text that are no front matter, and would be printed."""
    if found := _UNFENCED.match(text):
        line = text.count("\n", 0, found.start("key")) + 1
        what = f'"{found["key"]}" is no front matter, and would be printed'
        yield Problem(Place(shown, line), what, "the file begins with ---, and another --- stands below the keys")


def _load(text: str, shown: str) -> tuple[dict[str, object], dict[str, int], list[Problem]]:
    """Return the keys of a YAML text with their values and lines, and its problems."""
    values: dict[str, object] = {}
    lines: dict[str, int] = {}
    line = 1
    if len(text) > _LONGEST_FRONT_MATTER:
        what = f"it has more than {_LONGEST_FRONT_MATTER:,} characters, too many for a few keys"
        return {}, {}, [_not_yaml(what, 1, shown)]
    try:
        for token in yaml.scan(text, yaml.SafeLoader):
            # Lists of aliases of lists of aliases become a text without end when they are shown.
            if isinstance(token, yaml.AliasToken):
                line = token.start_mark.line + 2
                what = f'"*{token.value}" stands for another value, and nothing in a letter needs that'
                return {}, {}, [_not_yaml(what, line, shown)]
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        if node is not None and not isinstance(node, yaml.MappingNode):
            raise yaml.MarkedYAMLError(problem="it has no keys", problem_mark=node.start_mark)
        for key, value in node.value if node else ():
            # Keys are taken as they are written: YAML 1.1 would make True of "on".
            name, line = str(key.value), key.start_mark.line + 2
            lines[name], values[name] = line, loader.construct_object(value, deep=True)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        return {}, {}, [_not_yaml(str(error.problem), line, shown)]
    # A control character; it has an offset, where other errors have a line.
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 2
        return {}, {}, [_not_yaml(f"U+{ord(text[error.position]):04X} is not allowed", line, shown)]
    except RecursionError:
        return {}, {}, [_not_yaml("lists or keys are nested too deep", 1, shown)]
    except ValueError as error:  # a date that no calendar has
        return {}, {}, [_not_yaml(str(error), line, shown)]
    return values, lines, []


def _not_yaml(what: str, line: int, shown: str) -> Problem:
    hint = "write one key: value on a line; a value with a colon in quotes"
    return Problem(Place(shown, line), f"the front matter is not YAML: {what}", hint)


def key_problems(matter: FrontMatter, known: dict[str, type], shown: str) -> list[Problem]:
    """Check the keys against what is known and the values against their types."""
    problems = []
    for key, value in matter.values.items():
        place = Place(shown, matter.lines[key], field=key)
        if key not in known:
            problems.append(Problem(place, f'"{key}" is not a key of the front matter', did_you_mean(key, known)))
        elif not isinstance(value, known[key]) or (
            isinstance(value, list) and not all(isinstance(item, str) for item in value)
        ):
            problems.append(Problem(place, f'"{value}" is not {_WANTED[known[key]]}'))
    return problems


def include_clauses(source: Source, where: Shelf) -> tuple[Source, list[Problem]]:
    """Return a source in which templates/clauses/NAME.md replaces each line {% include "NAME" %}.

    Every line of the result knows the file and the line that it came from.
    """
    expansion = _Expansion(where)
    expansion.add(source.text, source.path, source.first_line, "", ())
    text = "\n".join(expansion.lines)
    return Source(source.path, text, source.first_line, tuple(expansion.stretches)), expansion.problems


@dataclass(slots=True)
class _Expansion:
    where: Shelf
    lines: list[str] = field(default_factory=list)
    stretches: list[Stretch] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    length: int = 0
    count: int = 0
    is_full: bool = False
    """Whether a limit was reached, after which nothing more is included."""

    def add(self, text: str, path: str, first_line: int, indent: str, chain: tuple[str, ...]) -> None:
        """Add the lines of a file; `chain` names the clauses that it stands in, the innermost last."""
        self._begin(path, first_line, indent)
        for number, (line, visible) in enumerate(_lines(text), start=first_line):
            call = _INCLUDE.fullmatch(visible)
            if not call:
                self.lines.append(indent + line if line.strip() else "")
                continue
            name = (call[2] or call[3] or "").removesuffix(".md")
            self._include(name, Place(path, number, len(call[1]) + 1), indent + call[1], chain)
            self._begin(path, number, indent)
            self.lines.append("")

    def _begin(self, path: str, line: int, indent: str) -> None:
        self.stretches.append(Stretch(len(self.lines), path, line, len(indent)))

    def _include(self, name: str, place: Place, indent: str, chain: tuple[str, ...]) -> None:
        if name in chain:
            through = [f'"{other}"' for other in chain[chain.index(name) + 1 :]]
            around = f" through {' and '.join(through)}" if through else ""
            hint = "a clause cannot stand inside itself; remove this line"
            self.problems.append(Problem(place, f'the clause "{name}" includes itself{around}', hint))
            return
        if self.is_full:
            return
        if found := self.where.find(CLAUSES, name):
            self._read(*found, place, indent, (*chain, name))
            return
        what, hint = self.where.not_found(CLAUSES, name)
        hint = hint or f"there are no clauses yet; write {self.where.shown(CLAUSES)}/{name}.md"
        self.problems.append(Problem(place, what, hint))

    def _excess(self, chain: tuple[str, ...]) -> str:
        """Return what is too much about the clauses that were included so far; empty where nothing is."""
        if len(chain) > _DEEPEST:
            return f"clauses stand more than {_DEEPEST} deep in one another"
        if self.count > _MOST_CLAUSES:
            return f"more than {_MOST_CLAUSES} clauses are included"
        if self.length > _LONGEST:
            return f"the clauses have more than {_LONGEST:,} characters together"
        return ""

    def _read(self, path: Path, shown: str, place: Place, indent: str, chain: tuple[str, ...]) -> None:
        text, problems = read_text(path, shown)
        self.count, self.length = self.count + 1, self.length + len(text)
        if what := self._excess(chain):
            self.is_full = True
            hint = "a clause that includes others twice, which do the same, has no end; include each once"
            self.problems.append(Problem(place, f"{what}, too much for a letter", hint))
            return
        matter, more = split_front_matter(text, shown)
        self.problems += problems + more
        if matter.values:
            hint = "move its keys to the letter; a clause is text alone"
            self.problems.append(Problem(Place(shown, 1), "a clause has no front matter", hint))
        self._begin(shown, matter.body_line, indent)
        self.lines.append("")
        self.add(matter.body.rstrip("\n"), shown, matter.body_line, indent, chain)


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Yield each line as it is written, and without comments: an include in a comment is not meant."""
    visible = _COMMENT.sub(lambda comment: re.sub(r"[^\n]", "#", comment[0]), text)
    return zip(text.split("\n"), visible.split("\n"), strict=True)


def read_letter(name: str, templates: Path, shown: str) -> tuple[Letter, list[Problem]]:
    """Read templates/NAME.md, or for NAME@EDITION that edition; `shown` is the folder's name for messages.

    An edition is the letter itself where its front matter says so, else templates/editions/EDITION/NAME.md, which finds
    frames and clauses in its own folder first. Raises CannotGoOn when there is no such letter, listing those there are.
    """
    plain, _, edition = name.partition(_AT)
    letter, problems = _read(plain, LETTERS, shelf(templates, shown), _DEFAULT_FRAME)
    if edition in ("", letter.edition):
        return letter, problems
    earlier = earlier_editions(plain, templates)
    if edition not in earlier:
        known = [f"{plain}{_AT}{there}" for there in (*earlier, letter.edition) if there]
        message = f'there is no edition "{edition}" of {plain}'
        hint = did_you_mean(name, known) or f"it would be {shown}/editions/{edition}/{plain}.md"
        raise CannotGoOn(Exit.PROBLEMS, message, hint)
    return _read(plain, LETTERS, shelf(templates, shown, edition), _DEFAULT_FRAME, edition)


def read_enclosure(name: str, letter: Letter, templates: Path, shown: str) -> tuple[Letter, list[Problem]]:
    """Read templates/enclosures/NAME.md, or the one of the letter's edition where that has its own.

    Raises CannotGoOn when there is none of that name.
    """
    return _read(name, ENCLOSURES, shelf(templates, shown, letter.name.partition(_AT)[2]), _NO_FRAME)


def read_enclosures(
    letter: Letter, campaign: Campaign, settings: TomlFile, templates: Path, shown: str
) -> tuple[list[Letter], list[Problem]]:
    """Read the enclosures that the campaign names, or else the letter."""
    names = letter.enclosures if campaign.enclosures is None else campaign.enclosures
    if letter.word is not None and names:
        hint = "a letter made in Word holds its enclosures itself: enclosures = []"
        what = f'"{letter.body.path}" cannot have enclosures of its own'
        return [], [Problem(Place(settings.shown, field="enclosures"), what, hint)]
    place = letter.enclosures_place
    if campaign.enclosures is not None:
        place = settings.place("enclosures", field="enclosures")
    enclosures: list[Letter] = []
    problems: list[Problem] = []
    if len(names) > _MOST_ENCLOSURES:
        what = f"{len(names)} enclosures are too many for a letter: {_MOST_ENCLOSURES} is the limit"
        return [], [Problem(place, what, "send them as a file of their own")]
    for name in names:
        try:
            enclosure, more = read_enclosure(name, letter, templates, shown)
        except CannotGoOn as error:
            problems.append(Problem(place, error.message, error.hint))
            continue
        problems += more
        enclosures.append(enclosure)
    return enclosures, problems


def _read(name: str, kind: str, where: Shelf, default_frame: str, edition: str = "") -> tuple[Letter, list[Problem]]:
    found = where.find(kind, name)
    if not found:
        raise CannotGoOn(Exit.PROBLEMS, *where.not_found(kind, name))
    path, shown = found
    text, problems = read_text(path, shown)
    if len(text) > _LONGEST:
        message = f"{shown} is too long for a letter: {len(text):,} characters, and {_LONGEST:,} is the limit"
        raise CannotGoOn(Exit.PROBLEMS, message, "is it the right file?")
    matter, more = split_front_matter(text, shown)
    problems += more + key_problems(matter, _KEYS, shown)
    problems += _edition_problems(matter, edition, shown)
    frame, more = _read_frame(matter, where, shown, default_frame)
    problems += more
    if not matter.body.strip():
        place = Place(shown, matter.body_line)
        problems.append(Problem(place, "there is no text", "write the letter below the front matter"))
    body, more = include_clauses(Source(shown, matter.body, matter.body_line), where)
    listed, head, condition = (matter.values.get(key) for key in ("enclosures", "running_head", _FOR))
    letter = Letter(
        name=f"{name}{_AT}{edition}" if edition else name,
        body=body,
        frame=frame,
        title=str(matter.values.get("title") or name.replace("-", " ").capitalize()),
        subject=str(matter.values.get("subject") or ""),
        edition=edition or str(matter.values.get("edition") or ""),
        enclosures=tuple(map(str, listed)) if isinstance(listed, list) else (),
        enclosures_place=Place(shown, matter.lines.get("enclosures", 1), field="enclosures"),
        front=tuple(
            (key, Source(shown, said, matter.lines[key]))
            for key in _PRINTED
            if isinstance(said := matter.values.get(key), str)
        ),
        running_head=(
            Source(shown, head, matter.lines["running_head"]) if isinstance(head, str) and head.strip() else None
        ),
        contents=matter.values.get("contents") is True,
        meant_for=(
            Tag("if", condition, Place(shown, matter.lines[_FOR], field=_FOR)) if isinstance(condition, str) else None
        ),
    )
    return letter, problems + more


def _edition_problems(matter: FrontMatter, edition: str, shown: str) -> list[Problem]:
    """Return a problem where an earlier edition calls itself by another name than that of its folder."""
    said = matter.values.get("edition")
    if not edition or said is None or said == edition:
        return []
    place = Place(shown, matter.lines["edition"], field="edition")
    return [Problem(place, f'"{said}", but it stands in the folder of "{edition}"', "rename one of the two")]


def _read_frame(matter: FrontMatter, where: Shelf, shown: str, default: str) -> tuple[Source | None, list[Problem]]:
    name = str(matter.values.get("frame", default))
    if name == _NO_FRAME:
        return None, []
    if not (found := where.find(FRAMES, name)):
        place = Place(shown, matter.lines.get("frame", 1), field="frame")
        return None, [Problem(place, *where.not_found(FRAMES, name, [_NO_FRAME]))]
    path, shown_frame = found
    text, problems = read_text(path, shown_frame)
    frame, more = include_clauses(Source(shown_frame, text), where)
    return frame, problems + more
