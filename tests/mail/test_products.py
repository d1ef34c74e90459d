"""Envelopes, labels and windows as data files, and the mistakes that are made in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from letters.mail.products import read_postage, read_products
from tests.desk import ROOT

POSTAL = ROOT / "templates" / "postal"


def read_with(folder: Path, name: str, text: str) -> list[str]:
    """Read products of which one file is ours to write, and return the problems."""
    (folder / "postal").mkdir()
    for path in POSTAL.iterdir():
        (folder / "postal" / path.name).write_text(text if path.name == name else path.read_text("utf-8"), "utf-8")
    return [str(problem) for problem in read_products(folder, "templates")[1]]


def test_our_own_products_are_in_order() -> None:
    products, problems = read_products(ROOT / "templates", "templates")
    assert not problems
    assert {"10", "9", "DL", "C5", "9x12"} <= set(products.envelopes)
    assert {"5160", "5163"} <= set(products.labels)
    assert {"house-10", "double-10", "double-9"} <= set(products.windows)


def test_a_misspelt_key_is_told_with_its_line(tmp_path: Path) -> None:
    text = (POSTAL / "labels.toml").read_text("utf-8").replace("pitch_x", "pich_x", 1)
    problems = read_with(tmp_path, "labels.toml", text)
    line = text[: text.index("pich_x")].count("\n") + 1
    assert problems[-1].startswith(f'templates/postal/labels.toml:{line}: labels.1.pich_x: "pich_x" is not a key')
    assert "did you mean pitch_x?" in problems[-1]


@pytest.mark.parametrize(
    ("file", "before", "after", "told"),
    [
        ("labels.toml", "columns = 3", "columns = 4", '"5160": the last label reaches over the edge of the sheet'),
        ("labels.toml", "pitch_x = 2.75", "pitch_x = 2.5", '"5160": the labels overlap'),
        ("labels.toml", 'name = "5161"', 'name = "5160"', '"5160" is described twice'),
        ("envelopes.toml", "address_width = 5.0", "address_width = 7.0", '"10": the room for the address reaches over'),
        ("labels.toml", "columns = 3", "columns = 0", '"5160": columns cannot be "0"'),
        ("labels.toml", "size = 9.5", "size = inf", '"5160": size cannot be "inf"'),
        ("labels.toml", "size = 9.5", "size = 6", '"5160": smallest is larger than size, 6'),
        ("envelopes.toml", "width = 9.5", "width = nan", '"10": width cannot be "nan"'),
        ("envelopes.toml", "address_width = 5.0", "address_width = -1", '"10": address_width cannot be "-1"'),
        ("envelopes.toml", 'name = "10"', 'name = "../10"', '"../10": its name is a part of the names of files'),
        ("windows.toml", "address = { left = ", "address = { left = 1000", '"double-10": address.left cannot be'),
        ("windows.toml", "folds = [3.6667, 7.3333]", "folds = [7.3333, 3.6667]", "the folds are not in order"),
        ("windows.toml", "folds = [3.6667, 7.3333]", "folds = [5.5]", '"double-10": the folded letter is higher'),
    ],
)
def test_measures_that_cannot_be_right_are_told(tmp_path: Path, file: str, before: str, after: str, told: str) -> None:
    text = (POSTAL / file).read_text("utf-8").replace(before, after)
    assert any(told in problem for problem in read_with(tmp_path, file, text))


@pytest.mark.parametrize(
    ("rates", "told"),
    [
        ([(1, -0.78)], '2: "-0.78" is not a price'),
        ([(1, 0)], '2: "0" is not a price'),
        ([(0, 0.78)], '2: "0" is not a weight'),
        ([(1, 0.78), (1, 0.87)], "6: the price of a letter of 1 ounces is there twice"),
        ([], "2: there is no price"),
    ],
)
def test_prices_that_cannot_be_right_are_told(tmp_path: Path, rates: list[tuple[float, float]], told: str) -> None:
    tables = (f'[[rate]]\nshape = "letter"\nounces = {ounces}\nprice = {price}\n' for ounces, price in rates)
    (tmp_path / "postal").mkdir()
    (tmp_path / "postal" / "postage.toml").write_text("date = 2025-07-13\n" + ("".join(tables) or "rate = []"), "utf-8")
    (problem,) = read_postage(tmp_path, "templates")[1]
    assert str(problem).startswith(f"templates/postal/postage.toml:{told}")


def test_a_window_needs_measures(tmp_path: Path) -> None:
    text = '[[window]]\nname = "x"\ntitle = "x"\nwidth = 9.5\nheight = 4.125\nfolds = [3.6667]\n'
    (problem,) = read_with(tmp_path, "windows.toml", text)
    assert problem.startswith('templates/postal/windows.toml:1: "x": neither a window nor places on the page are given')
