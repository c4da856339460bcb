import pytest

from voiceplat.calls.hearing import (
    Heard,
    Interim,
    SpeechStarted,
    SpeechWanted,
    Understood,
)
from voiceplat.core.errors import SpeechError
from voiceplat.speech import wire


@pytest.mark.parametrize(
    "wanted",
    [
        SpeechWanted(),
        SpeechWanted("de-DE", ("ja", "nein"), 2.5, "phone_call", True, True),
    ],
)
def test_what_is_wanted_arrives_as_it_was(wanted: SpeechWanted) -> None:
    assert wire.read_order(wire.order(wanted, 8000)) == (wanted, 8000)


@pytest.mark.parametrize(
    "heard", [SpeechStarted(), Interim("I would", "like", 0.5), Understood("no", 0.25)]
)
def test_what_was_heard_arrives_as_it_was(heard: Heard) -> None:
    assert wire.read_event(wire.event(heard)) == heard


def test_that_the_service_is_ready_is_nothing_heard() -> None:
    assert wire.read_event(wire.READY) is None


def test_a_refusal_is_an_error() -> None:
    with pytest.raises(SpeechError, match="nobody is in"):
        wire.read_event(wire.refusal("nobody is in"))


@pytest.mark.parametrize("plays", [True, False])
def test_prompts_are_told(plays: bool) -> None:  # noqa: FBT001 - a parameter
    assert wire.read_prompt_plays(wire.prompt_plays(plays=plays)) is plays
