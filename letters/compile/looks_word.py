"""Writes the looks into letterhead.docx, value by value, and reads them back: styles, page, DRAFT mark, fold marks.

What somebody changed in Word is kept: a value is replaced only where it is the one that was written last.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping, Sequence

from lxml import etree

from letters.compile.letterhead import FOLD_MARK, fold_marks
from letters.compile.looks_styles import styles_xml, twips
from letters.formats.ooxml import R, Relations, parse, remove, serialize, w
from letters.model.looks import PAPER_POINTS, PageLooks

_STYLES, _BODY = "word/styles.xml", "word/document.xml"
_DEFAULTS = "text"
"""What the defaults of all styles are called in a key."""
_PAGE, _MARKS, _DRAFT = "page", "fold marks", "DRAFT mark"
_BELOW_TEXT = 36
"""Points from the end of the text to that of the DRAFT mark."""
_WHOLE = ("tabs", "pBdr")
"""Properties that are compared with all that is inside them."""
_SWITCHES = ("keepNext", "keepLines", "contextualSpacing", "widowControl", "b", "i", "caps", "smallCaps")
"""Properties that are on where they are named (17.17.4)."""
_FOLLOWERS = {"szCs": "sz", "bCs": "b", "iCs": "i"}
"""Properties for other scripts, which are set with those of ours."""
# Word takes one of four fonts by the script of a letter (17.3.2.26).
_FONTS = ("ascii", "hAnsi", "cs", "eastAsia")
_PARAGRAPH_ORDER = (
    *("pStyle", "keepNext", "keepLines", "pageBreakBefore", "framePr", "widowControl", "numPr"),
    *("suppressLineNumbers", "pBdr", "shd", "tabs", "suppressAutoHyphens", "kinsoku", "wordWrap", "overflowPunct"),
    *("topLinePunct", "autoSpaceDE", "autoSpaceDN", "bidi", "adjustRightInd", "snapToGrid", "spacing", "ind"),
    *("contextualSpacing", "mirrorIndents", "suppressOverlap", "jc", "textDirection", "textAlignment"),
    *("textboxTightWrap", "outlineLvl"),
)
"""The order that the schema wants (17.3.1.26)."""
_RUN_ORDER = (
    *("rStyle", "rFonts", "b", "bCs", "i", "iCs", "caps", "smallCaps", "strike", "dstrike", "outline", "shadow"),
    *("emboss", "imprint", "noProof", "snapToGrid", "vanish", "webHidden", "color", "spacing", "w", "kern"),
    *("position", "sz", "szCs", "highlight", "u", "effect", "bdr", "shd", "fitText", "vertAlign", "rtl", "cs"),
    *("em", "lang"),
)
"""The order that the schema wants (17.3.2.28)."""
_ORDERS = {"pPr": _PARAGRAPH_ORDER, "rPr": _RUN_ORDER}
_ATTRIBUTES = {
    "spacing": ("before", "after", "line", "val"),
    "ind": ("left", "right", "hanging", "firstLine"),
    "sz": ("val",),
    "color": ("val",),
    "position": ("val",),
    "vertAlign": ("val",),
    "u": ("val",),
    "jc": ("val",),
    "outlineLvl": ("val",),
    "rFonts": ("ascii",),
}
"""The attributes of properties that are compared."""
_TWIPS = ("spacing", "ind", "pgSz", "pgMar")
_WORDS = {
    "spacing before": "space before",
    "spacing after": "space after",
    "spacing line": "distance of lines",
    "spacing val": "space between letters",
    "ind left": "indent on the left",
    "ind right": "indent on the right",
    "ind hanging": "hanging indent",
    "ind firstLine": "indent of the first line",
    "sz val": "size",
    "color val": "color",
    "position val": "raised by",
    "vertAlign val": "superscript",
    "u val": "underlined",
    "jc val": "alignment",
    "outlineLvl val": "outline level",
    "rFonts ascii": "font",
    "tabs": "tab stops",
    "pBdr": "rule",
    "keepNext": "keep with next",
    "keepLines": "keep lines together",
    "contextualSpacing": "no space between paragraphs of the style",
    "widowControl": "widow control",
    "b": "bold",
    "i": "italic",
    "caps": "capitals",
    "smallCaps": "small capitals",
    "pgSz w": "width",
    "pgSz h": "height",
    "pgMar top": "top margin",
    "pgMar right": "right margin",
    "pgMar bottom": "bottom margin",
    "pgMar left": "left margin",
    "pgMar footer": "footer from the edge",
}
"""What properties are called in messages."""
# The DRAFT mark stands in a condition, since one letterhead serves drafts and finals.
_CONDITION = re.compile(r"^(\{%.*?%\})(.*?)(\{%.*?%\})$", re.DOTALL)

Key = tuple[str, str]
"""A style (or "text", "page" and so on) and a property of it, such as "spacing before"."""


def read_values(package: Mapping[str, bytes]) -> dict[Key, str]:
    """Return every value of letterhead.docx that looks.toml has a say in, or that could stand in its way."""
    body = parse(package[_BODY])
    return {
        **_style_values(parse(package[_STYLES])),
        **_page_values(body),
        (_MARKS, ""): "on" if any(fold_marks(parse(package[name])) for name in _first_header(package)) else "off",
        (_DRAFT, "words"): next((match[2] for _, match in _draft_marks(package)), ""),
    }


def wanted_values(looks: PageLooks) -> dict[Key, str]:
    """Return the values that the looks ask for."""
    width, height = PAPER_POINTS[looks.paper]
    sides = zip(("top", "right", "bottom", "left"), looks.margins, strict=True)
    return {
        **_style_values(parse(styles_xml(looks))),
        (_PAGE, "pgSz w"): str(twips(width)),
        (_PAGE, "pgSz h"): str(twips(height)),
        **{(_PAGE, f"pgMar {side}"): str(twips(points)) for side, points in sides},
        (_PAGE, "pgMar footer"): str(twips(looks.margins.bottom - _BELOW_TEXT)),
        (_MARKS, ""): "on" if looks.fold_marks else "off",
        (_DRAFT, "words"): looks.draft_mark,
    }


def write_values(package: dict[str, bytes], values: Mapping[Key, str | None], looks: PageLooks) -> None:
    """Write values into letterhead.docx; None takes a property away. Styles that are missing are added whole."""
    styles, wanted = parse(package[_STYLES]), parse(styles_xml(looks))
    there = _styles_by_name(styles)
    for name, element in _styles_by_name(wanted).items():
        if name not in there:
            styles.append(copy.deepcopy(element))
    there = _styles_by_name(styles)
    for (name, path), value in values.items():
        if name == _DEFAULTS or name in there:
            _set_property(_defaults(styles) if name == _DEFAULTS else there[name], path, value, wanted, name)
    package[_STYLES] = serialize(styles)
    _write_page(package, {path: value for (name, path), value in values.items() if name == _PAGE and value})
    if (_DRAFT, "words") in values:
        _write_draft_mark(package, values[_DRAFT, "words"] or "")
    if (_MARKS, "") in values:
        _write_fold_marks(package, looks)


def missing_styles(package: Mapping[str, bytes], looks: PageLooks) -> list[str]:
    """List the styles that the looks ask for and letterhead.docx does not have."""
    there = _styles_by_name(parse(package[_STYLES]))
    return [name for name in _styles_by_name(parse(styles_xml(looks))) if name not in there]


def describe(key: Key) -> str:
    """Return what a message calls a value."""
    name, path = key
    return ": ".join(filter(None, (name, _WORDS.get(path, path))))


def describe_value(key: Key, value: str | None) -> str:
    """Return a value as a message shows it, with its unit."""
    tag = key[1].partition(" ")[0]
    if value is None:
        return "nothing"
    if tag in _WHOLE:
        return ", ".join(_short(each) for each in value.split("\n")) or "none"
    if re.fullmatch(r"-?\d+", value) and (tag in _TWIPS or tag in ("sz", "position")):
        return f"{int(value) / (20 if tag in _TWIPS else 2):g} pt"
    return value


def _short(text: str) -> str:
    """Return a tab stop or a rule in words."""
    given = dict(re.findall(r"(\w+)=(\S+)", text))
    if "pos" in given:
        return f"{given.get('val', '')} at {int(given['pos']) / 20:g} pt"
    return f"{text.partition(' ')[0]} {int(given.get('sz', '0')) / 8:g} pt #{given.get('color', '')}"


def _styles_by_name(root: etree._Element) -> dict[str, etree._Element]:
    """Return the styles of paragraphs and characters by their names, as we write them."""
    found = {}
    for style in root.iter(w("style")):
        name = style.find(w("name"))
        if name is not None and style.get(w("type")) in ("paragraph", "character"):
            found[_title(str(name.get(w("val"))))] = style
    return found


def _title(name: str) -> str:
    """Return the name of a style as Word shows it: "heading 1" is "Heading 1"."""
    return name.title() if name.islower() else name


def _defaults(root: etree._Element) -> etree._Element:
    found = root.find(w("docDefaults"))
    if found is None:
        found = etree.Element(w("docDefaults"))
        root.insert(0, found)
    return found


def _style_values(root: etree._Element) -> dict[Key, str]:
    values = {(_DEFAULTS, path): value for path, value in _properties(_defaults(root))}
    for name, style in _styles_by_name(root).items():
        values |= {(name, path): value for path, value in _properties(style)}
    return values


def _properties(owner: etree._Element) -> Iterator[tuple[str, str]]:
    """Yield the properties of a style, or of the defaults."""
    for group in _ORDERS:
        for element in _group(owner, group):
            tag = etree.QName(element).localname
            if tag in _WHOLE:
                yield tag, "\n".join(_inner(child) for child in element)
            elif tag in _SWITCHES:
                yield tag, "off" if element.get(w("val")) in ("0", "false", "off") else "on"
            for attribute in _ATTRIBUTES.get(tag, ()):
                if (value := element.get(w(attribute))) is not None:
                    yield f"{tag} {attribute}", value


def _inner(element: etree._Element) -> str:
    """Return an element as one line, its attributes in order."""
    attributes = sorted((etree.QName(str(name)).localname, str(value)) for name, value in element.attrib.items())
    return " ".join([etree.QName(element).localname, *(f"{name}={value}" for name, value in attributes)])


def _group(owner: etree._Element, group: str) -> Sequence[etree._Element]:
    """Return the properties of paragraphs or of characters of a style, or of the defaults (17.7.5)."""
    for path in (group, f"{group}Default/{group}"):
        found = owner.find("/".join(w(step) for step in path.split("/")))
        if found is not None:
            return list(found)
    return []


def _made_group(owner: etree._Element, group: str) -> etree._Element:
    is_defaults = etree.QName(owner).localname == "docDefaults"
    for step in (f"{group}Default", group) if is_defaults else (group,):
        found = owner.find(w(step))
        if found is None:
            found = etree.Element(w(step))
            run = owner.find(w("rPr")) if step == "pPr" else None
            if run is not None:
                run.addprevious(found)
            else:
                owner.append(found)
        owner = found
    return owner


def _set_property(owner: etree._Element, path: str, value: str | None, wanted: etree._Element, name: str) -> None:
    """Set a property of a style, or take it away; what is compared whole is copied from the wanted styles."""
    tag, _, attribute = path.partition(" ")
    group = _group_of(tag, attribute)
    properties = _made_group(owner, group)
    if tag in _WHOLE:
        _remove(properties, tag)
        model = _styles_by_name(wanted)[name].find(f"{w(group)}/{w(tag)}") if value else None
        if model is not None:
            _insert(properties, copy.deepcopy(model), group)
        return
    element = properties.find(w(tag))
    if value is None:
        if element is not None and w(attribute) in element.attrib:
            del element.attrib[w(attribute)]
        if element is not None and (not attribute or not element.attrib):
            properties.remove(element)
    else:
        if element is None:
            element = etree.Element(w(tag))
            _insert(properties, element, group)
        _set_value(element, tag, attribute, value)
    for follower in [follower for follower, leader in _FOLLOWERS.items() if leader == tag]:
        _remove(properties, follower)
        if value is not None and element is not None:
            again = copy.deepcopy(element)
            again.tag = w(follower)
            _insert(properties, again, group)


def _set_value(element: etree._Element, tag: str, attribute: str, value: str) -> None:
    if tag in _SWITCHES:
        element.attrib.clear()
        if value == "off":
            element.set(w("val"), "0")
    for each in _FONTS if tag == "rFonts" else (attribute,) if attribute else ():
        element.set(w(each), value)
    # The distance of lines means nothing without its rule: Word would take it for a multiple of single (17.3.1.33).
    if attribute == "line":
        element.set(w("lineRule"), "exact")


def _remove(properties: etree._Element, tag: str) -> None:
    for element in properties.findall(w(tag)):
        properties.remove(element)


def _group_of(tag: str, attribute: str) -> str:
    """Return the group that a property is in; spacing is in both, with other attributes."""
    if tag == "spacing":
        return "rPr" if attribute == "val" else "pPr"
    return "pPr" if tag in _PARAGRAPH_ORDER else "rPr"


def _insert(properties: etree._Element, element: etree._Element, group: str) -> None:
    """Insert a property where the schema wants it."""
    order = _ORDERS[group]
    place = order.index(etree.QName(element).localname)
    for child in properties:
        local = etree.QName(child).localname
        if local not in order or order.index(local) > place:
            child.addprevious(element)
            return
    properties.append(element)


def _page_values(body: etree._Element) -> dict[Key, str]:
    """Return size and margins of the page; of sections that differ, the first that does."""
    values: dict[Key, str] = {}
    for section in body.iter(w("sectPr")):
        for tag, attributes in (("pgSz", ("w", "h")), ("pgMar", ("top", "right", "bottom", "left", "footer"))):
            element = section.find(w(tag))
            for attribute in attributes if element is not None else ():
                values.setdefault((_PAGE, f"{tag} {attribute}"), str(element.get(w(attribute), "0")))  # type: ignore[union-attr]
    return values


def _write_page(package: dict[str, bytes], values: Mapping[str, str]) -> None:
    body = parse(package[_BODY])
    for section in body.iter(w("sectPr")):
        for path, value in values.items():
            tag, _, attribute = path.partition(" ")
            element = section.find(w(tag))
            if element is not None:
                element.set(w(attribute), value)
    package[_BODY] = serialize(body)


def _draft_marks(package: Mapping[str, bytes]) -> Iterator[tuple[str, re.Match[str]]]:
    """Yield the footers that print the DRAFT mark under a condition, with the mark."""
    for name in sorted(package):
        if re.fullmatch(r"word/footer\d*\.xml", name):
            for paragraph in parse(package[name]).iter(w("p")):
                said = "".join(t.text or "" for t in paragraph.iter(w("t")))
                if "campaign.status" in said and (match := _CONDITION.match(said.strip())):
                    yield name, match


def _write_draft_mark(package: dict[str, bytes], words: str) -> None:
    for name, match in list(_draft_marks(package)):
        root = parse(package[name])
        for paragraph in root.iter(w("p")):
            # Word cuts a text into runs as it likes: the first gets all of it.
            texts = list(paragraph.iter(w("t")))
            if texts and "".join(t.text or "" for t in texts).strip() == match[0]:
                for text in texts:
                    text.text = ""
                texts[0].text = f"{match[1]}{words}{match[3]}"
        package[name] = serialize(root)


def _first_header(package: Mapping[str, bytes]) -> list[str]:
    """Return the name of the header of the letter's first page, where there is one."""
    relations = Relations(package.get("word/_rels/document.xml.rels"))
    section = next(parse(package[_BODY]).iter(w("sectPr")), None)
    references = section.findall(w("headerReference")) if section is not None else []
    first = [each for each in references if each.get(w("type")) == "first"]
    return [f"word/{relations.target(str(each.get(f'{{{R}}}id')))}" for each in first]


def _write_fold_marks(package: dict[str, bytes], looks: PageLooks) -> None:
    """Put frames with a rule above them at the edge of the first page, or take them away (17.3.1.11)."""
    for name in _first_header(package):
        root = parse(package[name])
        for mark in fold_marks(root):
            remove(mark)
        # Each is put in as the first: the upper mark is to come first in the end.
        for number in (2, 1) if looks.fold_marks else ():
            root.insert(0, _fold_mark(twips(PAPER_POINTS[looks.paper][1]) * number // 3))
        package[name] = serialize(root)


def _fold_mark(top: int) -> etree._Element:
    paragraph = etree.Element(w("p"))
    properties = etree.SubElement(paragraph, w("pPr"))
    etree.SubElement(properties, w("pStyle"), {w("val"): FOLD_MARK})
    size = {"w": "200", "h": "20", "hRule": "exact", "hSpace": "0", "wrap": "around"}
    place = {"vAnchor": "page", "hAnchor": "page", "x": "216", "y": str(top)}
    etree.SubElement(properties, w("framePr"), {w(name): value for name, value in {**size, **place}.items()})
    return paragraph
