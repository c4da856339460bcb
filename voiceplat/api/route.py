"""Asynchronous mode, which any route has when `callback_url` is sent (1.7).

Our routes answer in milliseconds, so the request is carried out at once; only its
result travels another way: as JSON in the form field `response`, through the ledger's
outbox. A request that fails is answered directly, whatever way was asked for.
"""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Final

import structlog
from fastapi.routing import APIRoute
from pydantic import Field
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from typing_extensions import override

from voiceplat.api.auth import CurrentCaller
from voiceplat.api.frame import current_api_id
from voiceplat.api.platform import Platform
from voiceplat.api.sent import sent_by
from voiceplat.api.wire.params import Method, Params, Url, parsed
from voiceplat.bus.events import Callback
from voiceplat.bus.orders import Order
from voiceplat.calls.call import Hook
from voiceplat.core.ids import AuthId, CallUuid

log = structlog.get_logger()

_FIRST_FAILURE: Final = 300


class _Async(Params):
    callback_url: Annotated[Url, Field()] = ""
    callback_method: Method = "POST"


async def note_callback(request: Request, _: CurrentCaller) -> None:
    """Every route's first dependency; what strangers send is not even read."""
    wanted = parsed(_Async, await sent_by(request))
    if wanted.callback_url:
        request.state.tell = Hook(
            url=wanted.callback_url, method=wanted.callback_method
        )


class VoiceRoute(APIRoute):
    @override
    def get_route_handler(
        self,
    ) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer_now = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                answered = await _told(request, await answer_now(request))
            except Exception:
                await _settle(request, answered=False)
                raise
            if not hasattr(request.state, "order"):
                return answered
            if await request.is_disconnected():
                await _settle(request, answered=False)
            else:
                answered.background = BackgroundTask(_settle, request, answered=True)
            return answered

        return answer


async def _told(request: Request, answered: Response) -> Response:
    hook: Hook | None = getattr(request.state, "tell", None)
    if hook is None or answered.status_code >= _FIRST_FAILURE:
        return answered
    return await _told_later(request, hook, answered)


async def _settle(request: Request, *, answered: bool) -> None:
    """Whether the client has the answer to its order, as far as it is known here."""
    order: Order | None = getattr(request.state, "order", None)
    if order is None:
        return
    platform: Platform = request.app.state.platform
    try:
        await platform.bus.orders.settle(order, answered=answered)
    except Exception:  # whatever it is, the order was carried out
        log.exception("order_not_settled")


async def _told_later(request: Request, hook: Hook, answered: Response) -> Response:
    """What was done is done: when it cannot be told later, it is told now."""
    platform: Platform = request.app.state.platform
    told = Callback(
        account=AuthId(request.path_params["auth_id"]),
        hook=hook,
        params={"response": bytes(answered.body).decode() or "{}"},
    )
    try:
        await platform.bus.events.notify(CallUuid(current_api_id()), told)
    except Exception:  # whatever it is, a repeated request would do it twice
        log.exception("answered_directly")
        return answered
    body = {"api_id": current_api_id(), "message": "async api spawned"}
    return JSONResponse(body, status_code=202)
