"""Runs the desk: takes a free port of this machine, and ends on Ctrl-C or when nobody has looked for a while."""

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
from starlette.types import ASGIApp

from letters.desk.guard import LOOPBACK, Guard
from letters.desk.opened import OpenCampaign
from letters.formats import pandoc
from letters.formats.files import alone_in
from letters.model.problems import CannotGoOn, Exit

IDLE_SECONDS = 600.0
"""After so long without a page that is open, the desk ends: an open page asks for news every few seconds."""
_LOOKS = 50
"""How many times in that span it is looked whether it is over."""
_NEW_OBJECTS = 50_000
"""After which Python looks for garbage among them; Python's own number is 700."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskSettings:
    """How the desk is opened."""

    campaign: Path
    letter: str = ""
    out: Path | None = None
    read_only: bool = False
    port: int = 0
    """0 for any that is free."""
    idle_seconds: float = IDLE_SECONDS


Lifespan = Callable[[Any], AbstractAsyncContextManager[None]]
MakeApp = Callable[[OpenCampaign, Lifespan, Callable[[], None]], ASGIApp]
"""Makes the application for a campaign, given what runs beside it, and what it calls at each request."""


class DeskServer:
    """A desk that listens already; `run` answers until it ends.

    Raises CannotGoOn where another desk is open for the same campaign, which may write.
    """

    def __init__(
        self, settings: DeskSettings, make_app: MakeApp, *, uploads: frozenset[str], harmless: frozenset[str]
    ) -> None:
        self._settings = settings
        self._opened = OpenCampaign(settings.campaign, settings.letter, settings.out, read_only=settings.read_only)
        with contextlib.ExitStack() as stack:
            stack.callback(self._opened.close)
            # Before anybody is sent to its address: a second desk for the same campaign is told at once.
            if not settings.read_only:
                stack.enter_context(alone_in(self._opened.folder / "out" / ".desk", "open"))
            self._socket = stack.enter_context(_listening(settings.port))
            self._held = stack.pop_all()
        self.port: int = self._socket.getsockname()[1]
        self._seen = time.monotonic()
        app = make_app(self._opened, self._watching, self._look)
        self._guard = Guard(app, self.port, uploads=uploads, harmless=harmless, read_only=settings.read_only)
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
        watch = asyncio.create_task(self._end_when_left())
        yield
        watch.cancel()

    async def _end_when_left(self) -> None:
        while not self._server.should_exit:
            await asyncio.sleep(self._settings.idle_seconds / _LOOKS)
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
