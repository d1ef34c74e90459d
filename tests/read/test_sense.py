"""Cells that look filled and must not be printed are problems of their row; real ones are not."""

from __future__ import annotations

import csv
import io

import pytest

from letters.model.problems import Place
from letters.model.records import Recipient
from letters.read.people import name_problems
from letters.read.recipients import read_recipients
from letters.read.sense import means_nothing, reserved_id, sense_problems
from letters.read.sense_places import place_problems
from tests.desk import COLUMNS, ROOT, SHERIFF


def told(**changes: str) -> list[str]:
    recipient = Recipient("x", {**SHERIFF, **changes}, Place("list.csv", 2))
    found = [*sense_problems(recipient), *name_problems(recipient), *place_problems(recipient)]
    return [str(problem) for problem in found]


@pytest.mark.parametrize("word", ["N/A", "None", "nan", "TBD", "vacant", "#REF!", "see notes", "--"])
@pytest.mark.parametrize("column", ["agency", "last_name", "address2"])
def test_a_word_for_nothing_is_told(word: str, column: str) -> None:
    assert told(**{column: word})[0].startswith(f'list.csv:2: {column}: "{word}" is a word for nothing')


@pytest.mark.parametrize(
    "words",
    [
        *("(vacant)", "Vacant.", "TBD - see notes", "N / A", "To be announced", "not known", "Position vacant", "???"),
        *("…", "–", "*", "_", "xxxx", "same as above", "No chief at present", "see attached", "Currently vacant"),
    ],
)
def test_words_for_nothing_are_known_in_what_stands_around_them(words: str) -> None:
    assert means_nothing(words)


@pytest.mark.parametrize("words", ["Null Island", "No Name Street", "Vacante", "See", "Noneman", "Open Meadow", "Xu"])
def test_what_only_begins_like_a_word_for_nothing_is_something(words: str) -> None:
    assert not means_nothing(words)


def test_a_word_for_nothing_over_two_cells_of_a_name_is_told() -> None:
    (problem,) = told(first_name="To be", last_name="determined")
    assert 'last_name: "To be determined" is a word for nothing' in problem


