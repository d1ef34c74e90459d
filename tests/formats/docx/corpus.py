"""Small Word files: each construct that Word knows, in each place where it may stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from letters.formats.docx.shown import MC
from letters.formats.ooxml import Relations, W, add_content_type
from tests.word_documents import empty_parts

_NOTES = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
_NAMES = (
    f'xmlns:w="{W}" xmlns:mc="{MC}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" mc:Ignorable="wps"'
)

DRAWING_NAMES = (
    _NAMES.replace(' mc:Ignorable="wps"', "")
    + ' xmlns:v="urn:schemas-microsoft-com:vml" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)


class Construct(NamedTuple):
    """Runs of a paragraph; `shown` are the words of them that Word shows, `hidden` those that it hides."""

    xml: str
    shown: str
    hidden: str = ""


def run(text: str, looks: str = "") -> str:
    return f'<w:r><w:rPr>{looks}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def mark(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def code(text: str) -> str:
    return f'<w:r><w:instrText xml:space="preserve"> {text} </w:instrText></w:r>'


def field(instruction: str, shown: str) -> str:
    return mark("begin") + code(instruction) + mark("separate") + run(shown) + mark("end")


_IN_ONE_RUN = (
    '<w:r><w:fldChar w:fldCharType="begin"/><w:instrText>QUOTE x</w:instrText><w:fldChar w:fldCharType="separate"/>'
    '<w:t>Kilo</w:t><w:fldChar w:fldCharType="end"/></w:r>'
)
_RUBY = f"<w:r><w:ruby><w:rubyPr/><w:rt>{run('small')}</w:rt><w:rubyBase>{run('Ruby')}</w:rubyBase></w:ruby></w:r>"
_TWICE = (
    '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:t>Either</w:t></mc:Choice>'
    "<mc:Fallback><w:t>Either</w:t></mc:Fallback></mc:AlternateContent></w:r>"
)
_CONTROL = f"<w:sdt><w:sdtPr/><w:sdtContent>{run('Control')}</w:sdtContent></w:sdt>"
_HIDDEN_CODE = mark("begin") + code('IF "a" = "b" "secretcode" ""') + mark("separate") + run("Shown") + mark("end")
_NESTED = (
    mark("begin") + code("QUOTE") + mark("begin") + code("DOCPROPERTY x") + mark("separate") + run("secretinner")
) + (mark("end") + mark("separate") + run("Outer") + mark("end"))
CONSTRUCTS: Mapping[str, Construct] = {
    "plain": Construct(run("Plain"), "Plain"),
    "several runs": Construct(run("Sev") + run("eral", "<w:b/>"), "Several"),
    "hidden": Construct(run("secretone", "<w:vanish/>") + run("Seen"), "Seen", "secretone"),
    "hidden by a value": Construct(
        run("secrettwo", '<w:vanish w:val="1"/><w:webHidden/>') + run("Also"), "Also", "secrettwo"
    ),
    "not hidden": Construct(run("Back", '<w:vanish w:val="0"/>'), "Back"),
    "hidden on the web only": Construct(run("Paper", "<w:webHidden/>"), "Paper"),
    "short field": Construct(f'<w:fldSimple w:instr=" QUOTE x ">{run("Short")}</w:fldSimple>', "Short"),
    "long field": Construct(field("QUOTE x", "Long"), "Long"),
    "field in one run": Construct(_IN_ONE_RUN, "Kilo"),
    "field with a code": Construct(_HIDDEN_CODE.replace("IF", "QUOTE"), "Shown", "secretcode"),
    "nested fields": Construct(_NESTED, "Outer", "secretinner"),
    "ruby": Construct(_RUBY, "Ruby", "small"),
    "two spellings": Construct(_TWICE, "Either"),
    "capitals": Construct(run("loud", "<w:caps/>"), "LOUD", "loud"),
    "small capitals": Construct(run("Softly", "<w:smallCaps/>"), "Softly"),
    "content control": Construct(_CONTROL, "Control"),
    "smart tag": Construct(f'<w:smartTag w:uri="u" w:element="e">{run("Smart")}</w:smartTag>', "Smart"),
    "custom XML": Construct(f'<w:customXml w:uri="u" w:element="e">{run("Custom")}</w:customXml>', "Custom"),
    "other direction": Construct(f'<w:bdo w:val="ltr">{run("Direction")}</w:bdo>', "Direction"),
    "symbols between": Construct("<w:r><w:t>Before</w:t><w:tab/><w:t>After</w:t></w:r>", "After"),
    "hyphen": Construct("<w:r><w:t>Non</w:t><w:noBreakHyphen/><w:t>breaking</w:t></w:r>", "breaking"),
}

_BOX = '<w:checkBox><w:default w:val="1"/></w:checkBox>'
_LIST = '<w:ddList><w:result w:val="1"/><w:listEntry w:val="secretentry"/><w:listEntry w:val="Chosen"/></w:ddList>'
_STATE = '<w:r><w:fldChar w:fldCharType="begin"><w:ffData>{}</w:ffData></w:fldChar></w:r>'
SYMBOLS: Mapping[str, Construct] = {
    "Greek letters by a font": Construct(run("p", '<w:rFonts w:ascii="Symbol"/>') + run(" rate"), "\u03c0 rate"),
    "a sign by a font": Construct(run("J", '<w:rFonts w:ascii="Wingdings"/>'), "☺"),
}
"""What LibreOffice exports as the letters that it is not."""
RARE: Mapping[str, Construct] = {
    "a ticked box of a form": Construct(_STATE.format(_BOX) + code("FORMCHECKBOX") + mark("end"), "☒"),
    "a list of a form": Construct(_STATE.format(_LIST) + code("FORMDROPDOWN") + mark("end"), "Chosen", "secretentry"),
    "a list of a form without a result": Construct(  # as LibreOffice writes it
        _STATE.format(_LIST.replace("Chosen", "Picked")) + code("FORMDROPDOWN") + mark("separate") + mark("end"),
        "Picked",
        "secretentry",
    ),
    "a button": Construct(
        mark("begin") + code("MACROBUTTON NoMacro Button words") + mark("end"), "Button words", "NoMacro"
    ),
    "a symbol by its code": Construct(mark("begin") + code('SYMBOL 167 \\f "Times New Roman"') + mark("end"), "§"),
    "an alternative among runs": Construct(
        _TWICE.replace("<w:r>", "")
        .replace("</w:r>", "")
        .replace("<w:t>", "<w:r><w:t>")
        .replace("</w:t>", "</w:t></w:r>")
        .replace("Either", "Among"),
        "Among",
    ),
    "an entry of an index": Construct(mark("begin") + code('XE "secretindex"') + mark("end"), "", "secretindex"),
    **SYMBOLS,
    "a field without an end": Construct(
        mark("begin") + code("QUOTE secretcode") + mark("separate") + run("Endless"), "Endless", "secretcode"
    ),
}
"""What is met less often, in the order in which it may stand in one paragraph."""


def _body(inside: str) -> str:
    return f"<w:p>{run('First ')}{inside}{run(' last')}</w:p>"


def _table(inside: str) -> str:
    grid = '<w:tblGrid><w:gridCol w:w="2000"/><w:gridCol w:w="2000"/></w:tblGrid>'
    cells = f"<w:tc>{_body(inside)}</w:tc><w:tc><w:p>{run('Side')}</w:p></w:tc>"
    return f"<w:tbl><w:tblPr/>{grid}<w:tr>{cells}</w:tr></w:tbl><w:p/>"


def _item(inside: str) -> str:
    listed = '<w:pPr><w:pStyle w:val="ListNumber"/></w:pPr>'
    return _body(inside).replace("<w:p>", f"<w:p>{listed}", 1)


def _quoted(inside: str) -> str:
    return _body(inside).replace("<w:p>", '<w:p><w:pPr><w:pStyle w:val="Quote"/></w:pPr>', 1)


def _link(inside: str) -> str:
    here = f'<w:bookmarkStart w:id="1" w:name="here"/>{run("Here")}<w:bookmarkEnd w:id="1"/>'
    return f"<w:p>{here}</w:p>" + _body(f'<w:hyperlink w:anchor="here">{inside}</w:hyperlink>')


def _note(inside: str) -> str:
    return f'<w:p>{run("Called")}<w:r><w:footnoteReference w:id="2"/></w:r></w:p>'


PLACES: Mapping[str, Callable[[str], str]] = {
    "body": _body,
    "note": _note,
    "cell": _table,
    "item": _item,
    "quotation": _quoted,
    "link": _link,
}


def word_file(place: str, inside: str) -> dict[str, bytes]:
    """Return the parts of a Word file with runs in a place."""
    parts = dict(empty_parts())
    body = f"<w:p>{run('Opening words.')}</w:p>{PLACES[place](inside)}<w:p>{run('Closing words.')}</w:p>"
    parts["word/document.xml"] = f"<w:document {_NAMES}><w:body>{body}</w:body></w:document>".encode()
    noted = _body(inside) if place == "note" else _body(run("unused"))
    parts["word/footnotes.xml"] = (
        f'<w:footnotes {_NAMES}><w:footnote w:id="2">{noted}</w:footnote></w:footnotes>'.encode()
    )
    if place != "note":
        del parts["word/footnotes.xml"]
        return parts
    relations = Relations(parts["word/_rels/document.xml.rels"])
    relations.add("footnotes", "footnotes.xml")
    parts["word/_rels/document.xml.rels"] = relations.to_bytes()
    add_content_type(parts, "word/footnotes.xml", _NOTES)
    return parts
