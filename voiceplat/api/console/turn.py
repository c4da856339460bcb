"""What the web phone is told of the TURN server, once it has logged in at the edge.

The edge gives each browser a ticket with the answer to its REGISTER. Nothing else opens
this: a TURN server for everybody would carry everybody's traffic.
"""

from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.responses import JSONResponse
from starlette.requests import Request

from voiceplat.api.console.pages import is_loopback, page_host
from voiceplat.api.platform import Here
from voiceplat.core.clock import utc_now
from voiceplat.core.errors import Forbidden, NotFound
from voiceplat.core.settings import Settings
from voiceplat.services.turn_access import turn_access

router = APIRouter(prefix="/console", include_in_schema=False)


@router.post("/phone/turn")
async def turn(
    request: Request, here: Here, x_vp_turn: Annotated[str, Header()] = ""
) -> JSONResponse:
    """RTCConfiguration's `iceServers`; 403 for a ticket that was used or is too old."""
    if not here.settings.turn.port:
        raise NotFound("there is no TURN server: turn.port is not set")
    user = await here.bus.browsers.redeem(x_vp_turn) if x_vp_turn else None
    if user is None:
        raise Forbidden("this ticket is not, or no longer, good: sign in again")
    access = turn_access(user, here.settings, utc_now())
    server = {
        "urls": turn_urls(page_host(request, here.settings.sip), here.settings),
        "username": access.username,
        "credential": access.password,
    }
    return JSONResponse([server], headers={"Cache-Control": "no-store"})


def turn_urls(host: str, settings: Settings) -> list[str]:
    """In the order of what they cost: UDP, TCP, TLS.

    coturn listens at `sip.host` alone: a page of this machine finds it there.
    """
    turn = settings.turn
    host = turn.host or (settings.sip.host if is_loopback(host) else host)
    urls = [f"turn:{host}:{turn.port}?transport={it}" for it in ("udp", "tcp")]
    if turn.tls_port:
        urls.append(f"turns:{host}:{turn.tls_port}?transport=tcp")
    return urls
