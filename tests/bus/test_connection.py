"""The ways to Redis that a setting may name."""

import pytest

from tests.servers.redis import PATIENCE, RedisServer
from voiceplat.bus.connection import connect
from voiceplat.core.settings import RedisSettings

pytestmark = pytest.mark.redis


@pytest.mark.parametrize("way", ["tcp", "unix"])
async def test_redis_is_reached_by_a_port_and_by_a_socket(
    redis: RedisServer, way: str
) -> None:
    url = redis.url if way == "tcp" else f"unix://{redis.socket}"

    async with connect(RedisSettings(url=url, **PATIENCE)) as wire:
        assert await wire.ask("ECHO", "hello") == "hello"
