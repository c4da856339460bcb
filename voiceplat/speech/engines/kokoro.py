"""Kokoro-82M: natural voices in six languages (Apache-2.0), slower than a caller likes.

The model takes about as long as half the speech lasts, so it speaks through the cache,
and only what nobody faster says. It is loaded when first needed, for it takes 0.36 GB.
Phonemes are hibari's for English; for other languages espeak-ng, run as a program,
writes IPA, which is put into the model's alphabet here.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from shutil import which
from threading import Lock
from typing import Any, Final, Self

import numpy as np
from typing_extensions import override

from voiceplat.calls.voices import Gender
from voiceplat.core.errors import SpeechError
from voiceplat.core.settings import SpeechSettings, load_settings
from voiceplat.speech.engine import (
    Samples,
    Sound,
    Synthesizer,
    SynthesizerInfo,
    Utterance,
    Voice,
    models_folder,
)
from voiceplat.speech.engines.misaki import at_once, marked_up, pieces
from voiceplat.speech.models import KOKORO, KOKORO_MODEL
from voiceplat.speech.phonemes import from_espeak

_RATE_HZ: Final = 24000
_MOST_PHONEMES: Final = 400
"""The model takes 510; what is longer is cut at a clause or a word."""
_SPEEDS: Final = (0.2, 2.5)

_ENGLISH: Final = {"a": False, "b": True}
"""Whether the voices whose names begin so are British."""
_ESPEAK: Final = {"e": "es", "f": "fr-fr", "h": "hi", "i": "it", "p": "pt-br"}
"""In which language espeak reads for the others, if the voice's id names none."""

W, M = Gender.WOMAN, Gender.MAN
VOICES: Final = tuple(
    Voice(id_, language, gender)
    for id_, gender, languages in (
        ("am_michael", M, "en-US"),
        ("bf_emma", W, "en-GB en-AU en-GB-WLS en-IN"),
        ("bm_george", M, "en-GB en-AU en-GB-WLS en-IN"),
        ("ef_dora", W, "es es-ES"),
        ("em_alex", M, "es es-ES"),
        ("ef_dora+es-419", W, "es-US es-MX es-419"),
        ("em_alex+es-419", M, "es-US es-MX es-419"),
        ("ff_siwis", W, "fr fr-FR fr-CA"),
        ("hf_alpha", W, "hi hi-IN"),
        ("hm_omega", M, "hi hi-IN"),
        ("if_sara", W, "it it-IT"),
        ("im_nicola", M, "it it-IT"),
        ("pf_dora", W, "pt-BR"),
        ("pm_alex", M, "pt-BR"),
    )
    for language in languages.split()
)

COMPLETE: Final = SynthesizerInfo(
    "kokoro", "1.0", VOICES, streaming=True, preference=30, slow=True
)
"""With every voice that set-up fetches."""

_LOUDNESS: Final = 0.08
"""Of 1.0, root mean square: what all voices are brought to, near hibari's."""
_OWN_LOUDNESS: Final = {
    "am_michael": 0.073,
    "bf_emma": 0.114,
    "bm_george": 0.105,
    "ef_dora": 0.083,
    "em_alex": 0.086,
    "ff_siwis": 0.123,
    "hf_alpha": 0.201,
    "hm_omega": 0.188,
    "if_sara": 0.243,
    "im_nicola": 0.134,
    "pf_dora": 0.092,
    "pm_alex": 0.085,
}

_SENTENCE_END: Final = re.compile(r"(?<=[.!?…।])\s+")
_SIGN: Final = re.compile(r"([.,;:!?¡¿—…।])")
_SHORT_S: Final = 10


