"""The clock of the conference bridge: 50 ticks a second, while somebody hears them."""

import asyncio
from collections.abc import Callable
from typing import Final

import pjsua2 as pj

IDLE_S: Final = 5.0
"""Stopping waits for a tick, during which the phone takes no call; so not too often."""


class Clock:
    """Stands still until it is needed, and again when nothing has used it for long."""

    def __init__(self, endpoint: pj.Endpoint, in_use: Callable[[], bool]) -> None:
        self._devices = endpoint.audDevManager()
        self._in_use = in_use
        self._look: asyncio.TimerHandle | None = None
        self._devices.setNoDev()

    def need(self) -> None:
        """It runs from now on, and `IDLE_S` longer at least."""
        if self._look is None:
            self._devices.setNullDev()
        self.close()
        self._look = asyncio.get_running_loop().call_later(IDLE_S, self._rest)

    def close(self) -> None:
        """It is not looked after any more."""
        if self._look is not None:
            self._look.cancel()
            self._look = None

    def _rest(self) -> None:
        if self._in_use():
            self.need()
        else:
            self._look = None
            self._devices.setNoDev()