@pytest.mark.parametrize(
    "value",
    [
        *(
            "Sheriffâ€™s Office",
            "Sheriff\u0092s Office",
            "Sheriff‚Äôs Office",
            "SheriffΓÇÖs Office",
            "SheriffÔÇÖs Office",
        ),
        *("SheriffÃ¢â‚¬â„¢s Office", "Sheriff&rsquo;s Office", "SheriffÕs Office", "Sheriffâ\u0080\u0099s Office"),
    ],
)
def test_wrong_letters_are_told_with_what_was_meant(value: str) -> None:
    (problem,) = told(agency=value)
    assert "holds wrong letters" in problem
    assert 'is it "Sheriff’s Office"?' in problem


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"last_name": "Van (OIC)"}, 'it holds "("'),
        ({"last_name": "Doe/Smith"}, 'it holds "/"'),
        ({"last_name": "Kowalski, Jr."}, 'it holds ","'),
        ({"first_name": "Capt. Jane"}, 'a title or a rank ("capt")'),
        ({"first_name": "Pat and Chris"}, 'it holds "and"'),
        ({"last_name": "Roe*"}, 'it holds "*"'),
        ({"last_name": "Roe-elect"}, "has not taken office"),
        ({"last_name": "Roe Jr."}, 'holds a suffix ("Jr.")'),
        ({"last_name": "Q. Public"}, "begins with an initial"),
        ({"last_name": "R"}, "is one letter only"),
        ({"last_name": "O`Neil"}, 'is it "O’Neil"?'),
        ({"first_name": 'Pat "Patty"'}, "holds a quotation mark"),
        ({"first_name": "chuck"}, 'is in small letters and will be printed so\n    hint: is it "Chuck"?'),
        ({"first_name": "Chuck Heit"}, "ends in the last name"),
        ({"suffix": "Sheriff"}, '"Sheriff" is not a suffix'),
        ({"title": "Sherif"}, '"Sherif" is almost "Sheriff"'),
        ({"agency": "ALMA POLICE"}, '"ALMA POLICE" is in capitals and will be printed so'),
        ({"agency": "=A1"}, '"=A1" is a formula'),
        ({"agency": "<b>Police</b>"}, "markup of a web page"),
        ({"agency": "Police of «City»"}, 'a field that nobody filled in ("«City»")'),
        ({"agency": "Sheriff?s Office"}, "a letter was lost"),
        ({"agency": "Pol\u0456ce"}, "mixes letters of two alphabets"),
        ({"agency": "Alma Police (disbanded)"}, 'holds a remark ("disbanded")'),
        ({"agency": "Alma Police; Ithaca Police"}, "may be two agencies"),
        ({"agency": "45918"}, "has no letters"),
        ({"agency": "269-983-7111"}, "is a telephone number"),
        ({"jurisdiction": "TRUE"}, '"TRUE" is no jurisdiction'),
        ({"jurisdiction": "the City"}, '"the City" names no place'),
        ({"jurisdiction": "Berrien County, MI"}, 'holds "MI" besides'),
        ({"address1": "sheriff@example.org"}, "is an e-mail address"),
        ({"address1": "Benton Harbor"}, "is the city, not a street"),
        ({"address1": "2100 East Empire Avenue, Benton Harbor, MI 49022"}, "holds the last line of the address"),
        ({"address1": "2100 East Empire Ave. Benton Harbor"}, "ends in the city"),
        ({"address1": "2100"}, "a number without a street"),
        ({"address1": "East Empire Avenue"}, "has no house number"),
        ({"address2": "2100 E. Empire Ave"}, "is the street of address1 once more"),
        ({"address2": "P.O. Box 4"}, 'a PO box and a street: "2100 East Empire Avenue" and "P.O. Box 4"'),
        ({"address1": "c/o Clerk, Room 4", "address2": "2100 Empire Ave"}, "exchange address1 and address2"),
        ({"address1": "Hall of Justice", "address2": "2100 Empire Ave"}, "exchange address1 and address2"),
        ({"address1": "2nd Floor", "address2": "2100 Empire Ave"}, '"2nd Floor" is printed below the street'),
        ({"address1": "Attn: Clerk"}, '"Attn: Clerk" is no street'),
        ({"address1": "PO Box ____"}, '"PO Box ____" has no number'),
        ({"address1": "www.example.org"}, "is a website"),
        ({"address1": "2100 Empire Ave; 1 Main St"}, "may be two addresses"),
        ({"address2": "Suite #"}, '"Suite #" breaks off'),
        ({"address2": "Attn:"}, '"Attn:" breaks off'),
        ({"address2": "Benton Harbor, MI 49022"}, "is the last line of the address"),
        ({"address2": "MI"}, "is a part of the last line"),
        ({"county": "26021"}, '"26021" is no county of MI'),
        ({"county": "Berrien, MI"}, '"Berrien, MI" is no county of MI'),
        ({"jurisdiction": "BERRIEN"}, "is in capitals"),
        ({"first_name": "First Name"}, "is no name of a person"),
        ({"last_name": "Police Department"}, "is no name of a person"),
        ({"last_name": "Sheriff"}, "is a title, too"),
        ({"last_name": "Interim"}, "holds a title or a rank"),
        ({"last_name": "Roe Roe"}, "stands twice"),
        ({"last_name": "Roe."}, "ends in a point"),
        ({"last_name": "O''Neil"}, 'is it "O’Neil"?'),
        ({"last_name": "McDONALD"}, "is in capitals"),
        ({"title": "Former Sheriff"}, "no longer holds the office"),
        ({"title": "Mayor"}, "heads no police department"),
        ({"title": "Sheriff, Mr. Heit"}, "holds the name"),
        ({"address1": "POB 4, 2100 Empire Avenue"}, "a PO box and a street on one line"),
        ({"address1": "2100 EAST EMPIRE AVENUE"}, "is in capitals"),
        ({"city": "benton harbor"}, "is in small letters"),
        ({"city": "Benton Harbor Michigan"}, "is more than a city"),
        ({"city": "Benton Harbor (Twp)"}, "is more than a city"),
        ({"county": "Berien"}, '"Berien" is no county of MI\n    hint: is it Berrien?'),
        ({"county": "Wayne"}, '"Wayne", but the ZIP code 49022 is in Berrien'),
        ({"zip": "49022-0000"}, "no address has 0000"),
        ({"email": "a@example.org; b@example.org"}, "more than one e-mail address"),
        ({"email": "a.example.org"}, "not an e-mail address"),
        ({"email": "müller@example.org"}, "not an e-mail address"),
        ({"phone": "983-7111"}, "not a telephone number"),
        ({"last_name": "DOE"}, 'warning: "DOE" is in capitals'),
        ({"city": "Lansing, MI"}, '"Lansing, MI" is more than a city'),
        ({"city": "Lansing MI"}, '"Lansing MI" is more than a city'),
        ({"zip": "90210"}, '"90210" is no ZIP code of MI'),
        ({"zip": "00000"}, "no place has it"),
        ({"zip": "48999"}, 'no place is known to have the ZIP code "48999"'),
        ({"city": "Detroit"}, '"49022" is Benton Harbor'),
        ({"zip": "48933"}, '"48933" is Lansing, MI, not "Benton Harbor"\n    hint: Benton Harbor has 49022'),
    ],
)
def test_what_is_no_name_address_or_place_is_told(change: dict[str, str], said: str) -> None:
    (problem,) = told(**change)
    assert said in problem


