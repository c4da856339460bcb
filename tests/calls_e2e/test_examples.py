"""The programs of docs/examples/, as a newcomer starts them, judged by ear.

Each is a web application with Plivo's SDK, unmodified, under `voiceplat run`, which
finds server and account by itself.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import httpx
import pytest

from tests.calls_e2e.conftest import NUMBER, World, uri
from tests.calls_e2e.hearing import SAME_HZ, heard_so_far
from tests.calls_e2e.recorded import listened_to
from tests.calls_e2e.test_dial import each_hears_the_other, sound
from tests.calls_e2e.test_ivr import part, sounds_like, speech_of, synthesised
from tests.repository import ROOT
from tests.servers.free_ports import free_port
from voiceplat.telephony.softphone import SoftphoneCall

pytestmark = [
    pytest.mark.edge,
    pytest.mark.sip,
    pytest.mark.compat,
    pytest.mark.timeout(300),  # each starts two programs, and calls
]

EXAMPLES: Final = ROOT / "docs/examples"
FORWARD_TO: Final = "+33123456789"
HEADER_BYTES: Final = 44
BYTES_A_SECOND: Final = 16000
WITHIN_S: Final = 60
BEEP_HZ: Final = 1000.0
BEEP_S: Final = 0.25


@asynccontextmanager
async def example(
    world: World, name: str, **environment: str
) -> AsyncIterator[httpx.AsyncClient]:
    """The example as it is told to be started; a client of its web server."""
    port = free_port()
    config = ("--config", str(world.platform.config))
    ours = (sys.executable, "-m", "voiceplat", *config, "run", "--")
    process = await asyncio.create_subprocess_exec(
        *(*ours, sys.executable, "-m", "flask", "--app", name),
        *("run", "--port", str(port)),
        cwd=EXAMPLES,
        env=os.environ | environment,  # noqa: TID251 - a child's environment
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        async with httpx.AsyncClient(base_url=url, timeout=WITHIN_S) as client:
            await _until_it_answers(client, process)
            yield client
    finally:
        process.terminate()
        await process.communicate()


async def _until_it_answers(
    client: httpx.AsyncClient, process: asyncio.subprocess.Process
) -> None:
    async with asyncio.timeout(WITHIN_S):
        while True:
            assert process.returncode is None
            try:
                await client.get("/")
            except httpx.ConnectError:
                await asyncio.sleep(0.2)
            else:
                return


async def called(world: World, app: httpx.AsyncClient) -> SoftphoneCall:
    """A caller of the number that the example answers."""
    await world.application(answer_url=f"{app.base_url}/answer")
    call = await world.dialled(await world.carrier())
    await call.until_answered()
    return call


async def until_spoken_to(call: SoftphoneCall, seconds: float = 1) -> None:
    """Returns when the party has heard that much."""
    async with asyncio.timeout(WITHIN_S):
        while not (  # noqa: ASYNC110 - another process writes it
            call.heard.exists()
            and call.heard.stat().st_size > HEADER_BYTES + seconds * BYTES_A_SECOND
        ):
            await asyncio.sleep(0.1)


async def until_beeped(call: SoftphoneCall) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not any(  # noqa: ASYNC110 - another process writes it
            abs(tone.hz - BEEP_HZ) < SAME_HZ and tone.seconds > BEEP_S / 2
            for tone in heard_so_far(call)
        ):
            await asyncio.sleep(0.1)


async def ended(call: SoftphoneCall) -> None:
    async with asyncio.timeout(WITHIN_S):
        await call.until_ended()


async def words(world: World, heard: Path) -> str:
    async with speech_of(world) as speech:
        return (await speech.recognise(heard)).text


async def test_outbound_call(world: World) -> None:
    phone = await world.phone()
    async with example(world, "outbound_call") as app:
        placed = await app.post("/call", data={"from": NUMBER, "to": uri(phone)})
        call = await phone.next_call()
        await call.answer()
        await ended(call)
        record = await world.cdr(placed.json()["call_uuid"])

    heard = await words(world, call.heard)
    assert sounds_like("Hello. A few lines of Python are calling you.", heard)
    assert record.hangup_cause_name == "End Of XML Instructions"


@pytest.mark.parametrize(
    ("key", "answer"),
    [
        ("1", "We are open from nine to five, from Monday to Friday."),
        ("2", "You find us in the old town, next to the river."),
    ],
)
async def test_ivr_by_keys(world: World, key: str, answer: str) -> None:
    async with example(world, "ivr") as app:
        call = await called(world, app)
        await until_spoken_to(call)
        await call.press(key)
        await ended(call)

    heard = await words(world, call.heard)
    assert sounds_like(answer[-30:], heard[-30:])


async def test_ivr_by_voice(world: World) -> None:
    said = await synthesised(world, "Opening hours, please.")
    async with example(world, "ivr") as app:
        call = await called(world, app)
        await until_spoken_to(call)
        await call.say(said)
        await ended(call)

    assert sounds_like(" Monday to Friday.", (await words(world, call.heard))[-18:])


async def test_forwarding(world: World) -> None:
    async with example(world, "forwarding", FORWARD_TO=FORWARD_TO) as app:
        await world.application(answer_url=f"{app.base_url}/answer")
        carrier = await world.carrier_in_service()
        caller = await world.dialled(carrier)
        callee = await carrier.next_call()
        await callee.answer()
        await caller.until_answered()
        await each_hears_the_other(world.folder, caller, callee)
        await callee.hang_up()
        await ended(caller)

    assert callee.invite is not None
    assert callee.invite.request_user == FORWARD_TO
    assert "15550199" in callee.invite.from_uri


async def test_forwarding_to_nobody(world: World) -> None:
    async with example(world, "forwarding", FORWARD_TO=FORWARD_TO) as app:
        await world.application(answer_url=f"{app.base_url}/answer")
        carrier = await world.carrier_in_service()
        caller = await world.dialled(carrier)
        callee = await carrier.next_call()
        await callee.refuse(486)
        await ended(caller)

    heard = await words(world, caller.heard)
    assert sounds_like("Nobody is there. Please call later.", heard)


async def test_voicemail(world: World) -> None:
    message_hz = 700.0
    async with example(world, "voicemail") as app:
        earlier = await _messages(app)
        call = await called(world, app)
        await until_beeped(call)
        saying = asyncio.create_task(call.say(sound(world.folder, message_hz)))
        await asyncio.sleep(3)
        saying.cancel()
        await asyncio.gather(saying, return_exceptions=True)
        await call.press("#")
        await ended(call)
        message = await _new_message(app, earlier)

    said, _ = listened_to(message).channels
    assert any(abs(tone.hz - message_hz) < SAME_HZ for tone in said)
    heard = await words(world, part(world.folder, call.heard, 5, 1e6))
    assert sounds_like("Thank you for your message. Goodbye.", heard[-36:])


async def _messages(app: httpx.AsyncClient) -> set[str]:
    return set((await app.get("/messages")).json())


async def _new_message(app: httpx.AsyncClient, earlier: set[str]) -> bytes:
    """The account has those of other tests, too."""
    async with asyncio.timeout(WITHIN_S):
        while not (new := await _messages(app) - earlier):  # noqa: ASYNC110 - a server
            await asyncio.sleep(0.5)
    (recording_id,) = new
    return (await app.get(f"/messages/{recording_id}")).content


async def test_conference(world: World) -> None:
    async with example(world, "conference") as app:
        await world.application(answer_url=f"{app.base_url}/answer")
        carrier = await world.carrier()
        one, other = [await world.dialled(carrier) for _ in range(2)]
        await asyncio.gather(one.until_answered(), other.until_answered())
        await each_hears_the_other(world.folder, one, other)
        members = (await app.get("/members")).json()
        await app.post(f"/members/{min(members, key=int)}/mute")
        await other.hang_up()
        await one.hang_up()

    assert len(members) == 2
    assert all("15550199" in caller for caller in members.values())
