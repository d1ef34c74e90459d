"""Opens a DOCX of unknown origin: what could do harm or take without end is refused with a sentence.

Word templates and the files that people name on the command line are opened the same way. Nothing in the file is
followed, run or fetched. The limits are far above any letter and far below what hurts.
"""

from __future__ import annotations

import functools
import io
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from lxml import etree

from letters.formats.files import LARGEST_FILE, leads_out, read_up_to
from letters.formats.jinja import OPENER
from letters.formats.ooxml import (
    as_document,
    parse,
    w,
    with_usual_names,
    with_usual_prefix,
    without_attached_template,
    without_dead_ends,
)
from letters.formats.tree import SAFE_LINK
from letters.model.problems import CannotGoOn, Exit, nearest

DOCUMENT, FOOTNOTES, COMMENTS = "word/document.xml", "word/footnotes.xml", "word/comments.xml"
ENDNOTES = "word/endnotes.xml"
_CORE = "docProps/core.xml"
_MOST_XML = 12_000_000
"""Bytes of all XML in it together, unpacked; a tree in memory takes about ten times as much."""
_MOST_UNPACKED = 120_000_000
"""Bytes of all parts together, unpacked."""
_MOST_PARTS = 2_000
_MOST_ELEMENTS = 400_000
_MOST_TEXT, _MOST_NOTES = 600_000, 500
"""Characters and notes: some 200 pages."""
_MOST_TABLES_DEEP = 8
_MOST_NUMBERING = 4_000
"""Definitions and instances of lists."""
_LIMITS = {"ilvl": 8, "start": 32_767, "startOverride": 32_767, "gridSpan": 63, "outlineLvl": 9}
"""The largest values Word itself allows (ECMA-376 part 1: 17.9.3, 17.9.25, 17.9.26, 17.4.17, 17.3.1.20)."""
_NUMBERED = {
    "lvl": "ilvl",
    "lvlOverride": "ilvl",
    "lvlRestart": "val",
    "num": "numId",
    "abstractNum": "abstractNumId",
    "footnote": "id",
}
"""Elements that have to have a number, by the attribute that holds it."""
_INTEGER = re.compile(r"-?\d{1,9}")
_SAVE = "open it in Word or LibreOffice and save it as .docx"
_BACKUP = "open it in Word or LibreOffice and save it again, or take it from a backup"
_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError, RuntimeError),
    *(ValueError, OverflowError, LookupError, MemoryError, OSError),
)
"""What zipfile raises for archives that were cut short or spoiled; seeks to impossible places are a ValueError."""
_OTHERS = {
    b"\xd0\xcf\x11\xe0": (
        "it is protected by a password, or is an old .doc",
        "save it in Word as .docx, without a password",
    ),
    b"%PDF": ("it is a PDF", "ask for the Word file that it was made from"),
    b"{\\rtf": ("it is a Rich Text file (.rtf)", _SAVE),
}
"""Other kinds of files by their first bytes, each with a fact and a hint."""
_OPEN_DOCUMENT = "opendocument"
_MACROS = re.compile(r"(^|/)(vba|activeX)", re.IGNORECASE)
_XML = (".xml", ".rels")
_WHERE_LINKS_ARE = "File, Info, Edit Links to Files; Developer, Document Template"
_RUN = re.compile(r"word/(document|footnotes|endnotes|comments|header\d*|footer\d*)\.xml")
"""The parts in which docxtpl runs tags, or could."""
_SHOWN = 60
"""Characters of a tag that a message shows."""
_LOCKS = ("~$", ".~lock.")
"""The prefixes of the lock files that Word and LibreOffice put beside a file that is open."""


class Refused(Exception):  # noqa: N818 - reads as a statement: raise Refused
    """A DOCX is not read: `what` says why, `hint` what to do about it."""

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint


