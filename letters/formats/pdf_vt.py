"""Checks a PDF against PDF/VT-1 (ISO 16612-2) and PDF/X-4 (ISO 15930-7), and makes its encapsulated XObjects.

An encapsulated XObject is a form or an image that depends on nothing before it.

The conditions are those that the summaries of both standards name and that can be told from the objects of a file.
Whether colours are right on paper, and what an interpreter of a press makes of it, only a print shop can tell.

What the hints of encapsulated XObjects mean was taken from public programs that write or check them: GTS_Encapsulated
is a boolean, GTS_XID a URI that is equal for equal looks only, GTS_Scope says that it is used in this file only and so
needs no GTS_Env. A form without transparency needs no group; an image names its rendering intent, and has no mask.
"""

from __future__ import annotations

import functools
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf

from letters.formats.pdf_content import Kind, digest, listed, page_content, read_items, short_hash

STANDARD_NAME = "/Standard"
"""The name, among the resources of each form, of the parameters that hold at the beginning of a page."""
BEGINNING = b"/Standard gs 0 g 0 G 0 Tc 0 Tw 100 Tz 0 TL 0 Tr 0 Ts"
"""Sets everything that a form may use, but for the font, which each text object chooses."""
_SET_BY_STATE = {"LW": "w", "LC": "J", "LJ": "j", "ML": "M", "D": "d", "RI": "ri"}
"""The parameters that have operators of their own, too."""
_OPAQUE = ("CA", "ca", "BM", "SMask", "AIS", "OP", "op", "OPM", "SA", "TK")
_PLAIN_VALUES: dict[str, tuple[Any, ...]] = {
    "/Type": (Name.ExtGState,),
    "/CA": (1,),
    "/ca": (1,),
    "/BM": (Name.Normal, Name.Compatible),
    "/SMask": (Name("/None"),),
    "/AIS": (False,),
    "/OP": (False,),
    "/op": (False,),
    "/OPM": (0,),
    "/SA": (False,),
    "/TK": (True,),
}
"""What a parameter dictionary may say without changing anything of a page's beginning."""
_KEYS = ("/GTS_Encapsulated", "/GTS_XID", "/GTS_Scope", "/Intent")
_NEVER = {
    Kind.MARK: "has a mark for tags, and may be drawn once only",
    Kind.END_MARK: "has a mark for tags, and may be drawn once only",
    Kind.OTHER: "draws what may depend on its page",
}
"""What no form of ours holds."""
PDF_X, PDF_VT = "http://www.npes.org/pdfx/ns/id/", "http://www.npes.org/pdfvt/ns/id/"
"""The namespaces of the identification in XMP."""
CONDITIONS: Mapping[str, str] = {
    "x-version": "the metadata does not say PDF/X-4",
    "x-info": "title, dates, producer or whether it is trapped is missing",
    "x-xmp": "document ID, version, rendition class or dates are missing in the metadata, or differ from the others",
    "x-id": "the file has no ID",
    "x-encrypted": "the file is encrypted",
    "x-intent": "there is not exactly one output intent for PDF/X with an output profile in the file",
    "x-boxes": "a page has no TrimBox or it is not within the MediaBox, or it has an ArtBox besides",
    "x-annotation": "an annotation stands on a page",
    "x-action": "the file has actions, forms, scripts or files in it",
    "x-font": "a font is not in the file",
    "x-colour": "a colour is neither that of the output profile nor tied to a profile",
    "x-image": "an image has an alternate, or is compressed in a way that is not allowed",
    "x-state": "a transfer function or a halftone is set",
    "x-external": "PostScript, or something that is not in the file, is drawn",
    "vt-reuse": "an XObject that says that it is encapsulated is not",
    "vt-version": "the metadata does not say PDF/VT-1, or not of the date on which it was changed",
    "vt-root": "there is no tree of document parts, or its root does not lead to it",
    "vt-parts": "document parts do not name their parents, or name other than their kids",
    "vt-pages": "the parts do not cover all pages in order, or a page does not lead back to its part",
    "vt-names": "the names of levels are not as many as the levels",
}
"""What is wrong, by name."""
_OUTSIDE = frozenset(("/OpenAction", "/AA", "/AcroForm", "/Perms", "/Requirements", "/Collection"))
_NAMED_OUTSIDE = frozenset(("/JavaScript", "/EmbeddedFiles"))
_STATES = frozenset(("/TR", "/TR2", "/HTP", "/HT"))
_RGB = re.compile(rb"(?<![\w/.])(?:[-.\d]+\s+){3}(?:rg|RG)\b")


