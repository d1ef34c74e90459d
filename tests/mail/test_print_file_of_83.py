"""The sample letter for eighty-three recipients in one print file."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pikepdf
import pytest

from tests.mail.tags import audit
from tests.mail.test_print_file import pieces_of, write
from tests.sample import Built, build_sample, recipients

pytestmark = pytest.mark.slow
_NUMBER = 83
_LARGEST = 3_500_000


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Built, Path]:
    folder = tmp_path_factory.mktemp("eighty-three")
    ready = (name for name, row in recipients().items() if not row["hold"])
    names = tuple(islice(ready, _NUMBER))
    built = build_sample(folder / "out", names, "--no-docx")
    write(pieces_of(built, names), folder)
    return built, folder / "print-01.pdf"


def test_it_is_smaller_than_three_and_a_half_megabytes(printed: tuple[Built, Path]) -> None:
    assert printed[1].stat().st_size < _LARGEST


def test_its_tags_are_whole_and_its_pages_labelled(printed: tuple[Built, Path]) -> None:
    with pikepdf.open(printed[1]) as pdf:
        assert pdf.check_pdf_syntax() == audit(pdf) == []
        labels = [page.label for page in pdf.pages]
    starts = [number for number, label in enumerate(labels, start=1) if label.endswith("-1")]
    assert len(starts) == _NUMBER
    assert all(start % 2 for start in starts)
