"""Compiles a letter and its enclosures: read once into a tree each, written as the templates of both media."""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from letters.compile import html, letterhead
from letters.compile.fields import Vocabulary, expression_problems, schema, statics
from letters.compile.parse import Marked, Parsed, balance_problems, mark, parse_all
from letters.compile.settle import Settled, settle, with_contents, write_probe, write_tags_probe
from letters.compile.tags import mark_tags
from letters.compile.text_problems import markup_problems, no_such_place, node_problems, note_problems, unread_marks
from letters.compile.typography import keep_end
from letters.compile.word import WordPart, header_texts, texts_of_headers, write_handmade, write_word
from letters.formats import pandoc
from letters.formats.cache import Cache, program_hash
from letters.formats.docx.opening import open_looks
from letters.formats.files import sha256_of_same
from letters.formats.jinja import without_reach
from letters.formats.ooxml import parent_of, parse, w
from letters.formats.tree import NO, WORD_CLASSES, Node, has_words, settle_anchors, walk, with_children
from letters.model.looks import PAPER_POINTS, LetterheadFit
from letters.model.problems import CannotGoOn, Exit, Place, Problem, Severity, warning
from letters.model.records import DocumentTemplate, FieldUse, Letter, PartTemplate, Source, Tag
from letters.model.settings import Campaign, Paper, Status

_STRUCTURE = frozenset(("signatures", "label"))
"""Classes that mean structure and have no style of their own in Word."""

# The style sheet and letterhead.docx have looks for three levels: a deeper heading was a plain paragraph in Word.
_LOWEST_LEVEL = 3


class Looks(NamedTuple):
    """What a letter is compiled with beside its words."""

    folder: Path
    """The campaign's, where logos are looked for."""
    templates: Path
    """The folder of letterhead.docx."""
    resources: Mapping[str, bytes]
    """Every file that the PDF depends on, by name."""
    fit: Callable[[], tuple[LetterheadFit | None, list[Problem]]]
    """Measures the letterhead; None and the problems where it does not fit."""


def compile_letter(
    letter: Letter,
    enclosures: Sequence[Letter],
    campaign: Campaign,
    vocabulary: Vocabulary,
    looks: Looks,
) -> tuple[DocumentTemplate | None, list[Problem]]:
    """Compile a letter with its enclosures; None and the problems where it has mistakes.

    Raises CannotGoOn when letterhead.docx is missing.
    """
    folder, templates = looks.folder, looks.templates
    values = statics(campaign, letter, enclosures)
    looks_of_word = open_looks(templates / "letterhead.docx")
    styles = _styles_of(looks_of_word, templates / "letterhead.docx")
    settled: list[Settled] = []
    problems: list[Problem] = []
    marked = [_mark(each) for each in (letter, *enclosures)]
    # One run of pandoc reads them all: each run takes 30 ms to start.
    parsed = iter(parse_all([source for sources in marked for source in sources]))
    for each, sources in zip((letter, *enclosures), marked, strict=True):
        tree, more = _compile_part(each, [next(parsed) for _ in sources], values, vocabulary, styles)
        settled.append(tree)
        problems += more
    if any(problem.stops for problem in problems):
        return None, problems
    # Measured last: WeasyPrint lays the letterhead out several times, which a letter with mistakes need not wait for.
    fit, more = looks.fit()
    problems += more
    if fit is None:
        return None, problems
    parts = tuple(
        _part_template(each, tree, campaign, fit) for each, tree in zip((letter, *enclosures), settled, strict=True)
    )
    word_parts = [
        WordPart(tree, each.title, _running_head(each))
        for each, tree in zip((letter, *enclosures), settled, strict=True)
    ]
    title = _title(letter)
    if letter.word is None:
        # A header prints fields, too, some of them in the running head of the letter: a blank there has to be found by
        # the probe like any other.
        texts = header_texts(word_parts, looks_of_word, campaign, folder, fit)
        make_word = functools.partial(write_word, word_parts, looks_of_word, campaign, title, folder, fit)
    else:
        texts = texts_of_headers(letter.word)
        make_word = functools.partial(write_handmade, letter.word, campaign, title)
    first = _with_tags(parts[0], mark_tags(letter.running_head)[1]) if letter.running_head else parts[0]
    known = letter.running_head.text if letter.running_head else ""
    shown = letter.body.path if letter.word else f"{campaign.templates.as_posix()}/letterhead.docx"
    first, more = _with_headers(first, texts, vocabulary, shown, known)
    if more:
        return None, problems + more
    template = DocumentTemplate(letter.name, (first, *parts[1:]), functools.cache(make_word), values, letter.meant_for)
    return template, problems


