"""What the tests of the mailing share: our products, fonts and one address."""

from __future__ import annotations

import datetime
import subprocess

import pytest

from letters.mail.addresses import Addressee, Ruler
from letters.mail.products import read_products
from letters.model.postal import Products
from letters.model.problems import Place
from letters.render.pdf.plain import render_page
from tests.desk import ROOT, Desk

TEMPLATES = ROOT / "templates"


@pytest.fixture(scope="session")
def products() -> Products:
    return read_products(TEMPLATES, "templates")[0]


@pytest.fixture(scope="session")
def ruler() -> Ruler:
    return Ruler(TEMPLATES / "fonts")


def addressee(*lines: str, barcode: str = "") -> Addressee:
    return Addressee(id="berrien-county-sheriff", lines=lines, place=Place("recipients.csv", 3), barcode=barcode)


HEIT = addressee(
    "The Honorable Chuck Heit",
    "Sheriff",
    "Berrien County Sheriff’s Department",
    "2100 East Empire Avenue",
    "Benton Harbor, MI 49022",
)
ADRIAN = addressee("Chief of Police", "Adrian Police Department", "100 East Church Street", "Adrian, MI 49221")
SENDER = ("First Organization", "1 Main Street", "Lansing, Michigan 48933")


def set_page(html: str) -> bytes:
    return render_page(html, TEMPLATES, datetime.date(2025, 9, 17)).content


def run(desk: Desk, *words: str, code: int | None = 0) -> subprocess.CompletedProcess[str]:
    """Run a command in the folder of a campaign, and make letters in this process: there are few."""
    more = ("--jobs", "1") if words[0] == "build" else ()
    return desk.run(*words, *more, code=code)
