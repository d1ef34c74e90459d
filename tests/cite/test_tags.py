from __future__ import annotations

import pytest

from letters.campaign.load import load
from letters.cite.style import in_style, write_cites, write_full, write_short
from letters.model.records import Source
from letters.model.settings import Authorities, Authority, CiteStyle
from tests.conftest import MakeDesk

CASE = Authority(
    full="*Printz v. United States*, 521 U.S. 898 (1997)", short="*Printz*, 521 U.S. at", says="holding so"
)
KNOWN = {
    "printz": CASE,
    "new-york": Authority(
        full="*New York v. United States*, 505 U.S. 144 (1992)", short="*New York*, 505 U.S. at", pin="188"
    ),
    "whole": Authority(full="*Lunn v. Commonwealth*, 477 Mass. 517 (2017)", pin="whole"),
    "wl": Authority(
        full="*Doe v. Clackamas Cnty.*, No. 3:12-cv-0231, 2014 WL 1414305 (D. Or. Apr. 11, 2014)",
        short="*Doe*, 2014 WL 1414305, at",
        pin="*9",
        unpublished=True,
        name="*Doe v. Clackamas County*",
    ),
    "g": Authority(full="8 U.S.C. § 1357(g)", short="§ 1357(g)"),
    "search": Authority(full="Mich. Const. art. I, § 11", short="ignored"),
    "report": Authority(full="Nik Theodore, *Insecure Communities* (Univ. of Ill. at Chi. May 2013)"),
}
READ = Authorities(KNOWN, {})


def written(text: str, style: CiteStyle = CiteStyle.BLUEBOOK) -> str:
    source, problems = write_cites(Source("letter.md", text), in_style(READ, style), "templates/authorities.toml")
    assert problems == []
    return source.text


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("{{ cite.printz }}", "*Printz v. United States*, 521 U.S. 898, [page] (1997) (holding so)"),
        ("{{ cite.printz.full }}", "*Printz v. United States*, 521 U.S. 898, [page] (1997)"),
        ('{{ cite.printz.full("935") }}', "*Printz v. United States*, 521 U.S. 898, 935 (1997)"),
        ('{{cite.printz.short("935")}}', "*Printz*, 521 U.S. at 935"),
        ("{{ cite.printz.short }}", "*Printz*, 521 U.S. at [page]"),
        ("{{ cite.printz.name }}", "*Printz v. United States*"),
        ("{{ cite.new-york }}", "*New York v. United States*, 505 U.S. 144, 188 (1992)"),
        ("{{ cite.new_york.short }}", "*New York*, 505 U.S. at 188"),
        ("{{ cite['new-york'].short('190') }}", "*New York*, 505 U.S. at 190"),
        ("{{ cite.whole }}", "*Lunn v. Commonwealth*, 477 Mass. 517 (2017)"),
        (
            "{{ cite.wl }}",
            r"*Doe v. Clackamas Cnty.*, No. 3:12-cv-0231, 2014 WL 1414305, at \*9 (D. Or. Apr. 11, 2014) (unpublished)",
        ),
        ("{{ cite.wl.short }}", r"*Doe*, 2014 WL 1414305, at \*9"),
        ("{{ cite.wl.name }}", "*Doe v. Clackamas County*"),
        ('{{ cite.g.full("(7)–(8)") }}', "8 U.S.C. § 1357(g)(7)–(8)"),
        ('{{ cite.g.short("(1)") }}', "§ 1357(g)(1)"),
        ("{{ cite.search.short }}", "Mich. Const. art. I, § 11"),
        ('{{ cite.report.full("4") }}', "Nik Theodore, *Insecure Communities* 4 (Univ. of Ill. at Chi. May 2013)"),
        (
            "{# {{ cite.nobody }} #}{% raw %}{{ cite.x }}{% endraw %}",
            "{# {{ cite.nobody }} #}{% raw %}{{ cite.x }}{% endraw %}",
        ),
    ],
)
def test_a_tag_prints_the_citation_of_the_authorities_file(tag: str, words: str) -> None:
    assert written(f"So {tag}.") == f"So {words}."


