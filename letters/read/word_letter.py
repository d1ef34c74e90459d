"""Reads a letter that somebody made in Word, with fields and conditions typed into it, as a source like any other.

The DOCX stays the template of the DOCX letters; its words become Markdown, from which checks and the PDF are made. What
the PDF cannot show is named.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from lxml import etree

from letters.formats import pandoc
from letters.formats.docx import revisions
from letters.formats.docx.losses import (
    ShownParagraph,
    brief,
    content_losses,
    differences,
    drop_uncalled,
    shown_paragraphs,
)
from letters.formats.docx.normalize import unbox
from letters.formats.docx.numbering import Label, Numbering, depend_on_conditions, mark_labels, settle_labels
from letters.formats.docx.open_points import (
    BLANK,
    HIDDEN,
    HIGHLIGHTED,
    PROMPT,
    STRUCK,
    UNSEEN,
    coloured_texts,
    open_points,
)
from letters.formats.docx.opening import DOCUMENT, ENDNOTES, FOOTNOTES, Refused, open_docx, tags_out_of_place
from letters.formats.docx.revisions import unwrap_all
from letters.formats.docx.shown import (
    drop_broken_fields,
    is_repeated,
    show,
    simplify,
    square_tables,
    style_formats,
    value_of,
    write_capitals,
)
from letters.formats.docx.text import read, style_names
from letters.formats.docx.word_fields import flatten_nested, write_links, write_results
from letters.formats.files import read_up_to
from letters.formats.jinja import OPENER, TOKEN, token, token_number, without_reach
from letters.formats.ooxml import parse, serialize, w, write_package
from letters.formats.tree import Node
from letters.model.problems import CannotGoOn, Exit, Place, Problem, warning
from letters.model.records import Letter, Source, Stretch
from letters.read import placeholders, word_tags
from letters.read.word_blocks import (
    HEADING_ID,
    TableDivider,
    name_headings,
    old_reference_problems,
    plain_styles,
    show_pages,
    without_formulas,
)
from letters.read.word_merge import MergeFieldReader, MergeNames
from letters.read.word_tags import FOLDED, numbered_paragraphs

LOOKS = "letterhead.docx"
"""The Word file in the folder of the letters that is no letter."""
_FILLED = re.compile(r"word/(document|footnotes|header\d*|footer\d*)\.xml")
_UNFILLED = re.compile(r"word/(endnotes|comments)\.xml")
"""Parts in which docxtpl leaves tags as they are."""
_LINK_LIKE = re.compile(r"\\\]([({:])")
"""What stands behind a bracket that was typed and would make a link, a span or the address of a link of it."""
_NUMBER = re.compile("\ue002(\\d+)\ue003")
"""The number of a paragraph, put at its end so that it survives pandoc: private characters around digits."""
_INSTEAD_OF_TAG = "\ue000"
"""Stands for a tag, as a token does: no character of a word."""
_NO_COLUMN = 1_000_000
"""The indent given to every stretch: columns of the Markdown mean nothing in Word, so all of them become column 1."""
_FIELD = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|«[^«»]*»")
"""What letters hold for a value, and often mark for themselves."""
_ESCAPES = {"{_{": "{{", "}_}": "}}", "{_%": "{%", "%_}": "%}"}
"""What docxtpl takes for braces that are meant, and prints."""
_ESCAPE = re.compile("|".join(map(re.escape, _ESCAPES)))
_CARRIED = {"a text box": "is set below its paragraph", "an endnote": "is a footnote"}
"""What an edited draft would lose and a letter made in Word does not."""


def is_word_letter(path: Path, templates: Path) -> bool:
    """Return whether a path is that of a letter made in Word, in the folder of the letters."""
    # Word keeps a file ~$NAME.docx beside one that is open in it.
    return path.is_file() and path.parent == templates and path.name != LOOKS and not path.name.startswith("~$")


def read_word_letter(
    path: Path, shown: str, styles: Collection[str], names: MergeNames
) -> tuple[Letter, list[Problem]]:
    """Return a letter made in Word, with its problems; a place's line is the number of a paragraph of the document.

    `styles` are the names of the styles that the letterhead knows; paragraphs of other styles are set as plain text.
    `names` says what the fields of a mail merge stand for.
    Raises CannotGoOn for a file that is no harmless DOCX.
    """
    parts = open_word_letter(path, shown)
    merge = MergeFieldReader(names)
    body, template, problems = _read_parts(parts, shown, styles, merge)
    problems += merge.problems(shown, path.stem)
    for tag in tags_out_of_place(parts):
        what = f"a tag stands where no text is, and would be run there: {tag}"
        problems.append(Problem(Place(shown, 1), what, "take it out in Word; fields are typed into the text"))
    texts = [part for part in parts if _FILLED.fullmatch(part) or part == ENDNOTES]
    if any(_has_changes(parse(parts[part])) for part in texts):
        what = "it holds tracked changes that nobody has settled"
        problems.append(Problem(Place(shown, 1), what, "accept or reject them in Word"))
    problems += _warnings(parts, shown)
    title = path.stem.replace("-", " ").capitalize()
    return Letter(name=path.stem, body=body, frame=None, title=title, word=template), problems


def read_merge_fields(path: Path, shown: str, names: MergeNames) -> dict[str, str]:
    """Return the merge fields of a letter by name, with what each stands for; empty where that is not known."""
    parts = open_word_letter(path, shown)
    merge = MergeFieldReader(names)
    for name, content in parts.items():
        if _FILLED.fullmatch(name):
            merge.settle(parse(content), lambda _: Place(shown))
    return merge.meanings()


def open_word_letter(path: Path, shown: str) -> dict[str, bytes]:
    """Return the parts of a DOCX by name; raises CannotGoOn for a file that is no harmless DOCX."""
    try:
        return open_docx(read_up_to(path))
    except Refused as error:
        raise CannotGoOn(Exit.PROBLEMS, f"{shown} is not read: {error.what}", error.hint) from None


def _warnings(parts: dict[str, bytes], shown: str) -> list[Problem]:
    """Name what the PDFs cannot show, and what would go out with every Word letter."""
    document = read(parts)
    found = [warning(Place(shown), *_loss_and_hint(loss)) for loss in content_losses(document)]
    points = open_points(document, lambda _: iter(()), frozenset())
    for point in (*coloured_texts(document), *(each for each in points if each.kind == HIGHLIGHTED)):
        if re.search(r"\w", _FIELD.sub("", point.text)):
            found.append(warning(Place(shown), f"{point} is printed like all text", "settle it, and take off the mark"))
    for point in points:
        if point.kind.startswith("a comment"):
            found.append(warning(Place(shown), f"{point} stands in every Word letter", "delete it in Word"))
        elif point.kind == HIDDEN and OPENER.search(point.text):
            what = f"{point} holds a tag, which would be left out of every letter"
            found.append(Problem(Place(shown), what, "let Word show it, or delete it"))
        elif point.kind == HIDDEN:
            found.append(warning(Place(shown), f"{point} is left out of every letter", "delete it in Word"))
        elif point.kind == STRUCK:
            found.append(warning(Place(shown), f"{point} is printed in every letter", "delete it in Word"))
        elif point.kind == UNSEEN:
            found.append(warning(Place(shown), f"{point} is printed in the PDFs like all text", "delete it in Word"))
        elif point.kind == BLANK:
            what = f"{point}: a blank would be printed in every letter"
            found.append(Problem(Place(shown), what, "fill it in, write a tag into it, or delete it in Word"))
        elif point.kind == PROMPT and "{" not in point.text:
            what = f"{point}: its prompt would be printed in every letter"
            found.append(Problem(Place(shown), what, "fill it in, write a tag into it, or delete it in Word"))
    return sorted(found, key=str)


def _loss_and_hint(loss: str) -> tuple[str, str]:
    """Return what becomes of something in the PDFs, and the way out."""
    for thing, becomes in _CARRIED.items():
        if loss.startswith(thing):
            return f"{brief(loss)} {becomes} in the PDFs", ""
    return f"in the Word letters only: {brief(loss)}", "the PDFs are set on the letterhead; write it into the text"


def _read_parts(
    parts: Mapping[str, bytes], shown: str, styles: Collection[str], merge: MergeFieldReader
) -> tuple[Source, dict[str, bytes], list[Problem]]:
    """Return the text of a letter, its template (each tag in one run, with straight quotation marks), and problems."""
    roots = {name: parse(content) for name, content in parts.items() if _FILLED.fullmatch(name)}
    formats = style_formats(parts)
    problems: list[Problem] = []
    callers = _callers(roots[DOCUMENT])
    shown_words: list[tuple[Place, ShownParagraph]] = []
    places_of: dict[str, Callable[[etree._Element], Place]] = {}
    for name, root in roots.items():
        places_of[name] = _placer(root, name, callers, shown)
        problems += merge.settle(root, places_of[name])
    numbering = Numbering(parts)
    problems += old_reference_problems(roots, numbering, places_of)
    drop_uncalled([roots[name] for name in (DOCUMENT, FOOTNOTES) if name in roots], formats)
    for name, root in roots.items():
        place_of = places_of[name]
        drop_broken_fields(root)
        if name in (DOCUMENT, FOOTNOTES):
            shown_words += _without_tags(shown_paragraphs(root, formats, boxes=True), place_of)
        else:  # the text of headers is in no source, where placeholders are looked for
            for each in shown_paragraphs(root, formats, boxes=True):
                problems += placeholders.in_words(placeholders.without_tags(each.text), place_of(each.element))
        show(root, formats)
        _prepare(root)
        if name == DOCUMENT:
            word_tags.leave_out_empty(_items_and_headings(root, numbering, style_names(parts)))
        write_capitals(root, formats, word_tags.upper)
    endnotes = parse(parts[ENDNOTES]) if ENDNOTES in parts else None
    if endnotes is not None:  # docxtpl fills in nothing there, so that they are only read
        drop_broken_fields(endnotes)
        shown_words += [(Place(shown), each) for each in shown_paragraphs(endnotes, formats, boxes=True)]
        show(endnotes, formats)
        write_capitals(endnotes, formats)
    bookmarks = {str(each.get(w("name"))) for each in roots[DOCUMENT].iter(w("bookmarkStart"))}
    marker = _TagMarker(shown, callers, numbering, bookmarks)
    marked = {**parts, **({ENDNOTES: serialize(endnotes)} if endnotes is not None else {})}
    for name in sorted(roots, key=lambda name: (name != DOCUMENT, name)):
        content = marker.marked(roots[name], name)
        # Pandoc reads no headers or footers: their tags are checked, but need not be marked.
        if name in (DOCUMENT, FOOTNOTES):
            marked[name] = content
    if FOOTNOTES in roots:
        word_tags.guard_notes(roots[DOCUMENT], roots[FOOTNOTES])
    changing = list(_changing_numbers(roots[DOCUMENT], numbering, shown))
    for root in roots.values():
        etree.strip_attributes(root, FOLDED)
    # Pandoc reads the marked copy, docxtpl fills the other one.
    template = {**parts, **{name: serialize(root) for name, root in roots.items()}}
    read_tree = pandoc.read_docx(write_package(marked, level=0))
    name_headings(read_tree)
    problems += [] if any(map(_has_changes, roots.values())) else _unread(shown_words, read_tree, shown)
    tree = plain_styles(settle_labels(without_formulas(read_tree), marker.labels), styles)
    text = pandoc.write_markdown(TableDivider(marker.tags, marker.token).divided(tree))
    # The id of a bookmark or a heading is not the beginning of a remark.
    text = text.replace("]{#", "]{ #").replace(f"{{#{HEADING_ID}", f"{{ #{HEADING_ID}")
    problems += [*marker.problems, *_unfilled(parts, shown), *changing]
    return _source(text, marker.tags, shown), template, problems


def _changing_numbers(body: etree._Element, numbering: Numbering, shown: str) -> Iterator[Problem]:
    """Find numbers that depend on a condition in a way that the PDF could not follow."""
    places = {paragraph: number for number, paragraph in numbered_paragraphs(body)}
    for paragraph in depend_on_conditions(body, numbering, _opened):
        what = (
            "its number depends on a condition above, in a list that goes on behind other text or has numbers like 1.1"
        )
        hint = "begin the list anew there (Restart at 1), or take the condition out of the list"
        yield Problem(Place(shown, places[paragraph]), what, hint)


def _opened(text: str) -> int:
    """Return how many conditions and loops a text opens and does not close; below 0 where it closes more."""
    words = [tag[2:].split()[:1] for tag, is_tag in word_tags.split(without_reach(text)) if is_tag and tag[:2] == "{%"]
    return sum((word in (["if"], ["for"])) - (word in (["endif"], ["endfor"])) for word in words)


def _without_tags(
    paragraphs: Iterable[ShownParagraph], place_of: Callable[[etree._Element], Place]
) -> Iterator[tuple[Place, ShownParagraph]]:
    """Yield paragraphs without their tags, with their places in the file as it is in Word."""
    for each in paragraphs:
        pieces = word_tags.split(word_tags.straight(_ESCAPE.sub(_INSTEAD_OF_TAG, each.text)))
        text = "".join(_INSTEAD_OF_TAG if is_tag else piece for piece, is_tag in pieces)
        yield place_of(each.element), each._replace(text=text)


def _has_changes(root: etree._Element) -> bool:
    """Return whether a part holds tracked changes: they are refused, and what is read with them tells nothing."""
    return next(revisions.changes(root), None) is not None


def _unread(shown_words: Sequence[tuple[Place, ShownParagraph]], tree: list[Node], shown: str) -> Iterator[Problem]:
    """Name the words that Word shows and that were not read, or the other way around."""
    places = {each.element: place for place, each in shown_words}
    for each in differences([paragraph for _, paragraph in shown_words], tree):
        if each.element is None:
            yield warning(Place(shown), f'the PDFs say "{each.words}", which Word does not show', "delete it in Word")
        else:
            what = f'the words "{each.words}" cannot be read, so the PDFs would be without them'
            yield Problem(places[each.element], what, "write them as plain text, or as a plain table")


def _placer(
    root: etree._Element, name: str, callers: Mapping[str, int], shown: str
) -> Callable[[etree._Element], Place]:
    """Return what gives the place of a paragraph of a part, before any paragraph is put in."""
    numbers = {paragraph: number for number, paragraph in numbered_paragraphs(root)}

    def place(paragraph: etree._Element) -> Place:
        if name == DOCUMENT:
            return Place(shown, numbers.get(paragraph, 1))
        if name == FOOTNOTES:
            note = next(paragraph.iterancestors(w("footnote")), None)
            return Place(shown, callers.get(str(note.get(w("id"))) if note is not None else "", 1))
        return Place(shown, field=name[5:11])  # "header" or "footer"

    return place


def _prepare(root: etree._Element) -> None:
    """Rewrite the tags of a part so that docxtpl understands them."""
    for paragraph in root.iter(w("p")):
        word_tags.join(paragraph)
        word_tags.settle_outputs(paragraph)
    word_tags.end_cell_tags(root)
    word_tags.give_properties(root)


def _items_and_headings(
    root: etree._Element, numbering: Numbering, names: Mapping[str, str]
) -> Iterator[etree._Element]:
    """Yield the paragraphs of a part that have a number or a bullet, and those that are headings."""
    labels = numbering.labels(root)
    for paragraph in root.iter(w("p")):
        if paragraph in labels or names.get(value_of(paragraph, "pPr/pStyle"), "").startswith("heading"):
            yield paragraph


def _unfilled(parts: Mapping[str, bytes], shown: str) -> list[Problem]:
    """Find tags in parts in which docxtpl fills nothing in."""
    found = []
    for name in sorted(filter(_UNFILLED.fullmatch, parts)):
        said = "".join(piece.text or "" for piece in parse(parts[name]).iter(w("t")))
        if opener := OPENER.search(said):
            what = f'a tag in the {name[5:-4]}, where no field is filled in: "{said[opener.start() :][:40]}"'
            found.append(Problem(Place(shown, 1), what, "write it into the text, or into a footnote"))
    return found


def _callers(body: etree._Element) -> dict[str, int]:
    """Return for each id of a note the number of the paragraph that calls it (17.11.14)."""
    return {
        str(call.get(w("id"))): number
        for number, paragraph in numbered_paragraphs(body)
        for call in paragraph.iter(w("footnoteReference"))
    }


class _TagMarker:
    """Replaces each tag by a token and puts the number of each paragraph at its end."""

    def __init__(
        self, shown: str, callers: Mapping[str, int], numbering: Numbering, bookmarks: Collection[str]
    ) -> None:
        self.shown = shown
        self.callers = callers
        self.numbering = numbering
        self.bookmarks = bookmarks
        self.labels: list[Label] = []
        self.tags: list[str] = []
        self.problems: list[Problem] = []

    def marked(self, root: etree._Element, name: str) -> bytes:
        """Return a part with its tags and paragraphs marked; the part itself stays as it is."""
        root = parse(serialize(root))
        found: list[tuple[etree._Element, list[tuple[str, bool]]]] = []
        place_of = _placer(root, name, self.callers, self.shown)
        for paragraph in root.iter(w("p")):
            if is_repeated(paragraph):
                continue
            place = place_of(paragraph)
            pieces = [(piece, list(word_tags.split(piece.text or ""))) for piece in word_tags.texts_of(paragraph)]
            tags = [text for _, texts in pieces for text, is_tag in texts if is_tag]
            self.problems += word_tags.problems(paragraph, tags, place)
            for index, (piece, texts) in enumerate(pieces):
                # Behind the words: only at a beginning pandoc escapes what would begin a heading or a list in Markdown.
                mark = f"\ue002{place.line}\ue003" if name == DOCUMENT and index == len(pieces) - 1 else ""
                written = [
                    (self.token(t), t.startswith("{%")) if is_tag else (self._plain(t), False) for t, is_tag in texts
                ]
                if not any(is_statement for _, is_statement in written):
                    written = [("".join(text for text, _ in written), False)]
                found.append((piece, [*written, (mark, True)]))
            if name in (DOCUMENT, FOOTNOTES) and tags and word_tags.stands_for_paragraph(paragraph, tags):
                # No letter shows it: with style and list it would be an item, or a quotation, in pandoc's tree.
                for properties in paragraph.findall(w("pPr")):
                    paragraph.remove(properties)
        # Written only now, since `problems` reads the words of whole cells and rows.
        for piece, words in found:
            word_tags.write_apart(piece, [each for each in words if each[0]])
        unwrap_all(root)
        write_results(root)
        flatten_nested(root)
        write_links(root)
        simplify(root)
        show_pages(root, self.bookmarks)
        square_tables(root, self._loops)
        if name in (DOCUMENT, FOOTNOTES):
            mark_labels(root, self.numbering, self.labels)
        unbox(root)
        return serialize(root)

    def _plain(self, text: str) -> str:
        """Return words with docxtpl's escapes for braces as the braces that they print."""
        return _ESCAPE.sub(lambda match: self.token(f"{{{{ {_ESCAPES[match[0]]!r} }}}}"), text)

    def _loops(self, text: str) -> bool:
        """Return whether a text holds the token of a statement, which may repeat rows and cells of a table."""
        return any(self.tags[token_number(match)].startswith("{%") for match in TOKEN.finditer(text))

    def token(self, tag: str) -> str:
        """Keep a tag and return the token that stands for it."""
        self.tags.append(tag)
        return token(len(self.tags) - 1)