def open_docx(content: bytes) -> dict[str, bytes]:
    """Return the parts of a DOCX by name; raises Refused for anything that is not a plain, harmless document."""
    for beginning, (kind, hint) in _OTHERS.items():
        if content.startswith(beginning):
            raise Refused(kind, hint)
    if not content:
        raise Refused("it is empty", "take it from a backup, or save it again in Word")
    if not content.startswith(b"PK"):
        raise Refused("it is not a Word file", _SAVE)
    if len(content) > LARGEST_FILE:
        raise Refused(f"it is longer than {LARGEST_FILE:,} bytes, more than any letter", "take pictures out of it")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = _unpack(archive)
    except _DAMAGE as error:
        raise Refused(f"it is not a whole DOCX file ({error})", _BACKUP) from None
    # These are parsed before all parts are checked: a document type in one could grow without end.
    for name, part in parts.items():
        if name.endswith((".rels", "settings.xml")) or name == "[Content_Types].xml":
            _parsed(name, part)
    try:
        parts = without_attached_template(as_document(with_usual_names(parts)))
        parts = with_usual_prefix(parts)
    except etree.XMLSyntaxError as error:
        raise Refused(f"it is damaged ({error.msg})", _BACKUP) from None
    if DOCUMENT not in parts:
        kind = parts.get("mimetype", b"").decode("ascii", "replace")
        what = "it is an OpenDocument file (.odt)" if _OPEN_DOCUMENT in kind else "it has no text that Word would show"
        raise Refused(what, _SAVE)
    _check_parts(parts)
    return without_dead_ends(parts)


def _unpack(archive: zipfile.ZipFile) -> dict[str, bytes]:
    """Unpack the members with limits of our own: the sizes that the archive declares may be false."""
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) > _MOST_PARTS:
        raise Refused(f"it has {len(members):,} parts inside, more than any letter")
    parts: dict[str, bytes] = {}
    left, xml_left = _MOST_UNPACKED, _MOST_XML
    for member in members:
        is_xml = member.filename.lower().endswith(_XML)
        room = min(left, xml_left) if is_xml else left
        with archive.open(member) as file:  # one byte more than there is room for tells that it is too long
            content = file.read(room + 1)
        if len(content) > room:
            what = f'"{member.filename}" unpacks to more than any letter holds: it may be made to fill the memory'
            raise Refused(what, "take large pictures out of it")
        left -= len(content)  # XML counts against both limits
        xml_left -= len(content) * is_xml
        if member.filename in parts:
            raise Refused(f'it has two parts named "{member.filename}"', "save it again in Word")
        parts[member.filename] = content
    return parts


def _check_parts(parts: Mapping[str, bytes]) -> None:
    for name in parts:
        # Names with ".." would leave the folder into which a program unpacks them.
        if _MACROS.search(name) or ".." in name.split("/"):
            raise Refused(f'it holds a program ("{name}")', "save it in Word as .docx, which takes macros out")
    if b"macroEnabled" in parts.get("[Content_Types].xml", b""):
        raise Refused("it is a document with macros", "save it in Word as .docx, which takes macros out")
    left = _MOST_ELEMENTS
    for name, content in parts.items():
        if name.lower().endswith(_XML):
            root = _parsed(name, content)
            left -= _count(root, left, name)
            if name.endswith(".rels"):
                _check_relations(root)
            elif name == "word/styles.xml":
                _check_styles(root)
            elif name in ("word/numbering.xml", DOCUMENT, FOOTNOTES):
                _check_structure(root, name)
            # The strict sort (ISO/IEC 29500-1) has namespaces of its own, at purl.oclc.org.
            if name == DOCUMENT and root.tag != w("document"):
                hint = "in Word: File, Save As, Word Document (.docx), which is not the strict sort"
                raise Refused("it is of a sort that only few programs read", hint)


