"""Reads the properties and styles of a Word file, and rewrites a part so that it holds what Word shows.

pandoc prints hidden text, and drops short fields, fields inside one run, ruby, alternatives inside a run, and capitals
that are a format. Clause numbers are those of ECMA-376 part 1; AlternateContent is part 3, 7.6.
"""

from __future__ import annotations

import copy
import functools
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import chain

from lxml import etree

from letters.formats.docx.revisions import unwrap
from letters.formats.ooxml import first_place, parse, remove, remove_all, text_in, w

_VAL = w("val")
_OFF = ("0", "false", "off")
"""Values that switch a property off (17.17.4)."""
_WITH_WORDS = re.compile(r"word/(?:document|footnotes|endnotes|header\d*|footer\d*)\.xml$")
_STYLES = "word/styles.xml"
_THEME = re.compile(r"word/theme/theme\d*\.xml$")
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
CHOICE, FALLBACK = f"{{{MC}}}Choice", f"{{{MC}}}Fallback"
_HIDING = "vanish"
"""Hides text (17.3.2.41). webHidden (17.3.2.44) hides on the web only, and specVanish (17.3.2.36) paragraph marks."""
_CONTENT = tuple(
    w(name) for name in ("t", "tab", "br", "sym", "drawing", "pict", "object", "footnoteReference", "fldChar")
)
"""Elements that a paragraph shows something by, or that it may not lose."""
_RESERVED, _NO_CHARACTER = re.compile("[\ue000-\ue0ff]"), "\uf8fe"
"""Private characters that stand for tags and numbers later; from a file they are characters that no font has."""
_INVISIBLE = re.compile(r"visibility\s*:\s*hidden")
# As many as a table of Word may have; a file may ask for a million cells.
_MOST_COLUMNS = 63
_PIECES_OF_FIELDS = (w("fldChar"), w("instrText"))
Formats = Mapping[str, frozenset[str]]
"""The toggle properties that are on in each style, by id; its ancestors are counted in (17.7.3)."""
_TOGGLES = (_HIDING, "caps")
_NO_STYLE, _DEFAULTS = "", "docDefaults"
"""Names for the style of paragraphs that name none, and for what all of a document begins with (17.7.5)."""


def is_on(element: etree._Element, attribute: str = "val", usual: str = "1") -> bool:
    """Return whether an element is switched on by an attribute, which has its usual value where it is left out."""
    return element.get(w(attribute), usual) not in _OFF


def is_set(properties: etree._Element | None, name: str) -> bool | None:
    """Return whether a property is on or off; None where nothing is said of it."""
    found = properties.find(w(name)) if properties is not None else None
    return None if found is None else is_on(found)


def value_of(element: etree._Element | None, path: str) -> str:
    """Return the value of a property by its path, such as "pPr/pStyle"; empty where nothing is said of it."""
    found = element.find(_path(path)) if element is not None else None
    return "" if found is None else str(found.get(_VAL, ""))


@functools.cache
def _path(path: str) -> str:
    """Return a path of names of Word as lxml takes it; there are a dozen, asked for with each run of a letter."""
    return "/".join(map(w, path.split("/")))


