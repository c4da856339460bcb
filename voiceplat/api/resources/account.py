"""Account: `/v1/Account/{auth_id}/`."""

from typing import Annotated
from zoneinfo import available_timezones

from fastapi import APIRouter
from pydantic import AfterValidator

from voiceplat.api.auth import Caller, CurrentCaller
from voiceplat.api.platform import Here
from voiceplat.api.route import VoiceRoute
from voiceplat.api.wire.params import Params, ShortText, body_of, example, reads
from voiceplat.api.wire.replies import Changed, Reply
from voiceplat.core.money import money_text
from voiceplat.db.repositories import AccountRepository
from voiceplat.services.sync_directory import changed


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("must be a time zone such as Europe/Berlin")
    return name


class AccountChange(Params):
    model_config = example(name="My company", timezone="Europe/Berlin")

    name: ShortText | None = None
    city: ShortText | None = None
    address: ShortText | None = None
    state: ShortText | None = None
    timezone: Annotated[ShortText, AfterValidator(_zone)] | None = None


class AccountDetails(Reply):
    account_type: str = "standard"
    address: str
    auth_id: str
    auto_recharge: bool = False
    billing_mode: str
    cash_credits: str
    city: str
    name: str
    resource_uri: str
    state: str
    timezone: str


router = APIRouter(route_class=VoiceRoute, tags=["Account"])


@router.get("/")
async def get_account(caller: CurrentCaller) -> AccountDetails:
    return _details(caller)


@router.post("/", status_code=202, openapi_extra=body_of(AccountChange))
async def change_account(
    caller: CurrentCaller,
    change: Annotated[AccountChange, reads(AccountChange)],
    here: Here,
) -> Changed:
    async with here.db.transaction() as tx:
        values = change.model_dump(exclude_none=True)
        await AccountRepository(tx).change(caller.auth_id, values)
    await here.directory.tell(*changed("account", caller.auth_id))
    return Changed()


def _details(caller: Caller) -> AccountDetails:
    account = caller.account
    return AccountDetails(
        address=account.address,
        auth_id=account.auth_id,
        billing_mode=caller.main.billing_mode,
        cash_credits=money_text(caller.main.cash_credits),
        city=account.city,
        name=account.name,
        resource_uri=caller.uri(""),
        state=account.state,
        timezone=account.timezone,
    )
