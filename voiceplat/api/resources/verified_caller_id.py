"""Verified caller ids: `/v1/Account/{auth_id}/VerifiedCallerId/` (plivo-rest 7.4)."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import AfterValidator, Field
from starlette.requests import Request

from voiceplat.api.auth import Caller, CurrentCaller
from voiceplat.api.platform import Here
from voiceplat.api.resources.pricing import CountryIso
from voiceplat.api.route import VoiceRoute
from voiceplat.api.wire.paging import Paged, meta
from voiceplat.api.wire.params import (
    Params,
    ShortText,
    SubaccountId,
    Text,
    body_of,
    example,
    query_of,
    reads,
)
from voiceplat.api.wire.replies import NO_CONTENT, Listed, Reply, Shown
from voiceplat.core.errors import NotFound
from voiceplat.db.engine import Transaction
from voiceplat.db.models import VerifiedCallerId
from voiceplat.db.repositories import VerifiedCallerIdRepository
from voiceplat.db.repositories.verified_caller_id import CallerIdFilter
from voiceplat.services.phone_number import digits_of
from voiceplat.services.place_call import place_calls
from voiceplat.services.rate_calls import rate_calls
from voiceplat.services.subaccounts import owner_of
from voiceplat.services.verify_caller_id import (
    Wanted,
    begin_verification,
    finish_verification,
    new_code,
    verification_call,
)


def _number(text: str) -> str:
    digits = digits_of(text)
    if digits is None:
        raise ValueError("must be a phone number")
    return digits


class CallerIdOrder(Params):
    model_config = example(phone_number="+14155550177", alias="desk", channel="call")

    phone_number: Annotated[Text, Field(min_length=1), AfterValidator(_number)]
    alias: ShortText = ""
    channel: Literal["call"] = "call"
    """This platform sends no messages."""
    country: CountryIso | None = None
    subaccount: SubaccountId | None = None


class OneTimePassword(Params):
    model_config = example(otp="402817")

    otp: Annotated[Text, Field(pattern=r"^[0-9]{1,10}$", examples=["123456"])]


class CallerIdChange(Params):
    alias: ShortText | None = None
    subaccount: SubaccountId | None = None


class CallerIdQuery(Paged):
    country: CountryIso | None = None
    alias: ShortText | None = None
    subaccount: SubaccountId | None = None


class VerificationBegun(Reply):
    message: str = "Verification initiated"
    verification_uuid: str


class CallerIdObject(Shown):
    alias: str
    channel: str
    country: str
    created_at: str
    modified_at: str
    phone_number: str
    subaccount: str
    verification_uuid: str


class CallerIdDetails(CallerIdObject, Reply):
    pass


router = APIRouter(
    prefix="/VerifiedCallerId", route_class=VoiceRoute, tags=["Verified caller id"]
)


@router.post("/", status_code=202, openapi_extra=body_of(CallerIdOrder))
async def begin(
    caller: CurrentCaller,
    order: Annotated[CallerIdOrder, reads(CallerIdOrder)],
    here: Here,
) -> VerificationBegun:
    """Call the number and speak a code, three times."""
    code, settings = new_code(), here.settings
    async with here.db.reading() as tx:
        wanted = Wanted(
            owner=await owner_of(tx, caller.account, order.subaccount),
            main=caller.main.auth_id,
            phone_number=order.phone_number,
            alias=order.alias,
            country=order.country or "",
        )
        call = await verification_call(tx, wanted, code, settings.verification)
    calls = await rate_calls([call], caller.main, here.bus)
    async with here.db.transaction() as tx:
        begun = await begin_verification(
            tx, wanted, code, settings.verification, settings.security
        )
    pace = caller.main.calls_per_second or settings.queue.calls_per_second
    await place_calls(calls, here.bus, pace)
    return VerificationBegun(verification_uuid=begun.verification_uuid)


@router.post(
    "/Verification/{verification_uuid}/",
    status_code=201,
    openapi_extra=body_of(OneTimePassword),
)
async def finish(
    caller: CurrentCaller,
    verification_uuid: str,
    password: Annotated[OneTimePassword, reads(OneTimePassword)],
    here: Here,
) -> CallerIdDetails:
    """Give back the code that was spoken; a few wrong ones end the verification."""
    made = await finish_verification(
        here.db,
        verification_uuid,
        password.otp,
        caller.scope,
        here.settings.security,
    )
    return CallerIdDetails(**_fields(made, caller))


@router.get("/", openapi_extra=query_of(CallerIdQuery))
async def list_caller_ids(
    request: Request,
    caller: CurrentCaller,
    query: Annotated[CallerIdQuery, reads(CallerIdQuery)],
    here: Here,
) -> Listed[CallerIdObject]:
    """Those that are verified."""
    scope = caller.scope.narrowed(query.subaccount)
    wanted = CallerIdFilter(country=query.country, alias=query.alias)
    async with here.db.reading() as tx:
        found = await VerifiedCallerIdRepository(tx).find(scope, query.window, wanted)
    objects = [CallerIdObject(**_fields(row, caller)) for row in found.rows]
    return Listed(meta=meta(request, query, found.total), objects=objects)


@router.get("/{phone_number}/")
async def get(caller: CurrentCaller, phone_number: str, here: Here) -> CallerIdDetails:
    """One that is verified."""
    async with here.db.reading() as tx:
        found = await _find(tx, phone_number, caller)
    return CallerIdDetails(**_fields(found, caller))


@router.post("/{phone_number}/", status_code=202, openapi_extra=body_of(CallerIdChange))
async def change(
    caller: CurrentCaller,
    phone_number: str,
    change: Annotated[CallerIdChange, reads(CallerIdChange)],
    here: Here,
) -> CallerIdDetails:
    """Name it, or give it to a subaccount."""
    async with here.db.transaction() as tx:
        found = await _find(tx, phone_number, caller)
        if change.alias is not None:
            found.alias = change.alias
        if change.subaccount is not None:
            owner = await owner_of(tx, caller.account, change.subaccount)
            found.account_id = owner
        await tx.flush()
    return CallerIdDetails(**_fields(found, caller))


@router.delete("/{phone_number}/", **NO_CONTENT)
async def delete(caller: CurrentCaller, phone_number: str, here: Here) -> None:
    """Forget that it was verified."""
    async with here.db.transaction() as tx:
        found = await _find(tx, phone_number, caller)
        await VerifiedCallerIdRepository(tx).delete(found)


async def _find(tx: Transaction, text: str, caller: Caller) -> VerifiedCallerId:
    digits = digits_of(text) or ""
    found = await VerifiedCallerIdRepository(tx).get(digits, caller.scope)
    if found is None:
        raise NotFound("not found")
    return found


def _fields(row: VerifiedCallerId, caller: Caller) -> dict[str, Any]:
    return {
        "alias": row.alias,
        "channel": row.channel,
        "country": row.country,
        "created_at": _text(row.created_at),
        "modified_at": _text(row.modified_at),
        "phone_number": row.phone_number,
        "subaccount": row.account_id if row.account_id != caller.main.auth_id else "",
        "verification_uuid": row.verification_uuid,
    }


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
