"""Lets WeasyPrint remember what stands around a page that is known: its running heads, its number, its backgrounds.

They follow from the strings and the counters that they show. Where a running head shows a value of the letter, the
page of another letter serves as well if its value has as many lines: they are taken out of the plate in any case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import weasyprint.layout
from weasyprint.layout.background import layout_backgrounds
from weasyprint.layout.page import make_margin_boxes

from letters.render.pdf.drawing import DrawnPage
from letters.render.pdf.heads import Head, find_heads, margins
from letters.render.pdf.page_cache import Sheet
from letters.render.pdf.weasyprint_internals import standing_in

_KNOWN = frozenset(["string", "string()", "counter()", "counters()"])
"""What may stand in the margins of a page that is kept."""


@dataclass(frozen=True, slots=True)
class Names:
    """The values that running heads of a letter may show."""

    part: int
    values: Mapping[int, str]
    """The marked attributes, by their numbers."""
    shape_of: Callable[[tuple[object, ...], str], object]
    """Tells how many lines a value has in heads of some look, and how high they are."""

    def shape(self, head: Head) -> object:
        """Tell the shape of a running head of this letter."""
        return self.shape_of(head.alike, self.values[head.attribute])


@dataclass(frozen=True, slots=True)
class Folio:
    """A page with its margins."""

    page: DrawnPage
    heads: tuple[Head, ...]
    shapes: tuple[object, ...]
    """The shape of each."""


@dataclass(slots=True)
class Folios:
    """The pages of one letter with their margins."""

    placed: Mapping[int, Sheet]
    """The pages without."""
    names: Names
    known: dict[int, Folio] = field(default_factory=dict)
    """The pages of other letters that serve as well, by their numbers."""
    _keys: dict[int, tuple[object, frozenset[str]]] = field(default_factory=dict)
    """What the margins of each page depend on, with the strings that show a value of the letter."""
    _number: int = 0

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Let WeasyPrint use the margins of other letters."""
        with (
            standing_in(self._make_margins, "make_margin_boxes", weasyprint.layout),
            standing_in(self._lay_out_backgrounds, "layout_backgrounds", weasyprint.layout),
        ):
            yield

    def page(self, number: int, box: Any) -> DrawnPage:
        """Return a page that was laid out, or the one that serves as well."""
        return self.known[number].page if number in self.known else DrawnPage(box)

    def heads(self, number: int, page: DrawnPage) -> tuple[Head, ...]:
        """List the running heads of a page."""
        if number in self.known:
            return self.known[number].heads
        return tuple(find_heads(self.names.part, page, self.names.values))

    def keep(self, pages: Sequence[DrawnPage], heads: Mapping[int, tuple[Head, ...]]) -> None:
        """Keep the pages of a letter, whose lines were found to be those that are set apart from them."""
        for number, sheet in self.placed.items():
            key, own = self._keys[number]
            page, found = pages[number - 1], heads[number]
            if number not in self.known and _are_known(page, found, own):
                sheet.folios[key] = Folio(page, found, tuple(map(self.names.shape, found)))

    def _make_margins(self, context: Any, page: Any, state: Any) -> Any:
        """Make margin boxes as make_margin_boxes does; none for a page that is not used."""
        self._number = context.current_page
        self._keys[self._number] = key, _ = self._find_key(context, page, state)
        sheet = self.placed.get(self._number)
        folio = sheet.folios.get(key) if sheet else None
        if folio and tuple(map(self.names.shape, folio.heads)) == folio.shapes:
            self.known[self._number] = folio
            return []
        return make_margin_boxes(context, page, state)

    def _lay_out_backgrounds(self, page: Any, get_image: Any) -> None:
        if self._number not in self.known:
            layout_backgrounds(page, get_image)

    def _find_key(self, context: Any, page: Any, state: Any) -> tuple[object, frozenset[str]]:
        """Tell what the margins of a page depend on, with the number of each value of the letter instead of it."""
        numbers: dict[str, object] = {value: number for number, value in self.names.values.items()}
        shown: list[object] = []
        own = set()
        for name, pages in context.string_set.items():
            for number, texts in sorted(pages.items()):
                if number <= context.current_page:
                    shown.append((name, number, tuple(numbers.get(text, text) for text in texts)))
                    if any(text in numbers for text in texts):
                        own.add(name)
        return (page.page_type, repr(state), tuple(shown)), frozenset(own)


def _are_known(page: DrawnPage, heads: Sequence[Head], own: frozenset[str]) -> bool:
    """Tell whether the margins of a page show nothing of its letter but in running heads that are set apart."""
    apart = {id(line) for head in heads for line in head.mould.lines}
    return all(
        (box.children and id(box.children[0]) in apart) or _shows_none(box.style["content"], own)
        for box in margins(page)
    )


def _shows_none(content: Any, own: frozenset[str]) -> bool:
    return all(kind in _KNOWN and not (kind == "string()" and value[0] in own) for kind, value in content)
