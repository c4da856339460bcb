"""Members of conferences: phones of one carrier that are called into a room."""

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path

from tests.calls_e2e.conftest import World
from tests.calls_e2e.hearing import until_tone
from voiceplat.telephony.listen import write_tone
from voiceplat.telephony.softphone import Softphone, SoftphoneCall

A_HZ, B_HZ, C_HZ = 500.0, 900.0, 1300.0
PATIENCE_S = 20
FAR_NUMBER = "+33123456789"


async def member(
    world: World, carrier: Softphone, document: str
) -> tuple[SoftphoneCall, str]:
    """One who is called, answers, and gets the document; and its call_uuid."""
    path = f"/answer-{len(world.customer.replies)}"
    url = world.customer.document(path, document)
    uuid = await world.place(FAR_NUMBER, answer_url=url)
    call = await carrier.next_call()
    await call.answer()
    await world.customer.asked_for(path)
    return call, uuid


async def room_of(
    world: World, carrier: Softphone, document: str, count: int
) -> list[SoftphoneCall]:
    """So many members, in the order of their coming; their document has events()."""
    calls = []
    for number in range(1, count + 1):
        calls.append((await member(world, carrier, document))[0])
        await until_members(world, number)
    return calls


def events(world: World) -> str:
    return f'callbackUrl="{world.customer.url}/events"'


async def until_members(world: World, count: int) -> None:
    """Returns when callbackUrl was told of so many who came."""
    await until_told(world, "enter", count)


def told(world: World, action: str) -> list[dict[str, str]]:
    """What callbackUrl was told, of one kind."""
    return [
        dict(asked.fields)
        for asked in world.customer.requests("/events")
        if asked.fields["ConferenceAction"] == action
    ]


async def until_told(world: World, action: str, count: int = 1) -> list[dict[str, str]]:
    """The same, once there are so many."""
    async with asyncio.timeout(PATIENCE_S):
        while len(told(world, action)) < count:  # noqa: ASYNC110 - of another server
            await asyncio.sleep(0.05)
    return told(world, action)


def mixer_of(world: World) -> int:
    """The process that has the room, as the log of the media node tells."""
    uuid = told(world, "enter")[-1]["ConferenceUUID"]
    lines = [json.loads(line) for line in world.platform.log("media").splitlines()]
    opened = [line for line in lines if line["event"] == "room_opened"]
    return int(next(line["pid"] for line in opened if line["conference"] == uuid))


def sound(folder: Path, hz: float) -> Path:
    return write_tone(folder / f"{hz:g}.wav", hz, 60)


async def speaks(
    world: World, speaker: SoftphoneCall, hz: float, hearers: Iterable[SoftphoneCall]
) -> None:
    """Until all of them have heard it."""
    saying = asyncio.create_task(speaker.say(sound(world.folder, hz)))
    try:
        await asyncio.gather(*(until_tone(hearer, hz) for hearer in hearers))
    finally:
        saying.cancel()
        await asyncio.gather(saying, return_exceptions=True)
