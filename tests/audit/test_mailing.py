"""Every kind of damage to a mailing is found: print files, envelopes, labels, manifest, signed letters."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image, ImageDraw

from letters.audit.compare import Finding, audit_signed
from letters.audit.mailing import audit_mailing
from letters.campaign.ledger import Ledger
from letters.campaign.load import load
from letters.formats.files import csv_bytes, sha256_of
from letters.formats.pdf_reuse import reuse
from letters.mail.assemble import cut
from letters.review.approvals import log_signed
from tests.desk import CHIEF, SHERIFF, Desk, set_up
from tests.mail.conftest import run
from tests.sign.test_signing import UNTIL, keep_signature

FIRST, SECOND = "First Signer", "Second Signer"
MORE = """status = "final"
"""
TWO_SIGN = """
[[signers]]
name = "Second Signer"
title = "Executive Director"
organization = "Second Organization"
"""
TAYLOR = {**CHIEF, "id": "taylor-police", "agency": "Taylor Police Department", "city": "Taylor", "zip": "48180"}
IDS = ("taylor-police", "berrien-county-sheriff", "adrian-police")
LETTER = "We write to the {{ recipient.agency }}.\n\n" + "Words and more words for a page. " * 160


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = set_up(folder=tmp_path_factory.mktemp("mailing") / "desk", rows=(SHERIFF, CHIEF, TAYLOR), letter=LETTER,
                  more=MORE)  # fmt: skip
    with (desk.folder / "campaign.toml").open("a") as file:
        file.write(TWO_SIGN)
    keep_signature(desk)
    draw_other(desk.folder / "signatures" / "second.png")
    with (desk.folder / "signatures" / "signatures.toml").open("a") as file:
        file.write(f'\n[[signature]]\nname = "{SECOND}"\nimage = "second.png"\nheight = 0.4\n')
    run(desk, "build", "--no-docx")
    for name in (FIRST, SECOND):
        run(desk, "sign", "authorize", "--by", name, "--for", "all", *UNTIL)
    run(desk, "mail", "prepare", "--sign", "--labels", "5160", "--mail-house")
    return desk


def draw_other(path: Path) -> None:
    """Draw the signature of the second signer: a ring."""
    picture = Image.new("RGBA", (400, 160), (0, 0, 0, 0))
    ImageDraw.Draw(picture).ellipse((20, 20, 380, 140), outline=(20, 20, 120, 255), width=12)
    picture.save(path)
    path.chmod(0o600)


@pytest.fixture
def desk(prepared: Desk, tmp_path: Path) -> Desk:
    return prepared.copy(tmp_path / "desk")


Audited = Callable[[Desk], list[Finding]]


@pytest.fixture(scope="module")
def audited(prepared: Desk) -> Audited:
    """Return what audits a mailing that is, or was, as it was prepared."""
    project, _ = load(prepared.folder / "campaign.toml")
    assert project is not None
    return lambda desk: audit_mailing(project, desk.out(), desk.out("mail")).findings


def audited_signed(desk: Desk) -> list[Finding]:
    return list(audit_signed(desk.out(), IDS, [FIRST, SECOND]))


def test_a_mailing_without_damage_passes(prepared: Desk, audited: Audited) -> None:
    assert audited(prepared) == audited_signed(prepared) == []
    assert len(list(prepared.out("mail").glob("*.pdf"))) == 4


def pages(change: Callable[[Any], object]) -> Callable[[Path], None]:
    """Change a PDF of the mailing."""

    def spoil(path: Path) -> None:
        with pikepdf.open(io.BytesIO(path.read_bytes())) as pdf:
            change(pdf)
            pdf.save(path)

    return spoil


def order(*wanted: int) -> Callable[[Any], None]:
    """Put the first pages into another order."""

    def change(pdf: Any) -> None:
        rest = range(len(wanted), len(pdf.pages))
        pdf.pages.extend([pdf.pages[number] for number in (*wanted, *rest)])
        del pdf.pages[: len(wanted) + len(rest)]

    return change


def swap(one: int, other: int) -> Callable[[Any], None]:
    numbers = list(range(max(one, other) + 1))
    numbers[one], numbers[other] = other, one
    return order(*numbers)


def over(page: int, drawn: bytes) -> Callable[[Any], None]:
    def change(pdf: Any) -> None:
        pdf.pages[page].contents_add(b"q", prepend=True)
        pdf.pages[page].contents_add(b"Q q " + drawn + b" Q")

    return change


def of_another(page: int, other: int) -> Callable[[Any], None]:
    """Put the contents of another page in the place of those of a page."""

    def change(pdf: Any) -> None:
        pdf.pages[page].obj.Contents = pdf.pages[other].obj.Contents

    return change


def drawn(page: int, before: bytes, after: bytes) -> Callable[[Any], None]:
    """Change what draws a page."""

    def change(pdf: Any) -> None:
        pdf.pages[page].contents_coalesce()
        content = pdf.pages[page].obj.Contents.read_bytes()
        assert before in content
        pdf.pages[page].obj.Contents = pdf.make_stream(content.replace(before, after))

    return change


def stamp(pdf: Any) -> None:
    """Put a stamp on the second page, as readers of PDF let people do."""
    look = pdf.make_stream(b"1 0 0 rg 0 0 200 80 re f")
    look.Type, look.Subtype, look.BBox = pikepdf.Name.XObject, pikepdf.Name.Form, [0, 0, 200, 80]
    box = [100, 400, 300, 480]
    note = {"/Type": pikepdf.Name.Annot, "/Subtype": pikepdf.Name.Stamp, "/Rect": box, "/AP": {"/N": look}, "/F": 4}
    pdf.pages[1].obj.Annots = pdf.make_indirect([pdf.make_indirect(pikepdf.Dictionary(note))])


def hidden_layer(pdf: Any) -> None:
    """Put the second page into a layer that is off."""
    layer = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name="Layer"))
    pdf.Root.OCProperties = pikepdf.Dictionary(OCGs=[layer], D=pikepdf.Dictionary(OFF=[layer], Order=[layer]))
    page = pdf.pages[1]
    page.obj.Resources.Properties = pikepdf.Dictionary(Layer=layer)
    page.contents_add(b"/OC /Layer BDC", prepend=True)
    page.contents_add(b"EMC")


def faces_exchanged(pdf: Any) -> None:
    """Give each font of the second page the name of another."""
    fonts = pdf.pages[1].obj.Resources.Font
    names = list(fonts.keys())
    one, other = names[0], names[-1]
    fonts[one], fonts[other] = fonts[other], fonts[one]


def labels_exchanged(pdf: Any) -> None:
    numbers = pdf.Root.PageLabels.Nums if "/Nums" in pdf.Root.PageLabels else pdf.Root.PageLabels.Kids[0].Nums
    numbers[1], numbers[3] = numbers[3], numbers[1]


PRINT_FILE: dict[str, Callable[[Path], object]] = {
    "two pieces in each other's place": pages(order(2, 3, 0, 1)),
    "two pages in each other's place": pages(swap(0, 1)),
    "the page of another": pages(of_another(0, 2)),
    "a page deleted": pages(lambda pdf: pdf.pages.__delitem__(1)),
    "the last page deleted": pages(lambda pdf: pdf.pages.__delitem__(-1)),
    "a page twice": pages(lambda pdf: pdf.pages.insert(1, pdf.pages[0])),
    "a page too many": pages(lambda pdf: pdf.pages.append(pdf.pages[0])),
    "a patch over an address": pages(over(0, b"1 g 60 500 300 200 re f")),
    "a line over words": pages(over(0, b"0 g 90 400 300 2 re f")),
    "a patch over words of a back": pages(over(1, b"1 g 90 600 300 60 re f")),
    "words of a back in white": pages(drawn(1, b" rg\n", b" rg 1 g\n")),
    "a font of a back under the name of another": pages(faces_exchanged),
    "words of a back that are clipped away": pages(drawn(1, b"BT", b"0 0 1 1 re W n BT")),
    "a stamp on a back": pages(stamp),
    "a layer that is off": pages(hidden_layer),
    "a page upside down": pages(lambda pdf: pdf.pages[1].obj.__setitem__("/Rotate", 180)),
    "the labels of two pages exchanged": pages(labels_exchanged),
    "a page of another size": pages(lambda pdf: pdf.pages[2].obj.__setitem__("/MediaBox", [0, 0, 595, 842])),
    "the bookmark of another": pages(
        lambda pdf: pdf.Root.Outlines.First.__setitem__("/Title", pikepdf.String("001 Another"))
    ),
    "half a file": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "no file": lambda path: path.unlink(),
}


@pytest.mark.parametrize("kind", PRINT_FILE)
def test_damage_to_a_print_file_is_found(desk: Desk, kind: str, audited: Audited) -> None:
    PRINT_FILE[kind](desk.out("mail/print-01.pdf"))
    assert [each for each in audited(desk) if each.file == "mail/print-01.pdf"] != []


@pytest.fixture(scope="module")
def reusable(prepared: Desk, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = prepared.copy(tmp_path_factory.mktemp("reusable") / "desk")
    pages(draw_by_forms)(desk.out("mail/print-01.pdf"))
    desk.out("mail/mail-house.zip").unlink()
    return desk


def draw_by_forms(pdf: Any) -> None:
    owners = [int(page.label.partition("-")[0]) for page in pdf.pages]
    assert reuse(pdf, owners, keeps_tags=True, split=cut).share > 0.5


def form(change: Callable[[Any], object]) -> Callable[[Path], None]:
    """Change the first form that a back draws."""
    name = re.compile(rb"/Form\d+")

    def spoil(pdf: Any) -> None:
        page = pdf.pages[1]
        page.contents_coalesce()
        found = name.search(page.obj.Contents.read_bytes())
        assert found
        change(page.obj.Resources.XObject[found[0].decode()])

    return pages(spoil)


def forms_exchanged(pdf: Any) -> None:
    things = pdf.pages[1].obj.Resources.XObject
    things["/Form1"], things["/Form9"] = things["/Form9"], things["/Form1"]


IN_FORMS: dict[str, Callable[[Path], object]] = {
    **{
        kind: PRINT_FILE[kind]
        for kind in (
            *("two pieces in each other's place", "two pages in each other's place", "the page of another"),
            *("a patch over an address", "a patch over words of a back", "a stamp on a back", "a layer that is off"),
            *("the labels of two pages exchanged", "a page of another size", "half a file"),
        )
    },
    "words in white": form(lambda form: form.write(form.read_bytes().replace(b"BT", b"1 g BT"))),
    "a form without its font": form(lambda form: form.Resources.__delitem__("/Font")),
    "a form that is clipped": form(lambda form: form.__setitem__("/BBox", [0, 0, 300, 792])),
    "a form that is moved": form(lambda form: form.__setitem__("/Matrix", [1, 0, 0, 1, 3, 0])),
    "two forms in each other's place": pages(forms_exchanged),
}


def test_a_print_file_that_a_press_can_reuse_passes(reusable: Desk, audited: Audited) -> None:
    assert audited(reusable) == []


@pytest.mark.parametrize("kind", IN_FORMS)
def test_damage_to_a_print_file_that_a_press_can_reuse_is_found(
    reusable: Desk, kind: str, tmp_path: Path, audited: Audited
) -> None:
    desk = reusable.copy(tmp_path / "desk")
    IN_FORMS[kind](desk.out("mail/print-01.pdf"))
    assert [each for each in audited(desk) if each.file == "mail/print-01.pdf"] != []


def test_a_patch_on_a_first_side_without_a_letterhead_is_found(desk: Desk, audited: Audited) -> None:
    run(desk, "mail", "prepare", "--preprinted", "--envelopes", "none", "--no-audit")
    print_file = desk.out("mail/print-01.pdf")
    assert [each for each in audited(desk) if each.file == "mail/print-01.pdf"] == []
    pages(over(0, b"1 g 60 470 400 40 re f"))(print_file)
    assert [each.kind for each in audited(desk) if each.file == "mail/print-01.pdf"] == ["looks"]


ADDRESSES: dict[str, Callable[[Path], object]] = {
    "two in each other's place": pages(swap(0, 1)),
    "the address of another": pages(of_another(1, 0)),
    "one left out": pages(lambda pdf: pdf.pages.__delitem__(1)),
    "one twice": pages(lambda pdf: pdf.pages.append(pdf.pages[0])),
    "addresses beside their room": pages(lambda pdf: pdf.pages[0].contents_add(b"1 0 0 1 -150 0 cm", prepend=True)),
    "two digits of a ZIP code exchanged": pages(drawn(1, b"<0015>0<0015>0] TJ", b"<0015>0<0013>0] TJ")),
    "an address in white": pages(drawn(1, b"0 0 0 rg", b"1 1 1 rg")),
    "an address that is only outlined": pages(drawn(1, b"BT", b"BT 1 Tr")),
    "a patch over an address": pages(over(1, b"1 g 280 100 200 80 re f")),
    "a picture over an address": pages(over(1, b"0 g 285 140 100 4 re f")),
    "half a file": lambda path: path.write_bytes(path.read_bytes()[:500]),
    "no file": lambda path: path.unlink(),
}


@pytest.mark.parametrize("kind", ADDRESSES)
def test_damage_to_envelopes_is_found(desk: Desk, kind: str, audited: Audited) -> None:
    ADDRESSES[kind](desk.out("mail/envelopes-10.pdf"))
    assert audited(desk) != []


LABELS: dict[str, Callable[[Path], object]] = {
    "no labels on the sheet": pages(lambda pdf: pdf.pages[0].obj.__delitem__("/Contents")),
    "labels a tenth of an inch beside their places": pages(
        lambda pdf: pdf.pages[0].contents_add(b"1 0 0 1 -9 0 cm", prepend=True)
    ),
    "labels higher than their places": pages(lambda pdf: pdf.pages[0].contents_add(b"1 0 0 1 0 15 cm", prepend=True)),
    "labels beside their places": pages(lambda pdf: pdf.pages[0].contents_add(b"1 0 0 1 60 0 cm", prepend=True)),
    "a sheet twice": pages(lambda pdf: pdf.pages.append(pdf.pages[0])),
}


@pytest.mark.parametrize("kind", LABELS)
def test_damage_to_labels_is_found(desk: Desk, kind: str, audited: Audited) -> None:
    LABELS[kind](desk.out("mail/labels-5160.pdf"))
    assert audited(desk) != []


Rows = list[dict[str, str]]


def other(which: int, /, **cells: str) -> Callable[[Rows], Rows]:
    return lambda rows: [{**row, **cells} if n == which else row for n, row in enumerate(rows)]


MANIFEST: dict[str, Callable[[Rows], Rows]] = {
    "a digit of the ZIP code": lambda rows: other(1, address=rows[1]["address"].replace("49022", "49023"))(rows),
    "the address of another": lambda rows: other(0, address=rows[1]["address"])(rows),
    "a piece left out": lambda rows: [rows[0], rows[2]],
    "a piece twice": lambda rows: [*rows, {**rows[0], "number": "004"}],
    "another number": other(2, number="004"),
    "another order": lambda rows: [rows[1], rows[0], rows[2]],
    "the hash of another letter": lambda rows: other(0, sha256=rows[1]["sha256"])(rows),
    "another side": other(1, first_side="2"),
    "another id": other(1, id="somebody-else"),
    "another envelope": other(1, envelope="9x12"),
    "no number": other(1, number="two"),
}


@pytest.mark.parametrize("kind", MANIFEST)
def test_a_manifest_that_is_not_true_is_found(desk: Desk, kind: str, audited: Audited) -> None:
    path = desk.out("mail/manifest.csv")
    rows = list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))
    changed = MANIFEST[kind](rows)
    path.write_bytes(csv_bytes([list(rows[0]), *(row.values() for row in changed)], for_excel=True))
    assert audited(desk) != []


def test_a_manifest_that_is_something_else_is_one_finding(desk: Desk, audited: Audited) -> None:
    desk.out("mail/manifest.csv").write_text("something else\n", "utf-8")
    assert [(each.kind, each.file) for each in audited(desk)] == [("manifest", "mail/manifest.csv")]


def test_every_file_of_a_mailing_passes_the_checks_of_pdf_ua_and_one_without_tags_does_not(desk: Desk) -> None:
    project, _ = load(desk.folder / "campaign.toml")
    assert project is not None
    desk.run("mail", "check")
    audit = audit_mailing(project, desk.out(), desk.out("mail"), with_pdf_ua=True)
    assert audit.findings == []
    pages(lambda pdf: pdf.Root.__delitem__("/StructTreeRoot"))(desk.out("mail/envelopes-10.pdf"))
    audit = audit_mailing(project, desk.out(), desk.out("mail"), with_pdf_ua=True)
    assert {(each.kind, each.file) for each in audit.findings} == {("pdf-ua", "mail/envelopes-10.pdf")}


def test_a_print_file_without_a_manifest_and_another_one_in_the_package_are_found(desk: Desk, audited: Audited) -> None:
    path = desk.out("mail/print-01.pdf")
    content = path.read_bytes()
    path.write_bytes(content + b"\n")
    assert [each.file for each in audited(desk)] == ["mail/mail-house.zip"]
    path.write_bytes(content)
    desk.out("mail/manifest.csv").unlink()
    assert [each.kind for each in audited(desk)] == ["manifest"]


def exchanged(desk: Desk) -> None:
    """Put each picture of a signature on the other line."""

    def change(pdf: Any) -> None:
        resources = pdf.pages[-1].obj.Resources.XObject
        resources["/Signature1"], resources["/Signature2"] = resources["/Signature2"], resources["/Signature1"]

    pages(change)(desk.out("signed/taylor-police.pdf"))
    recorded(desk)


def recorded(desk: Desk) -> None:
    """Have the record say that the file was signed as it is now: what is drawn alone tells that it is wrong."""
    hashes = (sha256_of(desk.out("pdf/taylor-police.pdf")), sha256_of(desk.out("signed/taylor-police.pdf")))
    with Ledger(desk.out("ledger.sqlite")) as ledger:
        log_signed(ledger, "taylor-police", hashes, dict.fromkeys((FIRST, SECOND), "picture"), NOW)


NOW = "2990-01-01T00:00:00+00:00"


def unsigned(desk: Desk) -> None:
    shutil.copy(desk.out("pdf/taylor-police.pdf"), desk.out("signed/taylor-police.pdf"))
    recorded(desk)


def elsewhere(desk: Desk) -> None:
    def change(pdf: Any) -> None:
        redraw(pdf, rb"[-.\d]+\s+([-.\d]+)\s+cm\s+/Signature1", rb"300.000 \1 cm /Signature1")

    pages(change)(desk.out("signed/taylor-police.pdf"))
    recorded(desk)


def redraw(pdf: Any, old: bytes, new: bytes) -> None:
    page = pdf.pages[-1]
    page.contents_coalesce()
    content, count = re.subn(old, new, page.obj.Contents.read_bytes())
    assert count
    page.obj.Contents.write(content)


def of_another_letter(desk: Desk) -> None:
    shutil.copy(desk.out("signed/adrian-police.pdf"), desk.out("signed/taylor-police.pdf"))
    recorded(desk)


def without_one(desk: Desk) -> None:
    pages(lambda pdf: redraw(pdf, b"/Signature2 Do", b""))(desk.out("signed/taylor-police.pdf"))
    recorded(desk)


def a_byte_more(desk: Desk) -> None:
    path = desk.out("signed/taylor-police.pdf")
    path.write_bytes(path.read_bytes() + b"\n")


def after_the_last_day(desk: Desk) -> None:
    hashes = (sha256_of(desk.out("pdf/taylor-police.pdf")), sha256_of(desk.out("signed/taylor-police.pdf")))
    with Ledger(desk.out("ledger.sqlite")) as ledger:
        log_signed(ledger, "taylor-police", hashes, {FIRST: "picture"}, "3001-01-01T00:00:00+00:00")


def by_a_stranger(desk: Desk) -> None:
    hashes = (sha256_of(desk.out("pdf/taylor-police.pdf")), sha256_of(desk.out("signed/taylor-police.pdf")))
    with Ledger(desk.out("ledger.sqlite")) as ledger:
        log_signed(ledger, "taylor-police", hashes, {"Somebody Else": "picture"}, NOW)


SIGNATURES: dict[str, tuple[Callable[[Desk], None], str]] = {
    "the signature of the other signer": (exchanged, "is another than on the other letters"),
    "no signature": (unsigned, "there is no signature on the line of First Signer"),
    "one of two signatures": (without_one, "there is no signature on the line of Second Signer"),
    "a signature elsewhere": (elsewhere, "on nobody's line"),
    "the signed letter of another": (of_another_letter, "it says or shows other words than the letter"),
    "a byte more": (a_byte_more, "is not the one whose signing is recorded"),
    "signed after the last day": (after_the_last_day, "the authorization of First Signer expired"),
    "signed by nobody who may": (by_a_stranger, "Somebody Else has not allowed it"),
}


@pytest.mark.parametrize("kind", SIGNATURES)
def test_a_wrong_signature_is_found(desk: Desk, kind: str) -> None:
    spoil, said = SIGNATURES[kind]
    spoil(desk)
    found = [str(each) for each in audited_signed(desk) if each.kind == "signature"]
    assert any(said in each for each in found), found


def believed(desk: Desk) -> None:
    """Have the ledger take a PDF, as it is now, for ours and up to date: only who reads it sees what it says."""
    path = desk.out("pdf/taylor-police.pdf")
    with Ledger(desk.out("ledger.sqlite")) as record:
        entry = record.entry("taylor-police", "pdf")
        assert entry is not None
        record.announce([("taylor-police", "pdf", sha256_of(path))])
        now = path.stat()
        record.record([entry._replace(sha256=sha256_of(path), size=now.st_size, modified=now.st_mtime_ns)])


def test_preparing_again_names_a_letter_that_was_changed_and_posts_the_others(desk: Desk) -> None:
    desk.out("pdf/taylor-police.pdf").write_bytes(desk.out("pdf/adrian-police.pdf").read_bytes())
    believed(desk)
    done = run(desk, "mail", "prepare")
    assert "left out: taylor-police: the audit found: title: its title is " in done.stderr
    assert "audited: 3 letters and " in done.stderr
    rows = list(csv.DictReader(desk.out("mail/manifest.csv").read_text("utf-8-sig").splitlines()))
    assert [row["id"] for row in rows] == ["berrien-county-sheriff", "adrian-police"]
    assert "audited" not in run(desk, "mail", "prepare", "--no-audit").stderr


def test_preparing_again_finds_what_only_its_looks_tell_of_a_letter(desk: Desk) -> None:
    pages(over(0, b"1 0 0 rg 200 30 40 4 re f"))(desk.out("pdf/taylor-police.pdf"))
    believed(desk)
    done = run(desk, "mail", "prepare", "--envelopes", "none")
    assert "left out: taylor-police: the audit found, page 1: looks: " in done.stderr


def test_the_audit_of_all_reads_signed_letters_and_the_mailing(desk: Desk) -> None:
    done = run(desk, "audit")
    assert "3 of 3 letters passed" in done.stderr
    assert "mailing of 3 pieces: print-01.pdf, envelopes-10.pdf, labels-5160.pdf: 0 faults" in done.stderr
    pages(swap(0, 1))(desk.out("mail/envelopes-10.pdf"))
    a_byte_more(desk)
    done = run(desk, "audit", code=1)
    assert "taylor-police (mail/envelopes-10.pdf, page 1): address: " in done.stderr
    assert "taylor-police (signed/taylor-police.pdf): signature: " in done.stderr
