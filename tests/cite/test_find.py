from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from letters.cite.find import Citation, CitationKind, find_citations

CASES = [
    ("See Arizona v. United States, 567 U.S. 387, 407–08 (2012).", "Arizona v. United States|us 567 387||2012"),
    ("Accord In re Gault, 387 U.S. 1 (1967).", "In re Gault|us 387 1||1967"),
    (
        "In Lunn v. Commonwealth, 477 Mass. 517, 78 N.E.3d 1143 (2017),",
        "Lunn v. Commonwealth|mass 477 517, ne3d 78 1143||2017",
    ),
    ("Galarza v. Szalczyk, 745 F.3d 634 (3d Cir. 2014).", "Galarza v. Szalczyk|f3d 745 634|3d Cir.|2014"),
    (
        "Jimenez Moreno v. Napolitano, 213 F. Supp. 3d 999 (N.D. Ill. 2016)",
        "Jimenez Moreno v. Napolitano|fsupp3d 213 999|N.D. Ill.|2016",
    ),
    (
        "Santos v. Frederick County Bd. of Comm’rs, 725 F.3d 451 (4th Cir. 2013)",
        "Santos v. Frederick County Bd. of Comm’rs|f3d 725 451|4th Cir.|2013",
    ),
    (
        "Miranda-Olivares v. Clackamas County, No. 3:12-cv-02317-ST, 2014 WL 1414305, at *9 (D. Or. Apr. 11, 2014)",
        "Miranda-Olivares v. Clackamas County|wl 2014 1414305|D. Or. Apr. 11|2014",
    ),
    (
        "People v Smith, 400 Mich 100, 105; 250 NW2d 10 (1977)",
        "People v Smith|mich 400 100, nw2d 250 10||1977",
    ),
    (
        "It was decided. City of El Cenizo v. Texas, 890 F.3d 164 (5th Cir. 2018)",
        "City of El Cenizo v. Texas|f3d 890 164|5th Cir.|2018",
    ),
    ("Pub. L. No. 104-208, 110 Stat. 3009 (1996)", "|stat 110 3009||1996"),
    ("Matter of M-S-, 27 I. & N. Dec. 509 (A.G. 2019)", "Matter of M-S-|indec 27 509|A.G.|2019"),
    ("as held at 12 Ohio St. 3d 45 (1984)", "|ohiost3d 12 45||1984"),
    ("Monell v. Dep’t of Social Servs., 436 U.S. 658 (1978)", "Monell v. Dep’t of Social Servs.|us 436 658||1978"),
]


@pytest.mark.parametrize(("text", "wanted"), CASES)
def test_a_case_is_found_with_its_name_reporters_court_and_year(text: str, wanted: str) -> None:
    found = find_citations(text)[-1]
    cites = ", ".join(" ".join(key) for key in found.keys)
    assert (found.kind, f"{found.name}|{cites}|{found.court}|{found.year}") == (CitationKind.CASE, wanted)


