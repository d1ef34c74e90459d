"""What is done on a page of the desk is done in the files, as a command would do it; nobody's change is lost."""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image

from letters.desk.live import picture_of
from letters.desk.opened import OpenCampaign
from letters.desk.running import Progress, Running, Work
from letters.desk.visit import Visit
from letters.model.problems import CannotGoOn
from tests.browser.conftest import OpenDesk, RunningDesk, row_of
from tests.conftest import MakeDesk
from tests.desk import CAMPAIGN, CHIEF, LETTER, ROOT, SHERIFF, Desk, edit, set_up


@pytest.fixture
def desk(open_desk: OpenDesk) -> RunningDesk:
    return open_desk()


def build(desk: RunningDesk, **form: str) -> None:
    """Build all letters by the button, and wait until it has ended."""
    assert desk.post("/build", {"pdf": "yes", **form}).status == 303
    desk.server._opened.running.wait()


def hidden(text: str, name: str) -> str:
    """Return the value of a hidden field of a page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found, name
    return found[1].replace("&#34;", '"').replace("&amp;", "&")


# Campaign


def test_one_sentence_tells_where_the_campaign_stands(desk: RunningDesk) -> None:
    text = desk.get("/").text
    assert "2 letters can be made" in text
    assert "0 of 2 letters made" in text


def test_the_number_in_the_rail_is_that_of_the_sentence(open_desk: OpenDesk, make_desk: MakeDesk) -> None:
    rows = [{**CHIEF, "id": f"police-{n}", "agency": f"Adrian Police {n}", "zip": ""} for n in range(5)]
    text = open_desk(make_desk(rows=[SHERIFF, *rows])).get("/").text
    (number,) = re.findall(r", (\d+) things? to settle before", text)
    assert f'{number}<span class="hidden"> things to settle' in text


def test_a_bracket_is_filled_in_wherever_it_stands_and_the_rest_of_the_file_stays(
    open_desk: OpenDesk, make_desk: MakeDesk
) -> None:
    campaign = CAMPAIGN.replace("First Organization", "[Organization]") + "# [Organization] is a remark\n"
    desk = open_desk(make_desk(campaign=campaign))
    assert "[Organization]" in desk.get("/").text
    form = {"what1": "[Organization]", "value1": 'Law "and" Order'}
    assert desk.post("/settle", form).status == 303
    now = (desk.folder.folder / "campaign.toml").read_text("utf-8")
    assert now == campaign.replace("{more}", "").replace('"[Organization]"', '"Law \\"and\\" Order"')


def test_a_bracket_of_the_letter_is_filled_in_there(open_desk: OpenDesk, make_desk: MakeDesk) -> None:
    desk = open_desk(make_desk(letter="Ask [the agent].\n"))
    assert "[the agent]" in desk.get("/").text
    assert desk.post("/settle", {"what1": "[the agent]", "value1": "J. *Roe*"}).status == 303
    assert (desk.folder.folder / "templates/letter.md").read_text("utf-8") == "Ask J. \\*Roe\\*.\n"
    assert "Kept in letter.md" in desk.get("/").text


def form_of(desk: RunningDesk, table: str, number: int) -> dict[str, str]:
    """Return a form of who writes or signs as the page sends it where nothing is changed."""
    text = desk.get("/").text
    start = text.index(f'name="table" value="{table}"><input type="hidden" name="number" value="{number}"')
    part = text[start : text.index("</form>", start)]
    form = dict(re.findall(r'<input[^>]* name="(\w+)" value="([^"]*)"', part))
    form |= re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>\n(.*?)</textarea>', part, re.DOTALL)
    return {"table": table, "number": str(number), **form, "base": hidden(text, "base")}


def test_who_writes_and_who_signs_is_filled_in_without_an_editor(open_desk: OpenDesk, make_desk: MakeDesk) -> None:
    desk = open_desk(make_desk(campaign=CAMPAIGN.replace("First Organization", "[Organization]")))
    text = desk.get("/").text
    assert 'placeholder="[Organization]"' in text
    form = form_of(desk, "organizations", 1)
    form |= {"name": "Law & Order", "address": "5 Oak Street\nLansing, MI 48933", "phone": "(517) 555-0100"}
    assert desk.post("/writers", form).headers["location"] == "/#organizations"
    assert desk.post("/writers", {**form_of(desk, "signers", 2), "name": "A Person"}).status == 303
    assert desk.post("/writers", {**form_of(desk, "organizations", 2), "remove": "yes"}).status == 303
    campaign = desk.server._opened.view().loaded.campaign
    assert [(each.name, each.address, each.phone) for each in campaign.organizations] == [
        ("Law & Order", ("5 Oak Street", "Lansing, MI 48933"), "(517) 555-0100")
    ]
    assert [(each.name, each.organization) for each in campaign.signers] == [
        ("First Signer", "Law & Order"),
        ("A Person", ""),
    ]
    assert "[Organization]" not in desk.get("/").text


def test_a_logo_is_taken_through_the_checks_of_the_command_line(desk: RunningDesk, tmp_path: Path) -> None:
    Image.new("RGB", (60, 60)).save(tmp_path / "mark.png")
    content = (tmp_path / "mark.png").read_bytes()
    form = form_of(desk, "organizations", 1)
    for name, sent in (("mark.png", content[:50]), ("mark.exe", content), ("mark.svg", b"<svg><!ENTITY")):
        refused = desk.upload(name, sent, "/writers", **form)
        assert (refused.status, "cannot be placed" in refused.text) == (409, True), name
    assert desk.upload("../../mark.png", content, "/writers", **form).status == 303
    assert (desk.folder.folder / "templates/mark.png").read_bytes() == content
    assert 'logo = "templates/mark.png"' in (desk.folder.folder / "campaign.toml").read_text("utf-8")
    assert desk.post("/writers", {**form_of(desk, "organizations", 1), "no-logo": "yes"}).status == 303
    assert "logo" not in (desk.folder.folder / "campaign.toml").read_text("utf-8")


def test_a_form_for_a_file_that_changed_meanwhile_writes_nothing(desk: RunningDesk) -> None:
    form = {**form_of(desk, "organizations", 1), "phone": "1"}
    path = desk.folder.folder / "campaign.toml"
    path.write_text(path.read_text("utf-8") + "\n# changed\n", "utf-8")
    before = path.read_bytes()
    assert desk.post("/writers", form).status == 303
    assert "was changed meanwhile" in desk.get("/").text
    assert path.read_bytes() == before


def test_a_form_never_names_a_file_of_this_computer(desk: RunningDesk) -> None:
    before = (desk.folder.folder / "campaign.toml").read_bytes()
    assert desk.post("/settle", {"what1": "organizations.1.logo", "value1": "/etc/hostname"}).status == 404
    assert desk.post("/writers", {**form_of(desk, "organizations", 1), "logo": "/etc/hostname"}).status == 303
    assert (desk.folder.folder / "campaign.toml").read_bytes() == before


def test_who_has_read_an_authority_is_recorded_by_ticking_it(open_desk: OpenDesk, make_desk: MakeDesk) -> None:
    folder = make_desk()
    two = (
        '[one]\nfull = "One v. Two, 1 U.S. 1 (1800)"\nread_by = "[counsel]"\n\n'
        '[three]\nfull = "Three v. Four, 2 U.S. 2 (1801)"\n'
    )
    path = folder.write("templates/authorities.toml", two)
    desk = open_desk(folder)
    assert "2 authorities to be read, 0 read" in desk.get("/authorities").text
    form = {"person": "[Name of counsel]", "date": "2026-01-05", "read-one": "yes"}
    assert desk.post("/authorities", form).status == 409
    assert desk.post("/authorities", {**form, "person": "A. Person", "date": "2999-01-01"}).status == 409
    assert desk.post("/authorities", {**form, "person": "A. Person", "read-none": "yes"}).status == 409
    assert path.read_text("utf-8") == two
    assert desk.post("/authorities", {**form, "person": "A. Person"}).status == 303
    assert path.read_text("utf-8") == two.replace('"[counsel]"', '"A. Person"\nread_on = 2026-01-05')
    assert "1 authority to be read, 1 read" in desk.get("/authorities").text


def test_date_and_status_are_set_and_a_wrong_date_is_refused_with_a_reason(desk: RunningDesk) -> None:
    assert desk.post("/settle", {"what1": "date", "value1": "2026-02-30"}).status == 409
    assert desk.post("/settle", {"what1": "status", "value1": "posted"}).status == 409
    form = {"what1": "date", "value1": "2026-02-28", "what2": "status", "value2": "final"}
    assert desk.post("/settle", form).status == 303
    text = (desk.folder.folder / "campaign.toml").read_text("utf-8")
    assert "date = 2026-02-28" in text
    assert 'status = "final"' in text
    assert "DRAFT" not in desk.get("/build").text


def test_a_campaign_with_mistakes_still_opens_and_lists_them(open_desk: OpenDesk, make_desk: MakeDesk) -> None:
    desk = open_desk(make_desk(letter="{% if recipient.agency %} never closed"))
    reply = desk.get("/")
    assert reply.status == 200
    assert "No letter can be made before these mistakes are corrected" in reply.text
    assert "letter.md" in reply.text
    desk.folder.write("templates/letter.md", LETTER)
    assert "2 letters can be made" in desk.get("/").text


@pytest.mark.parametrize("content", [b"\xff\x00\xfe binary \x00", b"letter = [", b""])
def test_a_campaign_file_that_is_none_is_told_and_the_page_stays(
    open_desk: OpenDesk, make_desk: MakeDesk, content: bytes
) -> None:
    desk = open_desk(make_desk())
    (desk.folder.folder / "campaign.toml").write_bytes(content)
    for path in ("/", "/list", "/letter", "/review", "/mail", "/authorities", "/letter/word"):
        reply = desk.get(path)
        assert reply.status in (200, 404, 409), path
        assert "campaign" in reply.text


def test_without_a_list_the_page_asks_for_one(open_desk: OpenDesk, make_desk: MakeDesk) -> None:
    folder = make_desk()
    (folder.folder / "recipients.csv").unlink()
    folder.write("templates/another.md", LETTER)
    text = open_desk(folder).get("/").text
    assert "Drop your spreadsheet here" in text
    assert "<option selected>letter</option>" in text, "the letter that the campaign names is the one that is shown"


# List


def test_a_cell_is_corrected_in_the_list_and_every_other_byte_stays(desk: RunningDesk) -> None:
    path = desk.folder.folder / "recipients.csv"
    before = path.read_bytes()
    reply = desk.post("/list/cell/adrian-police/city", {"was": "Adrian", "value": "Tecumseh"})
    assert (reply.status, "Tecumseh" in reply.text) == (200, True)
    assert path.read_bytes() == before.replace(b",Adrian,", b",Tecumseh,")
    assert "Tecumseh" in desk.get("/list").text


def test_a_cell_that_somebody_else_changed_meanwhile_is_not_overwritten(desk: RunningDesk) -> None:
    path = desk.folder.folder / "recipients.csv"
    path.write_bytes(path.read_bytes().replace(b",Adrian,", b",Blissfield,"))
    reply = desk.post("/list/cell/adrian-police/city", {"was": "Adrian", "value": "Tecumseh"})
    assert "it says &#34;Blissfield&#34; by now" in reply.text
    assert "Blissfield" in row_of(path, "adrian-police")


def test_a_row_is_held_with_a_reason_and_let_go_again(desk: RunningDesk) -> None:
    path = desk.folder.folder / "recipients.csv"
    before = path.read_bytes()
    assert desk.post("/list/hold/adrian-police", {"reason": ""}).status == 409
    assert desk.post("/list/hold/adrian-police", {"reason": "no chief at present"}).status == 303
    assert "held: no chief at present" in desk.get("/list").text or "no chief at present" in desk.get("/list").text
    assert "1 letter can be made, 1 is held" in desk.get("/").text
    assert desk.post("/list/hold/adrian-police", {"release": "yes"}).status == 303
    assert path.read_bytes() == before


def test_a_problem_stands_in_its_cell(open_desk: OpenDesk, make_desk: MakeDesk) -> None:
    desk = open_desk(make_desk(rows=[SHERIFF, {**CHIEF, "zip": "7O102"}]))
    cell = re.search(r'<td class="cell wrong">.*?</td>', desk.get("/list").text, re.DOTALL)
    assert cell
    assert "7O102" in cell[0]
    assert "is not a ZIP code" in cell[0]
    assert "Adrian Police Department" in desk.get("/list?show=stopped").text
    assert "Berrien County" not in desk.get("/list?show=stopped").text


class BeginsMeanwhile(Running):
    """Begins work at the very moment at which somebody has found that nothing runs."""

    def __init__(self, opened: OpenCampaign, began: threading.Event, work: Work) -> None:
        super().__init__()
        self.asked = False
        self.opened, self.began, self.work = opened, began, work

    @property
    def is_on(self) -> bool:
        was_on, was_asked, self.asked = super().is_on, self.asked, True
        if not was_asked:
            self.opened.begin("Making letters", self.work)
            assert self.began.wait(10)
        return was_on


def test_a_page_that_is_laid_out_does_not_wait_for_work_that_waits_for_it(make_desk: MakeDesk) -> None:
    opened, began = OpenCampaign(make_desk().folder, "", None), threading.Event()

    def work(_: Progress) -> str:
        began.set()
        with opened.lock:
            return "done"

    opened.running = BeginsMeanwhile(opened, began, work)
    with opened.lock, pytest.raises(CannotGoOn, match="Making letters: until that has ended"), opened.laying_out():
        pass
    opened.close()


def test_what_is_no_number_is_the_default() -> None:
    sent = {"row": "7", "superscript": "²", "thousands of digits": "1" * 5_000}
    visit = Visit(None, {}, {}, sent, {}, "/", is_part=False)  # type: ignore[arg-type]
    assert [visit.number(name, 1) for name in (*sent, "nothing")] == [7, 1, 1, 1]


def test_a_long_list_comes_in_pages(open_desk: OpenDesk, make_desk: MakeDesk) -> None:
    rows = [
        {**CHIEF, "id": f"police-{n}", "agency": f"Police Department {n:04}", "city": f"Town {n:04}"}
        for n in range(450)
    ]
    text = open_desk(make_desk(rows=rows)).get("/list?page=2&sort=agency").text
    assert "450 rows, page 2 of 5" in text
    assert text.count("<tr>") == 101


def test_no_place_puts_a_long_list_into_one_page(open_desk: OpenDesk, make_desk: MakeDesk) -> None:
    rows = [
        {**CHIEF, "id": f"police-{n}", "agency": f"Police Department {n:04}", "city": f"Town {n:04}"}
        for n in range(450)
    ]
    desk = open_desk(make_desk(rows=rows))
    for path in ("/", "/list", "/letter", "/build", "/review", "/review?queue=odd", "/mail"):
        assert len(set(re.findall(r"Police Department \d{4}", desk.get(path).text))) <= 400, path


# Bringing a list in

_SHEET = (
    "Dept,Chief,Street,Station,St,Zip Code\nTaylor Police Department,John Blair,23515 Goddard Road,Taylor,MI,48180\n"
)


def test_a_list_is_looked_at_answered_taken_over_and_taken_back(desk: RunningDesk) -> None:
    path = desk.folder.folder / "recipients.csv"
    before = path.read_bytes()
    where = desk.upload("chiefs.csv", _SHEET.encode()).headers["location"]
    text = desk.get(where).text
    assert "1 new" in text
    assert "the city is missing" in text, "nothing says what a station is"
    assert desk.post(where, {"heading-4": "Station", "was-4": "", "column-4": "city"}).status == 303
    text = desk.get(where).text
    assert "the city is missing" not in text
    assert "Taylor, MI 48180" in text
    for _ in range(5):
        keys = re.findall(r'name="(key-q\d+)" value="([^"]*)"', text)
        if not keys:
            break
        answers = {name: value.replace("&#34;", '"') for name, value in keys}
        answers |= {name.replace("key", "answer"): "yes" for name, _ in keys}
        assert desk.post(where, answers).status == 303
        text = desk.get(where).text
    form = {"list": hidden(text, "list"), "forecast": hidden(text, "forecast")}
    assert path.read_bytes() == before, "nothing is written before it is taken over"
    assert desk.post(f"{where}/take", form).headers["location"] == "/list"
    assert "Taylor Police Department" in path.read_text("utf-8")
    assert desk.post("/list/undo").status == 303
    assert path.read_bytes() == before


_AGREEMENTS = """\
STATE,LAW ENFORCEMENT AGENCY,TYPE,COUNTY,SUPPORT TYPE,SIGNED
MICHIGAN,Adrien Police Department,Municipality,Lenawee County,Task Force Model,2025-04-28
OHIO,Toledo Police Department,Municipality,Lucas County,Task Force Model,2025-04-28
"""


def test_ices_list_is_looked_at_answered_taken_over_and_taken_back(desk: RunningDesk) -> None:
    path = desk.folder.folder / "recipients.csv"
    before = path.read_bytes()
    where = desk.upload("participatingAgencies09172025pm.csv", _AGREEMENTS.encode(), "/agreements").headers["location"]
    text = desk.get(where).text
    assert "the Adrian Police Department (adrian-police;" in text
    key = hidden(text, "key-q1")
    assert desk.post(f"{where}/take", {"list": hidden(text, "list")}).headers["location"] == where
    assert path.read_bytes() == before, "a question is open"
    assert desk.post(where, {"key-q1": key, "answer-q1": "yes"}).status == 303
    text = desk.get(where).text
    assert "By the list of 2025-09-17" in text
    assert "1 with an agreement · 1 without" in text
    assert desk.post(f"{where}/take", {"list": "0"}).headers["location"] == where
    assert desk.post(f"{where}/take", {"list": hidden(text, "list")}).headers["location"] == "/list"
    assert "task_force,2025-04-28,2025-09-17" in path.read_text("utf-8")
    assert desk.post("/list/undo").status == 303
    assert path.read_bytes() == before


def test_rows_that_may_be_one_office_stand_side_by_side(open_desk: OpenDesk, make_desk: MakeDesk) -> None:
    twin = {**CHIEF, "id": "adrian-police-2", "agency": "Adrian Police"}
    third = {**CHIEF, "id": "adrian-police-3", "agency": "City of Adrian Police"}
    desk = open_desk(make_desk(rows=[SHERIFF, CHIEF, twin, third]))
    assert "3 pairs of rows may be one office" in desk.get("/list").text
    assert "<mark>Adrian Police</mark>" in desk.get("/list/doubles").text
    form = {"one": "adrian-police", "other": "adrian-police-2", "said": "two"}
    assert desk.post("/list/doubles", form).headers["location"] == "/list/doubles"
    assert "adrian-police and adrian-police-2 are one" in (desk.folder.folder / "list-decisions.toml").read_text(
        "utf-8"
    )
    desk.post("/list/doubles", {"one": "adrian-police", "other": "adrian-police-3", "said": "hold-other"})
    assert "the same office as adrian-police" in row_of(desk.folder.folder / "recipients.csv", "adrian-police-3")
    assert "No two rows are that much alike." in desk.get("/list/doubles").text
    assert "no longer in the list" in desk.post("/list/doubles", {**form, "one": "nobody"}).text


def test_doubles_are_shown_before_a_list_is_taken_over(desk: RunningDesk) -> None:
    lines = [
        "Agency,Address",
        *(f'"{name}","1 Main Street, Alma, MI 48801"' for name in ("Alma Police Department", "Alma Police")),
    ]
    text = desk.get(desk.upload("alma.csv", "\n".join(lines).encode()).headers["location"]).text
    assert "<mark>Alma Police</mark>" in text


def test_a_letter_of_ones_own_begins_with_the_blank_one(desk: RunningDesk) -> None:
    templates = desk.folder.folder / "templates"
    assert desk.post("/letter/new", {"name": "Our Letter, 2026"}).headers["location"] == "/letter"
    assert "Counsel must review" in (templates / "our-letter-2026.md").read_text("utf-8")
    assert "templates/our-letter-2026.md" in desk.get("/letter").text
    again = desk.post("/letter/new", {"name": "our letter 2026"}).text
    assert "there is a letter &#34;our-letter-2026&#34; already" in again
    assert "cannot be the name of a letter" in desk.post("/letter/new", {"name": "…/.."}).text


def test_ices_list_without_a_date_asks_for_it(desk: RunningDesk) -> None:
    refused = desk.upload("agencies.csv", _AGREEMENTS.encode(), "/agreements")
    assert "the date of &#34;agencies.csv&#34; is not known" in refused.text
    given = desk.upload("agencies.csv", _AGREEMENTS.encode(), "/agreements", date="2025-09-17")
    assert "2025-09-17" in desk.get(given.headers["location"]).text


def test_a_plan_is_refused_where_the_list_changed_after_it_was_shown(desk: RunningDesk) -> None:
    where = desk.upload("chiefs.csv", _SHEET.encode()).headers["location"]
    text = desk.get(where).text
    keys = re.findall(r'name="(key-q\d+)" value="([^"]*)"', text)
    answers = {name: value.replace("&#34;", '"') for name, value in keys}
    desk.post(where, answers | {name.replace("key", "answer"): "yes" for name, _ in keys})
    text = desk.get(where).text
    path = desk.folder.folder / "recipients.csv"
    path.write_bytes(path.read_bytes().replace(b",Adrian,", b",Blissfield,"))
    form = {"list": hidden(text, "list"), "forecast": hidden(text, "forecast")}
    assert desk.post(f"{where}/take", form).headers["location"] == where
    assert "Taylor" not in path.read_text("utf-8")
    assert "changed meanwhile" in desk.get(where).text


def test_a_file_that_holds_no_list_is_refused_with_a_way_on(desk: RunningDesk) -> None:
    where = desk.upload("letter.pdf", b"%PDF-1.7 nothing of a list").headers["location"]
    reply = desk.get(where)
    assert reply.status == 409
    assert "not a list" in reply.text


# Letter


def test_the_page_shows_a_text_that_is_not_saved(desk: RunningDesk) -> None:
    path = desk.folder.folder / "templates/letter.md"
    form = {
        "file": "templates/letter.md",
        "to": "adrian-police",
        "text": LETTER.replace("about policy", "about zebras"),
    }
    listed = (desk.folder.folder / "recipients.csv").read_bytes()
    reply = desk.post("/letter/preview", form)
    assert "zebras" in reply.text
    assert "Adrian Police Department" in reply.text
    assert path.read_text("utf-8") == LETTER
    assert (desk.folder.folder / "recipients.csv").read_bytes() == listed
    picture = re.search(r'src="(/page/[0-9a-f]+/1\.png)"', reply.text)
    assert picture
    assert desk.get(picture[1]).body.startswith(b"\x89PNG")


def test_a_text_that_is_not_saved_is_shown_with_the_logo(open_desk: OpenDesk, make_desk: MakeDesk) -> None:
    folder = make_desk()
    Image.new("RGB", (60, 60)).save(folder.folder / "templates/mark.png")
    settings = folder.folder / "campaign.toml"
    logo = 'name = "First Organization"\nlogo = "templates/mark.png"'
    settings.write_text(settings.read_text("utf-8").replace('name = "First Organization"', logo, 1), "utf-8")
    text = LETTER.replace("about policy", "about zebras")
    reply = open_desk(folder).post(
        "/letter/preview", {"file": "templates/letter.md", "to": "adrian-police", "text": text}
    )
    assert "zebras" in reply.text


def test_the_page_is_pixel_for_pixel_what_a_build_makes(open_desk: OpenDesk, make_desk: MakeDesk) -> None:
    letter = "---\nenclosures: [sheet]\n---\n" + LETTER + "\n\nA paragraph more.\n" * 60
    folder = make_desk(letter=letter)
    folder.write("templates/enclosures/sheet.md", "---\ntitle: A sheet\n---\nOf one page.\n")
    desk = open_desk(folder)
    build(desk)
    made = folder.out("pdf/adrian-police.pdf").read_bytes()
    form = {"to": "adrian-police", "page": "1"}
    for name, text, pages in (("letter", letter, "1 of 3"), ("enclosures/sheet", "", "1 of 1")):
        path = folder.folder / f"templates/{name}.md"
        said = {**form, "file": f"templates/{name}.md", "text": text or path.read_text("utf-8")}
        shown = desk.post("/letter/preview", said).text
        assert f"page {pages}" in shown
        picture = re.findall(r'src="(/page/[^"]+)"', shown)[0]
        number = 1 if text else 4
        assert desk.get(picture).body == picture_of(made, number), name


def test_a_mistake_in_a_text_is_told_with_its_line_and_the_last_page_stays(desk: RunningDesk) -> None:
    form = {"file": "templates/letter.md", "to": "adrian-police", "text": LETTER + "\n{{ recipient.nothing }}\n"}
    text = desk.post("/letter/preview", form).text
    line = form["text"].split("\n").index("{{ recipient.nothing }}") + 1
    assert f'data-goto="{line}"' in text
    assert f"the letter cannot be made, line {line}: " in text
    assert "<img" not in text


def test_a_text_that_cannot_be_laid_out_is_told_in_the_place_of_its_page(
    open_desk: OpenDesk, make_desk: MakeDesk
) -> None:
    folder = make_desk()
    looks = folder.folder / "templates/letterhead.css"
    # Of a letter only: the sample page, on which a style sheet is tried before, is for "x".
    looks.write_text(f"{looks.read_text('utf-8')}\nbody:not([data-name=x]) .note {{ height: 12in }}\n", "utf-8")
    form = {"file": "templates/letter.md", "to": "adrian-police", "text": LETTER}
    text = open_desk(folder).post("/letter/preview", form).text
    assert "the letter to adrian-police: the notes of page" in text
    assert "<img" not in text


def test_a_letter_made_in_word_is_taken_in_and_its_fields_are_told(desk: RunningDesk, tmp_path: Path) -> None:
    from docx import Document
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    made = Document()
    paragraph = made.add_paragraph("We write to the «Agency» about ")
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), " MERGEFIELD Thing ")
    paragraph._p.append(field)
    paragraph.add_run(".")
    made.save(tmp_path / "letter.docx")
    content = (tmp_path / "letter.docx").read_bytes()
    for name, sent in (("letter.pdf", content), ("Our Letter.docx", b"no archive"), ("letter.docx", content)):
        assert desk.upload(name, sent, "/letter/word").status == 409, name
    assert desk.upload("Our Letter (v3).docx", content, "/letter/word").headers["location"] == "/letter/word"
    assert (desk.folder.folder / "templates/our-letter-v3.docx").read_bytes() == content
    assert desk.get("/letter").headers["location"] == "/letter/word"
    text = desk.get("/letter/word").text
    assert "«Thing»" in text
    assert "No letter can be made yet" in text
    fields = dict(re.findall(r'<label for="(field-\d)">«(\w+)»', text))
    said = {name: f"recipient.{'agency' if field == 'Agency' else 'city'}" for name, field in fields.items()}
    said["letter"] = "our-letter-v3"
    assert desk.post("/letter/fields", {**said, "field-1": "recipient.nothing"}).status == 409
    assert desk.post("/letter/fields", said).status == 303
    assert "about Adrian." in desk.get("/letter/pages/adrian-police").text


def test_a_point_on_the_page_leads_to_its_line(desk: RunningDesk) -> None:
    form = {"file": "templates/letter.md", "to": "berrien-county-sheriff", "text": LETTER}
    shown = desk.post("/letter/preview", form).text
    digest = re.findall(r'data-digest="([0-9a-f]+)"', shown)[0]
    content = desk.server._opened.pdfs.get(digest)
    from letters.formats.pdf_text import PdfText

    assert content
    with PdfText(content) as pdf:
        page = next(pdf.pages())
        at = page.text.index("Your agreement")
        left, bottom, right, top = pdf.box_of(0, at, at + 10) or (0, 0, 0, 0)
    where = {"digest": digest, "page": "1", "text": LETTER}
    where |= {"x": str((left + right) / 2), "y": str(page.size[1] - (bottom + top) / 2)}
    line = int(re.findall(r"\d+", desk.post("/letter/find", where).text)[0])
    assert LETTER.split("\n")[line - 1].startswith("Your agreement")


def test_saving_takes_in_what_changed_on_disk_meanwhile(desk: RunningDesk) -> None:
    path = desk.folder.folder / "templates/letter.md"
    base = hidden(desk.get("/letter").text, "base")
    path.write_text(LETTER.replace("A note of every letter", "A note of each letter"), "utf-8")
    mine = LETTER.replace("We write to", "We are writing to")
    reply = desk.post("/letter", {"file": "templates/letter.md", "text": mine, "base": base})
    assert reply.status == 303
    now = path.read_text("utf-8")
    assert "We are writing to" in now
    assert "A note of each letter" in now


@pytest.mark.parametrize(("prefer", "kept"), [("mine", "We are writing to"), ("disk", "We wrote to")])
def test_where_both_changed_the_same_words_nothing_is_written_before_somebody_decides(
    desk: RunningDesk, prefer: str, kept: str
) -> None:
    path = desk.folder.folder / "templates/letter.md"
    base = hidden(desk.get("/letter").text, "base")
    theirs = LETTER.replace("We write to", "We wrote to")
    path.write_text(theirs, "utf-8")
    form = {"file": "templates/letter.md", "text": LETTER.replace("We write to", "We are writing to"), "base": base}
    reply = desk.post("/letter", form)
    assert reply.status == 409
    assert "was changed on disk, too" in reply.text
    assert path.read_text("utf-8") == theirs
    assert desk.post("/letter", {**form, "prefer": prefer}).status == 303
    assert kept in path.read_text("utf-8")


def test_after_a_restart_an_old_page_overwrites_nothing(open_desk: OpenDesk, desk: RunningDesk) -> None:
    path = desk.folder.folder / "templates/letter.md"
    form = {"file": "templates/letter.md", "text": LETTER + "\nMine.\n", "base": "0" * 64}
    assert desk.post("/letter", form).status == 409
    assert path.read_text("utf-8") == LETTER


# Build, review, post


def test_letters_are_built_approved_and_no_longer_approved_when_a_word_changes(desk: RunningDesk) -> None:
    assert "cannot be approved" in desk.get("/review/adrian-police").text
    build(desk, docx="yes")
    assert "2 letters made" in desk.get("/build").text
    shown = desk.get("/review/adrian-police?queue=todo").text
    form = {"pdf": hidden(shown, "pdf"), "queue": "todo", "person": "[Name of counsel]"}
    reply = desk.post("/review/adrian-police", form)
    assert reply.headers["location"].startswith("/review/berrien-county-sheriff")
    assert "approved by [Name of counsel]" in desk.folder.run("log", "adrian-police").stdout
    desk.folder.write("templates/letter.md", LETTER.replace("about policy", "about the policy"))
    text = desk.get("/review?queue=changed").text
    assert "Adrian Police Department" in text
    assert "&#34;the&#34; was added" in text or "void" in text
    assert "<ins>the </ins>" in desk.get("/review/adrian-police/difference").text


def test_an_approval_is_of_the_very_pdf_that_was_shown(desk: RunningDesk) -> None:
    build(desk)
    form = {"pdf": hidden(desk.get("/review/adrian-police").text, "pdf"), "person": "[Name of counsel]"}
    desk.folder.write("templates/letter.md", LETTER.replace("about policy", "about the policy"))
    build(desk)
    assert desk.post("/review/adrian-police", form).headers["location"].startswith("/review/adrian-police")
    assert "Nothing was approved" in desk.get("/review").text
    assert "nothing is recorded" in desk.folder.run("log", "adrian-police").stdout


def test_to_look_at_a_place_and_to_approve_a_letter_leaves_what_is_known_of_the_others(desk: RunningDesk) -> None:
    build(desk)
    desk.get("/")
    before = desk.server._opened.standings()
    for path in ("/list", "/build", "/review", "/review/adrian-police", "/mail", "/mail/sheets", "/mail/window"):
        assert desk.get(path).status == 200
    assert desk.server._opened.standings() is before
    form = {"pdf": hidden(desk.get("/review/adrian-police").text, "pdf"), "person": "[Name of counsel]"}
    assert desk.post("/review/adrian-police", form).status == 303
    now = desk.server._opened.standings()
    assert now["adrian-police"].approved_by == ("[Name of counsel]",)
    assert now["berrien-county-sheriff"] is before["berrien-county-sheriff"]


def test_an_approval_needs_a_name(desk: RunningDesk) -> None:
    build(desk)
    form = {"pdf": hidden(desk.get("/review/adrian-police").text, "pdf")}
    assert desk.post("/review/adrian-police", form).status == 409
    desk.post("/who", {"name": "[Name of counsel]", "back": "/review"})
    assert desk.post("/review/adrian-police", form).status == 303


def test_an_edited_draft_is_kept_by_a_build_and_told(desk: RunningDesk) -> None:
    build(desk, docx="yes")
    draft = desk.folder.out("docx/adrian-police.docx")
    edit(draft)
    content = draft.read_bytes()
    build(desk, docx="yes")
    assert draft.read_bytes() == content
    assert "adrian-police" in desk.get("/build").text


def test_while_something_runs_nothing_else_begins_and_it_can_be_stopped(desk: RunningDesk) -> None:
    import threading

    begun, go_on = threading.Event(), threading.Event()

    def work(progress: Progress) -> str:
        begun.set()
        go_on.wait(30)
        progress.check()
        return "not reached"

    desk.server._opened.running.begin("Something long", work)
    assert begun.wait(30)
    assert "Something long" in desk.get("/pulse").text
    reply = desk.post("/build", {"pdf": "yes"})
    assert (reply.status, "something runs already" in reply.text) == (409, True)
    desk.post("/build/stop")
    go_on.set()
    desk.server._opened.running.wait()
    assert "Stopped" in desk.get("/build/progress").text


def test_a_mailing_is_prepared_posted_and_a_piece_comes_back(open_desk: OpenDesk, make_desk: MakeDesk) -> None:
    desk = open_desk(make_desk(more='status = "final"'))
    build(desk)
    assert "2 letters are ready" in desk.get("/mail").text
    assert desk.post("/mail", {"order": "zip", "sides": "both", "envelopes": "auto"}).status == 303
    desk.server._opened.running.wait()
    assert "audited: 2 letters and " in desk.server._opened.running.progress.words
    text = desk.get("/mail").text
    assert "cover-sheet.pdf" in text
    link = re.search(r'href="(/mail/file/\d+\?name=print-01\.pdf)"', text)
    assert link
    assert desk.get(link[1]).body.startswith(b"%PDF")
    assert desk.post("/mail/posted", {"date": "2999-01-01", "all": "yes"}).status == 409
    assert desk.post("/mail/posted", {"pieces": "adrian-police"}).status == 303
    assert desk.post("/mail/returned", {"piece": "adrian-police", "reason": "moved"}).status == 303
    assert "posted" in desk.folder.run("log", "adrian-police").stdout
    assert "returned moved" in desk.get("/mail").text
    assert "1 posted" in desk.get("/").text or "1 letter is ready" in desk.get("/mail").text


@pytest.fixture(scope="module")
def mailing(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Build and prepare the two letters of a final campaign."""
    made = set_up(folder=tmp_path_factory.mktemp("mailing") / "desk", more='status = "final"')
    made.run("build", "--no-docx")
    made.run("mail", "prepare", "--envelopes", "none")
    return made