def standard_state() -> Dictionary:
    """Return the graphics state at the beginning of a page (ISO 32000-1, 8.4.1), as a parameter dictionary."""
    dashes = Array([Array([]), 0])
    line = {"/LW": 1, "/LC": 0, "/LJ": 0, "/ML": 10, "/D": dashes, "/RI": Name.RelativeColorimetric}
    return Dictionary({name: values[0] for name, values in _PLAIN_VALUES.items()} | line)


def is_plain_state(state: Object) -> bool:
    """Return whether a parameter dictionary says only what is so at the beginning of a page: nothing transparent."""
    return all(name in _PLAIN_VALUES and value in _PLAIN_VALUES[name] for name, value in state.items())


def is_opaque(image: Object) -> bool:
    """Return whether an image shows nothing of what lies below it."""
    return not any(key in image for key in ("/SMask", "/Mask", "/SMaskInData"))


def encapsulate(
    pdf: Pdf, content: bytes, bounds: Sequence[int], resources: Object, hashes: dict[tuple[int, int], bytes]
) -> Object:
    """Return an encapsulated form that draws some content; `hashes` keeps those of the resources of the file."""
    form = pdf.make_stream(content, Type=Name.XObject, Subtype=Name.Form, BBox=Array(bounds), Resources=resources)
    form.GTS_XID = _form_id(pdf, form, hashes)
    form.GTS_Encapsulated, form.GTS_Scope = True, Name.File
    return form


def encapsulate_image(pdf: Pdf, image: Object) -> None:
    """Mark an opaque image, in place, as encapsulated."""
    if "/Intent" not in image:
        image.Intent = Name.RelativeColorimetric  # what holds where a page sets no other
    image.GTS_XID = _image_id(pdf, image)
    image.GTS_Encapsulated, image.GTS_Scope = True, Name.File


def within(form: Any) -> bytes | None:
    """Return the operators of a form as `encapsulate` makes it, without those that begin it; None for any other."""
    if form.get("/Subtype") != Name.Form or not bool(form.get("/GTS_Encapsulated", False)):
        return None
    states = form.get("/Resources", Dictionary()).get("/ExtGState", Dictionary())
    content, begin = form.read_bytes(), BEGINNING + b"\n"
    is_standard = STANDARD_NAME in states and states[STANDARD_NAME].unparse(resolved=True) == _standard()
    has_more = any(key in form for key in ("/Matrix", "/Group", "/OC", "/Ref"))
    return content.removeprefix(begin) if content.startswith(begin) and is_standard and not has_more else None


@functools.cache
def _standard() -> bytes:
    return standard_state().unparse(resolved=True)


def _form_id(pdf: Pdf, form: Any, hashes: dict[tuple[int, int], bytes]) -> str:
    resources = form.Resources
    # All direct objects have the number (0, 0), which tells none of them.
    if resources.objgen not in hashes or not resources.is_indirect:
        thing = resources if resources.is_indirect else pdf.make_indirect(resources)
        hashes[resources.objgen] = digest(pdf, thing, unpacked=True)
    return _uri(b"\n".join((form.read_bytes(), form.BBox.unparse(), hashes[resources.objgen])))


def _image_id(pdf: Pdf, image: Any) -> str:
    # The marks of being encapsulated are no part of what it looks like.
    entries = {name: value for name, value in image.items() if name not in (*_KEYS, "/Length")}
    return _uri(digest(pdf, pdf.make_stream(image.read_raw_bytes(), Dictionary(entries)), unpacked=True))


def _uri(content: bytes) -> str:
    return uuid.uuid5(uuid.NAMESPACE_OID, short_hash(content).hex()).urn


