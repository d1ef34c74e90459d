"""Letters from shared pages look, read and are tagged as those that WeasyPrint makes one by one."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.campaign.load import Project, load
from letters.model.records import MergedLetter, Values
from letters.render import RenderError
from letters.render.pdf.batch import BatchPdfRenderer
from letters.render.pdf.plain import Pdf, PdfRenderer
from letters.render.proof import pdf_differences
from tests.desk import CHIEF, SHERIFF, set_up
from tests.examples import examples
from tests.merged import with_context
from tests.sample import DOZEN, loaded

PACK = ("guidance-letter", "agreement-follow-up", "records-request", "thank-you", "county-board", "press-release")
LETTER = """
We write to the {{ recipient.agency }} about policy.[^one] The *choice* is that of {{ recipient.jurisdiction }}, and
**{{ recipient.agency }}** makes it{% if recipient.agreement_287g %}, as on {{ recipient.agreement_signed }}{% endif %}.

# What an agency may do

1. Tell victims and witnesses in {{ recipient.jurisdiction }} that they may come forward.[^two]
2. Nothing else.[^three]

> {{ recipient.agency }}

The choice is one for your department and for the city council that pays for what is decided, and answerable to
the people of {{ recipient.jurisdiction }}. {% if recipient.agreement_287g %}It was made.{% endif %}

{% for line in recipient.inside_address %}
{{ line }}, which is one of the lines of an address that the {{ recipient.agency }} has given, and which stands here
once for each line so that the letter gets long enough to run over the foot of a page wherever that may fall, with
{{ recipient.jurisdiction }} before it and after it.

A paragraph that is the same for all. A paragraph that is the same for all.
{% endfor %}

[^one]: A note of every letter.

[^two]: A note on {{ recipient.jurisdiction }}, see note {{ note.one }}.

[^three]: A note for the {{ recipient.agency }} of {{ recipient.jurisdiction }}, *in italics*.
"""
ODD_LETTER = """
# What {{ recipient.jurisdiction }} may do

| Agency                 | Year |
|------------------------|------|
| {{ recipient.agency }} | 2025 |