@pytest.mark.parametrize(
    "change",
    [
        {"last_name": "O’Neil"},
        {"last_name": "García Márquez"},
        {"first_name": "J.", "last_name": "van der Berg"},
        {"city": "St. Clair Shores", "zip": "48081", "county": "Macomb"},
        {"city": "Michigan Center", "zip": "49254", "county": "Jackson"},
        {"county": "Van Buren"},
        {"first_name": "A. J.", "last_name": "Li"},
        {"first_name": "María José", "last_name": "de la Cruz"},
        {"suffix": "Jr., Ph.D."},
        {"agency": "Police & Fire – District No. 4"},
        {"address1": "One Public Safety Plaza"},
        {"address1": "1200 North Benton Harbor Road"},
        {"address1": "PO Box 12", "address2": "Room 3"},
        {"address2": "Door 7"},
        {"title": "Chief Constable"},
        {"email": "sheriff@example.org", "phone": "(269) 983-7111 x 12"},
        {"address2": "Suite 4"},
        {"hold": "none"},
    ],
)
def test_what_is_right_is_left_alone(change: dict[str, str]) -> None:
    assert told(**change) == []


def test_the_sample_list_makes_no_false_alarm() -> None:
    _, _, problems = read_recipients(ROOT / "recipients.csv", "recipients.csv", ("sheriff", "police_chief"))
    assert [str(problem) for problem in problems] == []


@pytest.mark.parametrize(("name", "reserved"), [("CON", True), ("aux", True), ("lpt1", True), ("con-police", False)])
def test_names_of_devices_are_known(name: str, reserved: bool) -> None:
    assert reserved_id(name) is reserved


def test_a_row_without_an_id_and_a_total_stop_no_other_row(tmp_path) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="")
    writer.writeheader()
    writer.writerows([SHERIFF, {**SHERIFF, "id": "", "zip": "49023"}, {"agency": "Total", "county": "2"}])
    (tmp_path / "list.csv").write_text(text.getvalue(), "utf-8")
    recipients, _, problems = read_recipients(tmp_path / "list.csv", "list.csv", ("sheriff",))
    assert [each.id for each in recipients] == [SHERIFF["id"], "row-3", "row-4"]
    assert [(problem.recipient, problem.place.line) for problem in problems] == [("row-3", 3), ("row-4", 4)]
    assert 'no recipient, but a row with "Total", "2"' in problems[1].what
