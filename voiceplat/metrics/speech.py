"""Figures of the speech service: how long speaking, fetching and understanding take."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from voiceplat.metrics.figures import REQUEST_S, Figures

_DECODE_S: Final = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30)
_FACTOR: Final = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 4)


class SpeechFigures(Figures):
    def __init__(self) -> None:
        super().__init__()
        self.recognition = RecognitionFigures(self)
        self.synthesis = Histogram(
            "voiceplat_synthesis_seconds",
            "Time that making the audio of a Speak took, its waiting included.",
            ["engine"],
            buckets=REQUEST_S,
            registry=self.registry,
        )
        self.stand_ins = Counter(
            "voiceplat_synthesis_stand_ins",
            "Speaks for which a slow voice had no time, so that a quick one spoke.",
            registry=self.registry,
        )
        self.fetches = Histogram(
            "voiceplat_fetch_seconds",
            "Time that fetching and decoding the file of a Play took.",
            ["outcome"],
            buckets=REQUEST_S,
            registry=self.registry,
        )
        self.cache = Gauge(
            "voiceplat_prompt_cache_bytes",
            "What the host's prepared audio takes (bound: play.cache_max_bytes).",
            registry=self.registry,
        )


class RecognitionFigures:
    def __init__(self, to: Figures) -> None:
        self.result = Histogram(
            "voiceplat_recognition_seconds",
            "From the end of a caller's speech to its words.",
            buckets=_DECODE_S,
            registry=to.registry,
        )
        self.decode = Histogram(
            "voiceplat_recognition_decode_seconds",
            "Time that decoding took, waiting for a free place included.",
            ["engine"],
            buckets=_DECODE_S,
            registry=to.registry,
        )
        self.factor = Histogram(
            "voiceplat_recognition_real_time_factor",
            "The same over the length of what was said; above 1 it falls behind.",
            ["engine"],
            buckets=_FACTOR,
            registry=to.registry,
        )
        self.failures = Counter(
            "voiceplat_recognition_failures",
            "Decodes that failed; the next engine of the language was asked.",
            ["engine"],
            registry=to.registry,
        )
        self.listenings = Gauge(
            "voiceplat_listenings",
            "Legs that are listened to.",
            registry=to.registry,
        )
