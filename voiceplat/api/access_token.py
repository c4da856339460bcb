"""What the edge asks about an access token; no client of the REST API does.

An answer is one line, for a SIP server that reads no JSON. It tells nothing that the
token does not.
"""

from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.responses import PlainTextResponse

from voiceplat.api.platform import Here
from voiceplat.core.errors import Unavailable
from voiceplat.services.access_token import TokenRefused
from voiceplat.services.browser_login import log_in

router = APIRouter(include_in_schema=False)

PATH = "/edge/token"


@router.get(PATH)
async def check(
    here: Here,
    x_plivo_jwt: Annotated[str, Header()] = "",
    x_vp_user: Annotated[str, Header()] = "",
) -> PlainTextResponse:
    """`username account exp may_be_called may_call app_id`; or 403 and the number."""
    try:
        login = await log_in(
            x_plivo_jwt, x_vp_user, here.bus.directory, here.settings.security
        )
    except TokenRefused as error:
        return PlainTextResponse(str(error.why.value), 403)
    except Unavailable as error:
        return PlainTextResponse(str(error), 503)
    words = (
        login.username,
        login.account,
        str(int(login.expires_at.timestamp())),
        str(int(login.may_be_called)),
        str(int(login.may_call)),
        login.app_id or "",
    )
    return PlainTextResponse(" ".join(words).strip())
