from __future__ import annotations

import pytest

from letters.campaign.load import load
from letters.compile.html import write_body
from letters.compile.parse import parse
from letters.compile.settle import Settled, settle, with_contents
from letters.formats.ooxml import parse as parse_xml
from letters.formats.ooxml import read_package, w
from letters.mail.windows import read_words
from letters.model.records import Source
from tests.conftest import MakeDesk

HEADINGS = (
    "Opening.\n\n# One\n\nText.\n\n{% if recipient.phone %}\n# Two[^a]\n{% else %}\n# Other\n{% endif %}\n\n# Last\n"
)
NOTE = "\n[^a]: A note.\n"


def settled(text: str) -> Settled:
    parsed, problems = parse(Source("letter.md", text))
    assert problems == []
    return settle(parsed, {})[0]


def test_the_contents_stand_before_the_first_heading_under_the_same_conditions() -> None:
    listed = with_contents(settled(HEADINGS + NOTE), 1)
    assert listed is not None
    assert [block["t"] for block in listed.blocks] == ["Para", "Contents", "Header", "Para", "If", "Header"]
    html = write_body(listed)
    contents = html[html.index("<nav") : html.index("</nav>")]
    assert '{% if recipient.phone %}<p class="contents-entry"><a href="#part-2">Two</a></p>' in contents
    assert '{% else %}<p class="contents-entry"><a href="#part-3">Other</a></p>' in contents
    assert '<h1 id="part-4">Last</h1>' in html


def test_a_note_of_a_heading_is_not_called_in_the_contents() -> None:
    listed = with_contents(settled(HEADINGS + NOTE), 1)
    assert listed is not None
    assert write_body(listed).count('class="note"') == 1


def test_headings_of_another_level_and_in_a_loop_are_not_listed() -> None:
    loop = "{% for line in recipient.inside_address %}\n\n# In a loop\n\n{% endfor %}\n"
    assert with_contents(settled(f"## Below\n\n{loop}"), 1) is None


def test_a_letter_without_headings_is_told_so(make_desk: MakeDesk) -> None:
    desk = make_desk(letter="---\ncontents: true\n---\nText.\n")
    _, problems = load(desk.folder / "campaign.toml")
    assert [str(problem) for problem in problems] == [
        "templates/letter.md: contents: warning: there is no heading to list\n"
        '    hint: write headings ("# …"), or remove the key'
    ]


@pytest.fixture
def document(make_desk: MakeDesk) -> str:
    desk = make_desk(letter=f"---\ncontents: true\n---\n{HEADINGS}{NOTE}")
    desk.run("build")
    content = desk.out("docx/adrian-police.docx").read_bytes()
    body = parse_xml(read_package(content)["word/document.xml"])
    instructions = "|".join((element.text or "").strip() for element in body.iter(w("instrText")))
    names = "|".join(str(mark.get(w("name"))) for mark in body.iter(w("bookmarkStart")))
    return f"{instructions}\n{names}"


def test_word_gets_a_field_whose_links_lead_to_headings(document: str) -> None:
    instructions, names = (line.split("|") for line in document.split("\n"))
    assert instructions[0] == 'TOC \\o "1-1" \\h \\z'
    links = [instruction.removeprefix('HYPERLINK \\l "').rstrip('"') for instruction in instructions[1::2]]
    assert instructions[2::2] == [f"PAGEREF {link} \\h" for link in links]
    assert links == ["_Toc0_1", "_Toc0_3", "_Toc0_4"]
    assert set(links) <= set(names)


def test_word_shows_the_pages_of_the_pdf(make_desk: MakeDesk) -> None:
    filler = "\n\n".join(["A paragraph that takes a line or two on its page, so that there are several pages."] * 40)
    letter = f"---\ncontents: true\n---\nOpening.\n\n# One\n\n{filler}\n\n# Two\n\n{filler}\n\n# Three\n\nEnd.\n"
    desk = make_desk(letter=letter)
    desk.run("build", "--only", "adrian-police")
    words = read_words(desk.out("pdf/adrian-police.pdf").read_bytes())
    pages = [next(word.page + 1 for word in reversed(words) if word.text == title) for title in ("One", "Two", "Three")]
    assert pages[-1] > 2
    body = parse_xml(read_package(desk.out("docx/adrian-police.docx").read_bytes())["word/document.xml"])
    entries = [p for p in body.iter(w("p")) if "PAGEREF" in "".join(p.itertext())]
    assert [list(p.iter(w("t")))[-1].text for p in entries] == [str(page) for page in pages]


def test_headings_begin_at_the_first_level_in_word_and_enclosures_have_their_own(make_desk: MakeDesk) -> None:
    desk = make_desk(letter="---\nenclosures: [sheet]\n---\n# One\n\n## Below\n\nText.\n")
    desk.write("templates/enclosures/sheet.md", "---\ntitle: Sheet\n---\n# Sheet\n\n## Part\n\nText.\n")
    project, problems = load(desk.folder / "campaign.toml")
    assert project is not None, problems
    package = read_package(project.template.word)
    styles = [str(s.get(w("val"))) for s in parse_xml(package["word/document.xml"]).iter(w("pStyle"))]
    headings = [style for style in styles if style.startswith(("Heading", "Enclosure")) and style != "Enclosures"]
    assert headings == ["Heading1", "Heading2", "EnclosureTitle", "EnclosureHeading"]
