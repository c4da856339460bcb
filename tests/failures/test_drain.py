"""SIGTERM under load: what runs goes on, what is new goes elsewhere, nobody notices."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final

import pytest

from tests.failures.auditor import Allowed
from tests.failures.conftest import IMPATIENT
from tests.failures.seen import Kind, Seen
from tests.failures.strikes import Striker
from tests.failures.trial import Trial
from tests.servers.voiceplat_process import VoiceplatProcess, one_more
from voiceplat.calls.call import LiveCall
from voiceplat.cli import readiness
from voiceplat.cli.readiness import Check, until_ready
from voiceplat.core.clock import utc_now
from voiceplat.core.ids import CallUuid

pytestmark = [
    pytest.mark.edge,
    pytest.mark.sip,
    pytest.mark.fault,
    pytest.mark.postgres,
    pytest.mark.timeout(400),
]

SECOND_HOST: Final = "127.0.0.9"
UP_WITHIN_S: Final = 40
AT_ONCE: Final = timedelta(seconds=1)
PATIENCE_S: Final = 60
HURRY_AFTER_S: Final = 0.3
LATEST: Final = 10
"""Of the requests, those that may be of a call that was answered just now."""
BEGINS: Final = frozenset({"call_received", "call_dialled"})
"""What was handed to a worker just before it was told may still begin."""


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


def begun_after_draining(log: str) -> list[dict[str, str]]:
    """Calls that the workers of a node took a while after it was told to drain."""
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    order = next(at for at, line in enumerate(lines) if line["event"] == "draining")
    when = datetime.fromisoformat(lines[order]["timestamp"])
    its = {it["worker"] for it in lines[:order] if it["event"] == "worker_ready"}
    return [
        line
        for line in lines[order:]
        if line["event"] in BEGINS
        and line["worker"] in its
        and datetime.fromisoformat(line["timestamp"]) > when + AT_ONCE
    ]


async def test_a_node_drains_and_another_one_takes_over(run: Trial) -> None:
    striker = Striker(run.world.platform, run.dice)
    async with second_node(run) as other:
        await run.note_idle()
        before = run.world.platform.log("media")

        async def strike() -> None:
            striker.terminate("supervisor")

        await run.run(strike)

        assert await run.judge(Allowed()) == []
        assert "call_received" in other.log()
    log = run.world.platform.log("media").removeprefix(before)
    assert "drain_cut_short" not in log
    assert begun_after_draining(before + log) == []


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
    return not elsewhere and since is not None and utc_now() - since < AT_ONCE


async def test_a_drain_in_a_hurry_hangs_up_and_tells(run: Trial) -> None:
    """Told to end a second time, a node does not wait for its calls any more."""
    striker = Striker(run.world.platform, run.dice)
    cut = ""
    async with second_node(run):
        await run.note_idle()
        before = run.world.platform.log("media")

        async def strike() -> None:
            nonlocal cut
            cut = await until_playing(run)
            striker.terminate("supervisor")
            await asyncio.sleep(HURRY_AFTER_S)
            striker.terminate("supervisor")

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


PARTS: Final[Mapping[str, Check]] = {
    "api": readiness.api_answers,
    "ledger": readiness.redis_answers,
    "archive": readiness.spool_is_served,
    "speech": readiness.speech_answers,
    "supervisor": readiness.slots_are_offered,
    "kamailio": readiness.edge_answers,
}
"""Which are restarted, in this order, and what shows that one is back."""


async def restart(part: str, striker: Striker, run: Trial) -> None:
    """SIGTERM; returns when its successor serves."""
    old = striker.terminate(part)
    async with asyncio.timeout(UP_WITHIN_S):
        while striker.process(part) in {0, old}:  # noqa: ASYNC110 - of processes
            await asyncio.sleep(0.2)
    await until_ready(PARTS[part], run.settings, UP_WITHIN_S)


async def test_each_process_is_restarted_and_no_call_fails(run: Trial) -> None:
    """Two media nodes; of all others there is one."""
    striker = Striker(run.world.platform, run.dice)
    async with second_node(run):
        await run.note_idle()

        async def strike() -> None:
            for part in PARTS:
                await restart(part, striker, run)

        await run.run(strike)

        assert await run.judge(Allowed()) == []