@pytest.mark.parametrize(
    ("full", "michigan"),
    [
        ("*Arizona v. United States*, 567 U.S. 387 (2012)", "*Arizona v United States*, 567 US 387 (2012)"),
        ("*U.S. v. Urrieta*, 520 F.3d 569 (6th Cir. 2008)", "*US v Urrieta*, 520 F3d 569 (CA 6, 2008)"),
        ("*A v. B*, 100 F.4th 714 (6th Cir. 2024)", "*A v B*, 100 F4th 714 (CA 6, 2024)"),
        ("*A v. B*, 321 F. Supp. 3d 794 (W.D. Mich. 2018)", "*A v B*, 321 F Supp 3d 794 (WD Mich, 2018)"),
        ("*A v. B*, 11 F. Supp. 3d 7 (D. Ariz. 2018)", "*A v B*, 11 F Supp 3d 7 (D Ariz, 2018)"),
        ("*Lunn v. Commonwealth*, 477 Mass. 517 (2017)", "*Lunn v Commonwealth*, 477 Mass 517 (2017)"),
        ("8 U.S.C. § 1357(g)", "8 USC 1357(g)"),
        ("8 C.F.R. § 287.7", "8 CFR 287.7"),
        ("Mich. Comp. Laws § 764.15(1)", "MCL 764.15(1)"),
        ("Mich. Const. art. I, § 11", "Const 1963, art 1, § 11"),
        ("Mich. Const. art. XI, § 8", "Const 1963, art 11, § 8"),
        ("U.S. Const. amend. IV", "US Const, Am IV"),
        ("A report (May 2013)", "A report (May 2013)"),
    ],
)
def test_the_style_of_michigan_has_no_periods(full: str, michigan: str) -> None:
    known = in_style(Authorities({"a": Authority(full=full, pin="whole")}, {}), CiteStyle.MICHIGAN)
    assert write_full(known.by_key["a"]) == michigan


def test_a_page_stands_behind_a_comma_in_both_styles() -> None:
    authority = Authority(
        full="*Lunn v. Commonwealth*, 477 Mass. 517 (2017)", pin="526–37", short="*Lunn*, 477 Mass. at"
    )
    known = in_style(Authorities({"a": authority}, {}), CiteStyle.MICHIGAN).by_key["a"]
    assert write_full(known) == "*Lunn v Commonwealth*, 477 Mass 517, 526–37 (2017)"
    assert write_short(known) == "*Lunn*, 477 Mass at 526–37"


def test_a_page_of_a_database_is_asked_for_as_one() -> None:
    full = "*Doe v. Roe*, No. 1:12-cv-1, 2014 WL 14 (D. Or. Apr. 11, 2014)"
    assert "2014 WL 14, at [page] (D. Or." in write_full(Authority(full=full))


def test_what_cannot_be_made_of_the_other_style_is_taken_from_the_file() -> None:
    authority = Authority(full="H.B. 4338, 103d Leg. (Mich. 2025)", michigan="2025 HB 4338")
    known = in_style(Authorities({"a": authority}, {}), CiteStyle.MICHIGAN)
    assert write_full(known.by_key["a"]) == "2025 HB 4338"


@pytest.mark.parametrize(
    ("tag", "what"),
    [
        ("{{ cite.prinz }}", 'there is no authority "prinz" in templates/authorities.toml'),
        ("{{ cite }}", "{{ cite }} is not how a citation is written"),
        ('{{ cite.printz.at("935") }}', '{{ cite.printz.at("935") }} is not how a citation is written'),
        ("{{ cite.printz | upper }}", "{{ cite.printz | upper }} is not how a citation is written"),
    ],
)
def test_a_tag_that_stands_for_nothing_stops_the_letters(make_desk: MakeDesk, tag: str, what: str) -> None:
    desk = make_desk(letter=f"A line.\n\nAs {tag} says.\n")
    desk.write("templates/authorities.toml", f'[printz]\nfull = "{CASE.full}"\n')
    problems = [each for each in load(desk.folder / "campaign.toml")[1] if each.stops]
    assert [(str(each.place), each.what) for each in problems] == [("templates/letter.md:3:4", what)]


def test_a_campaign_without_an_authorities_file_is_told_that_it_has_none(make_desk: MakeDesk) -> None:
    desk = make_desk(letter="As {{ cite.printz }} says.\n")
    (problem,) = load(desk.folder / "campaign.toml")[1]
    assert problem.what == "the letter cites printz, but there is no templates/authorities.toml"


