"""Opens a Word template (letterhead.docx, a letter made in Word) as any file from elsewhere: nothing in it is run.

docxtpl runs Jinja's tags wherever they stand in the XML of a part, in names of styles and bookmarks, too. They may
stand in text only, where they are checked.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from lxml import etree

from letters.formats.docx.opening import Refused, open_docx
from letters.formats.files import leads_out, read_up_to
from letters.formats.ooxml import parse, w
from letters.formats.tags import OPENER
from letters.model.problems import CannotGoOn, Exit

_RUN = re.compile(r"word/(document|footnotes|endnotes|comments|header\d*|footer\d*)\.xml")
"""The parts in which docxtpl runs tags, or could."""
_SHOWN = 60
"""Characters of a tag that a message shows."""


def open_looks(path: Path) -> dict[str, bytes]:
    """Return the parts of letterhead.docx; raises CannotGoOn where it is missing, damaged or not harmless."""
    shown = f'"{path.name}" in {path.parent.name}/'
    try:
        if leads_out(path):
            raise CannotGoOn(
                Exit.PROBLEMS, f"{shown} is a link that leads out of its folder", "put the file itself there"
            )
        if path.exists() and not path.is_file():
            raise CannotGoOn(Exit.PROBLEMS, f"{shown} is a folder, a pipe or a device", "put a file there")
        return dict(_opened(read_up_to(path), shown))
    except FileNotFoundError:
        message = f'there is no "{path.name}" in {path.parent.name}/'
        raise CannotGoOn(Exit.PROBLEMS, message, "copy it from the toolkit, or run: letters init") from None
    except OSError as error:
        raise CannotGoOn(Exit.PROBLEMS, f"{shown} cannot be read: {error.strerror}") from None


@functools.lru_cache(2)
def _opened(content: bytes, shown: str) -> Mapping[str, bytes]:
    try:
        parts = open_docx(content)
    except Refused as error:
        hint = error.hint or "save it anew in Word, as DOCX, or copy it from the toolkit"
        raise CannotGoOn(
            Exit.PROBLEMS, f"{shown} is not a Word document that can be used: {error.what}", hint
        ) from None
    if tag := next(tags_out_of_place(parts), ""):
        hint = "take it out in Word; a field is typed into the text of a header"
        raise CannotGoOn(Exit.PROBLEMS, f"{shown} holds a tag where no text is: {tag}", hint)
    return parts


def tags_out_of_place(parts: Mapping[str, bytes]) -> Iterator[str]:
    """Yield each tag that stands elsewhere than in text, such as in the name of a style, with where it stands."""
    for name in filter(_RUN.fullmatch, sorted(parts)):
        for element in parse(parts[name]).iter():
            for key, value in element.attrib.items():
                if OPENER.search(str(value)):
                    yield f'"{str(value)[:_SHOWN]}" in the attribute {etree.QName(key).localname} of {_local(element)}'
            for text in (element.text if element.tag != w("t") else "", element.tail):
                if text and OPENER.search(text):
                    yield f'"{text.strip()[:_SHOWN]}" in {_local(element)}'


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname
