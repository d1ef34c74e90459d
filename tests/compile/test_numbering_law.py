"""The law of numbers: in the text, in references and at the page's foot a note has one number, whoever it is for."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

import pytest
from lxml import etree

from letters.build.executors import InProcess
from letters.build.jobs import RenderSetup, render_all, render_job
from letters.campaign.load import Project, load
from letters.formats.ooxml import parse, read_package, w
from letters.model.records import DOCX, PDF, MergedLetter
from tests.desk import CHIEF, set_up

COLUMNS = ("aa", "bb", "cc", "dd", "ee", "ff", "gg", "hh")
LETTER = """
---
enclosures: [policy]
---

Always CALLone[^one] and {% if recipient.aa %}then CALLtwo[^two] and {% endif %}more REFone {{ note.one }}.

{% if recipient.bb %}
Under a condition CALLthree,[^three] and REFthree {{ note.three }}.

{% if recipient.cc %}
Under two CALLfour.[^four]
{% elif recipient.dd %}
Under another CALLfive,[^five] not REFthree {{ note.three }}.
{% else %}
Under none CALLsix.[^six]
{% endif %}
{% endif %}

{% include "shared" %}

1. An item CALLeight.[^eight]
{% if recipient.ff %}
2. A second CALLnine[^nine], as REFeight {{ note.eight }} says.
{% endif %}
3. A last one{% if recipient.gg %}, CALLten[^ten]{% endif %}.

{% if recipient.hh %}
| Table | Notes |
|-------|-------|
| Cell  | CALLeleven[^eleven] REFone {{ note.one }} |
{% endif %}

At last CALLlast[^the-last-of-all-the-notes-which-has-a-very-long-name] REFone {{ note.one }}.

[^one]: FOOTone, and {% if recipient.hh %}REFeleven {{ note.eleven }}, {% endif %}no more.

[^two]: FOOTtwo.

[^three]: FOOTthree of {{ recipient.agency }}.

[^four]: FOOTfour, REFlast {{ note["the-last-of-all-the-notes-which-has-a-very-long-name"] }}.

[^five]: FOOTfive.

[^six]: FOOTsix.

[^eight]: FOOTeight.

[^nine]: FOOTnine.

[^ten]: FOOTten.

[^eleven]: FOOTeleven.

[^the-last-of-all-the-notes-which-has-a-very-long-name]: FOOTlast, REFone {{ note.one }}.
"""
CLAUSE = """
{% if recipient.ee %}
A clause CALLseven.[^seven]
{% endif %}

[^seven]: FOOTseven, REFone {{ note.one }}.
"""
POLICY = """
{% if recipient.aa %}A policy CALLpolicy.[^policy]{% endif %} It ends CALLend[^end] with REFend {{ note.end }}.

[^policy]: FOOTpolicy.

[^end]: FOOTend.
"""


def expected(columns: frozenset[str]) -> list[dict[str, int]]:
    """Number the notes of the letter and of the enclosure by counting, in the test's own way."""
    a, b, c, d, e, f, g, h = (name in columns for name in COLUMNS)
    there = {
        "one": True,
        "two": a,
        "three": b,
        "four": b and c,
        "five": b and not c and d,
        "six": b and not c and not d,
        "seven": e,
        "eight": True,
        "nine": f,
        "ten": g,
        "eleven": h,
        "last": True,
    }
    letter = [name for name, shown in there.items() if shown]
    policy = ["policy", "end"] if a else ["end"]
    return [{name: number for number, name in enumerate(names, start=1)} for names in (letter, policy)]


@dataclass
class Numbers:
    """The numbers that a part shows: at the calls, in references, at the foot of its pages."""

    calls: dict[str, int]
    references: set[tuple[str, int]]
    feet: dict[str, int]

    def check(self, wanted: dict[str, int]) -> None:
        assert list(self.calls.items()) == list(wanted.items())
        assert self.feet == wanted
        assert self.references
        assert self.references <= set(wanted.items())


def numbers_of_docx(content: bytes) -> list[Numbers]:
    """Number the notes of a DOCX as Word does: by their order in a section, whatever the file's own ids are."""
    package = read_package(content)
    feet = {note.get(w("id")): said(note) for note in parse(package["word/footnotes.xml"]).iter(w("footnote"))}
    parts = [Numbers({}, set(), {})]
    called: dict[str, int] = {}
    bookmarks: dict[str, int] = {}
    opened: list[str] = []
    text = ""
    body = parse(package["word/document.xml"])
    for element in body.iter():
        if element.tag == w("t"):
            text += element.text or ""
        elif element.tag == w("bookmarkStart"):
            opened = [str(element.get(w("name")))]
        elif element.tag == w("footnoteReference"):
            (name,) = re.findall(r"FOOT([a-z]+)", feet[element.get(w("id"))])
            assert re.findall(r"CALL([a-z]+)", text)[-1] == name
            number = len(parts[-1].calls) + 1
            parts[-1].calls[name] = parts[-1].feet[name] = number
            called[str(element.get(w("id")))] = number
            bookmarks |= dict.fromkeys(opened, number)
            opened = []
        elif element.tag == w("sectPr"):
            parts.append(Numbers({}, set(), {}))
    assert set(called) == {str(identifier) for identifier in feet if int(str(identifier)) > 0}
    for numbers, root in zip(parts, sections(body), strict=False):
        notes = [
            feet_of(package, str(call.get(w("id")))) for each in root for call in each.iter(w("footnoteReference"))
        ]
        for name, bookmark, cached in (found for each in (*root, *notes) for found in note_fields(each)):
            assert bookmarks[bookmark] == cached
            numbers.references.add((name, cached))
    return parts[:-1]