def _with_headers(
    part: PartTemplate, headers: Sequence[str], vocabulary: Vocabulary, shown: str, known: str
) -> tuple[PartTemplate, list[Problem]]:
    """Let the letter's probe see the fields in the headers and footers of letterhead.docx, too, but what it knows."""
    texts = [without_reach(text).replace(known, "") if known else without_reach(text) for text in headers]
    _, found, problems = mark_tags(Source(shown, "\n".join(texts)))
    tags = [tag._replace(place=Place(shown, field="header")) for tag in found]
    scope = schema(vocabulary.columns, vocabulary.offices, vocabulary.agreements, ())
    problems = [*problems, *balance_problems(tags), *expression_problems(tags, scope)]
    if problems:
        return part, problems
    return _with_tags(part, tags), []


def _with_tags(part: PartTemplate, tags: Sequence[Tag]) -> PartTemplate:
    """Let a part's probe see further tags."""
    uses = tuple(FieldUse(tag.expression, tag.place, tag.before) for tag in tags if tag.kind == "output")
    probe = part.probe + write_tags_probe(tags, len(part.fields))
    return part._replace(probe=probe, fields=part.fields + uses)


def _mark(letter: Letter) -> list[Marked]:
    """Mark the tags of the frame, where there is one, and of the body."""
    if not letter.frame:
        return [mark(letter.body)]
    frame = mark(letter.frame)
    return [frame, mark(letter.body, len(frame.tags))]


def _compile_part(
    letter: Letter,
    sources: Sequence[tuple[Parsed, list[Problem]]],
    values: Mapping[str, object],
    vocabulary: Vocabulary,
    styles: frozenset[str],
) -> tuple[Settled, list[Problem]]:
    parsed, problems = _in_frame(letter, sources)
    of_both = [each for each in (letter.frame, letter.body) if each]
    names = {node["name"] for node in walk(parsed.blocks) if node["t"] == "Note" and "name" in node}
    if not all(read.blocks for read, _ in sources):  # one was not read, for a mistake that is told
        names |= {tag.expression for tag in parsed.tags if tag.kind == "note"}
    scope = schema(vocabulary.columns, vocabulary.offices, vocabulary.agreements, names)
    # {{ body }} is the slot of a frame; a field of that name there is none.
    problems += expression_problems(parsed.tags, {**scope, "body": None})
    if letter.meant_for:
        problems += expression_problems([letter.meant_for], scope)
    if letter.running_head:
        _, tags, more = mark_tags(letter.running_head)
        problems += [*more, *balance_problems(tags), *expression_problems(tags, scope)]
    structure = _STRUCTURE | WORD_CLASSES if letter.word else _STRUCTURE
    problems += node_problems(parsed.blocks, of_both, styles, structure)
    if not letter.word:
        problems += markup_problems(parsed.blocks, of_both)
        problems += unread_marks(parsed.blocks, letter.body)
    if any(problem.stops for problem in problems):
        return Settled([], (), ()), problems
    settled, more = settle(parsed._replace(blocks=_with_three_levels(parsed.blocks)), values)
    problems += more
    # All parts end up in one PDF and one DOCX, in which the names of places must differ.
    anchored = settle_anchors(settled.blocks, f"to-{letter.name}-")
    says = has_words(sources[-1][0].blocks, marks_count=True)
    if says == NO and letter.body.text.strip():  # else that is told already
        problems.append(Problem(letter.body.place(0), "there is no text", "write the letter below the front matter"))
    settled = settled._replace(blocks=keep_end(anchored.blocks), says=says)
    problems += (no_such_place(of_both, name) for name in anchored.missing)
    places = {tag.expression: tag.place for tag in parsed.tags if tag.kind == "note"}
    problems += note_problems(settled.blocks, places, Place(letter.body.path))
    return (_with_contents(letter, settled, problems) if letter.contents else settled), problems


def _with_three_levels(blocks: list[Node]) -> list[Node]:
    """Return blocks with deeper headings as those of the third level, which is the lowest that the looks have."""
    return [
        {**node, "c": [_LOWEST_LEVEL, *node["c"][1:]]}
        if node["t"] == "Header" and node["c"][0] > _LOWEST_LEVEL
        else with_children(node, _with_three_levels)
        for node in blocks
    ]