@pytest.mark.parametrize(
    ("spoiled", "said"),
    [
        ("full = 2\n", "templates/authorities.toml:3:9: Cannot overwrite a value: full = 2"),
        ('[printz]\nfull = "again"\n', 'templates/authorities.toml:3: printz: the authority "printz" is there twice'),
    ],
)
def test_a_mistake_in_the_file_is_one_message_whatever_is_cited(make_desk: MakeDesk, spoiled: str, said: str) -> None:
    desk = make_desk(letter="One.[^a] Two.[^b]\n\n[^a]: {{ cite.printz }}\n\n[^b]: {{ cite.b }}\n")
    desk.write("templates/authorities.toml", f'[printz]\nfull = "{CASE.full}"\n{spoiled}')
    _, problems = load(desk.folder / "campaign.toml")
    assert [f"{each.place}: {each.what}" for each in problems] == [said]


def test_what_stands_behind_a_tag_keeps_its_place(make_desk: MakeDesk) -> None:
    desk = make_desk(letter="As {{ cite.printz }} says to [whom] it may.\n\nTo {{\n  cite.printz }} [again].\n")
    desk.write("templates/authorities.toml", f'[printz]\nfull = "{CASE.full}"\nread_by = "A"\nread_on = 2025-09-01\n')
    _, problems = load(desk.folder / "campaign.toml")
    told = [str(each.place) for each in problems if each.place.path.endswith(".md")]
    assert told == ["templates/letter.md:1:30", "templates/letter.md:4:18"]


def test_a_case_without_a_page_is_told_once_and_stops_a_final_campaign(make_desk: MakeDesk) -> None:
    letter = "One.[^one] Two.[^two]\n\n[^one]: {{ cite.printz }}.\n\n[^two]: {{ cite.printz.short }}.\n"
    file = f'[printz]\nfull = "{CASE.full}"\nshort = "{CASE.short}"\nread_by = "A"\nread_on = 2025-09-01\n'
    desk = make_desk(letter=letter, more='status = "draft"')
    desk.write("templates/authorities.toml", file)
    for status in ("draft", "final"):
        text = (desk.folder / "campaign.toml").read_text("utf-8").replace('"draft"', f'"{status}"')
        desk.write("campaign.toml", text)
        (problem,) = load(desk.folder / "campaign.toml")[1]
        left = "still to be filled in" if status == "final" else "to be filled in before the campaign is final"
        assert (
            problem.what
            == f'"[page]" of Printz v. United States, 521 U.S. 898 (1997) (templates/letter.md:3) is {left}'
        )
        assert problem.stops == (status == "final")


def test_a_citation_with_a_field_in_it_is_refused(make_desk: MakeDesk) -> None:
    desk = make_desk(letter="As {{ cite.a }} says.\n")
    desk.write("templates/authorities.toml", '[a]\nfull = "A {{ recipient.agency }}"\n')
    assert any('"{{" in a citation' in problem.what for problem in load(desk.folder / "campaign.toml")[1])


def test_a_text_that_its_citations_make_too_long_is_refused_once() -> None:
    long = Authorities({"a": Authority(full="A report " + "x" * 60_000)}, {})
    source, problems = write_cites(Source("letter.md", "{{ cite.a }} " * 30), long, "authorities.toml")
    assert len(source.text) < 600_000
    assert [problem.what for problem in problems] == [
        "with its citations the text has more than 500,000 characters, too many for a letter"
    ]


def test_a_citation_of_several_lines_moves_no_line_of_the_letter() -> None:
    known = Authorities({"a": Authority(full="A report\nof 2025")}, {})
    source, _ = write_cites(Source("letter.md", "As {{ cite.a }} says.\nNext."), known, "authorities.toml")
    assert source.text == "As A report of 2025 says.\nNext."


def test_another_style_is_a_mistake_that_names_both(make_desk: MakeDesk) -> None:
    desk = make_desk(more='style = "chicago"')
    (problem,) = load(desk.folder / "campaign.toml")[1]
    assert (problem.what, problem.hint) == ('"chicago" is not a style', "known here: bluebook, michigan")
