"""From what an engine wrote to what the customer is told."""

from collections.abc import Callable

from voiceplat.calls.hearing import SpeechWanted, Understood
from voiceplat.speech.engine import Recognition
from voiceplat.speech_service.understanding.digits import spoken_digits
from voiceplat.speech_service.understanding.hints import Hints
from voiceplat.speech_service.understanding.profanity import mask


def understanding(wanted: SpeechWanted) -> Callable[[Recognition], Understood]:
    """Hints first, then digits, then the words as they are; masked if that is asked."""
    hints = Hints(wanted.hints, wanted.language, wanted.model)

    def understand(heard: Recognition) -> Understood:
        if not heard.text:
            return Understood("", 0.0)
        if biased := hints.draw(heard):
            text, confidence = biased
        else:
            text, confidence = written(heard.text, wanted.language), heard.confidence
        return Understood(
            mask(text) if wanted.profanity_filter else text,
            min(1.0, max(0.0, confidence)),
        )

    return understand


def written(text: str, language: str) -> str:
    """Digits as a number; one sentence without its full stop, as people compare it."""
    if digits := spoken_digits(text, language):
        return digits
    whole = text.strip()
    is_one = not any(mark in whole[:-1] for mark in ".!?。")
    return whole.rstrip(".。") if is_one else whole
