"""Signature images: on settled letters that the signer authorized, on the line, and nowhere else."""

from __future__ import annotations

import datetime
import io
import zlib
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageDraw

from letters.campaign.ledger import Ledger
from letters.mail.windows import Word, read_words
from letters.model.postal import Box
from letters.model.problems import CannotGoOn
from letters.model.settings import Signer
from letters.review import approvals
from letters.review.approvals import refusal
from letters.sign.blocks import crowded, find_blocks, place, read_ink, read_signatures
from tests.desk import CHIEF, SHERIFF, Desk, set_up
from tests.mail.conftest import run
from tests.mail.tags import audit

FIRST = "First Signer"
FINAL = 'status = "final"\n'
SIGNER = Signer(name=FIRST, title="Executive Director", organization="First Organization")
BLUE = (20, 20, 120, 255)
UNTIL = ("--until", "2999-12-31")


def draw_signature(path: Path) -> None:
    """Draw a stroke whose lower edge is the line: three quarters of the picture are above it."""
    picture = Image.new("RGBA", (400, 160), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((10, 20, 390, 119), fill=BLUE)
    pen.rectangle((200, 120, 210, 159), fill=BLUE)
    picture.save(path)


def keep_signature(desk: Desk) -> None:
    """Put a signature into signatures/, for its owner's eyes only."""
    folder = desk.folder / "signatures"
    folder.mkdir(mode=0o700)
    draw_signature(folder / "first.png")
    index = f'[[signature]]\nname = "{FIRST}"\nimage = "first.png"\nheight = 0.4\nbelow = 0.25\n'
    (folder / "signatures.toml").write_text(index, "utf-8")
    for path in folder.iterdir():
        path.chmod(0o600)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = set_up(folder=tmp_path_factory.mktemp("sign") / "desk", more=FINAL)
    keep_signature(desk)
    run(desk, "build")
    run(desk, "sign", "authorize", "--by", FIRST, "--for", "county=berrien", *UNTIL)
    return desk


def test_the_signature_stands_on_the_line_above_the_name(desk: Desk, tmp_path: Path) -> None:
    draw_signature(tmp_path / "s.png")
    content = desk.out("pdf/berrien-county-sheriff.pdf").read_bytes()
    block = find_blocks(read_words(content), [SIGNER])[FIRST]
    signed = place(content, [(block, read_ink(tmp_path / "s.png", 0.4, 0.25))])
    left, top, right, bottom = blue_box(signed, block.page)
    assert (left, right) == pytest.approx((block.left + 0.025, block.left + 0.975), abs=0.01)
    assert bottom == pytest.approx(block.line + 0.1, abs=0.01)
    assert top == pytest.approx(block.line - 0.25, abs=0.01)


def blue_box(content: bytes, page: int) -> tuple[float, ...]:
    """Measure, in inches, the box of all that is as blue as the signature."""
    document = pypdfium2.PdfDocument(content)
    image = document[page].render(scale=200 / 72).to_pil().convert("RGB")
    document.close()
    red, _, blue = image.split()
    mask = Image.eval(red, lambda value: 255 if value < 60 else 0)
    strong = Image.eval(blue, lambda value: 255 if 90 < value < 150 else 0)
    box = Image.composite(strong, Image.new("L", image.size), mask).getbbox()
    assert box is not None
    return tuple(edge / 200 for edge in box)


def test_a_signature_is_a_figure_of_the_tag_tree(desk: Desk, tmp_path: Path) -> None:
    draw_signature(tmp_path / "s.png")
    content = desk.out("pdf/berrien-county-sheriff.pdf").read_bytes()
    block = find_blocks(read_words(content), [SIGNER])[FIRST]
    path = tmp_path / "signed.pdf"
    path.write_bytes(place(content, [(block, read_ink(tmp_path / "s.png", 0.4, 0.25))]))
    with pikepdf.open(path) as pdf:
        page = pdf.pages[block.page]
        content_of_page = pikepdf.NumberTree(pdf.Root.StructTreeRoot.ParentTree)[int(page.StructParents)]
        figure = content_of_page[-1]
        assert (str(figure.S), str(figure.Alt)) == ("/Figure", "Signature of First Signer")
        assert f"/Figure <</MCID {figure.K}>> BDC".encode() in b"".join(each.read_bytes() for each in page.Contents)


def test_a_page_that_shares_its_resources_has_the_signature_alone(desk: Desk, tmp_path: Path) -> None:
    """The others named the picture, too, and the audit read each page of a signed letter."""
    draw_signature(tmp_path / "s.png")
    with pikepdf.open(desk.out("pdf/berrien-county-sheriff.pdf")) as pdf:
        pdf.pages[0].obj.Resources = pdf.make_indirect(pdf.pages[0].obj.Resources)
        pdf.pages.append(pdf.pages[0])
        pdf.save(tmp_path / "two.pdf")
    content = (tmp_path / "two.pdf").read_bytes()
    block = find_blocks(read_words(content, [1]), [SIGNER])[FIRST]
    assert block.page == 1
    with pikepdf.open(io.BytesIO(place(content, [(block, read_ink(tmp_path / "s.png", 0.4, 0.25))]))) as signed:
        named = ["/Signature1" in page.Resources.get("/XObject", {}) for page in signed.pages]
    assert named == [False, True]


def test_the_same_letter_is_signed_with_the_same_bytes(desk: Desk, tmp_path: Path) -> None:
    draw_signature(tmp_path / "s.png")
    content = desk.out("pdf/berrien-county-sheriff.pdf").read_bytes()
    block = find_blocks(read_words(content), [SIGNER])[FIRST]
    ink = read_ink(tmp_path / "s.png", 0.4, 0.25)
    assert place(content, [(block, ink)]) == place(content, [(block, ink)])


def test_the_last_words_that_name_the_signer_are_the_block() -> None:
    texts = ["A.", "B.", "wrote", "this", "Yours", "A.", "B.", "Chair"]
    words = [Word(text, Box(n, n, n + 1, n + 1)) for n, text in enumerate(texts)]
    block = find_blocks(words, [Signer(name="A. B.", title="Chair")])["A. B."]
    assert block.left == 5


def test_words_where_one_should_sign_are_found() -> None:
    words = [Word("A.", Box(1, 5, 2, 5.1)), Word("Sincerely,", Box(1, 4.6, 2, 4.7)), Word("Text", Box(1, 4, 2, 4.1))]
    block = find_blocks(words[:1], [Signer(name="A.")])["A."]
    assert [word.text for word in crowded(block, words)] == ["Sincerely,"]


@pytest.mark.parametrize(
    ("signer", "pdf", "day", "why"),
    [
        (FIRST, "one", 17, ""),
        (FIRST, "one", 18, "the authorization of First Signer expired on 2025-09-17"),
        (FIRST, "two", 17, "the letter changed since First Signer allowed it on 2025-09-01"),
        ("Another", "one", 17, "Another has not allowed it: letters sign authorize"),
    ],
)
def test_leave_is_for_one_signer_one_pdf_and_until_a_day(
    tmp_path: Path, signer: str, pdf: str, day: int, why: str
) -> None:
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        until = datetime.date(2025, 9, 17)
        approvals.authorize(ledger, {"berrien": "one"}, FIRST, until, "2025-09-01T00:00:00+00:00")
        given = approvals.authorizations(ledger)["berrien"]
    assert refusal(given, signer, pdf, datetime.date(2025, 9, day)) == why


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_signature_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    desk = Desk(tmp_path)
    keep_signature(desk)
    (tmp_path / "signatures" / "first.png").chmod(mode)
    _, (problem,) = read_signatures(tmp_path, [SIGNER])
    assert str(problem).startswith("signatures/first.png: others who use this machine may read or change it")
    assert "chmod go-rwx" in problem.hint


def test_a_folder_that_version_control_would_take_in_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    keep_signature(Desk(tmp_path))
    _, (problem,) = read_signatures(tmp_path, [SIGNER])
    assert problem.what == "version control would take in this folder"
    (tmp_path / ".gitignore").write_text("/signatures/\n", "utf-8")
    assert read_signatures(tmp_path, [SIGNER])[1] == []


def test_a_picture_outside_the_folder_or_of_somebody_else_is_refused(tmp_path: Path) -> None:
    keep_signature(Desk(tmp_path))
    index = tmp_path / "signatures" / "signatures.toml"
    index.write_text('[[signature]]\nname = "Frist Signer"\nimage = "../first.png"\nheight = 2\n', "utf-8")
    _, problems = read_signatures(tmp_path, [SIGNER])
    assert [problem.what for problem in problems] == [
        '"Frist Signer" does not sign this campaign',
        '"../first.png" is outside signatures/',
        "a height of 2 in. does not fit above the name",
    ]


def test_no_letter_goes_out_with_one_signature_of_two(tmp_path: Path) -> None:
    keep_signature(Desk(tmp_path))
    _, (problem,) = read_signatures(tmp_path, [SIGNER, Signer(name="Second Signer")])
    assert problem.what == '"Second Signer" signs this campaign, but no picture of that signature is listed'


def test_a_file_that_is_no_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "first.png").write_bytes(b"not a picture")
    with pytest.raises(CannotGoOn, match="is not a picture"):
        read_ink(tmp_path / "first.png", 0.5, 0.2)


