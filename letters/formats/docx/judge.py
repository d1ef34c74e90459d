"""Judges a DOCX that is not byte for byte as we wrote it: saved again, edited, or not to be read.

For an edited one it lists what is open (tracked changes, comments, highlighting, bracketed notes) and what is lost in
the PDF. Clause numbers are those of ECMA-376 part 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from lxml import etree

from letters.formats import text_diff
from letters.formats.docx import revisions
from letters.formats.docx.inventory import draft_differences
from letters.formats.docx.opening import COMMENTS, DOCUMENT, FOOTNOTES, Refused, core_property, open_docx
from letters.formats.docx.reading import read_words
from letters.formats.docx.shown import Formats, hidden_rows, hidden_runs, style_formats
from letters.formats.docx.text import DocxText, contents_texts, read
from letters.formats.ooxml import parse, w
from letters.model.records import OpenPoint, Verdict

_EXTENDED = "word/commentsExtended.xml"
"""Which comments are resolved ([MS-DOCX])."""
_W15 = "http://schemas.microsoft.com/office/word/2012/wordml"
_W14 = "http://schemas.microsoft.com/office/word/2010/wordml"
_KINDS = {
    "ins": "put in",
    "moveTo": "moved here",
    "del": "taken out",
    "moveFrom": "moved away",
    "cellIns": "a table cell put in",
    "cellDel": "a table cell taken out",
}
_LONGEST = 120
"""Most characters of a text that are shown."""
_THINGS = {
    "txbxContent": "a text box",
    "blip": "a picture",
    "imagedata": "a picture",
    "chart": "a chart",
    "oMath": "a formula",
    "endnoteReference": "an endnote",
    "object": "an embedded object",
    "sym": "a symbol from a special font",
}
"""What a person calls elements that the letter tree cannot hold, by local name."""
_LOOKS = {"rFonts": "another font", "sz": "another size of type", "color": "another colour", "shd": "shading"}
_PLACES = {"jc": "another alignment", "framePr": "a frame", "pageBreakBefore": "a page break before"}
_FEW_WORDS = 6
"""Words of a paragraph that say where something is."""

OpenWords = Callable[[str], Iterator[tuple[str, str]]]
"""Finds what is left to do in a text, such as notes in brackets: the kind and the words of each."""


def judge(content: bytes, base: DocxText, open_words: OpenWords) -> Verdict:
    """Return the verdict on a draft that was made of `base`, which we wrote; `open_words` finds notes in brackets."""
    try:
        document = read(open_docx(content))
    except Refused as error:
        return Verdict(refused=f"{error.what}; {error.hint}" if error.hint else error.what)
    known = frozenset(words for line in base.texts for _, words in open_words(line))
    points = open_points(document, open_words, known)
    lost = tuple(sorted(losses(document) - losses(base)))
    same = not points and not lost and document.fingerprint() == base.fingerprint()
    if not same:
        lost += tuple(_unread(content, base))
    return Verdict(
        same_words=same, editor=core_property(document.parts, "lastModifiedBy"), open_points=tuple(points), losses=lost
    )


def _unread(content: bytes, base: DocxText) -> Iterator[str]:
    """Name the words that Word shows and the PDF would not, or the other way around."""
    parts = open_docx(content)
    tree = read_words(read(parts))
    known = set(contents_texts(base))
    for each in draft_differences(parts, tree):
        beside = f' at "{each.beside}"' if each.beside != each.words else ""
        yield f'the words "{each.words}"{beside}' if each.element is not None else f'"{each.words}", which Word hides'
    for name in _missing_bookmarks(parts):
        yield f'a link or cross-reference to the bookmark "{name}", which is not there: its words stay'
    for text in contents_texts(read(parts)):
        if text not in known:
            yield f'the words "{_shortened(text)}" in the table of contents, which the PDF makes of its headings'


def _missing_bookmarks(parts: Mapping[str, bytes]) -> Iterator[str]:
    """Yield the names of bookmarks that links refer to and that the file does not have."""
    roots = [parse(parts[name]) for name in (DOCUMENT, FOOTNOTES) if name in parts]
    there = {str(mark.get(w("name"))) for root in roots for mark in root.iter(w("bookmarkStart"))}
    wanted = {
        str(link.get(w("anchor"))) for root in roots for link in root.iter(w("hyperlink")) if link.get(w("anchor"))
    }
    for code in (each.text or "" for root in roots for each in root.iter(w("instrText"))):
        kind, *rest = [*code.replace('"', " ").split(), ""]
        named = [word for word in rest if word and not word.startswith("\\")]
        if kind in ("REF", "PAGEREF", "NOTEREF") or (kind == "HYPERLINK" and "\\l" in rest):
            wanted |= set(named[:1])
    yield from sorted(wanted - there)


def open_points(document: DocxText, open_words: OpenWords, known: frozenset[str]) -> list[OpenPoint]:
    """List what is still open in a draft; `known` are the words of this kind that it had when we wrote it."""
    found = [*_changes(document.body)]
    if document.notes is not None:
        found += _changes(document.notes)
    found += _comments(document.parts)
    found += _prompts(document.parts)
    formats = style_formats(document.parts)
    for root in _roots(document):
        found += _hidden(root, formats)
    found += _highlights(document.body)
    if document.notes is not None:
        found += _highlights(document.notes)
    for line in document.texts:
        for kind, words in open_words(line):
            if words not in known:
                found.append(OpenPoint(kind, text=_shortened(words)))
    return found


def _changes(root: etree._Element) -> Iterator[OpenPoint]:
    # Word writes a change for each run; neighbours by one author on one day are listed as one.
    last: OpenPoint | None = None
    for element in revisions.changes(root):
        name = etree.QName(element).localname
        kind = f"a tracked change: {_KINDS.get(name, 'other looks')}"
        said = _said(element) or _said_around(element)
        author, date = element.get(w("author"), ""), element.get(w("date"), "")[:10]
        if last and (last.kind, last.author, last.date) == (kind, author, date) and name in _KINDS:
            last = OpenPoint(kind, author, date, _shortened(f"{last.text} {said}".strip()))
            continue
        if last:
            yield last
        last = OpenPoint(kind, author, date, _shortened(said))
    if last:
        yield last


def _said(element: etree._Element) -> str:
    return text_diff.one_line("".join(t.text or "" for t in element.iter(w("t"), w("delText"))))


def _said_around(element: etree._Element) -> str:
    """Return the text of the run or paragraph whose formatting was changed."""
    around = next(element.iterancestors(w("r"), w("p")), None)
    return _said(around) if around is not None else ""


def _comments(parts: Mapping[str, bytes]) -> Iterator[OpenPoint]:
    """Yield the comments that nobody has marked as resolved."""
    if COMMENTS not in parts:
        return
    done = _resolved(parts)
    for comment in parse(parts[COMMENTS]).iter(w("comment")):
        paragraphs = {str(p.get(f"{{{_W14}}}paraId")) for p in comment.iter(w("p"))}
        if not paragraphs & done:  # "done" is said of a paragraph of the comment, by its id
            date = comment.get(w("date"), "")[:10]
            yield OpenPoint("a comment", comment.get(w("author"), ""), date, _shortened(_said(comment)))


def _resolved(parts: Mapping[str, bytes]) -> set[str]:
    if _EXTENDED not in parts:
        return set()
    return {
        str(each.get(f"{{{_W15}}}paraId"))
        for each in parse(parts[_EXTENDED])
        if each.get(f"{{{_W15}}}done") in ("1", "true")
    }


def _prompts(parts: Mapping[str, bytes]) -> Iterator[OpenPoint]:
    """Yield the content controls that still show their prompt (17.5.2.39), which is no text of the letter."""
    for name in (DOCUMENT, FOOTNOTES):
        for mark in parse(parts[name]).iter(w("showingPlcHdr")) if name in parts else ():
            control = next(mark.iterancestors(w("sdt")), None)
            if control is not None and mark.get(w("val"), "1") not in ("0", "false", "off"):
                yield OpenPoint("a content control to be filled in", text=_shortened(_said(control)))


def _hidden(root: etree._Element, formats: Formats) -> Iterator[OpenPoint]:
    """Yield the texts that Word hides, adjacent runs as one: they are not printed, and somebody should know of them."""
    before: etree._Element | None = None
    stretch: list[str] = []
    for row in hidden_rows(root):
        yield OpenPoint("hidden text", text=_shortened(_said(row)))
    for run in hidden_runs(root, formats):
        if before is not None and run.getprevious() is not before:
            yield OpenPoint("hidden text", text=_shortened(text_diff.one_line("".join(stretch))))
            stretch = []
        stretch += (t.text or "" for t in run.iter(w("t")))
        before = run
    if before is not None:
        yield OpenPoint("hidden text", text=_shortened(text_diff.one_line("".join(stretch))))


def _highlights(root: etree._Element) -> Iterator[OpenPoint]:
    """Yield the highlighted texts (17.3.2.15), adjacent runs as one."""
    stretch: list[str] = []
    for paragraph in root.iter(w("p")):
        for run in [*paragraph.iter(w("r")), None]:
            mark = run.find(f"{w('rPr')}/{w('highlight')}") if run is not None else None
            if run is not None and mark is not None and mark.get(w("val")) != "none":
                stretch.append("".join(t.text or "" for t in run.iter(w("t"))))
            elif stretch:
                if said := text_diff.one_line("".join(stretch)):
                    yield OpenPoint("highlighted", text=_shortened(said))
                stretch = []


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rstrip()}…"


def losses(document: DocxText) -> frozenset[str]:
    """Return what cannot be carried into the PDF, each with the words beside it."""
    colours = _colours(document)
    found = {look for root in _roots(document) for look in _looks(root, colours)}
    return content_losses(document).union(found)


def content_losses(document: DocxText) -> frozenset[str]:
    """Return what cannot be carried into the PDF and is content, not formatting."""
    found = {thing for root in _roots(document) for thing in _things(root)}
    return frozenset(found.union(_heads(document)))


def _roots(document: DocxText) -> list[etree._Element]:
    return [root for root in (document.body, document.notes) if root is not None]


def _at(element: etree._Element) -> str:
    """Return the place of an element, named by the first words of its paragraph."""
    around = element if element.tag == w("p") else next(element.iterancestors(w("p")), None)
    said = text_diff.one_line("".join(t.text or "" for t in around.iter(w("t")))) if around is not None else ""
    few = " ".join(said.split()[:_FEW_WORDS])
    return f'at "{few}…"' if few else "in an empty paragraph"


def _things(root: etree._Element) -> Iterator[str]:
    boxes = set()
    for element in root.iter("{*}*"):
        name = etree.QName(element).localname
        # Word writes a shape twice: for itself, and as a fallback for older programs (ECMA-376 part 3).
        inside_fallback = any(str(outer.tag).endswith("}Fallback") for outer in element.iterancestors())
        if name in _THINGS and not inside_fallback:
            outer = next((a for a in element.iterancestors() if str(a.tag).endswith("}txbxContent")), None)
            if outer is None or outer not in boxes:  # a picture in a text box is lost with the box
                said = text_diff.one_line("".join(t.text or "" for t in element.iter(w("t"))))
                yield f"{_THINGS[name]} {f'({said[:60]!r})' if name == 'txbxContent' else _at(element)}"
            boxes.add(element)
        elif element.tag == w("br") and element.get(w("type")) in ("page", "column"):
            yield f"a page break {_at(element)}"


def _colours(document: DocxText) -> frozenset[str]:
    """Return the colours of the letterhead's own styles, which programs write again at runs that have them anyway."""
    styles = document.parts.get("word/styles.xml")
    own = {str(each.get(w("val"))) for each in parse(styles).iter(w("color"))} if styles else set()
    return frozenset(own | {"auto", "000000", "None"})