class Kokoro(Synthesizer):
    """Several threads may ask; they are served one after another."""

    def __init__(self, folder: Path, threads: int) -> None:
        self._folder = folder
        self._threads = threads
        self._lock = Lock()
        self._model: Any = None
        self._g2p: dict[bool, Any] = {}
        self._styles: dict[str, Samples] = {}
        assets = files("hibari") / "assets"
        self._alphabet = json.loads((assets / "vocab.json").read_text("utf-8"))

    @classmethod
    @override
    def describe(cls) -> SynthesizerInfo | None:
        folder = models_folder(load_settings().speech, KOKORO)
        voices = tuple(it for it in VOICES if _pack(folder, it.id).is_file())
        if not voices or not (folder / KOKORO_MODEL).is_file():
            return None
        return replace(COMPLETE, voices=voices)

    @classmethod
    @override
    def load(cls, settings: SpeechSettings) -> Self:
        folder = models_folder(settings, KOKORO)
        if not (folder / KOKORO_MODEL).is_file():
            raise SpeechError(f"{folder} has no {KOKORO_MODEL}; set-up makes it")
        try:
            return cls(folder, settings.slow_voice_threads)
        except (ImportError, OSError, ValueError) as error:
            raise SpeechError(f"kokoro cannot be loaded: {error}") from error

    @override
    def say(self, utterance: Utterance) -> Iterator[Sound]:
        slowest, fastest = _SPEEDS
        speed = max(slowest, min(fastest, utterance.rate))
        name, _, dialect = utterance.voice.partition("+")
        for phonemes in self._phonemes(utterance, name[0], dialect):
            with self._lock:
                spoken = self._spoken(phonemes, name, speed)
            if spoken.size:
                yield Sound(spoken, _RATE_HZ)

    def _phonemes(
        self, utterance: Utterance, family: str, dialect: str
    ) -> Iterator[str]:
        """In the model's alphabet, no more at a time than it takes."""
        if family in _ENGLISH:
            sentences = self._english(utterance, british=_ENGLISH[family])
        else:
            sentences = _elsewhere(utterance, dialect or _ESPEAK[family])
        for sentence in sentences:
            yield from pieces(sentence, _MOST_PHONEMES)

    def _english(self, utterance: Utterance, *, british: bool) -> Iterator[str]:
        text = marked_up(utterance, british=british)
        with self._lock:
            if british not in self._g2p:
                self._g2p[british] = import_module("hibari.g2p").G2P(british=british)
            read = self._g2p[british]
        for sentence in import_module("hibari").Hibari.split_sentences(text):
            yield read(sentence)

    def _spoken(self, phonemes: str, name: str, speed: float) -> Samples:
        signs = [self._alphabet[it] for it in phonemes if it in self._alphabet]
        if not signs:
            return np.zeros(0, np.float32)
        self._load()
        style = self._style(name)
        (sound, *_) = self._model.run(
            None,
            {
                self._model.get_inputs()[0].name: np.array([[0, *signs, 0]], np.int64),
                "style": style[min(len(signs), len(style) - 1)][None],
                "speed": np.array([speed], np.float32),
            },
        )
        gain = np.float32(_LOUDNESS / _OWN_LOUDNESS[name])
        return at_once(gain * np.asarray(sound, np.float32).ravel())

    def _load(self) -> None:
        if self._model is not None:
            return
        try:
            onnx = import_module("onnxruntime")
            options = onnx.SessionOptions()
            options.intra_op_num_threads = self._threads
            options.inter_op_num_threads = 1
            options.log_severity_level = 3
            self._model = onnx.InferenceSession(
                str(self._folder / KOKORO_MODEL),
                options,
                providers=["CPUExecutionProvider"],
            )
        except Exception as error:  # the runtime's errors have no common class
            raise SpeechError(f"kokoro cannot be loaded: {error}") from error

    def _style(self, name: str) -> Samples:
        """The voice, for each length of what it says."""
        if name not in self._styles:
            try:
                numbers = np.fromfile(_pack(self._folder, name), "<f4")
            except OSError as error:
                raise SpeechError(f"kokoro has no voice {name}: {error}") from error
            self._styles[name] = numbers.reshape(-1, 256)
        return self._styles[name]


def _pack(folder: Path, voice: str) -> Path:
    return folder / f"{voice.partition('+')[0]}.bin"


def _elsewhere(utterance: Utterance, language: str) -> Iterator[str]:
    """Each sentence of another language; phonemes that are given stand as given."""
    held = ""
    for span in utterance.spans:
        if span.ipa:
            held += f" {from_espeak(span.ipa)} "
            continue
        first, *more = _SENTENCE_END.split(span.text)
        held += _read_by_espeak(first, language)
        for sentence in more:
            yield held
            held = _read_by_espeak(sentence, language)
    yield held


def _read_by_espeak(text: str, language: str) -> str:
    parts = [
        part if _SIGN.fullmatch(part) else f" {_ipa(part, language)}"
        for part in _SIGN.split(text)
        if part.strip()
    ]
    return from_espeak("".join(parts).replace("।", "."))


def _ipa(text: str, language: str) -> str:
    command = [which("espeak-ng") or "espeak-ng", "-v", language, "-b", "1", "-q"]
    try:
        done = subprocess.run(  # noqa: S603 - no shell; the text is not an argument
            [*command, "--ipa=3", "--tie=^", "--stdin"],
            input=text.replace("[[", "[ [").encode(),
            capture_output=True,
            check=True,
            timeout=_SHORT_S,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise SpeechError(f"espeak-ng cannot read for kokoro: {error}") from error
    return " ".join(done.stdout.decode().split())
