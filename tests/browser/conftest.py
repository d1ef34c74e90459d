"""A desk that runs as it does for a person, on a port of its own, and a browser to look at it with."""

from __future__ import annotations

import http.client
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import pytest

from letters.desk.app import DeskServer, DeskSettings
from letters.formats.programs import CHROMIUM, fonts_of_the_machine
from tests.conftest import MakeDesk
from tests.desk import Desk

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

MISSING = "no Chromium is here to look at the page with: install it (Debian: apt install chromium), or run make install"

CHROMIUM_ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-software-rasterizer"]
"""No test looks at pixels of the browser, so no process has to stand in for a graphics card."""


@dataclass
class Reply:
    """What the desk answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class RunningDesk:
    """A desk that answers in a thread of this process, over real HTTP."""

    def __init__(self, folder: Desk, **settings: object) -> None:
        self.folder = folder
        self.server = DeskServer(DeskSettings(campaign=folder.folder, **settings))  # type: ignore[arg-type]
        self.port = self.server.port
        self.host = f"127.0.0.1:{self.port}"
        self.key = urlsplit(self.server.url).query
        self.cookie = ""
        self._error: BaseException | None = None
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        try:
            self.server.run()
        except BaseException as error:  # noqa: BLE001 - told when the desk is ended
            self._error = error

    def end(self) -> None:
        self.server.end()
        self.thread.join()
        if self._error:
            raise self._error

    def let_in(self) -> RunningDesk:
        """Visit with the key, as the browser does that is opened."""
        reply = self.ask("GET", f"/?{self.key}", cookie="")
        assert reply.status == 303, reply.text
        self.cookie = reply.headers["set-cookie"].partition(";")[0]
        return self

    def ask(
        self,
        method: str,
        path: str,
        form: Mapping[str, str] | bytes | None = None,
        *,
        host: str = "",
        cookie: str | None = None,
        **headers: str,
    ) -> Reply:
        """Send one request; a form is sent as a page of the desk sends it unless headers say otherwise."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        sent = {"host": host or self.host, **{name.replace("_", "-"): value for name, value in headers.items()}}
        cookie = self.cookie if cookie is None else cookie
        if cookie:
            sent["cookie"] = cookie
        body = form if isinstance(form, bytes) else urlencode(form or {}).encode()
        if method == "POST":
            sent.setdefault("content-type", "application/x-www-form-urlencoded")
            if not {"sec-fetch-site", "origin", "nothing"} & sent.keys():
                sent["sec-fetch-site"] = "same-origin"
            sent.pop("nothing", None)
        try:
            connection.request(method, path, body if method == "POST" else None, sent)
            answer = connection.getresponse()
            return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def post(self, path: str, form: Mapping[str, str] | None = None, **headers: str) -> Reply:
        return self.ask("POST", path, form, **headers)

    def get(self, path: str, **headers: str) -> Reply:
        return self.ask("GET", path, **headers)

    def upload(self, name: str, content: bytes, path: str = "/import", /, **fields: str) -> Reply:
        """Drop a file."""
        edge = "edge-of-a-part"
        body = (
            "".join(
                f'--{edge}\r\ncontent-disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
                for field, value in fields.items()
            ).encode()
            + f'--{edge}\r\ncontent-disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
            + content
            + f"\r\n--{edge}--\r\n".encode()
        )
        return self.ask("POST", path, body, content_type=f"multipart/form-data; boundary={edge}")


OpenDesk = Callable[..., RunningDesk]


@pytest.fixture
def open_desk(make_desk: MakeDesk) -> Iterator[OpenDesk]:
    """Open the desk over a small campaign, or over one that is given."""
    opened: list[RunningDesk] = []

    def begin(folder: Desk | None = None, *, let_in: bool = True, **settings: object) -> RunningDesk:
        desk = RunningDesk(folder or make_desk(), **settings)
        opened.append(desk)
        return desk.let_in() if let_in else desk

    yield begin
    for desk in opened:
        desk.end()


@pytest.fixture(scope="module")  # while it is there, nothing else in this thread may run an event loop
def browser() -> Iterator[Browser]:
    """Start Debian's Chromium; where there is none, that is said."""
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        pytest.skip(MISSING)
    with fonts_of_the_machine(), sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[[RunningDesk], Page]]:
    """Open a page of a desk with its key, as letters open does; faults in the page's own code fail the test."""
    contexts, faults = [], []

    def go(desk: RunningDesk, width: int = 1280) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900})
        context.set_default_timeout(120_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if "Content Security" in said.text else None)
        page.goto(desk.server.url)
        return page

    yield go
    for context in contexts:
        context.close()
    assert faults == []


def row_of(path: Path, identifier: str) -> str:
    """Return the line of a list that begins with an id."""
    return next(line for line in path.read_text("utf-8").splitlines() if line.startswith(f"{identifier},"))
