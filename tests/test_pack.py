"""The pack: every letter in both media, for a sheriff and a chief, with an agreement and without, named and not."""

from __future__ import annotations

import fcntl
import html
import re
import shutil
from itertools import product
from pathlib import Path

import pypdfium2
import pytest

from letters.campaign.load import load
from letters.cite.style import in_style, kind_of, write_full
from letters.formats import jinja
from letters.model.problems import Problem
from letters.model.settings import CiteStyle
from letters.read.campaign import read_authorities
from letters.read.toml import read_toml
from tests.desk import CHIEF, ROOT, SHERIFF, Desk, copy_templates
from tests.reading import docx_words, pdf_pages, pdf_words
from tests.render.test_words import foreign
from tests.sample import Built, recipients

FIVE = (
    "berrien-county-sheriff",
    "alcona-county-sheriff",
    "adrian-police",
    "taylor-police",
    "berrien-springs-oronoko-township-police",
)
"""A name and a warrant-service agreement; a name; neither; the City of Taylor; the longest name of an agency."""
WITH_AGREEMENT = ("berrien-county-sheriff", "taylor-police")
FURTHER = {
    "agreement-follow-up": WITH_AGREEMENT,
    "records-request": FIVE,
    "thank-you": ("east-lansing-police",),
    "county-board": FIVE[::2],
    "press-release": FIVE[::2],
}
"""The letters beside the guidance letter, and whom of the five each is for."""
TO_ALL = ("records-request", "county-board", "press-release")
EACH = [(letter, identifier) for letter, those in FURTHER.items() for identifier in those]
PAGES = {"agreement-follow-up": (2, 3), "records-request": (2, 4), "county-board": (4, 7), "press-release": (1, 2)}
BRACKETS = re.compile(r"\[([^\[\]^{}]+)\](?![{(])")


