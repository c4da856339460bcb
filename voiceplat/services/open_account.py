"""Makes accounts and their tokens; a token is shown once, then kept sealed."""

from dataclasses import dataclass

from voiceplat.core.errors import Conflict, NotFound
from voiceplat.core.ids import (
    AuthId,
    new_auth_token,
    new_main_auth_id,
    new_sub_auth_id,
)
from voiceplat.core.sealing import seal
from voiceplat.core.settings import SecuritySettings
from voiceplat.db.engine import Database, Transaction
from voiceplat.db.models import Account
from voiceplat.db.repositories import AccountRepository


@dataclass(frozen=True, slots=True)
class Credentials:
    auth_id: AuthId
    auth_token: str


async def open_account(
    db: Database,
    security: SecuritySettings,
    name: str,
    *,
    parent: AuthId | None = None,
    enabled: bool = True,
) -> Credentials:
    """Raises NotFound when the parent is none, Conflict when it is a subaccount."""
    async with db.transaction() as tx:
        if parent is not None:
            await _check_parent(tx, parent)
        return await add_account(tx, security, name, parent=parent, enabled=enabled)


async def add_account(
    tx: Transaction,
    security: SecuritySettings,
    name: str,
    *,
    parent: AuthId | None = None,
    enabled: bool = True,
) -> Credentials:
    made = Credentials(
        auth_id=new_sub_auth_id() if parent else new_main_auth_id(),
        auth_token=new_auth_token(),
    )
    account = Account(
        auth_id=made.auth_id,
        parent_id=parent,
        name=name,
        sealed_token=seal(made.auth_token, security),
        enabled=enabled,
    )
    await AccountRepository(tx).add(account)
    return made


async def _check_parent(tx: Transaction, parent: AuthId) -> None:
    found = await AccountRepository(tx).get(parent)
    if found is None:
        raise NotFound(f"account {parent} not found")
    if found.parent_id is not None:
        raise Conflict(f"{parent} is a subaccount and cannot have subaccounts")
