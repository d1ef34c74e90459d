"""Puts each note of a Word file under the conditions of its call, so that no letter holds a note that nothing calls."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from letters.formats.ooxml import w
from letters.tokens import without_reach
from letters.wording.word_tags import cell_word, split


def guard(document: etree._Element, notes: etree._Element) -> None:
    """Sort the notes as they are called, repeat the tags of the body between them, and drop those that nobody calls."""
    own = {str(note.get(w("id"))): note for note in notes.iter(w("footnote")) if note.get(w("type")) is None}
    for note in own.values():
        notes.remove(note)
    pending = ""
    for tag, called in _tags_and_calls(document):
        pending += tag
        if called in own:
            _add_text(notes, pending)
            notes.append(own.pop(called))
            pending = ""
    _add_text(notes, pending)


def _tags_and_calls(document: etree._Element) -> Iterator[tuple[str, str]]:
    """Yield the statements of the body and the calls of notes, as they follow each other; one of each two is empty."""
    for element in document.iter(w("t"), w("footnoteReference")):
        if element.tag == w("footnoteReference"):
            yield "", str(element.get(w("id")))
            continue
        for text, is_tag in split(element.text or ""):
            if is_tag and text.startswith("{%") and not cell_word(text)[0]:
                yield without_reach(text), ""


def _add_text(parent: etree._Element, text: str) -> None:
    if not len(parent):
        parent.text = (parent.text or "") + text
    else:
        parent[-1].tail = (parent[-1].tail or "") + text