@pytest.fixture
def prepared(open_desk: OpenDesk, mailing: Desk, tmp_path: Path) -> RunningDesk:
    """Return a desk over a final campaign whose two letters are built and prepared."""
    return open_desk(mailing.copy(tmp_path / "desk"))


def states(desk: RunningDesk) -> list[str]:
    """Return what the record of the mailing says of each piece."""
    rows = re.findall(r"<tr><td><label.*?</tr>", desk.get("/mail").text, re.DOTALL)
    return [re.findall(r"<td>(.*?)</td>", row, re.DOTALL)[-1] for row in rows]


def test_ticked_pieces_are_posted_printed_again_and_taken_back(prepared: RunningDesk) -> None:
    assert prepared.post("/mail/posted", {"piece-2": "yes", "date": ""}).status == 303
    assert [state.split()[0] for state in states(prepared)] == ["prepared", "posted"]
    assert prepared.post("/mail/reprint", {"piece-1": "yes"}).status == 303
    assert "reprint-001.pdf" in prepared.get("/mail").text
    assert prepared.post("/mail/undo", {}).status == 303
    assert states(prepared) == ["prepared", "prepared"]
    assert "undone" in prepared.folder.run("log").stdout
    assert prepared.post("/mail/undo", {}).status == 409


def test_a_list_names_what_was_posted_and_what_came_back(prepared: RunningDesk) -> None:
    manifest = prepared.folder.out("mail/manifest.csv").read_bytes()
    kept = b"".join(line for line in manifest.splitlines(keepends=True) if b"berrien" not in line)
    assert prepared.upload("handed-in.csv", kept, "/mail/posted").status == 303
    assert sorted(state.split()[0] for state in states(prepared)) == ["posted", "prepared"]
    unknown = prepared.upload("back.csv", b"id,reason\nadrian-police,moved\nnobody,moved\n", "/mail/returned")
    assert unknown.status == 409
    assert "&#34;nobody&#34; is the number or id of no such piece" in unknown.text
    assert prepared.upload("back.csv", b"id,reason\nadrian-police,moved\n", "/mail/returned").status == 303
    assert sorted(state.split()[0] for state in states(prepared)) == ["prepared", "returned"]


