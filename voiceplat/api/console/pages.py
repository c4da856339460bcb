"""The pages of the console: one layout, and static files that fill them.

Nothing in a page is inline, nothing comes from elsewhere: the Content-Security-Policy
allows our own files and the WebSocket of the edge, and no more. A page itself tells
nothing of anybody's: its script asks for that, with the session's cookie.
"""

import re
from html import escape
from importlib.resources import files
from ipaddress import ip_address
from pathlib import Path
from string import Template
from typing import Final
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from typing_extensions import override

from voiceplat.api.console.session import COOKIE
from voiceplat.api.platform import Here
from voiceplat.core.sip_settings import SipSettings

router = APIRouter(prefix="/console", include_in_schema=False)

_FOLDER: Final = Path(str(files("voiceplat.api") / "console"))
_LINKS: Final = {"": "Overview", "calls": "Calls", "phone": "Phone"}
"""By their path below `/console/`; in the bar of every page."""
_CURRENT: Final = ' aria-current="page"'
_HOST: Final = re.compile(r"[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]")


class ConsoleFiles(StaticFiles):
    """Asked for anew each time, answered with 304 when they are the same."""

    def __init__(self) -> None:
        super().__init__(directory=_FOLDER / "static")

    @override
    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


@router.get("")
async def console() -> RedirectResponse:
    return RedirectResponse("/console/")


@router.get("/login")
async def login() -> HTMLResponse:
    return page("login", "Log in", _desk("login"))


@router.get("/")
async def overview(request: Request) -> Response:
    return _behind_login(request, "overview", "Overview", link="")


@router.get("/calls")
async def calls(request: Request) -> Response:
    return _behind_login(request, "calls", "Calls", link="calls")


@router.get("/call/{uuid}")
async def call(request: Request, uuid: UUID) -> Response:
    head = f'<meta name="voiceplat:call" content="{uuid}">\n  '
    return _behind_login(request, "call", "Call", link="calls", head=head)


@router.get("/phone")
async def phone(request: Request, here: Here) -> HTMLResponse:
    socket = web_socket(request, here.settings.sip)
    domain = escape(here.settings.sip.domain)
    head = (
        f'<meta name="voiceplat:socket" content="{escape(socket)}">\n'
        f'  <meta name="voiceplat:domain" content="{domain}">\n'
        '  <link rel="stylesheet" href="/console/static/phone.css">\n'
        '  <script type="module" src="/console/static/phone/main.js"></script>'
    )
    return page("phone", "Phone", head, link="phone", connects_to=socket)


def page(
    name: str, title: str, head: str, *, link: str | None = None, connects_to: str = ""
) -> HTMLResponse:
    """The page `<name>.html` within the layout; `head` is HTML."""
    links = "".join(
        f'<a href="/console/{it}"{_CURRENT if it == link else ""}>{text}</a>'
        for it, text in _LINKS.items()
    )
    html = Template(_text("layout")).substitute(
        title=title, head=head, links=links, content=_text(name)
    )
    return HTMLResponse(html, headers=_headers(connects_to))


def _behind_login(
    request: Request, name: str, title: str, *, link: str, head: str = ""
) -> Response:
    """Whether the cookie is worth anything its script finds out."""
    if COOKIE in request.cookies:
        return page(name, title, head + _desk(name), link=link)
    wanted = quote(
        request.url.path + (f"?{request.url.query}" * bool(request.query_params))
    )
    return RedirectResponse(f"/console/login?next={wanted}", status_code=303)


def _desk(name: str) -> str:
    return (
        '<link rel="stylesheet" href="/console/static/desk.css">\n'
        f'  <link rel="stylesheet" href="/console/static/{name}.css">\n'
        f'  <script type="module" src="/console/static/desk/{name}.js"></script>'
    )


def web_socket(request: Request, sip: SipSettings) -> str:
    """Where the browser that asks finds the edge.

    A page that this machine's own browser got without TLS goes without TLS to the
    socket, too: it would not believe our certificate, and nothing leaves the machine.
    """
    if sip.web_socket_url:
        return sip.web_socket_url
    host = page_host(request, sip)
    if request.url.scheme == "http" and is_loopback(host):
        return f"ws://{sip.ws_host}:{sip.ws_port}"
    return f"wss://{host}:{sip.wss_port}"


def page_host(request: Request, sip: SipSettings) -> str:
    """By which name or address the browser that asks knows this machine."""
    host = request.url.hostname or ""
    return host if _HOST.fullmatch(host) else sip.advertised_host or sip.host


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _headers(connects_to: str) -> dict[str, str]:
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        f"media-src 'self'; connect-src 'self' {connects_to}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-cache",
    }


def _text(name: str) -> str:
    return (_FOLDER / f"{name}.html").read_text(encoding="utf-8")
