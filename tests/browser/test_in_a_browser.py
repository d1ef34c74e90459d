"""The desk as people use it, in Debian's Chromium: a newcomer's whole way, the keyboard alone, narrow windows, axe."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image

from letters.desk.visit import STATIC
from tests.browser.conftest import OpenDesk, RunningDesk, row_of
from tests.conftest import MakeDesk
from tests.desk import CAMPAIGN, LETTER, Desk, set_up

if TYPE_CHECKING:
    from playwright.sync_api import Page

Visit = Callable[..., "Page"]
_PLACES = (
    "/",
    "/authorities",
    "/list",
    "/import",
    "/agreements",
    "/list/doubles",
    "/letter",
    "/build",
    "/review",
    "/mail?sheet=5160",
    "/mail/window?window=double-10",
)
_HTMX = "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130"
"""SHA-256 of dist/htmx.min.js of htmx 4.0.1."""
_MESSY = (
    "Sheriffs and chiefs of the county,,,,,\n"
    ",,,,,\n"
    "Agency,Head,Mailing address,City,State,Zip\n"
    "TAYLOR POLICE DEPARTMENT,Chief John Blair,23515 Goddard Road,Taylor,Michigan,48180\n"
    "Adrian Police Department,,100 East Church Street,Adrian,MI,49221\n"
    "Berrien County Sheriff's Office,Sheriff Chuck Heit,2100 E. Empire Ave,Benton Harbor,MI,49022\n"
)


def test_htmx_is_the_file_that_was_chosen() -> None:
    assert hashlib.sha256((STATIC / "htmx.min.js").read_bytes()).hexdigest() == _HTMX


def test_our_own_script_stays_small() -> None:
    assert len((STATIC / "desk.js").read_text("utf-8").splitlines()) < 300


@pytest.fixture
def folder_of_a_newcomer(make_desk: MakeDesk) -> RunningDesk:
    """Return a campaign without a list, whose letterhead is to be filled in."""
    folder = make_desk(campaign=CAMPAIGN.replace("First Organization", "[Organization]"))
    (folder.folder / "recipients.csv").unlink()
    return folder  # type: ignore[return-value]


def test_a_newcomer_comes_from_a_messy_list_to_print_files(
    open_desk: OpenDesk, folder_of_a_newcomer: RunningDesk, visit: Visit, tmp_path: Path
) -> None:
    desk = open_desk(folder_of_a_newcomer, let_in=False)
    page = visit(desk)
    clicks = _count_clicks(page)
    # Drop the list, answer what is asked, take it over.
    messy = tmp_path / "messy.csv"
    messy.write_text(_MESSY, "utf-8")
    page.get_by_label("Drop a spreadsheet here").set_input_files(messy)
    # The page that is asked for buttons is the next one, however long that takes.
    with page.expect_navigation():
        page.get_by_role("button", name="Look at it").click()
    while page.get_by_role("button", name="Answer, and look again").count():
        with page.expect_navigation():
            page.get_by_role("button", name="Answer, and look again").click()
    page.get_by_text("3 new · 0 changed").first.wait_for()
    page.get_by_role("button", name="Take it over").click()
    page.get_by_role("heading", name="recipients.csv").wait_for()
    listed = (desk.folder.folder / "recipients.csv").read_text("utf-8")
    assert "Taylor Police Department" in listed
    # Set the letterhead.
    _go(page, "Campaign")
    page.get_by_placeholder("[Organization]").fill("Law and Order")
    Image.new("RGB", (60, 60), "navy").save(tmp_path / "logo.png")
    page.locator("#logo1").set_input_files(tmp_path / "logo.png")
    page.locator("form[action='/writers']").first.get_by_role("button", name="Keep").click()
    page.get_by_text("Law and Order: kept in campaign.toml").wait_for()
    # Write a sentence, and watch the page.
    _go(page, "Letter")
    page.locator("#pages .sheet").wait_for()
    page.locator("#text").press("Control+Home")
    page.locator("#text").press_sequentially("We greet you first of all.\n\n")
    page.locator("#pages").get_by_text("We greet you first of all.").first.wait_for(state="attached")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("letter.md is saved").wait_for()
    assert (desk.folder.folder / "templates/letter.md").read_text("utf-8").startswith("We greet you first of all.")
    # Let go what is held, take the DRAFT mark off.
    _go(page, "Campaign")
    page.get_by_label("Status", exact=True).select_option("final")
    page.locator("form[action='/settle']").get_by_role("button", name="Keep", exact=True).click()
    page.get_by_text("Kept in campaign.toml: ").wait_for()
    # Build.
    _go(page, "Build")
    page.get_by_role("button", name="Build").click()
    page.get_by_text("3 letters made").first.wait_for()
    # Review and approve, by the keys.
    _go(page, "Review")
    page.get_by_role("link", name="to approve").click()
    page.wait_for_url("**/review?queue=todo")
    page.keyboard.press("j")
    page.wait_for_url("**/review/*")
    page.get_by_label("I am").last.fill("[Name of counsel]")
    page.locator("h1").click()
    for number in (1, 2, 3):
        with page.expect_navigation():
            page.keyboard.press("a")
        page.get_by_text("is approved by [Name of counsel]").wait_for()
        assert desk.folder.run("log").stdout.count(": approved by") == number
    # Print files.
    _go(page, "Print & post")
    page.get_by_role("button", name="Prepare the mailing").click()
    page.get_by_role("link", name="print-01.pdf").wait_for()
    assert desk.folder.out("mail/print-01.pdf").is_file()
    assert clicks() <= 40


def _go(page: Page, place: str) -> None:
    """Go to a place by the rail."""
    with page.expect_navigation():
        page.locator("nav.rail a", has_text=place).click()


def _count_clicks(page: Page) -> Callable[[], int]:
    """Return a function that tells how often something was clicked on pages of this tab."""
    counted: list[int] = []
    page.context.expose_binding("tellClick", lambda _: counted.append(1))
    page.context.add_init_script("addEventListener('click', () => tellClick(), true)")
    return lambda: len(counted)


@pytest.fixture(scope="module")
def mailed(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Build and prepare a mailing of a small campaign."""
    folder = set_up(folder=tmp_path_factory.mktemp("mailed") / "desk")
    folder.run("build", "--no-docx")
    folder.run("mail", "prepare", "--draft", "--envelopes", "none")
    return folder


