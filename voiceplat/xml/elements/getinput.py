"""<GetInput>: keys or speech of the caller (plivo-xml 3.5)."""

from typing import Annotated, Final, Literal

from pydantic import BeforeValidator
from typing_extensions import override

from voiceplat.calls.hearing import SpeechWanted
from voiceplat.calls.outcome import Outcome
from voiceplat.calls.session import CallSession
from voiceplat.xml.action import ActionElement
from voiceplat.xml.element import Element, Step
from voiceplat.xml.keypad import FinishKeys, KeyRules
from voiceplat.xml.prompting import prepared
from voiceplat.xml.taking_input import InputRules, TakingInput
from voiceplat.xml.values import Flag, Whole, whole_number

AUTO: Final = "auto"
AUTO_GAP_S: Final = 2
"""Between two keys."""
HINTS_MAX: Final = 500
HINT_CHARS_MAX: Final = 100
HINTS_CHARS_MAX: Final = 10_000

InputKind = Literal["dtmf", "speech", "dtmf speech"]
SpeechModel = Literal["default", "command_and_search", "phone_call"]


def _kind(value: object) -> str:
    kinds = sorted(set(str(value).split()))
    text = " ".join(kinds)
    if text not in {"dtmf", "speech", "dtmf speech"}:
        raise ValueError("inputType must be dtmf, speech or dtmf speech")
    return text


def _model(value: object) -> str:
    if value not in ("default", "command_and_search", "phone_call"):
        raise ValueError(
            "speechModel must be default, command_and_search or phone_call"
        )
    return str(value)


def _gap(value: object) -> int | None:
    """Seconds from 2 to 10; None is `auto`."""
    number = value if isinstance(value, int) else whole_number(str(value))
    return None if number is None else min(max(number, 2), 10)


def _optional_seconds(value: object) -> int | None:
    number = value if isinstance(value, int) else whole_number(str(value))
    return None if number is None or number < 1 else number


def _hints(value: object) -> tuple[str, ...]:
    """Phrases within the limits; what is beyond them is left out (135)."""
    phrases = [phrase.strip() for phrase in str(value).split(",")]
    kept: list[str] = []
    room = HINTS_CHARS_MAX
    for phrase in phrases:
        if not phrase or len(phrase) > HINT_CHARS_MAX:
            continue
        room -= len(phrase)
        if room < 0 or len(kept) == HINTS_MAX:
            break
        kept.append(phrase)
    return tuple(kept)


def _required_url(value: object) -> str:
    if not str(value).strip():
        raise ValueError("action is missing")
    return str(value)


Gap = Annotated[int | None, BeforeValidator(_gap)]


class GetInput(ActionElement):
    holds = frozenset({"Play", "Speak", "Wait"})

    children: tuple[Element, ...] = ()
    action: Annotated[str, BeforeValidator(_required_url)]
    """Absolute URL that gets what was entered or said."""
    input_type: Annotated[InputKind, BeforeValidator(_kind)]
    """`dtmf`, `speech`, or both; the kind that comes first is the one that counts."""
    execution_timeout: Annotated[int, BeforeValidator(Whole(15, low=5, high=60))] = 15
    """Seconds until input begins, from the end of the prompts."""
    digit_end_timeout: Gap = None
    """Seconds between two keys, 2 to 10, or `auto`."""
    speech_end_timeout: Gap = None
    """Seconds of silence that end what is said, 2 to 10, or `auto`."""
    start_input_timeout: Annotated[int | None, BeforeValidator(_optional_seconds)] = (
        None
    )
    """Seconds until input begins; the shorter of this and executionTimeout counts."""
    retries: Annotated[int, BeforeValidator(Whole(1, low=1))] = 1
    """Rounds of prompts and waiting."""
    finish_on_key: FinishKeys = "#"
    """Key that ends what is entered and is not part of it; `none` for no such key."""
    num_digits: Annotated[int, BeforeValidator(Whole(32, low=1, high=32))] = 32
    """So many keys end what is entered."""
    speech_model: Annotated[SpeechModel, BeforeValidator(_model)] = "default"
    """`default`, `command_and_search` or `phone_call`."""
    hints: Annotated[tuple[str, ...], BeforeValidator(_hints)] = ()
    """Phrases that are expected, separated by commas."""
    language: str = "en-US"
    """Language that is spoken."""
    interim_speech_results_callback: str = ""
    """URL that is told what was understood so far, while the caller speaks."""
    interim_speech_results_callback_method: str = "POST"
    """GET or POST, for interimSpeechResultsCallback."""
    log: Flag = True
    """Accepted; keys and speech are never written to a log here."""
    profanity_filter: Flag = False
    """Whether of bad words only the first letter is kept."""

    @property
    def rules(self) -> InputRules:
        waits = [self.execution_timeout, self.start_input_timeout or 3600]
        return InputRules(
            rounds=self.retries,
            start_within_s=min(waits),
            keys=self._keys if "dtmf" in self.input_type else None,
            speech=self._speech if "speech" in self.input_type else None,
            interim=self.interim_speech_results_callback,
            interim_method=self.interim_speech_results_callback_method,
        )

    @property
    def _keys(self) -> KeyRules:
        return KeyRules(
            finish=self.finish_on_key,
            most=self.num_digits,
            between_s=self.digit_end_timeout or AUTO_GAP_S,
        )

    @property
    def _speech(self) -> SpeechWanted:
        return SpeechWanted(
            language=self.language,
            hints=self.hints,
            end_silence_s=self.speech_end_timeout,
            model=self.speech_model,
            profanity_filter=self.profanity_filter,
            interim=bool(self.interim_speech_results_callback),
        )

    @override
    async def prepare(self, call: CallSession) -> Step:
        prompts = await prepared(self.children, call)
        return TakingInput(self.rules, prompts, self.reported)

    @override
    async def execute(self, call: CallSession) -> Outcome:
        """See Element.execute."""
        return await (await self.prepare(call)).execute(call)
