"""GetInput at work: keys and speech compete, and the first kind wins (statement 125).

A noise that was taken for speech, and a key that ends an entry before it has begun, are
no input: both kinds are open again for what is left of the time.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import structlog

from voiceplat.calls import params
from voiceplat.calls.hearing import (
    Interim,
    Listening,
    SpeechStarted,
    SpeechWanted,
    Understood,
)
from voiceplat.calls.leg import until_hung_up
from voiceplat.calls.outcome import Outcome, Proceed
from voiceplat.calls.session import CallSession
from voiceplat.core.errors import MediaError, SpeechError
from voiceplat.core.race import first_of, never
from voiceplat.xml.element import Step
from voiceplat.xml.keypad import (
    Entered,
    Entry,
    InvalidKey,
    KeyRules,
    NothingEntered,
    entry_from,
)
from voiceplat.xml.prompting import cut_by, play_all
from voiceplat.xml.values import METHODS, is_web_url

log = structlog.get_logger()

Report = Callable[[CallSession, Mapping[str, str]], Outcome]


@dataclass(frozen=True, slots=True)
class InputRules:
    rounds: int
    start_within_s: float
    """From the end of the prompts."""
    keys: KeyRules | None
    speech: SpeechWanted | None
    interim: str
    """URL that is told of interim results; empty for none."""
    interim_method: str


@dataclass(frozen=True, slots=True)
class TakingInput:
    rules: InputRules
    prompts: Sequence[Step]
    report: Report

    async def execute(self, call: CallSession) -> Outcome:
        """Ask until there is input, as often as the rules say."""
        return await first_of(self._take(call), until_hung_up(call.leg))

    async def _take(self, call: CallSession) -> Outcome:
        call.leg.forget_digits()
        async with _listening(call, self.rules.speech) as listening:
            asking = _Asking(self.rules, call, listening)
            for _ in range(self.rules.rounds):
                if result := await asking.round(self.prompts):
                    return self.report(call, result)
        return Proceed()


@asynccontextmanager
async def _listening(
    call: CallSession, wanted: SpeechWanted | None
) -> AsyncIterator[Listening | None]:
    """The recogniser on this leg; None when none is wanted or none can do it."""
    async with AsyncExitStack() as stack:
        listening = None
        if wanted is not None:
            try:
                ears = call.ears.listen(wanted)
                listening = await stack.enter_async_context(ears)
                feeding = asyncio.create_task(_feed(call, listening))
                stack.push_async_callback(_stop, feeding)
            except SpeechError as error:
                log.warning("speech_not_heard", why=str(error))
        yield listening


async def _feed(call: CallSession, listening: Listening) -> None:
    try:
        await call.leg.listen(listening.hear)
    except MediaError as error:
        log.warning("speech_not_heard", why=str(error))


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


class _Asking:
    """The rounds of one GetInput."""

    def __init__(
        self, rules: InputRules, call: CallSession, listening: Listening | None
    ) -> None:
        self._rules = rules
        self._call = call
        self._listening = listening
        self._interims = 0
        self._prompts_over = 0.0

    async def round(self, prompts: Sequence[Step]) -> Mapping[str, str] | None:
        """Prompt and wait once; the fields for action, None without input."""
        playing = self._prompt(prompts)
        patience_s = self._rules.start_within_s if self._can_hear else 0.0
        while True:
            first = await cut_by(self._first(), playing, patience_s=patience_s)
            if first is None:
                return None
            match await self._rest_of(first):
                case Entered(digits):
                    return params.input_digits(digits)
                case Understood(text, confidence) if text:
                    return params.input_speech(text, confidence)
                case NothingEntered():
                    return None
                case InvalidKey() | Understood():
                    playing, patience_s = _nothing(), self._time_left()

    @property
    def _can_hear(self) -> bool:
        return self._rules.keys is not None or self._listening is not None

    async def _prompt(self, prompts: Sequence[Step]) -> None:
        if self._listening is not None:
            self._listening.prompt_plays(plays=True)
        try:
            await play_all(prompts, self._call)
        finally:
            self._prompts_over = asyncio.get_running_loop().time()
            if self._listening is not None:
                self._listening.prompt_plays(plays=False)

    def _time_left(self) -> float:
        spent = asyncio.get_running_loop().time() - self._prompts_over
        return max(0.0, self._rules.start_within_s - spent)

    async def _first(self) -> str | SpeechStarted:
        """A key, or that somebody speaks: whichever comes first."""
        ways: list[Coroutine[Any, Any, str | SpeechStarted]] = []
        if self._rules.keys is not None:
            ways.append(self._call.leg.next_digit())
        if self._listening is not None:
            ways.append(_speech_begins(self._listening))
        return await (first_of(*ways) if ways else never())

    async def _rest_of(self, first: str | SpeechStarted) -> Entry | Understood:
        """What the input is, now that its kind is known; the other kind is off."""
        if self._listening is not None and isinstance(first, SpeechStarted):
            understood = await self._utterance(self._listening)
            self._call.leg.forget_digits()
            return understood
        if self._rules.keys is not None and isinstance(first, str):
            return await entry_from(first, self._call.leg, self._rules.keys)
        raise AssertionError(first)

    async def _utterance(self, listening: Listening) -> Understood:
        while True:
            try:
                heard = await listening.next_heard()
            except SpeechError as error:
                log.warning("speech_not_heard", why=str(error))
                return Understood("", 0.0)
            if isinstance(heard, Understood):
                return heard
            if isinstance(heard, Interim):
                self._tell(heard)

    def _tell(self, interim: Interim) -> None:
        url, method = self._rules.interim, self._rules.interim_method.strip().upper()
        if not is_web_url(url) or method not in METHODS:
            return
        fields = params.interim_speech(
            interim.stable, interim.unstable, interim.stability, self._interims
        )
        self._interims += 1
        self._call.meanwhile(self._call.documents.tell_now(url, method, fields))


async def _speech_begins(listening: Listening) -> SpeechStarted:
    """Waits for ever when the recogniser fails: keys, or the time, will decide."""
    try:
        while not isinstance(heard := await listening.next_heard(), SpeechStarted):
            pass
    except SpeechError as error:
        log.warning("speech_not_heard", why=str(error))
        return await never()
    return heard


async def _nothing() -> None:
    """No prompt."""
