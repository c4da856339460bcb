"""Speech as input through whole calls: a phone, the edge, a worker, the customer.

People's recorded voices call a number that asks for speech. How soon is from the last
sound that the phone sends to the request of the action at the customer's server.
"""

import asyncio
import random
import wave
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.figures import Figure, median, percentile
from bench.http import Api
from bench.site import Site, add_number, running_site
from tests.servers.customer import CustomerServer, customer_server
from tests.speech import people
from tests.speech.people import Said
from voiceplat.core.clock import utc_now
from voiceplat.telephony.phone_settings import PhoneSettings
from voiceplat.telephony.softphone import OrderFailed, Softphone

WORKERS: Final = 4
LINES: Final = 8
CALLS_OF_A_PHONE: Final = 2
"""A phone has four legs, and an ended one is free a moment later."""
PHONE_HOST: Final = "127.0.0.{}"
FIRST_PHONE: Final = 4
CALLERS: Final = {1: 10, 2: 8, 4: 6, 8: 4}
"""Callers at once, and what each says, a call each."""
ALONE: Final = 6
"""What the one caller of a round says, in the short form; CROWD callers follow."""
ROUNDS: Final = 3
WARM_UP: Final = 2
CROWD: Final = 4
HINTED: Final = 20
OTHER_HINTS: Final = 10
DIGIT_STRINGS: Final = 20
AT_ONCE: Final = 2
LEAD_S: Final = 0.5
TAIL_S: Final = 4.0
"""Of silence, so that the caller does not fall silent before it is understood."""


@dataclass(frozen=True, slots=True)
class Result:
    said: Said
    text: str
    late_ms: float | None
    """None when nothing was understood."""


@dataclass(frozen=True, slots=True)
class Line:
    """A number that asks for speech; one call at a time."""

    name: str
    customer: CustomerServer
    phone: Softphone
    sip: str
    folder: Path

    async def call(self, said: Said, hints: Sequence[str] = ()) -> Result:
        """Call the line, say it, wait for the action, hang up."""
        action = f"/said/{self.name}"
        known = len(self.customer.requests(action))
        told = f'hints="{",".join(hints)}"' if hints else ""
        self.customer.document(
            f"/{self.name}",
            f'<GetInput action="{self.customer.url}{action}" redirect="false" '
            f'inputType="speech" {told}/><Wait length="30"/>',
        )
        call = await self.phone.call(f"sip:+{self.name}@{self.sip}")
        await call.until_answered()
        began_ms = utc_now().timestamp() * 1000
        speaking = asyncio.create_task(call.say(self._written(said)))
        try:
            asked = (await self.customer.asked_for(action, times=known + 1))[known]
        except TimeoutError:
            return Result(said, "", None)
        finally:
            speaking.cancel()
            with suppress(asyncio.CancelledError, OrderFailed):
                await speaking
            with suppress(OrderFailed):
                await call.hang_up()
        ended_ms = began_ms + (LEAD_S + people.speech_ends_s(said)) * 1000
        return Result(said, asked.fields["Speech"], asked.at_ms - ended_ms)

    def _written(self, said: Said) -> Path:
        path = self.folder / f"{self.name}.wav"
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, people.RATE_HZ, 0, "NONE", ""))
            file.writeframes(people.pcm(said, LEAD_S, TAIL_S))
        return path


async def asked_calls(folder: Path) -> list[Figure]:
    """The short form: words and delays, two minutes."""
    phrases = people.phrases()
    async with _lines(folder) as lines:
        for said in phrases[-WARM_UP:]:
            await lines[0].call(said)
        rounds = [
            [await lines[0].call(said) for said in phrases[first::LINES][:ALONE]]
            for first in range(ROUNDS)
        ]
        crowd = await _prompts(lines[:CROWD], CALLERS[CROWD])
    heard = [it for results in (*rounds, crowd) for it in results]
    return [
        *_delays(rounds, 1),
        *_delays([crowd], CROWD),
        _word_errors(heard, f"1 and {CROWD} callers"),
    ]


async def understood_calls(folder: Path) -> list[Figure]:
    """All of it: up to eight callers, menus, digits; eight minutes."""
    async with _lines(folder) as lines:
        results = {
            callers: await _prompts(lines[:callers], each)
            for callers, each in CALLERS.items()
        }
        few = [it for callers in CALLERS if callers < LINES for it in results[callers]]
        soon = [
            it for callers in CALLERS for it in _delays([results[callers]], callers)
        ]
        return [
            _word_errors(few, f"fewer than {LINES} callers"),
            _word_errors(results[LINES], f"{LINES} callers at once"),
            await _hints(lines),
            await _digits(lines),
            *soon,
        ]


