"""Checks a PDF against the requirements of PDF/A-3a (ISO 19005-3:2012) that a program can decide.

Conditions are numbered by the clause of the standard and, behind the hyphen, as in the rules that veraPDF publishes for
it, so that both can be compared. What pages draw, and the fonts for it, are in pdf_a_drawing.py. Whether tags and
alternative texts are apt, only a person can tell.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

import pikepdf
from lxml import etree
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from letters.formats.ooxml import parse
from letters.formats.pdf_a_drawing import FONT_CONDITIONS, Drawing, font_faults

CONDITIONS: Mapping[str, str] = {
    "6.1.2-1": "the file does not begin with %PDF-1.0 to %PDF-1.7",
    "6.1.2-2": "the second line is no comment of four bytes above 127",
    "6.1.3-1": "the file has no identifier (ID)",
    "6.1.3-2": "the file is encrypted",
    "6.1.3-3": "something follows the end of the file",
    "6.1.7.1-1": "the file is damaged: what it says of its own objects is not so",
    "6.1.7.1-3": "a stream lies outside of the file",
    "6.1.7.2-1": "a stream is compressed in a way that is not allowed (LZW)",
    "6.1.8-1": "a name is not UTF-8",
    "6.1.13-1": "a whole number is too large",
    "6.1.13-3": "a string is longer than 32,767 bytes",
    "6.1.13-4": "a name is longer than 127 bytes",
    "6.1.13-8": "more than 28 graphics states inside one another",
    "6.1.13-11": "a page is smaller than 3 points or larger than 14,400",
    "6.2.2-1": "an operator that is not of PDF",
    "6.2.2-2": "a page or form takes its resources from something else",
    "6.2.3-1": "the profile of the output intent is none of a printer or screen",
    "6.2.3-2": "two output intents with different profiles",
    "6.2.4.3-2": "colours of a screen (DeviceRGB) without an output intent in RGB",
    "6.2.4.3-3": "colours of a press (DeviceCMYK) without an output intent in CMYK",
    "6.2.4.3-4": "greys (DeviceGray) without an output intent",
    "6.2.5-1": "a graphics state has a transfer function or a halftone origin",
    "6.2.6-1": "a rendering intent is not one of the four",
    "6.2.8-1": "a picture has alternates or OPI",
    "6.2.8-3": "a picture is to be interpolated",
    "6.2.9-1": "a form holds PostScript, OPI or a reference to another file",
    "6.2.10-1": "a blend mode is not one of PDF",
    "6.2.10-2": "transparency without an output intent or a colour space for it",
    **FONT_CONDITIONS,
    "6.3.1-1": "an annotation of a kind that is not allowed",
    "6.3.2-1": "an annotation does not say that it is printed and seen",
    "6.3.3-1": "an annotation has no appearance",
    "6.4.1-1": "a form field has an action, or its appearance is left to the reader",
    "6.4.2-1": "there is a form of XFA",
    "6.5.1-1": "an action that is not allowed: JavaScript, starting a program and others",
    "6.5.2-1": "the document or a page has additional actions",
    "6.6.2.1-1": "the document has no XMP metadata",
    "6.6.2.1-4": "the XMP metadata is not well-formed, or not in UTF-8",
    "6.6.2.3.1-1": "a property of the metadata is of no known schema, and none is described",
    "6.6.3": "the title, author, program or a date in the information dictionary is another one in the XMP metadata",
    "6.6.4-1": "the metadata does not say PDF/A, part 3, conformance A",
    "6.7.2.2-1": "the document is not marked as tagged",
    "6.7.3.3-1": "there is no structure tree",
    "6.7.4-1": "a language is not written as one (RFC 3066)",
    "6.8-1": "an attached file does not say of which kind it is, its names, or what it has to do with the document",
    "6.9-1": "layers have no name, are named alike, or depend on the way of use",
    "6.10-1": "there are alternate presentations",
    "6.11-1": "the document makes requirements of the reader",
}
"""What is wrong, by number."""
PDFA = "http://www.aiim.org/pdfa/ns/id/"
PDFUA = "http://www.aiim.org/pdfua/ns/id/"
EXTENSION = "http://www.aiim.org/pdfa/ns/extension/"
SCHEMA, PROPERTY = "http://www.aiim.org/pdfa/ns/schema#", "http://www.aiim.org/pdfa/ns/property#"
RDF, _DC = "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "http://purl.org/dc/elements/1.1/"
_PDF, _XMP = "http://ns.adobe.com/pdf/1.3/", "http://ns.adobe.com/xap/1.0/"
_KNOWN = {
    _DC: frozenset(
        (
            *("contributor", "coverage", "creator", "date", "description", "format", "identifier", "language"),
            *("publisher", "relation", "rights", "source", "subject", "title", "type"),
        )
    ),
    _XMP: frozenset(("CreateDate", "CreatorTool", "Identifier", "Label", "MetadataDate", "ModifyDate", "Rating")),
    _PDF: frozenset(("Keywords", "PDFVersion", "Producer", "Trapped")),
    PDFA: frozenset(("part", "amd", "corr", "conformance")),
    EXTENSION: frozenset(("schemas",)),
    "http://ns.adobe.com/xap/1.0/mm/": frozenset(
        ("DerivedFrom", "DocumentID", "History", "InstanceID", "OriginalDocumentID", "RenditionClass", "VersionID")
    ),
    "http://ns.adobe.com/xap/1.0/rights/": frozenset(("Certificate", "Marked", "Owner", "UsageTerms", "WebStatement")),
}
"""Properties that need no description (XMP of September 2005, and ISO 19005-3, 6.6.2.3)."""
_ANNOTATIONS = frozenset(
    (
        *("Text", "Link", "FreeText", "Line", "Square", "Circle", "Polygon", "PolyLine", "Highlight", "Underline"),
        *("Squiggly", "StrikeOut", "Stamp", "Caret", "Ink", "Popup", "FileAttachment", "Widget", "PrinterMark"),
        *("TrapNet", "Watermark", "Redact"),
    )
)
_ACTIONS = frozenset(("GoTo", "GoToR", "GoToE", "Thread", "URI", "Named", "SubmitForm"))
_PAGE_ACTIONS = frozenset(("NextPage", "PrevPage", "FirstPage", "LastPage"))
# RFC 3066, 2.1: parts of one to eight signs, of which the first has letters only.
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_MIME = re.compile(r"[-\w+.]+/[-\w+.]+")
PRINTED, NEVER_SET = 4, 1 | 2 | 32 | 256
"""Flags of an annotation: Print, and Invisible, Hidden, NoView and ToggleNoView (ISO 32000-1, table 165)."""
# Clause 6.1.13, with the figures of ISO 32000-1, annex C.
_MOST, _LONGEST_STRING, _LONGEST_NAME, _SMALLEST, _LARGEST = 2**31 - 1, 32_767, 127, 3, 14_400


class ArchiveFailure(NamedTuple):
    """A condition that is not met."""

    condition: str
    """A key of CONDITIONS."""
    where: str
    """The page or the object."""

    def __str__(self) -> str:
        return f"{self.condition}: {CONDITIONS[self.condition]} ({self.where})"


def says_archival(pdf: Pdf) -> bool:
    """Return whether an open PDF says of itself that it is PDF/A."""
    return "/Metadata" in pdf.Root and PDFA.encode() in pdf.Root.Metadata.read_bytes()


def failures(content: bytes) -> list[ArchiveFailure]:
    """Return each condition that a PDF does not meet, once for each place."""
    with pikepdf.open(io.BytesIO(content), suppress_warnings=True) as pdf:
        found = [*_file(content, pdf), *_ArchiveCheck(pdf).run()]
        # qpdf repairs what is wrong with a file, and says so.
        if warnings := pdf.get_warnings():
            found.append(ArchiveFailure("6.1.7.1-1", str(warnings[0]).rpartition(": ")[2]))
    return list(dict.fromkeys(found))


def _file(content: bytes, pdf: Pdf) -> Iterator[ArchiveFailure]:
    first, _, rest = content.partition(b"\n")
    if not re.fullmatch(rb"%PDF-1\.[0-7]\r?", first):
        yield ArchiveFailure("6.1.2-1", "file")
    if rest[:1] != b"%" or len(rest) < 5 or min(rest[1:5]) <= 127:
        yield ArchiveFailure("6.1.2-2", "file")
    if "/ID" not in pdf.trailer or not all(bytes(each) for each in pdf.trailer.ID):
        yield ArchiveFailure("6.1.3-1", "file")
    if pdf.is_encrypted:
        yield ArchiveFailure("6.1.3-2", "file")
    # One end of a line may follow, and nothing else.
    if content.rpartition(b"%%EOF")[2] not in (b"", b"\n", b"\r", b"\r\n"):
        yield ArchiveFailure("6.1.3-3", "file")


class _ArchiveCheck:
    """One document, while it is checked."""

    def __init__(self, pdf: Pdf) -> None:
        self._pdf = pdf
        self._root = pdf.Root
        self._profile = ""
        """The colour space of the output intent: "RGB ", "CMYK" or "GRAY"; empty where there is none."""

    def run(self) -> Iterator[ArchiveFailure]:
        yield from self._intents()
        yield from self._objects()
        drawing = Drawing()
        for number, page in enumerate(self._pdf.pages, start=1):
            yield from self._page(page, number, drawing)
        yield from self._drawn(drawing)
        for condition, where in font_faults(drawing):
            yield ArchiveFailure(condition, where)
        yield from self._catalog()
        yield from self._metadata()

    def _intents(self) -> Iterator[ArchiveFailure]:
        profiles = set()
        for each in self._root.get("/OutputIntents", ()):
            profile = each.get("/DestOutputProfile")
            if each.get("/S") != Name.GTS_PDFA1 or profile is None:
                continue
            profiles.add(profile.objgen)
            # ICC.1:2004-10, 7.2: byte 8 is the major version, 12 to 15 the class of device, 16 to 19 the colour space.
            header = profile.read_bytes()[:40]
            self._profile = header[16:20].decode("latin-1")
            is_right = header[12:16] in (b"prtr", b"mntr") and self._profile in ("RGB ", "CMYK", "GRAY")
            if not is_right or header[8] > 4 or header[36:40] != b"acsp":
                self._profile = ""
                yield ArchiveFailure("6.2.3-1", "output intent")
        if len(profiles) > 1:
            yield ArchiveFailure("6.2.3-2", "output intents")

    def _objects(self) -> Iterator[ArchiveFailure]:
        """Look at every object of the file, each with all that stands in it."""
        for thing in self._pdf.objects:
            if isinstance(thing, Object):
                where = f"object {thing.objgen[0]}"
                if isinstance(thing, Stream):
                    yield from _stream(thing, where)
                for condition in _limits(thing):
                    yield ArchiveFailure(condition, where)

    def _page(self, page: Any, number: int, drawing: Drawing) -> Iterator[ArchiveFailure]:
        where = f"page {number}"
        if "/Resources" not in page.obj:
            yield ArchiveFailure("6.2.2-2", where)
        box = [float(each) for each in page.mediabox]
        if not all(_SMALLEST <= abs(side) <= _LARGEST for side in (box[2] - box[0], box[3] - box[1])):
            yield ArchiveFailure("6.1.13-11", where)
        if "/AA" in page.obj:
            yield ArchiveFailure("6.5.2-1", where)
        if "/PresSteps" in page.obj:
            yield ArchiveFailure("6.10-1", where)
        for each in page.obj.get("/Annots", ()):
            yield from _annotation(each, where)
        drawing.read_page(page.obj, where)

    def _drawn(self, drawing: Drawing) -> Iterator[ArchiveFailure]:
        wanted = {
            "/DeviceRGB": ("6.2.4.3-2", self._profile == "RGB "),
            "/DeviceCMYK": ("6.2.4.3-3", self._profile == "CMYK"),
            "/DeviceGray": ("6.2.4.3-4", bool(self._profile)),
        }
        for space, where in drawing.spaces.items():
            condition, is_met = wanted[space]
            if not is_met:
                yield ArchiveFailure(condition, where)
        if not self._profile:
            yield from (ArchiveFailure("6.2.10-2", where) for where in drawing.transparent)
        yield from (ArchiveFailure(condition, where) for condition, where in drawing.faults)

    def _catalog(self) -> Iterator[ArchiveFailure]:
        root = self._root
        forms, names = root.get("/AcroForm", Dictionary()), root.get("/Names", Dictionary())
        said = {
            "6.4.1-1": bool(forms.get("/NeedAppearances", False)),
            "6.4.2-1": "/XFA" in forms or bool(root.get("/NeedsRendering", False)),
            "6.5.2-1": "/AA" in root,
            "6.7.2.2-1": not bool(root.get("/MarkInfo", Dictionary()).get("/Marked", False)),
            "6.7.3.3-1": "/StructTreeRoot" not in root,
            "6.10-1": "/AlternatePresentations" in names,
            "6.11-1": "/Requirements" in root,
            "6.5.1-1": "/JavaScript" in names,
        }
        yield from (ArchiveFailure(number, "document") for number, is_wrong in said.items() if is_wrong)
        layers = root.get("/OCProperties", Dictionary())
        configurations = [each for each in (layers.get("/D"), *layers.get("/Configs", ())) if each is not None]
        titles = [str(each.get("/Name", "")) for each in configurations]
        if not all(titles) or len(set(titles)) < len(titles) or any("/AS" in each for each in configurations):
            yield ArchiveFailure("6.9-1", "layers")

    def _metadata(self) -> Iterator[ArchiveFailure]:
        if "/Metadata" not in self._root:
            yield ArchiveFailure("6.6.2.1-1", "document")
            return
        try:
            content = self._root.Metadata.read_bytes()
            content.decode("utf-8")
            found = dict(_properties(parse(content.strip())))
        except (etree.XMLSyntaxError, UnicodeDecodeError, ValueError):
            yield ArchiveFailure("6.6.2.1-4", "metadata")
            return
        described = found.pop("described", frozenset())
        for space, name in found:
            if name not in _KNOWN.get(space, ()) and (space, name) not in described:
                yield ArchiveFailure("6.6.2.3.1-1", f'"{name}"')
        if (found.get((PDFA, "part")), found.get((PDFA, "conformance"))) != ("3", "A"):
            yield ArchiveFailure("6.6.4-1", "metadata")
        for key, place in _INFORMATION.items():
            if key in self._pdf.docinfo and _plain(str(self._pdf.docinfo[key])) != _plain(found.get(place, "")):
                yield ArchiveFailure("6.6.3", key[1:])


_INFORMATION = {
    "/Title": (_DC, "title"),
    "/Author": (_DC, "creator"),
    "/Creator": (_XMP, "CreatorTool"),
    "/Producer": (_PDF, "Producer"),
    "/CreationDate": (_XMP, "CreateDate"),
    "/ModDate": (_XMP, "ModifyDate"),
}
"""The entries of the information dictionary, and the properties that must say the same."""
# ISO 32000-1, 7.9.4, has D:20250917120000+02'00'; XMP has 2025-09-17T12:00:00+02:00.
_DATE = re.compile(r"(?:D:)?(\d{4})-?(\d\d)-?(\d\d)T?(\d\d):?(\d\d):?(\d\d)(Z|[+-]\d\d)[':]?(\d\d)?'?")


def _plain(text: str) -> str:
    """Return a text of either metadata, dates written alike."""
    date = _DATE.fullmatch(text)
    if not date:
        return text
    zone = "+00" if date[7] == "Z" else date[7]
    return " ".join((*date.groups()[:6], zone, date[8] or "00"))


def _properties(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each property of XMP metadata with what it says; "described" stands before those that are described."""
    described = set()
    for each in tree.iter(f"{{{SCHEMA}}}namespaceURI"):
        names = each.getparent().iter(f"{{{PROPERTY}}}name")
        described |= {((each.text or "").strip(), (name.text or "").strip()) for name in names}
    yield "described", frozenset(described)
    for description in tree.iterfind(f".//{{{RDF}}}RDF/{{{RDF}}}Description"):
        for name, value in description.attrib.items():
            space, _, local = name[1:].rpartition("}")
            if space not in (RDF, "http://www.w3.org/XML/1998/namespace"):
                yield (space, local), value
        for element in description:
            space, _, local = element.tag[1:].rpartition("}")
            items = [("".join(item.itertext())).strip() for item in element.iter(f"{{{RDF}}}li")]
            yield (space, local), "; ".join(items) if items else "".join(element.itertext()).strip()


