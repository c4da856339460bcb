"""Applications: `/v1/Account/{auth_id}/Application/` (plivo-rest 7.1)."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request

from voiceplat.api.auth import Caller, CurrentCaller
from voiceplat.api.platform import Here
from voiceplat.api.route import VoiceRoute
from voiceplat.api.wire.paging import Paged, meta
from voiceplat.api.wire.params import (
    Method,
    Params,
    ShortText,
    SubaccountId,
    Text,
    Url,
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
from voiceplat.core.errors import NotFound
from voiceplat.db.engine import Transaction
from voiceplat.db.models import Application
from voiceplat.db.repositories import ApplicationRepository
from voiceplat.services.change_application import (
    change_application,
    create_application,
    delete_application,
)
from voiceplat.services.subaccounts import owner_of
from voiceplat.services.sync_directory import changed

AppName = Annotated[ShortText, Field(pattern=r"^[A-Za-z0-9_-]+$")]


class ApplicationChange(Params):
    answer_url: Url | None = None
    answer_method: Method | None = None
    hangup_url: Url | None = None
    hangup_method: Method | None = None
    fallback_answer_url: Url | None = None
    fallback_method: Method | None = None
    message_url: Url | None = None
    message_method: Method | None = None
    default_number_app: bool | None = None
    default_endpoint_app: bool | None = None
    log_incoming_messages: bool | None = None
    public_uri: bool | None = None
    subaccount: SubaccountId | None = None

    def columns(self) -> dict[str, Any]:
        """What was given, under the names of the table."""
        given = self.model_dump(exclude_none=True, exclude={"subaccount", "app_name"})
        if "fallback_answer_url" in given:
            given["fallback_url"] = given.pop("fallback_answer_url")
        return given


class ApplicationOrder(ApplicationChange):
    model_config = example(app_name="shop", answer_url="https://example.com/answer")

    app_name: AppName


class ApplicationQuery(Paged):
    subaccount: SubaccountId | None = None
    app_name: Text | None = None


class ApplicationRemoval(Params):
    cascade: bool = True
    new_endpoint_application: Text | None = None


class ApplicationObject(Shown):
    answer_method: str
    answer_url: str
    app_id: str
    app_name: str
    application_type: str = "XML"
    default_app: bool
    default_endpoint_app: bool
    enabled: bool
    fallback_answer_url: str
    fallback_method: str
    hangup_method: str
    hangup_url: str
    log_incoming_messages: bool
    message_method: str
    message_url: str
    public_uri: bool
    resource_uri: str
    sip_uri: str
    sub_account: str | None


class ApplicationDetails(ApplicationObject, Reply):
    pass


class ApplicationCreated(Created):
    app_id: str


router = APIRouter(prefix="/Application", route_class=VoiceRoute, tags=["Application"])


@router.post("/", status_code=201, openapi_extra=body_of(ApplicationOrder))
async def create(
    caller: CurrentCaller,
    order: Annotated[ApplicationOrder, reads(ApplicationOrder)],
    here: Here,
) -> ApplicationCreated:
    async with here.db.transaction() as tx:
        owner = await owner_of(tx, caller.account, order.subaccount)
        values = {"name": order.app_name, **order.columns()}
        made = await create_application(tx, owner, values)
    await here.directory.tell(*changed("app", made.app_id))
    return ApplicationCreated(app_id=made.app_id)


@router.get("/", openapi_extra=query_of(ApplicationQuery))
async def list_applications(
    request: Request,
    caller: CurrentCaller,
    query: Annotated[ApplicationQuery, reads(ApplicationQuery)],
    here: Here,
) -> Listed[ApplicationObject]:
    scope = caller.scope.narrowed(query.subaccount)
    async with here.db.reading() as tx:
        found = await ApplicationRepository(tx).find(
            scope, query.window, name_prefix=query.app_name
        )
    objects = [ApplicationObject(**_fields(row, caller)) for row in found.rows]
    return Listed(meta=meta(request, query, found.total), objects=objects)


@router.get("/{app_id}/")
async def get(caller: CurrentCaller, app_id: str, here: Here) -> ApplicationDetails:
    async with here.db.reading() as tx:
        found = await _find(tx, app_id, caller)
    return ApplicationDetails(**_fields(found, caller))


@router.post("/{app_id}/", status_code=202, openapi_extra=body_of(ApplicationChange))
async def change(
    caller: CurrentCaller,
    app_id: str,
    change: Annotated[ApplicationChange, reads(ApplicationChange)],
    here: Here,
) -> Changed:
    async with here.db.transaction() as tx:
        found = await _find(tx, app_id, caller)
        values = change.columns()
        if change.subaccount is not None:
            values["account_id"] = await owner_of(tx, caller.account, change.subaccount)
        await change_application(tx, found, values)
    await here.directory.tell(*changed("app", found.app_id))
    return Changed()


@router.delete("/{app_id}/", **NO_CONTENT, openapi_extra=body_of(ApplicationRemoval))
async def delete(
    caller: CurrentCaller,
    app_id: str,
    removal: Annotated[ApplicationRemoval, reads(ApplicationRemoval)],
    here: Here,
) -> None:
    async with here.db.transaction() as tx:
        changes = await delete_application(
            tx,
            await _find(tx, app_id, caller),
            caller.scope,
            cascade=removal.cascade,
            successor_id=removal.new_endpoint_application,
        )
    await here.directory.tell(*changes)


async def _find(tx: Transaction, app_id: str, caller: Caller) -> Application:
    found = await ApplicationRepository(tx).get(app_id, caller.scope)
    if found is None:
        raise NotFound("not found")
    return found


def _fields(row: Application, caller: Caller) -> dict[str, Any]:
    is_subs = row.account_id != caller.main.auth_id
    return {
        "answer_method": row.answer_method,
        "answer_url": row.answer_url,
        "app_id": row.app_id,
        "app_name": row.name,
        "default_app": row.default_number_app,
        "default_endpoint_app": row.default_endpoint_app,
        "enabled": row.enabled,
        "fallback_answer_url": row.fallback_url,
        "fallback_method": row.fallback_method,
        "hangup_method": row.hangup_method,
        "hangup_url": row.hangup_url or row.answer_url,
        "log_incoming_messages": row.log_incoming_messages,
        "message_method": row.message_method,
        "message_url": row.message_url,
        "public_uri": row.public_uri,
        "resource_uri": caller.uri(f"Application/{row.app_id}/"),
        "sip_uri": f"sip:{row.app_id}@app.plivo.com",
        "sub_account": f"/v1/Account/{row.account_id}/" if is_subs else None,
    }
