"""Numbers of an account: `/v1/Account/{auth_id}/Number/` (plivo-rest 7.3)."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter
from pydantic import AfterValidator, BeforeValidator, Field
from starlette.requests import Request

from voiceplat.api.auth import Caller, CurrentCaller
from voiceplat.api.platform import Here
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
from voiceplat.api.wire.replies import NO_CONTENT, Changed, Listed, Reply, Shown
from voiceplat.calls.rate import Rate
from voiceplat.core.errors import NotFound
from voiceplat.core.money import money_text
from voiceplat.db.engine import Transaction
from voiceplat.db.models import Number
from voiceplat.db.repositories import NumberRepository
from voiceplat.db.repositories.number import NumberFilter
from voiceplat.db.repositories.page import Page
from voiceplat.services.change_application import find_application
from voiceplat.services.phone_number import digits_of
from voiceplat.services.rent_number import (
    answered_by,
    bring_numbers,
    unrent_number,
)
from voiceplat.services.show_pricing import inbound_rates
from voiceplat.services.subaccounts import owner_of
from voiceplat.services.sync_directory import changed

_TYPES: Final = {"": None, "any": None, "fixed": "local"}
_UNLINK = {"", "null"}
NUMBERS_MAX: Final = 100


class NumberQuery(Paged):
    type: Text | None = None
    number_startswith: Text | None = None
    subaccount: SubaccountId | None = None
    alias: ShortText | None = None
    services: Text | None = None
    cnam_lookup: Text | None = None
    renewal_date: Text | None = None
    renewal_date__gt: Text | None = None
    renewal_date__gte: Text | None = None
    renewal_date__lt: Text | None = None
    renewal_date__lte: Text | None = None
    tendlc_registration_status: Text | None = None
    tendlc_campaign_id: Text | None = None
    toll_free_sms_verification: Text | None = None

    @property
    def finds_nothing(self) -> bool:
        """Our numbers do no more than calls, and are never renewed."""
        given = self.model_dump(exclude_none=True)
        wanted = {name.strip() for name in (self.services or "voice").split(",")}
        return not wanted <= {"voice"} or any(
            name.startswith(("renewal_", "tendlc_", "toll_free_")) for name in given
        )


class NumberChange(Params):
    model_config = example(alias="desk", app_id="12345678901234567")

    app_id: Text | None = None
    """Empty, or the text `null`: the number loses its application."""
    subaccount: SubaccountId | None = None
    alias: ShortText | None = None
    cnam_lookup: Literal["enabled", "disabled"] | None = None


def _several(value: object) -> object:
    """A list, a text with commas, or the text that Python makes of a list."""
    if not isinstance(value, str):
        return value
    parts = value.strip("[] ").replace("'", "").replace('"', "").split(",")
    return [part.strip() for part in parts if part.strip()]


def _numbers(texts: list[str]) -> list[str]:
    found = [digits_of(text) for text in texts]
    if None in found:
        raise ValueError("must be phone numbers")
    return list(dict.fromkeys(filter(None, found)))


class NumbersBrought(Params):
    """Numbers of an account's own carrier."""

    model_config = example(numbers=["33123456789"], carrier="acme", region="Paris")

    numbers: Annotated[
        list[Text],
        BeforeValidator(_several),
        AfterValidator(_numbers),
        Field(min_length=1, max_length=NUMBERS_MAX),
    ]
    carrier: ShortText = ""
    region: ShortText = ""
    number_type: Literal["local", "mobile", "tollfree", "national"] = "local"
    app_id: Text | None = None
    subaccount: SubaccountId | None = None


class NumberObject(Shown):
    """Every field of the contract; those of messaging are always the same."""

    active: bool = True
    added_on: str
    alias: str | None
    application: str | None
    carrier: str
    city: str
    cnam_lookup: str
    compliance_application_id: str | None = None
    compliance_status: str | None = None
    country: str
    mms_enabled: bool = False
    mms_rate: str = "0.00000"
    monthly_rental_rate: str
    number: str
    number_type: str
    region: str
    renewal_date: str | None = None
    resource_uri: str
    sms_enabled: bool = False
    sms_rate: str = "0.00000"
    sub_account: str | None
    tendlc_campaign_id: str | None = None
    tendlc_registration_status: str | None = None
    toll_free_sms_verification: str | None = None
    voice_enabled: bool = True
    voice_rate: str
    """What a minute of a call to it costs."""


class NumberDetails(NumberObject, Reply):
    pass


router = APIRouter(prefix="/Number", route_class=VoiceRoute, tags=["Number"])


