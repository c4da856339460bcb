"""A number is verified by a real call: its owner hears the code and gives it back."""

import re
from collections import Counter

import pytest

from tests.calls_e2e.conftest import World
from tests.calls_e2e.test_ivr import speech_of
from voiceplat.telephony.softphone import SoftphoneCall

pytestmark = [pytest.mark.edge, pytest.mark.sip]

NUMBER = "4930123456"
WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


async def heard_code(world: World, call: SoftphoneCall) -> str:
    """What most of the three times sounded like."""
    async with speech_of(world) as speech:
        text = (await speech.recognise(call.heard)).text.casefold()
    for digit, word in enumerate(WORDS):
        text = re.sub(rf"\b{word}\b", str(digit), text)
    times = [re.sub(r"\D", "", part)[:6] for part in re.split(r"code is", text)[1:]]
    assert times, text
    return Counter(times).most_common(1)[0][0]


async def test_the_code_that_is_heard_verifies_the_number(world: World) -> None:
    carrier = await world.carrier_in_service()
    begun = await world.sdk(
        lambda: world.client.verify_callerids.initiate_verify(
            phone_number=NUMBER, alias="desk", channel="call"
        )
    )

    call = await carrier.next_call()
    await call.answer()
    await call.until_ended()
    code = await heard_code(world, call)
    made = await world.sdk(
        lambda: world.client.verify_callerids.verify_caller_id(
            begun.verification_uuid, otp=code
        )
    )

    assert made.phone_number == NUMBER
    shown = await world.sdk(
        lambda: world.client.verify_callerids.get_verified_caller_id(NUMBER)
    )
    assert shown.alias == "desk"
    log = "".join(path.read_text() for path in world.platform.data.glob("logs/*.log"))
    assert code not in log
