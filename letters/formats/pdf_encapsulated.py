"""Makes and checks encapsulated XObjects: forms and images that depend on nothing before them (ISO 16612-2).

What the hints mean was taken from public programs that write or check them: GTS_Encapsulated is a boolean, GTS_XID a
URI that is equal for equal looks only, GTS_Scope says that it is used in this file only and so needs no GTS_Env. A form
without transparency needs no group; an image names its rendering intent, and has no mask.
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from pikepdf import Array, Dictionary, Name, Object, Pdf

from letters.formats.pdf_content import Kind, read_items
from letters.formats.pdf_digest import digest, short_hash

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
    if resources.objgen not in hashes or not resources.is_indirect:
        thing = resources if resources.is_indirect else pdf.make_indirect(resources)
        hashes[resources.objgen] = digest(pdf, thing, unpacked=True)
    return _uri(b"\n".join((form.read_bytes(), form.BBox.unparse(), hashes[resources.objgen])))


def _image_id(pdf: Pdf, image: Any) -> str:
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


_NEVER = {
    Kind.MARK: "has a mark for tags, and may be drawn once only",
    Kind.END_MARK: "has a mark for tags, and may be drawn once only",
    Kind.OTHER: "draws what may depend on its page",
}
"""What no form of ours holds."""


def _set_by(state: Object) -> set[str]:
    """Return the parameters that a parameter dictionary sets."""
    own = {parameter for key, parameter in _SET_BY_STATE.items() if f"/{key}" in state}
    return own | ({"gs"} if all(f"/{key}" in state for key in _OPAQUE) else set())


def _without_lines(state: Object) -> Object:
    return Dictionary({name: value for name, value in state.items() if name[1:] not in _SET_BY_STATE})