def _with_contents(letter: Letter, settled: Settled, problems: list[Problem]) -> Settled:
    level = 1 if letter.frame else 2
    listed = with_contents(settled, level)
    if listed is None:
        hint = f'write headings ("{"#" * level} …"), or remove the key'
        problems.append(warning(Place(letter.body.path, field="contents"), "there is no heading to list", hint))
    return listed or settled


def _in_frame(letter: Letter, sources: Sequence[tuple[Parsed, list[Problem]]]) -> tuple[Parsed, list[Problem]]:
    """Put the body where the frame says {{ body }}."""
    *frames, (body, more) = sources
    if not letter.frame:
        return body, more
    ((frame, problems),) = frames
    slots = [tag for tag in frame.tags if tag.expression == "body"]
    if len(slots) != 1 and not problems:
        what = f"{{{{ body }}}} stands {len(slots)} times in the frame"
        problems.append(Problem(Place(letter.frame.path), what, "write it once, in a paragraph of its own"))
    problems += _notes_of_both(frame.tags, body.tags)
    problems += _second_salutation(letter, frame.tags)
    return Parsed(_insert(frame, body.blocks), frame.tags + body.tags), problems + more


def _notes_of_both(frame: Sequence[Tag], body: Sequence[Tag]) -> Iterable[Problem]:
    """Find notes of the body that are named as one of the frame is."""
    framed = {tag.expression: tag.place for tag in frame if tag.kind == "note"}
    for tag in body:
        if tag.kind == "note" and (first := framed.get(tag.expression)):
            what = f"the note [^{tag.expression}] is also one of the frame ({first.path}:{first.line})"
            yield Problem(tag.place, what, "give one of them a new name")


def _second_salutation(letter: Letter, framed: Sequence[Tag]) -> Iterable[Problem]:
    """Find a body that begins with a salutation of its own, below that of its frame."""
    # Remarks for counsel may stand above the first line.
    opening = re.match(r"\s*(Dear\b[^\n]*)", re.sub(r"\{#.*?#\}", "", letter.body.text, flags=re.DOTALL))
    if opening and any("recipient.salutation" in tag.expression for tag in framed):
        what = f'"{opening[1][:60]}" follows the salutation that the frame prints'
        hint = f"leave it out: {letter.frame.path if letter.frame else ''} has {{{{ recipient.salutation }}}}"
        yield warning(letter.body.place(letter.body.text.index(opening[1])), what, hint)


def _insert(frame: Parsed, body: list[Node]) -> list[Node]:
    def is_slot(node: Node) -> bool:
        inside = node["c"] if node["t"] == "Para" else []
        return len(inside) == 1 and inside[0]["t"] == "Field" and frame.tags[inside[0]["c"]].expression == "body"

    def insert(nodes: list[Node]) -> list[Node]:
        return [new for node in nodes for new in (body if is_slot(node) else [with_children(node, insert)])]

    return insert(frame.blocks)


def word_styles(path: Path) -> frozenset[str]:
    """List the names of the styles of letterhead.docx; raises CannotGoOn when it is missing or spoilt."""
    return _styles_of(open_looks(path), path)


def _styles_of(parts: Mapping[str, bytes], path: Path) -> frozenset[str]:
    if "word/styles.xml" not in parts:
        message = f'"{path.name}" in {path.parent.name}/ has no styles'
        raise CannotGoOn(Exit.PROBLEMS, message, "save it anew in Word, as DOCX, or copy it from the toolkit")
    styles = parse(parts["word/styles.xml"])
    return frozenset(str(name.get(w("val"))) for name in styles.iter(w("name")) if parent_of(name).tag == w("style"))


def _title(letter: Letter) -> str:
    """Return the title of the document, with a tag for the recipient."""
    return f"{html.escape_text(letter.title)} – {{{{ recipient.agency }}}}"


def _running_head(letter: Letter) -> str:
    return letter.running_head.text if letter.running_head else letterhead.RUNNING_NAME


