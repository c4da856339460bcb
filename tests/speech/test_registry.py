"""An engine of somebody else's: one file, and one line in its package's metadata."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from voiceplat.speech.registry import synthesizers

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


@pytest.fixture(autouse=True)
def _look_again() -> Iterator[None]:
    synthesizers.cache_clear()
    yield
    synthesizers.cache_clear()


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