See [the list](https://example.org/list) of {{ recipient.county }}, and the {{ recipient.agency }}.[^one]

[^one]: A note of two paragraphs on {{ recipient.agency }}.

    The second paragraph, on {{ recipient.jurisdiction }}.
"""
LONG_NOTES = "\n\n".join(
    f"A paragraph for the {{{{ recipient.agency }}}} that calls a note.[^n{n}] {'It goes on for a while. ' * 20}"
    f"\n\n[^n{n}]: {'Words on the {{ recipient.agency }} and others in {{ recipient.jurisdiction }}. ' * (5 + n % 4)}"
    for n in range(5)
)
NAMES = (
    "O’Neil & <Sons>",
    "the City of Sault Ste. Marie",
    "Office of the Sheriff of the County of Grand Traverse, Civil Division and Court Services Bureau",
    "Ñuñoa fi fl ffi ﬁ",
    "e\u0301tude a\u0308 Z\u030c",
    "مكتب الشريف",
    "שריף Wayne",
    "non\u00a0breaking words\u00a0here",
    "soft\u00adhyphen\u00adation",
    "two  spaces and\ttab",
    "{{ 7*7 }} {% x %}",
    "Supercalifragilisticexpialidociouscountydepartmentofpublicsafetyandmore" * 2,
    "x",
    "AVAST To Ty Wa",
    "Page 1 of 1",
)


@dataclass(frozen=True)
class Ways:
    """Both ways to a PDF, with the letters of a campaign."""

    plain: PdfRenderer
    composer: BatchPdfRenderer
    letters: dict[str, MergedLetter]
    made: dict[str, Pdf] = field(default_factory=dict)
    """What the plain way made of letters as they are in the list."""

    def render_plainly(self, letter: MergedLetter) -> Pdf:
        """Make a letter the plain way; one that is as it is in the list only once."""
        identifier = letter.recipient.id
        if letter is not self.letters[identifier]:
            return self.plain.render(letter.context, letter.notes)
        if identifier not in self.made:
            self.made[identifier] = self.plain.render(letter.context, letter.notes)
        return self.made[identifier]

    def differences(self, letter: MergedLetter) -> list[str]:
        """Make a letter both ways; where the plain way fails, so must the other."""
        try:
            plain = self.render_plainly(letter)
        except RenderError as error:
            with pytest.raises(RenderError, match=r".*"):
                self.composer.render(letter.context, letter.notes)
            return [] if str(error) else ["no reason"]
        composed = self.composer.render(letter.context, letter.notes)
        found = pdf_differences(plain.content, composed.content)
        return [*found, *["pages"] * (plain.pages != composed.pages)]


def ways_of(folder: Path) -> Ways:
    project, problems = load(folder / "campaign.toml")
    assert project is not None, problems
    return both_ways(project)


def of_pack(letter: str = "guidance-letter") -> Ways:
    return both_ways(loaded(letter)[0])


def both_ways(project: Project) -> Ways:
    roots = {"campaign": project.folder, "templates": project.templates}
    making = (project.template.parts, roots, project.campaign.date)
    return Ways(
        PdfRenderer(*making),
        BatchPdfRenderer(*making, strict=True),
        {each.recipient.id: each for each in project.letters},
    )


@pytest.fixture(scope="module")
def sample() -> Ways:
    return of_pack()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return set_up(folder=tmp_path_factory.mktemp("desk") / "campaign", letter=LETTER).folder


@pytest.fixture(scope="module")
def ways(desk: Path) -> Ways:
    return ways_of(desk)


@pytest.fixture(scope="module")
def long_notes(tmp_path_factory: pytest.TempPathFactory) -> Ways:
    return ways_of(set_up(folder=tmp_path_factory.mktemp("notes") / "campaign", letter=LONG_NOTES).folder)


def with_values(letter: MergedLetter, **values: object) -> MergedLetter:
    recipient: Any = letter.context["recipient"]
    changed = Values({**{name: recipient[name] for name in recipient}, **values})
    return with_context(letter, recipient=changed)


def test_a_letter_of_the_sample_is_composed_and_equal(sample: Ways) -> None:
    assert sample.differences(sample.letters[DOZEN[0]]) == []
    assert sample.composer.from_templates == 1


def test_a_running_head_that_says_more_than_a_name_is_set_apart() -> None:
    ways = of_pack("county-board")
    for letter in [*ways.letters.values()][:2]:
        ways.composer.render(letter.context, letter.notes)
    assert ways.composer.from_templates == 2


@pytest.mark.slow
@pytest.mark.parametrize("letter", PACK)
def test_all_sheriffs_or_as_many_others_are_composed_and_equal_in_every_letter_of_the_pack(letter: str) -> None:
    ways = of_pack(letter)
    letters = sorted(ways.letters.values(), key=lambda letter: letter.recipient["office"] != "sheriff")[:83]
    assert {each.recipient.id: found for each in letters if (found := ways.differences(each))} == {}
    assert ways.composer.from_templates == len(letters) == min(83, len(ways.letters))


@pytest.mark.parametrize("name", NAMES)
def test_an_awkward_name_is_set_as_in_the_plain_way(ways: Ways, name: str) -> None:
    letter = with_values(ways.letters[CHIEF["id"]], agency=name, jurisdiction=name, running_name=name)
    assert ways.differences(letter) == []


@examples(5, 50)
@given(
    st.lists(st.text(st.characters(max_codepoint=0x24F), min_size=1) | st.sampled_from(NAMES), min_size=4, max_size=4)
)
def test_any_names_are_set_as_in_the_plain_way(ways: Ways, names: list[str]) -> None:
    agency, jurisdiction, running, line = ("".join(c for c in name if c.isprintable()).strip() or "x" for name in names)
    letter = with_values(
        ways.letters[SHERIFF["id"]],
        agency=agency,
        jurisdiction=f"{jurisdiction} {agency}",
        running_name=running,
        inside_address=(line, agency, f"{line} {jurisdiction}"),
    )
    assert ways.differences(letter) == []


def test_letters_of_one_shape_share_their_pages(ways: Ways) -> None:
    letter = ways.letters[SHERIFF["id"]]
    before = (ways.composer.from_templates, ways.composer.page_templates())
    for name in ("Lapeer County", "Ingham County", "Eaton County", "Alger County"):
        changed = with_values(letter, agency=f"{name} Sheriff", jurisdiction=name, running_name=f"Sheriff of {name}")
        assert ways.differences(changed) == []
    assert ways.composer.from_templates == before[0] + 4
    assert ways.composer.page_templates() <= before[1] + 1


def test_values_in_headings_tables_and_notes_of_two_paragraphs_are_set_as_in_the_plain_way(tmp_path: Path) -> None:
    ways = ways_of(set_up(folder=tmp_path / "campaign", letter=ODD_LETTER).folder)
    for letter in ways.letters.values():
        assert ways.differences(letter) == []


@pytest.mark.parametrize("name", NAMES[:6])
def test_values_in_notes_that_are_split_between_pages_are_set_as_in_the_plain_way(long_notes: Ways, name: str) -> None:
    letter = with_values(long_notes.letters[CHIEF["id"]], agency=name)
    before = long_notes.composer.from_templates
    assert long_notes.differences(letter) == []
    assert long_notes.composer.from_templates == before + 1


def test_a_name_in_capitals_is_that_of_its_letter(tmp_path: Path) -> None:
    desk = set_up(folder=tmp_path / "campaign", letter=LONG_NOTES).folder
    with (desk / "templates" / "letterhead.css").open("a", encoding="utf-8") as looks:
        looks.write("@page letter { @top-left { text-transform: uppercase } }")
    ways = ways_of(desk)
    letter = next(iter(ways.letters.values()))
    for name in ("Sheriff Adams of Grant County", "Sheriff Adler of Gray County"):
        assert ways.differences(with_values(letter, running_name=name)) == []


def test_a_letter_has_the_same_bytes_whatever_was_made_before_it(desk: Path, ways: Ways) -> None:
    letter = ways.letters[SHERIFF["id"]]
    composer = ways_of(desk).composer
    with pytest.raises(RenderError, match="unsupported by fonts"):
        composer.render(*_values(with_values(letter, agency="the \U00012345 office")))
    name = "an office with a name that takes more than the room of one line in the letter"
    composer.render(*_values(with_values(letter, jurisdiction=name)))
    composer.render(*_values(with_values(letter, agency="Q & Ž", running_name="J. Q. Ž")))
    again = ways_of(desk).composer.render(*_values(letter))
    assert composer.render(*_values(letter)) == again


@pytest.mark.slow
def test_letters_have_the_same_bytes_in_whatever_order_they_are_made(sample: Ways) -> None:
    letters = [sample.letters[identifier] for identifier in DOZEN]
    made = [[of_pack().composer.render(*_values(letters[place])) for place in (0, 5, 11)]]
    for order in (letters, letters[::-1]):
        composer = of_pack().composer
        pdfs = {letter.recipient.id: composer.render(*_values(letter)) for letter in order}
        made.append([pdfs[DOZEN[place]] for place in (0, 5, 11)])
    assert made[0] == made[1] == made[2]


def _values(letter: MergedLetter) -> tuple[Any, Any]:
    return letter.context, letter.notes


def test_a_paragraph_is_broken_as_on_the_page_whatever_was_broken_before(ways: Ways) -> None:
    """WeasyPrint sets the first word alone if the rest has room but for the space at its end."""
    before = ways.composer.from_templates
    letters = [with_values(ways.letters[CHIEF["id"]], jurisdiction=f"the City of A{'l' * more}n") for more in range(60)]
    for letter in letters:
        ways.composer.render(*_values(letter))
    assert ways.composer.from_templates - before == len(letters)
    for letter in letters[::15]:
        assert ways.differences(letter) == []


def test_lines_that_differ_in_their_words_only_are_set_without_weasyprint(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from letters.render.pdf.weasyprint_internals import next_line

    ways = ways_of(desk)
    asked: list[object] = []

    def break_line(*more: Any) -> Any:
        asked.append(more)
        return next_line(*more)

    monkeypatch.setattr("letters.render.pdf.line_setter.next_line", break_line)
    for name in ("Lapeer", "Ingham", "Eaton"):
        before = len(asked)
        city = f"the City of {name}"
        letter = with_values(ways.letters[CHIEF["id"]], agency=f"{name} Police", jurisdiction=city, running_name=city)
        assert ways.differences(letter) == []
    assert len(asked) - before <= 2 < before


class FaultyRenderer(BatchPdfRenderer):
    """An engine with a fault."""

    def _set_element(self, part: Any, number: int, content: str) -> Any:
        raise IndexError("no such line")


def faulty(desk: Path, *, strict: bool) -> FaultyRenderer:
    project, _ = load(desk / "campaign.toml")
    assert project
    roots = {"campaign": project.folder, "templates": project.templates}
    return FaultyRenderer(project.template.parts, roots, project.campaign.date, strict=strict)


def test_a_letter_that_meets_a_fault_of_the_engine_is_made_the_plain_way_and_says_so(desk: Path, ways: Ways) -> None:
    letter = ways.letters[CHIEF["id"]]
    made = faulty(desk, strict=False).render(*_values(letter))
    assert made.content == ways.render_plainly(letter).content
    assert made.unexpected
    assert made.fallback.startswith("IndexError: no such line (test_batch.py, line ")


def test_a_strict_engine_raises_its_faults(desk: Path, ways: Ways) -> None:
    with pytest.raises(IndexError, match="no such line"):
        faulty(desk, strict=True).render(*_values(ways.letters[CHIEF["id"]]))


def test_a_letter_that_the_engine_is_not_made_for_says_why(ways: Ways) -> None:
    letter = with_values(ways.letters[CHIEF["id"]], running_name="two  spaces")
    made = ways.composer.render(*_values(letter))
    assert made.fallback == "a title or a running head has line breaks or double spaces"
    assert not made.unexpected
    assert ways.composer.render(*_values(ways.letters[CHIEF["id"]])).fallback == ""


@pytest.mark.parametrize("field", ["agency", "running_name"])
def test_a_letter_that_no_font_has_the_letters_for_fails_each_time(ways: Ways, field: str) -> None:
    letter = with_values(ways.letters[CHIEF["id"]], **{field: "the \U00012345 office"})
    for _ in range(2):
        with pytest.raises(RenderError, match="unsupported by fonts"):
            ways.composer.render(*_values(letter))
    assert ways.differences(ways.letters[CHIEF["id"]]) == []


def test_a_text_that_no_font_has_the_letters_for_fails_in_each_letter_and_is_not_kept(
    desk: Path, tmp_path: Path
) -> None:
    project, problems = load(desk / "campaign.toml")
    assert project is not None, problems
    roots = {"campaign": project.folder, "templates": project.templates}
    parts = [part._replace(html=part.html.replace("A paragraph", "\U00012345", 1)) for part in project.template.parts]
    for _ in range(2):
        renderer = BatchPdfRenderer(parts, roots, project.campaign.date, tmp_path / "cache", "x")
        for letter in [*project.letters, *project.letters]:
            with pytest.raises(RenderError, match="unsupported by fonts"):
                renderer.render(*_values(letter))
