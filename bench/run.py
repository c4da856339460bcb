"""The parts of a run, one after the other; one that breaks down costs its own rows."""

import asyncio
import math
import sys
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench.carrier import Carrier
from bench.customer import customer_server
from bench.figures import Figure, shown
from bench.http import Api
from bench.measures import (
    bridged,
    calls_in,
    calls_out,
    conference,
    ivr,
    load,
    machine,
    menu,
    parser,
    rate,
    recognition,
    recording,
    registrations,
)
from bench.measures.audience import Audience
from bench.site import (
    CARRIER,
    DIAL,
    MENU,
    PLAY,
    SPEAK,
    Site,
    add_number,
    running_site,
)
from tests.servers.free_ports import free_port

FEW_WORKERS: Final = 8
MANY_WORKERS: Final = 40
FEW: Final = ("in", "speak", "dial", "menu", "out", "api")
"""On a platform of few workers; `api` comes last, it leaves a queue."""
MANY: Final = ("idle", "load", "rate", "register")
USUAL: Final = ("machine", "parser", "conference", *FEW, *MANY, "input")
BY_NAME: Final = ("recognition", "ivr", "recording")
"""Minutes each: with them it would take more than a quarter of an hour."""
PARTS: Final = (*USUAL, *BY_NAME)


@dataclass(slots=True)
class Run:
    wanted: set[str]
    folder: Path
    figures: list[Figure] = field(default_factory=list)
    done: set[str] = field(default_factory=set)

    async def all_parts(self, within_s: float) -> None:
        """What has not been measured by then is missed."""
        try:
            async with asyncio.timeout(within_s):
                await self._parts()
        except TimeoutError:
            _tell(f"stopped after {within_s:g} s")
        except Exception:  # noqa: BLE001 - what was measured until then was measured
            traceback.print_exc()
        for part in PARTS:
            if part in self.wanted and part not in self.done:
                self.figures.append(_not_measured(part))

    async def _parts(self) -> None:
        folder = self.folder
        await self._part("machine", machine.costs)
        await self._part("parser", parser.parsed)
        await self._part("conference", conference.mixed)
        async with customer_server() as customer:
            if not self.wanted.isdisjoint(FEW):
                pace = {"QUEUE__CALLS_PER_SECOND": str(calls_out.PACE)}
                with running_site(customer, FEW_WORKERS, pace) as site:
                    await self._few(site)
            if not self.wanted.isdisjoint(MANY):
                with running_site(customer, MANY_WORKERS, {}) as site:
                    await self._many(site)
        await self._part("input", lambda: ivr.asked_calls(folder))
        await self._part("recognition", lambda: recognition.recognition(folder))
        await self._part("ivr", lambda: ivr.understood_calls(folder))
        await self._part("recording", lambda: recording.recorded_calls(folder))

    async def _few(self, site: Site) -> None:
        """How long one thing takes, and what calls with conversations cost."""
        callee, folder = free_port(), self.folder
        at = (CARRIER, site.carrier_port, site.platform.sip)
        async with _api(site) as api, Carrier.at(*at) as carrier:
            await add_number(site, api, PLAY, "/play")
            await add_number(site, api, SPEAK, "/speak")
            await add_number(site, api, MENU, "/menu")
            await add_number(site, api, DIAL, f"/dial/{CARRIER}:{callee}")
            await self._part("in", lambda: calls_in.played(site, carrier))
            await self._part("speak", lambda: calls_in.spoken(carrier))
            with Audience.at(CARRIER) as audience:
                await self._part(
                    "dial", lambda: bridged.talking(site, audience, callee, folder)
                )
                await self._part("menu", lambda: menu.pressed(site, audience, folder))
            await self._part(
                "out", lambda: calls_out.post_to_invite(site, carrier, api)
            )
            await self._part("api", lambda: calls_out.post_answered(site, api))

    async def _many(self, site: Site) -> None:
        """What much of it costs."""
        folder = self.folder
        async with _api(site) as api:
            await add_number(site, api, PLAY, "/play")
            with Audience.at(CARRIER) as audience:
                await self._part("idle", lambda: load.idle(site))
                await self._part("load", lambda: load.playing(site, audience, folder))
                await self._part(
                    "rate", lambda: rate.calls_per_second(site, audience, folder)
                )
            await self._part("register", lambda: registrations.registered(site, folder))

    async def _part(
        self, part: str, measure: Callable[[], Awaitable[list[Figure]]]
    ) -> None:
        if part not in self.wanted:
            return
        try:
            figures = await measure()
        except Exception:  # noqa: BLE001 - the other parts have their own rows
            traceback.print_exc()
            return
        self.done.add(part)
        self.figures += figures
        told = ", ".join(f"{shown(one.value)} {one.unit}" for one in figures[:3])
        _tell(f"{part}: {told}")


@asynccontextmanager
async def _api(site: Site) -> AsyncIterator[Api]:
    running = site.platform
    api = Api(running.api, running.auth_id, running.auth_token)
    try:
        yield api
    finally:
        await api.close()


def _not_measured(part: str) -> Figure:
    """A row that is missed."""
    return Figure(f"{part}: not measured", math.nan, "", target=0)


def _tell(what: str) -> None:
    """Progress, for who waits; the table comes at the end."""
    print(what, file=sys.stderr, flush=True)
