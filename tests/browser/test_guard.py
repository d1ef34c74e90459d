"""Nobody but the browser that was opened for it gets anything from the desk, or has it do anything."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from letters.desk import guard
from tests.browser.conftest import OpenDesk, RunningDesk
from tests.conftest import MakeDesk
from tests.desk import ROOT, SHERIFF, Desk, set_up

_OPEN = [sys.executable, str(ROOT / "generate.py"), "open", "--no-browser"]
_HERE = {**os.environ, "PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """Return one desk for all tests that only try to get in."""
    opened = RunningDesk(set_up(folder=tmp_path_factory.mktemp("guarded"))).let_in()
    yield opened
    opened.end()


def test_the_key_is_taken_out_of_the_address_and_becomes_a_cookie_that_no_script_reads(open_desk: OpenDesk) -> None:
    desk = open_desk(let_in=False)
    assert desk.get("/").status == 403
    first = desk.get(f"/?{desk.key}")
    assert (first.status, first.headers["location"]) == (303, "/")
    cookie = first.headers["set-cookie"]
    assert cookie.startswith(f"letters-desk-{desk.port}=")
    assert {"httponly", "samesite=strict"} <= {part.strip().lower() for part in cookie.split(";")}
    assert desk.get("/", cookie=cookie.partition(";")[0]).status == 200


def test_a_key_counts_once_so_that_a_second_browser_is_told(desk: RunningDesk) -> None:
    again = desk.get(f"/?{desk.key}", cookie="")
    assert (again.status, "used already" in again.text) == (403, True)
    assert "one browser only" in desk.get("/", cookie="").text
    assert desk.get(f"/?{desk.key}").status == 303, "whoever is in already comes in"


@pytest.mark.parametrize("host", ["evil.example", "localhost:{port}", "127.0.0.1", "127.0.0.1:1", "[::1]:{port}"])
def test_a_request_to_another_name_or_port_is_misdirected(desk: RunningDesk, host: str) -> None:
    for path in ("/", f"/?{desk.key}", "/static/desk.css"):
        assert desk.get(path, host=host.format(port=desk.port)).status == 421
    assert desk.post("/settle", host=host.format(port=desk.port)).status == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "none"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"sec_fetch_site": "same-origin", "origin": "http://127.0.0.1:1"},
        {"nothing": "said"},
    ],
)
def test_a_form_that_does_not_come_from_the_page_changes_nothing(desk: RunningDesk, headers: dict[str, str]) -> None:
    before = (desk.folder.folder / "campaign.toml").read_bytes()
    form = {"what1": "subject", "value1": "Changed by another page"}
    assert desk.post("/settle", form, **headers).status == 403
    assert (desk.folder.folder / "campaign.toml").read_bytes() == before


def test_a_form_of_the_page_itself_is_taken_also_from_a_browser_that_tells_only_the_origin(desk: RunningDesk) -> None:
    form = {"what1": "subject", "value1": "Sent by our page"}
    assert desk.post("/settle", form, origin=f"http://{desk.host}").status == 303
    assert 'subject = "Sent by our page"' in (desk.folder.folder / "campaign.toml").read_text("utf-8")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("path", ["/", "/static/desk.css", "/page/0/1.png", "/review/adrian-police/letter.pdf"])
def test_pages_pictures_and_files_are_not_for_pages_of_others(desk: RunningDesk, path: str, site: str) -> None:
    assert desk.get(path, sec_fetch_site=site).status == 403
    assert desk.get(path, cookie="").status == 403


@pytest.mark.parametrize("path", ["/", "/list", "/nowhere", "/static/desk.js", "/static/../desk.py"])
def test_every_answer_forbids_what_is_not_ours(desk: RunningDesk, path: str) -> None:
    headers = desk.get(path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"


def test_no_page_has_code_or_style_in_its_text(desk: RunningDesk) -> None:
    for path in ("/", "/list", "/list/row/adrian-police", "/letter", "/build", "/review", "/mail", "/import"):
        text = desk.get(path).text
        assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", text) == []
        assert re.findall(r'(?:src|href|action)="(?!/|#)', text) == []


def test_names_of_the_list_are_text_everywhere(open_desk: OpenDesk, make_desk: MakeDesk) -> None:
    nasty = '<img src=x onerror="alert(1)">{{ 7 * 7 }}'
    columns = ("title", "first_name", "last_name", "agency", "jurisdiction", "county", "city", "hold")
    folder = make_desk(rows=[SHERIFF, {**SHERIFF, "id": "nasty", **dict.fromkeys(columns, nasty)}])
    desk = open_desk(folder)
    for path in ("/", "/list", "/list/row/nasty", "/build", "/review", "/mail", "/review/nasty"):
        text = desk.get(path).text
        assert "<img src=x" not in text, path
        assert "49<" not in text, path
    assert "&lt;img src=x" in desk.get("/list").text
    assert "&lt;img src=x" in desk.get("/list/row/nasty").text
    assert "&lt;img src=x" in desk.get(f"/list?q={'%3Cimg src=x'.replace(' ', '%20')}").text


@pytest.mark.parametrize(
    "path",
    [
        "/review/..%2f..%2fcampaign.toml",
        "/review/%2e%2e/letter.pdf",
        "/list/row/..%2fcampaign",
        "/mail/file/1?name=../../campaign.toml",
        "/static/..%2fguard.py",
        "/page/..%2f..%2fcampaign.toml/1.png",
        "/import/..%2f..",
        "/letter?file=../campaign.toml",
        "/letter?file=campaign.toml",
        "/letter/pages/..%2fcampaign",
    ],
)
def test_an_id_or_a_name_is_never_a_path(desk: RunningDesk, path: str) -> None:
    reply = desk.get(path)
    assert reply.status in (404, 409)
    assert "organizations" not in reply.text


def test_the_name_of_a_dropped_file_is_no_path(desk: RunningDesk) -> None:
    content = b"Agency,City\nTaylor Police Department,Taylor\n"
    reply = desk.upload("../../../../campaign.toml", content)
    assert reply.status == 303
    assert b"organizations" in (desk.folder.folder / "campaign.toml").read_bytes()
    assert [path for path in desk.folder.folder.rglob("*") if path.is_file() and path.read_bytes() == content] == []


def test_what_is_too_large_is_not_taken_whatever_was_said_of_it(
    desk: RunningDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "LARGEST_FORM", 2_000)
    monkeypatch.setattr(guard, "LARGEST_FILE", 4_000)
    assert desk.post("/settle", {"value1": "x" * 3_000}).status == 413
    assert desk.upload("list.csv", b"x" * 5_000).status == 413
    chunked = (
        b"POST /settle HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nSec-Fetch-Site: same-origin\r\n"
        % (
            desk.host.encode(),
            desk.cookie.encode(),
        )
        + b"Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", desk.port), timeout=300) as connection:
        connection.sendall(chunked + b"bb8\r\n" + b"x" * 3_000 + b"\r\n0\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 413")


def test_only_this_machine_can_reach_it(desk: RunningDesk) -> None:
    assert desk.server._socket.getsockname()[0] == "127.0.0.1"
    help_text = desk.folder.run("open", "--help").stdout
    assert "--host" not in help_text
    assert "--bind" not in help_text


def test_a_desk_that_is_read_only_shows_everything_and_changes_nothing(open_desk: OpenDesk) -> None:
    desk = open_desk(read_only=True)
    before = _contents(desk.folder)
    for path in ("/settle", "/list/row/adrian-police", "/list/hold/adrian-police", "/letter", "/build", "/mail"):
        reply = desk.post(path, {"reason": "x", "cell-city": "Elsewhere", "was-city": "Adrian", "text": "nothing"})
        assert (reply.status, "reading only" in reply.text) == (403, True), path
    assert desk.upload("list.csv", b"a,b\n").status == 403
    for path in ("/", "/list", "/letter", "/build", "/review", "/review/adrian-police"):
        assert desk.get(path).status == 200
    assert _contents(desk.folder) == before


def _contents(folder: Desk) -> dict[str, bytes]:
    """Return what people made: everything but what is kept under out/."""
    return {
        str(path.relative_to(folder.folder)): path.read_bytes()
        for path in folder.folder.rglob("*")
        if path.is_file() and "out" not in path.relative_to(folder.folder).parts
    }


def test_a_second_desk_over_the_same_folder_is_told_and_may_look(open_desk: OpenDesk) -> None:
    desk = open_desk()
    assert desk.get("/").status == 200
    second = subprocess.run(_OPEN, cwd=desk.folder.folder, env=_HERE, capture_output=True, text=True, timeout=300)
    assert second.returncode == 4
    assert "another command is at work" in second.stderr
    assert "http://" not in second.stdout, "nobody is sent to a page that does not answer"
    assert open_desk(desk.folder, read_only=True).get("/").status == 200


def test_it_ends_when_nobody_looks_any_more(open_desk: OpenDesk) -> None:
    desk = open_desk(idle_seconds=0.2)
    desk.thread.join(30)
    assert not desk.thread.is_alive()


def test_ctrl_c_ends_it_and_it_says_where_everything_is(make_desk: MakeDesk) -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen(_OPEN, cwd=make_desk().folder, stdout=pipe, stderr=pipe, text=True, env=_HERE) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        assert "End with Ctrl-C" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        try:
            assert process.wait(60) == 0
        finally:
            process.kill()  # one that does not end would be waited for without end
        said = process.stderr.read()
    assert "everything that was saved is in the files" in said
    assert "Traceback" not in said


def test_without_a_campaign_it_says_how_to_begin_one(tmp_path: Path) -> None:
    done = Desk(tmp_path).run("open", "--no-browser", code=1)
    assert "letters init" in done.stderr
