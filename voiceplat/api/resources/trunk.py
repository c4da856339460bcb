"""Trunks: `/v1/Account/{auth_id}/Trunk/`, ours beside Plivo's resources (docs/edge.md).

They carry the calls of every account, so the operator's main account alone has them.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BeforeValidator, Field
from starlette.requests import Request

from voiceplat.api.auth import Caller, CurrentCaller, is_operator
from voiceplat.api.platform import Here
from voiceplat.api.route import VoiceRoute
from voiceplat.api.wire.paging import Paged, meta
from voiceplat.api.wire.params import (
    Params,
    ShortText,
    Whole,
    body_of,
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
from voiceplat.db.repositories import TrunkRepository
from voiceplat.services.add_trunk import (
    add_trunk,
    change_trunk,
    find_trunk,
    remove_trunk,
)
from voiceplat.services.show_trunks import TrunkView, show_trunks
from voiceplat.services.sync_directory import TRUNKS_CHANGED


def _texts(value: object) -> object:
    """A list, or one text, with commas perhaps, as forms have it."""
    return value.split(",") if isinstance(value, str) else value


Texts = Annotated[list[ShortText], BeforeValidator(_texts)]


class TrunkChange(Params):
    host: ShortText | None = None
    port: Whole | None = None
    from_ips: Texts | None = None
    prefixes: Texts | None = None
    priority: int | None = None
    weight: Whole | None = None
    calls_per_second: Whole | None = None
    """0 takes the limit away."""
    calls_max: Whole | None = None
    number_format: ShortText | None = None
    dial_prefix: ShortText | None = None
    trusted: bool | None = None
    account: ShortText | None = None
    """Empty: any account may call out over it."""

    def columns(self) -> dict[str, Any]:
        """What was given, under the names of the table."""
        given = self.model_dump(exclude_none=True, exclude={"name"})
        if "account" in given:
            given["account_id"] = given.pop("account")
        return given


class TrunkOrder(TrunkChange):
    name: ShortText
    host: Annotated[ShortText, Field(min_length=1)]


class TrunkObject(Shown):
    id: int
    name: str
    host: str
    port: int
    from_ips: list[str]
    prefixes: list[str]
    priority: int
    weight: int
    calls_per_second: int | None
    calls_max: int | None
    number_format: str
    dial_prefix: str
    trusted: bool
    account: str | None
    state: str
    since: str | None
    calls: int
    last_failure: str | None
    failed_at: str | None
    resource_uri: str


class TrunkDetails(TrunkObject, Reply):
    pass


async def _require_operator(caller: CurrentCaller, here: Here) -> None:
    """Anybody else is told that there is no such resource."""
    if not await is_operator(caller, here):
        raise NotFound("not found")


router = APIRouter(
    prefix="/Trunk",
    route_class=VoiceRoute,
    tags=["Trunk"],
    dependencies=[Depends(_require_operator)],
)


@router.post("/", status_code=201, openapi_extra=body_of(TrunkOrder))
async def create(
    order: Annotated[TrunkOrder, reads(TrunkOrder)], here: Here
) -> Created:
    async with here.db.transaction() as tx:
        await add_trunk(tx, order.name, order.columns())
    await here.directory.tell(TRUNKS_CHANGED)
    return Created()


@router.get("/", openapi_extra=query_of(Paged))
async def list_trunks(
    request: Request,
    caller: CurrentCaller,
    query: Annotated[Paged, reads(Paged)],
    here: Here,
) -> Listed[TrunkObject]:
    async with here.db.reading() as tx:
        trunks = await TrunkRepository(tx).all()
    page = trunks[query.offset : query.offset + query.limit]
    views = await show_trunks(here.bus, page)
    objects = [TrunkObject(**_fields(view, caller)) for view in views]
    return Listed(meta=meta(request, query, len(trunks)), objects=objects)


@router.get("/{name}/")
async def get(caller: CurrentCaller, name: str, here: Here) -> TrunkDetails:
    async with here.db.reading() as tx:
        trunk = await find_trunk(tx, name)
    [view] = await show_trunks(here.bus, [trunk])
    return TrunkDetails(**_fields(view, caller))


@router.post("/{name}/", status_code=202, openapi_extra=body_of(TrunkChange))
async def change(
    name: str,
    change: Annotated[TrunkChange, reads(TrunkChange)],
    here: Here,
) -> Changed:
    async with here.db.transaction() as tx:
        await change_trunk(tx, name, change.columns())
    await here.directory.tell(TRUNKS_CHANGED)
    return Changed()


@router.delete("/{name}/", **NO_CONTENT)
async def delete(name: str, here: Here) -> None:
    async with here.db.transaction() as tx:
        await remove_trunk(tx, name)
    await here.directory.tell(TRUNKS_CHANGED)


def _fields(view: TrunkView, caller: Caller) -> dict[str, Any]:
    uri = caller.uri(f"Trunk/{view.trunk.name}/")
    return {**view.settings(), **view.health(), "resource_uri": uri}
