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
from tests.failures.strikes import Striker
from tests.failures.trial import Trial
from tests.servers.voiceplat_process import VoiceplatProcess, one_more
from voiceplat.cli import readiness
from voiceplat.cli.readiness import Check, until_ready

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
BEGINS: Final = frozenset({"call_received", "call_dialled"})
"""What was handed to a worker just before it was told may still begin."""


async def until_slots(run: Trial, count: int) -> None:
    async with run.world.bus() as bus, asyncio.timeout(UP_WITHIN_S):
        while await bus.slots.count() < count:  # noqa: ASYNC110 - of other processes
            await asyncio.sleep(0.1)


@asynccontextmanager
async def second_node(run: Trial, **more: str) -> AsyncIterator[VoiceplatProcess]:
    """Another `voiceplat media`, on an address of its own."""
    async with run.world.bus() as bus:
        slots = await bus.slots.count()
    own = {"MEDIA__PRIVATE_HOST": SECOND_HOST, "MEDIA__SIP_PORT_MIN": "0"}
    async with one_more("media", run.world.platform, IMPATIENT | own | more) as node:
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
        if line["event"] in {"call_received", "call_dialled"}
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


async def test_what_still_runs_after_the_drain_timeout_is_hung_up_and_told(
    run: Trial,
) -> None:
    await run.note_idle()
    async with second_node(run, MEDIA__DRAIN_TIMEOUT_S="0") as node:

        async def strike() -> None:
            """Just when it has begun a call, for which it has no time."""
            async with asyncio.timeout(PATIENCE_S):
                while not BEGINS & set(node.log().split('"')):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            node.terminate()
            await node.process.wait()

        await run.run(strike)

    assert "drain_cut_short" in node.log()
    # 5000: legs that it had lent to calls of the other node; 1000: not answered yet
    cut = Allowed(frozenset({1000, 5000}), refusals=frozenset({487}), silence=True)
    assert await run.judge(cut) == []


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
