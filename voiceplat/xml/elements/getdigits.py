"""<GetDigits>: keys of the caller (plivo-xml 3.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import structlog
from pydantic import BeforeValidator
from typing_extensions import override

from voiceplat.calls import params
from voiceplat.calls.outcome import Outcome, Proceed
from voiceplat.calls.session import CallSession, Tone
from voiceplat.core.errors import MediaError, Unavailable
from voiceplat.xml.action import ActionElement
from voiceplat.xml.element import Element, Step
from voiceplat.xml.keypad import (
    KEYS,
    Entered,
    FinishKeys,
    InvalidKey,
    KeyRules,
    NothingEntered,
    ValidKeys,
    entry_from,
)
from voiceplat.xml.prompting import cut_by, play_all, prepared
from voiceplat.xml.values import Flag, Whole, is_web_url

log = structlog.get_logger()


class GetDigits(ActionElement):
    holds = frozenset({"Play", "Speak", "Wait"})

    children: tuple[Element, ...] = ()
    timeout: Annotated[int, BeforeValidator(Whole(5, low=1, strict=True))] = 5
    """Seconds for the first key, from the end of the prompts."""
    digit_timeout: Annotated[int, BeforeValidator(Whole(2, low=1))] = 2
    """Seconds between two keys."""
    finish_on_key: FinishKeys = "#"
    """Key that ends the entry and is not part of it; `none` for no such key."""
    num_digits: Annotated[
        int, BeforeValidator(Whole(99, low=1, high=99, strict=True))
    ] = 99
    """So many keys end the entry."""
    retries: Annotated[int, BeforeValidator(Whole(1, low=1, strict=True))] = 1
    """Rounds of prompts and waiting."""
    play_beep: Flag = False
    """Whether a beep follows the prompts."""
    valid_digits: ValidKeys = KEYS
    """Keys that are accepted."""
    invalid_digits_sound: str = ""
    """URL of what is played when another key is pressed."""
    log: Flag = True
    """Accepted; keys are never written to a log here."""

    @override
    async def prepare(self, call: CallSession) -> Step:
        return Asking(self, await prepared(self.children, call))

    @override
    async def execute(self, call: CallSession) -> Outcome:
        """See Element.execute."""
        return await (await self.prepare(call)).execute(call)


@dataclass(frozen=True, slots=True)
class Asking:
    """GetDigits with its prompts at hand."""

    wanted: GetDigits
    prompts: Sequence[Step]

    async def execute(self, call: CallSession) -> Outcome:
        """Ask until something was entered, as often as `retries` says."""
        wanted = self.wanted
        key: str | None = None
        rules = KeyRules(
            finish=wanted.finish_on_key,
            most=wanted.num_digits,
            between_s=wanted.digit_timeout,
            valid=wanted.valid_digits,
        )
        call.leg.forget_digits()
        for _ in range(wanted.retries):
            key = key or await cut_by(
                call.leg.next_digit(), self._prompt(call), patience_s=wanted.timeout
            )
            if key is None:
                continue
            match await entry_from(key, call.leg, rules):
                case Entered(digits):
                    return wanted.reported(call, params.digits(digits))
                case InvalidKey():
                    key = await self._refuse_key(call)
                case NothingEntered():
                    key = None
        return Proceed()

    async def _prompt(self, call: CallSession) -> None:
        await play_all(self.prompts, call)
        if self.wanted.play_beep:
            await call.leg.play(await call.prompts.tone(Tone.BEEP))

    async def _refuse_key(self, call: CallSession) -> str | None:
        """Say that a key is not accepted; a key that cuts this begins a round."""
        return await cut_by(
            call.leg.next_digit(), self._play_refusal(call), patience_s=0
        )

    async def _play_refusal(self, call: CallSession) -> None:
        url = self.wanted.invalid_digits_sound
        if not is_web_url(url):
            return
        try:
            await call.leg.play(await call.prompts.fetch(url))
        except (MediaError, Unavailable) as error:
            log.warning("invalid_digits_sound_skipped", why=str(error))