class Styles:
    """The styles of a package by their ids, the one of paragraphs that name none, and the defaults of runs."""

    def __init__(self, parts: Mapping[str, bytes]) -> None:
        root = parse(parts[_STYLES]) if _STYLES in parts else etree.Element(w("styles"))
        self.by_id = {str(style.get(w("styleId"))): style for style in root.iter(w("style"))}
        # 17.7.4.17: the style with the attribute "default", whatever its id.
        usual = (n for n, s in self.by_id.items() if s.get(w("type")) == "paragraph" and is_on(s, "default", "0"))
        self.usual = next(usual, "")
        self.defaults = root.find(_path("docDefaults/rPrDefault/rPr"))
        self._of_runs: dict[str, list[etree._Element]] = {}
        """The properties of runs that each style gives, nearest first: few styles serve thousands of runs."""

    def chain(self, name: str) -> Iterator[etree._Element]:
        """Yield a style and those that it is based on (17.7.4.3), nearest first; one based on itself ends it."""
        seen: set[str] = set()
        while name in self.by_id and name not in seen:
            seen.add(name)
            yield self.by_id[name]
            name = value_of(self.by_id[name], "basedOn")

    def of_run(self, run: etree._Element) -> Iterator[etree._Element]:
        """Yield the properties of a run: its own, those of its style, of its paragraph's style, the defaults."""
        paragraph = next(run.iterancestors(w("p")), None)
        names = value_of(run, "rPr/rStyle"), value_of(paragraph, "pPr/pStyle") or self.usual
        for properties in (run.find(w("rPr")), *self._given(names[0]), *self._given(names[1]), self.defaults):
            if properties is not None:
                yield properties

    def _given(self, name: str) -> list[etree._Element]:
        """Return the properties of runs that a style and those that it is based on give."""
        if name not in self._of_runs:
            found = (style.find(w("rPr")) for style in self.chain(name))
            self._of_runs[name] = [each for each in found if each is not None]
        return self._of_runs[name]


def fonts_of(parts: Mapping[str, bytes]) -> set[str]:
    """Return the names of the fonts that words stand in, by the runs, their styles, the defaults and the theme."""
    styles, theme = Styles(parts), _theme_fonts(parts)
    found = set()
    for name, content in parts.items():
        if _WITH_WORDS.match(name):
            for run in parse(content).iter(w("r")):
                if text_in(run).strip():
                    named = (_font_named(properties, theme) for properties in styles.of_run(run))
                    found.add(next(filter(None, named), ""))
    return found - {""}


def _font_named(properties: etree._Element, theme: Mapping[str, str]) -> str:
    """Return the font for Latin letters that properties of a run name (17.3.2.26); one of the theme goes first."""
    fonts = properties.find(w("rFonts"))
    if fonts is None:
        return ""
    return theme.get(str(fonts.get(w("asciiTheme"), ""))[:5]) or str(fonts.get(w("ascii"), ""))


