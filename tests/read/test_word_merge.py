"""The fields of a mail merge become fields and conditions of ours in both media, or are named."""

from __future__ import annotations

from pathlib import Path

import pytest
from docx.document import Document
from lxml import etree

from letters.formats.ooxml import W, parse, read_package, w
from letters.read.toml import with_tables
from letters.read.word_letter import read_word_letter
from letters.read.word_merge import MergeNames
from tests.conftest import MakeDesk
from tests.desk import Desk, set_up
from tests.read.word_letters import docx_text, pdf_text, place, word_letter
from tests.recipients.world import write_csv

ID = "berrien-county-sheriff"


def mark(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def code(text: str) -> str:
    return f'<w:r><w:instrText xml:space="preserve">{text}</w:instrText></w:r>'


def words(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def long_field(instruction: str, shown: str = "«X»") -> str:
    return mark("begin") + code(instruction) + mark("separate") + words(shown) + mark("end")


def short_field(instruction: str, shown: str = "«X»") -> str:
    return f"<w:fldSimple w:instr='{instruction}'>{words(shown)}</w:fldSimple>"


def one_run(instruction: str) -> str:
    inside = f'<w:fldChar w:fldCharType="begin"/><w:instrText>{instruction}</w:instrText>'
    inside += '<w:fldChar w:fldCharType="separate"/><w:t>«X»</w:t><w:fldChar w:fldCharType="end"/>'
    return f"<w:r>{inside}</w:r>"


def condition(field: str, rest: str, shown: str, nested: str = "") -> str:
    nested = nested or mark("begin") + code(f" MERGEFIELD {field} ") + mark("end")
    return mark("begin") + code(' IF "') + nested + code(f'" {rest} ') + mark("separate") + words(shown) + mark("end")


def letter(*paragraphs: str) -> Document:
    document = word_letter(*[""] * len(paragraphs))
    for paragraph, inside in zip(document.paragraphs, paragraphs, strict=True):
        for child in etree.fromstring(f'<w:p xmlns:w="{W}">{inside}</w:p>'):
            paragraph._p.append(child)
    return document


def build(desk: Desk, *paragraphs: str) -> tuple[str, str]:
    place(desk, letter(*paragraphs))
    desk.run("build", "--letter", "byhand", "--only", ID)
    return docx_text(desk, ID), pdf_text(desk, ID)


@pytest.mark.parametrize("spelling", [long_field, short_field, one_run])
def test_a_merge_field_is_filled_in_every_spelling(make_desk: MakeDesk, spelling: object) -> None:
    assert callable(spelling)
    written = spelling(" MERGEFIELD Agency \\* MERGEFORMAT ")
    for said in build(make_desk(), words("To the ") + written + words(" today.")):
        assert "To the Berrien County Sheriff’s Department today." in said
        assert "«" not in said


SWITCHES = {
    'MERGEFIELD "County" \\* Upper': "BERRIEN",
    "MERGEFIELD County \\* Lower": "berrien",
    'MERGEFIELD County \\b "in " \\f " County"': "in Berrien County",
    "MERGEFIELD Postal_Code": "49022",
    "MERGEFIELD Last_Name": "Heit",
    'MERGEFIELD Date \\@ "MMMM d, yyyy"': "September 17, 2025",
    'MERGEFIELD Zip \\# "00000"': "49022",
    "MERGEFIELD Last Name \\* Upper": "HEIT",
    "GREETINGLINE": "Dear Sheriff Heit",
    "MERGEFIELD County\\*Upper": "BERRIEN",
    "MERGEFIELD Business_Postal_Code": "49022",
}


@pytest.fixture(scope="module")
def switched(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Build a letter with a numbered paragraph for each field."""
    desk = set_up(folder=tmp_path_factory.mktemp("switches") / "desk")
    return build(desk, *(words(f"[{n}: ") + long_field(each) + words("]") for n, each in enumerate(SWITCHES)))


@pytest.mark.parametrize("instruction", SWITCHES)
def test_switches_and_usual_names_are_understood(switched: tuple[str, str], instruction: str) -> None:
    number, shown = list(SWITCHES).index(instruction), SWITCHES[instruction]
    for said in switched:
        assert f"[{number}: {shown}" in said.replace("\u00a0", " ")


def test_an_if_field_becomes_a_condition_and_leaves_no_paragraph(make_desk: MakeDesk) -> None:
    desk = make_desk()
    paragraphs = (
        words("Before."),
        condition("Office", '= "sheriff" "You run the jail." ""', "old result"),
        condition("", '&lt;&gt; "Berrien" "Elsewhere." "At home."', "old result", short_field("MERGEFIELD County")),
        words("After."),
    )
    for said in build(desk, *paragraphs):
        assert "Before. You run the jail. At home. After." in said or "Before.You run the jail.At home.After." in said
        assert "old result" not in said


def test_an_if_field_keeps_breaks_and_quotation_marks_of_its_texts_and_drops_switches_of_formats(
    make_desk: MakeDesk,
) -> None:
    broken = '"One</w:instrText><w:br/><w:instrText>more \\"word\\"" "No" \\* MERGEFORMAT'
    docx, pdf = build(make_desk(), condition("County", f'= "Berrien" {broken}', "old result"))
    assert (docx, pdf.count('One more "word"')) == ('Onemore "word"', 1)


def test_a_field_that_is_refused_is_told_of_once_in_one_message_for_all_its_places(make_desk: MakeDesk) -> None:
    desk = make_desk()
    noted = condition("County", '= "Berrien" "One</w:instrText><w:footnoteReference w:id="2"/><w:instrText>" ""', "One")
    place(
        desk,
        letter(
            *[long_field(" NEXT ")] * 3,
            long_field(" QUOTE ").replace(
                "</w:instrText>", f"</w:instrText></w:r>{long_field('MERGEFIELD City')}<w:r>"
            ),
            noted,
        ),
    )
    done = desk.run("check", "--letter", "byhand", code=1)
    assert done.stdout.count("byhand.docx:") == 3
    assert "for labels; also in paragraphs 2, 3" in done.stdout
    assert "4: the field QUOTE of Word holds merge fields" in done.stdout
    assert "5: the field IF of Word holds a note or a picture" in done.stdout


def test_an_address_block_becomes_the_inside_address(make_desk: MakeDesk) -> None:
    docx, pdf = build(make_desk(), long_field('ADDRESSBLOCK \\f "…"', "«AddressBlock»"), words("Then."))
    for said in (docx, pdf):
        assert "2100 East Empire Avenue" in said
        assert "AddressBlock" not in said


def test_the_result_of_a_field_may_go_on_over_paragraphs_as_in_a_preview(make_desk: MakeDesk) -> None:
    desk = make_desk()
    begun = mark("begin") + code(" ADDRESSBLOCK ") + mark("separate") + words("Line 1")
    paragraphs = (begun, words("Line 2"), words("Line 3") + mark("end"), words("Then {{ recipient.agnecy }}."))
    place(desk, letter(*paragraphs))
    assert "byhand.docx:4:1:" in desk.run("check", "--letter", "byhand", code=1).stdout
    docx, pdf = build(desk, *paragraphs[:3], words("Then."))
    for said in (docx, pdf):
        assert "2100 East Empire Avenue" in said
        assert "Line" not in said
    parts = read_package((desk.folder / f"out/byhand/docx/{ID}.docx").read_bytes())
    assert b"folded" not in parts["word/document.xml"]


def test_merge_fields_in_notes_and_headers_are_filled(make_desk: MakeDesk) -> None:
    desk = make_desk()
    document = letter(words("Text."))
    header = document.sections[0].header.paragraphs[0]
    for child in etree.fromstring(f'<w:p xmlns:w="{W}">{long_field(" MERGEFIELD County ")}</w:p>'):
        header._p.append(child)
    place(desk, document)
    desk.run("build", "--letter", "byhand", "--only", ID)
    parts = read_package((desk.folder / f"out/byhand/docx/{ID}.docx").read_bytes())
    heads = [parse(content) for name, content in parts.items() if name.startswith("word/header")]
    said = ["".join(piece.text or "" for piece in head.iter(w("t"))) for head in heads]
    assert "Berrien" in said
    assert not any("«" in each for each in said)


def test_a_field_that_nothing_is_known_of_is_an_error_with_its_place(make_desk: MakeDesk) -> None:
    desk = make_desk()
    place(desk, letter(words("One."), long_field(" MERGEFIELD Precinct_Size ")))
    done = desk.run("check", "--letter", "byhand", code=1)
    assert "templates/byhand.docx:2: nothing is known of the merge field «Precinct_Size»" in done.stdout
    assert "is empty" not in done.stdout
    assert "did you mean" not in done.stdout


CAPITALS = '<w:r><w:rPr><w:caps/></w:rPr><w:t xml:space="preserve">for {{ recipient.county }} </w:t></w:r>'


def test_a_tag_in_capitals_prints_its_value_in_capitals_and_a_hidden_one_is_an_error(make_desk: MakeDesk) -> None:
    desk = make_desk()
    assert "FOR BERRIEN" in build(desk, CAPITALS)[1]
    place(desk, letter(words("One."), CAPITALS.replace("w:caps", "w:vanish")))
    done = desk.run("check", "--letter", "byhand", code=1)
    assert (
        'hidden text: "for {{ recipient.county }}" holds a tag, which would be left out of every letter' in done.stdout
    )


@pytest.mark.parametrize(
    ("field", "said"),
    [
        (" NEXT ", "the field NEXT of Word has no meaning here"),
        (' DATE \\@ "MMMM d" ', "the field DATE of Word changes whenever"),
        (" DDEAUTO excel a b ", "the field DDEAUTO of Word has no meaning here: it starts another program"),
        (" MERGEFIELD County \\* Caps ", "which has no like here"),
        (" MERGEFIELD County \\# 0.00 ", "numbers are printed as the list has them"),
        (" MERGEBARCODE Zip QR ", "it draws a bar code"),
    ],
)
def test_orders_to_word_are_refused_with_the_reason(make_desk: MakeDesk, field: str, said: str) -> None:
    desk = make_desk()
    place(desk, letter(words("One."), words("x ") + long_field(field)))
    done = desk.run("check", "--letter", "byhand", code=1)
    assert said in done.stdout
    assert "byhand.docx:2:" in done.stdout


def test_what_a_field_stands_for_is_asked_once_and_kept(make_desk: MakeDesk) -> None:
    desk = make_desk()
    place(desk, letter(words("In ") + long_field(" MERGEFIELD Region ") + words(".")))
    desk.run("fields", "map", "byhand", code=1)
    for wrong, said in (("Region=countyy", "did you mean recipient.county?"), ("Zone=county", "no merge field «Zone»")):
        assert said in desk.run("fields", "map", "byhand", "--map", wrong, code=2).stderr
    desk.run("fields", "map", "byhand.docx", "--map", "region={{ recipient.county }}")
    assert 'Region = "recipient.county"' in (desk.folder / "campaign.toml").read_text("utf-8")
    desk.run("build", "--letter", "byhand", "--only", ID)
    assert "In Berrien." in docx_text(desk, ID)


def test_a_heading_of_the_list_that_was_brought_in_means_what_its_column_was_taken_for(make_desk: MakeDesk) -> None:
    desk = make_desk(rows=[])
    rows = [("Head of agency", "Agency", "Mailing address", "Date signed", "287(g)")]
    rows += [
        (
            "Sheriff Jane Roe",
            "Alcona County Sheriff's Office",
            "1 Main Street\nHarrisville, MI 48740",
            "3/4/2025",
            "WSO",
        )
    ]
    desk.run("recipients", "import", str(write_csv(desk.folder / "ours.csv", rows)), "--yes")
    names = ("Head_of_agency", "Agency", "Mailing_address", "Date_signed")
    place(desk, letter(*(long_field(f" MERGEFIELD {name} ") for name in names)))
    desk.run("build", "--letter", "byhand")
    said = docx_text(desk, "alcona-county-sheriff")
    assert "1 Main Street, Harrisville, MI 48740" in said
    assert "Jane Roe" in said
    assert "March 4, 2025" in said


def test_typed_placeholders_are_filled_or_named(make_desk: MakeDesk) -> None:
    desk = make_desk()
    docx, pdf = build(desk, words("To «Agen") + words("cy» and &lt;&lt;Last Name&gt;&gt;."), words("«Address Block»"))
    for said in (docx, pdf):
        assert "and Heit." in said
        assert "2100 East Empire Avenue" in said
        assert "«" not in said
    place(desk, letter(words("To «Precinct\u00a0No.»."), words("&lt;&lt;2nd&gt;&gt; «»")))
    done = desk.run("check", "--letter", "byhand", code=1)
    assert "byhand.docx:1: nothing is known of the merge field «Precinct\u00a0No.»" in done.stdout
    assert "byhand.docx:2: nothing is known of the merge field <<2nd>>" in done.stdout
    assert '"«»" is a placeholder of a mail merge' in done.stdout
    desk.run("fields", "map", "byhand", "--map", "Precinct No.=county", "--map", "2nd=city")
    assert "nothing is known" not in desk.run("check", "--letter", "byhand", code=1).stdout


def test_a_refused_field_is_one_message_whatever_fields_it_holds(tmp_path: Path) -> None:
    logo = mark("begin") + code(" INCLUDEPICTURE ") + long_field("MERGEFIELD Logo", "«Logo»")
    letter(logo + mark("separate") + words("[x]") + mark("end")).save(str(tmp_path / "byhand.docx"))
    _, problems = read_word_letter(tmp_path / "byhand.docx", "byhand.docx", (), MergeNames({}, ()))
    assert [each.what for each in problems] == [
        "the field INCLUDEPICTURE of Word has no meaning here: it reads another file"
    ]


def test_the_table_of_meanings_is_written_between_others() -> None:
    text = 'letter = "a"\n\n[merge_fields]\nRegion = "old"\nOther = "recipient.b"\n\n[[signers]]\nname = "x"\n'
    made = with_tables(text, "campaign.toml", {"merge_fields": {"Region": "recipient.county"}})
    assert made == (
        'letter = "a"\n\n[merge_fields]\nRegion = "recipient.county"\nOther = "recipient.b"\n\n'
        '[[signers]]\nname = "x"\n'
    )
    made = with_tables('letter = "a"\n', "campaign.toml", {"merge_fields": {"A b": "c"}})
    assert made == 'letter = "a"\n\n[merge_fields]\n"A b" = "c"\n'
