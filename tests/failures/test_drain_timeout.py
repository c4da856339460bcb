"""A media node whose calls last longer than it may wait for them."""

from collections.abc import Iterator

import pytest

from tests.calls_e2e.conftest import Site, set_up
from tests.failures.conftest import IMPATIENT
from tests.failures.nodes import is_cut_short
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


@pytest.fixture(scope="module")
def site(database: PostgresServer) -> Iterator[Site]:
    """It waits for a second, where each call of the load lasts longer."""
    with set_up(IMPATIENT | {"MEDIA__DRAIN_TIMEOUT_S": "1"}) as made:
        yield made


async def test_what_still_runs_after_the_drain_timeout_is_hung_up_and_told(
    run: Trial,
) -> None:
    striker = Striker(run.world.platform, run.dice)

    async def end() -> None:
        striker.terminate("supervisor")

    await is_cut_short(run, end)
