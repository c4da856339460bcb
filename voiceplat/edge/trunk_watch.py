"""Tells the bus how the trunks are: asked of Kamailio, every few seconds."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog

from voiceplat.bus.bus import Bus
from voiceplat.bus.trunks import UNKNOWN, TrunkHealth, TrunkState
from voiceplat.calls.trouble import PLATFORM, Trouble, TroubleKind, Troubles
from voiceplat.core.clock import utc_now
from voiceplat.core.errors import Unavailable
from voiceplat.edge.control import RpcRefused

log = structlog.get_logger()

Rpc = Callable[..., Awaitable[Any]]

_MISSED_ROUNDS: Final = 5
"""What was told holds for so many rounds."""
_NOT_TAKING: Final = ("I", "D")
"""Flags of a dispatcher target that is probed dead, or was disabled by hand."""


async def watch_trunks(
    bus: Bus,
    rpc: Rpc,
    names: Callable[[], Mapping[int, str]],
    troubles: Troubles,
    every: timedelta,
) -> None:
    """Runs until cancelled; a Kamailio or Redis that is away is asked again."""
    known: Mapping[int, TrunkState] = {}
    while True:
        try:
            before = known or await bus.trunks.states()
            known = await look(rpc, names(), before)
            _tell_changes(before, known, names(), troubles)
            await bus.trunks.tell(known, good_for=every * _MISSED_ROUNDS)
        except (Unavailable, RpcRefused) as error:
            log.info("trunks_not_seen", why=str(error))
        await asyncio.sleep(every.total_seconds())


async def look(
    rpc: Rpc, ids: Iterable[int], before: Mapping[int, TrunkState]
) -> dict[int, TrunkState]:
    """The state of each trunk now. Raises Unavailable, RpcRefused."""
    alive = await _alive(rpc)
    failures = _failures(await rpc("htable.dump", "failures"))
    now, seen = utc_now(), dict[int, TrunkState]()
    for trunk in ids:
        health = TrunkHealth.UP if trunk in alive else TrunkHealth.DOWN
        last = before.get(trunk, UNKNOWN)
        failed_at, failure = failures.get(trunk, (last.failed_at, last.last_failure))
        seen[trunk] = TrunkState(
            health=health,
            since=last.since if last.health is health else now,
            calls=await _calls(rpc, trunk),
            last_failure=failure,
            failed_at=failed_at,
        )
        if last.health not in {health, TrunkHealth.UNKNOWN}:
            log.warning("trunk_changed", trunk=trunk, health=health)
    return seen


def _tell_changes(
    before: Mapping[int, TrunkState],
    now: Mapping[int, TrunkState],
    names: Mapping[int, str],
    troubles: Troubles,
) -> None:
    for trunk, state in now.items():
        if before.get(trunk, UNKNOWN).health in {state.health, TrunkHealth.UNKNOWN}:
            continue
        why = f": {state.last_failure}" if state.last_failure else ""
        down = state.health is TrunkHealth.DOWN
        trouble = Trouble(
            at=state.since or utc_now(),
            account=PLATFORM,
            kind=TroubleKind.TRUNK,
            text=f"trunk {names.get(trunk, trunk)} is {state.health}"
            + (why if down else ""),
        )
        troubles.trouble(trouble)


async def _calls(rpc: Rpc, trunk: int) -> int:
    return int(await rpc("dlg.profile_get_size", "trunk", str(trunk)))


async def _alive(rpc: Rpc) -> set[int]:
    """Ids of the trunks of which an address may be called."""
    try:
        told = await rpc("dispatcher.list")
    except RpcRefused:  # it has none
        return set()
    sets = [record["SET"] for record in told["RECORDS"]]
    return {
        int(one["ID"])
        for one in sets
        if any(not t["DEST"]["FLAGS"].startswith(_NOT_TAKING) for t in one["TARGETS"])
    }


def _failures(told: Any) -> dict[int, tuple[datetime, str]]:  # noqa: ANN401 - JSON of any shape
    """When and how, by trunk id; outbound.cfg writes `EPOCH WORDS`."""
    found = {}
    for slots in told or []:
        for slot in slots["slot"]:
            at, _, words = str(slot["value"]).partition(" ")
            found[int(slot["name"])] = (datetime.fromtimestamp(int(at), UTC), words)
    return found
