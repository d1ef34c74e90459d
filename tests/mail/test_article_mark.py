"""The barcode of a certified mail number on the printed letter: what a scanner reads there is the number."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import pypdfium2
import pytest

from letters.mail.barcode import ARTICLE_HEIGHT, ARTICLE_MODULE, ARTICLE_QUIET, article_box
from letters.mail.windows import read_words
from letters.model.postal import Box
from tests.desk import CHIEF, SHERIFF, Desk, set_up
from tests.mail.test_mail_prepare import rows_of

NUMBER = "9407111108953650000011"
SAID = "Via Certified Mail, Return Receipt Requested"
DOTS = 600
# Widths of bars and gaps for the values 0 to 105 (ISO/IEC 15417, table 1).
TABLE = """
212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 123122
123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 232121 111323
131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131
213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422 121124 121421 141122
141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212 124112
124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141
411131 211412 211214 211232
"""
WIDTHS = TABLE.split()
START_C, FNC1 = 105, 102


def scanned(path: Path, box: Box) -> str:
    """Read a Code 128 of code set C from the dots of a first page, as a scanner does: by the widths of its bars."""
    document = pypdfium2.PdfDocument(path)
    picture = document[0].render(scale=DOTS / 72, grayscale=True).to_pil()
    document.close()
    row = round((box.top + box.height / 2) * DOTS)
    edges = range(round((box.left - ARTICLE_QUIET * ARTICLE_MODULE) * DOTS), round((box.right + 0.1) * DOTS))
    runs = [(dark, len(list(run))) for dark, run in groupby(picture.getpixel((x, row)) < 128 for x in edges)]
    assert (runs[0][0], runs[-1][0]) == (False, False), "no white at the sides"
    widths = "".join(str(round(length / ARTICLE_MODULE / DOTS)) for _, length in runs[1:-1])
    values = [WIDTHS.index(widths[start : start + 6]) for start in range(0, len(widths) - 7, 6)]
    assert widths.endswith("2331112"), "no stop"
    assert values[0] == START_C
    weighted = values[0] + sum(place * value for place, value in enumerate(values[1:-1], start=1))
    assert weighted % 103 == values[-1]
    return "".join("<FNC1>" if value == FNC1 else f"{value:02}" for value in values[1:-1])


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    rows = ({**SHERIFF, "certified_number": NUMBER, "delivery": SAID}, CHIEF)
    more = 'status = "final"\ndelivery = "Via U.S. Mail"\ncertified = { barcode = true }\n'
    desk = set_up(folder=tmp_path_factory.mktemp("bars") / "desk", rows=rows, more=more)
    desk.run("build", "--no-docx")
    return desk


def box_of(desk: Desk) -> Box:
    box = article_box(desk.out(f"pdf/{SHERIFF['id']}.pdf").read_bytes(), NUMBER)
    assert box is not None
    return box


def test_a_scanner_reads_the_number_on_the_printed_letter(desk: Desk) -> None:
    said = desk.run("mail", "prepare", "--envelopes", "none", "--mark").stderr
    assert "as they should be" in said
    assert scanned(desk.out("mail/print-01.pdf"), box_of(desk)) == f"<FNC1>{NUMBER}"


def test_a_letter_on_letterhead_paper_is_audited_with_its_bars(desk: Desk) -> None:
    said = desk.run("mail", "prepare", "--envelopes", "none", "--preprinted").stderr
    assert "as they should be" in said
    assert [row["certified_number"] for row in rows_of(desk)] == [NUMBER, ""]


def test_the_bars_end_at_the_margin_and_leave_the_words_free(desk: Desk) -> None:
    box = box_of(desk)
    words = read_words(desk.out(f"pdf/{SHERIFF['id']}.pdf").read_bytes(), [0])
    assert box.right == pytest.approx(8.5 - min(word.box.left for word in words))
    assert box.height == pytest.approx(ARTICLE_HEIGHT)
    assert not any(box.touches(word.box) for word in words)
    assert article_box(desk.out(f"pdf/{CHIEF['id']}.pdf").read_bytes(), NUMBER) is None