def test_the_address_is_drawn_in_the_window_of_the_chosen_envelope(prepared: RunningDesk) -> None:
    for name, ends in (("double-10", 2), ("house-10", 0)):
        text = prepared.get(f"/mail/window?window={name}&to=adrian-police").text
        pictures = re.findall(r'<image[^>]* href="(/page/[^"]+)"', text)
        assert len(pictures) == ends + 1, name
        assert all(prepared.get(each).body.startswith(b"\x89PNG") for each in pictures)
    assert "Adrian Police Department" in text
    assert prepared.post("/mail/window", {"window": "double-10"}).status == 303
    prepared.server._opened.running.wait()
    assert "of 2 letters fit the window double-10" in prepared.get("/mail/window?window=double-10").text
    assert prepared.get("/mail/window?window=none").status == 409


def test_labels_begin_at_a_label_of_a_used_sheet(open_desk: OpenDesk) -> None:
    desk = open_desk()
    build(desk)
    assert desk.post("/mail/labels", {"product": "5160", "start_at": "7"}).status == 303
    assert desk.folder.out("mail/draft/labels-5160.pdf").is_file()
    assert desk.post("/mail/labels", {"product": "nothing", "start_at": "7"}).status == 409


def test_a_campaign_is_read_again_only_where_a_file_changed(desk: RunningDesk) -> None:
    desk.get("/")
    view = desk.server._opened.view()
    assert desk.get("/list").status == 200
    assert desk.server._opened.view() is view
    desk.folder.write("templates/letter.md", LETTER.replace("about policy", "about the policy"))
    assert desk.server._opened.view() is not view


