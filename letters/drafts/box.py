"""Finds DOCX files that people edited, judges them (saved again, edited, not to be read), and makes their PDFs."""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from jinja2 import Template

from letters.campaign.ledger import Entry, Ledger, is_touched
from letters.campaign.load import Project
from letters.compile import html
from letters.compile.settle import Settled, with_contents
from letters.compile.typography import keep_end
from letters.formats import jinja, text_diff
from letters.formats.deadline import TooSlowError, limited
from letters.formats.docx import revisions
from letters.formats.docx.losses import brief, draft_differences, losses, without_marks
from letters.formats.docx.normalize import Unclear
from letters.formats.docx.numbering import Numbering
from letters.formats.docx.open_points import OpenWords, open_points
from letters.formats.docx.opening import DOCUMENT, FOOTNOTES, Refused, core_property, open_docx
from letters.formats.docx.reading import PartText, read_parts, read_words
from letters.formats.docx.text import DocxText, contents_texts, made_anew, read
from letters.formats.docx.word_fields import RENEW, missing_bookmarks, old_references
from letters.formats.files import read_up_to, sha256
from letters.formats.ooxml import parse, read_package
from letters.formats.text_diff import few_words, shortened
from letters.formats.tree import paragraph_texts
from letters.model.problems import CannotGoOn, Exit
from letters.model.records import DOCX, PDF, MergedLetter, OpenPoint, PartTemplate, Values, Verdict, original_of
from letters.read.placeholders import open_words
from letters.read.resources import missing_characters

if TYPE_CHECKING:
    from letters.render.word.docxtpl_internals import DocxRenderer

_WithoutFont = Callable[[str], Collection[str]]
"""Finds the characters of a text that no font has, which a PDF would show as empty boxes."""
KEPT, REDLINES = "kept", "redlines"
"""Folders beside the drafts: files that were set aside, and files that show changes."""
_NOT_DRAFTS = frozenset((PDF, KEPT, REDLINES, "mail", "preview", "post"))
"""Folders of the output in which a DOCX is no draft."""
_ADDRESS = "inside address"
"""The style of the address in a letter."""
_NOT_OF_THE_LIST = "an address that the list, and so the envelope, has not"
_NOT_KEPT = ("word/fonts/", "word/media/")
"""Prefixes of parts that are the same in all drafts and hold no words."""
_SAME = "same"
_BEFORE, _AFTER = "<main>\n", "</main>"
"""The marks around the body of a page."""
_MOST_SECONDS = 15
"""Of computing for the PDF of one draft."""
_LETTER = '<body class="letter"'
"""Start tag of the body of a letter; the contents of an enclosure begin below the heading that is its title."""


def judge(content: bytes, base: DocxText, open_words: OpenWords, without_font: _WithoutFont = lambda _: ()) -> Verdict:
    """Return the verdict on a draft that was made of `base`, which we wrote.

    `open_words` finds notes in brackets, `without_font` the characters that no font has.
    """
    try:
        document = read(open_docx(content)).after(base)
    except Refused as error:
        return Verdict(refused=f"{error.what}; {error.hint}" if error.hint else error.what)
    known = frozenset(point.text for point in open_points(base, open_words, frozenset()))
    points = [*open_points(document, open_words, known), *_other_address(document, base)]
    # What the file as we wrote it cannot show in the PDF, either, is no edit.
    lost = tuple(map(brief, sorted(losses(document) - losses(base))))
    same = not points and not lost and document.fingerprint() == base.fingerprint()
    if not same:
        try:
            lost += tuple(_unread(content, base, without_font))
        except CannotGoOn as error:  # what pandoc cannot read stops this letter, not the others
            return Verdict(refused=f"{error.message}; set it anew, or take the last change back")
    return Verdict(
        same_words=same, editor=core_property(document.parts, "lastModifiedBy"), open_points=tuple(points), losses=lost
    )


def _other_address(document: DocxText, base: DocxText) -> Iterator[OpenPoint]:
    """Yield the street and the last line where a person changed them: the envelope has those of the list."""
    now = [each.text for each in document.paragraphs if each.style == _ADDRESS]
    there = f" {_plain(' '.join(now))} "
    gone = [each.text for each in base.paragraphs if each.style == _ADDRESS and f" {_plain(each.text)} " not in there]
    changed = [text for text in now if re.search(r"\d", text)]
    if changed and any(re.search(r"\d", text) for text in gone):
        yield OpenPoint(_NOT_OF_THE_LIST, text=", ".join(changed))


def _plain(text: str) -> str:
    return re.sub(r"\W+", " ", text).strip().casefold()


