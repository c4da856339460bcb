"""Troubles of the last hour: one capped stream for each account, and the platform's."""

from datetime import datetime, timedelta
from typing import Final

from voiceplat.bus import keys
from voiceplat.bus.connection import Wire
from voiceplat.calls.trouble import Trouble
from voiceplat.core.clock import epoch_ms
from voiceplat.core.ids import AuthId

KEPT: Final = timedelta(hours=1)
MOST: Final = 500
"""Of each account; the last ones stay."""


class Troubles:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def add(self, *troubles: Trouble, main: AuthId | None = None) -> None:
        """Show them to their accounts; to the main account `main` too."""
        commands: list[tuple[str | int, ...]] = []
        for trouble in troubles:
            text = trouble.model_dump_json()
            for account in {trouble.account, main or trouble.account}:
                key = keys.troubles(account)
                commands += [
                    ("XADD", key, "MAXLEN", "=", MOST, "*", "trouble", text),
                    ("EXPIRE", key, int(KEPT.total_seconds())),
                ]
        if commands:
            await self._wire.all_of(*commands)

    async def last(self, account: AuthId, since: datetime) -> list[Trouble]:
        """An account's (or PLATFORM's) troubles from `since` on, the latest first."""
        entries: list[tuple[str, dict[str, str]]]
        entries = await self._wire.ask(
            "XREVRANGE", keys.troubles(account), "+", epoch_ms(since)
        )
        return [Trouble.model_validate_json(it["trouble"]) for _, it in entries]