def _parsed(name: str, content: bytes) -> etree._Element:
    if b"<!DOCTYPE" in content.replace(b"\0", b""):  # in UTF-16, too, whose ASCII characters have a zero byte
        what = f'"{name}" declares a document type, which no Word file does: it may be made to do harm'
        raise Refused(what, "save it again in Word")
    try:
        root = parse(content)
    except etree.XMLSyntaxError as error:  # libxml2 itself limits the depth of elements
        if "depth" in str(error).lower():
            raise Refused(
                "tables or boxes stand in each other deeper than any letter needs", "take them apart"
            ) from None
        raise Refused(f'"{name}" in it is damaged ({error.msg})', "open it in Word and save it again") from None
    if getattr(root.getroottree().docinfo, "doctype", ""):
        raise Refused(f'"{name}" declares a document type, which no Word file does', "save it again in Word")
    return root


def _count(root: etree._Element, most: int, name: str) -> int:
    number = 0
    for number, _ in enumerate(root.iter(), start=1):
        if number > most:
            raise Refused(f'"{name}" has more than {_MOST_ELEMENTS:,} pieces, more than any letter')
    return number


def _check_relations(root: etree._Element) -> None:
    """Refuse relationships that point out of the file, except hyperlinks, which only a reader follows."""
    for relation in root:
        kind = str(relation.get("Type")).rpartition("/")[2]
        target = str(relation.get("Target"))
        if relation.get("TargetMode") == "External" and not (kind == "hyperlink" and SAFE_LINK.match(target)):
            what = f'it points to "{target[:80]}" outside of itself ({kind})'
            where = "right click, Remove Hyperlink" if kind == "hyperlink" else _WHERE_LINKS_ARE
            raise Refused(what, f"take the link out in Word ({where})")
        # Alternative formats (altChunk, 17.17.2.1) and the like: of what they hold nothing was checked here.
        if kind in ("aFChunk", "subDocument", "oleObject", "package"):
            raise Refused(f"another document is packed into it ({kind})", "paste its text instead")


def _check_styles(root: etree._Element) -> None:
    # A cycle of basedOn (17.7.4.3) would have no end for whoever follows it.
    based = {}
    for style in root.iter(w("style")):
        parent = style.find(w("basedOn"))
        if parent is not None:
            based[style.get(w("styleId"))] = parent.get(w("val"))
    for start in based:
        seen = {start}
        name = based.get(start)
        while name in based:
            if name in seen:
                raise Refused(f'the style "{name}" is based on itself', "save it again in Word")
            seen.add(name)
            name = based[name]


def _check_structure(root: etree._Element, name: str) -> None:
    for element in root.iter(*map(w, _LIMITS)):
        limit = _LIMITS[etree.QName(element).localname]
        parent = element.getparent()
        if element.tag == w("start") and (parent is None or parent.tag != w("lvl")):
            continue  # a border or a margin of a table has the same name
        value = element.get(w("val"), "0")
        if not _INTEGER.fullmatch(value) or int(value) > limit or int(value) < 0:
            what = f'a list or table in it has the number "{value[:20]}", where {limit:,} is the most'
            raise Refused(what, "make the list or table anew in Word")
    # What reads lists and notes takes these for whole numbers.
    for element in root.iter(*map(w, _NUMBERED)):
        value = element.get(w(_NUMBERED[etree.QName(element).localname]), "0")
        if not _INTEGER.fullmatch(value):
            raise Refused(f'a list or note in it has the number "{value[:20]}"', "make the list or note anew in Word")
    lists = sum(1 for _ in root.iter(w("num"), w("abstractNum")))
    if lists > _MOST_NUMBERING:
        raise Refused(f"it defines {lists:,} lists, more than any letter", "paste the text into a new letter")
    length = sum(len(piece.text or "") for piece in root.iter(w("t")))
    if length > _MOST_TEXT:
        raise Refused(f"it has {length:,} characters, and {_MOST_TEXT:,} is the most", "send it in several letters")
    notes = sum(1 for _ in root.iter(w("footnoteReference")))
    if notes > _MOST_NOTES:
        raise Refused(f"it has {notes:,} notes, and {_MOST_NOTES:,} is the most", "send it in several letters")
    deepest = max((1 + sum(1 for _ in table.iterancestors(w("tbl"))) for table in root.iter(w("tbl"))), default=0)
    if deepest > _MOST_TABLES_DEEP:
        raise Refused(f"tables stand in tables, {deepest} deep", "take them apart in Word")
    if name == FOOTNOTES and next(root.iter(w("footnoteReference")), None) is not None:
        # Word cannot make one; whoever reads notes by following references might not end.
        raise Refused("a footnote in it has a footnote of its own", "write it into the text of the note")


