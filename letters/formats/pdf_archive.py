"""Makes a PDF one for the archive: PDF/A-3a (ISO 19005-3) and PDF/UA-1 (ISO 14289-1) in one file.

WeasyPrint 70 writes one or the other (upstream issues: none yet). Here, after it and for whatever else makes our PDFs,
is added what the archive wants: the identifier, the colours of a screen as output intent, the flags of annotations, and
metadata that names both standards and describes the property of PDF/UA, which PDF/A does not know.
"""

from __future__ import annotations

import functools
import io
from typing import Any, NamedTuple

import pikepdf
from lxml import etree
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from letters.formats import pdf_a, pdf_ua

_CONDITION = "sRGB IEC61966-2.1"
_CLAIM = f"""<rdf:RDF xmlns:rdf="{pdf_a.RDF}"><rdf:Description rdf:about="" xmlns:pdfaid="{pdf_a.PDFA}"
 pdfaid:part="3" pdfaid:conformance="A"/><rdf:Description rdf:about="" xmlns:pdfaExtension="{pdf_a.EXTENSION}"
 xmlns:pdfaSchema="{pdf_a.SCHEMA}" xmlns:pdfaProperty="{pdf_a.PROPERTY}"><pdfaExtension:schemas><rdf:Bag>
<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>{pdf_a.PDFUA}</pdfaSchema:namespaceURI><pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource"><pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType><pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>The part of ISO 14289 that the file conforms to</pdfaProperty:description></rdf:li></rdf:Seq>
</pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description></rdf:RDF>"""
"""What is added to the metadata (ISO 19005-3, 6.6.4 and 6.6.2.3.3)."""


class ArchivedPdf(NamedTuple):
    """A PDF for the archive, or why it is none."""

    content: bytes
    failures: tuple[str, ...] = ()
    """The conditions that it does not meet; it then says nothing of PDF/A, and is as it was."""


def archived(content: bytes) -> ArchivedPdf:
    """Return a PDF as PDF/A-3a and PDF/UA-1; as it was where it does not meet our checks of both.

    Equal files give equal bytes.
    """
    with pikepdf.open(io.BytesIO(content)) as pdf:
        if not pdf_ua.says_accessible(pdf):
            return ArchivedPdf(content, ("it is not PDF/UA, which conformance A is made of here",))
        if pdf_a.says_archival(pdf) and not pdf_a.failures(content):
            return ArchivedPdf(content)
        pdf.Root.OutputIntents = Array([_output_intent(pdf)])
        for page in pdf.pages:
            for each in page.obj.get("/Annots", ()):
                # Every annotation has to be printed and seen (6.3.2).
                each.F = (int(each.get("/F", 0)) | pdf_a.PRINTED) & ~pdf_a.NEVER_SET
        for thing in pdf.objects:
            # A picture looks no better for it, and the archive forbids it (6.2.8).
            if isinstance(thing, Stream) and "/Interpolate" in thing:
                del thing["/Interpolate"]
        pdf.Root.Metadata.write(_with_claim(pdf.Root.Metadata.read_bytes()))
        out = io.BytesIO()
        pdf.save(
            out,
            # PDF/A-3 is made of ISO 32000-1, that is PDF 1.7; object streams are allowed since PDF/A-2.
            min_version="1.7",
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            fix_metadata_version=False,
        )
    made = out.getvalue()
    failures = tuple(map(str, pdf_a.failures(made)))
    return ArchivedPdf(content, failures) if failures else ArchivedPdf(made)


def _output_intent(pdf: Pdf) -> Any:
    """Return the output intent: what the colours of the document mean (ISO 19005-3, 6.2.3)."""
    profile = pdf.make_stream(srgb_profile())
    profile.N = 3
    return pdf.make_indirect(
        Dictionary(
            Type=Name.OutputIntent,
            S=Name.GTS_PDFA1,
            OutputConditionIdentifier=_CONDITION,
            RegistryName="http://www.color.org",
            Info=_CONDITION,
            DestOutputProfile=profile,
        )
    )


@functools.cache
def srgb_profile() -> bytes:
    """Return the ICC profile of sRGB, of the version that ISO 19005-3 allows, and without the date it was made on."""
    from PIL import ImageCms

    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    # ICC.1:2004-10, 7.2: bytes 8 to 11 are the version, 24 to 35 the date.
    profile[8:12] = bytes((4, 0x20, 0, 0))
    profile[24:36] = b"".join(number.to_bytes(2, "big") for number in (2000, 1, 1, 0, 0, 0))
    return bytes(profile)


def _with_claim(metadata: bytes) -> bytes:
    """Return XMP metadata that says PDF/A-3a; whatever it said of PDF/A before is taken out."""
    # XMP is padded with blanks, so that programs can change it in place.
    tree = etree.fromstring(metadata.strip()).getroottree()
    rdf = next(tree.iter(f"{{{pdf_a.RDF}}}RDF"))
    said = (f"{{{pdf_a.PDFA}}}", f"{{{pdf_a.EXTENSION}}}")
    for description in rdf:
        for name in [each for each in map(str, description.attrib) if each.startswith(said)]:
            del description.attrib[name]
        for element in [each for each in description if str(each.tag).startswith(said)]:
            description.remove(element)
    rdf.extend(list(etree.fromstring(_CLAIM)))
    return etree.tostring(tree, encoding="utf-8")
