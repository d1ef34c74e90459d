"""Ten campaigns: what was counted by hand beside what manifest, cover sheet, print files and envelopes say."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pikepdf
import pytest

from tests.desk import CHIEF, ROOT, SHERIFF, Desk, set_up
from tests.mail.conftest import run
from tests.mail.test_mail_prepare import read, texts

TABLE = (ROOT / "docs" / "trust.md").read_text("utf-8")
FINAL = 'status = "final"\n'
ENCLOSURE = "---\ntitle: {title}\n---\n\n# {title}\n\nOne page for the {{{{ recipient.agency }}}}.\n"
COPIES = """
[[copies]]
name = "Chair of the Board"
address = ["3 Capitol Square", "Lansing, MI 48933"]

[[copies]]
name = "Corporation Counsel"
address = ["5 Capitol Square", "Lansing, MI 48933"]

"""
NUMBERS = ("9407111108953650000011", "9407111108953650000028", "9407111108953650000035")


def rows(count: int) -> list[dict[str, str]]:
    """List a sheriff and chiefs, each at an address of its own, in the order of their ZIP codes."""
    chiefs = [
        {**CHIEF, "id": f"police-{n:04}", "agency": f"Number {n} Police Department", "address1": f"{n} Church Street"}
        for n in range(1, count)
    ]
    return [SHERIFF, *chiefs]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A campaign, and what a person counts in it."""

    recipients: int = 3
    enclosures: int = 0
    """Each of one page."""
    more: str = FINAL
    build: Sequence[str] = ()
    options: Sequence[str] = ()
    pieces: int
    pages: int
    """Of all pieces, with something on them."""
    sheets: int
    files: Mapping[str, int]
    """Sides of each print file."""
    envelopes: Mapping[str, int] = field(default_factory=dict)
    """Envelopes of each size."""
    certified: int = 0
    first_label: int = 0
    """Where the first label stands on its sheet; 0 for no labels."""

    @property
    def trays(self) -> bool:
        """Whether a piece is in two print files."""
        return "--trays" in self.options


CASES: dict[str, Case] = {
    "one page each": Case(pieces=3, pages=3, sheets=3, files={"print-01.pdf": 6}, envelopes={"10": 3}),
    "thirteen pages each": Case(
        enclosures=12, pieces=3, pages=39, sheets=39, files={"print-01.pdf": 78}, envelopes={"9x12": 3}
    ),
    "on one side, in two print files": Case(
        enclosures=1, options=("--simplex", "--per-file", "2"), pieces=3, pages=6, sheets=6,
        files={"print-01.pdf": 4, "print-02.pdf": 2}, envelopes={"10": 3},
    ),
    "copies to two": Case(
        more=FINAL + COPIES, build=("--copies",), pieces=9, pages=9, sheets=9, files={"print-01.pdf": 18},
        envelopes={"10": 9},
    ),
    "three by certified mail": Case(
        recipients=5, options=("--certified", "numbers.csv", "--return-receipt", "card"), pieces=5, pages=5, sheets=5,
        files={"print-01.pdf": 10}, envelopes={"10": 5}, certified=3,
    ),
    "windows, folds marked": Case(
        options=("--fold-marks", "house-10", "--envelopes", "none"), pieces=3, pages=3, sheets=3,
        files={"print-01.pdf": 6},
    ),
    "labels from the seventh": Case(
        options=("--envelopes", "none"), pieces=3, pages=3, sheets=3, files={"print-01.pdf": 6}, first_label=7
    ),
    "A4 in C5": Case(
        more=FINAL + 'paper = "A4"\n', options=("--envelopes", "C5"), pieces=3, pages=3, sheets=3,
        files={"print-01.pdf": 6}, envelopes={"C5": 3},
    ),
    "two trays": Case(
        enclosures=2, options=("--trays",), pieces=3, pages=9, sheets=9,
        files={"print-01-first.pdf": 6, "print-01-rest.pdf": 12}, envelopes={"10": 3},
    ),
    "a mail house": Case(
        options=("--mail-house", "--mark", "--envelopes", "none"), pieces=3, pages=3, sheets=3,
        files={"print-01.pdf": 6},
    ),
}  # fmt: skip
THOUSANDS = Case(
    recipients=2000, options=("--per-file", "500"), pieces=2000, pages=2000, sheets=2000,
    files={f"print-{n:02}.pdf": 1000 for n in range(1, 5)}, envelopes={"10": 2000},
)  # fmt: skip


