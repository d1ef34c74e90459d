from __future__ import annotations

import pytest

from letters.campaign.load import load
from letters.model.records import Source
from letters.model.settings import Status
from letters.read.placeholders import in_source, open_words
from tests.conftest import MakeDesk
from tests.desk import CHIEF, SHERIFF

FINAL = 'status = "final"\n'
LETTER = """---
title: A letter of [month]
frame: own
enclosures: [policy]
---

Written by [name and
title of the writer].[^one]

{% include "duty" %}

[^one]: See [the list].
"""
FILES = {
    "templates/frames/own.md": "Dear [name]:\n\n{{ body }}\n",
    "templates/enclosures/policy.md": "Adopted on [day].\n",
    "templates/clauses/duty.md": "\nThere is [no] duty.\n",
    "templates/authorities.toml": '[a]\nfull = "A report"\nnote = "see [page]"\n',
}


def test_a_place_left_anywhere_stops_a_final_campaign_and_is_named(make_desk: MakeDesk) -> None:
    desk = make_desk(
        letter=LETTER, rows=[{**SHERIFF, "agency": "[Agency] of Berrien"}, CHIEF], more=FINAL + 'delivery = "[how]"\n'
    )
    for name, text in FILES.items():
        desk.write(name, text)
    forms = (desk.folder / "templates/forms-of-address.toml").read_text("utf-8")
    desk.write("templates/forms-of-address.toml", forms.replace('"Dear Chief:"', '"Dear [chief]:"', 1))
    _, problems = load(desk.folder / "campaign.toml")
    assert all(problem.stops for problem in problems)
    assert [f"{problem.place}: {problem.what.removesuffix(' is still to be filled in')}" for problem in problems] == [
        'campaign.toml:6:13: "[how]"',
        'recipients.csv:2: agency: "[Agency]"',
        'templates/authorities.toml:3:13: "[page]"',
        'templates/clauses/duty.md:2:10: "[no]"',
        'templates/enclosures/policy.md:1:12: "[day]"',
        'templates/forms-of-address.toml:40:28: "[chief]"',
        'templates/frames/own.md:1:6: "[name]"',
        'templates/letter.md:2: title: "[month]"',
        'templates/letter.md:7:12: "[name and title of the writer]"',
        'templates/letter.md:12:13: "[the list]"',
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("TODO: ask again.", "TODO"),
        ("Within ____ days of today.", "____"),
        ("Within \\_\\_\\_\\_ days of today, as Word letters have it.", "____"),
        ("Within [●] days.", "[●]"),
        ("Within [_] days.", "[_]"),
        ("To the (insert agency) in person.", "(insert agency)"),
        ("Click or tap here to enter text. So be it.", "Click or tap here to enter text"),
        ("Choose an item. So be it.", "Choose an item."),
        ("The form differs; counsel should compare the two.", "counsel should"),
        ("Its progress should be checked on the day of reading.", "should be checked on"),
        ("It may be otherwise in a city; counsel\nshould say.", "counsel should"),
        ("That is so. Counsel: look this up.", "Counsel:"),
        ("Note to counsel: is it so?", "Note to counsel"),
        ("Please confirm with our counsel.", "confirm with our counsel"),
        ("The page is still to be cite-checked.", "cite-checked"),
        ("ATTORNEY WORK PRODUCT", "ATTORNEY WORK PRODUCT"),
        ("Privileged & Confidential", "Privileged & Confidential"),
        ("Attorney-Client Communication", "Attorney-Client Communication"),
        ("Drafting note: too long?", "Drafting note"),
        ("Smith v. Jones, TK.", "TK"),
        ("It was in ???, they say.", "???"),
        ("Please confirm the date before we send it.", "confirm the date before we send"),
        ("Do not send until the board agrees.", "Do not send until"),
        ("So the court held (need cite).", "need cite"),
        ("It begins on September XX, 2026.", "September XX"),
        ("It began in 20XX, at page XX of it.", "20XX"),
        ("See supra note __, and all else.", "__"),
        ("On this ___ day of May.", "___"),
        ("In the year 20__.", "20__"),
        ("It costs $____.", "$____"),
        ("To Sheriff ........ in person.", "........"),
        ("The number is ?? here.", "??"),
        ("The court (?) held so.", "(?)"),
        ("It costs $XX a year.", "$XX"),
        ("To the (First Name) of LASTNAME.", "(First Name)"),
        ("DRAFT v3 of 12 September", "DRAFT v3"),
        ("So it is. // ask Ann // And more.", "// ask Ann //"),
        ("So it is. /* privileged */ And more.", "/* privileged */"),
    ],
)
def test_words_to_ourselves_stop_a_final_campaign(text: str, shown: str) -> None:
    final, *_ = in_source(Source("letter.md", text), Status.FINAL)
    draft, *_ = in_source(Source("letter.md", text), Status.DRAFT)
    assert final.stops
    assert not draft.stops
    assert f'"{shown}"' in final.what


