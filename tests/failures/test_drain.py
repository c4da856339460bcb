"""SIGTERM under load: what runs goes on, what is new goes elsewhere, nobody notices."""

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import pytest

from tests.failures.auditor import Allowed
from tests.failures.nodes import is_cut_short, second_node
from tests.failures.strikes import Striker
from tests.failures.trial import Trial
from voiceplat.cli import readiness
from voiceplat.cli.readiness import Check, until_ready

pytestmark = [
    pytest.mark.edge,
    pytest.mark.sip,
    pytest.mark.fault,
    pytest.mark.postgres,
    pytest.mark.timeout(400),
]

UP_WITHIN_S: Final = 40
AT_ONCE: Final = timedelta(seconds=1)
HURRY_AFTER_S: Final = 0.3
BEGINS: Final = frozenset({"call_received", "call_dialled"})
"""What was handed to a worker just before it was told may still begin."""


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


async def test_a_drain_in_a_hurry_hangs_up_and_tells(run: Trial) -> None:
    """Told to end a second time, a node does not wait for its calls any more."""
    striker = Striker(run.world.platform, run.dice)

    async def end() -> None:
        striker.terminate("supervisor")
        await asyncio.sleep(HURRY_AFTER_S)
        striker.terminate("supervisor")

    await is_cut_short(run, end)


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
