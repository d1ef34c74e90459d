"""The only module that knows names outside the documented API of WeasyPrint, and that replaces any of them.

The engine steps into layout and drawing, for which WeasyPrint has no public interface. `INTERNALS` lists every such
name with its use, the version it was checked with, and the upstream issue that would make it unnecessary. A test
compares their signatures with a recorded list, so that an upgrade fails there, in one sentence, and not in a letter.

Importing this module imports WeasyPrint; it raises CannotGoOn where that, or a library it needs, is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple, Protocol

from letters.model.problems import CannotGoOn, Exit

# Named as themselves: other modules import them from here (PEP 484, stub files, re-export).
try:
    import weasyprint
    import weasyprint.document
    import weasyprint.draw
    import weasyprint.layout
    import weasyprint.layout.preferred
    import weasyprint.pdf
    import weasyprint.pdf.tags
    from weasyprint.css.properties import Dimension as Dimension
    from weasyprint.document import Page as Page
    from weasyprint.draw.text import draw_text as draw_text
    from weasyprint.formatting_structure import boxes as boxes
    from weasyprint.formatting_structure.build import create_anonymous_boxes as create_anonymous_boxes
    from weasyprint.formatting_structure.build import set_content_lists as set_content_lists
    from weasyprint.layout import LayoutContext as LayoutContext
    from weasyprint.layout import layout_document as layout_document
    from weasyprint.layout.background import layout_backgrounds as layout_backgrounds
    from weasyprint.layout.block import block_level_layout as block_level_layout
    from weasyprint.layout.inline import iter_line_boxes as iter_line_boxes
    from weasyprint.layout.page import make_margin_boxes as make_margin_boxes
    from weasyprint.pdf.fonts import build_fonts_dictionary as build_fonts_dictionary
    from weasyprint.pdf.stream import Stream as Stream
    from weasyprint.text import line_break
    from weasyprint.text.ffi import FROM_UNITS as FROM_UNITS
    from weasyprint.text.ffi import TO_UNITS as TO_UNITS
    from weasyprint.text.ffi import ffi as ffi
    from weasyprint.text.ffi import pango as pango
    from weasyprint.text.line_break import Layout as Layout
    from weasyprint.text.line_break import split_first_line as split_first_line
    from weasyprint.text.line_break import strut as strut
except OSError as error:
    _HINT = "run: make install (Debian: apt install libpango-1.0-0 libpangoft2-1.0-0; macOS: brew install pango)"
    raise CannotGoOn(Exit.MISSING_ON_MACHINE, f"WeasyPrint needs Pango: {error}", _HINT) from None
except ImportError:
    raise CannotGoOn(Exit.MISSING_ON_MACHINE, "WeasyPrint is missing", "run: make install") from None


class Internal(NamedTuple):
    """A name outside the documented API."""

    name: str
    use: str
    issue: str = "none yet"
    """The issue at https://github.com/Kozea/WeasyPrint that asks for what we need."""
    version: str = "70.0"
    """The version of WeasyPrint that it was checked with."""


INTERNALS = (
    Internal("weasyprint.css.properties.Dimension", "lengths of styles that are kept on disk"),
    Internal("weasyprint.document.Page", "a page box, and how it is drawn: artifacts, pages drawn once", "1836"),
    Internal("weasyprint.draw.draw_text", "draws a line of text from the line cache"),
    Internal("weasyprint.formatting_structure.boxes", "the box tree, which letters share"),
    Internal("weasyprint.formatting_structure.build.create_anonymous_boxes", "notes, which are laid out by themselves"),
    Internal("weasyprint.formatting_structure.build.set_content_lists", "the running head of the next letter"),
    Internal("weasyprint.layout.LayoutContext", "layout of the next letter; its notes", "1833"),
    Internal("weasyprint.layout.background.layout_backgrounds", "not for pages that are known"),
    Internal("weasyprint.layout.block._linebox_layout", "notes stay with their lines", "1564"),
    Internal("weasyprint.layout.block.block_level_layout", "the body and the notes of a page, from the page cache"),
    Internal("weasyprint.layout.inline.iter_line_boxes", "lines of a paragraph outside any page; from the page cache"),
    Internal("weasyprint.layout.layout_document", "layout of a box tree that was read before"),
    Internal("weasyprint.layout.page.make_margin_boxes", "not for pages that are known"),
    Internal("weasyprint.layout.page.remake_page", "notes that go on from page to page", "1833"),
    Internal("weasyprint.pdf.add_links", "one annotation for each link"),
    Internal("weasyprint.pdf.add_tags", "the tag tree without artifacts", "1836"),
    Internal("weasyprint.pdf.fonts.build_fonts_dictionary", "the fonts of one letter"),
    Internal("weasyprint.pdf.tags._build_box_tree", "which box each element of the tag tree was made of"),
    Internal("weasyprint.pdf.stream.Stream", "records where and with which glyphs text is drawn; artifacts", "1836"),
    Internal("weasyprint.text.ffi", "words, from Pango"),
    Internal("weasyprint.text.line_break.Layout", "words, and font features that are freed"),
    Internal("weasyprint.text.line_break.font_features", "font features that are freed"),
    Internal("weasyprint.text.line_break.split_first_line", "the end of a line, from the line cache"),
    Internal("weasyprint.text.line_break.strut", "the height of a line that may follow a split note"),
)

