"""Whisper base through CTranslate2, int8: 99 languages, short utterances (MIT).

Whisper was made for windows of 30 s. What a caller says is short, and the encoder's
time is the decoder's delay: so an utterance is looked at through a window of 15 s,
which halves the time and costs no accuracy; below 15 s accuracy falls off steeply.
"""

from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from math import exp
from typing import Any, Final, Self

import numpy as np
from typing_extensions import override

from voiceplat.core.errors import SpeechError
from voiceplat.core.settings import SpeechSettings
from voiceplat.speech.engine import (
    RECOGNISER_RATE_HZ,
    Recogniser,
    RecogniserInfo,
    Recognition,
    Samples,
    models_folder,
)
from voiceplat.speech.engines.log_mel import HOP, log_mel

MODEL: Final = "whisper-base"

_SPOKEN: Final = (
    "af am ar as az ba be bg bn bo br bs ca cs cy da de el en es et eu fa fi fo fr gl "
    "gu ha haw he hi hr ht hu hy id is it ja jw ka kk km kn ko la lb ln lo lt lv mg mi "
    "mk ml mn mr ms mt my ne nl nn no oc pa pl ps pt ro ru sa sd si sk sl sn so sq sr "
    "su sv sw ta te tg th tk tl tr tt uk ur uz vi yi yo zh"
)
LANGUAGES: Final = frozenset(_SPOKEN.split())
_OTHER_TAGS: Final = {"cmn": "zh", "nb": "no", "fil": "tl", "iw": "he", "jv": "jw"}

_FRAMES_PER_S: Final = RECOGNISER_RATE_HZ // HOP
_SHORT_WINDOW: Final = 15 * _FRAMES_PER_S
_LONG_WINDOW: Final = 30 * _FRAMES_PER_S
_MARGIN: Final = 1 * _FRAMES_PER_S
"""Silence after the words; without it the last one is lost."""

_PIECE_S: Final = 28
_CUT_WITHIN_S: Final = 5
_TOKENS_PER_S: Final = 16
_TOKENS_AT_LEAST: Final = 20
_TOKENS_AT_MOST: Final = 448

_NO_SPEECH_ABOVE: Final = 0.6
_LOG_PROB_BELOW: Final = -1.0
"""Silence, noise and ringing score beyond these two; speech does not (by measurement:
non-speech 0.68 to 0.99 and -1.2 to -4.5, speech below 0.11 and above -0.49)."""


class Whisper(Recogniser):
    def __init__(self, model: Any, tokenizer: Any, storage: Any) -> None:  # noqa: ANN401 - untyped packages
        self._model = model
        self._tokenizer = tokenizer
        self._storage = storage

    @classmethod
    @override
    def describe(cls) -> RecogniserInfo | None:
        try:
            installed = version("ctranslate2")
        except PackageNotFoundError:
            return None
        return RecogniserInfo("whisper", installed, LANGUAGES, streaming=False)

    @classmethod
    @override
    def load(cls, settings: SpeechSettings) -> Self:
        folder = models_folder(settings, MODEL)
        if not (folder / "model.bin").exists():
            raise SpeechError(
                f"whisper has no model in {folder}: "
                "run python -m voiceplat.speech.models"
            )
        try:
            ctranslate2 = import_module("ctranslate2")
            model = ctranslate2.models.Whisper(
                str(folder),
                device="cpu",
                compute_type="int8",
                inter_threads=1,
                intra_threads=settings.threads,
            )
            tokenizer = import_module("tokenizers").Tokenizer.from_file(
                str(folder / "tokenizer.json")
            )
        except (ImportError, OSError, RuntimeError, ValueError) as error:
            raise SpeechError(f"whisper cannot be loaded: {error}") from error
        engine = cls(model, tokenizer, ctranslate2.StorageView)
        engine.recognise(np.zeros(RECOGNISER_RATE_HZ // 10, np.float32), "en")
        return engine

    @override
    def recognise(self, samples: Samples, language: str) -> Recognition:
        code = _code(language)
        heard = [self._hear(piece, code) for piece in _pieces(samples)]
        spoken = [part for part in heard if part.text] or heard
        return Recognition(
            text=" ".join(part.text for part in spoken if part.text),
            confidence=min(part.confidence for part in spoken),
            no_speech_prob=min(part.no_speech_prob for part in spoken),
        )

    def _hear(self, samples: Samples, code: str) -> Recognition:
        used = len(samples) // HOP
        window = _SHORT_WINDOW if used + _MARGIN <= _SHORT_WINDOW else _LONG_WINDOW
        prompt = [
            self._tokenizer.token_to_id(token)
            for token in (
                "<|startoftranscript|>",
                f"<|{code}|>",
                "<|transcribe|>",
                "<|notimestamps|>",
            )
        ]
        best = self._model.generate(
            self._model.encode(
                self._storage.from_array(log_mel(samples, window)[None])
            ),
            [prompt],
            beam_size=1,
            max_length=_most_tokens(used),
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        log_prob, no_speech = best.scores[0], best.no_speech_prob
        nobody = no_speech > _NO_SPEECH_ABOVE or log_prob < _LOG_PROB_BELOW
        text = self._tokenizer.decode(best.sequences_ids[0], skip_special_tokens=True)
        return Recognition("" if nobody else text.strip(), exp(log_prob), no_speech)


def _most_tokens(frames: int) -> int:
    """A bound, so that a text invented for noise cannot go on and on."""
    spoken = frames * _TOKENS_PER_S // _FRAMES_PER_S
    return min(_TOKENS_AT_LEAST + spoken, _TOKENS_AT_MOST)


def _code(language: str) -> str:
    """Raises SpeechError for a language that Whisper has never heard."""
    primary = language.casefold().partition("-")[0]
    code = _OTHER_TAGS.get(primary, primary)
    if code not in LANGUAGES:
        raise SpeechError(f"whisper does not understand {language}")
    return code


def _pieces(samples: Samples) -> Iterator[Samples]:
    """The whole, or pieces of less than a window, cut where it is quietest."""
    longest = _PIECE_S * RECOGNISER_RATE_HZ
    while len(samples) > longest:
        search = longest - _CUT_WITHIN_S * RECOGNISER_RATE_HZ
        step = RECOGNISER_RATE_HZ // 10
        tenths = samples[search:longest].reshape(-1, step)
        cut = search + int(np.argmin((tenths**2).sum(axis=1))) * step + step // 2
        yield samples[:cut]
        samples = samples[cut:]
    yield samples
