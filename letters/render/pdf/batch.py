"""The batch engine for PDFs: letters with the same layout share their pages, and only their own lines are set.

WeasyPrint stays the judge of how a page looks: it lays out one letter of each kind of layout, and the lines that are
set outside its pages are compared with those on them. A letter that does not fit this scheme is made the plain way,
and its PDF says why. docs/engine.md tells the whole.
"""

from __future__ import annotations

import datetime
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from letters.formats import jinja, pdf_ua
from letters.model.records import PartTemplate, Values
from letters.render import RenderError
from letters.render.pdf.fonts import FontRegistry, FontSubsets
from letters.render.pdf.kept_layouts import KnownBranch, fonts_of, pack_branch, unpack_branch
from letters.render.pdf.letter_parts import Key, LayoutCache, LetterPart, MarkedElement, paragraphs_of, refuse_shown
from letters.render.pdf.line_cache import LineCache
from letters.render.pdf.line_setter import LineSetter
from letters.render.pdf.page_template import OwnLines, make_page_template
from letters.render.pdf.paragraph import ParagraphTemplate, SetParagraph
from letters.render.pdf.pdf_writer import LetterWriter, PageTemplate
from letters.render.pdf.plain import Pdf, PdfRenderer, UnfitError, warnings_as_errors
from letters.render.pdf.running_heads import RunningHead
from letters.render.pdf.template_marks import InlineContent, mark, read_inline, split_filled
from letters.render.store import Limits, RecentCache, Store

_Look = Any
"""The look of a running head: its part, its attribute and its style."""


@dataclass(slots=True)
class LayoutKind:
    """Letters with the same template branches whose paragraphs have lines as many, as high and nested alike."""

    key: Key
    heads: list[_Look]
    """The look of each of their running heads."""
    writers: dict[Key, LetterWriter] = field(default_factory=dict)
    """By the shape of the running heads."""


