"""The map has a dot for each row that has a place, and the page says what it leaves out and loads nothing."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from letters.model.problems import Place
from letters.model.records import Recipient
from letters.recipients.exporting import list_map, place_of
from tests.conftest import MakeDesk
from tests.desk import CHIEF, SHERIFF

NAMED = {**CHIEF, "last_name": "O’Neil & <Sons>", "first_name": "Pat"}


def recipient(cells: dict[str, str], identifier: str, **changes: str) -> Recipient:
    cells = {**cells, "id": identifier, **changes}
    return Recipient(identifier, cells, Place("list.csv", 2), cells.get("hold", ""))


@pytest.fixture(scope="module")
def page() -> str:
    rows = [
        recipient(SHERIFF, "berrien"),
        recipient(NAMED, "adrian"),
        recipient(CHIEF, "again", hold="no chief"),
        recipient(CHIEF, "nowhere", zip=""),
    ]
    return list_map(rows, "recipients.csv: state == <MI>")


def test_each_row_with_a_zip_code_has_a_dot_of_its_own(page: str) -> None:
    dots = re.findall(r'<circle class="(\w+)" cx="([\d.]+)" cy="([\d.]+)"', page)
    assert sorted(kind for kind, _, _ in dots) == ["held", "police", "sheriff"]
    assert len({place for _, *place in dots for place in [tuple(place)]}) == 3
    assert "3 on the map; 1 without a place, because their ZIP code is missing or not known" in page


def test_west_is_left_and_north_is_up(page: str) -> None:
    at = {kind: (float(x), float(y)) for kind, x, y in re.findall(r'class="(\w+)" cx="([\d.]+)" cy="([\d.]+)"', page)}
    benton_harbor, adrian = place_of("49022"), place_of("49221")
    assert benton_harbor is not None
    assert adrian is not None
    assert (at["sheriff"][0] < at["police"][0]) == (benton_harbor[1] < adrian[1])
    assert (at["sheriff"][1] < at["police"][1]) == (benton_harbor[0] > adrian[0])


def test_the_page_is_whole_and_loads_nothing(page: str) -> None:
    assert not re.search(r"""(?:src|href)=|url\(|@import|https?://""", page)
    assert "default-src 'none'" in page


def test_data_is_never_markup_in_the_page(page: str) -> None:
    assert "O’Neil &amp; &lt;Sons&gt;" in page
    assert "<Sons>" not in page
    table = re.search(r"<tbody>.*</tbody>", page, re.DOTALL)
    assert table
    assert len(ET.fromstring(table[0]).findall("tr")) == 4  # noqa: S314 - a text of ours


def test_the_command_writes_the_rows_that_are_chosen(make_desk: MakeDesk) -> None:
    desk = make_desk(rows=[SHERIFF, CHIEF])
    done = desk.run("recipients", "map", "--where", 'office == "sheriff"')
    text = (desk.folder / "out" / "list-map.html").read_text("utf-8")
    assert done.stdout.strip().endswith("list-map.html")
    assert SHERIFF["agency"] in text
    assert CHIEF["agency"] not in text
