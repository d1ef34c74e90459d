"""Draws what several pieces of a print file have in common as form XObjects, which a press may keep and use again.

ISO 16612-2 names hints that software of presses looks for in any PDF (formats/pdf_vt.py). A page is read as a
row of things that are drawn, each with all that it depends on: colours, fonts, coordinates, clips. Neighbours that the
same pieces have become one form, which sets all this itself; the rest is written as it was, with what it depends on.
Pages that keep their tags keep their marks, within which `Do` stands for what was drawn (ISO 32000-1, 14.7.4.2).
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pikepdf import Array, Dictionary, Name, Object, Pdf

from letters.formats.pdf_content import ALL_NEEDS, DEFAULTS, Kind, short_hash, with_setting
from letters.formats.pdf_drawn import Drawn, DrawnMemory, PageReader, Resources, edges, height_of
from letters.formats.pdf_text import Box
from letters.formats.pdf_vt import (
    BEGINNING,
    STANDARD_NAME,
    encapsulate,
    encapsulate_image,
    is_opaque,
    standard_state,
)

_LEAST = 200
"""Bytes of operators that are worth a form of their own."""
_ALIKE = 0.75
"""The part of the pieces which must have two neighbours alike for them to be drawn by one form."""
_ALL = tuple(sorted(ALL_NEEDS))
_MARKS = (Kind.MARK, Kind.END_MARK)


class Reused(NamedTuple):
    """What is drawn by forms."""

    forms: int
    uses: int
    """How often pages draw them."""
    share: float
    """The part of all bytes of operators that they take over."""


def reuse(
    pdf: Pdf,
    owners: Sequence[int],
    *,
    keeps_tags: bool,
    least: int = 2,
    split: Callable[[bytes], list[bytes]],
) -> Reused:
    """Draw by form XObjects, in place, what the pages of several pieces have in common, `least` or more.

    `owners` are the pieces that the pages belong to, as small numbers. Where tags are not kept, the marks of content
    go, so that a form may hold what many marks held. `split` cuts the rest of a page into streams, which pages share.
    """
    reader = PageReader(pdf, DrawnMemory())
    pages = [page.obj for page in pdf.pages]
    read = [reader.read(page) for page in pages]
    if not keeps_tags:
        read = [None if each is None else _without_marks(each) for each in read]
    common = _common(read, owners, least)
    rows = [None if each is None else list(_rows(each, common, least)) for each in read]
    signatures: dict[int, set[tuple[int, ...]]] = {owner: set() for owner in owners}
    for owner, own in zip(owners, rows, strict=True):
        signatures[owner] |= {each.signature for each in own or () if each.signature}
    pieces = Counter(itertools.chain.from_iterable(signatures.values()))
    writing = _Writing(pdf, {signature for signature, count in pieces.items() if count >= least}, split)
    for page, own in zip(pages, rows, strict=True):
        if own is not None:
            writing.page(page, own, reader.resources_of(page), keeps_tags=keeps_tags)
    _mark_images(pdf, pages, owners)
    return writing.finish()


def _common(read: Sequence[list[Drawn] | None], owners: Sequence[int], least: int) -> dict[int, int]:
    """Return the pieces, a bit for each, that have what so many or more have, by its number."""
    found: dict[int, int] = {}
    for owner, drawn in zip(owners, read, strict=True):
        # Sets of pieces are bits of one number: a mailing has thousands, and joining or counting them is one step.
        bit = 1 << owner
        for each in drawn or ():
            if each.is_free:
                found[each.number] = found.get(each.number, 0) | bit
    return {number: own for number, own in found.items() if own.bit_count() >= least}


class _Neighbours(NamedTuple):
    """Neighbours on a page that the same pieces have, or others: these have no signature."""

    drawn: Sequence[Drawn]
    signature: tuple[int, ...] = ()


def _rows(drawn: Sequence[Drawn], common: Mapping[int, int], least: int) -> Iterator[_Neighbours]:
    """Yield what is drawn as rows: a row goes on where most of the pieces that have it have the next thing, too."""
    first, owners = 0, 0
    for place, each in enumerate(drawn):
        own = common.get(each.number, 0)
        both = owners & own
        if place and (own or owners) and both.bit_count() < max(least, _ALIKE * (owners | own).bit_count()):
            yield _row(drawn[first:place], owners)
            first, owners = place, own
        else:
            owners = both if place else own
    if drawn:
        yield _row(drawn[first:], owners)


def _row(drawn: Sequence[Drawn], owners: int) -> _Neighbours:
    is_worth_it = owners and sum(len(each.item.content) for each in drawn) >= _LEAST
    return _Neighbours(drawn, tuple(each.number for each in drawn) if is_worth_it else ())


def _without_marks(drawn: Iterable[Drawn]) -> list[Drawn]:
    """Leave out the marks of content; those of layers stay, since they hide and show."""
    left: list[Drawn] = []
    stays: list[bool] = []
    for each in drawn:
        if each.item.kind is Kind.MARK:
            stays.append(each.item.content.startswith(b"/OC"))
        if each.item.kind not in _MARKS or (stays and stays[-1]):
            left.append(each)
        if each.item.kind is Kind.END_MARK and stays:
            stays.pop()
    return left


class _Writing:
    """Writes pages whose common rows are forms."""

    def __init__(self, pdf: Pdf, common: set[tuple[int, ...]], split: Callable[[bytes], list[bytes]]) -> None:
        self._pdf, self._common, self._split = pdf, common, split
        self._forms: dict[tuple[Any, ...], str] = {}
        self._things: dict[str, Object] = {}
        self._shared: dict[bytes, Object] = {}
        self._hashes: dict[tuple[int, int], bytes] = {}
        self._pages: list[tuple[Object, Resources]] = []
        self._uses = 0
        self._moved = self._left = 0

    def page(self, page: Object, rows: Iterable[_Neighbours], resources: Resources, *, keeps_tags: bool) -> None:
        """Write a page; one without a form stays as it is, if its tags do."""
        box = edges(page.MediaBox)
        writer, used = _DrawnWriter(resources), []
        for row in rows:
            if row.signature in self._common:
                used.append(self._form(row, resources, box))
                writer.form(used[-1])
                self._moved += sum(len(each.item.content) for each in row.drawn)
            else:
                for each in row.drawn:
                    writer.draw(each)
        content = writer.content()
        self._left += len(content)
        self._uses += len(used)
        if not used and keeps_tags:
            return
        page.Contents = Array([self._stream(each) for each in self._split(content) if each])
        if keeps_tags:
            self._pages.append((page, resources))
        else:
            page.Resources = self._with_forms(resources, used)

    def finish(self) -> Reused:
        """Give pages that draw many small forms one list of all of them: a list for each would be longer than they."""
        listed: dict[int, Object] = {}
        for page, resources in self._pages:
            if id(resources) not in listed:
                listed[id(resources)] = self._with_forms(resources, self._things)
            page.Resources = listed[id(resources)]
        return Reused(len(self._forms), self._uses, self._moved / max(1, self._moved + self._left))

    def _form(self, row: _Neighbours, resources: Resources, box: Box) -> str:
        """Return the name of the form that draws a row, which is made where it is met first."""
        # As wide as the page: only heights are known of what is drawn.
        low, high = height_of(row.drawn, box)
        bounds = math.floor(box[0]), math.floor(low), math.ceil(box[2]), math.ceil(high)
        key = row.signature, bounds
        if key not in self._forms:
            writer = _DrawnWriter(resources, is_form=True)
            for each in row.drawn:
                writer.draw(each)
            own = Dictionary(ExtGState=Dictionary({STANDARD_NAME: self._once(standard_state())}))
            for kind, name in sorted({name for each in row.drawn for name in each.item.names}):
                own[kind] = own.get(kind, Dictionary())
                own[kind][name] = resources.find(kind, name)
            # What DeviceRGB and so on mean is said among the resources of who draws (ISO 32000-1, 8.6.5.6).
            spaces = resources.thing.get("/ColorSpace") or Dictionary()
            if defaults := {each: space for each, space in spaces.items() if each.startswith("/Default")}:
                own.ColorSpace = Dictionary(defaults)
            name = f"/Form{len(self._forms) + 1}"
            self._things[name] = encapsulate(self._pdf, writer.content(), bounds, self._once(own), self._hashes)
            self._forms[key] = name
        return self._forms[key]

    def _once(self, thing: Object) -> Object:
        """Return an object of the file that is equal to a dictionary; equal ones are in the file once."""
        key = thing.unparse()
        if key not in self._shared:
            self._shared[key] = self._pdf.make_indirect(thing)
        return self._shared[key]

    def _stream(self, content: bytes) -> Object:
        key = short_hash(content)
        if key not in self._shared:
            self._shared[key] = self._pdf.make_stream(content)
        return self._shared[key]

    def _with_forms(self, resources: Resources, used: Iterable[str]) -> Object:
        """Return the resources of a page with the forms that it draws; its fonts and so on are shared by all pages."""
        copied = Dictionary()
        for kind, entries in resources.thing.items():
            # An empty one says nothing, and would make equal lists two.
            if kind != "/XObject" and len(entries):
                copied[kind] = entries if entries.is_indirect else self._once(entries)
        own = dict((resources.thing.get("/XObject") or Dictionary()).items())
        copied.XObject = Dictionary({**own, **{name: self._things[name] for name in sorted(used)}})
        return self._once(copied)


class _DrawnWriter:
    """Writes what is drawn, each with what it depends on: in q and Q where coordinates or clips are not the page's."""

    def __init__(self, resources: Resources, *, is_form: bool = False) -> None:
        self._resources, self._is_form = resources, is_form
        self._out: list[bytes] = [BEGINNING] if is_form else []
        self._waiting: list[bytes] = []
        """Marks that have begun, in which nothing is drawn yet."""
        self._frame: tuple[bytes, ...] = ()
        self._outer: dict[str, bytes] = {}
        self._settings: dict[str, bytes] = {}
        """What is set, outside of q and Q and now."""

    def draw(self, drawn: Drawn) -> None:
        """Write something that is drawn, or a mark."""
        item, state = drawn.item, drawn.state
        if item.kind is Kind.MARK:
            self._waiting.append(item.content)
            return
        if item.kind is Kind.END_MARK:
            self._begin_marks()
            self._out.append(item.content)
            return
        self._enter(state.frame)
        self._begin_marks()
        self._set(state.settings, _ALL if item.kind is Kind.OTHER else item.needs)
        self._out.append(item.content)
        self._settings.update({name: with_setting(self._settings.get(name, b""), name, by) for name, by in item.sets})

    def form(self, name: str) -> None:
        """Write that a form is drawn."""
        self._enter(())
        self._begin_marks()
        self._out.append(f"{name} Do".encode())

    def content(self) -> bytes:
        """Return all that was written."""
        self._begin_marks()
        self._enter(())
        return b"\n".join((*self._out, b""))

    def _begin_marks(self) -> None:
        self._out += self._waiting
        self._waiting = []

    def _enter(self, frame: tuple[bytes, ...]) -> None:
        """Change to other coordinates and clips."""
        if frame == self._frame:
            return
        if self._frame:
            self._out.append(b"Q")
            self._settings = dict(self._outer)
        if frame:
            self._outer = dict(self._settings)
            self._out += [b"q", *frame]
        self._frame = frame

    def _set(self, settings: dict[str, bytes], needs: Sequence[str]) -> None:
        """Set what an item needs and what is set otherwise; in the order in which it was set before."""
        named = [name for name in settings if name in needs] + [name for name in needs if name not in settings]
        wanted = {name: settings.get(name, DEFAULTS.get(name, b"")) for name in named}
        wanted = {name: by for name, by in wanted.items() if by != self._settings.get(name, DEFAULTS.get(name, b""))}
        if self._is_form:
            wanted.pop("gs", None)  # It has begun with parameters of its own, which say the same.
        elif "gs" in wanted and not self._resources.are_plain(wanted["gs"]):
            wanted = settings  # Among them may be what others set, too.
        self._out += wanted.values()
        self._settings.update(wanted)


def _mark_images(pdf: Pdf, pages: Sequence[Object], owners: Sequence[int]) -> None:
    """Mark the opaque images that pages of two pieces have: nothing but where they stand depends on the page."""
    pieces: dict[tuple[int, int], int] = {}
    images: dict[tuple[int, int], Object] = {}
    for page, owner in zip(pages, owners, strict=True):
        for thing in (page.get("/Resources", Dictionary()).get("/XObject") or {}).values():
            if thing.get("/Subtype") == Name.Image and is_opaque(thing):
                pieces[thing.objgen] = pieces.get(thing.objgen, 0) | 1 << owner
                images[thing.objgen] = thing
    for number, own in pieces.items():
        # More than one bit, that is more than one piece.
        if own & (own - 1):
            encapsulate_image(pdf, images[number])
