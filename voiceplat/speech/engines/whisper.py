"""Whisper through CTranslate2, int8, made for short utterances (MIT).

Two models: `base` knows 99 languages; `tiny.en` knows English, takes half the time and
makes more mistakes. Whisper was made for windows of 30 s. What a caller says is short,
and the encoder's time is the decoder's delay: so an utterance is looked at through a
window of 15 s, which halves the time and costs no accuracy; below 15 s accuracy falls
off steeply.
"""

import json
from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from math import exp, log
from typing import Any, ClassVar, Final, Self

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
    Spoken,
    models_folder,
)
from voiceplat.speech.engines.log_mel import HOP, log_mel

_SPOKEN: Final = (
    "af am ar as az ba be bg bn bo br bs ca cs cy da de el en es et eu fa fi fo fr gl "
    "gu ha haw he hi hr ht hu hy id is it ja jw ka kk km kn ko la lb ln lo lt lv mg mi "
    "mk ml mn mr ms mt my ne nl nn no oc pa pl ps pt ro ru sa sd si sk sl sn so sq sr "
    "su sv sw ta te tg th tk tl tr tt uk ur uz vi yi yo zh"
)
_OTHER_TAGS: Final = {"cmn": "zh", "nb": "no", "fil": "tl", "iw": "he", "jv": "jw"}
LANGUAGES: Final = frozenset(_SPOKEN.split()) | _OTHER_TAGS.keys()

_FRAMES_PER_S: Final = RECOGNISER_RATE_HZ // HOP
_SHORT_WINDOW: Final = 15 * _FRAMES_PER_S
_LONG_WINDOW: Final = 30 * _FRAMES_PER_S
_MARGIN: Final = 1 * _FRAMES_PER_S
"""Silence after the words; without it the last one is lost."""

_PIECE_S: Final = 28
_CUT_WITHIN_S: Final = 5
_TOKENS_PER_S: Final = 8
_TOKENS_AT_LEAST: Final = 10
_TOKENS_AT_MOST: Final = 224

_NO_SPEECH_ABOVE: Final = 0.6
_LOG_PROB_BELOW: Final = -2.0
"""Silence, noise, tones and breath score beyond one of these, and speech beyond none
(by measurement: 0.78 to 0.99 or below -2.3; sentences below 0.11 and above -0.5, but
single digits and letters up to 0.36 and down to -1.6)."""

_FIRST_MERGE: Final = "\u0120 t"

_SECOND_BEAM: Final = 5
"""Who goes round in circles ("86868686…") is asked again to look further."""


_SCORED_MARGIN: Final = 200
"""Frames after the sound that the scorer looks at: with fewer it finds nothing likely,
with more it only takes longer."""
_LEAST_PROBABILITY: Final = 1e-12