@router.get("/", openapi_extra=query_of(NumberQuery))
async def list_numbers(
    request: Request,
    caller: CurrentCaller,
    query: Annotated[NumberQuery, reads(NumberQuery)],
    here: Here,
) -> Listed[NumberObject]:
    scope = caller.scope.narrowed(query.subaccount)
    wanted = NumberFilter(
        startswith=_digits_begin(query.number_startswith),
        alias=query.alias,
        number_type=_TYPES.get(query.type or "", query.type),
        cnam_lookup=query.cnam_lookup,
    )
    found: Page[Number] = Page([], 0)
    rates: dict[str, Rate] = {}
    if not query.finds_nothing:
        async with here.db.reading() as tx:
            found = await NumberRepository(tx).find(scope, query.window, wanted)
            rates = await inbound_rates(tx, [row.number for row in found.rows])
    objects = [
        NumberObject(**_fields(row, caller, rates[row.number])) for row in found.rows
    ]
    return Listed(meta=meta(request, query, found.total), objects=objects)


@router.get("/{number}/")
async def get(caller: CurrentCaller, number: str, here: Here) -> NumberDetails:
    async with here.db.reading() as tx:
        found = await _find(tx, number, caller)
        rates = await inbound_rates(tx, [found.number])
    return NumberDetails(**_fields(found, caller, rates[found.number]))


@router.post("/", status_code=202, openapi_extra=body_of(NumbersBrought))
async def bring(
    caller: CurrentCaller,
    brought: Annotated[NumbersBrought, reads(NumbersBrought)],
    here: Here,
) -> Changed:
    """Add numbers that reach this platform over a trunk of the account's own."""
    async with here.db.transaction() as tx:
        owner = await owner_of(tx, caller.account, brought.subaccount)
        app_id = await answered_by(tx, caller.account, brought.app_id)
        rows = [
            Number(
                number=digits,
                account_id=owner,
                app_id=app_id,
                carrier=brought.carrier,
                region=brought.region,
                number_type=brought.number_type,
            )
            for digits in brought.numbers
        ]
        changes = await bring_numbers(tx, rows, caller.main)
    await here.directory.tell(*changes)
    return Changed()


@router.delete("/{number}/", **NO_CONTENT)
async def unrent(caller: CurrentCaller, number: str, here: Here) -> None:
    """Give a number back; calls to it are refused at once."""
    async with here.db.transaction() as tx:
        changes = await unrent_number(tx, await _find(tx, number, caller))
    await here.directory.tell(*changes)


@router.post("/{number}/", status_code=202, openapi_extra=body_of(NumberChange))
async def change(
    caller: CurrentCaller,
    number: str,
    change: Annotated[NumberChange, reads(NumberChange)],
    here: Here,
) -> Changed:
    async with here.db.transaction() as tx:
        found = await _find(tx, number, caller)
        await _change(tx, found, change, caller)
    await here.directory.tell(*changed("number", found.number))
    return Changed()


async def _change(
    tx: Transaction, number: Number, change: NumberChange, caller: Caller
) -> None:
    if change.alias is not None:
        number.alias = change.alias
    if change.cnam_lookup is not None:
        number.cnam_lookup = change.cnam_lookup
    if change.subaccount is not None:
        number.account_id = await owner_of(tx, caller.account, change.subaccount)
    if change.app_id is not None:
        wanted = None if change.app_id in _UNLINK else change.app_id
        app = await find_application(tx, wanted, caller.scope)
        number.app_id = app.app_id if app else None


async def _find(tx: Transaction, number: str, caller: Caller) -> Number:
    found = await NumberRepository(tx).get(digits_of(number) or "", caller.scope)
    if found is None:
        raise NotFound("not found")
    return found


def _digits_begin(prefix: str | None) -> str | None:
    return None if prefix is None else prefix.removeprefix("+")


def _fields(row: Number, caller: Caller, rate: Rate) -> dict[str, Any]:
    is_subs = row.account_id != caller.main.auth_id
    return {
        "added_on": row.added_at.date().isoformat(),
        "alias": row.alias or None,
        "application": caller.uri(f"Application/{row.app_id}/") if row.app_id else None,
        "carrier": row.carrier,
        "city": row.city,
        "cnam_lookup": row.cnam_lookup,
        "country": row.country,
        "monthly_rental_rate": money_text(row.monthly_rental_rate),
        "number": row.number,
        "number_type": row.number_type,
        "region": row.region,
        "resource_uri": caller.uri(f"Number/{row.number}/"),
        "sub_account": f"/v1/Account/{row.account_id}/" if is_subs else None,
        "voice_rate": rate.text,
    }
