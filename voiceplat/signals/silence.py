"""Whether the far end has been silent for long enough."""

from voiceplat.signals.pcm import FRAME_MS, rms, rms_of, samples


class SilenceWatch:
    """Counts the silence that goes on now; any louder frame begins it anew."""

    def __init__(self, shortest_ms: int, below_dbfs: float) -> None:
        self._shortest_ms = shortest_ms
        self._loudest = rms_of(below_dbfs)
        self._silent_ms = 0

    def hear(self, frame: bytes) -> bool:
        """Whether it has been silent for the whole time."""
        is_silent = rms(samples(frame)) <= self._loudest
        self._silent_ms = self._silent_ms + FRAME_MS if is_silent else 0
        return self._silent_ms >= self._shortest_ms
