"""A phone that is driven by lines of JSON: the process behind `softphone.Softphone`.

    python -m voiceplat.telephony.scripted_phone --config JSON

JSON: `{"settings": {PhoneSettings}, "folder": "where recordings go"}`.

stdin: `{"id": 1, "do": "answer", "call": 1, "with": {}}`, and `{"cancel": 1}`.
stdout: `{"event": "dtmf", "call": 1, "at": <epoch ms>, …}`, and for each order its
outcome, `{"done": 1}` or `{"failed": 1, "why": "…"}`. It ends when stdin does.
"""

import argparse
import asyncio
import json
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from voiceplat.calls.leg import CallEnded, Destination, Sound
from voiceplat.core.clock import epoch_ms, utc_now
from voiceplat.core.errors import Unavailable, VoiceplatError
from voiceplat.core.log import configure_logging
from voiceplat.telephony.phone_settings import (
    PhoneSettings,
    Registration,
    RegistrationRefused,
)
from voiceplat.telephony.pj_leg import PjLeg
from voiceplat.telephony.pj_phone import PjPhone

LINE_MAX: Final = 1 << 20
RTP_BASES: Final = range(36000, 60000, 2)
"""Where a phone's RTP ports start; a port that is taken is skipped."""


class ScriptedPhone:
    def __init__(self, phone: PjPhone, folder: Path, tasks: asyncio.TaskGroup) -> None:
        self._phone = phone
        self._folder = folder
        self._tasks = tasks
        self._legs: dict[int, PjLeg] = {}
        self._orders: dict[int, asyncio.Task[None]] = {}

    async def take_calls(self) -> None:
        while True:
            invite, leg = await self._phone.next_call()
            tell("incoming", self._adopt(leg), **asdict(invite))

    def stop(self) -> None:
        for task in list(self._orders.values()):
            task.cancel()

    def order(self, line: Mapping[str, Any]) -> None:
        if "cancel" in line:
            if task := self._orders.get(line["cancel"]):
                task.cancel()
            return
        number = line["id"]
        task = self._tasks.create_task(self._obey(line))
        self._orders[number] = task
        task.add_done_callback(lambda _: self._orders.pop(number))

    async def _obey(self, line: Mapping[str, Any]) -> None:
        try:
            if line["do"] == "call":
                facts = {"call": await self._dial(line["with"])}
            else:
                await self._command(self._legs[line["call"]], line["do"], line["with"])
                facts = {}
        except (VoiceplatError, ValueError) as error:
            write({"failed": line["id"], "why": str(error)})
        else:
            write({"done": line["id"], **facts})

    async def _dial(self, to: Mapping[str, Any]) -> int:
        return self._adopt(await self._phone.dial(Destination(**to)))

    @staticmethod
    async def _command(leg: PjLeg, name: str, given: Mapping[str, Any]) -> None:
        commands: dict[str, Callable[[], Awaitable[None]]] = {
            "ring": leg.ring,
            "open_early_media": leg.open_early_media,
            "answer": lambda: leg.answer(given.get("headers")),
            "hang_up": lambda: leg.hang_up(given.get("sip_status", 0)),
            "press": lambda: leg.send_digits(
                given["digits"], tone_ms=given.get("tone_ms", 160)
            ),
            "say": lambda: leg.play(Path(given["audio"])),
            "refer": lambda: _refer(leg, given["to"]),
        }
        await commands[name]()

    def _adopt(self, leg: PjLeg) -> int:
        number = len(self._legs) + 1
        self._legs[number] = leg
        self._tasks.create_task(self._follow(number, leg))
        return number

    async def _follow(self, number: int, leg: PjLeg) -> None:
        """Record what a leg hears, and tell all that happens to it."""
        watches = (self._record, _watch_ringing, _watch_answer, _watch_digits)
        await asyncio.gather(*(until_over(watch(number, leg)) for watch in watches))
        ended = await leg.until_ended()
        facts = asdict(ended) | {"headers": dict(ended.headers)}
        tell("ended", number, **facts, quality=asdict(leg.quality()))

    async def _record(self, number: int, leg: PjLeg) -> None:
        await leg.until_media()
        tell("media", number, codec=leg.codec)
        await leg.record({self._folder / f"heard-{number}.wav": Sound.SAID})


async def _refer(leg: PjLeg, to: str) -> None:
    leg.refer(to)


async def until_over(watch: Coroutine[Any, Any, None]) -> None:
    """A watch that ends with its call ends well."""
    try:
        await watch
    except CallEnded:
        return


async def _watch_ringing(number: int, leg: PjLeg) -> None:
    await leg.until_ringing()
    tell("ringing", number)


async def _watch_answer(number: int, leg: PjLeg) -> None:
    await leg.until_answered()
    tell("answered", number)


async def _watch_digits(number: int, leg: PjLeg) -> None:
    while True:
        tell("dtmf", number, digit=await leg.next_digit())


def tell(event: str, call: int, /, **facts: object) -> None:
    write({"event": event, "call": call, "at": epoch_ms(utc_now()), "facts": facts})


def write(line: Mapping[str, Any]) -> None:
    with suppress(BrokenPipeError):  # the driver is gone, and so will this be
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


async def serve(settings: PhoneSettings, folder: Path) -> None:
    """Until stdin ends; a phone that cannot open says why, and that is all."""
    try:
        async with PjPhone.open(settings) as phone, asyncio.TaskGroup() as tasks:
            scripted = ScriptedPhone(phone, folder, tasks)
            calls = tasks.create_task(scripted.take_calls())
            tell("ready", 0, address=phone.address)
            async for line in _lines():
                scripted.order(json.loads(line))
            calls.cancel()
            await phone.hang_up_all()
            scripted.stop()
    except RegistrationRefused as error:
        tell("refused", 0, sip_status=error.sip_status, reason=error.reason)
    except Unavailable as error:
        tell("failed", 0, why=str(error))


async def _lines() -> AsyncIterator[bytes]:
    reader = asyncio.StreamReader(limit=LINE_MAX)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    while line := await reader.readline():
        yield line


def settings_from(config: Mapping[str, Any]) -> PhoneSettings:
    """The settings as JSON has them; a free range of RTP ports when none is given."""
    given = dict(config)
    if registration := given.pop("registration", None):
        given["registration"] = Registration(**registration)
    given["codecs"] = tuple(given["codecs"])
    given["rtp_port_min"] = given["rtp_port_min"] or secrets.choice(RTP_BASES)
    return PhoneSettings(**given)


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--config", type=json.loads, required=True)
    config = arguments.parse_args().config
    settings = settings_from(config["settings"])
    configure_logging("phone", settings.log_level)
    # Ctrl-C reaches the whole terminal; this process ends when its driver does
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(serve(settings, Path(config["folder"])))


if __name__ == "__main__":
    main()