def encapsulation_faults(pdf: Pdf) -> Iterator[str]:
    """Yield why XObjects that say that they are encapsulated are not, by their names on the first page with them."""
    hashes: dict[tuple[int, int], bytes] = {}
    seen: set[tuple[int, int]] = set()
    for number, page in enumerate(pdf.pages, start=1):
        resources: Any = page.obj.get("/Resources", Dictionary())
        if resources.objgen in seen:  # Many pages may have one list of a thousand forms.
            continue
        seen |= {resources.objgen} if resources.is_indirect else set()
        things: Any = resources.get("/XObject") or {}
        for name, thing in things.items():
            if thing.objgen in seen or not bool(thing.get("/GTS_Encapsulated", False)):
                continue
            seen.add(thing.objgen)
            faults = _form_faults(pdf, thing, hashes) if thing.Subtype == Name.Form else _image_faults(pdf, thing)
            yield from (f"{name[1:]} on page {number} {fault}" for fault in dict.fromkeys(faults))


def _image_faults(pdf: Pdf, image: Any) -> Iterator[str]:
    if not is_opaque(image) or "/Intent" not in image:
        yield "is an image that has a mask or no rendering intent"
    if str(image.get("/GTS_XID", "")) != _image_id(pdf, image):
        yield "is another than its GTS_XID says"


def _form_faults(pdf: Pdf, form: Any, hashes: dict[tuple[int, int], bytes]) -> Iterator[str]:
    if "/Resources" not in form:
        yield "has no resources of its own"
        return
    if str(form.get("/GTS_XID", "")) != _form_id(pdf, form, hashes):
        yield "is another than its GTS_XID says"
    if form.get("/GTS_Scope") != Name.File:
        yield "does not say that it is for this file"
    yield from _content_faults(form)


def _content_faults(form: Any) -> Iterator[str]:
    """Yield what the operators of a form depend on that is not in it."""
    known: set[str] = set()
    saved: list[set[str]] = []
    for item in read_items(form):
        for kind, name in item.names:
            found = (form.Resources.get(kind) or Dictionary()).get(name)
            if found is None:
                yield f"names the {kind[1:]} {name[1:]}, which is not in its resources"
            elif kind == "/ExtGState":
                known |= _set_by(found)
                if not is_plain_state(_without_lines(found)):
                    yield f"sets something transparent ({name[1:]})"
        if item.kind is Kind.SAVE:
            saved.append(set(known))
        elif item.kind is Kind.RESTORE:
            if not saved:
                yield "restores a state that it has not saved"
            known = saved.pop() if saved else set()
        elif item.kind in _NEVER:
            yield f'{_NEVER[item.kind]}: "{item.content.decode("latin-1")[:40]}"'
        if missing := set(item.needs) - known:
            yield f"does not set what it uses: {', '.join(sorted(missing))}"
        known |= {name for name, _ in item.sets if name != "gs"}
    if saved:
        yield "saves a state that it does not restore"


def _set_by(state: Object) -> set[str]:
    """Return the parameters that a parameter dictionary sets."""
    own = {parameter for key, parameter in _SET_BY_STATE.items() if f"/{key}" in state}
    return own | ({"gs"} if all(f"/{key}" in state for key in _OPAQUE) else set())


def _without_lines(state: Object) -> Object:
    return Dictionary({name: value for name, value in state.items() if name[1:] not in _SET_BY_STATE})


class VtFailure(NamedTuple):
    """A condition that a PDF does not meet."""

    condition: str
    where: str = ""

    def __str__(self) -> str:
        return f"{self.condition}: {CONDITIONS[self.condition]}" + (f" ({self.where})" if self.where else "")


def vt_failures(pdf: Pdf) -> list[VtFailure]:
    """List what keeps a PDF from being PDF/VT-1, each fault once."""
    found = (*_metadata(pdf), *_file(pdf), *_intent(pdf), *_pages(pdf), *_parts(pdf))
    found += tuple(VtFailure("vt-reuse", fault) for fault in encapsulation_faults(pdf))
    return list(dict.fromkeys(found))


