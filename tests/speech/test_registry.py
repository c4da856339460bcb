"""An engine of somebody else's: one file, and one line in its package's metadata."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from structlog.testing import capture_logs

from voiceplat.core.settings import SpeechSettings
from voiceplat.speech.engine import Spoken
from voiceplat.speech.registry import recognisers, synthesizers
from voiceplat.speech_service.engines import first_choices
from voiceplat.speech_service.recognising import Recognisers

ENGINE = """
from collections.abc import Iterator
from typing import Self

import numpy as np

from voiceplat.calls.voices import Gender
from voiceplat.core.settings import SpeechSettings
from voiceplat.speech.engine import (
    Sound, Synthesizer, SynthesizerInfo, Utterance, Voice
)


class Hum(Synthesizer):
    @classmethod
    def describe(cls) -> SynthesizerInfo | None:
        voice = Voice("hum", "en-US", Gender.MAN)
        return SynthesizerInfo("hum", "1", (voice,), streaming=False, preference=99)

    @classmethod
    def load(cls, settings: SpeechSettings) -> Self:
        return cls()

    def say(self, utterance: Utterance) -> Iterator[Sound]:
        yield Sound(np.zeros(8000, np.float32), 8000)
"""


EAR = """
from typing import Self

from voiceplat.core.settings import SpeechSettings
from voiceplat.speech.engine import (
    Recogniser, RecogniserInfo, Recognition, Spoken,
)


class Cloud(Recogniser):
    @classmethod
    def describe(cls) -> RecogniserInfo | None:
        languages = frozenset({"en", "tlh"})
        return RecogniserInfo(
            "cloud", "1", languages, preference=99, partials=False, at_once=20
        )

    @classmethod
    def load(cls, settings: SpeechSettings) -> Self:
        return cls()

    def recognise(self, said: Spoken) -> Recognition:
        hints = ", ".join(said.hints)
        return Recognition(f"{said.language} {said.model} {hints}", 0.5, 0.0)
"""


@pytest.fixture(autouse=True)
def _look_again() -> Iterator[None]:
    for engines in (synthesizers, recognisers):
        engines.cache_clear()
    yield
    for engines in (synthesizers, recognisers):
        engines.cache_clear()


def install(folder: Path, line: str) -> None:
    """Put a package with that entry point into the folder."""
    metadata = folder / "hum_engine-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Name: hum-engine\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text(f"[voiceplat.speech]\n{line}\n")


def test_an_installed_engine_is_found_and_preferred(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hum_engine.py").write_text(ENGINE)
    install(tmp_path, "hum = hum_engine:Hum")
    monkeypatch.syspath_prepend(str(tmp_path))

    names = [info.name for info in synthesizers().values() if not info.slow]

    assert names == ["hum", "hibari", "espeak"]


def test_a_broken_engine_is_left_out_and_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "hum = no_such_module:Hum")
    monkeypatch.syspath_prepend(str(tmp_path))

    with capture_logs() as logs:
        names = [info.name for info in synthesizers().values() if not info.slow]

    assert names == ["hibari", "espeak"]
    assert [log["event"] for log in logs] == ["speech_engine_broken"]


async def test_a_recogniser_of_somebody_elses_listens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cloud_engine.py").write_text(EAR)
    install(tmp_path, "cloud = cloud_engine:Cloud")
    monkeypatch.syspath_prepend(str(tmp_path))

    first, spare = first_choices(recognisers())

    assert [info.name for info, _ in first] == ["cloud", "whisper-base"]
    assert [info.name for info, _ in spare] == ["whisper-tiny.en"]
    info, engine = first[0]
    loaded = engine.load(SpeechSettings())
    with Recognisers(SpeechSettings(), [(info, loaded)]) as ready:
        silence = np.zeros(16000, np.float32)
        said = Spoken(silence, "tlh-KX", ("majQa",), "phone_call")
        text = await ready.decode(said, lambda heard: heard.text)
        assert text == "tlh-KX phone_call majQa"