@pytest.mark.parametrize(
    "text",
    [
        "Your counsel should read it.",
        "Share it with your\ncounsel, who is to read it; the county’s counsel must agree.",
        "We ask your counsel to confirm it, and to discuss it with counsel for the county.",
        "Corporation counsel: copied.{# Counsel should look. #}",
        "Signed: ________",
        "Attorney-client communications are protected; verify identity before filing a detainer.",
        "What to do: see 5 TK 22.",
        "# A heading",
        "a_b_c",
        "Title XX, Chapter XX and pages xx to xxi; $5 to $6; what?? And. . . so on …; 1 // 2 and a/b; __bold__ type",
        "The DRAFT Act of 2019, a ##, # of items; mail a@b.org and c@d.org; { } and {1}; 5 % of 10 % or 50%",
        "In [2] words, <https://example.org/a> and <a@example.org>: a < b > c, [X] yes",
    ],
)
def test_words_to_the_reader_and_lines_to_sign_on_are_none_of_them(text: str) -> None:
    assert list(in_source(Source("letter.md", text), Status.FINAL)) == []


def test_a_remark_to_ourselves_that_somebody_typed_into_a_draft_is_an_open_point() -> None:
    assert list(open_words("So it is; counsel should say.")) == [("a remark to ourselves", "counsel should")]
    assert list(open_words("So it is, as your counsel will say.")) == []


@pytest.mark.parametrize(
    "text",
    ["To «Agency».", "To <<First Name>>.", "To ≪Agency≫.", "A <!-- call first --> b.", "A {>>call<<} b.", "{++c++}"],
)
def test_placeholders_of_a_mail_merge_and_html_remarks_are_errors_at_any_time(text: str) -> None:
    (problem,) = in_source(Source("letter.md", text), Status.DRAFT)
    assert problem.stops


def test_a_place_in_one_row_stops_that_letter_only(make_desk: MakeDesk) -> None:
    desk = make_desk(rows=[{**SHERIFF, "phone": "[number]"}, CHIEF], more=FINAL)
    project, problems = load(desk.folder / "campaign.toml")
    assert [problem.recipient for problem in problems] == [SHERIFF["id"]]
    assert project
    assert [letter.recipient.id for letter in project.letters] == [CHIEF["id"]]


def test_in_a_draft_a_place_is_a_warning(make_desk: MakeDesk) -> None:
    project, problems = load(make_desk(letter="Kind [name].\n").folder / "campaign.toml")
    assert [str(problem) for problem in problems] == [
        'templates/letter.md:1:6: warning: "[name]" is to be filled in before the campaign is final'
    ]
    assert project
    assert len(project.letters) == 2


@pytest.mark.parametrize(
    "text",
    [
        "A [link](https://example.org) and [a span]{.label}, [another][place].\n\n[place]: https://example.org",
        "A note.[^one] An inline one.^[A few words.]",
        "He wrote: “[t]he officer … [sic] [emphasis added] [internal citations omitted].”",
        r"Brackets that are meant: \[the officer\].",
        "{# [in a comment] #} {{ recipient['agency'] }} {% if a %}[^b]{% endif %}",
        "[One paragraph\n\nand another]",
    ],
)
def test_brackets_that_are_something_else_are_no_place_to_fill_in(text: str) -> None:
    assert list(in_source(Source("letter.md", text), Status.FINAL)) == []


def test_the_hint_tells_both_ways_out() -> None:
    (problem,) = in_source(Source("letter.md", "Dear [name]"), Status.FINAL)
    assert problem.hint == r"fill it in, or set status to draft; brackets that are meant are written \[so\]"


def test_what_word_prints_for_a_lost_field_is_an_error_and_an_open_point_of_a_draft() -> None:
    text = "As said in Error! Reference source not found. Error! So it is."
    (only,) = in_source(Source("letter.md", text), Status.DRAFT)
    assert only.stops
    assert only.what.startswith('"Error! Reference source not found." would be printed')
    assert list(open_words(text)) == [("a field that leads nowhere", "Error! Reference source not found.")]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("To { recipient.agency } today.", 'error: "{ recipient.agency }"'),
        ("To { { recipient.agency } }.", 'error: "{ { recipient.agency } }"'),
        ("To {recipient.agency} today.", 'error: "{recipient.agency}"'),
        ("To {recipient.agency}} today.", 'error: "{recipient.agency}}"'),
        ("To recipient.agency today.", 'warning: "recipient.agency"'),
        ("To {{ recipient.agency }}, the recipient. It is so.", ""),
        ("To {{ recipient.agency today.", ""),
    ],
)
def test_a_field_without_its_braces_is_named(text: str, named: str) -> None:
    found = list(in_source(Source("letter.md", text), Status.DRAFT))
    said = [
        f"{each.severity.name.lower()}: {each.what.removesuffix(' would be printed as it stands')}" for each in found
    ]
    assert (said, [str(each.place) for each in found]) == (([named], ["letter.md:1:4"]) if named else ([], []))


@pytest.mark.parametrize(
    "name",
    [
        *(
            "<Agency Name>",
            "{Agency}",
            "{ Agency }",
            "{ MERGEFIELD Agency }",
            "%Agency%",
            "%%Agency%%",
            "<%= agency %>",
        ),
        *("$Agency$", "##Agency##", "@Agency@", "@@Agency@@", "*|AGENCY|*"),
    ],
)
def test_a_name_between_signs_may_be_a_placeholder_of_another_program(name: str) -> None:
    (problem,) = in_source(Source("letter.md", f"To the {name} in person."), Status.FINAL)
    assert not problem.stops
    assert f'"{name}" is printed as it stands' in problem.what
