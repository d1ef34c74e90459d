"""Reads the pages of PDFs as rows of what is drawn, each with all that it depends on: equal rows look alike.

Forms that say that they are encapsulated (formats/pdf_vt.py) are looked into: what they draw is in the row. Where only
whole pages are compared, their operators without tags and a hash of their resources do (`Drawings`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pikepdf import Dictionary, Object, Pdf

from letters.formats.pdf_content import ALL_NEEDS, Item, Kind, State, content_streams, digest, read_items, short_hash
from letters.formats.pdf_text import Box
from letters.formats.pdf_vt import is_plain_state, within

_DEVICE = (b" g", b" rg", b" k", b" G", b" RG", b" K")
"""The ends of operators that choose a colour without naming a resource."""
_FREE = frozenset(("/Font", "/ExtGState"))
"""The kinds of resources that a form of ours may name."""
_ALL = tuple(sorted(ALL_NEEDS))
_NAMED = re.compile(rb"(/[^\s/]+)(?: [-.\d]+)? (gs|cs|CS|Tf|scn|SCN)\b")
_KINDS = {"gs": "/ExtGState", "Tf": "/Font", "cs": "/ColorSpace", "CS": "/ColorSpace"}
_MARKED = re.compile(rb"/\w+\s*<<\s*/MCID \d+\s*>>\s*BDC|/Artifact\s+BMC")
_SHAPE = ("/MediaBox", "/CropBox", "/Rotate", "/UserUnit", "/Group")
"""The entries of a page that change how its content is shown."""


class Drawn(NamedTuple):
    """Something that a page draws, or a mark around it, with the state in which it stands."""

    item: Item
    state: State
    number: int
    """Equal for what looks alike on all pages that share a memory; 0 for a mark."""
    is_free: bool
    """Whether a form could draw it: nothing transparent, and no resources but fonts."""


class _Stretch(NamedTuple):
    """What a stream draws that begins in some state."""

    drawn: list[Drawn]
    end: State | None


class DrawnMemory:
    """What was read of pages: a stream that several have is read once for each state in which it begins."""

    def __init__(self) -> None:
        self.beginning = State()
        self.states = {self.beginning.key: self.beginning}
        """The states in which streams end: equal ones are one object."""
        self.items: dict[bytes, list[Item]] = {}
        self.stretches: dict[tuple[Any, ...], _Stretch] = {}
        self.numbers: dict[Any, int] = {}


@dataclass(slots=True)
class Resources:
    """The resources that pages name: many pages have the same."""

    pdf: Pdf
    thing: Object
    key: bytes = b""
    """Equal for equal resources only, in other files, too."""
    _digests: dict[tuple[int, int], bytes] = field(default_factory=dict)
    _tokens: dict[tuple[str, str], bytes | None] = field(default_factory=dict)
    _plain: dict[bytes, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Hash all that can be named."""
        kinds: dict[str, Any] = {kind: own for kind, own in self.thing.items() if isinstance(own, Dictionary)}
        names = sorted((kind, str(name)) for kind, own in kinds.items() for name in own.keys())  # noqa: SIM118
        self.key = short_hash(repr([(name, self.token(name)) for name in names]).encode())

    def find(self, kind: str, name: str) -> Object | None:
        """Return a resource; None where there is none of this name."""
        return (self.thing.get(kind) or Dictionary()).get(name)

    def token(self, name: tuple[str, str]) -> bytes | None:
        """Return a hash of a resource, by kind and name; None for one that is not there."""
        if name not in self._tokens:
            found = self.find(*name)
            self._tokens[name] = None if found is None else self._digest(found)
        return self._tokens[name]

    def _digest(self, found: Any) -> bytes:
        if not isinstance(found, Object) or not found.is_indirect:
            return short_hash(found.unparse(resolved=True) if isinstance(found, Object) else repr(found).encode())
        if found.objgen not in self._digests:
            self._digests[found.objgen] = digest(self.pdf, found)
        return self._digests[found.objgen]

    def are_plain(self, settings: bytes) -> bool:
        """Return whether parameter dictionaries, as `/name gs`, set nothing but what is so anyhow."""
        if settings not in self._plain:
            states = [self.find("/ExtGState", each.split()[0].decode()) for each in settings.split(b"\n") if each]
            self._plain[settings] = all(state is not None and is_plain_state(state) for state in states)
        return self._plain[settings]

    def are_free(self, item: Item, state: State) -> bool:
        """Return whether a form can draw an item at this place."""
        if item.kind is not Kind.PAINT or "Tf" in item.needs:
            return False
        if any(kind not in _FREE or self.token((kind, name)) is None for kind, name in item.names):
            return False
        if not self.are_plain(state.settings.get("gs", b"")) or not self.are_plain(dict(item.sets).get("gs", b"")):
            return False
        colours = (state.settings.get(name, b"0 g") for name in ("fill", "stroke") if name in item.needs)
        return all(each.endswith(_DEVICE) for each in colours)

    def drawn_in(self, item: Item, state: State) -> tuple[Any, ...]:
        """Return all that the looks of an item depend on besides its operators."""
        needs = _ALL if item.kind is Kind.OTHER else item.needs
        settings = [state.settings.get(name, b"") for name in needs if name != "gs"]
        if not self.are_plain(state.settings.get("gs", b"")):
            settings.append(state.settings["gs"])
        named = (found for each in settings for found in _NAMED.findall(each))
        tokens = [self.token((_KINDS.get(kind.decode(), "/Pattern"), name.decode())) for name, kind in named]
        return (*settings, *tokens, *map(self.token, item.names))