def test_preparing_signs_what_may_be_signed_and_leaves_out_the_rest(desk: Desk) -> None:
    done = run(desk, "mail", "prepare", "--sign")
    assert "left out: adrian-police: First Signer has not allowed it: letters sign authorize" in done.stderr
    assert [path.name for path in desk.out("signed").iterdir()] == ["berrien-county-sheriff.pdf"]
    left, _, _, bottom = blue_box(desk.out("mail/print-01.pdf").read_bytes(), 0)
    assert (left, bottom) == pytest.approx(blue_box(desk.out("signed/berrien-county-sheriff.pdf").read_bytes(), 0)[::3])
    assert "signed" in run(desk, "log", "berrien-county-sheriff").stdout
    for name in ("mail/print-01.pdf", "signed/berrien-county-sheriff.pdf"):
        with pikepdf.open(desk.out(name)) as pdf:
            assert audit(pdf) == []


def test_no_bytes_of_a_signature_are_in_a_draft_a_log_or_the_ledger(desk: Desk) -> None:
    """Neither the file nor its pixels, plain or deflated, are anywhere but in PDFs to be posted."""
    run(desk, "mail", "prepare", "--sign")
    file = (desk.folder / "signatures" / "first.png").read_bytes()
    stroke = bytes(BLUE[:3]) * 100
    searched = [path for path in desk.folder.joinpath("out").rglob("*") if path.is_file()]
    plain = [path for path in searched if path.parent.name != "signed" and path.suffix != ".pdf"]
    drafts = [path for path in searched if path.suffix == ".docx"]
    assert len(drafts) == 2
    for path in plain:
        content = path.read_bytes()
        assert file[50:150] not in content
        assert stroke not in content
        assert zlib.compress(stroke)[2:20] not in content
    letters = [path for path in searched if path.parent.name == "pdf"]
    for path in letters:
        assert b"/SMask" not in path.read_bytes()