def _unread(content: bytes, base: DocxText, without_font: _WithoutFont) -> Iterator[str]:
    """Name the words that Word shows and the PDF would not, or the other way around."""
    parts = open_docx(content)
    tree = read_words(read(parts))
    for each in draft_differences(parts, tree):
        beside = f' at "{each.beside}"' if each.beside != each.words else ""
        is_lost = each.element is not None
        yield f'the words "{each.words}"{beside}' if is_lost else f'"{each.words}", which Word does not show'
    for said in map(without_marks, paragraph_texts(tree)):
        for character in sorted(without_font(said)):
            where = few_words(said.split(), 6)
            yield f'the character "{character}" (U+{ord(character):04X}) at "{where}", which no font has'
    yield from _cross_references(parts)
    known = set(contents_texts(base))
    if not any(map(made_anew(base.style_names), base.style_names.values())):
        return
    for text in contents_texts(read(parts).after(base)):
        if text not in known:
            yield f'the words "{shortened(text)}" in the table of contents, which the PDF makes of its headings'


def _cross_references(parts: Mapping[str, bytes]) -> Iterator[str]:
    """Name the cross-references that lead nowhere, and those that show an old number of a paragraph."""
    roots = [parse(parts[name]) for name in (DOCUMENT, FOOTNOTES) if name in parts]
    # What a tracked change takes out refers to nothing.
    for root in roots:
        revisions.accept(root)
    for name in missing_bookmarks(roots):
        yield f'a link or cross-reference to the bookmark "{name}", which is not there: its words stay'
    labels = {element: label.text for element, label in Numbering(parts).labels(roots[0]).items()}
    for each in old_references(roots, labels, with_notes=False):
        yield f"{each}: {RENEW}"


class Draft(NamedTuple):
    """A draft that a person edited: it is the letter from then on."""

    id: str
    path: Path
    sha256: str
    verdict: Verdict
    parts: int
    """Number of its parts: the letter and its enclosures."""
    used: str
    """Hash of what the PDF is made from: the draft and the letterhead around it."""
    conflict: str = ""
    """The change in the letter or the list after the edit, in words; empty if there was none."""
    since: str = ""
    """Which words of this letter that change made others."""


class DraftPdf(NamedTuple):
    """The PDF of an edited draft, or why there is none."""

    content: bytes = b""
    pages: int = 0
    failure: str = ""
    not_accessible: tuple[str, ...] = ()
    """Why it does not say that it is PDF/UA."""
    other_fonts: tuple[str, ...] = ()
    """The fonts for which LibreOffice took others."""


def used_as_word(draft: Draft) -> str:
    """Return the hash of what a PDF is made from if LibreOffice makes it of the draft."""
    return f"as Word: {draft.used}"