def edges(box: Object) -> Box:
    """Return the edges of a rectangle of a PDF."""
    left, bottom, right, top = (float(edge) for edge in box.as_list())
    return left, bottom, right, top


class PageReader:
    """The pages of an open PDF, to be read; `split` cuts operators where other pages may go on in the same way."""

    def __init__(self, pdf: Pdf, memory: DrawnMemory, split: Callable[[bytes], list[bytes]] | None = None) -> None:
        self._pdf, self._memory, self._split = pdf, memory, split
        self._contents: dict[tuple[int, int], list[tuple[bytes, bytes]]] = {}
        self._resources: dict[tuple[int, int], Resources] = {}
        self._digests: dict[tuple[int, int], bytes] = {}
        self._box: Box = (0.0, 0.0, 0.0, 0.0)

    def read(self, page: Object) -> list[Drawn] | None:
        """Return what a page draws, in order; None where its operators are not as they should be."""
        if "/MediaBox" not in page:
            return None
        self._box = edges(page.MediaBox)
        streams = [each for stream in content_streams(page) for each in self._cut(stream)]
        stretches = self.stretches(streams, self._memory.beginning, self.resources_of(page))
        return None if stretches is None else [drawn for each in stretches for drawn in each.drawn]

    def numbers(self, page: Object) -> tuple[int, ...] | None:
        """Return what a page draws as numbers, which are equal for what looks alike; None where it cannot be read."""
        drawn = self.read(page)
        return None if drawn is None else tuple(each.number for each in drawn if each.number)

    def numbers_of(self, content: bytes, page: Object) -> tuple[int, ...] | None:
        """Return what operators would draw by themselves, with the resources of a page, as numbers."""
        key = short_hash(content), content
        stretches = self.stretches([key], self._memory.beginning, self.resources_of(page))
        if stretches is None:
            return None
        return tuple(drawn.number for each in stretches for drawn in each.drawn if drawn.number)

    def stretches(
        self, streams: Iterable[tuple[bytes, bytes]], state: State, resources: Resources
    ) -> list[_Stretch] | None:
        """Read streams, given with their hashes, one behind the other."""
        read: list[_Stretch] = []
        for key, content in streams:
            # Equal states are one object (`states` of the memory), so that an id tells them apart as a key would.
            begins = key, resources.key, id(state), self._box
            if (found := self._memory.stretches.get(begins)) is None:
                found = self._stretch(key, content, state, resources)
                self._memory.stretches[begins] = found
            if found.end is None:
                return None
            read.append(found)
            state = found.end
        return read

    def resources_of(self, page: Object) -> Resources:
        """Return the resources of a page, or of a form."""
        thing = page.get("/Resources", Dictionary())
        # Only what is indirect has a number, by which many pages that share it know it.
        if not thing.is_indirect:
            page.Resources = thing = self._pdf.make_indirect(thing)
        if thing.objgen not in self._resources:
            self._resources[thing.objgen] = Resources(self._pdf, thing, _digests=self._digests)
        return self._resources[thing.objgen]

    def _cut(self, stream: Any) -> list[tuple[bytes, bytes]]:
        if stream.objgen not in self._contents:
            content = stream.read_bytes()
            pieces = self._split(content) if self._split else [content]
            self._contents[stream.objgen] = [(short_hash(each), each) for each in pieces]
        return self._contents[stream.objgen]

    def _stretch(self, key: bytes, content: bytes, state: State, resources: Resources) -> _Stretch:
        if key not in self._memory.items:
            self._memory.items[key] = read_items(self._pdf.make_stream(content))
        drawn: list[Drawn] = []
        for item in self._memory.items[key]:
            if item.kind in (Kind.PAINT, Kind.OTHER):
                drawn += self._form(item, state, resources) or [self._drawn(item, state, resources)]
            elif item.kind in (Kind.MARK, Kind.END_MARK):
                drawn.append(Drawn(item, state, 0, is_free=False))
            after = state.after(item)
            if after is None:
                return _Stretch([], None)
            state = after
        return _Stretch(drawn, self._memory.states.setdefault(state.key, state))

    def _drawn(self, item: Item, state: State, resources: Resources) -> Drawn:
        key = (item.content, state.frame, resources.drawn_in(item, state))
        number = self._memory.numbers.setdefault(key, len(self._memory.numbers) + 1)
        return Drawn(item, state, number, resources.are_free(item, state))

    def _form(self, item: Item, state: State, resources: Resources) -> list[Drawn]:
        """Return what a form of ours draws; nothing where an item draws none, or one that hides a part of it."""
        form = resources.find(*item.names[0]) if item.names and item.names[0][0] == "/XObject" else None
        content = within(form) if form is not None else None
        if form is None or content is None:
            return []
        # Whatever was set before it, a form of ours begins as a page does.
        beginning = State({}, state.frame, state.matrix)
        inner = self._memory.states.setdefault(beginning.key, beginning)
        stretches = self.stretches([(short_hash(content), content)], inner, self.resources_of(form))
        drawn = [each for stretch in stretches or () for each in stretch.drawn]
        left, bottom, right, top = edges(form.BBox)
        low, high = height_of(drawn, self._box)
        # A box that is smaller than what is drawn, or a clip or scale around the form, changes what is seen of it.
        is_whole = left <= self._box[0] and bottom <= low and high <= top and self._box[2] <= right
        return drawn if is_whole and not state.frame else []