def _metadata(pdf: Pdf) -> Iterator[VtFailure]:
    info = pdf.docinfo
    if any(not str(info.get(key, "")) for key in ("/Title", "/CreationDate", "/ModDate", "/Producer")):
        yield VtFailure("x-info")
    if info.get("/Trapped") not in (Name("/True"), Name("/False")):
        yield VtFailure("x-info", "Trapped")
    if "/Metadata" not in pdf.Root:
        yield from (VtFailure("x-version"), VtFailure("x-xmp"), VtFailure("vt-version"))
        return
    with pdf.open_metadata() as xmp:
        if xmp.get(f"{{{PDF_X}}}GTS_PDFXVersion") != "PDF/X-4":
            yield VtFailure("x-version")
        needed = ("xmpMM:DocumentID", "xmpMM:VersionID", "xmpMM:RenditionClass", "xmp:CreateDate", "xmp:MetadataDate")
        changed = xmp.get("xmp:ModifyDate")
        if not all(xmp.get(key) for key in (*needed, "dc:title")) or not changed:
            yield VtFailure("x-xmp")
        # A program that does not know PDF/VT changes ModifyDate alone: then nobody vouches for the parts.
        if xmp.get(f"{{{PDF_VT}}}GTS_PDFVTVersion") != "PDF/VT-1" or changed != xmp.get(
            f"{{{PDF_VT}}}GTS_PDFVTModDate"
        ):
            yield VtFailure("vt-version")


def _file(pdf: Pdf) -> Iterator[VtFailure]:
    if pdf.is_encrypted:
        yield VtFailure("x-encrypted")
    if "/ID" not in pdf.trailer:
        yield VtFailure("x-id")
    names = pdf.Root.get("/Names", Dictionary())
    if _OUTSIDE & pdf.Root.keys() or _NAMED_OUTSIDE & names.keys():
        yield VtFailure("x-action")


def _intent(pdf: Pdf) -> Iterator[VtFailure]:
    intents = [each for each in pdf.Root.get("/OutputIntents", ()) if each.get("/S") == Name.GTS_PDFX]
    if len(intents) != 1 or "/OutputConditionIdentifier" not in intents[0]:
        yield VtFailure("x-intent")
        return
    profile = intents[0].get("/DestOutputProfile")
    if not isinstance(profile, pikepdf.Stream) or profile_fault(profile.read_bytes()):
        yield VtFailure("x-intent", "profile")


def profile_fault(content: bytes) -> str:
    """Return why bytes are no profile of a press (ISO 15076-1, 7.2); empty where they are."""
    if content[36:40] != b"acsp":
        return "is no ICC profile"
    kind, space = content[12:16].decode("latin-1"), content[16:20].decode("latin-1").strip()
    if kind != "prtr":
        return f'is a profile of the class "{kind}", not of an output device ("prtr")'
    return "" if space == "CMYK" else f"is a profile for {space}; presses print CMYK"


def _pages(pdf: Pdf) -> Iterator[VtFailure]:
    seen: set[tuple[int, int]] = set()
    for number, page in enumerate(pdf.pages, start=1):
        where = f"page {number}"
        trim, media = page.obj.get("/TrimBox"), [float(edge) for edge in page.mediabox]
        # PDF/X wants one of the two boxes and never both.
        if trim is None or "/ArtBox" in page.obj or not _within([float(edge) for edge in trim.as_list()], media):
            yield VtFailure("x-boxes", where)
        if any(each.get("/Subtype") not in (Name.PrinterMark, Name.TrapNet) for each in page.obj.get("/Annots", ())):
            yield VtFailure("x-annotation", where)
        if "/AA" in page.obj:
            yield VtFailure("x-action", where)
        resources = page.obj.get("/Resources", Dictionary())
        yield from _resources(resources, seen, where)
        if not _has_default_rgb(resources) and _RGB.search(page_content(page.obj)):
            yield VtFailure("x-colour", where)