class _Whisper(Recogniser):
    model: ClassVar[str]
    languages: ClassVar[frozenset[str]]
    preference: ClassVar[int]
    effort: ClassVar[float]

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
        return RecogniserInfo(
            cls.model, installed, cls.languages, cls.preference, cls.effort
        )

    @classmethod
    @override
    def load(cls, settings: SpeechSettings) -> Self:
        folder = models_folder(settings, cls.model)
        if not (folder / "model.bin").exists():
            raise SpeechError(
                f"{cls.model} has no model in {folder}: "
                "run python -m voiceplat.speech.models"
            )
        try:
            ctranslate2 = import_module("ctranslate2")
            model = ctranslate2.models.Whisper(
                str(folder),
                device="cpu",
                compute_type="int8",
                inter_threads=settings.decodes_at_once,
                intra_threads=settings.threads,
            )
            tokenizer = import_module("tokenizers").Tokenizer.from_str(
                _with_all_merges((folder / "tokenizer.json").read_text())
            )
        except (ImportError, OSError, RuntimeError, ValueError) as error:
            raise SpeechError(f"{cls.model} cannot be loaded: {error}") from error
        engine = cls(model, tokenizer, ctranslate2.StorageView)
        nothing = np.zeros(RECOGNISER_RATE_HZ // 10, np.float32)
        engine.recognise(Spoken(nothing, "en"))
        return engine

    @override
    def recognise(self, said: Spoken) -> Recognition:
        language = self._language_tokens(said.language)
        heard = [self._hear(piece, language) for piece in _pieces(said.samples)]
        if len(heard) == 1:
            return heard[0]
        spoken = [part for part in heard if part.text] or heard
        return Recognition(
            text=" ".join(part.text for part in spoken if part.text),
            confidence=min(part.confidence for part in spoken),
            no_speech_prob=min(part.no_speech_prob for part in spoken),
        )

    def _language_tokens(self, language: str) -> tuple[str, ...]:
        """How the decoder is told the language and that it writes what is said."""
        return (f"<|{_code(language)}|>", "<|transcribe|>")

    def _hear(self, samples: Samples, language: tuple[str, ...]) -> Recognition:
        used = len(samples) // HOP
        window = _SHORT_WINDOW if used + _MARGIN <= _SHORT_WINDOW else _LONG_WINDOW
        start = self._ids(("<|startoftranscript|>", *language))
        sound = self._model.encode(
            self._storage.from_array(log_mel(samples, window)[None]), to_cpu=True
        )
        best = self._write(sound, start, _most_tokens(used))
        log_prob, no_speech = best.scores[0], best.no_speech_prob
        nobody = no_speech > _NO_SPEECH_ABOVE or log_prob < _LOG_PROB_BELOW
        text = self._tokenizer.decode(best.sequences_ids[0], skip_special_tokens=True)

        def score(phrases: Sequence[str]) -> list[float]:
            frames = min(used + _SCORED_MARGIN, window) // 2 * 2
            return self._score(sound, start, frames, phrases)

        said = "" if nobody else text.strip()
        return Recognition(said, exp(log_prob), no_speech, score)

    def _write(self, sound: Any, start: list[int], most: int) -> Any:  # noqa: ANN401
        """What the decoder makes of it; the longest it can be was never meant."""
        for beam in (1, _SECOND_BEAM):
            best = self._model.generate(
                sound,
                [start + self._ids(("<|notimestamps|>",))],
                beam_size=beam,
                max_length=2 * most,  # it stops at half of it
                return_scores=True,
                return_no_speech_prob=True,
            )[0]
            if len(best.sequences_ids[0]) < most:
                break
        return best

    def _ids(self, tokens: Sequence[str]) -> list[int]:
        return [self._tokenizer.token_to_id(token) for token in tokens]

    def _score(
        self,
        sound: Any,  # noqa: ANN401 - untyped package
        start: list[int],
        frames: int,
        phrases: Sequence[str],
    ) -> list[float]:
        """The decoder's log-probability of each phrase, were it to write that."""
        texts = [
            self._tokenizer.encode(_written(phrase), add_special_tokens=False).ids
            for phrase in phrases
        ]
        heard = np.asarray(sound)[:, : frames // 2]
        repeated = np.ascontiguousarray(np.repeat(heard, len(texts), axis=0))
        aligned = self._model.align(
            self._storage.from_array(repeated), start, texts, [frames] * len(texts)
        )
        return [
            sum(log(max(one, _LEAST_PROBABILITY)) for one in each.text_token_probs)
            for each in aligned
        ]


class WhisperBase(_Whisper):
    model = "whisper-base"
    languages = LANGUAGES
    preference = 50
    effort = 1.0


class WhisperTiny(_Whisper):
    model = "whisper-tiny.en"
    languages = frozenset({"en"})
    preference = 40
    effort = 0.5

    @override
    def _language_tokens(self, language: str) -> tuple[str, ...]:
        return ()


def _with_all_merges(tokenizer: str) -> str:
    """The published tokenizer of `base` lacks its first merge, a space and a t.

    Without it " the" becomes two tokens that the model has never seen together, and
    what is scored is not what it would write.
    """
    parts = json.loads(tokenizer)
    merges = parts["model"]["merges"]
    if _FIRST_MERGE not in merges:
        merges.insert(0, _FIRST_MERGE)
    return json.dumps(parts)


def _written(phrase: str) -> str:
    """As Whisper would write it: a sentence after a space."""
    return f" {phrase[:1].upper()}{phrase[1:].rstrip('.!?')}."


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
