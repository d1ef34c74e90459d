"""Finds the cross-references of a Word file that lead nowhere, or that show an old number (ECMA-376 part 1, 17.16.5).

Word renews the number of a cross-reference only when it is asked to (Ctrl+A, F9).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from lxml import etree

from letters.formats.docx.styles import is_on
from letters.formats.docx.word_fields import WordField, all_fields, outer_fields
from letters.formats.ooxml import w

RENEW = "renew it in Word: Ctrl+A, then F9"
_OF_PARAGRAPHS = frozenset(("\\r", "\\n", "\\w"))
"""The switches of REF that show the number of a paragraph, and not the words of the bookmark (17.16.5.51)."""
_ENDS = ". \u00a0"
"""What Word leaves out at the end of such a number."""


class OldReference(NamedTuple):
    """A cross-reference whose number is no longer that of the paragraph or note that it leads to."""

    paragraph: etree._Element
    shown: str
    now: str
    """The present number; empty where the paragraph has none."""

    def __str__(self) -> str:
        now = f'is "{self.now}" now' if self.now else "has no number"
        return f'a cross-reference shows "{self.shown}", and what it leads to {now}'


def missing_bookmarks(roots: Sequence[etree._Element]) -> list[str]:
    """Return the names of bookmarks that links and fields of the parts refer to and that no part has."""
    there = {str(mark.get(w("name"))) for root in roots for mark in root.iter(w("bookmarkStart"))}
    wanted = {str(link.get(w("anchor"))) for root in roots for link in root.iter(w("hyperlink"))} - {"None"}
    for each in [each for root in roots for each in all_fields(root)]:
        named = [word for word in each.arguments[1:] if not word.startswith("\\")]
        if each.kind in ("REF", "PAGEREF", "NOTEREF") or (each.kind == "HYPERLINK" and "\\l" in each.arguments):
            wanted |= set(named[:1])
    return sorted(wanted - there)


def old_references(
    roots: Sequence[etree._Element], labels: Mapping[etree._Element, str], *, with_notes: bool
) -> Iterator[OldReference]:
    """Yield the cross-references of the parts that show another number than the one of today.

    The first part is the body; `labels` are the numbers of its paragraphs. Without `with_notes` those that show the
    number of a note are passed over.
    """
    paragraphs, notes = _bookmarked(roots[0])
    for field in [each for root in roots for each in outer_fields(root)]:
        name = next(iter(field.arguments[1:]), "")
        if field.paragraph is None or not field.said().strip():
            continue
        if field.kind == "REF" and name in paragraphs and _OF_PARAGRAPHS & set(field.arguments):
            now = labels.get(paragraphs[name], "").strip(_ENDS)
            if not _shows(field, now):
                yield OldReference(field.paragraph, field.said().strip(), now)
        elif field.kind == "NOTEREF" and with_notes and name in notes and field.said().strip() != str(notes[name]):
            yield OldReference(field.paragraph, field.said().strip(), str(notes[name]))


def _shows(field: WordField, now: str) -> bool:
    """Return whether a reference shows a number, which may stand behind those of the levels above it."""
    shown = field.said().strip(_ENDS)
    if not now:
        return shown in ("", "0")
    if "\\t" in field.arguments:  # without words such as "Section"
        now = now.split()[-1]
    return shown.replace("\u00a0", " ").endswith(now.replace("\u00a0", " "))


def _bookmarked(body: etree._Element) -> tuple[dict[str, etree._Element], dict[str, int]]:
    """Return by the name of each bookmark the paragraph that it begins in, and the number of the note that it holds."""
    paragraphs: dict[str, etree._Element] = {}
    notes: dict[str, int] = {}
    open_marks: dict[str, str] = {}
    numbers = itertools.count(1)
    for element in body.iter(*map(w, ("bookmarkStart", "bookmarkEnd", "footnoteReference"))):
        if element.tag == w("bookmarkStart"):
            name = str(element.get(w("name")))
            open_marks[str(element.get(w("id")))] = name
            # A bookmark between paragraphs begins in the next one.
            around = next(element.iterancestors(w("p")), None)
            paragraph = around if around is not None else next(element.itersiblings(w("p")), None)
            if paragraph is not None:
                paragraphs[name] = paragraph
        elif element.tag == w("bookmarkEnd"):
            open_marks.pop(str(element.get(w("id"))), None)
        elif not is_on(element, "customMarkFollows", "0"):
            notes |= dict.fromkeys(open_marks.values(), next(numbers))
    return paragraphs, notes