def _stream(stream: Any, where: str) -> Iterator[ArchiveFailure]:
    filters = stream.get("/Filter", ())
    names = {str(each) for each in filters} if isinstance(filters, Array) else {str(filters)}
    if any(key in stream for key in ("/F", "/FFilter", "/FDecodeParms")):
        yield ArchiveFailure("6.1.7.1-3", where)
    if names & {"/LZWDecode", "/LZW", "/Crypt"}:
        yield ArchiveFailure("6.1.7.2-1", where)
    if stream.get("/Type") == Name.EmbeddedFile and not _MIME.fullmatch(str(stream.get("/Subtype", "/"))[1:]):
        yield ArchiveFailure("6.8-1", where)
    if stream.get("/Subtype") == Name.Image:
        if "/Alternates" in stream or "/OPI" in stream:
            yield ArchiveFailure("6.2.8-1", where)
        if bool(stream.get("/Interpolate", False)):
            yield ArchiveFailure("6.2.8-3", where)
    if stream.get("/Subtype") == Name.PS or any(key in stream for key in ("/OPI", "/PS", "/Ref")):
        yield ArchiveFailure("6.2.9-1", where)


def _limits(thing: Any) -> Iterator[str]:
    """Yield the conditions that an object, or a direct object in it, does not meet."""
    waiting = [thing]
    while waiting:
        each = waiting.pop()
        # Python takes booleans for whole numbers.
        if isinstance(each, bool):
            continue
        if isinstance(each, int | Decimal):
            if isinstance(each, int) and abs(each) > _MOST:
                yield "6.1.13-1"
        elif isinstance(each, pikepdf.String):
            if len(bytes(each)) > _LONGEST_STRING:
                yield "6.1.13-3"
        elif isinstance(each, Name):
            yield from _name(each)
        elif isinstance(each, Array):
            waiting += [kid for kid in each.as_list() if _is_direct(kid)]
        elif isinstance(each, Dictionary | Stream):
            yield from _dictionary(each)
            for key, kid in each.items():
                yield from _name(key)
                if _is_direct(kid):
                    waiting.append(kid)