def height_of(drawn: Iterable[Drawn], box: Box) -> tuple[float, float]:
    """Return how far down and up on a page something is drawn; that is its whole height where it is not known."""
    _, bottom, _, top = box
    low, high = top, bottom
    for each in drawn:
        _, b, c, d, _, up = each.state.matrix
        if each.item.reach is None or b or c:
            return bottom, top
        ends = [d * edge + up for edge in each.item.reach]
        low, high = min(low, *ends), max(high, *ends)
    return max(bottom, low), min(top, high)


def untagged(content: bytes) -> bytes:
    """Return operators that draw, without which element of the tags they belong to."""
    return _MARKED.sub(b"BMC", content)


class Drawings:
    """What is drawn on the pages of an open PDF: operators without their tags, and a hash of what they draw with."""

    def __init__(self, pdf: Any) -> None:
        self._pdf = pdf
        self._streams: dict[tuple[int, int], bytes] = {}
        self._resources: dict[tuple[int, int], bytes] = {}
        self._things: dict[tuple[int, int], bytes] = {}
        self._is_plain = "/OCProperties" not in pdf.Root and "/AcroForm" not in pdf.Root

    def page(self, number: int) -> tuple[bytes, bytes] | None:
        """Return the operators of a page, counted from 0, and a hash of its shape and resources.

        None where more is shown than these tell: layers, fields, and annotations other than links.
        """
        page = self._pdf.pages[number].obj
        shape = self.shape(number)
        if shape is None:
            return None
        operators = untagged(b"".join(map(self._stream, content_streams(page))))
        return operators, short_hash(shape + self._used(page.get("/Resources")))

    def shape(self, number: int) -> bytes | None:
        """Return what tells the size and place of a page, counted from 0; None as `page` does."""
        page = self._pdf.pages[number].obj
        if not self._is_plain or not all(map(_is_unseen, page.get("/Annots", ()))):
            return None
        return repr([(name, page[name].unparse()) for name in _SHAPE if name in page]).encode()

    def _stream(self, stream: Any) -> bytes:
        """Return what a stream of operators holds; what ends in one goes on in the next one behind white space."""
        found = self._streams.get(stream.objgen)
        if found is None:
            content = stream.read_bytes()
            found = content if content.endswith(b"\n") else content + b"\n"
            self._streams[stream.objgen] = found
        return found

    def _used(self, resources: Any) -> bytes:
        if resources is None:
            return b""
        found = self._resources.get(resources.objgen) if resources.is_indirect else None
        if found is None:
            found = short_hash(repr(self._named(resources)).encode())
            if resources.is_indirect:
                self._resources[resources.objgen] = found
        return found

    def _named(self, resources: Any) -> list[tuple[str, list[tuple[str, bytes]]]]:
        return sorted(
            (kind, sorted((name, self._thing(each)) for name, each in entries.items()))
            if isinstance(entries, Dictionary)
            else (kind, [("", entries.unparse(resolved=True))])
            for kind, entries in resources.items()
            if len(entries)
        )

    def _thing(self, thing: Any) -> bytes:
        """Hash a font, a picture and so on."""
        thing = thing if thing.is_indirect else self._pdf.make_indirect(thing)
        if thing.objgen not in self._things:
            self._things[thing.objgen] = digest(self._pdf, thing)
        return self._things[thing.objgen]


def _is_unseen(annotation: Any) -> bool:
    """Return whether an annotation is a link without a look of its own."""
    return str(annotation.get("/Subtype")) == "/Link" and "/AP" not in annotation
