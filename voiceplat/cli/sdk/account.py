"""Whose credentials a program gets that has none: those of the first account here."""

from voiceplat.core.settings import Settings
from voiceplat.db.engine import Database
from voiceplat.services.first_account import Credentials, oldest_account


async def local_account(settings: Settings) -> Credentials | None:
    """None where `voiceplat up` has made no account below the data folder."""
    if not (settings.data / "secret.key").exists():
        return None
    async with Database.open(settings.database) as db:
        return await oldest_account(db, settings.security)
