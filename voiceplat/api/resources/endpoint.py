"""Endpoints (SIP users): `/v1/Account/{auth_id}/Endpoint/` (plivo-rest 7.2)."""

from datetime import UTC
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request

from voiceplat.api.auth import Caller, CurrentCaller
from voiceplat.api.platform import Here
from voiceplat.api.route import VoiceRoute
from voiceplat.api.wire.paging import Paged, meta
from voiceplat.api.wire.params import (
    Params,
    ShortText,
    Text,
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
from voiceplat.bus.directory import Registration
from voiceplat.core.errors import NotFound
from voiceplat.db.engine import Transaction
from voiceplat.db.models import Endpoint
from voiceplat.db.repositories import EndpointRepository
from voiceplat.services.change_application import find_application
from voiceplat.services.register_endpoint import ha1_of, register_endpoint
from voiceplat.services.sync_directory import changed

Username = Annotated[Text, Field(max_length=100, pattern=r"^[A-Za-z][A-Za-z0-9]*$")]
Password = Annotated[Text, Field(min_length=5, max_length=255)]


class EndpointOrder(Params):
    model_config = example(username="alice", password="good-one", alias="Alice")  # noqa: S106

    username: Username
    password: Password
    alias: ShortText
    app_id: Text | None = None


class EndpointChange(Params):
    password: Password | None = None
    alias: ShortText | None = None
    app_id: Text | None = None


class EndpointObject(Shown):
    alias: str
    application: str | None
    endpoint_id: str
    resource_uri: str
    sip_contact: str | None
    sip_expires: str | None
    sip_registered: str
    """`"true"` or `"false"`: a text, as clients know it."""
    sip_uri: str
    sip_user_agent: str | None
    sub_account: str | None
    username: str


class EndpointDetails(EndpointObject, Reply):
    pass


class EndpointCreated(Created):
    alias: str
    endpoint_id: str
    username: str


router = APIRouter(prefix="/Endpoint", route_class=VoiceRoute, tags=["Endpoint"])


@router.post("/", status_code=201, openapi_extra=body_of(EndpointOrder))
async def create(
    caller: CurrentCaller,
    order: Annotated[EndpointOrder, reads(EndpointOrder)],
    here: Here,
) -> EndpointCreated:
    async with here.db.transaction() as tx:
        app = await find_application(tx, order.app_id, caller.scope)
        made = await register_endpoint(
            tx,
            caller.auth_id,
            name=order.username,
            password=order.password,
            alias=order.alias,
            app_id=app.app_id if app else None,
            realm=here.settings.sip.domain,
        )
    await here.directory.tell(*changed("user", made.username))
    return EndpointCreated(
        alias=made.alias, endpoint_id=made.endpoint_id, username=made.username
    )


@router.get("/", openapi_extra=query_of(Paged))
async def list_endpoints(
    request: Request,
    caller: CurrentCaller,
    query: Annotated[Paged, reads(Paged)],
    here: Here,
) -> Listed[EndpointObject]:
    seen = here.bus.directory.registration
    async with here.db.reading() as tx:
        found = await EndpointRepository(tx).find(caller.scope, query.window)
    objects = [
        EndpointObject(**_fields(row, await seen(row.username), caller))
        for row in found.rows
    ]
    return Listed(meta=meta(request, query, found.total), objects=objects)


@router.get("/{endpoint_id}/")
async def get(caller: CurrentCaller, endpoint_id: str, here: Here) -> EndpointDetails:
    async with here.db.reading() as tx:
        found = await _find(tx, endpoint_id, caller)
    phone = await here.bus.directory.registration(found.username)
    return EndpointDetails(**_fields(found, phone, caller))


@router.post("/{endpoint_id}/", status_code=202, openapi_extra=body_of(EndpointChange))
async def change(
    caller: CurrentCaller,
    endpoint_id: str,
    change: Annotated[EndpointChange, reads(EndpointChange)],
    here: Here,
) -> Changed:
    async with here.db.transaction() as tx:
        found = await _find(tx, endpoint_id, caller)
        if change.alias is not None:
            found.alias = change.alias
        if change.app_id is not None:
            app = await find_application(tx, change.app_id, caller.scope)
            found.app_id = app.app_id if app else None
        if change.password is not None:
            realm = here.settings.sip.domain
            found.ha1 = ha1_of(found.username, realm, change.password)
    await here.directory.tell(*changed("user", found.username))
    return Changed()


@router.delete("/{endpoint_id}/", **NO_CONTENT)
async def delete(caller: CurrentCaller, endpoint_id: str, here: Here) -> None:
    async with here.db.transaction() as tx:
        found = await _find(tx, endpoint_id, caller)
        await EndpointRepository(tx).delete(found)
    await here.directory.tell(*changed("user", found.username))


async def _find(tx: Transaction, endpoint_id: str, caller: Caller) -> Endpoint:
    found = await EndpointRepository(tx).get(endpoint_id, caller.scope)
    if found is None:
        raise NotFound("not found")
    return found


def _fields(
    row: Endpoint, phone: Registration | None, caller: Caller
) -> dict[str, Any]:
    is_subs = row.account_id != caller.main.auth_id
    expires = phone.expires_at if phone else None
    return {
        "alias": row.alias,
        "application": caller.uri(f"Application/{row.app_id}/") if row.app_id else None,
        "endpoint_id": row.endpoint_id,
        "resource_uri": caller.uri(f"Endpoint/{row.endpoint_id}/"),
        "sip_contact": phone.contact if phone else None,
        "sip_expires": (
            expires.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if expires else None
        ),
        "sip_registered": "true" if phone else "false",
        "sip_uri": f"sip:{row.username}@phone.plivo.com",
        "sip_user_agent": phone.user_agent if phone else None,
        "sub_account": f"/v1/Account/{row.account_id}/" if is_subs else None,
        "username": row.username,
    }