SECTIONS = [
    ("8 U.S.C. § 1357(g)(10)", ["usc 8 1357 g10"]),
    ("8 USC 1373", ["usc 8 1373 "]),
    (
        "8 U.S.C. §§ 1101(a)(15)(T), (U), 1226, and 1231(a).",
        ["usc 8 1101 a15T", "usc 8 1101 a15U", "usc 8 1226 ", "usc 8 1231 a"],
    ),
    ("8 C.F.R. § 287.7(a); the hours are in § 287.7(d).", ["cfr 8 287.7 a", "cfr 8 287.7 d"]),
    ("8 U.S.C. § 1357(g). See § 1357(g)(1), (9).", ["usc 8 1357 g", "usc 8 1357 g1", "usc 8 1357 g9"]),
    ("8 U.S.C. § 1373, 42 U.S.C. § 1983, § 1373", ["usc 8 1373 ", "usc 42 1983 ", "usc 8 1373 "]),
    ("8 U.S.C. § 1373 and § 287.7", ["usc 8 1373 "]),
    ("42 U.S.C. § 2000bb-1", ["usc 42 2000bb-1 "]),
    ("84 Fed. Reg. 12,345 (Apr. 1, 2019)", ["fedreg 84 12345 "]),
    ("MCL 15.231 et seq., MCL 764.15(1)(a)", ["mcl  15.231 ", "mcl  764.15 1a"]),
    ("Mich. Comp. Laws § 37.2302", ["mcl  37.2302 "]),
    ("U.S. Const. amend. IV; Mich. Const. art. 1, § 11", ["const us amend 4 ", "const mich art 1 11"]),
    ("Pub. L. No. 104-208, and 2018 PA 123", ["publ  104-208 ", "pa 2018 123 "]),
    ("MCR 7.215(C); Fed. R. Civ. P. 12(b)(6)", ["mcr  7.215 C", "rules Civ. 12 b6"]),
    ("Mich. Const. art. IX, § 17", ["const mich art 9 17"]),
    ("Const 1963, art 1, § 11", ["const mich art 1 11"]),
]


@pytest.mark.parametrize(("text", "wanted"), SECTIONS)
def test_each_section_of_a_code_is_found(text: str, wanted: list[str]) -> None:
    assert [" ".join([*c.keys[0], "".join(c.path)]) for c in find_citations(text)] == wanted


def one(text: str) -> Citation:
    (found,) = find_citations(text)
    return found


def test_each_section_of_a_list_is_written_in_full() -> None:
    assert [c.text for c in find_citations("8 U.S.C. §§ 1101(a)(15)(T), (U)")] == [
        "8 U.S.C. § 1101(a)(15)(T)",
        "8 U.S.C. § 1101(a)(15)(U)",
    ]


def test_short_forms_are_found() -> None:
    short = one("Arizona, 567 U.S. at 408.")
    assert (short.kind, short.name, short.keys) == (CitationKind.SHORT, "Arizona", (("us", "567", ""),))
    assert one("Id. at 12.").text == "Id. at 12"
    supra = one("Arizona, supra note ‹note.arizona›, at 408.")
    assert (supra.kind, supra.name, supra.note) == (CitationKind.SUPRA, "Arizona", "‹note.arizona›")


def test_emphasized_words_are_the_name_of_the_case() -> None:
    text = "The court in see Doe and Others, 12 F.3d 4 (6th Cir. 1999)"
    start = text.index("Doe")
    (found,) = find_citations(text, [(start, text.index(","))])
    assert found.name == "Doe and Others"


@pytest.mark.parametrize(
    "text",
    [
        "On September 17, 2025, 83 agencies had none.",
        "Write to 100 East Main Street, Lansing, Michigan 48933.",
        "Part 4 of Form I-247A asks for 48 hours.",
        "Section 287(g) of the Act and House Bill 4339.",
        "§ 5 of a law that is not named",
        "Call 517-555-0100.",
    ],
)
def test_prose_is_no_citation(text: str) -> None:
    assert find_citations(text) == []


TEXT = (
    "Arizona v. United States|Id.|, |567| |U.S.|387|(2012)|§|§§|8|C.F.R.|U.S.C.|1357|(g)|(1)|-|and|supra|note|4|Mich"
    "|Const.|art.|1|F.3d|at|WL|See|;|.|’|“|[|]|No.|12-cv-3|\n|‹note.a›|‹|é"
)
PIECES = st.sampled_from(TEXT.split("|"))


@settings(deadline=None, max_examples=300)
@given(st.lists(PIECES, max_size=40).map(" ".join) | st.lists(PIECES, max_size=40).map("".join) | st.text())
def test_citations_of_any_text_are_apart_and_in_order(text: str) -> None:
    found = find_citations(text)
    ends = [0, *(each.end for each in found)]
    assert all(end <= each.start < each.end <= len(text) for end, each in zip(ends, found, strict=False))
    assert all(each.keys or each.kind in (CitationKind.ID, CitationKind.SUPRA) for each in found)
