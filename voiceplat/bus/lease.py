"""A right that one process at a time has, and loses when it falls silent."""

from datetime import timedelta

from voiceplat.bus import keys
from voiceplat.bus.connection import Wire


class Leases:
    def __init__(self, wire: Wire) -> None:
        self._hold = wire.script("lease_hold")
        self._release = wire.script("lease_release")

    async def hold(self, name: str, holder: str, span: timedelta) -> bool:
        """Take or keep the lease for `span` from now; False when another has it."""
        milliseconds = span // timedelta(milliseconds=1)
        return bool(await self._hold([keys.lease(name)], [holder, milliseconds]))

    async def release(self, name: str, holder: str) -> None:
        await self._release([keys.lease(name)], [holder])
