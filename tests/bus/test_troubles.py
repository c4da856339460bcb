"""Troubles of the last hour on a real Redis."""

from datetime import timedelta

import pytest

from voiceplat.bus.bus import Bus
from voiceplat.calls.trouble import PLATFORM, Trouble, TroubleKind
from voiceplat.core.clock import utc_now
from voiceplat.core.ids import AuthId

pytestmark = pytest.mark.redis

MAIN = AuthId("MA" + "M" * 18)
SUB = AuthId("SA" + "S" * 18)


def trouble(account: AuthId, text: str) -> Trouble:
    return Trouble(at=utc_now(), account=account, kind=TroubleKind.CALL, text=text)


async def test_the_latest_comes_first(bus: Bus) -> None:
    since = utc_now() - timedelta(minutes=1)
    await bus.troubles.add(trouble(MAIN, "one"))
    await bus.troubles.add(trouble(MAIN, "two"))
    assert [it.text for it in await bus.troubles.last(MAIN, since)] == ["two", "one"]


async def test_a_main_account_sees_its_subaccounts_troubles(bus: Bus) -> None:
    since = utc_now() - timedelta(minutes=1)
    await bus.troubles.add(trouble(SUB, "sub"), main=MAIN)
    for account in (SUB, MAIN):
        assert [it.account for it in await bus.troubles.last(account, since)] == [SUB]


async def test_the_platforms_own_are_nobody_elses(bus: Bus) -> None:
    since = utc_now() - timedelta(minutes=1)
    await bus.troubles.add(trouble(PLATFORM, "a worker died"))
    assert await bus.troubles.last(MAIN, since) == []
    assert len(await bus.troubles.last(PLATFORM, since)) == 1


async def test_what_was_before_is_not_told(bus: Bus) -> None:
    await bus.troubles.add(trouble(MAIN, "one"))
    later = utc_now() + timedelta(minutes=1)
    assert await bus.troubles.last(MAIN, later) == []