def _is_direct(thing: Any) -> bool:
    return not (isinstance(thing, Object) and thing.is_indirect)


def _name(name: str | Object) -> Iterator[str]:
    try:
        # The slash before a name is none of its bytes.
        if len(str(name).encode()) - 1 > _LONGEST_NAME:
            yield "6.1.13-4"
    except UnicodeError:  # pikepdf gives such a key as surrogates, and such a value not at all
        yield "6.1.8-1"


def _dictionary(each: Any) -> Iterator[str]:
    """Yield what is wrong with an action, a file specification, a structure element or a graphics state."""
    kind = each.get("/Type")
    # The type of actions, file specifications and graphics states is often left out.
    if "/S" in each and (kind == Name.Action or ("/JS" in each)):
        action = str(each.S)[1:]
        if action not in _ACTIONS or (action == "Named" and str(each.get("/N", "/"))[1:] not in _PAGE_ACTIONS):
            yield "6.5.1-1"
    if "/EF" in each and not all(key in each for key in ("/F", "/UF", "/AFRelationship")):
        yield "6.8-1"
    if "/Lang" in each and str(each.Lang) and not _LANGUAGE.fullmatch(str(each.Lang)):
        yield "6.7.4-1"
    if "/TR" in each or "/HTP" in each or str(each.get("/TR2", "/Default")) != "/Default":
        yield "6.2.5-1"


def _annotation(each: Any, where: str) -> Iterator[ArchiveFailure]:
    kind = str(each.get("/Subtype", "/"))[1:]
    flags = int(each.get("/F", 0))
    box = [float(edge) for edge in each.get("/Rect", (0, 0, 0, 0))]
    if kind not in _ANNOTATIONS:
        yield ArchiveFailure("6.3.1-1", where)
    if kind != "Popup" and (not flags & PRINTED or flags & NEVER_SET):
        yield ArchiveFailure("6.3.2-1", where)
    looks = each.get("/AP")
    # Popups, links and what has no size need no appearance (6.3.3).
    is_empty = box[0] == box[2] and box[1] == box[3]
    if (looks is None and kind not in ("Popup", "Link") and not is_empty) or (looks is not None and "/N" not in looks):
        yield ArchiveFailure("6.3.3-1", where)
    if kind == "Widget" and ("/A" in each or "/AA" in each):
        yield ArchiveFailure("6.4.1-1", where)
    action = each.get("/A")
    if action is not None and str(action.get("/S", "/"))[1:] not in _ACTIONS:
        yield ArchiveFailure("6.5.1-1", where)
