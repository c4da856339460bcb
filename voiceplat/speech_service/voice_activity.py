"""How likely a moment of sound is speech: Silero VAD through onnxruntime (MIT).

The model looks at 32 ms at a time, with a few samples from before and a state of its
own. It knows 8 and 16 kHz natively. A moment takes a tenth of a millisecond on one
thread, so it is run where the sound arrives.
"""

from importlib import import_module
from typing import Any, Final, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from voiceplat.core.errors import SpeechError
from voiceplat.core.settings import SpeechSettings
from voiceplat.speech.engine import Samples, models_folder

MOMENT_MS: Final = 32

_MODEL: Final = "silero-vad"
_CONTEXT_MS: Final = 4


def moment_samples(rate_hz: int) -> int:
    return rate_hz * MOMENT_MS // 1000


class VoiceActivity(Protocol):
    """Follows one leg; each moment is of `moment_samples`."""

    def probability(self, moment: Samples) -> float: ...


class VoiceDetector(Protocol):
    def follow(self, rate_hz: int) -> VoiceActivity:
        """A fresh one for a leg with sound at `rate_hz`."""
        ...


class Silero(VoiceDetector):
    """The model, loaded once; what it follows is independent of one another."""

    def __init__(self, session: Any) -> None:  # noqa: ANN401 - untyped package
        self._session = session

    @classmethod
    def load(cls, settings: SpeechSettings) -> Self:
        """Raises SpeechError."""
        file = models_folder(settings, _MODEL) / "silero_vad.onnx"
        if not file.exists():
            raise SpeechError(
                f"there is no {file}: run python -m voiceplat.speech.models"
            )
        try:
            onnxruntime = import_module("onnxruntime")
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            options.inter_op_num_threads = 1
            session = onnxruntime.InferenceSession(
                str(file), options, providers=["CPUExecutionProvider"]
            )
        except (ImportError, OSError, RuntimeError, ValueError) as error:
            raise SpeechError(f"{_MODEL} cannot be loaded: {error}") from error
        return cls(session)

    @override
    def follow(self, rate_hz: int) -> VoiceActivity:
        return _Followed(self._session, rate_hz)


class _Followed(VoiceActivity):
    def __init__(self, session: Any, rate_hz: int) -> None:  # noqa: ANN401
        self._session = session
        self._rate_hz = np.array(rate_hz, np.int64)
        self._state: NDArray[np.float32] = np.zeros((2, 1, 128), np.float32)
        self._before = np.zeros(rate_hz * _CONTEXT_MS // 1000, np.float32)

    @override
    def probability(self, moment: Samples) -> float:
        sound = np.concatenate((self._before, moment))
        self._before = sound[-len(self._before) :]
        found, self._state = self._session.run(
            None, {"input": sound[None], "state": self._state, "sr": self._rate_hz}
        )
        return float(found[0, 0])