def test_sheets_to_sign_by_hand_are_listed_in_the_order_of_the_letters(tmp_path: Path) -> None:
    desk = set_up(folder=tmp_path / "desk", rows=(CHIEF, SHERIFF), more=FINAL)
    run(desk, "build", "--no-docx")
    run(desk, "mail", "prepare", "--wet")
    rows = desk.out("mail/to-sign.csv").read_text("utf-8").splitlines()
    assert [row.split(",")[:2] for row in rows[1:]] == [
        ["001", "berrien-county-sheriff"],
        ["002", "adrian-police"],
    ]
    assert rows[1].endswith(",First Signer,1,1")
    with pikepdf.open(desk.out("mail/to-sign.pdf")) as sheets:
        assert audit(sheets) == []
        assert [page.label for page in sheets.pages] == ["001-1", "001-blank", "002-1", "002-blank"]


def test_sheets_to_sign_are_listed_later_as_well(desk: Desk) -> None:
    run(desk, "mail", "prepare")
    assert not desk.out("mail/to-sign.csv").exists()
    run(desk, "sign", "wet", "--simplex")
    with pikepdf.open(desk.out("mail/to-sign.pdf")) as sheets:
        assert len(sheets.pages) == 2


def test_sheets_to_sign_are_printed_as_the_others_are(desk: Desk) -> None:
    for again in (("mail", "prepare", "--preprinted", "--mark", "--wet"), ("sign", "wet")):
        run(desk, *again)
        with pikepdf.open(desk.out("mail/to-sign.pdf")) as one, pikepdf.open(desk.out("mail/print-01.pdf")) as other:
            assert contents(one.pages[0]) == contents(other.pages[0])


def contents(page: pikepdf.Page) -> bytes:
    return b"".join(part.read_bytes() for part in page.obj.Contents)


def test_pictures_are_not_for_drafts_nor_beside_ink(desk: Desk) -> None:
    assert "--sign and --wet exclude each other" in run(desk, "mail", "prepare", "--sign", "--wet", code=2).stderr
    assert "--sign and --draft exclude" in run(desk, "mail", "prepare", "--sign", "--draft", code=2).stderr