def _within(inner: list[float], outer: list[float]) -> bool:
    return inner[0] >= outer[0] and inner[1] >= outer[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def _has_default_rgb(resources: Object) -> bool:
    return "/DefaultRGB" in resources.get("/ColorSpace", Dictionary())


def _resources(resources: Object, seen: set[tuple[int, int]], where: str) -> Iterator[VtFailure]:
    """Yield what is wrong with fonts, states, pictures and forms; of what several pages use once."""
    if resources.is_indirect:
        if resources.objgen in seen:
            return
        seen.add(resources.objgen)
    for name, font in (resources.get("/Font") or {}).items():
        if not _is_embedded(font):
            yield VtFailure("x-font", f"{where}, {name}")
    for state in (resources.get("/ExtGState") or {}).values():
        if any(key in state and state[key] not in (Name.Identity, Name.Default) for key in _STATES):
            yield VtFailure("x-state", where)
    for thing in (resources.get("/XObject") or {}).values():
        yield from _drawn(thing, resources, seen, where)


def _drawn(thing: Object, around: Object, seen: set[tuple[int, int]], where: str) -> Iterator[VtFailure]:
    if thing.objgen in seen:
        return
    seen.add(thing.objgen)
    if thing.get("/Subtype") == Name.PS or "/Ref" in thing or "/OPI" in thing:
        yield VtFailure("x-external", where)
    if "/Alternates" in thing or Name.LZWDecode in listed(thing.get("/Filter")):
        yield VtFailure("x-image", where)
    if thing.get("/ColorSpace") == Name.DeviceRGB and not _has_default_rgb(around):
        yield VtFailure("x-colour", where)
    if thing.get("/Subtype") == Name.Form:
        own = thing.get("/Resources", Dictionary())
        yield from _resources(own, seen, where)
        if not _has_default_rgb(own) and _RGB.search(thing.read_bytes()):
            yield VtFailure("x-colour", where)


def _is_embedded(font: Object) -> bool:
    inner = font.DescendantFonts[0] if font.get("/Subtype") == Name.Type0 else font
    described = inner.get("/FontDescriptor", Dictionary())
    has_file = any(key in described for key in ("/FontFile", "/FontFile2", "/FontFile3"))
    return has_file or font.get("/Subtype") == Name.Type3


def _parts(pdf: Pdf) -> Iterator[VtFailure]:
    root = pdf.Root.get("/DPartRoot")
    node = root.get("/DPartRootNode") if isinstance(root, Dictionary) else None
    if not isinstance(root, Dictionary) or not isinstance(node, Dictionary) or not _leads_to(node, root):
        yield VtFailure("vt-root")
        return
    leaves: list[Object] = []
    levels: set[int] = set()
    yield from _below(node, 0, leaves, levels)
    if "/NodeNameList" in root and len(root.NodeNameList) != max(levels, default=0) + 1:
        yield VtFailure("vt-names")
    yield from _cover(pdf, leaves)


def _leads_to(part: Object, parent: Object) -> bool:
    found = part.get("/Parent")
    return isinstance(found, Dictionary) and found.objgen == parent.objgen


def _below(node: Object, level: int, leaves: list[Object], levels: set[int]) -> Iterator[VtFailure]:
    if "/DParts" not in node:
        leaves.append(node)
        levels.add(level)
        return
    for kids in node.DParts:
        for kid in kids:
            if not _leads_to(kid, node):
                yield VtFailure("vt-parts")
            yield from _below(kid, level + 1, leaves, levels)


def _cover(pdf: Pdf, leaves: list[Object]) -> Iterator[VtFailure]:
    places = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}
    end = -1
    for leaf in leaves:
        first = places.get(leaf.Start.objgen, -1) if "/Start" in leaf else -1
        last = places.get(leaf.End.objgen, -1) if "/End" in leaf else first
        own = pdf.pages[first : last + 1] if first == end + 1 and last >= first else []
        if not own or any(page.obj.get("/DPart", Dictionary()).objgen != leaf.objgen for page in own):
            yield VtFailure("vt-pages", f"from page {end + 2}")
            return
        end = last
    if end != len(pdf.pages) - 1:
        yield VtFailure("vt-pages", f"from page {end + 2}")