def made(case: Case, folder: Path) -> Desk:
    """Build and prepare a campaign."""
    names = [f"page-{n}" for n in range(case.enclosures)]
    head = f"---\ntitle: Guidance\nenclosures: [{', '.join(names)}]\n---\n\n" if names else ""
    letter = f"{head}We write to the {{{{ recipient.agency }}}}.\n"
    desk = set_up(folder=folder / "desk", letter=letter, rows=rows(case.recipients), more=case.more)
    for name in names:
        desk.write(f"templates/enclosures/{name}.md", ENCLOSURE.format(title=name.capitalize()))
    numbered = zip((row["id"] for row in rows(case.recipients)), NUMBERS, strict=False)
    desk.write("numbers.csv", "id,number\n" + "".join(f"{name},{number}\n" for name, number in numbered))
    run(desk, "build", "--no-docx", *case.build)
    done = run(desk, "mail", "prepare", *case.options)
    assert f"audited: {case.pieces:,} letters and " in done.stderr
    assert f"{case.pieces:,} pieces, {case.sheets:,} sheets" in done.stderr
    return desk


def row(name: str, case: Case, desk: Desk) -> str:
    """Write the line of a campaign in docs/trust.md: what was counted by hand, and what each file says."""
    listed = read(desk.out("mail/manifest.csv"))
    pages, sheets = (sum(int(each[column]) for each in listed) for column in ("pages", "sheets"))
    (cover,) = texts(desk.out("mail/cover-sheet.pdf"))
    said = [re.search(rf"([\d,]+) {noun}", cover) for noun in ("pieces?", "sheets?")]
    files = [(sides(path), bookmarks(path)) for path in sorted(desk.out("mail").glob("print-*.pdf"))]
    around = [
        f"{path.stem.removeprefix('envelopes-')}: {sides(path):,}"
        for path in sorted(desk.out("mail").glob("envelopes-*.pdf"))
    ]
    around += [f"labels: {len(addresses(path))}" for path in desk.out("mail").glob("labels-*.pdf")]
    around += [f"articles: {len(read(path))}" for path in desk.out("mail").glob("certified.csv")]
    cells = (
        name,
        f"{case.pieces:,} · {case.pages:,} · {case.sheets:,} · {sum(case.files.values()):,}",
        f"{len(listed):,} · {pages:,} · {sheets:,}",
        " · ".join(found[1] if found else "none" for found in said),
        f"{max(count for _, count in files) if case.trays else sum(count for _, count in files):,} · "
        f"{sum(count for count, _ in files):,}",
        ", ".join(around) or "none",
    )
    return f"| {' | '.join(cells)} |"


def bookmarks(path: Path) -> int:
    with pikepdf.open(path) as pdf, pdf.open_outline() as outline:
        return len(outline.root)


def addresses(path: Path) -> list[str]:
    """Return the last lines of the addresses on a sheet of labels."""
    return re.findall(r"MI \d{5}", " ".join(texts(path)))


def check(case: Case, desk: Desk) -> None:
    """Compare what was counted by hand with every list and file."""
    listed = read(desk.out("mail/manifest.csv"))
    assert len(listed) == case.pieces
    assert sum(int(row["pages"]) for row in listed) == case.pages
    assert sum(int(row["sheets"]) for row in listed) == case.sheets
    assert Counter(row["envelope"] for row in listed if row["envelope"]) == case.envelopes
    assert sum(bool(row["certified_number"]) for row in listed) == case.certified
    (cover,) = texts(desk.out("mail/cover-sheet.pdf"))
    assert f"{case.pieces:,} pieces (" in cover
    assert f"{case.sheets:,} sheets of 20 lb paper" in cover
    assert {path.name: sides(path) for path in desk.out("mail").glob("print-*.pdf")} == case.files
    assert all(name in cover for name in case.files)
    found = {path.stem.removeprefix("envelopes-"): sides(path) for path in desk.out("mail").glob("envelopes-*.pdf")}
    assert found == case.envelopes


def sides(path: Path) -> int:
    with pikepdf.open(path) as pdf:
        return len(pdf.pages)


@pytest.mark.parametrize("name", CASES)
def test_counts_by_hand_are_those_of_every_list_and_file(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    desk = made(case, tmp_path)
    check(case, desk)
    if case.certified:
        articles = list(csv.reader(desk.out("mail/certified.csv").read_text("utf-8-sig").splitlines()))
        assert len(articles) == 1 + case.certified
    if case.first_label:
        done = run(desk, "mail", "labels", "--product", "5160", "--start-at", str(case.first_label))
        assert f"{case.pieces} labels in " in done.stdout
        assert "3 of 3 letters passed" in run(desk, "audit").stderr
    assert row(name, case, desk) in TABLE


@pytest.mark.slow
def test_two_thousand_pieces_are_counted_right(tmp_path: Path) -> None:
    desk = made(THOUSANDS, tmp_path)
    check(THOUSANDS, desk)
    assert row("two thousand", THOUSANDS, desk) in TABLE
