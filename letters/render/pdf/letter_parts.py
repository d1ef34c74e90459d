"""The parts of one letter on its way through the engine, and a cache of parts that were laid out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from unicodedata import normalize

from letters.model.records import Values
from letters.render.pdf.box_tree import BoxTree, LaidOutPart
from letters.render.pdf.paragraph import ParagraphTemplate, SetParagraph
from letters.render.pdf.plain import PdfRenderer, UnfitError, check_notes
from letters.render.pdf.running_heads import HeadValues
from letters.render.pdf.template_marks import FilledTemplate, is_odd
from letters.render.store import Limits

Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class MarkedElement:
    """A marked element of one letter."""

    number: int
    key: Key | str
    """What the pages depend on: the shape of its lines, or all of its content where it is not set apart from them."""
    paragraphs: tuple[SetParagraph, ...] = ()
    """The paragraph and its notes, set; none where it is not set apart."""
    texts: tuple[str, ...] = ()
    """The texts in its lines, where it is set apart."""


@dataclass(slots=True)
class LetterPart:
    """One part of one letter: the letter itself or an enclosure."""

    number: int
    """Which part: 0 for the letter itself."""
    filled: FilledTemplate
    notes: Values
    branch: str = ""
    """The hash of the part's number and of the text that it shares with others."""
    elements: list[MarkedElement] = field(default_factory=list)
    laid_out: LaidOutPart | None = None

    def find_branch(self) -> str:
        """Return the hash of the part's number and of its shared text, the same in every process."""
        return hashlib.sha256(repr((self.number, self.filled.branch)).encode()).hexdigest()

    def key(self) -> Key:
        """Return what its pages depend on."""
        return (self.branch, *(element.key for element in self.elements))

    def tree_key(self) -> Key:
        """Return what its boxes depend on before texts are put in."""
        # The first item of the key of an element that is set apart is its markup; its texts are put in.
        return (self.branch, *(each.key[0] if each.paragraphs else each.key for each in self.elements))

    def texts(self) -> dict[int, tuple[str, ...]]:
        """Return the texts of the elements that are set apart, by their numbers."""
        return {element.number: element.texts for element in self.elements if element.paragraphs}

    def needs(self) -> dict[int, tuple[object, object]]:
        """Return what its pages depend on, by the numbers of the elements: their shapes, and their texts."""
        return {element.number: (element.key, element.texts) for element in self.elements}

    def contents(self) -> list[tuple[int, str]]:
        """Return the contents of the marked elements but the title, which is on no page."""
        return [(number, content) for number, content in enumerate(self.filled.contents) if self._is_on_page(number)]

    def _is_on_page(self, number: int) -> bool:
        return self.filled.contents[number][:1] == ">" and not self.filled.branch[number].endswith("<title")

    def title(self) -> str | None:
        """Return the title of the document; None where it is the same for all letters."""
        for number, content in enumerate(self.filled.contents):
            if self.filled.branch[number].endswith("<title"):
                return _plain_text(content[1:])
        return None

    def attributes(self) -> dict[int, str]:
        """Return the marked attributes by their numbers."""
        contents = enumerate(self.filled.contents)
        return {number: _plain_text(content) for number, content in contents if content[:1] != ">"}

    def own_paragraphs(self) -> list[ParagraphTemplate]:
        """Return the templates of the elements that are set apart, with their lines on the part's own pages."""
        assert self.laid_out is not None
        found = self.laid_out.paragraphs
        numbers = [element.number for element in self.elements if element.paragraphs]
        if not all(number in found for number in numbers):
            raise UnfitError("a paragraph is not on the page where it was expected")
        return [template for number in numbers for template in found[number].with_notes()]


def paragraphs_of(parts: Iterable[LetterPart]) -> Iterator[SetParagraph]:
    """Yield the set paragraphs of a letter in the order of the text."""
    return (paragraph for part in parts for element in part.elements for paragraph in element.paragraphs)


