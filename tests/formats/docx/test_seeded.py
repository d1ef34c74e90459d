"""Forty hidden passages and things that no PDF shows, put into a letter by chance: `draft check` names each."""

from __future__ import annotations

import random
import re

import pytest
from lxml import etree

from letters.drafts.box import judge
from letters.formats.docx.opening import DOCUMENT, FOOTNOTES, open_docx
from letters.formats.docx.text import read
from letters.formats.ooxml import W, parse, serialize, w, write_package
from letters.read.placeholders import open_words
from tests.formats.docx.corpus import DRAWING_NAMES, code, field, mark, run

SEEDS = 40
_HIDDEN = run("secret{n}", "<w:vanish/>")
_INSIDE = f"<w:txbxContent><w:p>{run('Passage{n} in a box')}</w:p></w:txbxContent>"
_DRAWN = "<w:r><w:drawing>{}</w:drawing></w:r>"
KINDS = {
    "hidden": _HIDDEN,
    "hidden by a style": run("secret{n}", '<w:rStyle w:val="Privileged"/>'),
    "hidden in a link": f'<w:hyperlink r:id="rId1">{_HIDDEN}</w:hyperlink>',
    "hidden in a control": f"<w:sdt><w:sdtPr/><w:sdtContent>{_HIDDEN}</w:sdtContent></w:sdt>",
    "hidden in a field": mark("begin") + code("QUOTE x") + mark("separate") + _HIDDEN + mark("end"),
    "hidden in a short field": f'<w:fldSimple w:instr="QUOTE x">{_HIDDEN}</w:fldSimple>',
    "a prompt": f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{run('secret{n}')}</w:sdtContent></w:sdt>",
    "a text box": f"<w:r><w:pict><v:shape><v:textbox>{_INSIDE}</v:textbox></v:shape></w:pict></w:r>",
    "a new text box": _DRAWN.format(f"<wps:wsp><wps:txbx>{_INSIDE}</wps:txbx></wps:wsp>"),
    "a picture": _DRAWN.format('<a:blip r:embed="rId1"/>'),
    "a chart": _DRAWN.format("<c:chart/>"),
    "a diagram": _DRAWN.format("<dgm:relIds/>"),
    "a drawing": _DRAWN.format("<wps:wsp/>"),
    "drawn words": '<w:r><w:pict><v:shape><v:textpath string="Drawn"/></v:shape></w:pict></w:r>',
    "a formula": "<m:oMath><m:r><m:t>x</m:t></m:r></m:oMath>",
    "a symbol": '<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>',
    "an object": "<w:r><w:object/></w:r>",
    "a page break": '<w:r><w:br w:type="page"/></w:r>',
    "a number of Word": mark("begin") + code("LISTNUM") + mark("end"),
    "a fraction": mark("begin") + code("EQ \\f(1,2)") + mark("end"),
    "a page number": field("PAGE", "9"),
    "a date of today": "<w:r><w:dayLong/></w:r>",
    "a colour": run("secret{n}", '<w:color w:val="FFFFFF"/>'),
    "a size": run("secret{n}", '<w:sz w:val="2"/>'),
    "a font": run("lettered", '<w:rFonts w:ascii="Comic Sans MS"/>'),
}


def planted(root: etree._Element, number: int, kind: str, chance: random.Random) -> None:
    """Put a paragraph that begins with its number behind a paragraph of a part, a passage of a kind in it."""
    paragraphs = [each for each in root.iter(w("p")) if "".join(t.text or "" for t in each.iter(w("t"))).strip()]
    inside = run("Passage{n} ") + KINDS[kind] + run(" ends")
    made = etree.fromstring(f"<w:p {DRAWING_NAMES}>{inside.replace('{n}', str(number))}</w:p>")
    chance.choice(paragraphs).addnext(made)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_each_of_forty_passages_is_named_and_nothing_else(generated: bytes, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same passages each time
    parts = open_docx(generated)
    roots = {name: parse(parts[name]) for name in (DOCUMENT, FOOTNOTES)}
    kinds = {number: list(KINDS)[number % len(KINDS)] for number in range(SEEDS)}
    for number, kind in kinds.items():
        planted(roots[chance.choice((DOCUMENT, DOCUMENT, FOOTNOTES))], number, kind, chance)
    style = f'<w:style xmlns:w="{W}" w:type="character" w:styleId="Privileged"><w:name w:val="Privileged"/>'
    styles = parse(parts["word/styles.xml"])
    styles.append(etree.fromstring(f"{style}<w:rPr><w:vanish/></w:rPr></w:style>"))
    changed = {**parts, **{name: serialize(root) for name, root in roots.items()}, "word/styles.xml": serialize(styles)}
    verdict = judge(write_package(changed), read(open_docx(generated)), open_words)
    said = [*map(str, verdict.open_points), *verdict.losses]
    named = {int(number) for each in said for number in re.findall(r"(?:Passage|secret)(\d+)", each)}
    assert {number: kind for number, kind in kinds.items() if number not in named} == {}
    assert [each for each in said if "Passage" not in each and "secret" not in each] == []
