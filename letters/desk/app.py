"""Puts the places of the desk together: which path leads where."""

from __future__ import annotations

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from letters.desk import (
    agreements_place,
    build_place,
    campaign_place,
    import_place,
    letter_place,
    list_place,
    mail_place,
    review_place,
    window_place,
)
from letters.desk.opened import OpenCampaign
from letters.desk.server import DeskServer, DeskSettings, Lifespan
from letters.desk.visit import STATIC, Place, endpoint, render

UPLOADS = frozenset(("/import", "/agreements", "/writers", "/letter/word", "/mail/posted", "/mail/returned"))
"""Paths that take a file."""
HARMLESS = frozenset(("/letter/preview", "/letter/find", "/who", "/choose"))
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
    "/agreements": agreements_place.begin,
    "/agreements/{token}": agreements_place.look,
    "/letter": letter_place.letter,
    "/letter/word": letter_place.word,
    "/letter/pages/{id}": letter_place.pages,
    "/build": build_place.build,
    "/build/progress": build_place.progress,
    "/review": review_place.review,
    "/review/{id}": review_place.one,
    "/review/{id}/difference": review_place.difference,
    "/review/{id}/letter.pdf": review_place.pdf,
    "/mail": mail_place.mail,
    "/mail/window": window_place.window,
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
    "/agreements": agreements_place.bring,
    "/agreements/{token}": agreements_place.answer,
    "/agreements/{token}/take": agreements_place.take,
    "/letter": letter_place.save,
    "/letter/preview": letter_place.preview,
    "/letter/find": letter_place.find,
    "/letter/word": letter_place.take,
    "/letter/fields": letter_place.fields,
    "/letter/new": letter_place.begin,
    "/build": build_place.begin,
    "/build/stop": build_place.stop,
    "/review/{id}": review_place.approve,
    "/mail": mail_place.prepare,
    "/mail/posted": mail_place.posted,
    "/mail/labels": window_place.labels,
    "/mail/reprint": mail_place.reprint,
    "/mail/returned": mail_place.returned,
    "/mail/undo": mail_place.undo,
    "/mail/window": window_place.look_at_all,
}


def make_app(opened: OpenCampaign, lifespan: Lifespan, look: Callable[[], None]) -> ASGIApp:
    """Return the application; it calls `look` at each request."""
    routes = [Route("/static/{name}", _static, methods=["GET"])]
    # A form for one recipient comes before a path that could be taken for an id.
    for path, place in _READ.items():
        routes.append(Route(path, endpoint(opened, place), methods=["GET"]))
    for path, place in _WRITE.items():
        routes.append(Route(path, endpoint(opened, place), methods=["POST"]))
    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers={HTTPException: _error, 500: _fault})

    async def looked_at(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            look()
        await app(scope, receive, send)

    return looked_at


def open_desk(settings: DeskSettings) -> DeskServer:
    """Return a desk that listens already; its `run` answers until it ends."""
    return DeskServer(settings, make_app, uploads=UPLOADS, harmless=HARMLESS)


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _STATIC:
        raise HTTPException(404, "There is no such file.")
    return FileResponse(STATIC / name, media_type=_STATIC[name])


async def _error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return HTMLResponse(render("plain.html", title="This page is not there", words=error.detail), error.status_code)


async def _fault(_: Request, error: Exception) -> Response:
    words = f"The program has a fault: {type(error).__name__}. Nothing that was saved is lost."
    return HTMLResponse(render("plain.html", title="Something went wrong", words=words), 500)
