"""Reads the properties, styles and fonts of a Word file (ECMA-376 part 1, 17.7 and 17.3.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lxml import etree

from letters.formats.ooxml import parse, w

_OFF = ("0", "false", "off")
"""Values that switch a property off (17.17.4)."""


def is_on(element: etree._Element, attribute: str = "val", usual: str = "1") -> bool:
    """Return whether an element is switched on by an attribute, which has its usual value where it is left out."""
    return element.get(w(attribute), usual) not in _OFF


def is_set(properties: etree._Element | None, name: str) -> bool | None:
    """Return whether a property is on or off; None where nothing is said of it."""
    found = properties.find(w(name)) if properties is not None else None
    return None if found is None else is_on(found)


def value_of(element: etree._Element | None, path: str) -> str:
    """Return the value of a property by its path, such as "pPr/pStyle"; empty where nothing is said of it."""
    found = element.find("/".join(map(w, path.split("/")))) if element is not None else None
    return "" if found is None else str(found.get(w("val"), ""))


class Styles:
    """The styles of a package by their ids, the one of paragraphs that name none, and the defaults of runs."""

    def __init__(self, parts: Mapping[str, bytes]) -> None:
        root = parse(parts["word/styles.xml"]) if "word/styles.xml" in parts else etree.Element(w("styles"))
        self.by_id = {str(style.get(w("styleId"))): style for style in root.iter(w("style"))}
        usual = (n for n, s in self.by_id.items() if s.get(w("type")) == "paragraph" and is_on(s, "default", "0"))
        self.usual = next(usual, "")
        self.defaults = root.find("/".join(map(w, ("docDefaults", "rPrDefault", "rPr"))))

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
        chains = [style.find(w("rPr")) for name in names for style in self.chain(name)]
        for properties in (run.find(w("rPr")), *chains, self.defaults):
            if properties is not None:
                yield properties


_WITH_WORDS = re.compile(r"word/(?:document|footnotes|endnotes|header\d*|footer\d*)\.xml$")
_THEME = re.compile(r"word/theme/theme\d*\.xml$")
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


def fonts_of(parts: Mapping[str, bytes]) -> set[str]:
    """Return the names of the fonts that words stand in, by the runs, their styles, the defaults and the theme."""
    fonts = _Fonts(parts)
    found = set()
    for name, content in parts.items():
        if _WITH_WORDS.match(name):
            for run in parse(content).iter(w("r")):
                if any((text.text or "").strip() for text in run.iter(w("t"))):
                    found.add(fonts.of(run))
    return found - {""}


class _Fonts:
    def __init__(self, parts: Mapping[str, bytes]) -> None:
        self._styles = Styles(parts)
        self._theme = _theme_fonts(parts)

    def of(self, run: etree._Element) -> str:
        """Return the font of a run: its own, or that of its style, of its paragraph's style, or the default."""
        return next(filter(None, map(self._named, self._styles.of_run(run))), "")

    def _named(self, properties: etree._Element) -> str:
        fonts = properties.find(w("rFonts"))
        if fonts is None:
            return ""
        theme = self._theme.get(str(fonts.get(w("asciiTheme"), ""))[:5], "")
        return theme or str(fonts.get(w("ascii"), ""))


def _theme_fonts(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Return the Latin fonts of the theme for headings and text, by the first letters of "majorHAnsi", "minorHAnsi"."""
    for name, content in parts.items():
        if _THEME.match(name):
            root = parse(content)
            found = {kind: next(root.iter(f"{_DRAWING}{kind}Font"), None) for kind in ("major", "minor")}
            latin = {k: f.find(f"{_DRAWING}latin") for k, f in found.items() if f is not None}
            return {kind: str(each.get("typeface", "")) for kind, each in latin.items() if each is not None}
    return {}
