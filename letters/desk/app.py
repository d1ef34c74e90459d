"""Puts the places of the desk together and runs it: on a free port, until nobody has looked for a while."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from letters.desk import campaign_place, import_place, letter_place, list_place, mail_place, review_place
from letters.desk.guard import LOOPBACK, Guard
from letters.desk.opened import OpenCampaign
from letters.desk.visit import STATIC, Place, endpoint, render
from letters.formats import pandoc
from letters.formats.files import alone_in
from letters.model.problems import CannotGoOn, Exit

_IDLE_SECONDS = 600.0
"""After so long without a page that is open, the desk ends: an open page asks for news every few seconds."""
_LOOKS = 50
"""How many times in that span it is looked whether it is over."""
_NEW_OBJECTS = 50_000
"""After which Python looks for garbage among them; Python's own number is 700."""
_Lifespan = Callable[[Any], AbstractAsyncContextManager[None]]
_UPLOADS = frozenset(("/import", "/agreements", "/writers", "/letter/word", "/mail/posted", "/mail/returned"))
"""Paths that take a file."""
_HARMLESS = frozenset(("/letter/preview", "/letter/find", "/who", "/choose"))
"""Paths of forms that change nothing on disk that counts."""
_STATIC = {
    "desk.css": "text/css",
    "desk.js": "text/javascript",
    "htmx.min.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
_READ: dict[str, Place] = {
    "/": campaign_place.campaign,
    "/pulse": campaign_place.pulse,
    "/authorities": campaign_place.authorities,
    "/list": list_place.listed,
    "/list/doubles": list_place.doubles,
    "/list/row/{id}": list_place.row,
    "/list/cell/{id}/{column}": list_place.cell,
    "/import": import_place.begin,
    "/import/{token}": import_place.look,
    "/agreements": import_place.begin_agreements,
    "/agreements/{token}": import_place.look_agreements,
    "/letter": letter_place.letter,
    "/letter/word": letter_place.word,
    "/letter/pages/{id}": letter_place.pages,
    "/build": review_place.build,
    "/build/progress": review_place.build_progress,
    "/review": review_place.review,
    "/review/{id}": review_place.one,
    "/review/{id}/difference": review_place.difference,
    "/review/{id}/letter.pdf": review_place.pdf,
    "/mail": mail_place.mail,
    "/mail/window": mail_place.window,
    "/mail/sheets": mail_place.sheets,
    "/mail/file/{number:int}": mail_place.file,
    "/page/{digest}/{number:int}.png": letter_place.picture,
}
_WRITE: dict[str, Place] = {
    "/who": campaign_place.who,
    "/choose": campaign_place.choose,
    "/settle": campaign_place.settle,
    "/authorities": campaign_place.read,
    "/writers": campaign_place.save,
    "/list/cell/{id}/{column}": list_place.save_cell,
    "/list/row/{id}": list_place.save_row,
    "/list/hold/{id}": list_place.hold,
    "/list/undo": import_place.undo,
    "/list/doubles": list_place.judge,
    "/import": import_place.bring,
    "/import/{token}": import_place.answer,
    "/import/{token}/take": import_place.take,
    "/agreements": import_place.bring_agreements,
    "/agreements/{token}": import_place.answer_agreements,
    "/agreements/{token}/take": import_place.take_agreements,
    "/letter": letter_place.save,
    "/letter/preview": letter_place.preview,
    "/letter/find": letter_place.find,
    "/letter/word": letter_place.take,
    "/letter/fields": letter_place.fields,
    "/letter/new": letter_place.begin,
    "/build": review_place.begin_build,
    "/build/stop": review_place.stop_build,
    "/review/{id}": review_place.approve,
    "/mail": mail_place.prepare,
    "/mail/posted": mail_place.posted,
    "/mail/labels": mail_place.labels,
    "/mail/reprint": mail_place.reprint,
    "/mail/returned": mail_place.returned,
    "/mail/undo": mail_place.undo,
    "/mail/window": mail_place.look_at_all,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskSettings:
    """How the desk is opened."""

    campaign: Path
    letter: str = ""
    out: Path | None = None
    read_only: bool = False
    port: int = 0
    """0 for any that is free."""
    idle_seconds: float = _IDLE_SECONDS


class DeskServer:
    """A desk that listens already; `run` answers until it ends.

    Raises CannotGoOn where another desk is open for the same campaign, which may write.
    """

    def __init__(self, settings: DeskSettings) -> None:
        self._settings = settings
        self._opened = OpenCampaign(settings.campaign, settings.letter, settings.out, read_only=settings.read_only)
        with contextlib.ExitStack() as stack:
            # First in, last out: the folder for this visit is removed also where the port cannot be had.
            stack.callback(self._opened.close)
            # Before anybody is sent to its address: a second desk for the same campaign is told at once.
            if not settings.read_only:
                stack.enter_context(alone_in(self._opened.folder / "out" / ".desk", "open"))
            self._socket = stack.enter_context(_listening(settings.port))
            self._held = stack.pop_all()
        self.port: int = self._socket.getsockname()[1]
        self._seen = time.monotonic()
        app = _make_app(self._opened, self._watching, self._look)
        self._guard = Guard(app, self.port, uploads=_UPLOADS, harmless=_HARMLESS, read_only=settings.read_only)
        # lifespan, since the watch runs beside the requests; no log, since addresses have the key in them.
        config = uvicorn.Config(
            self._guard, log_level="error", access_log=False, server_header=False, lifespan="on", ws="none",
            timeout_graceful_shutdown=2,
        )  # fmt: skip
        self._server = uvicorn.Server(config)

    @property
    def url(self) -> str:
        """The address to open, with the key, which counts once."""
        return self._guard.url

    def run(self) -> None:
        """Answer until Ctrl-C, `end`, or until no page is open for some time."""
        # pandoc stays between two keys: to start it takes longer than to read a letter.
        with self._held, pandoc.kept_running(), _fewer_collections():
            self._server.run(sockets=[self._socket])

    def end(self) -> None:
        """End it; may be called from another thread."""
        self._server.should_exit = True

    def _look(self) -> None:
        """Take note that somebody is there."""
        self._seen = time.monotonic()

    @contextlib.asynccontextmanager
    async def _watching(self, _: object) -> AsyncIterator[None]:
        # Kept in a variable: of a task that nobody refers to Python may take the garbage away.
        watch = asyncio.create_task(self._end_when_left())
        yield
        watch.cancel()

    async def _end_when_left(self) -> None:
        while not self._server.should_exit:
            await asyncio.sleep(self._settings.idle_seconds / _LOOKS)
            # A build goes on when its page was closed; afterwards the desk ends as well.
            if time.monotonic() - self._seen > self._settings.idle_seconds and not self._opened.is_busy:
                self.end()


@contextlib.contextmanager
def _fewer_collections() -> Iterator[None]:
    """Have Python look for garbage more rarely: each time it goes through all that is kept of a letter."""
    before = gc.get_threshold()
    gc.set_threshold(_NEW_OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        # What `live_layout` has frozen belongs to the campaign that ends here; tests open one after the other.
        gc.unfreeze()


def _listening(port: int) -> socket.socket:
    """Return a socket at a port of this machine that no other machine can reach."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.bind((LOOPBACK, port))
        listening.listen()  # whoever comes before it answers waits
    except OSError as error:
        listening.close()
        message = f"port {port} cannot be used: {error.strerror}"
        raise CannotGoOn(Exit.MISSING_ON_MACHINE, message, "leave --port away, and any free one is taken") from None
    return listening


def _make_app(opened: OpenCampaign, lifespan: _Lifespan, look: Callable[[], None]) -> ASGIApp:
    """Return the application; it calls `look` at each request."""
    routes = [Route("/static/{name}", _static, methods=["GET"])]
    for method, places in (("GET", _READ), ("POST", _WRITE)):
        routes += [Route(path, endpoint(opened, place), methods=[method]) for path, place in places.items()]
    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers={HTTPException: _error, 500: _fault})

    async def looked_at(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            look()
        await app(scope, receive, send)

    return looked_at


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _STATIC:
        raise HTTPException(404, "There is no such file.")
    return FileResponse(STATIC / name, media_type=_STATIC[name])


async def _error(_: Request, error: Exception) -> Response:
    # Starlette calls it for these alone.
    assert isinstance(error, HTTPException)
    return HTMLResponse(render("plain.html", title="This page is not there", words=error.detail), error.status_code)


async def _fault(_: Request, error: Exception) -> Response:
    words = f"The program has a fault: {type(error).__name__}. Nothing that was saved is lost."
    return HTMLResponse(render("plain.html", title="Something went wrong", words=words), 500)