def _looks(root: etree._Element, colours: frozenset[str]) -> Iterator[str]:
    """Yield the direct formatting of runs and paragraphs: fonts, sizes, colours, alignment, page breaks."""
    seen = set()
    for run in root.iter(w("r")):
        properties = run.find(w("rPr"))
        if properties is None or not any((t.text or "").strip() for t in run.iter(w("t"))):
            continue
        for name, said in _LOOKS.items():
            found = properties.find(w(name))
            if found is not None and _is_visible(name, found, colours):
                seen.add(f"{said} {_at(run)}")
    for properties in root.iter(w("pPr")):
        for name, said in _PLACES.items():
            found = properties.find(w(name))
            if found is not None and found.get(w("val"), "1") not in ("left", "start", "0", "false"):
                seen.add(f"{said} {_at(properties)}")
    yield from sorted(seen)


def _is_visible(name: str, found: etree._Element, colours: frozenset[str]) -> bool:
    if name == "rFonts":  # other attributes name fonts of the theme or of other scripts (17.3.2.26)
        return found.get(w("ascii")) is not None or found.get(w("hAnsi")) is not None
    if name == "shd":
        return found.get(w("fill"), "auto") not in ("auto", "FFFFFF")
    return str(found.get(w("val"))) not in colours if name == "color" else found.get(w("val")) is not None


def _heads(document: DocxText) -> Iterator[str]:
    """Yield the texts and pictures of headers and footers, which the PDF has from campaign.toml and the style sheet."""
    for name, content in sorted(document.parts.items()):
        if name.startswith(("word/header", "word/footer")) and name.endswith(".xml"):
            root = parse(content)
            if any(etree.QName(each).localname in ("blip", "imagedata") for each in root.iter("{*}*")):
                yield f"a picture in a {name[5:11]}"
            for paragraph in root.iter(w("p")):
                if said := _without_fields(paragraph):
                    yield f'the words "{said[:80]}" in a {name[5:11]}'


def _without_fields(paragraph: etree._Element) -> str:
    """Return the text of a paragraph without the results of fields (17.16.18), such as page numbers."""
    said, depth = [], 0
    for element in paragraph.iter(w("t"), w("fldChar")):
        if element.tag == w("fldChar"):
            depth += {"begin": 1, "end": -1}.get(str(element.get(w("fldCharType"))), 0)
        elif not depth and next(element.iterancestors(w("fldSimple")), None) is None:
            said.append(element.text or "")
    return text_diff.one_line("".join(said))