def _numbers_of(lines: Sequence[str]) -> list[int]:
    """Return the number of the paragraph that each line belongs to; 0 for lines between paragraphs."""
    numbers = [0] * len(lines)
    current = 0
    # From the end: the mark of a paragraph stands behind its last line.
    for index in range(len(lines) - 1, -1, -1):
        if marks := _NUMBER.findall(lines[index]):
            current = int(marks[-1])
        elif not lines[index].strip():
            current = 0
        numbers[index] = current
    return numbers


def _source(text: str, tags: list[str], shown: str) -> Source:
    """Return the source: brackets as they were typed, tags in their places, each line with its paragraph's number."""
    # Pandoc escapes brackets; the search for [placeholders] expects them as they were typed. None of them makes a link.
    text = _LINK_LIKE.sub(lambda match: f"]&#{ord(match[1])};", text)
    lines = text.replace("\\[", "[").replace("\\]", "]").split("\n")
    stretches = []
    calls: dict[str, int] = {}
    numbers = _numbers_of(lines)
    for index, line in enumerate(lines):
        number = numbers[index]
        note = re.match(r"\[\^(\d+)\]:", line)
        if note:
            number = calls.get(note[1], 1)
        # A note has the place of its call, since pandoc writes all notes behind the text.
        calls |= dict.fromkeys(re.findall(r"\[\^(\d+)\]", line), number)
        if number:
            stretches.append(Stretch(index, shown, number, _NO_COLUMN))
    body = _NUMBER.sub("", "\n".join(lines))
    body = TOKEN.sub(lambda match: without_reach(tags[token_number(match)]), body)
    return Source(shown, body, 1, tuple(stretches))