_PLACES: Mapping[str, tuple[Any, ...]] = {
    "Layout.setup": (Layout,),
    "LayoutContext.layout_footnote": (LayoutContext,),
    "LayoutContext.unlayout_footnote": (LayoutContext,),
    "Page.paint": (Page,),
    "Stream.clone": (Stream,),
    "Stream.marked": (Stream,),
    "_build_box_tree": (weasyprint.pdf.tags,),
    "_linebox_layout": (weasyprint.layout.block,),
    "add_links": (weasyprint.pdf,),
    "add_tags": (weasyprint.pdf,),
    "block_level_layout": (weasyprint.layout.page,),
    "draw_text": (weasyprint.draw,),
    "font_features": (line_break,),
    "iter_line_boxes": (weasyprint.layout.block,),
    "layout_backgrounds": (weasyprint.layout,),
    "layout_document": (weasyprint.document,),
    "make_margin_boxes": (weasyprint.layout,),
    "remake_page": (weasyprint.layout.page,),
    "split_first_line": (weasyprint.layout.inline, weasyprint.layout.preferred),
}
"""The modules or classes in which WeasyPrint looks up each name that we replace."""
# Taken when this module is imported, before anything is replaced.
_ORIGINALS: Mapping[str, Any] = {name: getattr(places[0], name.rpartition(".")[2]) for name, places in _PLACES.items()}


class LayoutBox(Protocol):
    """What the engine uses of WeasyPrint's boxes; not every kind of box has all of it."""

    style: Any
    """Values of CSS properties, by name; worked out when they are first asked for."""
    element: Any
    element_tag: str | None
    children: Any
    footnote: Any
    """The note that the box calls, before layout."""
    text: str
    pango_layout: Any
    string_set: Any
    bookmark_label: Any
    missing_link: Any
    """The box whose text names a page that is not known yet."""
    is_leader: bool
    link: Any
    first_letter_style: Any
    first_line_style: Any
    remove_decoration_sides: set[str]
    resume_at: Any
    position_x: float
    position_y: float
    width: Any
    height: Any
    baseline: float
    margin_top: Any

    def remove_decoration(self, start: bool, end: bool) -> None:
        """Take margins and borders off where the box is broken over pages."""

    def descendants(self) -> Iterator[LayoutBox]:
        """Yield the boxes inside this one, and itself."""

    def is_in_normal_flow(self) -> bool:
        """Return whether it is neither floated nor positioned elsewhere."""

    def copy(self) -> Any:
        """Return a shallow copy."""

    def deepcopy(self) -> Any:
        """Return a copy of the box and of all in it."""

    def copy_with_children(self, new_children: Sequence[Any]) -> Any:
        """Return a copy with other boxes in it."""

    def copy_with_text(self, text: str) -> Any:
        """Return a copy of a text box with another text."""

    def translate(self, dx: float = 0, dy: float = 0) -> None:
        """Move the box and all in it."""

    def content_box_x(self) -> float:
        """Return the left edge of its content, in CSS pixels."""

    def content_box_y(self) -> float:
        """Return the top edge of its content, in CSS pixels."""

    def margin_height(self) -> float:
        """Return its height with margins, in CSS pixels."""


