"""Every kind of damage to a finished letter is found, and a letter without damage passes."""

from __future__ import annotations

import functools
import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Stream, String
from PIL import Image

from letters.audit.compare import Finding
from letters.audit.expected import PartWords, compare, part_words
from letters.audit.finished import CampaignLook, audit_docx, audit_pdf
from letters.campaign.load import load
from letters.formats import jinja
from letters.formats.ooxml import read_package, write_package
from letters.render.pdf.plain import VARIANT, PdfRenderer, warnings_as_errors
from letters.render.word.docxtpl_internals import DocxRenderer
from tests.desk import set_up

LETTER = """---
title: Guidance
contents: true
enclosures: [policy, sheet]
---

# The first part

We write to the {{ recipient.agency }}, which serves {{ recipient.jurisdiction }}.[^one] The rule is in § 1357(g).

{% if recipient.agreement_287g %}
Your agreement was signed on {{ recipient.agreement_signed | long_date }}.[^two]
{% endif %}

We ask the {{ recipient.agency }} to write down three rules, and say so “in public”:

3. Hold nobody.
4. Ask nobody.

   (a) Not at a stop.
   (b) Not at the door.

* A point.

# The second part

| Agency | Year |
|--------|------|
| Alpha  | 2024 |
| Beta   | 2025 |

As said in note {{ note.one }}, this is all.

[^one]: Sent to {{ recipient.address1 }}, {{ recipient.city }}.
[^two]: The list of {{ recipient.jurisdiction }}.
"""
BRIEF = LETTER.replace("contents: true\nenclosures: [policy, sheet]\n", "")
"""The letter by itself: its pages need not be laid out again for their numbers in the contents."""
POLICY = "---\ntitle: Policy\n---\n\n# Policy\n\nThe {{ recipient.agency }} asks nobody.\n"
SHEET = "---\ntitle: Sheet\n---\n\n# Sheet\n\nThree models.\n"