def test_what_was_looked_at_is_known_after_a_restart(open_desk: OpenDesk, desk: RunningDesk) -> None:
    build(desk)
    assert "2</span>" in re.findall(r"never looked at.*?</a>", desk.get("/review").text)[0]
    desk.get("/review/adrian-police")
    again = open_desk(desk.folder, read_only=True)
    assert "1</span>" in re.findall(r"never looked at.*?</a>", again.get("/review").text)[0]


def test_a_killed_desk_loses_nothing_that_was_saved(make_desk: MakeDesk) -> None:
    folder = make_desk()
    command = [sys.executable, str(ROOT / "generate.py"), "open", "--no-browser"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=folder.folder, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout
        address = urlsplit(process.stdout.readline().strip())
        connection = http.client.HTTPConnection(address.netloc, timeout=300)
        connection.request("GET", f"/?{address.query}")
        answer = connection.getresponse()
        answer.read()
        cookie = (answer.getheader("set-cookie") or "").partition(";")[0]
        headers = {
            "cookie": cookie,
            "sec-fetch-site": "same-origin",
            "content-type": "application/x-www-form-urlencoded",
        }
        connection.request("POST", "/list/cell/adrian-police/city", "was=Adrian&value=Tecumseh", headers)
        assert connection.getresponse().read()
        connection.request("POST", "/build", "pdf=yes&docx=yes", headers)
        assert connection.getresponse().status == 303
        process.kill()
        connection.close()
    assert "Tecumseh" in row_of(folder.folder / "recipients.csv", "adrian-police")
    folder.run("build")
    assert folder.run("build", "--dry-run").stdout.endswith("0 documents would be made; 4 are up to date\n")


@pytest.mark.slow
def test_a_page_that_is_laid_out_alone_is_the_one_of_the_whole_letter(open_desk: OpenDesk, make_desk: MakeDesk) -> None:
    heads = "".join(f"\n\n# Heading {n}\n\n" + "A paragraph of the letter. " * 60 for n in range(1, 9))
    letter = (
        f"---\ncontents: true\n---\n{LETTER.partition('[^one]: ')[0]}{heads}\n\n[^one]:{LETTER.partition('[^one]:')[2]}"
    )
    desk = open_desk(make_desk(letter=letter))
    form = {"file": "templates/letter.md", "to": "berrien-county-sheriff", "text": letter}
    whole = desk.post("/letter/preview", {**form, "page": "1"}).text
    count = int(re.findall(r"page 1 of (\d+)", whole)[0])
    assert count > 2
    changed = {**form, "text": letter.replace("We write to", "We wrote to")}
    for number in range(1, count + 1):
        quick = desk.post("/letter/preview", {**changed, "page": str(number), "quick": "yes"}).text
        assert f"page {number} of {count}" in quick
        assert re.findall(r'src="/page/[0-9a-f]+/(\d+)\.png"', quick) == ["1"], "that page alone was laid out"
        settled = desk.post("/letter/preview", {**changed, "page": str(number)}).text
        pictures = [desk.get(re.findall(r'src="(/page/[^"]+)"', text)[0]).body for text in (quick, settled)]
        assert pictures[0] == pictures[1], number
    assert "We wrote to" in desk.post("/letter/preview", {**changed, "page": "1", "quick": "yes"}).text


def test_a_second_window_is_told_and_so_is_a_page_whose_files_changed(desk: RunningDesk) -> None:
    seen = re.findall(r"/pulse\?seen=([0-9a-f]+)", desk.get("/letter").text)[0]
    assert "other window" not in desk.get(f"/pulse?seen={seen}&window=one").text
    second = desk.get(f"/pulse?seen={seen}&window=two").text
    assert "open in 1 other window" in second
    assert "have changed" not in second
    desk.folder.write("templates/letter.md", LETTER + "\nMore.\n")
    assert "have changed" in desk.get(f"/pulse?seen={seen}&window=two").text


def test_what_was_not_changed_on_the_form_is_not_written(desk: RunningDesk) -> None:
    text = desk.get("/").text
    form = dict(re.findall(r'name="((?:what|was)-\w+)" value="([^"]*)"', text))
    form |= {"value-date": form["was-date"], "value-subject": "Another subject", "value-status": form["was-status"]}
    assert desk.post("/settle", form).status == 303
    assert "Kept in campaign.toml: subject." in desk.get("/").text
    now = (desk.folder.folder / "campaign.toml").read_text("utf-8")
    assert now == CAMPAIGN.replace("{more}", "").replace("Local policy", "Another subject")


def test_a_corrected_cell_is_checked_at_once_without_reading_the_whole_list_again(desk: RunningDesk) -> None:
    desk.get("/list")
    view = desk.server._opened._view
    text = desk.post("/list/cell/adrian-police/zip", {"was": "49221", "value": "4922l"}).text
    assert "4922l" in text
    assert "is not a ZIP code" in text
    assert desk.server._opened._view is view
    assert "stopped" in desk.get("/list?show=stopped").text


def test_a_pdf_that_another_program_changed_is_told_with_the_way_out(open_desk: OpenDesk, make_desk: MakeDesk) -> None:
    desk = open_desk(make_desk())
    build(desk)
    path = desk.folder.out("pdf/adrian-police.pdf")
    path.write_bytes(path.read_bytes() + b"% note\n")
    shown = " ".join(desk.get("/build").text.split())
    assert "move it out of pdf/ and build again: adrian-police" in shown
    assert "Edited by hand" not in shown