class BatchPdfRenderer:
    """Renders a letter with its enclosures for one recipient after the other; see PdfRenderer."""

    def __init__(
        self,
        parts: Sequence[PartTemplate],
        roots: Mapping[str, Path],
        date: datetime.date,
        cache: Path | None = None,
        resources: str = "",
        *,
        limits: Limits | None = None,
        strict: bool = False,
    ) -> None:
        """Prepare.

        `cache` is a folder for what other processes can use, and `resources` the hash of the files that pages depend
        on. With `strict` an unexpected error of the engine is raised, and the letter not made the plain way.
        """
        self.plain = PdfRenderer(parts, roots, date)
        """The plain way."""
        self._limits = limits or Limits()
        self._strict = strict
        self._kept = Store(cache, (resources, date.isoformat(), *(part.html for part in parts)))
        environment = jinja.environment()
        self._templates = [environment.from_string(mark(part.html, environment)) for part in parts]
        self._fonts = FontRegistry()
        self._subsets = FontSubsets(self._fonts, self._limits.fonts)
        self._layouts = LayoutCache(self.plain, self._limits, self._shape_of)
        self.from_templates = 0
        """How many letters were made from page templates."""
        self._forget()

    def _forget(self) -> None:
        """Forget all that was laid out, set or drawn in this process."""
        self._layouts.forget()
        self._lines = LineCache(self._fonts, self._limits)
        self._setter = LineSetter(self.plain.fonts, self._lines, self._limits)
        self._branches: RecentCache[str, dict[Key, ParagraphTemplate | None]] = RecentCache(self._limits.branches)
        """The paragraph templates of each branch, by the numbers and the markup of the marked elements."""
        self._heads: dict[_Look, ParagraphTemplate] = {}
        """A paragraph template for running heads of each look."""
        self._elements: RecentCache[Key, MarkedElement] = RecentCache(self._limits.elements)
        self._kinds: RecentCache[Key, LayoutKind] = RecentCache(self._limits.kinds)

    def render(self, context: Mapping[str, object], notes: Sequence[Values]) -> Pdf:
        """Return one letter as PDF, from page templates or the plain way; raises RenderError as PdfRenderer does."""
        try:
            return self._render(context, notes)
        except UnfitError as error:
            reason, is_unexpected = str(error), False
        except Exception as error:
            # A warning may be about a line or a page that other letters have, too: it must come again for these.
            self._forget()
            # What is wrong with the letter is so the plain way, too, where it would be found once more.
            if self._strict or isinstance(error, RenderError):
                raise
            reason, is_unexpected = _describe(error), True
        # A fault of the engine costs one letter's time, and is reported; it must not cost a letter.
        return replace(self.plain.render(context, notes), fallback=reason, unexpected=is_unexpected)

    def layouts(self) -> int:
        """Return how many times a letter or an enclosure was laid out."""
        return self._layouts.count

    def page_templates(self) -> int:
        """Return how many page templates it has in memory."""
        return sum(len(kind.writers) for kind in self._kinds.values())

    def _render(self, context: Mapping[str, object], notes: Sequence[Values]) -> Pdf:
        parts = []
        for number, (template, numbers) in enumerate(zip(self._templates, notes, strict=True)):
            filled = split_filled(template.render({**context, "note": numbers}))
            if filled is None:
                raise UnfitError("a value holds a control character")
            parts.append(LetterPart(number, filled, numbers))
        with warnings_as_errors() as check_warnings, self._lines.in_use():
            return self._compose(parts, check_warnings)

    def _compose(self, parts: Sequence[LetterPart], check_warnings: Callable[[], None]) -> Pdf:
        """Return a letter from a page template, which is made if there is none for its kind of layout."""
        for part in parts:
            self._set_elements(part)
        # All that pages depend on: branches, and the shapes of the lines that were set.
        key = tuple(part.key() for part in parts)
        kind = self._kinds.get(key)
        if kind is None:
            kind = self._kinds[key] = LayoutKind(key, self._find_heads(key, parts))
        heads = self._set_heads(kind.heads, parts)
        shape = tuple(head.shape for head in heads)
        # A name that takes two lines in the running head needs other pages than one that takes one.
        if shape not in kind.writers:
            kind.writers[shape] = self._find_writer(kind, heads, parts, check_warnings)
        template = kind.writers[shape].template
        # The name of another letter would stand there in every letter.
        refuse_shown(template.text, parts)
        self.from_templates += 1
        content = kind.writers[shape].write(parts[0].title(), [*paragraphs_of(parts), *heads])
        return Pdf(content, template.page_count, contents=template.contents, not_accessible=template.not_accessible)

    def _find_heads(self, key: Key, parts: Sequence[LetterPart]) -> list[_Look]:
        """Return the looks of the running heads of a kind, from the disk or from the pages of one of its letters."""
        heads: list[_Look] | None = self._kept.get(("heads", key))
        if heads is None or not all(head in self._heads for head in heads):
            laid_out = [parts[0], *map(self._layouts.same_layout, parts[1:])]
            heads = [head.look for part in laid_out for head in self._learn_heads(part)]
            self._kept.put(("heads", key), heads)
        return heads

    def _find_writer(
        self,
        kind: LayoutKind,
        heads: Sequence[SetParagraph],
        parts: Sequence[LetterPart],
        check_warnings: Callable[[], None],
    ) -> LetterWriter:
        """Return a writer with the page template of a kind, from the disk or from one letter; raises UnfitError."""
        shape = tuple(head.shape for head in heads)
        kept = self._kept.get(("pages", kind.key, shape))
        template = PageTemplate(*kept) if kept else None
        # Fonts are known from the paragraphs that were read from the disk; those of shared text may be others.
        if template is None or not self._fonts.by_name.keys() >= template.glyphs.keys():
            template = self._new_template(kind.heads, parts)
            check_warnings()
            template = self._checked(template, parts, heads)
            self._kept.put(("pages", kind.key, shape), tuple(template))
        return LetterWriter(template, self._subsets)

    def _checked(
        self, template: PageTemplate, parts: Sequence[LetterPart], heads: Sequence[SetParagraph]
    ) -> PageTemplate:
        """Return a page template whose letters say that they are PDF/UA only if one of them meets our checks of that.

        Letters of one template have the same tags, links and fonts, and differ in text.
        """
        content = LetterWriter(template, self._subsets).write(parts[0].title(), [*paragraphs_of(parts), *heads])
        # It takes 70 ms, several times as long as to write a letter.
        failures = tuple(map(str, pdf_ua.failures(content)))
        return template.without_claim(failures) if failures else template

    def _set_elements(self, part: LetterPart) -> None:
        """Set the lines of all marked elements of a part."""
        part.branch = part.find_branch()
        for number, content in part.contents():
            key = (part.branch, number, content)
            element = self._elements.get(key)
            if element is None:
                element = self._elements[key] = self._set_element(part, number, content)
            part.elements.append(element)

    def _set_element(self, part: LetterPart, number: int, content: str) -> MarkedElement:
        inline = read_inline(content)
        if inline is None:
            return MarkedElement(number, content)
        key = (number, inline.markup)
        templates = self._branches.get(part.branch)
        if templates is None or key not in templates:
            templates = self._learn_branch(part)
        template = templates[key]
        if template is None:
            return MarkedElement(number, content)
        paragraphs = tuple(self._setter.set_paragraph(template, inline))
        shapes = (paragraph.shape for paragraph in paragraphs)
        return MarkedElement(number, (inline.markup, *shapes), paragraphs, inline.texts)

    def _learn_branch(self, part: LetterPart) -> dict[Key, ParagraphTemplate | None]:
        """Return templates of the marked elements of a part, from the disk or by laying it out in full."""
        inlines = {number: inline for number, content in part.contents() if (inline := read_inline(content))}
        key = ("branch", part.branch, *((number, inline.markup) for number, inline in inlines.items()))
        known = self._recall_branch(key)
        if known is None:
            known = self._lay_out_branch(part, inlines)
            if packed := pack_branch(known):
                self._kept.put(key, packed)
        # Letters of one branch may differ in the markup of a value; what was learned before stays.
        templates = {**known.paragraphs, **(self._branches.get(part.branch) or {})}
        self._branches[part.branch] = templates
        self._heads = {**known.heads, **self._heads}
        return templates

    def _recall_branch(self, key: Key) -> KnownBranch | None:
        """Return what the disk has of a branch; None where it has nothing, or nothing that can be used here."""
        packed = self._kept.get(key)
        try:
            return packed and unpack_branch(packed, self.plain.fonts, self._lines)
        except UnfitError:
            return None

    def _lay_out_branch(self, part: LetterPart, inlines: Mapping[int, InlineContent]) -> KnownBranch:
        laid_out = self._layouts.lay_out(part)
        templates: dict[Key, ParagraphTemplate | None] = {}
        for number, inline in inlines.items():
            template = laid_out.paragraphs.get(number)
            # Texts that the parser changed (white space, entities of its own) cannot be put in from the template.
            fits = template is not None and tuple(template.texts()) == inline.texts
            templates[number, inline.markup] = template if fits else None
        heads = {head.look: head.template for head in self._heads_of(part)}
        return KnownBranch(templates, heads, fonts_of(laid_out.text_boxes(), self._lines))

    def _learn_heads(self, part: LetterPart) -> list[RunningHead]:
        """Return the running heads of a part, page by page, and keep templates of them."""
        heads = self._heads_of(part)
        for head in heads:
            self._heads.setdefault(head.look, head.template)
        return heads

    def _heads_of(self, part: LetterPart) -> list[RunningHead]:
        return [head for heads in self._layouts.lay_out(part).heads.values() for head in heads]

    def _set_heads(self, heads: Sequence[_Look], parts: Sequence[LetterPart]) -> list[SetParagraph]:
        """Set the running heads; those that are alike once."""
        values = [part.attributes() for part in parts]
        # A look begins with its part and its attribute.
        made = {head: self._set_head(head, values[head[0]][head[1]]) for head in dict.fromkeys(heads)}
        return [made[head] for head in heads]

    def _set_head(self, look: _Look, text: str) -> SetParagraph:
        (paragraph,) = self._setter.set_paragraph(self._heads[look], InlineContent("", (text,)))
        return paragraph

    def _shape_of(self, look: _Look, text: str) -> object:
        return self._set_head(look, text).shape

    def _new_template(self, heads: Sequence[_Look], letter: Sequence[LetterPart]) -> PageTemplate:
        """Lay out one letter of a kind and take its own lines out; raises UnfitError."""
        parts = [letter[0], *map(self._layouts.same_layout, letter[1:])]
        laid_out = [self._layouts.lay_out(part) for part in parts]
        templates = [template for part in parts for template in part.own_paragraphs()]
        templates += [head.template for part in parts for head in self._heads_of(part)]
        own = list(paragraphs_of(parts))
        lines = OwnLines(templates, [*own, *self._set_heads(heads, parts)], len(own))
        template = make_page_template(laid_out, lines, self._fonts, self.plain.moment)
        refuse_shown(template.text, parts)
        for part in parts:
            self._layouts.keep(part)
        return template


def _describe(error: Exception) -> str:
    """Return what an unexpected error was, and where in the engine, for a report."""
    *_, place = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__}: {error} ({Path(place.filename).name}, line {place.lineno})"
