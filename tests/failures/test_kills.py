"""Every part is killed under load; all that it left is right again, or told."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

import pytest

from tests.failures.auditor import Allowed
from tests.failures.strikes import Striker
from tests.failures.trial import Trial
from tests.servers.postgres import PostgresServer

pytestmark = [
    pytest.mark.edge,
    pytest.mark.sip,
    pytest.mark.fault,
    pytest.mark.postgres,
    pytest.mark.timeout(400),
]

WITHIN_S: Final = 3.0
"""In which the moment of the strike lies."""
APPEARS_WITHIN_S: Final = 20.0
"""A mixer is there while its room is."""
AWAY_S: Final = 3.0
"""How long a database that was killed is away; nobody restarts it but the test."""


@dataclass(frozen=True, slots=True)
class Row:
    part: str
    allowed: Allowed = field(default_factory=Allowed)


CUT: Final = frozenset({5000, 5010})
"""5000: a leg that a worker had lent to a call of another one."""
CANCELLED: Final = frozenset({1000})
"""Calls that were not answered yet, when their worker was stopped."""
DIED: Final = frozenset({500})
"""Callers whom a worker had not answered yet when it was killed."""
FULL: Final = frozenset({503})
DIALLED_NOBODY: Final = frozenset({480})
"""A caller whose Dial found no relay for its leg, and whose document ended there."""
HUNG_UP: Final = Allowed(codes=CUT | CANCELLED, refusals=FULL | {487}, hangs_up=True)
"""A worker without a supervisor hangs up its calls, wherever they are."""
NO_ANSWER: Final = frozenset({0})

ROWS: Final = (
    Row("worker", Allowed(codes=CUT, refusals=DIED)),
    Row("supervisor", HUNG_UP),
    Row("mixer"),
    Row("ledger", Allowed(repeats=True)),
    Row("api", Allowed(unserved=NO_ANSWER)),
    Row("kamailio"),
    Row(
        "rtpengine",
        Allowed(codes=CUT, refusals=FULL | DIALLED_NOBODY, silence=True),
    ),
    Row("topology"),
    Row("redis", Allowed(refusals=FULL, unserved=FULL)),
    Row("database", Allowed(unserved=FULL, repeats=True)),
    Row("speech"),
    Row("archive"),
)
"""And what each of them may do to calls, besides delaying what is told of them."""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.part)
async def test_kill(
    row: Row, chaos_round: int, run: Trial, database: PostgresServer
) -> None:
    striker = Striker(run.world.platform, run.dice)

    async def strike() -> None:
        await asyncio.sleep(run.dice.uniform(0, WITHIN_S))
        if row.part == "database":
            await asyncio.to_thread(database.kill)
            await asyncio.sleep(AWAY_S)
            await asyncio.to_thread(database.start)
        else:
            async with asyncio.timeout(APPEARS_WITHIN_S):
                while not striker.process(row.part):  # noqa: ASYNC110 - of processes
                    await asyncio.sleep(0.05)
            striker.kill(row.part)

    await run.run(strike)

    assert await run.judge(row.allowed) == []
