"""What the ledger must know of the account that owns a call."""

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog

from voiceplat.bus.directory import AccountEntry, Directory
from voiceplat.core.errors import NotFound, Unavailable
from voiceplat.core.ids import AuthId
from voiceplat.core.sealing import unseal
from voiceplat.core.settings import SecuritySettings
from voiceplat.webhooks.signature import SigningKeys

log = structlog.get_logger()


class Accounts:
    """`zone` and `keys` raise Unavailable while the directory cannot be asked."""

    def __init__(self, directory: Directory, security: SecuritySettings) -> None:
        self._directory = directory
        self._security = security

    async def zone(self, account: AuthId) -> tzinfo:
        """UTC for an account that is gone, or whose zone this host does not know."""
        entry = await self._find(account)
        if entry is None:
            return UTC
        try:
            return ZoneInfo(entry.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            log.warning("timezone_unknown", account=account, timezone=entry.timezone)
            return UTC

    async def keys(self, account: AuthId) -> SigningKeys:
        """Raises NotFound for an account that is gone, WrongSecretKey."""
        entry = await self._find(account)
        if entry is None:
            raise NotFound(f"account {account} is gone")
        return SigningKeys(
            token=unseal(entry.sealed_token, self._security),
            main_token=unseal(entry.sealed_main_token, self._security),
        )

    async def main_of(self, account: AuthId) -> AuthId | None:
        """Its main account; None when that is not known now."""
        try:
            entry = await self._find(account)
        except Unavailable:
            return None
        return entry.main_auth_id if entry else None

    async def _find(self, account: AuthId) -> AccountEntry | None:
        entry = await self._directory.account(account)
        if entry is None and not await self._directory.is_ready():
            raise Unavailable("the directory", "it is not filled yet")
        return entry
