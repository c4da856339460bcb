import pytest

from voiceplat.bus.bus import Bus
from voiceplat.bus.directory import AccountEntry, AppEntry, NumberEntry, TrunkEntry
from voiceplat.calls.call import Hook
from voiceplat.core.ids import AppId, AuthId

MAIN = AuthId("MA" + "A" * 18)
SUB = AuthId("SA" + "B" * 18)
APP = AppId("1" * 17)


@pytest.fixture
async def directory_of_one(bus: Bus) -> Bus:
    """A subaccount with an application, a number, an endpoint, and three trunks."""
    await bus.directory.put_account(
        AccountEntry(
            auth_id=SUB, main_auth_id=MAIN, sealed_token="s", sealed_main_token="m"
        )
    )
    await bus.directory.put_app(
        AppEntry(
            app_id=APP, account=SUB, answer=Hook(url="http://app/answer", method="GET")
        )
    )
    await bus.directory.put_number(
        NumberEntry(number="15550100", account=SUB, app_id=APP)
    )
    await bus.directory.put_trunks(
        [
            TrunkEntry(id=1, name="all", host="192.0.2.1", port=5060),
            TrunkEntry(
                id=2, name="us", host="192.0.2.2", port=5060, prefixes=("1", "44")
            ),
            TrunkEntry(
                id=3,
                name="us-first",
                host="192.0.2.3",
                port=5060,
                prefixes=("1",),
                priority=1,
            ),
        ]
    )
    return bus
