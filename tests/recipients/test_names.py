"""Names are split as people write them; what is not sure has a doubt."""

from __future__ import annotations

import csv

import pytest

from letters.recipients.names import on_one_line, split_name
from tests.desk import ROOT

WAYS = (
    *("{name}", "Sheriff {name}", "{last}, {first}", "Hon. {name}", "The Honorable {name}", "Acting Sheriff {name}"),
    *("Interim Sheriff {name}", "{name}, Sheriff", "{name} (Acting)", "Sheriff {last}, {first}", "Capt. {name}"),
    *("  {name}  ", "{name} Sheriff"),
)


def test_every_sheriff_of_the_sample_list_is_split_in_thirteen_ways() -> None:
    with (ROOT / "recipients.csv").open(encoding="utf-8", newline="") as file:
        sheriffs = [row for row in csv.DictReader(file) if row["office"] == "sheriff"]
    wrong = []
    for row in sheriffs:
        parts = (row["first_name"], row["last_name"], row["suffix"])
        behind = " ".join(filter(None, parts[1:]))
        for way in WAYS:
            written = way.format(name=" ".join(filter(None, parts)), last=behind, first=row["first_name"])
            found = split_name(written)
            if (found.first_name, found.last_name, found.suffix) != parts or found.doubt:
                wrong.append((written, found))
    assert len(sheriffs) == 83
    assert wrong == []


@pytest.mark.parametrize(
    ("written", "title", "first", "last", "suffix"),
    [
        ("Chief José St. John", "", "José", "St. John", ""),
        ("de la Cruz, Louis", "", "Louis", "de la Cruz", ""),
        ("Ludwig van der Berg", "", "Ludwig", "van der Berg", ""),
        ("Michael J. García, Jr.", "", "Michael J.", "García", "Jr."),
        ("Acting Chief Susan St. John", "Acting Chief", "Susan", "St. John", ""),
        ("Capt. Susan O'Neil (OIC)", "Captain", "Susan", "O'Neil", ""),
        ("Lt. Col. John Smith", "Lieutenant Colonel", "John", "Smith", ""),
        ("Pat Roe, Interim Chief of Police", "Interim Chief", "Pat", "Roe", ""),
        ("O'BRIEN, PATRICK", "", "Patrick", "O'Brien", ""),
        ('Jane "Janie" Roe', "", "Jane", "Roe", ""),
        ("Jane (Janie) Roe", "", "Jane", "Roe", ""),
        ("Attn: Chief Jane Roe", "", "Jane", "Roe", ""),
        ("KIM NG", "", "Kim", "Ng", ""),
        ("LEE VAN BUREN", "", "Lee", "Van Buren", ""),
        ("jane mcdonald", "", "Jane", "McDonald", ""),
        ("John Q. Public III", "", "John Q.", "Public", "III"),
        ("Rodney Chief", "", "Rodney", "Chief", ""),
        ("Mary Jo Mac Donald", "", "Mary Jo", "Mac Donald", ""),
        ("Dr. Jane Roe, Ph.D.", "", "Jane", "Roe", "Ph.D."),
        ("Roe, Jane (Janie)", "", "Jane", "Roe", ""),
        ('Roe, Jane "Janie", Jr.', "", "Jane", "Roe", "Jr."),
        ("Sheriff/Coroner Roe, Jane", "Sheriff-Coroner", "Jane", "Roe", ""),
        ("Jane Roe, Sheriff-Coroner", "Sheriff-Coroner", "Jane", "Roe", ""),
        ("Sheriff Jane Roe, CJE", "", "Jane", "Roe", ""),
        ("Jane de la Roe, M.P.A., CPM", "", "Jane", "de la Roe", ""),
        ("Jane Roe, M.Ed", "", "Jane", "Roe", ""),
        ("Dr. Jane Roe, MSc", "", "Jane", "Roe", ""),
        ("Jane A Roe DDS", "", "Jane A", "Roe", ""),
        ("Garcia Lopez, LeAnn", "", "LeAnn", "Garcia Lopez", ""),
        ("Roe, J.D.", "", "J.D.", "Roe", ""),
        ("Van Buren, CJ", "", "CJ", "Van Buren", ""),
        ("Roe, Jane (R)", "", "Jane", "Roe", ""),
        ("Jane Roe (D-Houston)", "", "Jane", "Roe", ""),
        ("McDONALD, JOHN", "", "John", "McDonald", ""),
        ("DeSANTIS, JANE", "", "Jane", "DeSantis", ""),
        ("Insp. Jane Roe", "Inspector", "Jane", "Roe", ""),
        ("1st Sgt. Jane Roe", "First Sergeant", "Jane", "Roe", ""),
        ("Jane Roe, Town Marshal", "Town Marshal", "Jane", "Roe", ""),
        ("Jane Roe — Interim Chief", "Interim Chief", "Jane", "Roe", ""),
        ("Constable, Precinct 3, Jane Roe", "Constable", "Jane", "Roe", ""),
        ("Superintendent Col. Jane Roe", "Superintendent", "Jane", "Roe", ""),
        ("Sheriff & Tax Collector Jane Roe", "", "Jane", "Roe", ""),
        ("Smith, John A., Jr., Sheriff", "", "John A.", "Smith", "Jr."),
        ("Chief Jane Roe (she/her/hers)", "", "Jane", "Roe", ""),
        ("Shrf. Jane Roe", "", "Jane", "Roe", ""),
        ("Jane Roe M.S.", "", "Jane", "Roe", ""),
        ("Mark Saint Clair", "", "Mark", "Saint Clair", ""),
        ("Grace Major", "", "Grace", "Major", ""),
        ("Maj. Di Poe (Interim)", "Interim", "Di", "Poe", ""),
        ("Sam Noe / Acting Chief", "Acting Chief", "Sam", "Noe", ""),
        ("Roe, Dale -- Interim", "Interim", "Dale", "Roe", ""),
        ("Sheriff (vacant)", "", "", "", ""),
        ("Chief - to be announced", "", "", "", ""),
        ("Dee Roe (Int.)", "Interim", "Dee", "Roe", ""),
        ("Interim Supt. Di Poe", "Interim Superintendent", "Di", "Poe", ""),
        ("Office of the Chief of Police", "", "", "", ""),
        ("Interim Chief of Police", "Interim Chief", "", "", ""),
    ],
)
def test_a_hard_name_is_split(written: str, title: str, first: str, last: str, suffix: str) -> None:
    assert split_name(written) == (title, first, last, suffix, "")