@dataclass(slots=True)
class DraftBox:
    """The edited drafts of a project's letter in its output folder."""

    project: Project
    ledger: Ledger
    out: Path
    _renderer: DocxRenderer | None = None
    _frames: list[Template] = field(default_factory=list)
    """Templates of the pages without their bodies, once they are needed."""

    def strays(self) -> Mapping[str, Sequence[Path]]:
        """Return the changed drafts that are not under their own names, by id of the recipient."""
        found: dict[str, list[Path]] = {}
        if not self.out.is_dir():
            return found
        ids = {recipient.id for recipient in self.project.recipients}
        entries = self.ledger.entries(DOCX)
        for path in sorted(self.out.rglob("*.docx")):
            inner = path.relative_to(self.out).parts
            own_place = inner[0] == DOCX and len(inner) == 2
            if own_place and (path.stem in ids or not is_touched(path, entries.get(path.stem))):
                continue
            # Word and LibreOffice put lock files with these prefixes beside an open file.
            if inner[0] in _NOT_DRAFTS or path.name.startswith(("~$", ".")) or not path.is_file():
                continue
            content = read_up_to(path)
            # A copy of a draft that nobody edited counts for nothing.
            if self.ledger.was_written(DOCX, sha256(content)):
                continue
            if (identifier := _identifier(content, path.stem, self.project.template.name, ids)) in ids:
                found.setdefault(identifier, []).append(path)
        return found

    def look(self, letter: MergedLetter, path: Path, entry: Entry | None, why: str) -> Draft:
        """Judge the changed draft of a letter at a path; `why` says what changed since the draft was made.

        The ledger keeps the verdict by the hashes of both files: reading and comparing takes longer than planning.
        """
        content = read_up_to(path)
        digest = sha256(content)
        # Without an entry, as after the loss of a ledger, the base is what would be generated today.
        base = entry.sha256 if entry else f"{self._sources()} {letter.digest}"
        # The number changes with the rules of judging: older answers are then not found.
        question = f"verdict 5 {digest} {base}"
        if answer := self.ledger.remembered(question):
            verdict = _verdict(answer)
        else:
            fonts = self.project.templates / "fonts"
            without_font = functools.partial(missing_characters, fonts=fonts)
            verdict = judge(content, self.base(letter, entry), open_words, without_font)
            self.ledger.remember(question, _answer(verdict))
        edited = not verdict.same_words and not verdict.refused
        since = self._since(letter, entry) if edited and entry and why else _SAME
        return Draft(
            id=letter.recipient.id,
            path=path,
            sha256=digest,
            verdict=verdict,
            conflict="" if since == _SAME else why,
            parts=len(self.project.template.parts),
            used=self._used(letter, digest),
            since="" if since == _SAME else since,
        )

    def original(self, copy: MergedLetter) -> str:
        """Return the id of the recipient of the letter that a copy is of."""
        return original_of(copy.recipient.id)

    def for_copy(self, copy: MergedLetter, draft: Draft) -> Draft:
        """Return the draft that a copy of an edited letter is made from."""
        return draft._replace(id=copy.recipient.id, used=self._used(copy, draft.sha256))

    def base(self, letter: MergedLetter, entry: Entry | None) -> DocxText:
        """Return the document that a person began to edit: as it was kept, or if it was not, as it is made now."""
        parts = self.ledger.base(entry.sha256) if entry else {}
        return read(parts) if parts else self.generated(letter)

    def generated(self, letter: MergedLetter) -> DocxText:
        """Return the draft that the letter and the list give today."""
        return read(read_package(self.docx(letter)))

    def docx(self, letter: MergedLetter) -> bytes:
        """Render the DOCX that the letter and the list give today."""
        from letters.render.word.docxtpl_internals import DocxRenderer

        if self._renderer is None:
            self._renderer = DocxRenderer(self.project.template.word)
        return self._renderer.render(letter.context, letter.notes)

    def _since(self, letter: MergedLetter, entry: Entry) -> str:
        """Return what changed in the words of this letter since its draft was made; "same" where nothing did."""
        question = f"since 2 {entry.sha256} {self._sources()} {letter.digest}"
        answer = self.ledger.remembered(question)
        if not answer:
            base, now = self.base(letter, entry), self.generated(letter)
            same = base.fingerprint() == now.fingerprint()
            answer = _SAME if same else text_diff.summary(base.texts, now.texts) or "its formatting or numbers"
            self.ledger.remember(question, answer)
        return answer

    def _sources(self) -> str:
        return sha256(self.project.template.word)

    def _used(self, letter: MergedLetter, digest: str) -> str:
        if not self._frames:
            environment = jinja.environment()
            self._frames = [environment.from_string("".join(around(part))) for part in self.project.template.parts]
        # The letterhead has fields, too: a changed address makes the PDF out of date, although the draft stays.
        pages = [frame.render(letter.context) for frame in self._frames]
        return sha256("\0".join([digest, *pages]).encode())

    def template(self) -> str:
        """Return the hash of what all PDFs of edited drafts are made from: the looks, for the words are the draft's."""
        hashed = hashlib.sha256()
        for name, content in self.project.resources:
            hashed.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
        return f"draft {hashed.hexdigest()}"


def _identifier(content: bytes, stem: str, letter: str, ids: Collection[str]) -> str:
    """Return the id of the recipient whose draft of this letter a file is; empty if it is none.

    A file without an id inside is known by a name that begins with one, such as "taylor-police (2)".
    """
    # The id is in dc:identifier, which renaming the file does not change.
    try:
        named = core_property(open_docx(content), "identifier")
    except Refused:
        return ""
    name, _, identifier = named.partition("/")
    if named:
        return identifier if name == letter else ""
    return max((each for each in ids if re.match(rf"{re.escape(each)}(?![\w-])", stem)), key=len, default="")


def _answer(verdict: Verdict) -> str:
    return json.dumps({**verdict._asdict(), "open_points": [point._asdict() for point in verdict.open_points]})


def _verdict(answer: str) -> Verdict:
    values = json.loads(answer)
    points = tuple(OpenPoint(**point) for point in values.pop("open_points"))
    return Verdict(**{**values, "open_points": points, "losses": tuple(values["losses"])})


def around(part: PartTemplate) -> tuple[str, str]:
    """Return what is before and behind the body of a page: the letterhead, the title and the looks."""
    start, end = part.html.index(_BEFORE) + len(_BEFORE), part.html.rindex(_AFTER)
    return part.html[:start], part.html[end:]


