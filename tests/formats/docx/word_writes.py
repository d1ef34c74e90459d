"""What Word and LibreOffice write into a letter beside its words, each with where it is described.

The shapes are those of ECMA-376 part 1 and of Microsoft's [MS-DOCX]; each function changes the body of a letter
in place and leaves its words as they are, unless it says otherwise.
"""

from __future__ import annotations

import copy

from lxml import etree

from letters.formats.ooxml import W, w

_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
W14 = "http://schemas.microsoft.com/office/word/2010/wordml"
MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"


def _prose(body: etree._Element) -> list[etree._Element]:
    return [p for p in body.iter(w("p")) if len("".join(t.text or "" for t in p.iter(w("t"))).split()) > 5]


def save_ids(body: etree._Element) -> None:
    """Mark every paragraph and run with the session it was saved in (ECMA-376 part 1, 17.15.1.70) and an id.

    The ids of paragraphs are described in [MS-DOCX] 2.6.2.3.
    """
    for number, each in enumerate(body.iter(w("p"), w("r"))):
        each.set(w("rsidR"), f"00{number:06X}")
        each.set(w("rsidRPr"), "00C4519B")
        if each.tag == w("p"):
            each.set(f"{{{W14}}}paraId", f"{number:08X}")
            each.set(f"{{{W14}}}textId", "77777777")


def proofing(body: etree._Element) -> None:
    """Put marks of spelling and grammar around words (17.13.8.1), which splits their runs."""
    for paragraph in _prose(body):
        split(paragraph)
        for number, run in enumerate(paragraph.findall(w("r"))[:4]):
            kind = "spellStart" if number % 2 == 0 else "spellEnd"
            run.addprevious(etree.Element(w("proofErr"), {w("type"): kind}))


def split(paragraph: etree._Element) -> None:
    """Split every run of several words into one for each word, as a long life of editing does."""
    for run in list(paragraph.iter(w("r"))):
        texts = run.findall(w("t"))
        if len(texts) != 1 or len(run) > 2 or not (texts[0].text or "").strip():
            continue
        words = (texts[0].text or "").split(" ")
        for number, word in enumerate(words):
            piece = copy.deepcopy(run)
            text = piece.find(w("t"))
            assert text is not None
            text.text = word + (" " if number + 1 < len(words) else "")
            text.set(_SPACE, "preserve")
            run.addprevious(piece)
        run.getparent().remove(run)


def split_runs(body: etree._Element) -> None:
    """Split the runs of all paragraphs."""
    for paragraph in list(body.iter(w("p"))):
        split(paragraph)


def bookmarks(body: etree._Element) -> None:
    """Leave the mark of the last edit (17.13.6.2), and marks of one's own."""
    for number, paragraph in enumerate(_prose(body)):
        name = "_GoBack" if number == 0 else f"mark{number}"
        paragraph.append(etree.Element(w("bookmarkStart"), {w("id"): str(500 + number), w("name"): name}))
        paragraph.append(etree.Element(w("bookmarkEnd"), {w("id"): str(500 + number)}))


def content_controls(body: etree._Element) -> None:
    """Put paragraphs and runs into content controls (17.5.2.29 to 17.5.2.31)."""
    for paragraph in _prose(body):
        run = paragraph.find(w("r"))
        if run is not None:
            _wrap(run)
        _wrap(paragraph)


def _wrap(inner: etree._Element) -> None:
    control = etree.Element(w("sdt"))
    properties = etree.SubElement(control, w("sdtPr"))
    etree.SubElement(properties, w("alias"), {w("val"): "Recipient: agency"})
    etree.SubElement(properties, w("id"), {w("val"): "-1871287483"})
    content = etree.SubElement(control, w("sdtContent"))
    inner.addprevious(control)
    content.append(inner)


def languages(body: etree._Element) -> None:
    """Tell the language of runs (17.3.2.20) and that some are not to be proofed (17.3.2.21); mark pages (17.3.3.13)."""
    for run in body.iter(w("r")):
        properties = run.find(w("rPr"))
        if properties is None:
            properties = etree.Element(w("rPr"))
            run.insert(0, properties)
        properties.append(etree.Element(w("noProof")))
        properties.append(etree.Element(w("lang"), {w("val"): "en-US"}))
        if run.find(w("t")) is not None:
            run.insert(1, etree.Element(w("lastRenderedPageBreak")))


def smart_quotes(body: etree._Element) -> None:
    """Write quotation marks as AutoFormat would not: straight ones."""
    for text in body.iter(w("t")):
        text.text = (text.text or "").replace("“", '"').replace("”", '"').replace("’", "'")


def smart_tags(body: etree._Element) -> None:
    """Wrap runs in smart tags (17.5.1.9) and directions of writing (17.3.2.8), as older Words did."""
    for paragraph in _prose(body):
        for name in ("smartTag", "dir"):
            run = paragraph.find(w("r"))
            if run is not None:
                wrapper = etree.Element(w(name), {w("element"): "place"} if name == "smartTag" else {w("val"): "ltr"})
                run.addprevious(wrapper)
                wrapper.append(run)