def _plain_text(content: str) -> str:
    if is_odd(text := unescape(content)):
        raise UnfitError("a title or a running head has line breaks or double spaces")
    return text


def refuse_shown(text: str, parts: Sequence[LetterPart]) -> None:
    """Raise UnfitError where a value stands in text that letters share: it might be there because of one letter."""
    if any(_is_shown(text, part) for part in parts):
        raise UnfitError("a running head's value also stands in text that all letters share")


def _is_shown(text: str, part: LetterPart) -> bool:
    """Return whether a marked attribute of a part stands in a folded text."""
    return any(value.strip() and folded(value) in text for value in part.attributes().values())


def folded(text: str) -> str:
    """Return a text without spaces, its letters as if no style sheet had made them capitals, or wide ones."""
    # NFKC turns ligatures and full-width letters (text-transform: full-width) into plain ones.
    return "".join(normalize("NFKC", text).casefold().split())


class LayoutCache:
    """Lays out the parts of letters, and keeps what others can use of it: box trees, their pages, whole enclosures."""

    def __init__(self, plain: PdfRenderer, limits: Limits, shape_of: Callable[[Key, str], object]) -> None:
        """Prepare; `shape_of` returns the shape of a running head, by its look and its text."""
        self._plain = plain
        self._limits = limits
        self._shape_of = shape_of
        self._trees: dict[Key, BoxTree] = {}
        self._parts: dict[Key, LetterPart] = {}
        self.count = 0
        """How many times a part was laid out."""

    def lay_out(self, part: LetterPart) -> LaidOutPart:
        """Lay out a part, but for pages that are known, once."""
        if part.laid_out is None:
            tree = self._trees.get(part.tree_key())
            if tree is None:
                page = self._plain.read(part.filled.html())
                tree = BoxTree(page, self._plain.style, self._plain.fonts, self._limits)
            else:
                tree.fill(part.texts(), self._body_attributes(part))
            names = HeadValues(part.number, part.attributes(), self._shape_of)
            part.laid_out = tree.lay_out(part.needs(), names)
            self.count += 1
            check_notes(part.laid_out.document, part.notes)
        return part.laid_out

    def _body_attributes(self, part: LetterPart) -> Mapping[str, str]:
        """Return the attributes of the body of a part, as HTML parses them; none where all letters have the same."""
        if not part.attributes():
            return {}
        return dict(self._plain.read(part.filled.opening()).etree_element.find("body").attrib)

    def same_layout(self, part: LetterPart) -> LetterPart:
        """Return this part, laid out, or one with the same pages: many letters have the same enclosures."""
        key = part.key()
        if part.laid_out is None and key in self._parts:
            return self._parts[key]
        self.lay_out(part)
        _make_room(self._parts, self._limits.parts)
        self._parts[key] = part
        return part

    def forget(self) -> None:
        """Forget all box trees and parts."""
        self._trees.clear()
        self._parts.clear()

    def keep(self, part: LetterPart) -> None:
        """Keep the box tree and the pages of a part whose lines were compared with those set apart from them."""
        assert part.laid_out is not None
        tree, key = part.laid_out.tree, part.tree_key()
        if key not in self._trees and self._is_free_of(tree, part):
            _make_room(self._trees, self._limits.box_trees)
            self._trees[key] = tree
        if self._trees.get(key) is tree:
            self._trees[key] = self._trees.pop(key)  # now the one that was used last
            part.laid_out.keep(part.needs())

    def _is_free_of(self, tree: BoxTree, part: LetterPart) -> bool:
        """Return whether all that a tree has of its first letter is replaced when it is filled for another."""
        # Attributes that only the first letter has would stay in the tree.
        are_replaced = self._body_attributes(part).items() <= tree.body_attributes().items()
        return are_replaced and not _is_shown(folded(tree.shared_text()), part)


def _make_room(kept: dict[Key, Any], most: int) -> None:
    while len(kept) >= most:
        del kept[next(iter(kept))]
