"""The letterhead fits its room with whatever an organization is called, or the line that does not fit is named."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from letters.campaign.letterhead import fit_letterhead
from letters.campaign.load import load
from letters.compile.html import write_page
from letters.compile.letterhead import ABOVE_RULE, write_html, write_style
from letters.formats.ooxml import parse, read_package, w
from letters.mail.windows import Word, read_words
from letters.model.looks import LetterheadFit, PageLooks
from letters.model.problems import Problem
from letters.model.records import PartTemplate, Values
from letters.model.settings import Campaign, Organization, Paper
from letters.read.toml import TomlFile, read_toml
from letters.render.pdf.plain import PdfRenderer
from tests.conftest import MakeDesk
from tests.desk import CAMPAIGN, ROOT, Desk, set_up
from tests.examples import examples

MICHIGAN = Organization(
    name="American Civil Liberties Union of Michigan",
    address=("2966 Woodward Avenue", "Detroit, Michigan 48201"),
    phone="(313) 555-0142",
    web="www.example.org",
)
IMMIGRANT = Organization(
    name="Michigan Immigrant Rights Center",
    address=("3030 South 9th Street, Suite 1B", "Kalamazoo, Michigan 49009"),
    phone="(269) 555-0199",
    web="www.example.net",
)
COALITION = Organization(
    name="[Coalition of Farmworker and Migrant Advocacy Organizations]",
    address=("Suite 1410, One Michigan Avenue Building", "120 North Washington Square", "Lansing, Michigan 48933"),
    phone="(517) 555-0111",
    email="office@example.edu",
)
SHORT = Organization(name="[First]", address=("1 Main Street", "Lansing, Michigan 48933"))
PAGES = {Paper.LETTER: ("Letter", 612.0), Paper.A4: ("A4", 595.28)}
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 40">'
MARGIN, TOP = 1.2 * 72, 36.0
BODY = """
<div class="date"><p>September 17, 2025</p></div>
<div class="delivery"><p>Via</p></div>
<div class="inside-address"><p>Honorable</p><p>Sheriff</p></div>
"""


class Page(NamedTuple):
    """The first page of a letter with a letterhead: its words in points, and the letterhead."""

    words: list[Word]
    fit: LetterheadFit
    paper: Paper

    @property
    def address(self) -> float:
        return next(word.box.top * 72 for word in self.words if word.text == "Honorable")

    @property
    def rule(self) -> float:
        return TOP - self.fit.rise + self.fit.height + ABOVE_RULE

    @property
    def head(self) -> list[Word]:
        return [word for word in self.words if word.box.top * 72 < self.rule]


def campaign_of(organizations: Sequence[Organization], paper: Paper) -> Campaign:
    return Campaign(
        letter="letter",
        date=datetime.date(2025, 9, 17),
        subject="x",
        organizations=tuple(organizations),
        signers=(),
        paper=paper,
    )


def fitted(
    folder: Path, organizations: Sequence[Organization], paper: Paper = Paper.LETTER
) -> tuple[LetterheadFit | None, list[Problem]]:
    file = TomlFile("campaign.toml", "", {}, {("organizations", n): 10 * (n + 1) for n in range(4)})
    roots = {"campaign": folder, "templates": ROOT / "templates"}
    return fit_letterhead(
        campaign_of(organizations, paper), file, roots, {str(folder): b""}, "templates/letterhead.css", PageLooks()
    )


def printed(
    folder: Path, organizations: Sequence[Organization], fit: LetterheadFit, paper: Paper, body: str = BODY
) -> Page:
    html = write_page(
        body=body,
        title="x",
        author="x",
        language="en",
        status="draft",
        attributes='class="letter" data-name="x" data-date="x"',
        letterhead=write_html(organizations, fit),
        style=f"@page {{ size: {PAGES[paper][0]} }}\n{write_style(fit)}",
    )
    roots = {"campaign": folder, "templates": ROOT / "templates"}
    renderer = PdfRenderer([PartTemplate("letter", "x", "", html, ())], roots, datetime.date(2025, 9, 17))
    return Page(read_words(renderer.render({}, [Values({})]).content, [0], ink=False), fit, paper)


def overlaps(words: Sequence[Word]) -> list[str]:
    """List the words that stand over one another."""
    return [
        f"{one.text} over {other.text}"
        for one, other in itertools.combinations(words, 2)
        if min(one.box.right, other.box.right) - max(one.box.left, other.box.left) > 0.01
        and min(one.box.bottom, other.box.bottom) - max(one.box.top, other.box.top) > 0.35 * one.box.height
    ]


def faults(page: Page, organizations: Sequence[Organization]) -> list[str]:
    """List what is wrong with the head of a page: words that overlap, leave it, lie under a logo, or are missing."""
    right = PAGES[page.paper][1] - MARGIN
    found = overlaps(page.head)
    for word in page.head:
        left, end = word.box.left * 72, word.box.right * 72
        if left < MARGIN - 1 or end > right + 1:
            found.append(f"{word.text} outside the text")
        if (word.box.top + word.box.bottom) * 36 > page.rule - 4:
            found.append(f"{word.text} on the rule")
        for block in page.fit.blocks:
            if block.logo:
                start, top = MARGIN + block.left, TOP - page.fit.rise + block.top
                under = left < start + block.logo[0] and start < end
                if under and word.box.top * 72 < top + block.logo[1] - 1 and top + 1 < word.box.bottom * 72:
                    found.append(f"{word.text} under a logo")
    wanted = " ".join(
        " ".join(filter(None, (each.name, *each.address, each.phone, each.email, each.web))) for each in organizations
    )
    missing = set(wanted.split()) - {word.text for word in page.head}
    return [*found, *(f"{text} is missing" for text in missing)]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    for name, size in (("square.png", (300, 300)), ("wide.png", (1200, 200)), ("tall.jpg", (100, 400))):
        Image.new("RGB", size, (0, 90, 200)).save(folder / name)
    (folder / "drawn.svg").write_text(f'{SVG}<rect width="80" height="40"/></svg>', "utf-8")
    return folder


@pytest.fixture(scope="module")
def usual_address(pictures: Path) -> float:
    fit, _ = fitted(pictures, [SHORT])
    assert fit is not None
    assert fit.growth == 0
    return printed(pictures, [SHORT], fit, Paper.LETTER).address


WORDS = (
    "Center",
    "of",
    "for",
    "Immigrant",
    "Michigan",
    "Justice",
    "and",
    "Farmworker",
    "Rights",
    "Newcomers’",
    "Advocacy",
)
NAMES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=9).map(lambda words: " ".join(words)[:60].strip())
ORGANIZATIONS = st.builds(
    Organization,
    name=NAMES,
    address=st.lists(
        st.sampled_from((*COALITION.address, *IMMIGRANT.address, "P.O. Box 7")), min_size=1, max_size=3
    ).map(tuple),
    phone=st.sampled_from(("", "(517) 555-0111")),
    email=st.sampled_from(("", "office@example.edu")),
    web=st.sampled_from(("", "www.example.org")),
    logo=st.sampled_from((None, None, Path("square.png"), Path("wide.png"), Path("tall.jpg"), Path("drawn.svg"))),
)


@given(st.lists(ORGANIZATIONS, min_size=1, max_size=4), st.sampled_from(list(Paper)))
@examples(3, 40)
def test_nothing_overlaps_or_leaves_its_place_or_the_line_is_named(
    pictures: Path, usual_address: float, organizations: list[Organization], paper: Paper
) -> None:
    fit, problems = fitted(pictures, organizations, paper)
    if fit is None:
        (problem,) = problems
        assert problem.place.line in range(10, 10 * len(organizations) + 1, 10)
        assert len(organizations) > 1, "one organization always fits"
        return
    page = printed(pictures, organizations, fit, paper)
    assert faults(page, organizations) == []
    assert page.address == pytest.approx(usual_address, abs=0.1)


ORDINARY = {
    "one": [MICHIGAN],
    "a long one": [COALITION],
    "two": [MICHIGAN, IMMIGRANT],
    "two long ones": [COALITION, COALITION],
    "three": [MICHIGAN, IMMIGRANT, COALITION],
    "four": [MICHIGAN, IMMIGRANT, MICHIGAN, IMMIGRANT],
}
ON_PAPER = [("three", Paper.A4), *((names, Paper.LETTER) for names in ORDINARY)]
ALL_ON_A4 = [pytest.param(names, Paper.A4, marks=pytest.mark.slow) for names in ORDINARY if names != "three"]


@pytest.mark.parametrize(("names", "paper"), [*ON_PAPER, *ALL_ON_A4])
def test_ordinary_names_fit(pictures: Path, usual_address: float, names: str, paper: Paper) -> None:
    organizations = ORDINARY[names]
    fit, problems = fitted(pictures, organizations, paper)
    assert problems == []
    assert fit is not None
    page = printed(pictures, organizations, fit, paper)
    assert faults(page, organizations) == []
    assert page.address == pytest.approx(usual_address, abs=0.1)


def test_two_ordinary_names_stand_on_one_line_each(pictures: Path) -> None:
    fit, _ = fitted(pictures, [MICHIGAN, IMMIGRANT])
    assert fit is not None
    assert [len(block.name) for block in fit.blocks] == [1, 1]
    assert fit.growth == 0


def test_short_names_have_the_size_of_the_style_sheet(pictures: Path) -> None:
    fit, _ = fitted(pictures, [SHORT, SHORT])
    assert fit is not None
    assert (fit.name, fit.line, fit.growth) == (None, None, 0)
    assert write_style(fit) == ""


@pytest.mark.parametrize("logo", ["square.png", "wide.png", "tall.jpg", "drawn.svg"])
def test_a_logo_stands_beside_the_name_in_its_own_shape(pictures: Path, logo: str) -> None:
    organizations = [Organization(name="[First]", address=SHORT.address, logo=Path(logo)), SHORT]
    fit, _ = fitted(pictures, organizations)
    assert fit is not None
    size = fit.blocks[0].logo
    assert size is not None
    shape = {"square.png": 1, "wide.png": 6, "tall.jpg": 0.25, "drawn.svg": 2}[logo]
    assert size[0] / size[1] == pytest.approx(shape, abs=0.05)
    assert faults(printed(pictures, organizations, fit, Paper.LETTER), organizations) == []


@pytest.mark.parametrize(
    ("drawn", "said"),
    [
        ('<rect width="80" height="40" fill="white"/>', "nothing of it can be seen"),
        ('<rect width="8" height="8" fill="color(display-p3 1 0 0)"/>', "display-p3"),
    ],
)
def test_a_drawing_that_prints_nothing_is_named_at_its_logo(tmp_path: Path, drawn: str, said: str) -> None:
    (tmp_path / "good.svg").write_text(f'{SVG}<rect width="9" height="9"/></svg>', "utf-8")
    (tmp_path / "bad.svg").write_text(f"{SVG}{drawn}</svg>", "utf-8")
    organizations = [Organization(name="A", logo=Path("good.svg")), Organization(name="B", logo=Path("bad.svg"))]
    fit, problems = fitted(tmp_path, organizations)
    assert fit is None
    assert [(problem.place.line, said in problem.what) for problem in problems] == [(20, True)]


def test_a_logo_is_no_higher_than_the_looks_say(pictures: Path) -> None:
    heights = []
    for size in (16.0, 32.0):
        campaign = campaign_of(
            [Organization(name="[First]", address=SHORT.address, logo=Path("square.png"))], Paper.LETTER
        )
        roots = {"campaign": pictures, "templates": ROOT / "templates"}
        key = {f"{pictures} {size}": b""}
        file = TomlFile("campaign.toml", "", {}, {})
        fit, _ = fit_letterhead(campaign, file, roots, key, "x.css", PageLooks(logo_size=size))
        assert fit is not None
        assert fit.blocks[0].logo is not None
        heights.append(fit.blocks[0].logo[1])
    assert heights == [pytest.approx(16), pytest.approx(32)]


def test_titles_that_fill_their_half_stay_apart_from_the_next_signature(pictures: Path) -> None:
    title = "Local Law Enforcement and Civil Liberties of the State of All Michigan and of Ours" + " and Ours" * 20
    body = f'<div class="signatures">{f"""<div class="signature"><p>{title}</p></div>""" * 2}</div>'
    fit, _ = fitted(pictures, [SHORT])
    assert fit
    page = printed(pictures, [SHORT], fit, Paper.LETTER, body)
    words = [word for word in page.words if word.text in title.split()]
    half = max(word.box.left for word in words if word.text == "Local")
    assert half - max(word.box.right for word in words if word.box.left < half) > 10 / 72


def test_what_does_not_fit_is_named_with_its_line(pictures: Path) -> None:
    fit, (problem,) = fitted(pictures, [COALITION] * 4)
    assert fit is None
    assert problem.place.line in (10, 20, 30, 40)
    assert "the letterhead has no room for the line" in problem.what
    assert "points high" in problem.what
    assert problem.hint.startswith("shorten the name or the address")


@pytest.mark.slow
def test_a_logo_that_reaches_lower_than_any_line_is_named_with_the_lines_beside_it(pictures: Path) -> None:
    place = "Suite 1410, One Michigan Avenue Building"
    organizations = [
        Organization(name="Center " * 8 + "Cent", address=(place,) * 3),
        Organization(
            name="Center Center Immigrant Advocacy Center Center Center Center",
            address=("P.O. Box 7",),
            email="office@example.edu",
            web="www.example.org",
            logo=Path("drawn.svg"),
        ),
        Organization(
            name="Newcomers’ Center Immigrant", address=("P.O. Box 7",), web="www.example.org", logo=Path("tall.jpg")
        ),
        Organization(name="of Farmworker for", address=("P.O. Box 7",), web="www.example.org"),
    ]
    fit, (problem,) = fitted(pictures, organizations, Paper.A4)
    assert fit is None
    assert problem.place.line in (10, 20, 30, 40)
    assert "the letterhead has no room for the line" in problem.what


def test_a_word_that_is_wider_than_the_letterhead_is_named(pictures: Path) -> None:
    wide = Organization(name="[First]", web="www." + "example" * 16 + ".org")
    fit, (problem,) = fitted(pictures, [wide])
    assert fit is None
    assert "is too wide for the letterhead" in problem.what
    assert problem.place.field == "organizations.web"


def campaign_text(*organizations: Organization) -> str:
    tables = "".join(
        f'\n[[organizations]]\nname = "{each.name}"\naddress = {list(each.address)}\nphone = "{each.phone}"\n'
        for each in organizations
    )
    signer = '\n[[signers]]\nname = "[Signer]"\ntitle = "Director"\n'
    return f'letter = "letter"\ndate = 2025-09-17\nsubject = "Local policy"\n{{more}}{tables}{signer}'


def test_check_names_the_line_of_the_campaign(make_desk: MakeDesk) -> None:
    wide = Organization(name="[Second]", address=("example" * 16,))
    desk = make_desk(campaign=campaign_text(SHORT, wide))
    done = desk.run("check", code=1)
    line = (desk.folder / "campaign.toml").read_text("utf-8").partition("example")[0].count("\n") + 1
    assert f"campaign.toml:{line}: " in done.stdout
    assert f'"{"example" * 16}" is too wide for the letterhead' in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_a_style_sheet_that_does_not_let_the_letterhead_grow_is_told(make_desk: MakeDesk) -> None:
    desk = make_desk(campaign=campaign_text(MICHIGAN, IMMIGRANT, COALITION))
    sheet = desk.folder / "templates/letterhead.css"
    sheet.write_text(sheet.read_text("utf-8").replace("calc(53pt + var(--letterhead-growth))", "53pt"), "utf-8")
    _, problems = load(desk.folder / "campaign.toml")
    assert any("does not let it grow" in problem.what for problem in problems)


@pytest.fixture
def three(make_desk: MakeDesk) -> Desk:
    return make_desk(campaign=campaign_text(MICHIGAN, IMMIGRANT, COALITION), more='paper = "A4"\n')


def word_header(desk: Desk) -> tuple[dict[str, bytes], bytes]:
    project, problems = load(desk.folder / "campaign.toml")
    assert project is not None, problems
    package = read_package(project.template.word)
    return package, next(part for name, part in package.items() if "header" in name and b"w:tbl>" in part)


def test_in_word_the_letterhead_has_the_same_height_exactly(three: Desk) -> None:
    package, header = word_header(three)
    campaign, _ = load(three.folder / "campaign.toml")
    assert campaign is not None
    roots = {"campaign": three.folder, "templates": three.folder / "templates"}
    file = read_toml(three.folder / "campaign.toml", "campaign.toml")
    fit, _ = fit_letterhead(campaign.campaign, file, roots, {}, "", PageLooks())
    assert fit is not None
    assert fit.growth > 0
    heights = list(parse(header).iter(w("trHeight")))
    assert {each.get(w("hRule")) for each in heights} == {"exact"}
    total = sum(int(each.get(w("val"), "0")) for each in heights)
    assert total == pytest.approx(20 * (fit.height + ABOVE_RULE), abs=2)
    spacing = next(
        each.find(f"{w('pPr')}/{w('spacing')}")
        for each in parse(package["word/document.xml"]).iter(w("p"))
        if each.find(f"{w('pPr')}/{w('pStyle')}") is not None
        and each.find(f"{w('pPr')}/{w('pStyle')}").get(w("val")) == "InsideAddress"  # type: ignore[union-attr]
    )
    assert spacing is not None
    # No delivery line stands there; the address moves up by what the letterhead reaches further down.
    assert int(spacing.get(w("before"), "0")) == pytest.approx(714 - 20 * (fit.closer + fit.lift), abs=60)


def test_in_word_lines_break_where_they_break_in_the_pdf(three: Desk) -> None:
    _, header = word_header(three)
    names = [p for p in parse(header).iter(w("p")) if b"LetterheadName" in parse_text(p)]
    assert len(names) == 3
    assert all(len(list(name.iter(w("br")))) == len(list(name.iter(w("t")))) - 1 for name in names)


def parse_text(paragraph: object) -> bytes:
    from lxml import etree

    return etree.tostring(paragraph)  # type: ignore[arg-type]


def test_in_word_no_table_or_tab_of_a_header_is_wider_than_the_text(three: Desk) -> None:
    package, _ = word_header(three)
    text = 11906 - 2 * 1728
    parts = [parse(part) for name, part in package.items() if name.startswith(("word/header", "word/styles"))]
    grids = [sum(int(c.get(w("w"), "0")) for c in grid) for part in parts for grid in part.iter(w("tblGrid"))]
    tabs = [int(tab.get(w("pos"), "0")) for part in parts for tab in part.iter(w("tab")) if tab.get(w("pos"))]
    assert max(grids) <= text
    assert max(tabs) <= text


def test_a_folder_whose_name_no_font_program_can_read_is_named_and_not_the_style_sheet(tmp_path: Path) -> None:
    # A letterhead that was measured before in this process is not measured again.
    campaign = CAMPAIGN.replace("First Organization", "Organization of This Test")
    desk = set_up(folder=tmp_path / "a\nb", campaign=campaign)
    assert "its name has a character that is none" in desk.run("check", code=1).stderr
