"""Judges a DOCX that is not byte for byte as we wrote it: saved again, edited, or not to be read.

For an edited one it lists what is open (tracked changes, comments, highlighting, bracketed notes) and what is lost in
the PDF. Clause numbers are those of ECMA-376 part 1.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from letters.formats.docx import revisions
from letters.formats.docx.inventory import draft_differences, tree_paragraphs, without_marks
from letters.formats.docx.losses import brief, losses
from letters.formats.docx.numbering import Numbering
from letters.formats.docx.open_points import OpenWords, open_points, shortened
from letters.formats.docx.opening import DOCUMENT, FOOTNOTES, Refused, core_property, open_docx
from letters.formats.docx.reading import read_words
from letters.formats.docx.references import RENEW, missing_bookmarks, old_references
from letters.formats.docx.text import DocxText, contents_texts, read
from letters.formats.ooxml import parse
from letters.model.problems import CannotGoOn
from letters.model.records import Verdict

WithoutFont = Callable[[str], Collection[str]]
"""Finds the characters of a text that no font has, which a PDF would show as empty boxes."""
_FEW_WORDS = 6


def judge(content: bytes, base: DocxText, open_words: OpenWords, without_font: WithoutFont = lambda _: ()) -> Verdict:
    """Return the verdict on a draft that was made of `base`, which we wrote.

    `open_words` finds notes in brackets, `without_font` the characters that no font has.
    """
    try:
        document = read(open_docx(content)).after(base)
    except Refused as error:
        return Verdict(refused=f"{error.what}; {error.hint}" if error.hint else error.what)
    known = frozenset(words for line in base.texts for _, words in open_words(line))
    points = open_points(document, open_words, known)
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


def _unread(content: bytes, base: DocxText, without_font: WithoutFont) -> Iterator[str]:
    """Name the words that Word shows and the PDF would not, or the other way around."""
    parts = open_docx(content)
    tree = read_words(read(parts))
    for each in draft_differences(parts, tree):
        beside = f' at "{each.beside}"' if each.beside != each.words else ""
        yield f'the words "{each.words}"{beside}' if each.element is not None else f'"{each.words}", which Word hides'
    for said in map(without_marks, tree_paragraphs(tree)):
        for character in sorted(without_font(said)):
            yield f'the character "{character}" (U+{ord(character):04X}) at "{_few(said)}", which no font has'
    yield from _cross_references(parts)
    known = set(contents_texts(base))
    for text in contents_texts(read(parts).after(base)):
        if text not in known:
            yield f'the words "{shortened(text)}" in the table of contents, which the PDF makes of its headings'


def _few(said: str) -> str:
    """Return the first words of a paragraph, to find it by."""
    words = said.split()
    return " ".join(words[:_FEW_WORDS]) + ("…" if len(words) > _FEW_WORDS else "")


def _cross_references(parts: Mapping[str, bytes]) -> Iterator[str]:
    """Name the cross-references that lead nowhere, and those that show an old number of a paragraph."""
    roots = [parse(parts[name]) for name in (DOCUMENT, FOOTNOTES) if name in parts]
    for root in roots:
        revisions.accept(root)
    for name in missing_bookmarks(roots):
        yield f'a link or cross-reference to the bookmark "{name}", which is not there: its words stay'
    labels = {element: label.text for element, label in Numbering(parts).labels(roots[0]).items()}
    for each in old_references(roots, labels, with_notes=False):
        yield f"{each}: {RENEW}"