def permissions(body: etree._Element) -> None:
    """Let editors into ranges of a protected document (17.13.7.2)."""
    for number, paragraph in enumerate(_prose(body)):
        paragraph.insert(1, etree.Element(w("permStart"), {w("id"): str(number), w("edGrp"): "everyone"}))
        paragraph.append(etree.Element(w("permEnd"), {w("id"): str(number)}))


def _entries(body: etree._Element) -> list[tuple[etree._Element, str, str]]:
    """Return the lines of the contents without their content, each with its bookmark and its words."""
    found = []
    for paragraph in body.iter(w("p")):
        code = next(
            (each.text or "" for each in paragraph.iter(w("instrText")) if "HYPERLINK" in (each.text or "")), ""
        )
        if '"_Toc' in code:
            said = "".join(piece.text or "" for piece in paragraph.iter(w("t")))
            for child in [child for child in paragraph if child.tag != w("pPr")]:
                paragraph.remove(child)
            found.append((paragraph, code.split('"')[1], said))
    return found


def _into(paragraph: etree._Element, runs: str) -> None:
    for run in etree.fromstring(f'<w:p xmlns:w="{W}">{runs}</w:p>'):
        paragraph.append(run)


def _page(name: str, said: str) -> str:
    begin, middle, end = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end"))
    return f"{begin}<w:r><w:instrText>PAGEREF {name} \\h</w:instrText></w:r>{middle}<w:r>{said}</w:r>{end}"


def contents_of_libreoffice(body: etree._Element) -> None:
    """Write each line of the contents into the field of its page, as LibreOffice 7.4 does."""
    for paragraph, name, said in _entries(body):
        field = _page(name, f"<w:t>{said}</w:t><w:tab/><w:t>3</w:t>")
        _into(paragraph, f'<w:hyperlink w:anchor="{name}">{field}</w:hyperlink>')


def contents_made_anew(body: etree._Element) -> None:
    """Make the contents anew as Word does (17.16.5.68 with the switch h), with other pages."""
    for paragraph, name, said in _entries(body):
        words = f"<w:r><w:t>{said}</w:t></w:r><w:r><w:tab/></w:r>{_page(name, '<w:t>12</w:t>')}"
        _into(paragraph, f'<w:hyperlink w:anchor="{name}">{words}</w:hyperlink>')


SAVING = (
    contents_of_libreoffice,
    contents_made_anew,
    save_ids,
    proofing,
    split_runs,
    bookmarks,
    content_controls,
    languages,
    smart_quotes,
    smart_tags,
    permissions,
)
"""What saving alone may do to a letter."""


def move(body: etree._Element) -> str:
    """Move a sentence to another paragraph as a tracked move (17.13.5.22 and 17.13.5.25); tells which."""
    source, target = _prose(body)[0], _prose(body)[-1]
    run = next(r for r in source.iter(w("r")) if len((r.findtext(w("t")) or "").split()) > 3)
    said = run.findtext(w("t")) or ""
    about = {w("author"): "[Partner]", w("date"): "2025-09-19T10:00:00Z"}
    moved_to = etree.Element(w("moveTo"), {w("id"): "902", **about})
    moved_to.append(copy.deepcopy(run))
    moved_from = etree.Element(w("moveFrom"), {w("id"): "901", **about})
    run.addprevious(etree.Element(w("moveFromRangeStart"), {w("id"): "900", w("name"): "move1", **about}))
    run.addprevious(moved_from)
    moved_from.append(run)
    moved_from.addnext(etree.Element(w("moveFromRangeEnd"), {w("id"): "900"}))
    target.append(etree.Element(w("moveToRangeStart"), {w("id"): "903", w("name"): "move1", **about}))
    target.append(moved_to)
    target.append(etree.Element(w("moveToRangeEnd"), {w("id"): "903"}))
    return said


def text_box(body: etree._Element) -> str:
    """Put a text box into a paragraph, in both of the forms that Word writes side by side (part 3, 7.6)."""
    words = "Words in a box"
    inside = f'<w:txbxContent xmlns:w="{W}"><w:p><w:r><w:t>{words}</w:t></w:r></w:p></w:txbxContent>'
    run = etree.Element(w("r"))
    choice = etree.SubElement(etree.SubElement(run, f"{{{MC}}}AlternateContent"), f"{{{MC}}}Choice")
    choice.set("Requires", "wps")
    choice.append(etree.fromstring(inside))
    fallback = etree.SubElement(run[0], f"{{{MC}}}Fallback")
    etree.SubElement(fallback, w("pict")).append(etree.fromstring(inside))
    _prose(body)[0].append(run)
    return words
