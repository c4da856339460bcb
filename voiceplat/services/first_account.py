"""The account that a new platform starts with, the same on every later start."""

from typing import Final

from voiceplat.bus.bus import Bus
from voiceplat.core.sealing import unseal
from voiceplat.core.settings import SecuritySettings
from voiceplat.db.engine import Database
from voiceplat.db.repositories import AccountRepository
from voiceplat.services.open_account import Credentials, add_account
from voiceplat.services.sync_directory import changed, tell_directory

__all__ = ["Credentials", "first_account"]

NAME: Final = "first account"


async def first_account(
    db: Database, bus: Bus, security: SecuritySettings
) -> Credentials:
    """Its credentials; it is made when there is no account at all."""
    async with db.transaction() as tx:
        accounts = await AccountRepository(tx).all()
        if accounts:
            first = next(row for row in accounts if row.parent_id is None)
            return Credentials(first.auth_id, unseal(first.sealed_token, security))
        made = await add_account(tx, security, NAME)
    await tell_directory(db, bus, *changed("account", made.auth_id))
    return made
