"""Finds words that Word prints and that no reader sees: white, tiny, or in the colour of what is behind them.

The letterhead prints them like all others. Clause numbers are those of ECMA-376 part 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from lxml import etree

from letters.formats.docx.styles import Styles, value_of
from letters.formats.ooxml import w

_TINY = 5
"""Half points: type of two and a half points is a line of dust."""
_NARROW = 10
"""Percent of the usual width of letters (17.3.2.43)."""
_PALE = re.compile("[EF][0-9A-F][EF][0-9A-F][EF][0-9A-F]", re.IGNORECASE)
_PAPER = frozenset(("background1", "light1", "bg1", "lt1"))
"""Colours of the theme that are those of the paper (17.18.97)."""
_HIGHLIGHTS = {"black": "000000", "white": "FFFFFF"}
_FILLS = frozenset(("solidFill", "gradFill", "blipFill", "pattFill", "fill"))
"""What gives a shape a ground of its own, in DrawingML and in VML."""
_SHAPES = frozenset(("wsp", "shape", "rect", "roundrect"))


class RunLooks:
    """The properties of runs, as their own words, their styles and the defaults of the document give them (17.7.2)."""

    def __init__(self, parts: Mapping[str, bytes]) -> None:
        self.styles = Styles(parts)

    def unseen_runs(self, root: etree._Element) -> Iterator[etree._Element]:
        """Yield the runs of a part whose words nobody sees, in document order."""
        for run in root.iter(w("r")):
            if any((piece.text or "").strip() for piece in run.iter(w("t"))) and self._hide(run):
                yield run

    def _hide(self, run: etree._Element) -> bool:
        """Return whether nobody sees a run that Word prints."""
        given = list(self.styles.of_run(run))
        size, width = _number(given, "sz"), _number(given, "w")
        if 0 < size <= _TINY or 0 < width <= _NARROW:
            return True
        colour = _colour(given)
        ground = self._ground(run, given)
        if ground is None:  # of a table or a shape whose colours are not known here
            return False
        if _PALE.fullmatch(ground):
            return _PALE.fullmatch(colour) is not None
        return colour.upper() == ground.upper() or (ground == "000000" and colour == "")

    def _ground(self, run: etree._Element, given: Sequence[etree._Element]) -> str | None:
        """Return the colour behind a run; white where nothing is said, None where it cannot be known."""
        light = _property(given, "highlight")
        if light is not None and light.get(w("val")) != "none":
            return _HIGHLIGHTS.get(str(light.get(w("val"))))
        shades = [_property(given, "shd")]
        for outer in run.iterancestors(w("p"), w("tc")):
            name = "pPr" if outer.tag == w("p") else "tcPr"
            shades.append(outer.find(f"{w(name)}/{w('shd')}"))
            if outer.tag == w("p"):
                style = self.styles.by_id.get(value_of(outer, "pPr/pStyle"))
                shades.append(style.find(f"{w('pPr')}/{w('shd')}") if style is not None else None)
        for shade in shades:
            fill = str(shade.get(w("fill"), "auto")) if shade is not None else "auto"
            if fill != "auto":
                return fill
            if shade is not None and (shade.get(w("themeFill")) or shade.get(w("val")) not in (None, "clear", "nil")):
                return None
        return None if self._is_on_a_ground(run) else "FFFFFF"

    def _is_on_a_ground(self, run: etree._Element) -> bool:
        """Return whether a run is in a shape that is filled, or in a table whose style shades any of its cells."""
        for outer in run.iterancestors():
            is_table = outer.tag == w("tbl")
            style = self.styles.by_id.get(value_of(outer, "tblPr/tblStyle")) if is_table else None
            if style is not None and next(style.iter(w("shd")), None) is not None:
                return True
            is_shape = isinstance(outer.tag, str) and etree.QName(outer).localname in _SHAPES
            if is_shape and (outer.get("fillcolor") or any(map(_is_fill, outer.iter()))):
                return True
        return False


def _is_fill(element: etree._Element) -> bool:
    return isinstance(element.tag, str) and etree.QName(element).localname in _FILLS


def _property(given: Sequence[etree._Element], name: str) -> etree._Element | None:
    """Return a property of a run from the nearest place that says anything of it."""
    return next((found for properties in given if (found := properties.find(w(name))) is not None), None)


def _number(given: Sequence[etree._Element], name: str) -> int:
    found = _property(given, name)
    value = str(found.get(w("val"))).rstrip("%") if found is not None else ""
    return int(value) if value.isdecimal() else 0


def _colour(given: Sequence[etree._Element]) -> str:
    found = _property(given, "color")
    if found is None:
        return ""
    is_plain = found.get(w("themeTint")) is None and found.get(w("themeShade")) is None
    if found.get(w("themeColor")) in _PAPER and is_plain:
        return "FFFFFF"
    value = str(found.get(w("val"), ""))
    return "" if value == "auto" else value
