"""Reads the properties of a Word file, and the styles that they come from (ECMA-376 part 1, 17.7)."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping

from lxml import etree

from letters.formats.ooxml import parse, w

_VAL = w("val")
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
    found = element.find(_path(path)) if element is not None else None
    return "" if found is None else str(found.get(_VAL, ""))


@functools.cache
def _path(path: str) -> str:
    """Return a path of names of Word as lxml takes it; there are a dozen, asked for with each run of a letter."""
    return "/".join(map(w, path.split("/")))


class Styles:
    """The styles of a package by their ids, the one of paragraphs that name none, and the defaults of runs."""

    def __init__(self, parts: Mapping[str, bytes]) -> None:
        root = parse(parts["word/styles.xml"]) if "word/styles.xml" in parts else etree.Element(w("styles"))
        self.by_id = {str(style.get(w("styleId"))): style for style in root.iter(w("style"))}
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