@pytest.mark.parametrize(
    ("written", "doubt"),
    [
        ("Jane Doe/John Smith", "two people"),
        ("Chief Jane & Lt. John Doe", "two people"),
        ("Gabriel García Márquez", "which words"),
        ("Maj Singh", "no first and last name"),
        ("Smith", "no first and last name"),
        ("Pat Roe (Ret.)", "retired"),
        ("Former Chief Pat Roe", "former"),
        ("Sheriff-Elect Pat Roe", "has not taken office"),
        ("Jane Roe, XYZ", 'is "XYZ"'),
        ("Jane Roe | John Doe", "two people"),
        ("Jane Roe, John Doe", "one person, or two?"),
        ("Pat Roe 555-1212", "more than a name"),
        ("Jane Roe*", "more than a name"),
        ("Mr. and Mrs. John Smith", "two people"),
        ("Jane Roe or current sheriff", "two people"),
        ("SMITH JOHN A", "which words"),
        ("Jane Roe - retiring", "which words"),
        ("Ángel L. Rivera Cruz", "which words"),
    ],
)
def test_what_is_not_sure_has_a_doubt(written: str, doubt: str) -> None:
    assert doubt in split_name(written).doubt


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        ("Jane Roe\nJohn Doe\nSam Poe", "Jane Roe / John Doe / Sam Poe"),
        ("Jane Roe,\nSgt. John Doe", "Jane Roe / Sgt. John Doe"),
        ("Chief: Jane Roe\nDeputy: John Doe", "Chief: Jane Roe / Deputy: John Doe"),
        ("Jane\nRoe", "Jane Roe"),
        ("Jane Roe\n(Acting)", "Jane Roe (Acting)"),
        ("Jane Roe\nChief of Police", "Jane Roe, Chief of Police"),
        ("Capt.\nJane Roe", "Capt., Jane Roe"),
    ],
)
def test_only_people_with_a_line_each_are_parted(cell: str, line: str) -> None:
    assert on_one_line(cell) == line
