"""The letter itself goes to Word and comes back: untouched text exactly, edits as edits, damage refused."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from letters.formats.ooxml import parse, read_package, serialize, w, write_package
from tests.conftest import MakeDesk
from tests.desk import ROOT, Desk
from tests.formats.docx.corpus import DRAWING_NAMES, run
from tests.reading import plain_text
from tests.wording.conftest import CLAUSE, LETTER

PACK = ["guidance-letter", "agreement-follow-up", "records-request", "thank-you", "county-board", "press-release"]
PACK += ["model-policy", "fact-sheet-287g", "frames/letter", "frames/memorandum", "frames/press-release"]
BOX = f"<w:txbxContent><w:p>{run('Boxed')}</w:p></w:txbxContent>"
PROMPT = f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{run('Choose')}</w:sdtContent></w:sdt>"
Edit = Callable[[etree._Element], None]


def edit(desk: Desk, change: Edit, part: str = "word/document.xml") -> Path:
    path = desk.folder / "out" / "wording" / "letter.docx"
    parts = read_package(path.read_bytes())
    root = parse(parts[part])
    change(root)
    path.write_bytes(write_package({**parts, part: serialize(root)}))
    return path


def text_with(words: str, root: etree._Element) -> etree._Element:
    return next(t for t in root.iter(w("t")) if words in (t.text or ""))


def paragraph_with(words: str, root: etree._Element) -> etree._Element:
    return next(p for p in root.iter(w("p")) if words in "".join(t.text or "" for t in p.iter(w("t"))))


def replace(old: str, new: str) -> Edit:
    def change(root: etree._Element) -> None:
        piece = text_with(old, root)
        piece.text = (piece.text or "").replace(old, new)

    return change


def bring_back(desk: Desk, *options: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    return desk.run("draft", "import", str(desk.folder / "out/wording/letter.docx"), "--yes", *options, code=code)


def markdown(desk: Desk) -> str:
    return (desk.folder / "templates/letter.md").read_text("utf-8")


def test_nothing_edited_changes_nothing(desk: Desk) -> None:
    assert "no words changed" in bring_back(desk).stderr
    assert markdown(desk) == LETTER


def on_the_pack(desk: Desk, *arguments: str) -> subprocess.CompletedProcess[str]:
    return desk.run(*arguments, "--campaign", str(ROOT), "--out", str(desk.folder / "out"))


@pytest.mark.parametrize("name", PACK)
def test_every_letter_of_the_pack_comes_back_without_a_difference(make_desk: MakeDesk, name: str) -> None:
    desk = make_desk()
    on_the_pack(desk, "draft", "export", name)
    done = on_the_pack(desk, "draft", "import", f"out/wording/{name}.docx", "--dry-run")
    assert done.stderr == "no words changed\n"


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
@pytest.mark.parametrize("name", PACK)
def test_libreoffice_saves_every_letter_of_the_pack_without_a_difference(make_desk: MakeDesk, name: str) -> None:
    desk = make_desk()
    on_the_pack(desk, "draft", "export", name)
    profile = f"-env:UserInstallation=file://{desk.folder}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "docx:MS Word 2007 XML", "--outdir", "saved"]
    subprocess.run([*command, f"out/wording/{name}.docx"], cwd=desk.folder, check=True, capture_output=True)
    done = on_the_pack(desk, "draft", "import", f"saved/{Path(name).name}.docx", "--dry-run")
    assert done.stderr == "no words changed\n"


def test_a_changed_word_changes_its_paragraph_and_no_other(desk: Desk) -> None:
    edit(desk, replace("and we are glad", "which we welcome"))
    done = bring_back(desk)
    assert "You have no agreement, [-and-]{+which+} we [-are glad-]{+welcome+}." in done.stdout
    assert markdown(desk) == LETTER.replace("and we are glad", "which we welcome")


def test_line_ends_of_windows_stay(make_desk: MakeDesk) -> None:
    desk = make_desk()
    path = desk.folder / "templates/letter.md"
    path.write_bytes(LETTER.replace('{% include "meeting" %}\n', "").replace("\n", "\r\n").encode())
    desk.run("draft", "export", "letter")
    edit(desk, replace("Hold no one", "Detain no one"))
    bring_back(desk)
    assert path.read_bytes().count(b"\r\n") == path.read_bytes().count(b"\n")
    assert b"1.  Detain no one.\r\n" in path.read_bytes()


def test_fields_notes_and_emphasis_of_a_changed_paragraph_stay(desk: Desk) -> None:
    edit(desk, replace("its wording", "its words"))
    bring_back(desk)
    first = "We write to the {{ recipient.agency }} about *policy* and its words.[^one] It costs 5 \\* 3 dollars."
    assert first in markdown(desk)


def test_a_field_keeps_its_emphasis_in_a_changed_paragraph(make_desk: MakeDesk) -> None:
    text = "Attention of *the **{{ recipient.agency }}*** and [{{ recipient.county }}]{.smallcaps}, today.\n"
    desk = make_desk(letter=text)
    desk.run("draft", "export", "letter")
    edit(desk, replace("today", "now"))
    bring_back(desk)
    written = "Attention of *the* ***{{ recipient.agency }}*** and [{{ recipient.county }}]{.smallcaps}, now.\n"
    assert markdown(desk) == written


def test_a_frame_is_changed_in_its_own_file(desk: Desk) -> None:
    before = (ROOT / "templates/frames/letter.md").read_text("utf-8")
    frame = desk.write("templates/frames/letter.md", before)
    (desk.folder / "out/wording/letter.docx").unlink()
    desk.run("draft", "export", "frames/letter", "--to", "out/wording/letter.docx")
    edit(desk, replace("Re:", "Subject:"))
    bring_back(desk)
    assert frame.read_text("utf-8") == before.replace("[Re:]{.label}", "[Subject:]{.label}")


def test_a_note_is_changed_under_its_name(desk: Desk) -> None:
    edit(desk, replace("A note of every letter", "A note of each letter"), "word/footnotes.xml")
    bring_back(desk)
    assert "[^one]: A note of each letter, on *Arizona v. United States*.\n" in markdown(desk)


def test_an_item_keeps_its_number_and_its_condition(desk: Desk) -> None:
    edit(desk, replace("about status", "about immigration status"))
    bring_back(desk)
    item = "2.  Ask no one, {% if recipient.title %}{{ recipient.title }}, {% endif %}about immigration status.\n"
    assert item in markdown(desk)


def test_a_clause_is_changed_in_its_own_file(desk: Desk) -> None:
    edit(desk, replace("welcome a meeting", "welcome a call"))
    bring_back(desk)
    assert (desk.folder / "templates/clauses/meeting.md").read_text("utf-8") == CLAUSE.replace("meeting", "call")
    assert markdown(desk) == LETTER


def test_a_paragraph_that_was_added_stands_where_it_was_put(desk: Desk) -> None:
    def add(root: etree._Element) -> None:
        below = paragraph_with("and we are glad", root)
        new = etree.fromstring(etree.tostring(below))
        next(new.iter(w("t"))).text = "A wholly new paragraph with nothing in common."
        below.addnext(new)

    edit(desk, add)
    bring_back(desk)
    added = "and we are glad.\n\nA wholly new paragraph with nothing in common.\n\n{% endif %}"
    assert added in markdown(desk)


def test_a_style_of_words_that_the_letterhead_does_not_have_is_left_out_and_told(desk: Desk) -> None:
    def style(root: etree._Element) -> None:
        made = etree.SubElement(root, w("style"), {w("type"): "character", w("styleId"): "BookTitle"})
        etree.SubElement(made, w("name"), {w("val"): "Book Title"})

    def add(root: etree._Element) -> None:
        new = run(" new words", '<w:rStyle w:val="BookTitle"/>')
        paragraph_with("we are glad.", root).extend(etree.fromstring(f"<w:p {DRAWING_NAMES}>{new}</w:p>"))

    edit(desk, style, "word/styles.xml")
    edit(desk, add)
    assert 'the style "Book Title" of "new words" is not taken over' in bring_back(desk).stderr
    assert "and we are glad. new words\n" in markdown(desk)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("1. First of all", "1\\. First of all"),
        ("2019. That year", "2019\\. That year"),
        ("(a) The first", "(a\\) The first"),
        ("iv. The fourth", "iv\\. The fourth"),
        ("# of items", "\\# of items"),
        (": so it is", "\\: so it is"),
        ("> so it is", "\\> so it is"),
    ],
)
def test_what_begins_a_paragraph_in_word_begins_it_in_the_letter(desk: Desk, typed: str, written: str) -> None:
    def add(root: etree._Element) -> None:
        paragraph = paragraph_with("we are glad.", root)
        paragraph.addnext(etree.fromstring(f"<w:p {DRAWING_NAMES}>{run(typed.replace('>', '&gt;'))}</w:p>"))

    edit(desk, add)
    bring_back(desk)
    assert f"and we are glad.\n\n{written}\n\n" in markdown(desk)
    desk.run("build", "--no-docx", "--only", "adrian-police")
    assert typed in " ".join(plain_text(desk.out("pdf/adrian-police.pdf")).split())


def test_a_paragraph_that_was_taken_out_is_gone_and_its_field_asked_for(desk: Desk) -> None:
    def take_out(root: etree._Element) -> None:
        gone = paragraph_with("You signed on", root)
        gone.getparent().remove(gone)  # type: ignore[union-attr]

    edit(desk, take_out)
    done = bring_back(desk, "--dry-run")
    assert "‹Recipient: agreement signed, as long date› stands 1 time less than before" in done.stderr


def test_tracked_changes_are_taken_in(desk: Desk) -> None:
    def track(root: etree._Element) -> None:
        run = text_with("and we are glad", root).getparent()
        assert run is not None
        who = {w("id"): "1", w("author"): "[Counsel]", w("date"): "2025-09-01T00:00:00Z"}
        inserted = etree.Element(w("ins"), who)
        etree.SubElement(etree.SubElement(inserted, w("r")), w("t")).text = " Thank you."
        run.addnext(inserted)

    edit(desk, track)
    bring_back(desk)
    assert "and we are glad. Thank you.\n" in markdown(desk)


@pytest.mark.parametrize(
    ("inside", "said", "code", "kept"),
    [
        (run("privileged", "<w:vanish/>"), 'question: hidden text: "privileged" is left out', 0, "glad."),
        (
            run(" Ask Ann.", '<w:color w:val="FF0000"/>'),
            'a colour: "Ask Ann." is taken over like all',
            0,
            "glad. Ask Ann.",
        ),
        (run(" new words", "<w:dstrike/>"), 'struck through: "new words" is taken over', 0, "glad. new words"),
        (run(" new words", '<w:vertAlign w:val="superscript"/>'), "1 paragraph changed", 0, "glad. ^new\\ words^"),
        (run(" a\u200bb"), '1 invisible character in "You have', 0, "glad. ab"),
        (run(" &amp;nbsp; ==x== C++"), "1 paragraph changed", 0, "glad. \\&nbsp; \\==x\\== C\\++"),
        (f'<w:bdo w:val="rtl">{run(" aside")}</w:bdo>', "1 paragraph changed", 0, "glad. aside"),
        (
            f'<w:hyperlink w:anchor="_top">{run(" up")}</w:hyperlink>',
            "the link to a place in the Word file",
            0,
            "glad. up",
        ),
        (run("Ask", '<w:highlight w:val="cyan"/>'), 'highlighted: "Ask" is taken over like all text', 0, "glad.Ask"),
        (f'<w:fldSimple w:instr="QUOTE x">{run("Short")}</w:fldSimple>', "1 paragraph changed", 0, "glad.Short"),
        (run("loud", "<w:caps/>"), "1 paragraph changed", 0, "glad.LOUD"),
        ("<m:oMath><m:r><m:t>x</m:t></m:r></m:oMath>", "question: a formula at", 0, "glad."),
        (f"<w:r><w:pict>{BOX}</w:pict></w:r>", 'error: a text box ("Boxed") is not taken over', 1, "glad."),
        (PROMPT, 'error: a content control to be filled in: "Choose"', 1, "glad."),
        ("<w:r><mc:AlternateContent/><w:t>Lost</w:t></w:r>", "1 paragraph changed", 0, "glad.Lost"),
    ],
)
def test_what_word_shows_is_taken_over_and_what_it_hides_is_not(
    desk: Desk, inside: str, said: str, code: int, kept: str
) -> None:
    def change(root: etree._Element) -> None:
        paragraph = paragraph_with("we are glad.", root)
        for child in etree.fromstring(f"<w:p {DRAWING_NAMES}>{inside}</w:p>"):
            paragraph.append(child)

    edit(desk, change)
    assert said in bring_back(desk, code=code).stderr
    assert f"You have no agreement, and we are {kept}\n" in markdown(desk)


def test_comments_come_over_as_questions(desk: Desk) -> None:
    path = edit(desk, lambda _: None)
    parts = read_package(path.read_bytes())
    name = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    parts["word/comments.xml"] = (
        f'<w:comments xmlns:w="{name}"><w:comment w:id="7" w:author="[Counsel]" w:date="2025-09-01T00:00:00Z">'
        "<w:p><w:r><w:t>Is this still so?</w:t></w:r></w:p></w:comment></w:comments>"
    ).encode()
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(
        b"</Types>", f'<Override PartName="/word/comments.xml" ContentType="{kind}"/></Types>'.encode()
    )
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments"
    parts["word/_rels/document.xml.rels"] = parts["word/_rels/document.xml.rels"].replace(
        b"</Relationships>",
        f'<Relationship Id="rId900" Type="{relation}" Target="comments.xml"/></Relationships>'.encode(),
    )
    document = parse(parts["word/document.xml"])
    run = text_with("and we are glad", document).getparent()
    assert run is not None
    run.addprevious(etree.Element(w("commentRangeStart"), {w("id"): "7"}))
    run.addnext(etree.Element(w("commentRangeEnd"), {w("id"): "7"}))
    path.write_bytes(write_package({**parts, "word/document.xml": serialize(document)}))
    assert "question: [Counsel], 2025-09-01: Is this still so?" in bring_back(desk).stderr


def test_a_damaged_field_is_refused_and_nothing_is_written(desk: Desk) -> None:
    edit(desk, replace("‹Recipient: agency›", "‹Recipient: agent›"))
    done = bring_back(desk, code=1)
    assert 'the field "‹Recipient: agent›" was changed in "We write to the' in done.stderr
    assert markdown(desk) == LETTER


def test_half_a_field_is_refused(desk: Desk) -> None:
    edit(desk, replace("‹Recipient: agency›", "‹Recipient: agency"))
    assert "a field was cut in two" in bring_back(desk, code=1).stderr


def test_a_condition_that_was_taken_out_is_refused(desk: Desk) -> None:
    def take_out(root: etree._Element) -> None:
        line = paragraph_with("‹Else›", root)
        line.getparent().remove(line)  # type: ignore[union-attr]

    edit(desk, take_out)
    assert "lines of conditions or clauses were taken out or added: ‹Else›" in bring_back(desk, code=1).stderr


def test_the_markdown_as_it_was_is_kept(desk: Desk) -> None:
    edit(desk, replace("and we are glad", "which we welcome"))
    bring_back(desk)
    (kept,) = (desk.folder / "out" / "kept").glob("*/templates/letter.md")
    assert kept.read_text("utf-8") == LETTER


def test_a_line_of_a_condition_that_was_joined_with_words_is_refused(desk: Desk) -> None:
    def join(root: etree._Element) -> None:
        line = paragraph_with("‹Else›", root)
        words = paragraph_with("You signed on", root)
        for child in list(line):
            if child.tag != w("pPr"):
                words.append(child)
        line.getparent().remove(line)  # type: ignore[union-attr]

    edit(desk, join)
    assert 'the line ‹Else› was joined with another: "You signed on' in bring_back(desk, code=1).stderr


def test_words_behind_a_clause_are_kept_in_the_letter(desk: Desk) -> None:
    def add(root: etree._Element) -> None:
        line = paragraph_with("‹End of clause: meeting›", root)
        new = etree.fromstring(etree.tostring(paragraph_with("and we are glad", root)))
        next(new.iter(w("t"))).text = "Wholly new words behind the clause."
        line.addnext(new)

    edit(desk, add)
    bring_back(desk)
    assert '{% include "meeting" %}\n\nWholly new words behind the clause.\n' in markdown(desk)


def test_the_first_half_of_a_clause_that_was_split_stays_in_the_clause(desk: Desk) -> None:
    def add(root: etree._Element) -> None:
        first = etree.fromstring(etree.tostring(paragraph_with("We would welcome", root)))
        next(first.iter(w("t"))).text = "Another beginning."
        paragraph_with("We would welcome", root).addprevious(first)

    edit(desk, add)
    bring_back(desk)
    clause = (desk.folder / "templates/clauses/meeting.md").read_text("utf-8")
    assert clause == f"Another beginning.\n\n{CLAUSE}"


def test_the_last_item_that_was_taken_out_leaves_the_next_paragraph_apart(make_desk: MakeDesk) -> None:
    desk = make_desk(letter="1. Hold no one.\n2. Ask no one.\n\nThank you.\n")
    desk.run("draft", "export", "letter")

    def take_out(root: etree._Element) -> None:
        gone = paragraph_with("Ask no one", root)
        gone.getparent().remove(gone)  # type: ignore[union-attr]

    edit(desk, take_out)
    bring_back(desk)
    assert markdown(desk) == "1. Hold no one.\n\nThank you.\n"


def test_no_line_of_a_changed_paragraph_begins_like_a_list(make_desk: MakeDesk) -> None:
    words = "as the Supreme Court of the United States said of a stop that was prolonged, in the case of *Rodriguez"
    desk = make_desk(letter=f"It is {words} v. United States*, today.\n")
    desk.run("draft", "export", "letter")
    edit(desk, replace("today", "now"))
    bring_back(desk)
    assert not any(line.startswith("v.") for line in markdown(desk).split("\n"))
    assert " ".join(markdown(desk).split()) == f"It is {words} v. United States*, now."


def test_an_export_never_overwrites_what_counsel_wrote(desk: Desk) -> None:
    path = edit(desk, replace("and we are glad", "which we welcome"))
    before = path.read_bytes()
    assert "may hold somebody's work" in desk.run("draft", "export", "letter", code=5).stderr
    assert path.read_bytes() == before


def test_another_word_file_is_refused_with_a_sentence(desk: Desk) -> None:
    done = desk.run("draft", "import", "templates/letterhead.docx", code=1)
    assert '"templates/letterhead.docx" does not say which letter it is' in done.stderr


def test_an_unknown_letter_is_named_with_the_nearest(desk: Desk) -> None:
    assert "did you mean letter?" in desk.run("draft", "export", "leter", code=1).stderr