async def _prompts(lines: Sequence[Line], each: int) -> list[Result]:
    """Every line is called again and again, each caller with words of its own."""
    phrases = people.phrases()

    async def caller(number: int, line: Line) -> list[Result]:
        await asyncio.sleep(number * 0.37)
        first = LINES * (len(lines) - 1) + number
        return [await line.call(said) for said in phrases[first::LINES][:each]]

    called = await asyncio.gather(*(caller(*it) for it in enumerate(lines)))
    return [result for results in called for result in results]


def _word_errors(results: Sequence[Result], who: str) -> Figure:
    errors = sum(people.word_errors(it.said.text, it.text) for it in results)
    words = sum(len(people.words(it.said.text)) for it in results)
    name = f"word error rate, {len(results)} prompts in whole calls, {who}"
    return Figure(name, errors / words * 100, "%", 4, samples=len(results))


def _delays(rounds: Sequence[Sequence[Result]], callers: int) -> list[Figure]:
    late = [[it.late_ms for it in one if it.late_ms is not None] for one in rounds]
    every = [ms for one in late for ms in one]
    count = sum(map(len, rounds))
    name = f"end of speech → action request of GetInput, callers at once: {callers}"
    p50, p95 = (800, 1200) if callers == 1 else (None, None)
    middle, deaf = median([median(one) for one in late]), count - len(every)
    return [
        Figure(f"{name}, p50", middle, "ms", p50, False, deaf, count),
        Figure("  the same, p95", percentile(every, 95), "ms", p95),
        Figure("  the same, p99", percentile(every, 99)),
    ]


async def _hints(lines: Sequence[Line]) -> Figure:
    chance = random.Random(3)  # noqa: S311 - the same hints each time
    said = people.every_second(people.phrases(2, 6), HINTED)
    texts = [one.text for one in said if "," not in one.text]
    menus = {
        text: (*chance.sample([it for it in texts if it != text], OTHER_HINTS), text)
        for text in texts
    }
    chosen = [one for one in said if one.text in menus]
    results = await _side_by_side(
        lines, chosen, lambda line, one: line.call(one, menus[one.text])
    )
    right = sum(it.text == it.said.text for it in results)
    name = f"right choices of a menu of {OTHER_HINTS + 1}, {len(results)} calls"
    return Figure(name, right / len(results) * 100, "%", 100, at_least=True)


async def _digits(lines: Sequence[Line]) -> Figure:
    said = list(people.digit_strings(DIGIT_STRINGS))
    results = await _side_by_side(lines, said, lambda line, one: line.call(one))
    right = sum(it.text == it.said.text for it in results)
    name = f"digit strings right through whole calls, of {len(results)}"
    return Figure(name, right, "strings", len(results), at_least=True)


async def _side_by_side(
    lines: Sequence[Line],
    said: Sequence[Said],
    call: Callable[[Line, Said], Awaitable[Result]],
) -> list[Result]:
    async def share(number: int) -> list[Result]:
        return [await call(lines[number], one) for one in said[number::AT_ONCE]]

    shares = await asyncio.gather(*map(share, range(AT_ONCE)))
    return [result for results in shares for result in results]


@asynccontextmanager
async def _lines(folder: Path) -> AsyncIterator[list[Line]]:
    async with customer_server() as customer, AsyncExitStack() as stack:
        site = stack.enter_context(running_site(customer.url, WORKERS, {}))
        api = Api(site.platform.api, site.platform.auth_id, site.platform.auth_token)
        stack.push_async_callback(api.close)
        lines = []
        for first in range(0, LINES, CALLS_OF_A_PHONE):
            host = PHONE_HOST.format(FIRST_PHONE + first)
            phone = await stack.enter_async_context(_phone(site, host, folder))
            for number in range(first, first + CALLS_OF_A_PHONE):
                name = f"155502{number:02}"
                await add_number(site, api, name, f"/{name}")
                lines.append(Line(name, customer, phone, site.platform.sip, folder))
        yield lines


@asynccontextmanager
async def _phone(site: Site, host: str, folder: Path) -> AsyncIterator[Softphone]:
    """A phone behind a trunk of its own."""
    where = ("--host", host, "--port", str(site.carrier_port))
    await asyncio.to_thread(site.platform.operate, "trunk", "add", host, *where)
    settings = PhoneSettings(
        host=host,
        sip_port=site.carrier_port,
        proxy=site.platform.sip,
        rtp_port_min=0,
        codecs=("PCMU",),
        user="15550100",
    )
    home = folder / host
    home.mkdir()
    async with Softphone.start(settings, folder=home) as phone:
        yield phone
