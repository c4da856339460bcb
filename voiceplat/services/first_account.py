"""The account that a new platform starts with, the same on every later start."""

from typing import Final

from voiceplat.bus.bus import Bus
from voiceplat.core.sealing import unseal
from voiceplat.core.settings import SecuritySettings
from voiceplat.db.engine import Database, Transaction
from voiceplat.db.repositories import AccountRepository
from voiceplat.services.open_account import Credentials, add_account
from voiceplat.services.sync_directory import changed, tell_directory

__all__ = ["Credentials", "first_account", "oldest_account"]

NAME: Final = "first account"


async def first_account(
    db: Database, bus: Bus, security: SecuritySettings
) -> Credentials:
    """Its credentials; it is made when there is no account at all."""
    async with db.transaction() as tx:
        if known := await _oldest(tx, security):
            return known
        made = await add_account(tx, security, NAME)
    await tell_directory(db, bus, *changed("account", made.auth_id))
    return made


async def oldest_account(
    db: Database, security: SecuritySettings
) -> Credentials | None:
    """The main account that was made first; None when there is none."""
    async with db.reading() as tx:
        return await _oldest(tx, security)


async def _oldest(tx: Transaction, security: SecuritySettings) -> Credentials | None:
    for row in await AccountRepository(tx).all():
        if row.parent_id is None:
            return Credentials(row.auth_id, unseal(row.sealed_token, security))
    return None
