"""Lets in only the browser that was opened for the desk, and nothing that another page has it send.

A page of any other site can make a browser send requests to this machine, also under a name of its own that leads here
(DNS rebinding). So every request must name exactly our address, carry the cookie that only the first visit with the
key gets, and say, where it writes, that it comes from our own page.
"""

from __future__ import annotations

import hmac
import secrets
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = "127.0.0.1"
# Methods that change nothing (RFC 9110, 9.2.1).
_READS = frozenset(("GET", "HEAD"))
_SAFE = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
"""Headers of every answer: nothing from elsewhere is loaded, nothing is framed, guessed at, told or kept."""
LARGEST_FORM = 4 * 2**20
"""Bytes of a form."""
LARGEST_FILE = 64 * 2**20
"""Bytes of a form with a file in it."""


class Guard:
    """An ASGI application that answers for another one only where the request is from the desk's own page.

    `uploads` are the paths that take files, `harmless` the paths of forms that change nothing that counts, which a desk
    that is read-only answers, too.
    """

    def __init__(
        self, app: ASGIApp, port: int, *, uploads: frozenset[str], harmless: frozenset[str], read_only: bool = False
    ) -> None:
        self._app = app
        self._host = f"{LOOPBACK}:{port}"
        self._uploads = uploads
        self._harmless = harmless
        self._read_only = read_only
        self._cookie = f"letters-desk-{port}"
        self._secret = secrets.token_urlsafe(32)
        self._key = secrets.token_urlsafe(32)

    @property
    def url(self) -> str:
        """The address to open first, with the key, which counts once."""
        return f"http://{self._host}/?key={self._key}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        # No WebSockets: a page of another site may open one without asking (RFC 6455, 10.2).
        if scope["type"] != "http":
            raise RuntimeError("the desk answers HTTP only")
        headers = Headers(scope=scope)

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                # Around every answer, those of Starlette for errors among them.
                MutableHeaders(scope=message).update(_SAFE)
            await send(message)

        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await refusal(scope, receive, send_safely)
            return
        most = LARGEST_FILE if scope["path"] in self._uploads else LARGEST_FORM
        if _declared(headers) > most:
            await _said(413, f"What was sent is larger than {most // 2**20} MB.")(scope, receive, send_safely)
            return
        await self._app(scope, _limited(receive, most), send_safely)

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        """Return the answer to a request that is not let in; None for one that is."""
        # One header, and exactly ours: with DNS rebinding another name leads here and is sent as the host.
        if headers.getlist("host") != [self._host]:
            return _said(421, "This address is not the desk's.")
        reads = scope["method"] in _READS
        # Only at the first page: a key in other addresses would stay in the history of the browser.
        if reads and scope["path"] == "/" and (key := parse_qs(scope["query_string"].decode("latin-1")).get("key")):
            return self._with_key(key[0], headers)
        if not self._has_cookie(headers):
            return _said(
                403,
                "This browser has not been let in. The desk opens in one browser only: end it in its terminal with "
                "Ctrl-C, and begin it again with: letters open",
            )
        if not (self._is_read_by_us(headers) if reads else self._is_written_by_us(headers)):
            return _said(403, "This did not come from the desk's own page, and nothing was done.")
        if not reads and self._read_only and scope["path"] not in self._harmless:
            return _said(403, "The desk is open for reading only (--read-only), and nothing was changed.")
        return None

    def _with_key(self, key: str, headers: Headers) -> Response:
        """Return the answer to a visit with a key: the cookie, and the address without the key."""
        answer = RedirectResponse("/", 303)
        if self._key and hmac.compare_digest(key.encode(), self._key.encode()):
            # Once: who finds the address in the history, or in a list of processes, is too late.
            self._key = ""
            # Named by the port, since cookies of one host are sent to all of its ports (RFC 6265, 8.5). Not "secure":
            # the loopback interface has no TLS.
            answer.set_cookie(self._cookie, self._secret, httponly=True, samesite="strict", path="/")
            return answer
        # The address opened again, by a bookmark or "back", leads to the page.
        return answer if self._has_cookie(headers) else _said(403, "This key is not valid, or was used already.")

    def _has_cookie(self, headers: Headers) -> bool:
        for line in headers.getlist("cookie"):
            try:
                cookies = SimpleCookie(line)
            # Other programs on this host set cookies, too, and some are not well-formed.
            except CookieError:
                continue
            # In the same time for every wrong value, so that no byte can be guessed by itself.
            if (sent := cookies.get(self._cookie)) and hmac.compare_digest(sent.value.encode(), self._secret.encode()):
                return True
        return False

    def _is_read_by_us(self, headers: Headers) -> bool:
        """Return whether a page of ours asks, or a person typed the address; older browsers do not tell."""
        # "none" is an address that was typed or a bookmark (Fetch Metadata, 2.3).
        return headers.get("sec-fetch-site", "none") in ("same-origin", "none")

    def _is_written_by_us(self, headers: Headers) -> bool:
        """Return whether a page of ours sends a form.

        Without a referrer, a browser that tells the site gives "null" for the origin of a form.
        """
        site, origin, ours = headers.get("sec-fetch-site"), headers.get("origin"), f"http://{self._host}"
        # Browsers before 2023 do not tell the site; they do send the origin of a form.
        if site is None:
            return origin == ours
        return site == "same-origin" and origin in (None, "null", ours)


def _said(status: int, words: str) -> Response:
    return PlainTextResponse(f"{words}\n", status)


def _declared(headers: Headers) -> int:
    length = headers.get("content-length", "0")
    # int() would take "٣" as well, and raise for "²".
    return int(length) if length.isascii() and length.isdigit() else 0


def _limited(receive: Receive, most: int) -> Receive:
    """Return `receive`, which ends a request that sends more than it may, whatever it said before."""
    came = 0

    async def limited() -> Message:
        nonlocal came
        message = await receive()
        # What is declared may be wrong, or left out in chunks: so it is counted as it comes.
        came += len(message.get("body", b""))
        if came > most:
            raise HTTPException(413, f"What was sent is larger than {most // 2**20} MB.")
        return message

    return limited
