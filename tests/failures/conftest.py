"""A platform on PostgreSQL that is quick to notice what is dead."""

import secrets
from collections.abc import AsyncIterator, Iterator
from random import Random
from typing import Final

import pytest

from tests.calls_e2e.conftest import Site, World, customer, set_up, world
from tests.failures.trial import Trial, trial
from tests.servers.postgres import PostgresServer, find_binaries, postgres_process

__all__ = ["customer", "world"]

IMPATIENT: Final = {
    "API__REQUESTS_PER_WINDOW": "150",
    "MEDIA__DRAIN_TIMEOUT_S": "20",
    "MEDIA__HEARTBEAT_INTERVAL_MS": "300",
    "MEDIA__HEARTBEAT_TIMEOUT_MS": "2000",
    "MEDIA__WORKERS": "5",
    "QUEUE__CALLS_PER_SECOND": "20",
    "SPEECH__AWAY_MAX_MS": "30000",  # on a machine that has much else to do
    "SIP__INBOUND_CALLS_PER_SECOND": "20",
}


@pytest.fixture(scope="module")
def database() -> Iterator[PostgresServer]:
    if find_binaries() is None:
        pytest.fail("PostgreSQL is not installed (apt-get install postgresql)")
    with postgres_process() as server, pytest.MonkeyPatch.context() as environment:
        environment.setenv("VOICEPLAT_DATABASE__URL", server.url)
        yield server


@pytest.fixture(scope="module")
def site(database: PostgresServer) -> Iterator[Site]:
    """One for each file."""
    with set_up(IMPATIENT) as made:
        yield made


@pytest.fixture
async def run(
    world: World, request: pytest.FixtureRequest, pytestconfig: pytest.Config
) -> AsyncIterator[Trial]:
    """Its dice fall the same way for the same `--chaos-seed`."""
    seed = pytestconfig.getoption("chaos_seed") or secrets.randbelow(10**6)
    print(f"--chaos-seed {seed}")  # noqa: T201 - shown when the test fails
    dice = Random(f"{seed} {request.node.name}")  # noqa: S311 - to be repeated
    async with trial(world, dice) as made:
        yield made


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "chaos_round" in metafunc.fixturenames:
        rounds = metafunc.config.getoption("chaos_rounds")
        metafunc.parametrize("chaos_round", range(1, rounds + 1))