def parts_to_keep(content: bytes) -> dict[str, bytes]:
    """Return the parts of a DOCX that the ledger keeps, so that later edits can be told from what we wrote."""
    return {name: part for name, part in read_package(content).items() if not name.startswith(_NOT_KEPT)}


@dataclass(frozen=True, slots=True)
class _Pages:
    """The pages of an edited draft as templates, with the numbers of their notes."""

    parts: tuple[PartTemplate, ...]
    notes: tuple[Values, ...]


def _pages(project: Project, draft: Draft) -> _Pages:
    """Return the words of a draft on our letterhead; raises Refused or Unclear where they cannot be read."""
    content = read_up_to(draft.path)
    if sha256(content) != draft.sha256:
        raise Unclear("it was saved while it was being read: build again")
    # The copy of a letter may be without enclosures, which the draft has.
    texts = read_parts(read(open_docx(content)), draft.parts)[: len(project.template.parts)]
    parts = tuple(
        _page(part, text, is_open=bool(draft.verdict.open_points))
        for part, text in zip(project.template.parts, texts, strict=True)
    )
    numbers = (Values({name: number for number, name in enumerate(text.notes, start=1)}) for text in texts)
    return _Pages(parts, tuple(numbers))


def make_pdf(project: Project, letter: MergedLetter, draft: Draft) -> DraftPdf:
    """Return the PDF of an edited draft: its words on our letterhead, with the DRAFT mark while anything is open."""
    from letters.render.pdf.plain import PdfRenderer

    try:
        pages = _pages(project, draft)
        if missing := missing_characters("".join(part.html for part in pages.parts), project.templates / "fonts"):
            named = ", ".join(f'"{each}" (U+{ord(each):04X})' for each in sorted(missing))
            hint = "put one into templates/fonts/, write it without, or make it with --as-word"
            return DraftPdf(failure=f"{draft.path.name}: no font has {named}: {hint}")
        roots = {"campaign": project.folder, "templates": project.templates}
        with limited(_MOST_SECONDS):
            pdf = PdfRenderer(pages.parts, roots, project.campaign.date).render(letter.context, pages.notes)
    except TooSlowError as error:
        return DraftPdf(failure=f"{draft.path.name}: {error}")
    except (Refused, Unclear) as error:
        return DraftPdf(failure=f"{draft.path.name}: {error}; or make it with --as-word")
    except CannotGoOn as error:
        if error.code is Exit.MISSING_ON_MACHINE:
            raise  # no other letter could be made, either
        return DraftPdf(failure=f"{draft.path.name}: {error}")
    except Exception as error:  # noqa: BLE001 - one failing letter never stops the others; it is reported
        return DraftPdf(failure=f"{draft.path.name}: {error}")
    return DraftPdf(pdf.content, pdf.pages, not_accessible=pdf.not_accessible)


def words_of_draft(project: Project, letter: MergedLetter, draft: Draft) -> tuple[str, ...]:
    """Return the paragraphs of the PDF of an edited draft as text; none if the draft cannot be read."""
    pages = pages_of_draft(project, letter, draft)
    return tuple(paragraph for page in pages for paragraph in text_diff.of_page(page))


def pages_of_draft(project: Project, letter: MergedLetter, draft: Draft) -> tuple[str, ...]:
    """Return the HTML of each part of an edited draft, filled; none if the draft cannot be read."""
    try:
        pages = _pages(project, draft)
    except (Refused, Unclear):
        return ()
    environment = jinja.environment()
    return tuple(
        environment.from_string(part.html).render({**letter.context, "note": numbers})
        for part, numbers in zip(pages.parts, pages.notes, strict=True)
    )


def _page(part: PartTemplate, text: PartText, *, is_open: bool) -> PartTemplate:
    """Return the page of one part with the words of the draft in place of the template's."""
    before, after = around(part)
    # As in a letter, four lines stay with the closing.
    blocks = keep_end(text.blocks) if _LETTER in before else text.blocks
    settled = Settled(blocks, (), text.notes)
    if text.has_contents:  # Word's own has page numbers of Word; the PDF needs those of its pages
        settled = with_contents(settled, 1 if _LETTER in before else 2) or settled
    if is_open:  # the style sheet prints the DRAFT mark for this class
        before = before.replace('class="final"', 'class="draft"', 1)
    page = before + html.write_body(settled) + after
    return PartTemplate(name=part.name, title=part.title, probe="", html=page, fields=())
