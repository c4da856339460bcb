"""The console: pages for people, made of one layout and static files.

Nothing in a page is inline, nothing comes from elsewhere: the Content-Security-Policy
allows our own files and the WebSocket of the edge, and no more.
"""

import re
from html import escape
from importlib.resources import files
from ipaddress import ip_address
from pathlib import Path
from string import Template
from typing import Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from typing_extensions import override

from voiceplat.api.platform import Here
from voiceplat.core.sip_settings import SipSettings

router = APIRouter(prefix="/console", include_in_schema=False)

_FOLDER: Final = Path(str(files("voiceplat.api") / "console"))
_PAGES: Final = {"phone": "Phone"}
"""Their links, in this order, are in the bar of every page."""
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
@router.get("/")
async def console() -> RedirectResponse:
    return RedirectResponse("/console/phone")


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
    return page("phone", head, connects_to=socket)


def page(name: str, head: str, *, connects_to: str = "") -> HTMLResponse:
    """The page `<name>.html` within the layout; `head` is HTML."""
    links = "".join(
        f'<a href="/console/{it}"{_CURRENT if it == name else ""}>{text}</a>'
        for it, text in _PAGES.items()
    )
    html = Template(_text("layout")).substitute(
        title=_PAGES[name], head=head, links=links, content=_text(name)
    )
    return HTMLResponse(html, headers=_headers(connects_to))


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
        f"connect-src 'self' {connects_to}; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
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