@pytest.mark.parametrize("width", [1280, 390])
def test_every_place_fits_its_window_and_axe_finds_nothing(
    open_desk: OpenDesk, mailed: Desk, visit: Visit, tmp_path: Path, width: int
) -> None:
    desk = open_desk(mailed.copy(tmp_path / "desk"), let_in=False)
    page = visit(desk, width)
    desk.server._opened.person = "[Name of counsel]"
    found = []
    for path in (*_PLACES, "/list/row/adrian-police", "/review/adrian-police", "/review/adrian-police/difference"):
        page.goto(f"http://{desk.host}{path}")
        if path == "/letter":
            page.locator("#pages .sheet").wait_for()
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        results = Axe().run(page, options={"resultTypes": ["violations"]})
        found += [f"{path}: {each['id']}: {each['nodes'][0]['html'][:200]}" for each in results.response["violations"]]
        found += [f"{path} is wider than {width} px"] * wide
    assert found == []


@pytest.fixture
def desk(open_desk: OpenDesk) -> RunningDesk:
    return open_desk(let_in=False)


def test_a_cell_is_corrected_by_the_keyboard_alone(desk: RunningDesk, visit: Visit) -> None:
    page = visit(desk)
    page.goto(f"http://{desk.host}/list")
    page.get_by_role("button", name="city: Adrian").focus()
    page.keyboard.press("Enter")
    field = page.get_by_label("city", exact=True)
    field.wait_for()
    field.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("Tecumseh")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="city: Tecumseh").wait_for()
    assert "Tecumseh" in row_of(desk.folder.folder / "recipients.csv", "adrian-police")


def test_the_first_stop_of_the_keyboard_leads_past_the_frame(desk: RunningDesk, visit: Visit) -> None:
    page = visit(desk)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "To the page itself"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_keys_lead_through_the_letters(desk: RunningDesk, visit: Visit) -> None:
    page = visit(desk)
    page.goto(f"http://{desk.host}/review")
    page.keyboard.press("j")
    page.wait_for_url("**/review/berrien-county-sheriff*")
    page.keyboard.press("j")
    page.wait_for_url("**/review/adrian-police*")
    page.keyboard.press("k")
    page.wait_for_url("**/review/berrien-county-sheriff*")
    page.keyboard.press("?")
    page.get_by_role("heading", name="Keys").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("h")
    assert page.evaluate("document.activeElement.name") == "reason"
    page.keyboard.type("jjj says wait")
    page.keyboard.press("Enter")
    page.get_by_text("kept back: jjj says wait").wait_for()
    assert "jjj says wait" in row_of(desk.folder.folder / "recipients.csv", "berrien-county-sheriff")


def test_a_click_on_the_page_leads_to_the_line(desk: RunningDesk, visit: Visit) -> None:
    page = visit(desk)
    page.goto(f"http://{desk.host}/letter?to=berrien-county-sheriff")
    sheet = page.locator("#pages .sheet")
    sheet.wait_for()
    box = sheet.bounding_box()
    assert box
    with page.expect_response("**/letter/find") as answer:
        sheet.click(position={"x": box["width"] * 0.3, "y": box["height"] * 0.43})
    line = answer.value.json()["line"]
    if line:
        chosen = "t => t.value.slice(t.selectionStart, t.selectionEnd)"
        assert page.locator("#text").evaluate(chosen) == LETTER.split("\n")[line - 1]


def test_what_is_typed_and_not_saved_is_not_left_behind_without_a_question(desk: RunningDesk, visit: Visit) -> None:
    page = visit(desk)
    page.goto(f"http://{desk.host}/letter")
    page.locator("#text").press_sequentially("Unsaved. ")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_role("link", name="List").click()
    page.wait_for_url("**/list")
    assert asked == ["beforeunload"]
