from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from tests.bus.calls import MAIN, OTHER
from tests.ledger.parts import Parts
from tests.servers.redis import RedisServer
from voiceplat.bus import keys
from voiceplat.core.errors import NotFound, Unavailable
from voiceplat.core.sealing import WrongSecretKey, new_secret_key
from voiceplat.core.settings import SecuritySettings
from voiceplat.ledger.accounts import Accounts
from voiceplat.webhooks.signature import SigningKeys

pytestmark = pytest.mark.redis


async def test_an_account_s_zone_and_keys_come_from_the_directory(
    parts: Parts,
) -> None:
    assert await parts.accounts.zone(MAIN) == ZoneInfo("Asia/Kolkata")
    assert await parts.accounts.keys(MAIN) == SigningKeys("token", "token")


async def test_an_account_that_is_gone_has_utc_and_no_keys(parts: Parts) -> None:
    assert await parts.accounts.zone(OTHER) == UTC
    with pytest.raises(NotFound):
        await parts.accounts.keys(OTHER)


async def test_a_zone_that_this_host_does_not_know_is_utc(parts: Parts) -> None:
    entry = await parts.bus.directory.account(MAIN)
    assert entry is not None
    await parts.bus.directory.put_account(
        entry.model_copy(update={"timezone": "Mars/Olympus"})
    )

    assert await parts.accounts.zone(MAIN) == UTC


async def test_a_directory_that_is_not_filled_says_nothing_of_an_account(
    parts: Parts, redis: RedisServer
) -> None:
    with redis.client() as client:
        client.delete(keys.DIRECTORY_READY)

    with pytest.raises(Unavailable):
        await parts.accounts.zone(OTHER)
    with pytest.raises(Unavailable):
        await parts.accounts.keys(OTHER)


async def test_keys_that_were_sealed_otherwise_are_no_keys(parts: Parts) -> None:
    security = SecuritySettings.model_validate({"secret_key": new_secret_key()})

    with pytest.raises(WrongSecretKey):
        await Accounts(parts.bus.directory, security).keys(MAIN)