def sections(body: etree._Element) -> list[list[etree._Element]]:
    groups: list[list[etree._Element]] = [[]]
    for block in body[0]:
        groups[-1].append(block)
        if block.find(f".//{w('sectPr')}") is not None:
            groups.append([])
    return groups


def feet_of(package: dict[str, bytes], identifier: str) -> etree._Element:
    notes = parse(package["word/footnotes.xml"]).iter(w("footnote"))
    return next(note for note in notes if note.get(w("id")) == identifier)


def said(element: etree._Element) -> str:
    return "".join(piece.text or "" for piece in element.iter(w("t")))


def note_fields(element: etree._Element) -> list[tuple[str, str, int]]:
    """List the references of an element: the note's name in the words before, the bookmark, the cached number."""
    found = []
    text, bookmark = "", ""
    for piece in element.iter(w("t"), w("instrText"), w("fldChar")):
        if piece.tag == w("instrText"):
            keyword, bookmark, switch = (piece.text or "").split()
            assert (keyword, switch) == ("NOTEREF", r"\h")
        elif piece.tag == w("t") and bookmark:
            found.append((re.findall(r"REF([a-z]+)", text)[-1], bookmark, int(piece.text or "")))
        elif piece.tag == w("t"):
            text += piece.text or ""
        elif piece.get(w("fldCharType")) == "end":
            bookmark = ""
    return found


def numbers_of_pdf(content: bytes) -> list[Numbers]:
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    pages = [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in document]
    first = next(number for number, text in enumerate(pages) if "It ends" in text)
    return [numbers_of_text("\n".join(pages[:first])), numbers_of_text("\n".join(pages[first:]))]


def numbers_of_text(text: str) -> Numbers:
    calls = {name: int(number) for name, number in re.findall(r"CALL([a-z]+)[.,]?\s?(\d+)", text)}
    feet = {name: int(number) for number, name in re.findall(r"(\d+)\s?FOOT([a-z]+)", text)}
    return Numbers(calls, {(name, int(number)) for name, number in re.findall(r"REF([a-z]+)\s+(\d+)", text)}, feet)


@dataclass
class Case:
    """A combination of columns that are filled, and the letter that goes with it."""

    columns: frozenset[str]
    letter: MergedLetter


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    combinations = [
        frozenset(name for bit, name in enumerate(COLUMNS) if number >> bit & 1)
        for number in random.Random(1357).sample(range(2 ** len(COLUMNS)), 200)  # noqa: S311 - the same on every run
    ]
    rows = [
        {
            **CHIEF,
            "id": "-".join(["police", *sorted(filled)]),
            "zip": f"49221-{number + 1:04}",
            **{name: "yes" if name in filled else "" for name in COLUMNS},
        }
        for number, filled in enumerate(combinations)
    ]
    desk = set_up(folder=tmp_path_factory.mktemp("law"), letter=LETTER.lstrip(), rows=rows)
    desk.write("templates/clauses/shared.md", CLAUSE)
    desk.write("templates/enclosures/policy.md", POLICY)
    loaded, problems = load(desk.folder / "campaign.toml")
    assert [problem for problem in problems if problem.stops] == []
    assert loaded
    assert len(loaded.letters) == 200
    return loaded


@pytest.fixture(scope="module")
def cases(project: Project) -> list[Case]:
    return [Case(frozenset(each.recipient.id.split("-")[1:]), each) for each in project.letters]


def made(project: Project, cases: list[Case], medium: str) -> list[bytes]:
    setup = RenderSetup(medium, project.template, project.folder, project.templates, project.campaign.date)
    jobs = [render_job(case.letter, (medium,), project.template.statics) for case in cases]
    results = [each for documents in render_all(setup, [jobs], InProcess, 1) for each in documents]
    assert [each.failure for each in results if each.failure] == []
    return [each.content for each in results]


def test_the_numbers_merged_are_those_one_counts(cases: list[Case]) -> None:
    for case in cases:
        wanted = expected(case.columns)
        for notes, numbers in zip(case.letter.notes, wanted, strict=True):
            assert [notes[name] for name in notes] == list(numbers.values())


@pytest.mark.parametrize("every", [5, pytest.param(1, marks=pytest.mark.slow)])
def test_every_docx_shows_one_number_for_each_note(project: Project, cases: list[Case], every: int) -> None:
    some = cases[::every]
    for case, content in zip(some, made(project, some, DOCX), strict=True):
        for numbers, wanted in zip(numbers_of_docx(content), expected(case.columns), strict=True):
            numbers.check(wanted)


def test_every_pdf_shows_one_number_for_each_note(project: Project, cases: list[Case]) -> None:
    some = cases[::16]
    for case, content in zip(some, made(project, some, PDF), strict=True):
        for numbers, wanted in zip(numbers_of_pdf(content), expected(case.columns), strict=True):
            numbers.check(wanted)
