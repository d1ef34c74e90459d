"""Problems of one cause are one message, with a count and the rows."""

from __future__ import annotations

from letters.model.problems import Place, Problem, grouped, list_lines


def row(line: int, what: str, field: str = "zip") -> Problem:
    return Problem(Place("list.csv", line, field=field), what, "fill it in", recipient=f"r{line}")


def test_one_cause_in_many_rows_is_one_message_with_its_lines() -> None:
    (only,) = grouped(row(line, "empty") for line in range(2, 42))
    assert str(only) == "list.csv: zip: in 40 rows (lines 2–41): empty\n    hint: fill it in"


def test_values_of_their_own_do_not_make_another_cause() -> None:
    (only,) = grouped([row(2, '"7068" is short'), row(5, '"7401" is short'), row(9, '"8527" is short')])
    assert only.what == 'in 3 rows (lines 2, 5, 9): "7068" is short; and 2 more like it'


def test_an_empty_cell_that_the_letter_asks_for_in_several_places_is_one_message() -> None:
    asked = [row(line, f"empty, but the letter prints it (letter.md:{at})") for line in (2, 5) for at in (7, 9)]
    (only,) = grouped(asked)
    assert only.what == "in 2 rows (lines 2, 5): empty, but the letter prints it (letter.md:7, letter.md:9)"


def test_two_rows_and_other_columns_stay_apart() -> None:
    problems = [row(2, "empty"), row(3, "empty"), row(2, "empty", "city"), Problem(Place("list.csv", 1), "empty")]
    assert grouped(problems) == problems


def test_what_touches_one_place_of_a_letter_names_the_recipients() -> None:
    place = Place("letter.md", 7)
    (only,) = grouped(Problem(place, f"no note for r{n}", recipient=f"r{n}") for n in range(1, 8))
    assert str(only).startswith("letter.md:7: for 7 recipients (r1, r2, r3, r4, r5 and 2 more): no note")


def test_lines_are_listed_one_by_one_or_as_ranges() -> None:
    assert list_lines([2, 3, 7]) == "2, 3, 7"
    assert list_lines([*range(2, 30), 40]) == "2–29, 40"


def test_what_is_said_of_several_places_of_a_file_is_one_message_that_lists_them():
    letter = [Problem(Place("templates/letter.md", line), "it is never closed", "close it") for line in (3, 7, 7, 9)]
    word = [Problem(Place("templates/a.docx", line), "delete NEXT") for line in (2, 4, 5)]
    elsewhere = [Problem(Place("campaign.toml"), "delete NEXT")] * 2
    assert [str(each.place) + " " + each.what for each in grouped([*letter, *word, *elsewhere])] == [
        "templates/letter.md:3 it is never closed; also in lines 7, 9",
        "templates/a.docx:2 delete NEXT; also in paragraphs 4, 5",
        "campaign.toml delete NEXT",
        "campaign.toml delete NEXT",
    ]


def test_entries_with_one_hint_and_brackets_are_one_message_that_names_them() -> None:
    unread = [
        Problem(Place("authorities.toml", line, field=name), f"{name.title()} v. Roe is unread", "read it")
        for line, name in ((3, "arizona"), (9, "monell"), (15, "printz"))
    ]
    brackets = [
        Problem(Place("campaign.toml", line), f'"[{name}]" is left') for line, name in ((3, "a"), (3, "b"), (7, "c"))
    ]
    cells = [
        Problem(Place("list.csv", line, field="clerk"), what, "fill it in")
        for line, what in ((2, "no address"), (3, "no ZIP code"), (4, "no address"), (4, "no city"))
    ]
    assert [str(each) for each in grouped([*unread, *cells, *brackets])] == [
        "authorities.toml:3: arizona: Arizona v. Roe is unread; and 2 more like it: monell, printz\n    hint: read it",
        "list.csv:2: clerk: no address; and 3 more like it in lines 3, 4\n    hint: fill it in",
        'campaign.toml:3: "[a]" is left; and 2 more like it: "[b]" (line 3), "[c]" (line 7)',
    ]


def test_several_places_of_one_row_are_one_message_that_counts_no_rows() -> None:
    asked = [row(2, f"empty, but the letter prints it (letter.md:{at})") for at in (7, 9, 11)]
    (only,) = grouped(asked)
    assert str(only).startswith("list.csv:2: zip: empty, but the letter prints it (letter.md:7, letter.md:9, ")
    (values,) = grouped([row(2, '"7068" is short'), row(2, '"7401" is short'), row(2, '"8527" is short')])
    assert values.what == '"7068" is short; and 2 more like it'