class Made(NamedTuple):
    """Two letters, as they should be."""

    renderer: PdfRenderer
    pages: tuple[tuple[str, ...], ...]
    """The HTML of each part of each letter."""
    pdfs: tuple[bytes, ...]
    docx: tuple[bytes, ...]

    def words(self, letter: int = 0) -> list[PartWords]:
        return [part_words(page) for page in self.pages[letter]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    desk = set_up(folder=tmp_path_factory.mktemp("audit") / "campaign", letter=LETTER)
    desk.write("templates/brief.md", BRIEF)
    desk.write("templates/enclosures/policy.md", POLICY)
    desk.write("templates/enclosures/sheet.md", SHEET)
    return desk.folder


@pytest.fixture(scope="module")
def made(folder: Path) -> Made:
    return make(folder, "letter")


@pytest.fixture(scope="module")
def brief(folder: Path) -> Made:
    return make(folder, "brief")


def make(folder: Path, letter: str) -> Made:
    project, problems = load(folder / "campaign.toml", letter)
    assert project is not None, problems
    assert len(project.letters) == 2, problems
    roots = {"campaign": project.folder, "templates": project.templates}
    renderer = PdfRenderer(project.template.parts, roots, project.campaign.date)
    templates = [jinja.environment().from_string(part.html) for part in project.template.parts]
    pages = tuple(
        tuple(
            template.render({**letter.context, "note": numbers})
            for template, numbers in zip(templates, letter.notes, strict=True)
        )
        for letter in project.letters
    )
    word = DocxRenderer(project.template.word)
    return Made(
        renderer,
        pages,
        tuple(pdf_of(renderer, each) for each in pages),
        tuple(word.render(letter.context, letter.notes) for letter in project.letters),
    )


def pdf_of(renderer: PdfRenderer, pages: tuple[str, ...]) -> bytes:
    letter, *enclosures = pages
    return renderer.join([laid_out(renderer, letter), *(laid_out_once(renderer, each) for each in enclosures)]).content


def laid_out(renderer: PdfRenderer, page: str) -> Any:
    with warnings_as_errors():
        style, fonts = [renderer.style], renderer.fonts
        return renderer.read(page).render(stylesheets=style, font_config=fonts, pdf_variant=VARIANT)


laid_out_once = functools.cache(laid_out)
"""For enclosures: most misprints are in the letter."""


SHEET_OF_STYLE = CampaignLook(
    ("Page ", " of ", "Enclosure: ", "DRAFT FOR REVIEW BY COUNSEL · NOT TO BE SENT"), is_final=True, with_pdf_ua=True
)
TITLE = "Guidance – Berrien County Sheriff’s Department"


def faults(made: Made, content: bytes, anew: bytes = b"") -> list[Finding]:
    return list(audit_pdf("berrien", content, made.words(), TITLE, SHEET_OF_STYLE, anew).findings)


def test_letters_without_damage_pass(made: Made, brief: Made) -> None:
    assert faults(made, made.pdfs[0]) == faults(brief, brief.pdfs[0]) == []
    other = audit_pdf("adrian", made.pdfs[1], made.words(1), "Guidance – Adrian Police Department", SHEET_OF_STYLE)
    assert list(other.findings) == []
    for number in (0, 1):
        assert list(audit_docx("id", made.docx[number], made.words(number)).findings) == []


Change = Callable[[tuple[str, ...]], tuple[str, ...]]


SPACE = "[ \u00a0]"
"""A space of a letter, which may be one that does not break."""


def first(old: str, new: str) -> Change:
    """Change the first place of the letter itself."""

    return regex(re.escape(old).replace("\\ ", SPACE), new.replace("\\", "\\\\"))


def regex(pattern: str, new: str, part: int = 0) -> Change:
    def change(pages: tuple[str, ...]) -> tuple[str, ...]:
        changed, count = re.subn(pattern, new, pages[part], count=1, flags=re.DOTALL)
        assert count, pattern
        return (*pages[:part], changed, *pages[part + 1 :])

    return change


MISPRINTS: dict[str, Change] = {
    "another agency in the address": first("Berrien County Sheriff’s Department<", "Adrian Police Department<"),
    "another agency in the text": first("write to the Berrien County Sheriff’s", "write to the Adrian Police"),
    "another jurisdiction": first("serves Berrien County", "serves the City of Adrian"),
    "another city": first("Benton Harbor, MI", "Adrian, MI"),
    "a digit of the ZIP code": first("49022", "49023"),
    "a digit of the street": first("2100 East", "2110 East"),
    "another salutation": first("Dear Sheriff", "Dear Chief"),
    "another name": first("Chuck Heit", "Chuck Heat"),
    "another date": first("May\u00a06, 2025", "May\u00a07, 2025"),
    "another date above": first("September\u00a017, 2025", "September\u00a018, 2025"),
    "the running head of another": regex('data-name="[^"]*"', 'data-name="Chief of Police, Adrian Police Department"'),
    "a paragraph that is for others": first("<p>We ask the", "<p>Your agency has none.</p><p>We ask the"),
    "a paragraph left out": regex("<p>Your agreement.*?</p>", ""),
    "a note left out": regex('<span class="note" data-number="2">.*?</span>', ""),
    "the words of a note": first("Sent to 2100", "Send to 2100"),
    "the number of a note": first('data-number="2"', 'data-number="3"'),
    "two notes with one number": first('data-number="2"', 'data-number="1"'),
    "the number in a reference to a note": first("As said in note 1", "As said in note 2"),
    "a list that begins elsewhere": first("<ol", '<ol style="counter-reset: list-item 6"'),
    "numerals for letters": regex("two-parens-lower-alpha", "two-parens-lower-roman"),
    "an item left out": regex("<li>\\s*Not at a stop.*?</li>", ""),
    "a bullet for a number": regex("<ul>(.*?)</ul>", r"<ol>\1</ol>"),
    "a row left out": regex("<tr><td[^>]*>Alpha.*?</tr>", ""),
    "two cells in each other's place": lambda pages: first("2024", "2025")(regex("2025(?=</td>)", "2024")(pages)),
    "a heading left out": regex("<h1[^>]*>The second part</h1>", '<h1 id="part-2"></h1>'),
    "an entry of the contents left out": regex('<p class="contents-entry"><a href="#part-2">.*?</p>', ""),
    "a word twice": first("three rules", "three three rules"),
    "a word left out": first("three rules", "rules"),
    "a letter left out": first("three rules", "tree rules"),
    "None": first("three rules", "None rules"),
    "nan": first("three rules", "nan rules"),
    "a tag": first("three rules", "{{ recipient.agency }} rules"),
    "a merge field": first("three rules", "«Agency» rules"),
    "a bracket": first("three rules", "[number] rules"),
    "spoilt characters": first("Sheriff’s", "Sheriffâ€™s"),
    "straight quotation marks": first("“in public”", '"in public"'),
    "a sign left out": first("§", ""),
    "another subject": regex("Local policy", "Local politics"),
    "another signer": first("First Signer", "Second Signer"),
    "another organization in the letterhead": regex('letterhead-name">First', 'letterhead-name">Third'),
    "the closing left out": regex("Sincerely,", ""),
    "two paragraphs in each other's place": regex("(<p>We write.*?</p>)(.*?)(<p>We ask.*?</p>)", r"\3\2\1"),
    "a paragraph twice": regex(f"(<p[^>]*>As{SPACE}said.*?</p>)", r"\1\1"),
    "an enclosure left out": lambda pages: pages[:-1],
    "an enclosure twice": lambda pages: (*pages, pages[-1]),
    "enclosures in another order": lambda pages: (pages[0], pages[2], pages[1]),
    "an enclosure for another": regex("Berrien County Sheriff’s Department asks", "Adrian Police Department asks", 1),
    "a title for another": regex("<title>.*?</title>", "<title>Guidance – Adrian Police Department</title>"),
}


CONCERNS_MORE = re.compile("heading|contents|enclosure")
"""The names of misprints that the letter by itself cannot have."""


@pytest.mark.parametrize("kind", MISPRINTS)
def test_a_misprint_is_found(made: Made, brief: Made, kind: str) -> None:
    letter = made if CONCERNS_MORE.search(kind) else brief
    pages = MISPRINTS[kind](letter.pages[0])
    assert pages != letter.pages[0]
    assert faults(letter, pdf_of(letter.renderer, pages)) != []


def test_a_word_that_programs_leave_is_a_word_where_the_letter_has_it(brief: Made) -> None:
    pages = first("three rules", "None of us and three rules")(brief.pages[0])
    words = [part_words(page) for page in pages]
    content = pdf_of(brief.renderer, pages)
    literal = replace(SHEET_OF_STYLE, literal="writedownNoneofusandthreerules")
    assert audit_pdf("id", content, words, TITLE, literal).findings == ()
    assert [each.kind for each in audit_pdf("id", content, words, TITLE, SHEET_OF_STYLE).findings] == ["rubbish"]


def test_an_invisible_character_in_the_text_of_a_letter_is_found(made: Made) -> None:
    words = [part_words(page.replace("three rules", "thr\u200bee rules")) for page in made.pages[0]]
    (found,) = audit_pdf("berrien", made.pdfs[0], words, TITLE, SHEET_OF_STYLE).findings
    assert (found.kind, "200b" in found.what) == ("invisible", True)


def test_a_finding_says_the_page_the_place_and_the_words(made: Made) -> None:
    (found,) = faults(made, pdf_of(made.renderer, first("three rules", "four rules")(made.pages[0])))
    assert (found.page, found.kind) == (1, "words")
    assert found.what.startswith('"four rules, and say so')
    assert 'stands where "three rules, and say so' in found.what
    assert found.box is not None
    assert 80 < found.box[0] < 500


def redrawn(old: bytes, new: bytes) -> Callable[[Any], None]:
    def change(pdf: Any) -> None:
        content = pdf.pages[0].Contents.read_bytes()
        assert re.search(old, content, re.DOTALL)
        pdf.pages[0].Contents.write(re.sub(old, lambda _: new, content, count=1, flags=re.DOTALL))

    return change


def drawn_too(what: bytes) -> Callable[[Any], None]:
    return lambda pdf: pdf.pages[0].Contents.write(pdf.pages[0].Contents.read_bytes() + b"\n" + what)


def a_run(pdf: Any, number: int) -> bytes:
    """Return how one stretch of text is drawn."""
    return re.findall(rb"BT.*?ET", pdf.pages[0].Contents.read_bytes(), re.DOTALL)[number]


def text_at(x: int, y: int) -> Callable[[Any], None]:
    def change(pdf: Any) -> None:
        run = re.sub(rb"[-.\d]+ [-.\d]+ Tm", b"%d %d Tm" % (x, y), a_run(pdf, 12))
        drawn_too(b"/Artifact BMC " + run + b" EMC")(pdf)

    return change


def picture_over_text(pdf: Any) -> None:
    image = Stream(pdf, Image.new("RGB", (4, 4)).tobytes())
    about = {"Width": 4, "Height": 4, "BitsPerComponent": 8, "ColorSpace": Name.DeviceRGB}
    for key, value in {"Type": Name.XObject, "Subtype": Name.Image, **about}.items():
        image[f"/{key}"] = value
    pdf.pages[0].add_resource(image, Name.XObject, Name.Logo)
    drawn_too(b"/Artifact BMC q 400 0 0 -60 100 400 cm /Logo Do Q EMC")(pdf)


def without_fonts(pdf: Any) -> None:
    for each in pdf.objects:
        if isinstance(each, Dictionary):
            for key in ("/FontFile2", "/FontFile3"):
                if key in each:
                    del each[key]


def swap(pdf: Any) -> None:
    one, two = pdf.pages[-1].obj, pdf.pages[-2].obj
    pdf.pages[-2], pdf.pages[-1] = pikepdf.Page(pdf.make_indirect(one)), pikepdf.Page(pdf.make_indirect(two))


def a_link(pdf: Any) -> Any:
    return next(each for each in pdf.objects if isinstance(each, Dictionary) and each.get("/Subtype") == "/Link")


def other_characters(pdf: Any) -> None:
    """Have a font say that what looks like one letter is another, for who copies or listens."""
    for each in pdf.objects:
        if isinstance(each, Dictionary) and "/ToUnicode" in each:
            content = each.ToUnicode.read_bytes()
            each.ToUnicode.write(re.sub(rb"<([0-9a-fA-F]{4})> <0042>", rb"<\1> <0043>", content))


DAMAGE: dict[str, Callable[[Any], object]] = {
    "a page deleted": lambda pdf: pdf.pages.__delitem__(-1),
    "the first page deleted": lambda pdf: pdf.pages.__delitem__(0),
    "a page twice": lambda pdf: pdf.pages.append(pdf.pages[0]),
    "two pages in each other's place": swap,
    "a stretch of text deleted": redrawn(rb"BT(?:(?!ET).)*?TJ\s*ET", b"BT ET"),
    "text over text": lambda pdf: drawn_too(b"/Artifact BMC " + a_run(pdf, 20) + b" EMC")(pdf),
    "a picture over text": picture_over_text,
    "text at the edge of the paper": text_at(4, 300),
    "white text": lambda pdf: drawn_too(b"/Artifact BMC 1 g " + a_run(pdf, 12) + b" EMC")(pdf),
    "fonts that are not embedded": without_fonts,
    "another file attached": lambda pdf: pdf.attachments.__setitem__("list.csv", b"id,agency"),
    "a program in it": lambda pdf: pdf.Root.__setitem__(
        "/Names", Dictionary(JavaScript=Dictionary(Names=Array([String("a"), Dictionary(S=Name.JavaScript)])))
    ),
    "something done when it is opened": lambda pdf: pdf.Root.__setitem__(
        "/OpenAction", Dictionary(S=Name.URI, URI=String("https://example.org"))
    ),
    "the title of another": lambda pdf: pdf.docinfo.__setitem__("/Title", "Guidance – Adrian Police Department"),
    "no numbers of parts": lambda pdf: pdf.Root.__delitem__("/PageLabels"),
    "a form": lambda pdf: pdf.Root.__setitem__(
        "/AcroForm", Dictionary(Fields=Array([pdf.make_indirect(Dictionary(FT=Name.Tx, T=String("a")))]))
    ),
    "something done when a page is shown": lambda pdf: pdf.pages[0].obj.__setitem__(
        "/AA", Dictionary(O=Dictionary(S=Name.URI, URI=String("https://example.org")))
    ),
    "a link that starts a program": lambda pdf: a_link(pdf).__setitem__("/A", Dictionary(S=Name.Launch)),
    "a page that is shown twice as large": lambda pdf: pdf.pages[0].obj.__setitem__("/UserUnit", 2),
    "a remark stuck on a page": lambda pdf: pdf.pages[0].obj.__setitem__(
        "/Annots",
        Array([pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=Array([9, 9, 30, 30])))]),
    ),
    "a small picture of another page": lambda pdf: pdf.pages[0].obj.__setitem__("/Thumb", pdf.make_stream(b"\0")),
    "a layer": lambda pdf: pdf.Root.__setitem__("/OCProperties", Dictionary(OCGs=Array())),
    "what another program keeps in it": lambda pdf: pdf.Root.__setitem__("/PieceInfo", Dictionary()),
    "other characters behind the same letters": other_characters,
    "the numbers of parts of another": lambda pdf: pdf.Root.__setitem__(
        "/PageLabels", Dictionary(Nums=Array([0, Dictionary(S=Name.D, St=5)]))
    ),
    "no tags": lambda pdf: pdf.Root.__delitem__("/StructTreeRoot"),
    "a note that is no note": lambda pdf: next(
        each for each in pdf.objects if isinstance(each, Dictionary) and each.get("/S") == "/Note"
    ).__delitem__("/ID"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_to_the_file_is_found(made: Made, kind: str) -> None:
    with pikepdf.open(io.BytesIO(made.pdfs[0])) as pdf:
        DAMAGE[kind](pdf)
        out = io.BytesIO()
        pdf.save(out)
    assert faults(made, out.getvalue()) != []


_PLACE = re.compile(rb"1 0 0 -1 ([-.\d]+) ([-.\d]+) Tm")


def moved(right: float, down: float, *, line: int | None = None) -> Callable[[Any], None]:
    """Move a stretch of text of the first page, or all of them, by points; pages are drawn in pixels of CSS."""

    def change(pdf: Any) -> None:
        content = pdf.pages[0].Contents.read_bytes()
        found = list(_PLACE.finditer(content))
        chosen = found if line is None else [found[line]]
        for each in reversed(chosen):
            across, height = float(each[1]) + right / 0.75, float(each[2]) + down / 0.75
            content = content[: each.start()] + b"1 0 0 -1 %f %f Tm" % (across, height) + content[each.end() :]
        pdf.pages[0].Contents.write(content)

    return change


def clipped(pdf: Any) -> None:
    """Cut the lower half of a line off, as a box does that is too low for it."""
    content = pdf.pages[0].Contents.read_bytes()
    run = next(each for each in re.finditer(rb"BT.*?ET", content, re.DOTALL) if b"TJ" in each[0])
    place = _PLACE.search(run[0])
    assert place is not None
    across, height = (float(each) for each in place.groups())
    cut = b"q %f %f 900 4 re W n " % (across - 5, height - 12)
    pdf.pages[0].Contents.write(content[: run.start()] + cut + run[0] + b" Q" + content[run.end() :])


def wider(pdf: Any) -> None:
    left, bottom, right, top = (float(edge) for edge in pdf.pages[0].MediaBox)
    pdf.pages[0].MediaBox = Array([left, bottom, right + 9, top])


LOOKS: dict[str, Callable[[Any], object]] = {
    "all text five points lower": moved(0, 5),
    "all text five points higher": moved(0, -5),
    "all text five points to the right": moved(5, 0),
    "a line five points lower": moved(0, 5, line=25),
    "a line five points higher": moved(0, -5, line=25),
    "a line five points to the left": moved(-5, 0, line=25),
    "a line in the right margin": moved(60, 0, line=25),
    "a line that is clipped": clipped,
    "pale text": redrawn(rb"BT", b"0.8 g BT"),
    "red text": redrawn(rb"BT", b"1 0 0 rg BT"),
    "a line through a word": drawn_too(b"/Artifact BMC 0 g 120 500 200 2 re f EMC"),
    "a white patch over words": drawn_too(b"/Artifact BMC 1 g 100 300 300 200 re f EMC"),
    "a page of another size": wider,
    "a page upside down": lambda pdf: pdf.pages[0].rotate(180, relative=True),
    "text that is wider": redrawn(rb"BT", b"BT 120 Tz"),
    "a rule left out": redrawn(rb" re\s+f|[-.\d]+ [-.\d]+ l\s+S", b" m n"),
    "a bookmark elsewhere": lambda pdf: pdf.Root.Outlines.First.__setitem__("/Title", String("Another")),
    "a link elsewhere": lambda pdf: next(
        each for each in pdf.objects if isinstance(each, Dictionary) and each.get("/Subtype") == "/Link"
    ).__setitem__("/Rect", Array([0, 0, 10, 10])),
    "words that are said otherwise": lambda pdf: next(
        each for each in pdf.objects if isinstance(each, Dictionary) and each.get("/S") == "/P"
    ).__setitem__("/ActualText", String("Another")),
    "a link to another place": lambda pdf: a_link(pdf).__setitem__("/Dest", Array([pdf.pages[-1].obj, Name.Fit])),
    "a paragraph in black": drawn_too(b"/Artifact BMC 0 g 90 400 300 40 re f EMC"),
    "letters that are spread": redrawn(rb"BT", b"BT 1 Tc"),
    "another author": lambda pdf: pdf.docinfo.__setitem__("/Author", "Somebody"),
    "a heading that is none": lambda pdf: next(
        each for each in pdf.objects if isinstance(each, Dictionary) and each.get("/S") == "/H1"
    ).__setitem__("/S", Name.P),
    "another language": lambda pdf: pdf.Root.__setitem__("/Lang", String("de")),
}
"""What only a letter made anew can be compared with."""


@pytest.mark.parametrize("kind", LOOKS)
def test_what_looks_unlike_the_letter_made_anew_is_found(brief: Made, kind: str) -> None:
    with pikepdf.open(io.BytesIO(brief.pdfs[0])) as pdf:
        LOOKS[kind](pdf)
        out = io.BytesIO()
        pdf.save(out)
    assert faults(brief, out.getvalue(), brief.pdfs[0]) != []


def test_other_bytes_that_look_the_same_pass(made: Made, brief: Made) -> None:
    for letter in (made, brief):
        with pikepdf.open(io.BytesIO(letter.pdfs[0])) as pdf:
            out = io.BytesIO()
            pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
        assert out.getvalue() != letter.pdfs[0]
        assert faults(letter, out.getvalue(), letter.pdfs[0]) == []


def test_a_line_that_was_moved_is_told_with_its_place_and_by_how_much(made: Made) -> None:
    with pikepdf.open(io.BytesIO(made.pdfs[0])) as pdf:
        moved(0, 5, line=25)(pdf)
        out = io.BytesIO()
        pdf.save(out)
    (found,) = [each for each in faults(made, out.getvalue(), made.pdfs[0]) if each.kind == "looks"]
    assert (found.kind, found.page, found.what) == ("looks", 1, "a line stands 5.0 points too low")
    assert found.box is not None


@pytest.mark.parametrize("spoil", [lambda pdf: b"", lambda pdf: pdf[: len(pdf) // 2], lambda pdf: b"no PDF at all"])
def test_a_file_that_is_not_whole_is_found(made: Made, spoil: Callable[[bytes], bytes]) -> None:
    assert [each.kind for each in faults(made, spoil(made.pdfs[0]))] == ["file"]


def test_the_letter_of_another_is_found(made: Made) -> None:
    assert {each.kind for each in faults(made, made.pdfs[1])} >= {"words", "title"}


def in_word(old: bytes, new: bytes, part: str = "word/document.xml") -> Callable[[bytes], bytes]:
    def change(content: bytes) -> bytes:
        parts = read_package(content)
        assert re.search(old, parts[part], re.DOTALL)
        parts[part] = re.sub(old, lambda _: new, parts[part], count=1, flags=re.DOTALL)
        return write_package(parts)

    return change


SPOILT_WORD: dict[str, Callable[[bytes], bytes]] = {
    "another word": in_word(b"three rules", b"four rules"),
    "a word left out": in_word(b"three rules", b"rules"),
    "another agency": in_word("Berrien County Sheriff’s".encode(), b"Adrian Police"),
    "the words of a note": in_word(b"Sent to", b"Send to", "word/footnotes.xml"),
    "a paragraph left out": in_word(rb"<w:p>(?:(?!</w:p>).)*three rules.*?</w:p>", b""),
    "half a file": lambda content: content[: len(content) // 2],
    "a program in it": lambda content: write_package({**read_package(content), "word/vbaProject.bin": b"x"}),
}


UNLIKE_ANEW: dict[str, Callable[[bytes], bytes]] = {
    "the running head of another": in_word(b"Berrien County", b"Adrian", "word/header2.xml"),
    "another letterhead": in_word(b"First Organization", b"Third Organization", "word/header1.xml"),
    "another mark of a draft": in_word(b"DRAFT FOR REVIEW", b"FINAL REVIEW", "word/footer1.xml"),
    "the title of another": in_word("Berrien County Sheriff’s".encode(), b"Adrian Police", "docProps/core.xml"),
    "a list that begins elsewhere": in_word(b'w:val="3"', b'w:val="4"', "word/numbering.xml"),
    "numerals for letters": in_word(b"lowerLetter", b"lowerRoman", "word/numbering.xml"),
    "white words": in_word(b"<w:rPr>", b'<w:rPr><w:color w:val="FFFFFF"/>'),
    "tiny words": in_word(b"<w:rPr>", b'<w:rPr><w:sz w:val="2"/>'),
    "words struck through": in_word(b"<w:rPr>", b"<w:rPr><w:strike/>"),
    "capitals": in_word(b"<w:rPr>", b"<w:rPr><w:caps/>"),
    "another language": in_word(b'w:val="en-US"', b'w:val="de-DE"', "word/styles.xml"),
    "a page on its side": in_word(b"<w:pgSz ", b'<w:pgSz w:orient="landscape" '),
    "a date that changes": in_word(b"<w:p>", b'<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r>'),
}


def test_a_word_file_made_anew_tells_what_words_do_not(made: Made) -> None:
    for kind, spoil in UNLIKE_ANEW.items():
        assert audit_docx("id", spoil(made.docx[0]), made.words(), made.docx[0]).findings != (), kind
    assert audit_docx("id", made.docx[0], made.words(), made.docx[0]).findings == ()


@pytest.mark.parametrize("kind", SPOILT_WORD)
def test_damage_to_a_word_file_is_found(made: Made, kind: str) -> None:
    assert audit_docx("id", SPOILT_WORD[kind](made.docx[0]), made.words()).findings != ()


def test_the_word_file_of_another_is_found(made: Made) -> None:
    assert audit_docx("id", made.docx[1], made.words()).findings != ()


def test_there_are_a_hundred_and_eighteen_kinds_of_damage() -> None:
    assert sum(map(len, (MISPRINTS, DAMAGE, LOOKS, SPOILT_WORD, UNLIKE_ANEW))) >= 118


def test_a_number_of_its_own_is_the_marker_of_an_item() -> None:
    """A letter made in Word with items 1.1 and 2.1 was left out of its mailing: the audit looked for 1. and 1."""
    items = '<li style="list-style-type: \'2.1 \'">One.<li style="list-style-type: none">Two.<li>Three.'
    assert part_words(f"<html><body><main><ol>{items}</ol></main></body></html>").markers == ("2.1", "3.")


def test_the_words_of_the_letterhead_are_told_apart() -> None:
    said = part_words("<html><body><header><p>Our <b>Office</b></p></header><main><p>Dear All</p></main></body></html>")
    assert (said.letterhead.split(), said.docx) == (["Our", "Office"], "DearAll")


def test_the_number_of_an_item_may_be_read_before_its_text() -> None:
    said = part_words("<html><body><main><p>Text</p><ol><li>One</li></ol></main></body></html>")
    assert [[*compare([page], said, ())] for page in ("Text One 1.", "Text 1. One")] == [[], []]
    assert [*compare(["1. Text One"], said, ())] != []
