"""Creates, changes and deletes applications, and keeps the default ones unique."""

from collections.abc import Mapping

from voiceplat.core.errors import BadRequest, NotFound
from voiceplat.core.ids import AppId, AuthId, new_app_id
from voiceplat.db.engine import Transaction
from voiceplat.db.models import Application
from voiceplat.db.repositories import (
    ApplicationRepository,
    EndpointRepository,
    NumberRepository,
)
from voiceplat.db.repositories.scope import Scope
from voiceplat.services.sync_directory import Change, changed


async def create_application(
    tx: Transaction, owner: AuthId, values: Mapping[str, object]
) -> Application:
    made = Application(app_id=new_app_id(), account_id=owner, **values)
    await ApplicationRepository(tx).add(made)
    await _keep_defaults_unique(tx, made)
    return made


async def change_application(
    tx: Transaction, application: Application, values: Mapping[str, object]
) -> None:
    for name, value in values.items():
        setattr(application, name, value)
    await tx.flush()
    await _keep_defaults_unique(tx, application)


async def delete_application(
    tx: Transaction,
    application: Application,
    scope: Scope,
    *,
    cascade: bool,
    successor_id: str | None,
) -> tuple[Change, ...]:
    """Its numbers lose it; its endpoints go with it, lose it, or get another.

    What the directory must be told. Raises NotFound when the successor is none of ours,
    BadRequest when it is the application itself.
    """
    if successor_id == application.app_id:
        raise BadRequest("new_endpoint_application must be another application")
    endpoints = await EndpointRepository(tx).of_application(application.app_id)
    numbers = await NumberRepository(tx).of_application(application.app_id)
    successor = await find_application(tx, successor_id, scope)
    for endpoint in endpoints:
        if successor is not None:
            endpoint.app_id = successor.app_id
        elif cascade:
            await EndpointRepository(tx).delete(endpoint)
        else:
            endpoint.app_id = None
    for number in numbers:
        number.app_id = None
    await tx.flush()
    await ApplicationRepository(tx).delete(application)
    return (
        *changed("app", application.app_id),
        *changed("user", *(endpoint.username for endpoint in endpoints)),
        *changed("number", *(number.number for number in numbers)),
    )


async def find_application(
    tx: Transaction, app_id: str | None, scope: Scope
) -> Application | None:
    """None when none is named. Raises NotFound when it is not in that scope."""
    if not app_id:
        return None
    found = await ApplicationRepository(tx).get(AppId(app_id), scope)
    if found is None:
        raise NotFound(f"Application {app_id} not found.")
    return found


async def _keep_defaults_unique(tx: Transaction, application: Application) -> None:
    repository = ApplicationRepository(tx)
    if application.default_number_app:
        await repository.make_only_default(application, "default_number_app")
    if application.default_endpoint_app:
        await repository.make_only_default(application, "default_endpoint_app")
