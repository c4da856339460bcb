"""The auditor's view of the bus misses nothing that Redis wrote."""

import time
from pathlib import Path

import pytest
from redis import Redis

from tests.failures.bus_log import BusLog
from tests.servers.redis import RedisServer
from voiceplat.bus import keys

pytestmark = pytest.mark.redis


def tell(client: "Redis", uuid: str) -> None:
    client.xadd(keys.EVENTS, {"kind": "ended", "call_uuid": uuid})


def begins_a_new_file(client: "Redis", folder: Path) -> None:
    """Returns when the one before is gone."""
    before = set(folder.glob("*/*.incr.aof"))
    client.bgrewriteaof()
    while before & set(folder.glob("*/*.incr.aof")):
        time.sleep(0.01)


def test_what_was_written_before_redis_began_a_new_file_is_read(
    redis: RedisServer,
) -> None:
    folder = redis.socket.parent
    log = BusLog(folder)
    with redis.client() as client:
        tell(client, "1")
        begins_a_new_file(client, folder)
        tell(client, "2")
        log.read()
        tell(client, "3")
    log.read()
    log.close()

    assert log.events == {("ended", uuid): 1 for uuid in "123"}
