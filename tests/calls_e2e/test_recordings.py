"""What is recorded of real calls, listened to."""

import asyncio
from pathlib import Path

import pytest

from tests.calls_e2e.conftest import World
from voiceplat.telephony.listen import write_tone

pytestmark = [pytest.mark.edge, pytest.mark.sip, pytest.mark.compat]


async def test_a_caller_leaves_a_message(world: World, tmp_path: Path) -> None:
    customer = world.customer
    box = customer.document(
        "/answer",
        f'<Record action="{customer.url}/left" callbackUrl="{customer.url}/ready"'
        ' fileFormat="wav" finishOnKey="#"/>',
    )
    await world.application(answer_url=box)
    caller = await world.carrier()
    call = await world.dialled(caller)
    await call.until_answered()
    await asyncio.sleep(1.5)
    await call.say(write_tone(tmp_path / "m.wav", 500, 1.0))
    pressing = asyncio.create_task(call.press("#"))
    (left,) = await customer.asked_for("/left")
    print(left.fields)
    await asyncio.wait([pressing])
    await call.until_ended()
    await asyncio.sleep(2)
    print(world.platform.log("archive"))
    print(world.platform.log("ledger")[-1500:])
    import subprocess

    print(
        subprocess.run(
            [
                "find",
                str(world.platform.data / "spool"),
                str(world.platform.data / "recordings"),
                "-ls",
            ],
            capture_output=True,
            text=True,
        ).stdout
    )
    print([a.fields for a in customer.requests("/ready")])
