from __future__ import annotations

import pytest

from letters.campaign.load import load
from tests.conftest import MakeDesk

READ = '\nread_by = "First Signer"\nread_on = 2025-09-01\n'
AUTHORITIES = f"""
[printz]
full = "Printz v. United States, 521 U.S. 898 (1997)"{READ}
[galarza]
full = "Galarza v. Szalczyk, 745 F.3d 634 (3d Cir. 2014)"{READ}
[g]
full = "8 U.S.C. § 1357(g)"{READ}
[s1373]
full = "8 U.S.C. § 1373"{READ}
[list]
full = "List of agencies in the 287(g) program"
"""
OTHERWISE = '"{}" is not as the authorities have it: '
PRINTZ = OTHERWISE.format("Printz v. United States, {}")
P = "*Printz v. United States*"
FAULTS = [
    ("*Printz v. United States*, 521 U.S. 898 (1997), 8 U.S.C. § 1357(g)(10), *Printz*, 521 U.S. at 935.", []),
    (
        "*Printz v. United States*, 512 U.S. 898 (1997)",
        [PRINTZ.format("512 U.S. 898 (1997)") + "volume 512, there 521"],
    ),
    (P + ", 521 U.S. 899 (1997)", [PRINTZ.format("521 U.S. 899 (1997)") + "page 899, there 898"]),
    (
        "*Printz v. United States*, 521 U.S. 898 (1996)",
        [PRINTZ.format("521 U.S. 898 (1996)") + "year 1996, there 1997"],
    ),
    (
        "*Prinz v. United States*, 521 U.S. 898 (1997)",
        [
            OTHERWISE.format("Prinz v. United States, 521 U.S. 898 (1997)")
            + '"Prinz v. United States", there "Printz v. United States"'
        ],
    ),
    (
        "*Galarza v. Szalczyk*, 745 F.3d 634 (6th Cir. 2014)",
        [OTHERWISE.format("Galarza v. Szalczyk, 745 F.3d 634 (6th Cir. 2014)") + "court 6th Cir., there 3d Cir."],
    ),
    (
        "*Galarza v. Szalczyk*, 745 F.2d 634 (3d Cir. 2014)",
        [OTHERWISE.format("Galarza v. Szalczyk, 745 F.2d 634 (3d Cir. 2014)") + "reporter F.2d, there F.3d"],
    ),
    (
        "*Whren v. United States*, 517 U.S. 806 (1996)",
        ['"Whren v. United States, 517 U.S. 806 (1996)" is not in the authorities file'],
    ),
    ("8 U.S.C. § 1357", ['"8 U.S.C. § 1357" is not in the authorities file']),
    ("*Printz*, 512 U.S. at 935", [OTHERWISE.format("Printz, 512 U.S. at 935") + "volume 512, there 521"]),
    ("*Printz*, supra note 4", ['"Printz, supra note 4" has the number of a note typed by hand']),
    ("*Prinz*, supra note {{ note.one }}", ['"Prinz, supra note ‹note.one›": no authority has that name']),
    ("*Printz*, supra note {{ note.one }}", ['"Printz" is not cited in the note [^one]']),
    (
        "*Galarza*, supra note {{ note.one }}",
        ['"Galarza, supra note ‹note.one›": supra is for reports and letters, not for cases, '],
    ),
    ("8 U.S.C. § 1373, *supra* note {{ note.one }}", ['"supra note ‹note.one›": supra is for reports']),
    (
        "*Printz*, 521 U.S. at 935",
        ['"Printz, 521 U.S. at 935" is a short form, and the text does not cite the case in full'],
    ),
    ("List of agencies in the 287(g) program, *supra* note {{ note.one }}", ["List of agencies in the 287(g) program"]),
    ("*Doe v. Roe*, 2014 WL 1414305 (D. Or. 2014)", ['"Doe v. Roe, 2014 WL 1414305 (D. Or. 2014)" is not in']),
    ("List of agencies\n    in the 287(g) program", ["List of agencies in the 287(g) program is cited "]),
]
LETTER = """
One.[^one]

{% if recipient.agreement_287g %}
Two.[^two] See note {{ note.one }}.
{% endif %}

[^one]: *Galarza v. Szalczyk*, 745 F.3d 634 (3d Cir. 2014).

[^two]: """


