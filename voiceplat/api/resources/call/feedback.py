"""Feedback on a call: `/v1/Call/{call_uuid}/Feedback/` (plivo-rest 2.8).

In the cloud this has a host of its own and no account in its path; the account is the
user's. SDKs that are pointed here by their module's addresses find it there.
"""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BeforeValidator, Field

from voiceplat.api.auth import Caller, CurrentUser
from voiceplat.api.platform import Here
from voiceplat.api.wire.params import Params, ShortText, Text, body_of, example, reads
from voiceplat.api.wire.replies import Reply
from voiceplat.core.errors import NotFound
from voiceplat.core.ids import CallUuid
from voiceplat.db.models import CallFeedback
from voiceplat.db.repositories import CallFeedbackRepository, CallRepository

router = APIRouter(prefix="/v1/Call/{call_uuid}/Feedback", tags=["Call"])


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


class FeedbackOrder(Params):
    model_config = example(rating=4, issues=["audio-lag"], notes="fine after a minute")

    rating: Annotated[int, Field(ge=1, le=5)]
    """5 is the best."""
    issues: Annotated[
        tuple[ShortText, ...], BeforeValidator(_listed), Field(max_length=20)
    ] = ()
    notes: Annotated[Text, Field(max_length=2000)] = ""


class FeedbackTaken(Reply):
    message: str = "success"


@router.post("/", status_code=202, openapi_extra=body_of(FeedbackOrder))
async def give_feedback(
    caller: CurrentUser,
    call_uuid: str,
    order: Annotated[FeedbackOrder, reads(FeedbackOrder)],
    here: Here,
) -> FeedbackTaken:
    """Say how good a call was, while it runs or after; the last word counts."""
    uuid = CallUuid(call_uuid)
    await _check_ours(uuid, caller, here)
    async with here.db.transaction() as tx:
        feedback = CallFeedback(
            call_uuid=uuid,
            account_id=caller.auth_id,
            rating=order.rating,
            issues=list(order.issues),
            notes=order.notes,
        )
        await CallFeedbackRepository(tx).put(feedback)
    return FeedbackTaken()


async def _check_ours(uuid: CallUuid, caller: Caller, here: Here) -> None:
    """Raises NotFound."""
    live = await here.bus.live.get(uuid)
    if live is not None:
        owners = live.call.account, live.call.main_account
    else:
        async with here.db.reading() as tx:
            row = await CallRepository(tx).get(uuid, caller.main.auth_id)
        if row is None:
            raise NotFound("call not found")
        owners = row.account_id, row.main_account_id
    if not caller.owns_call(*owners):
        raise NotFound("call not found")
