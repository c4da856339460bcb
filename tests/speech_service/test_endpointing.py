"""When somebody begins, pauses and is done; a moment is 32 ms."""

import pytest

from voiceplat.core.settings import SpeechSettings
from voiceplat.speech_service.endpointing import Endpointer, Patience, Turn

STARTED, PAUSED, RESUMED, ENDED = Turn


def turns(
    *probabilities: float,
    in_prompt: bool = False,
    end_silence_s: float | None = None,
    utterance_max_s: int = 60,
) -> list[tuple[int, Turn]]:
    """Each turn with the moment after which it was taken."""
    settings = SpeechSettings(utterance_max_s=utterance_max_s)
    endpointer = Endpointer(Patience.of(settings, end_silence_s))
    return [
        (at, turn)
        for at, probability in enumerate(probabilities, start=1)
        for turn in endpointer.hear(probability, in_prompt=in_prompt)
    ]


SPEECH = [0.9] * 20
SILENCE = [0.1] * 30


def test_a_tenth_of_a_second_of_speech_is_somebody_speaking() -> None:
    assert turns(0.1, 0.9, 0.9, 0.9, 0.9) == [(4, STARTED)]


def test_a_click_is_nobody() -> None:
    assert turns(*[0.9, 0.9, 0.1] * 10) == []


def test_while_a_prompt_plays_it_takes_twice_as_long() -> None:
    assert turns(*[0.9] * 5, *SILENCE, in_prompt=True) == []
    assert turns(*SPEECH, in_prompt=True) == [(6, STARTED)]


def test_a_silence_is_first_a_pause_and_then_the_end() -> None:
    assert turns(*SPEECH, *SILENCE) == [(3, STARTED), (28, PAUSED), (39, ENDED)]


def test_who_goes_on_after_a_pause_has_not_ended() -> None:
    assert turns(*SPEECH, *[0.1] * 12, *SPEECH, *SILENCE) == [
        (3, STARTED),
        (28, PAUSED),
        (33, RESUMED),
        (60, PAUSED),
        (71, ENDED),
    ]


def test_a_faint_syllable_neither_ends_nor_goes_on() -> None:
    assert turns(*SPEECH, *[0.4] * 60) == [(3, STARTED)]
    assert turns(*SPEECH, *[0.1] * 5, *[0.4] * 60)[-1] == (39, ENDED)


@pytest.mark.parametrize(("seconds", "moments"), [(2, 62), (3.5, 109), (10, 312)])
def test_the_document_says_how_long_a_silence_ends(
    seconds: float, moments: int
) -> None:
    taken = turns(*SPEECH, *[0.1] * 400, end_silence_s=seconds)

    assert taken == [(3, STARTED), (28, PAUSED), (20 + moments, ENDED)]


def test_an_utterance_without_end_is_ended() -> None:
    taken = turns(*[0.9] * 100, utterance_max_s=2)

    assert taken[:4] == [(3, STARTED), (62, PAUSED), (62, ENDED), (65, STARTED)]


def test_who_is_cut_off_is_done() -> None:
    endpointer = Endpointer(Patience.of(SpeechSettings(), None))
    for probability in SPEECH:
        endpointer.hear(probability, in_prompt=False)

    assert endpointer.finish() == (PAUSED, ENDED)
    assert endpointer.finish() == ()
