"""A second media node, and what becomes of the calls that the first has to cut."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from tests.failures.auditor import Allowed
from tests.failures.conftest import IMPATIENT
from tests.failures.seen import Kind, Seen
from tests.failures.trial import Trial
from tests.servers.voiceplat_process import VoiceplatProcess, one_more
from voiceplat.calls.call import LiveCall
from voiceplat.core.clock import utc_now
from voiceplat.core.ids import CallUuid

SECOND_HOST: Final = "127.0.0.9"
UP_WITHIN_S: Final = 40
PATIENCE_S: Final = 60
JUST_NOW: Final = timedelta(seconds=1)
LATEST: Final = 10
"""Of the requests, those that may be of a call that was answered just now."""


async def until_slots(run: Trial, count: int) -> None:
    async with run.world.bus() as bus, asyncio.timeout(UP_WITHIN_S):
        while await bus.slots.count() < count:  # noqa: ASYNC110 - of other processes
            await asyncio.sleep(0.1)


@asynccontextmanager
async def second_node(run: Trial) -> AsyncIterator[VoiceplatProcess]:
    """Another `voiceplat media`, on an address of its own."""
    async with run.world.bus() as bus:
        slots = await bus.slots.count()
    own = {"MEDIA__PRIVATE_HOST": SECOND_HOST, "MEDIA__SIP_PORT_MIN": "0"}
    async with one_more("media", run.world.platform, IMPATIENT | own) as node:
        await until_slots(run, 2 * slots)
        yield node


async def until_playing(run: Trial) -> str:
    """The uuid of a call of the first node, just answered, that has seconds to go."""
    async with run.world.bus() as bus, asyncio.timeout(PATIENCE_S):
        while True:
            for asked in run.world.customer.requests("/answer")[-LATEST:]:
                call = await bus.live.get(CallUuid(asked.fields["CallUUID"]))
                mark = Seen.of(asked.fields["X-PH-Mark"])
                if mark.kind is Kind.PLAY and call and is_new(call):
                    return call.call.uuid
            await asyncio.sleep(0.05)


def is_new(call: LiveCall) -> bool:
    elsewhere = call.worker.startswith(SECOND_HOST)
    since = call.answered_at
    return not elsewhere and since is not None and utc_now() - since < JUST_NOW


async def is_cut_short(run: Trial, end: Callable[[], Awaitable[None]]) -> None:
    """`end` ends the first node with calls up: they are hung up, and told."""
    cut = ""
    async with second_node(run):
        await run.note_idle()
        before = run.world.platform.log("media")

        async def strike() -> None:
            nonlocal cut
            cut = await until_playing(run)
            await end()

        await run.run(strike)

        # 1000: its own calls, not answered yet; 5000: legs that it had lent to calls of
        # the other node, and 3090 those that still rang, for callers who then get 480
        codes = frozenset({1000, 3090, 5000})
        allowed = Allowed(codes, refusals=frozenset({480, 487}), silence=True)
        assert await run.judge(allowed) == []
    log = run.world.platform.log("media").removeprefix(before)
    assert "drain_cut_short" in log
    [told] = [
        it.fields
        for it in run.world.customer.requests("/hangup")
        if it.fields["CallUUID"] == cut
    ]
    assert (told["HangupCauseCode"], told["HangupSource"]) == ("4000", "Plivo")
