"""Subaccounts: `/v1/Account/{auth_id}/Subaccount/` (plivo-rest 7.4)."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request

from voiceplat.api.auth import Caller, CurrentCaller
from voiceplat.api.platform import Here, Platform
from voiceplat.api.route import VoiceRoute
from voiceplat.api.wire.paging import Paged, meta
from voiceplat.api.wire.params import (
    Params,
    ShortText,
    body_of,
    example,
    query_of,
    reads,
)
from voiceplat.api.wire.replies import (
    NO_CONTENT,
    Changed,
    Created,
    Listed,
    Reply,
    Shown,
)
from voiceplat.core.errors import Forbidden, NotFound
from voiceplat.core.sealing import unseal
from voiceplat.db.engine import Transaction
from voiceplat.db.models import Account
from voiceplat.db.repositories import AccountRepository
from voiceplat.services.close_subaccount import close_subaccount
from voiceplat.services.end_call import end_all_calls
from voiceplat.services.open_account import add_account
from voiceplat.services.sync_directory import changed

Name = Annotated[ShortText, Field(min_length=1)]


class SubaccountOrder(Params):
    model_config = example(name="Shop", enabled=True)

    name: Name
    enabled: bool = False


class SubaccountChange(Params):
    model_config = example(enabled=False)

    name: Name | None = None
    enabled: bool | None = None


class SubaccountRemoval(Params):
    cascade: bool = False
    """Whether its applications, endpoints, numbers go too, or to the main account."""


class SubaccountObject(Shown):
    account: str
    auth_id: str
    auth_token: str
    created: str
    enabled: bool
    modified: str
    name: str
    new_auth_token: str
    """The same: tokens are not exchanged step by step."""
    resource_uri: str


class SubaccountDetails(SubaccountObject, Reply):
    pass


class SubaccountCreated(Created):
    auth_id: str
    auth_token: str


router = APIRouter(prefix="/Subaccount", route_class=VoiceRoute, tags=["Subaccount"])


@router.post("/", status_code=201, openapi_extra=body_of(SubaccountOrder))
async def create(
    caller: CurrentCaller,
    order: Annotated[SubaccountOrder, reads(SubaccountOrder)],
    here: Here,
) -> SubaccountCreated:
    """Make a subaccount; it cannot do anything before it is enabled."""
    async with here.db.transaction() as tx:
        made = await add_account(
            tx,
            here.settings.security,
            order.name,
            parent=_main(caller).auth_id,
            enabled=order.enabled,
        )
    await here.directory.tell(*changed("account", made.auth_id))
    return SubaccountCreated(auth_id=made.auth_id, auth_token=made.auth_token)


@router.get("/", openapi_extra=query_of(Paged))
async def list_subaccounts(
    request: Request,
    caller: CurrentCaller,
    query: Annotated[Paged, reads(Paged)],
    here: Here,
) -> Listed[SubaccountObject]:
    """Latest first."""
    async with here.db.reading() as tx:
        main = _main(caller).auth_id
        found = await AccountRepository(tx).subaccounts(main, query.window)
    objects = [SubaccountObject(**_fields(row, here)) for row in found.rows]
    return Listed(meta=meta(request, query, found.total), objects=objects)


@router.get("/{subauth_id}/")
async def get(caller: CurrentCaller, subauth_id: str, here: Here) -> SubaccountDetails:
    """One subaccount, with its token."""
    async with here.db.reading() as tx:
        found = await _find(tx, subauth_id, caller)
    return SubaccountDetails(**_fields(found, here))


@router.post("/{subauth_id}/", status_code=202, openapi_extra=body_of(SubaccountChange))
async def change(
    caller: CurrentCaller,
    subauth_id: str,
    change: Annotated[SubaccountChange, reads(SubaccountChange)],
    here: Here,
) -> Changed:
    """Rename, enable or disable it; a disabled one takes no calls and no requests."""
    async with here.db.transaction() as tx:
        found = await _find(tx, subauth_id, caller)
        values = change.model_dump(exclude_none=True)
        await AccountRepository(tx).change(found.auth_id, values)
    await here.directory.tell(*changed("account", found.auth_id))
    return Changed()


@router.delete("/{subauth_id}/", **NO_CONTENT, openapi_extra=body_of(SubaccountRemoval))
async def delete(
    caller: CurrentCaller,
    subauth_id: str,
    removal: Annotated[SubaccountRemoval, reads(SubaccountRemoval)],
    here: Here,
) -> None:
    """End its calls and delete it; its call records stay with the main account."""
    async with here.db.reading() as tx:
        found = await _find(tx, subauth_id, caller)
    patience = timedelta(milliseconds=here.settings.api.command_timeout_ms)
    await end_all_calls(found.auth_id, here.bus, patience)
    async with here.db.transaction() as tx:
        found = await _find(tx, subauth_id, caller)
        changes = await close_subaccount(tx, found, cascade=removal.cascade)
    await here.directory.tell(*changes)


def _main(caller: Caller) -> Account:
    if caller.account is not caller.main:
        raise Forbidden("a subaccount has no subaccounts")
    return caller.main


async def _find(tx: Transaction, auth_id: str, caller: Caller) -> Account:
    main = _main(caller).auth_id
    found = await AccountRepository(tx).subaccount(auth_id, main)
    if found is None:
        raise NotFound("not found")
    return found


def _fields(row: Account, here: Platform) -> dict[str, Any]:
    token = unseal(row.sealed_token, here.settings.security)
    return {
        "account": f"/v1/Account/{row.parent_id}/",
        "auth_id": row.auth_id,
        "auth_token": token,
        "created": row.created_at.date().isoformat(),
        "enabled": row.enabled,
        "modified": row.modified_at.date().isoformat(),
        "name": row.name,
        "new_auth_token": token,
        "resource_uri": f"/v1/Account/{row.parent_id}/Subaccount/{row.auth_id}/",
    }
