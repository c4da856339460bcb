"""Access tokens: `/v1/Account/{auth_id}/JWT/Token/` (plivo-rest 7.4)."""

from datetime import timedelta
from typing import Annotated, Final, Self

from fastapi import APIRouter
from pydantic import Field, model_validator

from voiceplat.api.auth import CurrentCaller
from voiceplat.api.platform import Here
from voiceplat.api.route import VoiceRoute
from voiceplat.api.wire.params import (
    INT_MAX,
    Params,
    ShortText,
    Text,
    body_of,
    example,
    reads,
)
from voiceplat.api.wire.replies import Reply
from voiceplat.core.clock import from_epoch_ms, utc_now
from voiceplat.core.errors import BadRequest
from voiceplat.core.ids import AppId
from voiceplat.core.sealing import unseal
from voiceplat.services.access_token import (
    LIFETIME_MAX,
    LIFETIME_MIN,
    Access,
    issue_token,
)
from voiceplat.services.change_application import find_application

Epoch = Annotated[int, Field(ge=0, le=INT_MAX, examples=[1764150000])]
_EXPIRES_AFTER: Final = LIFETIME_MAX


class VoiceGrant(Params):
    incoming_allow: bool = False
    outgoing_allow: bool = False


class Grants(Params):
    voice: VoiceGrant = VoiceGrant()


class TokenOrder(Params):
    model_config = example(
        iss="MAXXXXXXXXXXXXXXXXXX",
        sub="alice",
        per={"voice": {"incoming_allow": True}},
    )

    iss: Annotated[Text, Field(min_length=1)]
    """The account itself."""
    sub: ShortText = ""
    """Username of the endpoint that the bearer is."""
    nbf: Epoch | None = None
    """Epoch seconds; from now when it is not given."""
    exp: Epoch | None = None
    """Epoch seconds; a day after `nbf` when it is not given."""
    per: Grants = Grants()
    app: Text | None = None
    """app_id that answers the bearer's calls."""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.per.voice.incoming_allow and not self.sub:
            raise ValueError("sub parameter is missing")
        return self


class TokenIssued(Reply):
    token: str


router = APIRouter(prefix="/JWT/Token", route_class=VoiceRoute, tags=["Token"])


@router.post("/", openapi_extra=body_of(TokenOrder))
async def create(
    caller: CurrentCaller,
    order: Annotated[TokenOrder, reads(TokenOrder)],
    here: Here,
) -> TokenIssued:
    """Sign leave for a phone in a browser, good for three minutes to a day."""
    if order.iss != caller.auth_id:
        raise BadRequest(f"iss parameter is invalid: must be {caller.auth_id}")
    if order.app:
        async with here.db.reading() as tx:
            await find_application(tx, order.app, caller.scope)
    key = unseal(caller.account.sealed_token, here.settings.security)
    return TokenIssued(token=issue_token(_access(order, caller), key))


def _access(order: TokenOrder, caller: CurrentCaller) -> Access:
    begins = utc_now() if order.nbf is None else from_epoch_ms(order.nbf * 1000)
    ends = begins + _EXPIRES_AFTER
    if order.exp is not None:
        ends = from_epoch_ms(order.exp * 1000)
    slack = timedelta(seconds=1)  # exp is whole, nbf may be now
    if not LIFETIME_MIN - slack <= ends - begins <= LIFETIME_MAX + slack:
        raise BadRequest("exp parameter is invalid: must be 180 to 86400 s after nbf")
    voice = order.per.voice
    return Access(
        account=caller.auth_id,
        username=order.sub,
        begins=begins,
        ends=ends,
        incoming=voice.incoming_allow,
        outgoing=voice.outgoing_allow,
        app_id=AppId(order.app) if order.app else None,
    )
