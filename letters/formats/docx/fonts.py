"""Names the fonts that the words of a Word file are set in (ECMA-376 part 1, 17.3.2.26)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree

from letters.formats.ooxml import parse, w

_WITH_WORDS = re.compile(r"word/(?:document|footnotes|endnotes|header\d*|footer\d*)\.xml$")
_STYLES, _THEME = "word/styles.xml", re.compile(r"word/theme/theme\d*\.xml$")
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_MOST_STYLES_ABOVE = 20
"""Styles that a style may be based on, one above the other; more are a circle."""


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
        root = parse(parts[_STYLES]) if _STYLES in parts else etree.Element(w("styles"))
        self._styles = {str(style.get(w("styleId"))): style for style in root.iter(w("style"))}
        self._normal = next(
            (name for name, style in self._styles.items() if _is_default_paragraph(style)),
            "",
        )
        self._theme = _theme_fonts(parts)
        self._default = self._named(root.find(f"{w('docDefaults')}/{w('rPrDefault')}/{w('rPr')}"))

    def of(self, run: etree._Element) -> str:
        """Return the font of a run: its own, or that of its style, of its paragraph's style, or the default."""
        properties = run.find(w("rPr"))
        paragraph = next(run.iterancestors(w("p")), None)
        in_paragraph = paragraph.find(w("pPr")) if paragraph is not None else None
        return (
            self._named(properties)
            or self._of_style(_value(properties, "rStyle"))
            or self._of_style(_value(in_paragraph, "pStyle") or self._normal)
            or self._default
        )

    def _of_style(self, name: str) -> str:
        for _ in range(_MOST_STYLES_ABOVE):
            style = self._styles.get(name)
            if style is None:
                return ""
            if found := self._named(style.find(w("rPr"))):
                return found
            name = _value(style, "basedOn")
        return ""

    def _named(self, properties: etree._Element | None) -> str:
        fonts = properties.find(w("rFonts")) if properties is not None else None
        if fonts is None:
            return ""
        theme = self._theme.get(str(fonts.get(w("asciiTheme"), ""))[:5], "")
        return theme or str(fonts.get(w("ascii"), ""))


def _is_default_paragraph(style: etree._Element) -> bool:
    return style.get(w("type")) == "paragraph" and str(style.get(w("default"))) in ("1", "true", "on")


def _theme_fonts(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Return the Latin fonts of the theme for headings and text, by the first letters of "majorHAnsi", "minorHAnsi"."""
    for name, content in parts.items():
        if _THEME.match(name):
            root = parse(content)
            found = {kind: next(root.iter(f"{_DRAWING}{kind}Font"), None) for kind in ("major", "minor")}
            latin = {k: f.find(f"{_DRAWING}latin") for k, f in found.items() if f is not None}
            return {kind: str(each.get("typeface", "")) for kind, each in latin.items() if each is not None}
    return {}


def _value(properties: etree._Element | None, name: str) -> str:
    found = properties.find(w(name)) if properties is not None else None
    return str(found.get(w("val"), "")) if found is not None else ""