def core_property(parts: dict[str, bytes], name: str) -> str:
    """Return a core property (ECMA-376 part 2, clause 11), such as "identifier"; empty if there is none."""
    if _CORE not in parts:
        return ""
    return " ".join((parse(parts[_CORE]).findtext(f"{{*}}{name}") or "").split())


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
        # docxtpl renders the XML as one text: a tag is run wherever it stands, in a name or an alias, too.
        for element in parse(parts[name]).iter():
            for key, value in element.attrib.items():
                if OPENER.search(str(value)):
                    yield f'"{str(value)[:_SHOWN]}" in the attribute {etree.QName(key).localname} of {_local(element)}'
            for text in (element.text if element.tag != w("t") else "", element.tail):
                if text and OPENER.search(text):
                    yield f'"{text.strip()[:_SHOWN]}" in {_local(element)}'


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname


def open_in_word(path: Path) -> bool:
    """Return whether somebody has a file open, that is, whether a lock file of Word or LibreOffice is beside it."""
    return any((path.parent / name).exists() for name in _locks_of(path.name))


def locks_in(folder: Path) -> frozenset[str]:
    """Return the names of the lock files in a folder; with them, `is_locked` answers for many files after one scan."""
    if not folder.is_dir():
        return frozenset()
    return frozenset(entry.name for entry in os.scandir(folder) if entry.name.startswith(_LOCKS))


def is_locked(locks: frozenset[str], name: str) -> bool:
    """Return whether a file is open, given the lock files of its folder."""
    return not locks.isdisjoint(_locks_of(name))


def _locks_of(name: str) -> tuple[str, ...]:
    # Word replaces the first two characters of a long name, and puts its mark before a short one.
    return (f"~${name}", f"~${name[2:]}", f".~lock.{name}#")


def read_word_file(path: Path) -> bytes:
    """Return the bytes of a file that should be a DOCX; raises CannotGoOn where it is missing or open in Word."""
    if path.name.startswith(_LOCKS):
        hint = "name the file itself, once it is saved and closed"
        raise CannotGoOn(Exit.WRONG_CALL, f'"{path}" only marks that somebody has a file open', hint)
    if path.is_dir():
        raise CannotGoOn(Exit.WRONG_CALL, f'"{path}" is a folder', "name the Word file in it")
    try:
        content = read_up_to(path)
    except FileNotFoundError:
        raise CannotGoOn(Exit.WRONG_CALL, f'there is no file "{path}"', _instead(path)) from None
    except OSError as error:
        raise CannotGoOn(Exit.WRONG_CALL, f'"{path}" cannot be read: {error.strerror}') from None
    if open_in_word(path):
        hint = "save and close it there, and run this again"
        raise CannotGoOn(Exit.PROBLEMS, f'somebody has "{path}" open, and may not have saved it yet', hint)
    return content


def _instead(path: Path) -> str:
    """Return a hint with the file of the folder that is most likely meant; empty where none is."""
    others = [each.name for each in path.parent.glob("*.docx") if not each.name.startswith(_LOCKS)]
    meant = nearest(path.name, others) or (others[0] if len(others) == 1 else "")
    return f'did you mean "{path.parent / meant}"?' if meant else ""
