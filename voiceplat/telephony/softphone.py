"""Drives a scripted phone in a process of its own; for `make demo` and for tests.

    async with Softphone.start(PhoneSettings(registration=…), folder=tmp) as phone:
        call = await phone.next_call()
        await call.answer()
        await call.press("12#")
        ended = await call.until_ended()
        tones(call.heard)

A phone with a registration is a softphone behind the edge; one without is a carrier:
it listens on its address, takes every call, and places calls to any SIP URI.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from voiceplat.calls.leg import CallEnded, Ended, Invite, Party, Quality
from voiceplat.core.errors import CallError
from voiceplat.telephony.phone_settings import PhoneSettings, RegistrationRefused

LINE_MAX: Final = 1 << 20
PROGRAM: Final = "voiceplat.telephony.scripted_phone"
END_TIMEOUT_S: Final = 5.0


class OrderFailed(CallError):
    """The phone could not do what it was told."""


@dataclass(frozen=True, slots=True)
class PhoneEvent:
    """`incoming`, `ringing`, `media`, `answered`, `dtmf` or `ended`."""

    name: str
    call: int
    at_ms: int
    """Epoch, by the phone's clock."""
    facts: Mapping[str, Any] = field(default_factory=dict)


class SoftphoneCall:
    """One call of the phone's; its methods are those of a leg."""

    def __init__(self, phone: "Softphone", number: int, heard: Path) -> None:
        self.number = number
        self.heard = heard
        """WAV of what this party heard since there was media; whole after the end."""
        self.invite: Invite | None = None
        self.codec = ""
        self.digits = ""
        """Keys heard so far."""
        self.quality = Quality()
        self.ended: Ended | None = None
        self._phone = phone
        self._changed = asyncio.Event()
        self._seen: set[str] = set()

    @property
    def events(self) -> list[PhoneEvent]:
        return [event for event in self._phone.events if event.call == self.number]

    async def ring(self) -> None:
        await self._do("ring")

    async def open_early_media(self) -> None:
        await self._do("open_early_media")

    async def answer(self, headers: Mapping[str, str] | None = None) -> None:
        await self._do("answer", headers=dict(headers or {}))

    async def refuse(self, sip_status: int) -> None:
        await self._do("hang_up", sip_status=sip_status)

    async def hang_up(self) -> None:
        await self._do("hang_up")

    async def press(self, digits: str, *, tone_ms: int = 160) -> None:
        """Returns after the last key; `w` waits 0.5 s, `W` 1 s."""
        await self._do("press", digits=digits, tone_ms=tone_ms)

    async def say(self, wav: Path) -> None:
        """Returns when the file has been played; cancelling stops it."""
        await self._do("say", audio=str(wav))

    async def refer(self, to: str) -> None:
        """Send the other party on to a SIP URI (REFER); returns when it is sent."""
        await self._do("refer", to=to)

    async def until_ringing(self) -> None:
        await self._until_seen("ringing")

    async def until_media(self) -> None:
        await self._until_seen("media")

    async def until_answered(self) -> None:
        await self._until_seen("answered")

    async def until_digits(self, count: int) -> str:
        """The first `count` keys heard."""
        while len(self.digits) < count:
            await self._change()
        return self.digits[:count]

    async def until_ended(self) -> Ended:
        while self.ended is None:
            await self._next_change()
        return self.ended

    def take(self, event: PhoneEvent) -> None:
        facts = event.facts
        match event.name:
            case "incoming":
                self.invite = Invite(**facts)
            case "media":
                self.codec = facts["codec"]
            case "dtmf":
                self.digits += facts["digit"]
            case "ended":
                self.quality = Quality(**facts["quality"])
                self.ended = Ended(
                    Party(facts["by"]),
                    facts["sip_status"],
                    facts["reason"],
                    facts["headers"],
                )
        self._seen.add(event.name)
        self._changed.set()

    async def _until_seen(self, name: str) -> None:
        while name not in self._seen:
            await self._change()

    async def _change(self) -> None:
        if self.ended is not None:
            raise CallEnded(self.ended)
        await self._next_change()

    async def _next_change(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    async def _do(self, name: str, **given: object) -> None:
        await self._phone.order(name, self.number, given)


class Softphone:
    """One process, one phone, up to four calls at a time."""

    def __init__(
        self, process: asyncio.subprocess.Process, settings: PhoneSettings, folder: Path
    ) -> None:
        self.events: list[PhoneEvent] = []
        self.address = ""
        """`IP:PORT` on which it listens."""
        self.settings = settings
        self.folder = folder
        self._process = process
        self._calls: dict[int, SoftphoneCall] = {}
        self._incoming: asyncio.Queue[SoftphoneCall] = asyncio.Queue()
        self._orders: dict[int, asyncio.Future[Mapping[str, Any]]] = {}
        self._last_order = 0

    @classmethod
    @asynccontextmanager
    async def start(
        cls, settings: PhoneSettings, *, folder: Path
    ) -> AsyncIterator[Self]:
        """Raises RegistrationRefused, or OrderFailed when it cannot open.

        Recordings go to `folder`. An `rtp_port_min` of 0 takes ports at random.
        """
        config = json.dumps({"settings": asdict(settings), "folder": str(folder)})
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", PROGRAM, "--config", config),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LINE_MAX,
        )
        phone = cls(process, settings, folder)
        try:
            await phone._until_ready()
            reader = asyncio.create_task(phone._read())
            try:
                yield phone
            finally:
                await phone._stop()
                await reader
        finally:
            await phone._stop()

    async def next_call(self) -> SoftphoneCall:
        return await self._incoming.get()

    async def call(
        self,
        uri: str,
        *,
        from_user: str = "",
        from_name: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> SoftphoneCall:
        """Send an INVITE; the phone's own user is the caller unless one is given."""
        registration = self.settings.registration
        own = registration.user if registration else self.settings.user
        to = {
            "uri": uri,
            "from_user": from_user or own,
            "from_name": from_name,
            "headers": dict(headers or {}),
        }
        outcome = await self.order("call", 0, to)
        return self._known(outcome["call"])

    async def order(
        self, name: str, call: int, given: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Returns when the phone has done it; cancelling takes the order back.

        Raises OrderFailed with the phone's reason.
        """
        self._last_order += 1
        number = self._last_order
        outcome: asyncio.Future[Mapping[str, Any]] = asyncio.Future()
        self._orders[number] = outcome
        self._write({"id": number, "do": name, "call": call, "with": given})
        try:
            return await outcome
        except asyncio.CancelledError:
            self._write({"cancel": number})
            raise
        finally:
            del self._orders[number]

    def _known(self, number: int) -> SoftphoneCall:
        if number not in self._calls:
            heard = self.folder / f"heard-{number}.wav"
            self._calls[number] = SoftphoneCall(self, number, heard)
        return self._calls[number]

    def _write(self, line: Mapping[str, Any]) -> None:
        stdin = self._process.stdin
        if stdin is not None and not stdin.is_closing():
            stdin.write(json.dumps(line).encode() + b"\n")

    async def _until_ready(self) -> None:
        line = await self._next_line()
        if line is None:
            raise OrderFailed("the phone did not start")
        facts = line["facts"]
        if line["event"] == "refused":
            raise RegistrationRefused(facts["sip_status"], facts["reason"])
        if line["event"] == "failed":
            raise OrderFailed(facts["why"])
        self.address = facts["address"]

    async def _next_line(self) -> Mapping[str, Any] | None:
        if self._process.stdout is None or not (
            line := await self._process.stdout.readline()
        ):
            return None
        parsed: Mapping[str, Any] = json.loads(line)
        return parsed

    async def _read(self) -> None:
        while line := await self._next_line():
            if "event" in line:
                self._take(
                    PhoneEvent(line["event"], line["call"], line["at"], line["facts"])
                )
            elif outcome := self._orders.get(line.get("done", line.get("failed"))):
                _settle(outcome, line)
        for outcome in self._orders.values():
            _settle(outcome, {"failed": 0, "why": "the phone is gone"})

    def _take(self, event: PhoneEvent) -> None:
        self.events.append(event)
        call = self._known(event.call)
        call.take(event)
        if event.name == "incoming":
            self._incoming.put_nowait(call)

    async def _stop(self) -> None:
        """Its stdin ends: it hangs up, unregisters and goes."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(END_TIMEOUT_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


def _settle(
    outcome: asyncio.Future[Mapping[str, Any]], line: Mapping[str, Any]
) -> None:
    if outcome.done():
        return
    if "failed" in line:
        outcome.set_exception(OrderFailed(line["why"]))
    else:
        outcome.set_result(line)