def _part_template(letter: Letter, tree: Settled, campaign: Campaign, fit: LetterheadFit) -> PartTemplate:
    is_letter = letter.frame is not None or letter.word is not None
    head = html.escape_around_tags(_running_head(letter))
    attributes = f'class="letter" data-name="{head}" data-date="{{{{ campaign.date | long_date }}}}"'
    if not is_letter:
        attributes = f'class="enclosure" data-title="{html.escape_text(letter.title)}"'
    page = html.write_page(
        body=html.write_body(tree),
        title=_title(letter),
        author="; ".join(organization.name for organization in campaign.organizations),
        language=campaign.language,
        status="draft" if campaign.status is Status.DRAFT else "final",
        attributes=attributes,
        letterhead=letterhead.write_html(campaign.organizations, fit) if is_letter else "",
        style=f"{paper_style(campaign.paper)}{letterhead.write_style(fit) if is_letter else ''}",
    )
    return PartTemplate(name=letter.name, title=letter.title, probe=write_probe(tree), html=page, fields=tree.fields)


def paper_style(paper: Paper) -> str:
    """Write the rules of the campaign's paper, which goes before that of letterhead.css."""
    width, height = PAPER_POINTS[paper]
    return f"@page {{ size: {paper.value} }}\n:root {{ --paper-width: {width:g}pt; --paper-height: {height:g}pt }}\n"


def compile_once(
    letter: Letter,
    enclosures: Sequence[Letter],
    campaign: Campaign,
    vocabulary: Vocabulary,
    looks: Looks,
    cache: Cache | None,
) -> tuple[DocumentTemplate | None, list[Problem]]:
    """Compile a letter, or take it from the cache where nothing has changed since; see compile_letter."""

    def compiled() -> tuple[DocumentTemplate | None, list[Problem]]:
        return compile_letter(letter, enclosures, campaign, vocabulary, looks)

    def make_word(template: DocumentTemplate | None) -> bytes:
        """Return the docxtpl template, from the cache or made of a letter that was compiled, else is compiled now."""
        if cache and (content := cache.get(f"Word of {key}")):
            return content
        made = template or compiled()[0]
        if made is None:
            message = "a file that the letter is made from was changed meanwhile, and now has a mistake"
            raise CannotGoOn(Exit.PROBLEMS, message, "run: letters check")
        # Were a file changed meanwhile, this would be kept as made from the former one.
        if cache and key == _key(sources, looks):
            cache.put(f"Word of {key}", made.word)
        return made.word

    sources = letter, tuple(enclosures), campaign, vocabulary
    key = _key(sources, looks) if cache else ""
    if cache and (content := cache.get(key)):
        known, problems = _read(content, letter.name, statics(campaign, letter, enclosures))
        return known._replace(make_word=functools.cache(functools.partial(make_word, None))), problems
    template, problems = compiled()
    if cache and template:
        cache.put(key, _write(template, problems))
        template = template._replace(make_word=functools.cache(functools.partial(make_word, template)))
    return template, problems


def _key(sources: tuple[object, ...], looks: Looks) -> str:
    """Hash the texts, the looks, the pictures that the campaign names, and the program that compiles."""
    hashed = hashlib.sha256(repr((program_hash(), pandoc.version(), sources)).encode())
    path = looks.templates / "letterhead.docx"
    files = {path.name: path.read_bytes() if path.is_file() else b"", **looks.resources}
    # The desk compiles with each change of a letter: the fonts, 4 MB, are hashed once while they stay as they are.
    for name, content in files.items():
        hashed.update(name.encode() + b"\0" + sha256_of_same(content).encode())
    return f"compiled letter {hashed.hexdigest()}"


def _write(template: DocumentTemplate, problems: Sequence[Problem]) -> bytes:
    """Write a compiled letter as JSON, without the values of the campaign: these are read with it each time."""
    return json.dumps([template.parts, template.meant_for, problems]).encode()


def _read(content: bytes, name: str, values: dict[str, object]) -> tuple[DocumentTemplate, list[Problem]]:
    """Read a compiled letter without its docxtpl template; what the cache believes was written by this very program."""
    parts, meant_for, problems = json.loads(content)
    template = DocumentTemplate(
        name=name,
        parts=tuple(_part(*part) for part in parts),
        make_word=bytes,
        statics=values,
        meant_for=_tag(*meant_for) if meant_for else None,
    )
    return template, [_problem(*problem) for problem in problems]


def _part(name: str, title: str, probe: str, html: str, fields: list[Any]) -> PartTemplate:
    uses = tuple(FieldUse(expression, Place(*place), before) for expression, place, before in fields)
    return PartTemplate(name, title, probe, html, uses)


def _tag(kind: str, expression: str, place: list[Any], before: str) -> Tag:
    return Tag(kind, expression, Place(*place), before)


def _problem(place: list[Any], what: str, hint: str, severity: int, recipient: str) -> Problem:
    return Problem(Place(*place), what, hint, Severity(severity), recipient)
