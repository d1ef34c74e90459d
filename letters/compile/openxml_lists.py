"""Writes the numbering of lists as pandoc does (ECMA-376 part 1, 17.9): a definition of each sort, and each list."""

from __future__ import annotations

from letters.compile.openxml_looks import NotWrittenError
from letters.formats.ooxml import W

_LEVELS = range(9)
_STYLES = {
    "Decimal": ("4", "decimal"),
    "LowerRoman": ("5", "lowerRoman"),
    "UpperRoman": ("6", "upperRoman"),
    "LowerAlpha": ("7", "lowerLetter"),
    "UpperAlpha": ("8", "upperLetter"),
}
"""pandoc's digit for a style of numbers, and Word's name for it."""
_DELIMITERS = {"Period": ("1", "%{}."), "OneParen": ("2", "%{})"), "TwoParens": ("3", "(%{})")}
_BULLETS = (("\uf0b7", "Symbol"), ("o", "Courier New"), ("\uf0a7", "Wingdings"))
NO_LIST = 1000
"""The number of the list that further paragraphs of an item belong to, which bear no mark."""

Marker = tuple[int, str, str]
"""What an item is marked with: the first number, the style and the delimiter; all empty for a bullet."""
BULLET: Marker = (0, "", "")


class Lists:
    """The lists of a document, numbered as they come."""

    def __init__(self) -> None:
        self._markers: list[Marker] = []

    def add(self, marker: Marker) -> int:
        """Begin a list, and return its number."""
        start, style, delimiter = marker
        if style and (style not in _STYLES or delimiter not in _DELIMITERS or start < 1):
            raise NotWrittenError
        self._markers.append(marker)
        return NO_LIST + len(self._markers)

    def write(self) -> bytes:
        """Write numbering.xml."""
        sorts = [_sort("990", "".join(_level(level, "bullet", " ") for level in _LEVELS))]
        sorts += [_sort(_identifier(marker), _levels(marker)) for marker in dict.fromkeys(self._markers)]
        lists = [_list(NO_LIST, "990", 0)]
        lists += [
            _list(number, _identifier(marker), marker[0]) for number, marker in enumerate(self._markers, NO_LIST + 1)
        ]
        return f'<w:numbering xmlns:w="{W}">{"".join(sorts + lists)}</w:numbering>'.encode()


def _identifier(marker: Marker) -> str:
    start, style, delimiter = marker
    return f"99{_STYLES[style][0]}{_DELIMITERS[delimiter][0]}{start}" if style else "991"


def _sort(identifier: str, levels: str) -> str:
    return (
        f'<w:abstractNum w:abstractNumId="{identifier}"><w:nsid w:val="{f"A{identifier}":>08}"/>'
        f'<w:multiLevelType w:val="multilevel"/>{levels}</w:abstractNum>'
    )


def _levels(marker: Marker) -> str:
    start, style, delimiter = marker
    if style:
        begin = f'<w:start w:val="{start}"/>'
        pattern = _DELIMITERS[delimiter][1]
        return "".join(_level(level, _STYLES[style][1], pattern.format(level + 1), begin) for level in _LEVELS)
    return "".join(_bullet(level, *_BULLETS[level % len(_BULLETS)]) for level in _LEVELS)


def _bullet(level: int, text: str, font: str) -> str:
    fonts = " ".join(f'w:{name}="{font}"' for name in ("ascii", "hAnsi", "cs"))
    return _level(level, "bullet", text, after=f'<w:rPr><w:rFonts {fonts} w:hint="default"/></w:rPr>')


def _level(level: int, kind: str, text: str, start: str = "", after: str = "") -> str:
    return (
        f'<w:lvl w:ilvl="{level}">{start}<w:numFmt w:val="{kind}"/><w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/>'
        f'<w:pPr><w:ind w:left="{720 * (level + 1)}" w:hanging="360"/></w:pPr>{after}</w:lvl>'
    )


def _list(number: int, sort: str, start: int) -> str:
    begin = f'<w:startOverride w:val="{start}"/>'
    again = "".join(f'<w:lvlOverride w:ilvl="{level}">{begin}</w:lvlOverride>' for level in _LEVELS) if start else ""
    return f'<w:num w:numId="{number}"><w:abstractNumId w:val="{sort}"/>{again}</w:num>'