@pytest.fixture(scope="session")
def pack(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Build the further letters for the five, once for all processes that share the tests."""
    folder = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        folder = folder.parent
    out, finished = folder / "pack", folder / "pack.finished"
    with (folder / "pack.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not finished.exists():
            for letter, those in FURTHER.items():
                asked = those if letter in TO_ALL else dict.fromkeys((*FIVE, *those))
                only = [argument for identifier in asked for argument in ("--only", identifier)]
                done = Desk(ROOT).run("build", "--out", str(out), "--jobs", "1", "--letter", letter, *only, code=None)
                assert done.returncode in (0, 1), done.stderr
            finished.touch()
    return out


def part_pages(content: bytes) -> dict[str, int]:
    """Count the pages of each part of a PDF by its title in the running head; "" is the letter itself."""
    document = pypdfium2.PdfDocument(content)
    counted: dict[str, int] = {}
    for page in document:
        title = re.search(r"^Enclosure: (.+?)\s*Page \d+ of", page.get_textpage().get_text_range(), re.MULTILINE)
        name = title[1].strip() if title else ""
        counted[name] = counted.get(name, 0) + 1
    document.close()
    return counted


@pytest.mark.parametrize("letter", FURTHER)
def test_a_letter_is_made_for_those_it_is_meant_for(pack: Path, letter: str) -> None:
    for medium in ("pdf", "docx"):
        assert {path.stem for path in (pack / letter / medium).iterdir()} == set(FURTHER[letter])


@pytest.mark.parametrize(("letter", "identifier"), EACH)
def test_pdf_and_docx_of_the_pack_say_the_same_words(pack: Path, letter: str, identifier: str) -> None:
    built = Built(pack / letter)
    words = pdf_words(built.content(identifier, "pdf"))
    assert words == docx_words(built.content(identifier, "docx"))
    assert len(words.body) > 250


@pytest.mark.parametrize(("letter", "identifier"), EACH)
def test_a_letter_of_the_pack_names_its_agency_and_no_other(pack: Path, letter: str, identifier: str) -> None:
    own = recipients()[identifier]
    words = pdf_words(Built(pack / letter).content(identifier, "pdf"))
    assert own["agency"] in words
    assert foreign(words, own) == []


@pytest.mark.parametrize(("letter", "identifier"), EACH)
def test_notes_of_the_pack_stand_below_their_calls(pack: Path, letter: str, identifier: str) -> None:
    pages = pdf_pages(Built(pack / letter).content(identifier, "pdf"))
    assert [page.given for page in pages] == [page.called for page in pages]


@pytest.mark.parametrize(("letter", "identifier"), [each for each in EACH if each[0] in PAGES])
def test_the_further_letters_have_the_length_of_their_kind(pack: Path, letter: str, identifier: str) -> None:
    counted = part_pages(Built(pack / letter).content(identifier, "pdf"))
    shortest, longest = PAGES[letter]
    assert shortest <= counted[""] <= longest


@pytest.mark.parametrize("identifier", FIVE)
def test_the_guidance_letter_and_its_enclosures_fit_on_six_sheets_printed_on_both_sides(
    dozen: Built, identifier: str
) -> None:
    content = dozen.content(identifier, "pdf")
    counted = part_pages(content)
    assert counted["Fact sheet: section 287(g) in Michigan"] == 1
    assert counted["Model policy on immigration enforcement"] <= 2
    assert sum(counted.values()) <= 12
    numbers = [int(number) for page in pdf_pages(content)[: counted[""]] for number in page.called]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 25


@pytest.mark.parametrize("identifier", FIVE)
def test_the_contents_of_the_guidance_letter_stand_on_its_first_page(dozen: Built, identifier: str) -> None:
    document = pypdfium2.PdfDocument(dozen.content(identifier, "pdf"))
    texts = [page.get_textpage().get_text_range() for page in document]
    document.close()
    listed = re.findall(r"^(\d+\. .+?) ?(?:\. ?){3,}(\d+)\s*$", texts[0], re.MULTILINE)
    assert [title.partition(".")[0] for title, _ in listed] == [str(number) for number in range(1, 8)]
    for title, number in listed:
        assert " ".join(title.split()) in " ".join(texts[int(number) - 1].split())


@pytest.mark.parametrize("identifier", FIVE)
def test_five_answers_on_the_first_page_point_to_the_parts(dozen: Built, identifier: str) -> None:
    document = pypdfium2.PdfDocument(dozen.content(identifier, "pdf"))
    first = " ".join(document[0].get_textpage().get_text_range().split())
    document.close()
    short = first[first.index("In short.") : first.index("Contents")]
    assert len(re.findall(r"\?", short)) == 5
    assert re.findall(r"\(Part (\d)\)", short) == ["1", "2", "3", "4", "6"]


ALLEGAN = {**SHERIFF, "id": "allegan", "agency": "Allegan County Sheriff’s Office", "jurisdiction": "Allegan County"}


def words_for(letter: str, folder: Path, **columns: str) -> str:
    """Return the words of a letter of the pack to a sheriff with other columns."""
    copy_templates(folder)
    shutil.copy(ROOT / "campaign.toml", folder)
    row = {**ALLEGAN, "agreement_287g": "", "agreement_signed": "", **columns}
    Desk(folder).list_recipients(row)
    project, problems = load(folder / "campaign.toml", letter)
    assert project, problems
    (made,) = project.letters
    context, notes = made.context, made.notes
    pages = [
        jinja.environment().from_string(part.html).render({**context, "note": numbers})
        for part, numbers in zip(project.template.parts, notes, strict=True)
    ]
    return " ".join(re.sub(r"<[^>]+>", "", html.unescape("".join(pages))).split())


LISTED = "According to ICE’s list of"


@pytest.mark.parametrize("letter", ["guidance-letter", "county-board", "press-release", "records-request"])
def test_a_letter_says_nothing_of_an_agreement_that_nobody_knows_of(letter: str, tmp_path: Path) -> None:
    words = words_for(letter, tmp_path)
    assert LISTED not in words
    assert not re.search(r"had no agreement|We found no entry|signed an?|was not on the list", words)


@pytest.mark.parametrize("letter", ["guidance-letter", "county-board", "press-release", "records-request"])
def test_a_letter_says_of_an_agency_what_the_list_of_its_date_says(letter: str, tmp_path: Path) -> None:
    words = words_for(letter, tmp_path, agreement_287g="none", agreement_list="2026-05-18")
    assert "May 18, 2026" in words
    assert "yours among them" not in words
    if letter != "records-request":
        assert (
            "On September 17, 2025, ICE’s list had seven" in words or "list of September 17, 2025, had seven" in words
        )


def test_an_agreement_that_no_list_has_is_told_as_what_we_understand(tmp_path: Path) -> None:
    columns = {"agreement_287g": "task_force", "agreement_signed": "2026-03-24", "agreement_list": ""}
    words = words_for("agreement-follow-up", tmp_path, **columns)
    assert "As we understand it, your agency signed a Task Force Model agreement on March 24, 2026." in words
    assert LISTED not in words


BILLS = {"sheriff": ("House Bill 4339", "House Bill 4338"), "police_chief": ("House Bill 4338", "House Bill 4339")}


@pytest.mark.parametrize("office", BILLS)
@pytest.mark.parametrize("letter", ["guidance-letter", "county-board"])
def test_a_letter_names_the_bill_for_its_reader(letter: str, office: str, tmp_path: Path) -> None:
    words = words_for(letter, tmp_path, office=office)
    own, others = BILLS[office]
    assert own in words
    assert others not in words
    assert "House Bill 4342" in words


@pytest.mark.parametrize(
    ("last_name", "said"), [("Baker", "You were yourself a defendant"), ("Doe", "your own county")]
)
def test_the_letter_to_allegan_county_knows_whose_case_lopez_lopez_was(
    last_name: str, said: str, tmp_path: Path
) -> None:
    assert said in words_for("guidance-letter", tmp_path, first_name="Frank", last_name=last_name)


def test_the_edition_of_2026_differs_from_the_letter_in_a_redline(tmp_path: Path) -> None:
    from letters.formats.docx.opening import open_docx
    from letters.formats.docx.revisions import changes
    from letters.formats.ooxml import parse
    from letters.redline.redlines import Settings, of_texts
    from letters.wording.round_trip import CampaignFolders

    project, _ = load(ROOT / "campaign.toml")
    assert project
    settings = Settings(tmp_path, "redline", "2026-06-01T12:00:00Z")
    made = of_texts(
        CampaignFolders(ROOT, project.campaign, tmp_path), "guidance-letter", "guidance-letter@2026-06", settings
    )
    tracked = list(changes(parse(open_docx(made.path.read_bytes())["word/document.xml"])))
    assert len(tracked) >= 10
    page = made.path.with_suffix(".html").read_text("utf-8")
    assert "<ins>May 18</ins>" in page
    assert "<del>September 17</del>" in page


ELSEWHERE = [
    ("OH", "Columbus", "43215"),
    ("MN", "Worthington", "56187"),
    ("MA", "Boston", "02108"),
    ("AZ", "Phoenix", "85003"),
    ("TX", "El Cenizo", "78046"),
]


@pytest.mark.parametrize("letter", ["guidance-letter", "county-board", "records-request", "press-release"])
def test_a_letter_of_the_pack_that_goes_to_another_state_is_a_question(letter: str, tmp_path: Path) -> None:
    copy_templates(tmp_path)
    shutil.copy(ROOT / "campaign.toml", tmp_path)
    rows = [
        {**ALLEGAN, "id": state, "agency": f"Agency of {city}", "city": city, "state": state, "zip": zip_code}
        for state, city, zip_code in [("MI", "Allegan", "49010"), *ELSEWHERE]
    ]
    Desk(tmp_path).list_recipients(*rows)
    _, problems = load(tmp_path / "campaign.toml", letter)
    asked = [problem.recipient for problem in problems if "the letter speaks of Michigan" in problem.what]
    assert asked == [state for state, _, _ in ELSEWHERE]


@pytest.mark.parametrize("style", ["bluebook", "michigan"])
def test_the_notes_of_a_letter_are_in_one_style(style: str, tmp_path: Path) -> None:
    campaign = (ROOT / "campaign.toml").read_text("utf-8")
    copy_templates(tmp_path)
    Desk(tmp_path).list_recipients(ALLEGAN)
    (tmp_path / "campaign.toml").write_text(campaign.replace("status =", f'style = "{style}"\nstatus =', 1), "utf-8")
    project, problems = load(tmp_path / "campaign.toml")
    assert project
    assert [problem.what for problem in problems if "authorities" in problem.what] == []
    text = project.sources[0][-1].text
    said = {
        "bluebook": ("520 F.3d 569, 570–71 (6th Cir. 2008)", "8 U.S.C. § 1357(g)(9)", "Mich. Comp. Laws § 764.15(1)"),
        "michigan": ("520 F3d 569, 570–71 (CA 6, 2008)", "8 USC 1357(g)(9)", "MCL 764.15(1)"),
    }
    for own, words in said.items():
        assert [each in text for each in words] == [own == style] * 3


def test_every_authority_is_recognized_in_either_style() -> None:
    read, problems = read_authorities(read_toml(ROOT / "templates/authorities.toml", "authorities.toml"))
    assert read
    assert problems == []
    michigan = in_style(read, CiteStyle.MICHIGAN).by_key
    for key, authority in read.by_key.items():
        if not authority.michigan:
            assert kind_of(michigan[key]) == kind_of(authority), key
            assert "§ 1" not in write_full(michigan[key]).partition(" (")[0] or "Const" in michigan[key].full, key


@pytest.mark.parametrize("identifier", FURTHER["county-board"])
def test_a_memorandum_is_addressed_to_those_who_govern(pack: Path, identifier: str) -> None:
    words = pdf_words(Built(pack / "county-board").content(identifier, "pdf"))
    own = recipients()[identifier]
    board = {
        "Berrien County": "The Board of Commissioners of Berrien County",
        "Alcona County": "The Board of Commissioners of Alcona County",
        "the City of Adrian": "The City Council of the City of Adrian",
        "the City of Taylor": "The City Council of the City of Taylor",
    }.get(own["jurisdiction"], f"The governing bodies of {own['jurisdiction']}")
    assert f"To: {board}" in words
    assert "Dear" not in words


def problems_of(letter: str, folder: Path, status: str) -> list[Problem]:
    """Read the repository's campaign with another letter and status, and the list that is there or its own."""
    copy_templates(folder)
    if not (folder / "recipients.csv").exists():
        shutil.copy(ROOT / "recipients.csv", folder)
    campaign = (ROOT / "campaign.toml").read_text("utf-8")
    (folder / "campaign.toml").write_text(campaign.replace('status = "draft"', f'status = "{status}"'), "utf-8")
    return load(folder / "campaign.toml", letter)[1]


@pytest.mark.parametrize("letter", ["guidance-letter", *FURTHER])
def test_a_bracket_left_in_a_final_campaign_is_an_error_that_names_it(letter: str, tmp_path: Path) -> None:
    Desk(tmp_path).list_recipients(SHERIFF, {**CHIEF, "agreement_287g": "none", "thank_you": "yes"})
    problems = problems_of(letter, tmp_path, "final")
    left = " ".join(problem.what for problem in problems if problem.stops)
    text = re.sub(r"\{[#%{].*?[#%}]\}", "", (ROOT / "templates" / f"{letter}.md").read_text("utf-8"), flags=re.DOTALL)
    text = text.partition("\n---\n")[2]
    for words in ["Name of first signer", *BRACKETS.findall(text)]:
        assert f'"[{" ".join(words.split())}]" is still to be filled in' in left


@pytest.mark.parametrize("letter", ["guidance-letter", *FURTHER])
def test_every_citation_is_an_authority_that_counsel_must_read(letter: str, tmp_path: Path) -> None:
    problems = problems_of(letter, tmp_path, "draft")
    assert [str(problem) for problem in problems if problem.stops] == []
    assert [problem.what for problem in problems if "authorities file" in problem.what] == []
    if letter != "press-release":
        assert any("nobody has read it" in problem.what for problem in problems)


@pytest.mark.parametrize("letter", ["guidance-letter", *FURTHER])
def test_every_variant_of_a_recipient_gets_a_letter_without_a_blank(letter: str, tmp_path: Path) -> None:
    offices = ("sheriff", "police_chief", "public_safety_director", "commissioner")
    places = ("Berrien County", "the City of East Lansing", "Leoni Township", "the Village of A and B Township")
    agreements = ("", "none", "task_force", "warrant_service", "jail_enforcement")
    rows = [
        {
            **CHIEF,
            "id": f"r{number}",
            "office": office,
            "agency": f"Agency {number}",
            "jurisdiction": place,
            "address1": f"{number} Main Street",
            "agreement_287g": agreement,
            "agreement_signed": signed if agreement not in ("", "none") else "",
            "agreement_list": "2025-09-17" if agreement else "",
            "thank_you": "yes" if office == "sheriff" else "",
        }
        for number, (office, place, agreement, signed) in enumerate(
            product(offices, places, agreements, ("2025-05-06", "2025-09-09"))
        )
    ]
    desk = Desk(tmp_path)
    copy_templates(tmp_path)
    shutil.copy(ROOT / "campaign.toml", tmp_path)
    desk.list_recipients(*rows)
    project, problems = load(tmp_path / "campaign.toml", letter)
    assert [str(problem) for problem in problems if problem.stops] == []
    assert project is not None
    with_agreement = {row["id"] for row in rows if row["agreement_signed"]}
    thanked = {row["id"] for row in rows if row["agreement_287g"] == "none" and row["thank_you"]}
    everybody = {row["id"] for row in rows}
    wanted = {"agreement-follow-up": with_agreement, "thank-you": thanked}.get(letter, everybody)
    assert {made.recipient.id for made in project.letters} == wanted


def test_the_table_of_agreements_says_what_the_list_says() -> None:
    table = (ROOT / "templates/enclosures/fact-sheet-287g.md").read_text("utf-8")
    rows = [[cell.strip() for cell in line.split("|")[1:4]] for line in table.split("\n") if "2025 |" in line]
    models = {"Task Force Model": "task_force", "Warrant Service Officer": "warrant_service"}
    listed = sorted(
        (row["agreement_signed"], row["agreement_287g"]) for row in recipients().values() if row["agreement_signed"]
    )
    months = ("", "January", "February", "March", "April", "May", "June", "July", "August", "September")
    said = []
    for _, model, date in rows:
        month, day, year = date.replace(",", "").split()
        said.append((f"{year}-{months.index(month):02}-{int(day):02}", models[model]))
    assert said == listed
    assert len(rows) == 7


def test_every_letter_tells_counsel_to_review_it() -> None:
    enclosed = ROOT.glob("templates/**/enclosures/*.md")
    for path in [*ROOT.glob("templates/*.md"), *ROOT.glob("templates/editions/*/*.md"), *enclosed]:
        body = path.read_text("utf-8").partition("\n---\n")[2]
        assert body.lstrip().startswith("{# Counsel must review"), path.name