def _theme_fonts(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Return the Latin fonts of the theme for headings and text, by the first letters of "majorHAnsi", "minorHAnsi"."""
    for name, content in parts.items():
        if _THEME.match(name):
            root = parse(content)
            found = {kind: next(root.iter(f"{_DRAWING}{kind}Font"), None) for kind in ("major", "minor")}
            latin = {k: f.find(f"{_DRAWING}latin") for k, f in found.items() if f is not None}
            return {kind: str(each.get("typeface", "")) for kind, each in latin.items() if each is not None}
    return {}


def style_formats(parts: Mapping[str, bytes]) -> Formats:
    """Return which of the properties that matter here each style of a package switches on."""
    return _formats_of(parts.get(_STYLES, b""))


@functools.lru_cache(8)  # of a draft they are asked for again and again, and drafts of one letter have the same styles
def _formats_of(content: bytes) -> Formats:
    styles = Styles({_STYLES: content} if content else {})
    formats = {name: frozenset(p for p in _TOGGLES if _style_has(styles, name, p)) for name in styles.by_id}
    defaults = frozenset(p for p in _TOGGLES if is_set(styles.defaults, p))
    return {**formats, _NO_STYLE: formats.get(styles.usual, frozenset()), _DEFAULTS: defaults}


def _style_has(styles: Styles, name: str, wanted: str) -> bool:
    """Return whether a style switches a property on, itself or by the nearest ancestor that says anything of it."""
    said = (is_set(style.find(w("rPr")), wanted) for style in styles.chain(name))
    return next((value for value in said if value is not None), False)


def has_format(run: etree._Element, wanted: str, formats: Formats) -> bool:
    """Return whether a toggle property holds for a run: its own word counts, else the styles toggle each other."""
    own = is_set(run.find(w("rPr")), wanted)
    if own is not None:
        return own
    # What is on by default is on whatever styles say (17.7.3).
    if wanted in formats.get(_DEFAULTS, frozenset()):
        return True
    paragraph, table = (next(run.iterancestors(w(name)), None) for name in ("p", "tbl"))
    others = value_of(run, "rPr/rStyle"), value_of(table, "tblPr/tblStyle")
    names = value_of(paragraph, "pPr/pStyle"), *filter(None, others)
    # On in both the character and the paragraph style is off again (17.7.3).
    return sum(wanted in formats.get(name, frozenset()) for name in names) % 2 == 1


def words_in(element: etree._Element) -> str:
    """Return the words that a drawing, a formula, ruby or an alternative shows, of whatever kind they are."""
    said = []
    for piece in element.iter("{*}t", "{*}textpath"):
        outer = [each.tag for each in piece.iterancestors()]
        # Word writes a shape twice, and the reading aid of ruby is no text of the letter.
        if w("rt") not in outer and not (FALLBACK in outer and _has_words(next(piece.iterancestors(FALLBACK)))):
            said.append(piece.text or str(piece.get("string", "")))
    return "".join(said)


def _has_words(fallback: etree._Element) -> bool:
    """Return whether the first of the alternatives, in whose place a fallback stands, has any words itself."""
    choice = fallback.getprevious()
    return choice is not None and next(choice.iter("{*}t", "{*}textpath"), None) is not None


def hidden_runs(root: etree._Element, formats: Formats) -> Iterator[etree._Element]:
    """Yield the runs of a part that Word hides and that hold anything, in document order."""
    for run in root.iter(w("r")):
        if has_format(run, _HIDING, formats) and any(child.tag != w("rPr") for child in run):
            yield run


def is_hidden_part(element: etree._Element) -> bool:
    """Return whether Word hides a row (17.4.20), a cell below the first of a vertical merge (17.4.84), or a drawing."""
    if element.tag == w("tr"):
        return is_set(element.find(w("trPr")), "hidden") is True
    if element.tag == w("tc"):
        merge = element.find(f"{w('tcPr')}/{w('vMerge')}")
        is_further = merge is not None and merge.get(w("val"), "continue") == "continue"
        row = next(element.iterancestors(w("tr")))
        return is_further and next(row.itersiblings(w("tr"), preceding=True), None) is not None
    if element.tag == w("drawing"):
        # 20.4.2.5; a shape of VML is hidden by its style.
        return any(each.get("hidden") in ("1", "true") for each in element.iter("{*}docPr"))
    return element.tag == w("pict") and any(_INVISIBLE.search(each.get("style", "")) for each in element)


def hidden_parts(root: etree._Element) -> Iterator[etree._Element]:
    """Yield the rows, cells and drawings of a part that Word hides."""
    yield from filter(is_hidden_part, root.iter(w("tr"), w("tc"), w("drawing"), w("pict")))


def show(root: etree._Element, formats: Formats) -> None:
    """Rewrite a part in place so that its runs hold what Word shows; what Word hides is gone."""
    _choose_alternatives(root)
    _keep_base_of_ruby(root)
    drop_broken_fields(root)
    for element in list(root.iter(w("fldSimple"))):
        for data in element.findall(w("fldData")):
            remove(data)
        unwrap(element)
    for element in list(root.iter(w("bdo"), w("dir"))):  # pandoc leaves out what is in them
        unwrap(element)
    split_runs(root)
    for piece in root.iter(w("t")):
        # Word shows these separators as a break; no font has a character for them.
        piece.text = _RESERVED.sub(_NO_CHARACTER, piece.text or "").replace("\u2028", " ").replace("\u2029", " ")
    for hidden in list(hidden_parts(root)):
        if hidden.tag == w("tc"):  # the cell itself is needed for those below and beside it
            remove_all(hidden, "r")
        else:
            remove(hidden)
    for run in list(hidden_runs(root, formats)):
        _hide(run)
    for paragraph in list(root.iter(w("p"))):
        if _is_hidden_paragraph(paragraph, formats):
            remove(paragraph)


def write_capitals(root: etree._Element, formats: Formats, upper: Callable[[str], str] = str.upper) -> None:
    """Write in capitals, in place, what a format shows in capitals (17.3.2.5); `upper` does it to a text."""
    for run in root.iter(w("r")):
        if has_format(run, "caps", formats):
            for piece in run.iter(w("t")):
                # In a letter made in Word `upper` leaves tags as they are: Jinja knows no {{ RECIPIENT.NAME }}.
                piece.text = upper(piece.text or "")


def simplify(root: etree._Element) -> None:
    """Rewrite a part in place where Word has several ways to show one thing, and pandoc reads only one of them.

    A carriage return is a line break (17.3.3.4), a tab to a margin is a tab (17.3.3.23), a hyphen that only shows at
    the end of a line is none (17.3.3.29), a drop cap is the first letter of the paragraph below it (17.3.1.11), and a
    bookmark between paragraphs begins in the next one (17.13.6.2).
    """
    for bookmark in list(root.iter(w("bookmarkStart"))):
        if next(bookmark.iterancestors(w("p")), None) is None:
            below = next((each for sibling in bookmark.itersiblings() for each in sibling.iter(w("p"))), None)
            if below is not None:
                below.insert(first_place(below), bookmark)
    remove_all(root, "softHyphen")
    for element in root.iter(w("cr"), w("ptab")):
        element.tag = w("br") if element.tag == w("cr") else w("tab")
        element.attrib.clear()
    for paragraph in list(root.iter(w("p"))):
        below = paragraph.getnext()
        if is_drop_cap(paragraph) and below is not None and below.tag == w("p"):
            at = first_place(below)
            below[at:at] = [child for child in paragraph if child.tag != w("pPr")]
            remove(paragraph)


def square_tables(root: etree._Element, loops: Callable[[str], bool] = lambda _: False) -> None:
    """Give the rows of each table as many cells as its widest row has: pandoc drops those beyond its grid (17.4.48).

    Columns that a row leaves out at its sides (17.4.14, 17.4.15) become empty cells. `loops` says whether a text may
    make other cells of those of its table.
    """
    for table in root.iter(w("tbl")):
        rows = table.findall(w("tr"))
        if any(loops(piece.text or "") for row in rows for piece in row.iter(w("t"))):
            continue
        for row in rows:
            first = next((at for at, each in enumerate(row) if each.tag == w("tc")), len(row))
            for _ in range(_number(row.find(f"{w('trPr')}/{w('gridBefore')}"), 0)):
                row.insert(first, _empty_cell())
            for left_out in row.findall(f"{w('trPr')}/{w('gridBefore')}"):
                remove(left_out)
        widths = [
            sum(_number(cell.find(f"{w('tcPr')}/{w('gridSpan')}"), 1) for cell in row.findall(w("tc"))) for row in rows
        ]
        grid = table.find(w("tblGrid"))
        for row, width in zip(rows, widths, strict=True):
            row.extend(_empty_cell() for _ in range(max(widths) - width))
        if grid is not None:
            for _ in range(max(widths, default=0) - len(grid)):
                etree.SubElement(grid, w("gridCol"), {w("w"): "1000"})


def _empty_cell() -> etree._Element:
    cell = etree.Element(w("tc"))
    etree.SubElement(cell, w("p"))
    return cell


def _number(element: etree._Element | None, usual: int) -> int:
    """Return the number that a property holds, within what Word allows for columns (17.4.17)."""
    value = str(element.get(w("val"), "")) if element is not None else ""
    return min(int(value), _MOST_COLUMNS) if value.isdecimal() else usual


def is_drop_cap(paragraph: etree._Element) -> bool:
    """Return whether a paragraph is the large first letter of the paragraph below it."""
    frame = paragraph.find(f"{w('pPr')}/{w('framePr')}")
    return frame is not None and frame.get(w("dropCap"), "none") != "none"


def _is_hidden_paragraph(paragraph: etree._Element, formats: Formats) -> bool:
    """Return whether nothing is left of a paragraph whose mark is hidden, too: in a list it is not counted.

    The last paragraph of a cell, a note or a part has to stay.
    """
    mark = paragraph.find(f"{w('pPr')}/{w('rPr')}")
    own = is_set(mark, _HIDING)
    by_style = _HIDING in formats.get(value_of(paragraph, "pPr/pStyle"), frozenset())
    is_hidden = by_style if own is None else own
    following = paragraph.getnext()
    if not is_hidden or following is None or following.tag not in (w("p"), w("tbl"), w("sdt")):
        return False
    return paragraph.find(f"{w('pPr')}/{w('sectPr')}") is None and not any(True for _ in paragraph.iter(*_CONTENT))


def is_repeated(element: etree._Element) -> bool:
    """Return whether an element is in the second copy of a text box, which Word writes for older programs.

    The copy is in the Fallback of an AlternateContent (ECMA-376 part 3, 7.6).
    """
    return next(element.iterancestors(FALLBACK), None) is not None


def _hide(run: etree._Element) -> None:
    """Remove a hidden run but for the marks of fields: without them the rest of a field would be read as text."""
    for child in list(run):
        if child.tag not in (w("rPr"), *_PIECES_OF_FIELDS):
            run.remove(child)


def _choose_alternatives(root: etree._Element) -> None:
    """Put the words of one alternative in the place of those in a run, or of all of them; drawings are left alone."""
    for element in list(root.iter(f"{{{MC}}}AlternateContent")):
        parent = element.getparent()
        if parent is None:
            continue
        branches = element.findall(CHOICE), element.findall(FALLBACK)
        for branch in chain.from_iterable(branches[::-1] if parent.tag == w("r") else branches):
            if next(branch.iter(w("t")), None) is not None and next(branch.iter(w("txbxContent")), None) is None:
                for child in list(branch):
                    element.addprevious(child)
                remove(element)
                break


def _keep_base_of_ruby(root: etree._Element) -> None:
    """Put the base text of ruby (17.3.3.25) in the place of the whole; the small text above it is a reading aid."""
    for ruby in list(root.iter(w("ruby"))):
        outer = ruby.getparent()
        base = ruby.find(w("rubyBase"))
        if outer is None or base is None:
            continue
        for run in base.findall(w("r")):
            for child in run:
                if child.tag != w("rPr"):
                    ruby.addprevious(copy.deepcopy(child))
        remove(ruby)


def drop_broken_fields(root: etree._Element) -> None:
    """Remove the marks of fields that never end or never began, with their codes: what they show is text."""
    open_marks: list[list[etree._Element]] = []
    for element in list(root.iter(w("fldChar"), w("instrText"))):
        kind = str(element.get(w("fldCharType"))) if element.tag == w("fldChar") else "code"
        if kind == "begin":
            open_marks.append([element])
        elif not open_marks:
            remove(element)
        elif kind == "end":
            open_marks.pop()
        else:
            open_marks[-1].append(element)
    for element in (each for marks in open_marks for each in marks):
        remove(element)


def split_runs(root: etree._Element) -> None:
    """Give each mark of a field (17.16.18), and each call of a note, a run of its own where one run holds more.

    Of a run with the call of a note pandoc reads nothing else. A mark in the place of its number stays there, unread.
    """
    for run in list(root.iter(w("r"))):
        calls = (call for name in ("footnoteReference", "endnoteReference") for call in run.findall(w(name)))
        marks = [*run.findall(w("fldChar")), *(each for each in calls if not is_on(each, "customMarkFollows", "0"))]
        if not marks or len(run) - (run.find(w("rPr")) is not None) < 2:
            continue
        properties = run.find(w("rPr"))
        for child in [each for each in run if each.tag != w("rPr")]:
            piece = etree.Element(w("r"))
            if properties is not None:
                piece.append(copy.deepcopy(properties))
            run.addprevious(piece)
            piece.append(child)
        remove(run)