@pytest.mark.parametrize(("note", "wanted"), FAULTS)
def test_each_fault_of_a_citation_is_told(make_desk: MakeDesk, note: str, wanted: list[str]) -> None:
    desk = make_desk(letter=f"{LETTER}{note}.\n")
    desk.write("templates/authorities.toml", AUTHORITIES)
    _, problems = load(desk.folder / "campaign.toml")
    assert [p.what[: len(w)] for p, w in zip(problems, wanted, strict=True)] == wanted


def test_a_mistyped_section_is_told_with_the_one_that_was_meant(make_desk: MakeDesk) -> None:
    desk = make_desk(letter=f"{LETTER}8 U.S.C. § 1337.\n")
    desk.write("templates/authorities.toml", AUTHORITIES)
    (problem,) = load(desk.folder / "campaign.toml")[1]
    assert str(problem) == (
        'templates/letter.md:10:9: warning: "8 U.S.C. § 1337" is not in the authorities file\n'
        "    hint: did you mean 8 U.S.C. § 1373? If not, "
        'add a table for it with full = "8 U.S.C. § 1337" and read_by = "unread"'
    )


def test_a_citation_of_a_clause_is_told_with_the_line_of_the_clause(make_desk: MakeDesk) -> None:
    desk = make_desk(letter='Text.\n\n{% include "duty" %}\n')
    desk.write("templates/clauses/duty.md", "As 8 U.S.C. § 1644\nsays.\n")
    desk.write("templates/authorities.toml", AUTHORITIES)
    (problem,) = load(desk.folder / "campaign.toml")[1]
    assert str(problem.place) == "templates/clauses/duty.md:1:4"


def test_counsel_is_told_to_read_what_nobody_has_read(make_desk: MakeDesk) -> None:
    desk = make_desk(letter="See 8 U.S.C. § 1373.\n")
    desk.write("templates/authorities.toml", '[s]\nfull = "8 U.S.C. § 1373"\nread_by = "unread"\n')
    (problem,) = load(desk.folder / "campaign.toml")[1]
    assert str(problem) == (
        "templates/authorities.toml:1: s: warning: "
        "8 U.S.C. § 1373 is cited (templates/letter.md:1), but nobody has read it\n"
        '    hint: have counsel read it, then write read_by = "…" and read_on = year-month-day'
    )


def test_in_a_final_campaign_nothing_goes_out_on_what_nobody_has_read(make_desk: MakeDesk) -> None:
    desk = make_desk(letter="See 8 U.S.C. § 1373.\n", more='status = "final"')
    desk.write("templates/authorities.toml", '[s]\nfull = "8 U.S.C. § 1373"\n')
    project, problems = load(desk.folder / "campaign.toml")
    assert [problem.stops for problem in problems] == [True]
    assert project
    assert project.letters == ()


def test_an_id_that_conditions_can_move_is_told(make_desk: MakeDesk) -> None:
    letter = (
        "One.[^one]\n\n{% if recipient.phone %}\nTwo.[^two]\n{% endif %}\n\nThree.[^three] Four.[^four]\n\n"
        "[^one]: 8 U.S.C. § 1373.\n\n[^two]: 8 U.S.C. § 1357(g).\n\n[^three]: *Id.* at 3.\n\n[^four]: *Id.*\n"
    )
    desk = make_desk(letter=letter)
    desk.write("templates/authorities.toml", AUTHORITIES)
    (problem,) = load(desk.folder / "campaign.toml")[1]
    assert str(problem) == (
        'templates/letter.md:13:12: warning: "Id. at 3" points to whatever note stands before\n'
        "    hint: conditions change which note that is: cite again, or refer with {{ note.NAME }}"
    )


def test_a_campaign_without_an_authorities_file_is_not_asked_for_one(make_desk: MakeDesk) -> None:
    assert load(make_desk(letter="See 8 U.S.C. § 1373.\n").folder / "campaign.toml")[1] == []