class LayoutState(Protocol):
    """What the engine uses of a LayoutContext: the state of the layout of one document."""

    style_for: Any
    get_image_from_uri: Any
    font_config: Any
    counter_style: Any
    target_collector: Any
    footnotes: list[Any]
    """The notes that are on no page yet."""
    current_page_footnotes: list[Any]
    reported_footnotes: list[Any]
    """Notes that the current page hands on to the next one."""
    current_footnote_area: Any
    page_bottom: Any
    string_set: Any
    running_elements: Any
    current_page: Any
    forced_break: bool
    broken_out_of_flow: Any
    in_column: bool
    excluded_shapes: Any
    page_maker: Any
    """For each page: where it starts, its counters, and whether it must be laid out again."""

    def overflows_page(self, bottom_space: float, position_y: float) -> bool:
        """Return whether a place is below the text of the current page."""

    def report_footnote(self, footnote: Any) -> None:
        """Hand a note on from the current page to the next one."""


def original(name: str) -> Any:
    """Return WeasyPrint's own function of a name that may be replaced."""
    return _ORIGINALS[name]


def current(name: str) -> Any:
    """Return the function that is in the place of a name that may be replaced."""
    return getattr(_PLACES[name][0], name.rpartition(".")[2])


def replace(name: str, function: Callable[..., Any]) -> None:
    """Replace a function of WeasyPrint in this process."""
    for place in _PLACES[name]:
        setattr(place, name.rpartition(".")[2], function)


@contextmanager
def replaced(functions: Mapping[str, Callable[..., Any]]) -> Iterator[None]:
    """Replace functions of WeasyPrint for a while; afterwards those that were there before are there again."""
    with ExitStack() as stack:
        for name, function in functions.items():
            for place in _PLACES[name]:
                stack.callback(setattr, place, name, getattr(place, name))
                setattr(place, name, function)
        yield


def built(html: Any, style: Any, font_config: Any, **options: Any) -> tuple[Any, Any, Any]:
    """Return a document without pages, the root of its boxes before layout, and the context for it."""
    # Between building boxes and laying them out there is no public step: layout_document is given both.
    given: list[Any] = []

    def take(*arguments: Any) -> tuple[Any, ...]:
        given.extend(arguments)
        return ()

    with replaced({"layout_document": take}):
        document = html.render(stylesheets=[style], font_config=font_config, **options)
    _, root, context = given
    return document, root, context


def boxes_with_notes(box: LayoutBox) -> Iterator[Any]:
    """Yield all boxes in a block before layout, and in the notes where they are called."""
    for each in box.descendants():
        yield each
        if each.footnote is not None:
            yield from boxes_with_notes(each.footnote)


def page_box(page: Any) -> Any:
    """Return the box of a page of a rendered document."""
    return page._page_box


def tags_of(stream: Any) -> dict[Any, Any]:
    """Return the tags of what was drawn in a stream so far, by box."""
    tags: dict[Any, Any] = stream._tags
    return tags


def forget_font(stream: Any) -> None:
    """Make a stream name its font when text is drawn the next time."""
    stream._current_font = None


def context_like(old: Any) -> Any:
    """Return a context for laying out the document of another context from the start."""
    # The partial that LayoutContext makes of the function binds the old context; the function is inside.
    fetch = old.get_image_from_uri.func
    return LayoutContext(old.style_for, fetch, old.font_config, old.counter_style, old.target_collector)


def next_line(
    context: Any, box: LayoutBox, bottom_space: float, skip_stack: Any, container: Any
) -> tuple[LayoutBox | None, Any]:
    """Return the line of a paragraph that begins at a place, with its top at 0, and where the next one begins.

    Both are None where there are no more lines.
    """
    return next(iter_line_boxes(context, box, 0, bottom_space, skip_stack, container, [], [], None, None), (None, None))


def line_context(font_config: Any, owner: object) -> Any:
    """Return a context for breaking lines that stand on no page: no images, no room that ends."""
    context = LayoutContext(None, _no_image, font_config, None, None)
    context.create_block_formatting_context(owner)
    context.page_bottom = float("inf")
    return context


def _no_image(*_: Any, **__: Any) -> None:
    """Fetch no image: there are none in lines that stand on no page."""


def update_footnote_area(context: Any) -> None:
    """Lay out the notes of the current page anew, which moves the bottom of its text."""
    context._update_footnote_area()
