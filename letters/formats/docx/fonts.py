"""Names the fonts that the words of a Word file are set in (ECMA-376 part 1, 17.3.2.26)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree

from letters.formats.docx.styles import Styles
from letters.formats.ooxml import parse, w

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
