"""What operators look at, asked of a real Prometheus that scrapes a real platform."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.calls_e2e.conftest import TONE, Site, World, set_up, uri
from tests.metrics.promql import expressions
from tests.servers.prometheus import prometheus

pytestmark = [pytest.mark.edge, pytest.mark.sip]

INTERVAL = "$__rate_interval"
"""Grafana puts a time there."""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """Of its own: what other tests break would set alerts off."""
    with set_up({}) as made:
        yield made


async def test_prometheus_understands_the_platform(
    world: World, tmp_path: Path
) -> None:
    urls, phone = world.platform.metrics, await world.phone()
    sound = world.customer.serves("/sound.wav", TONE)
    async with prometheus(tmp_path, urls) as seen:
        await seen.until('up{job="voiceplat"} == 1', len(urls))
        uuid = await world.place(uri(phone), f"<Play>{sound}</Play>")
        call = await phone.next_call()
        await call.answer()
        await world.customer.event("Hangup", call_uuid=uuid)

        await seen.until('sum(voiceplat_calls_ended_total{answered="yes"}) > 0', 1)
        for expression in expressions():
            await seen.ask(expression.replace(INTERVAL, "5m"))
        # set off, if only for a moment; nobody lives where the trunks lead to
        assert await seen.names("ALERTS", "alertname") == {"TrunkDown"}
