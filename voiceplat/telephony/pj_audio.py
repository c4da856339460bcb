"""Files played to a leg and recorded from it, as ports of the conference bridge.

A player reports its end on the library's event thread, every 20 ms until it is
disconnected; it must outlive the last of these reports. So whatever played is
disconnected at once and destroyed a moment later, always on the loop's thread.
Recorders and listeners may be destroyed at once: the library waits for the frame that
it is just handing over.
"""

import asyncio
import ctypes
import wave
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

import pjsua2 as pj
from typing_extensions import override

from voiceplat.core.errors import MediaError

LINGER_S: Final = 0.25
"""Ten times what the bridge and the event thread need to forget a port."""
PLAYERS_MAX: Final = 32
"""What the library allows."""
CLOSE_POLL_S: Final = 0.004
CLOSE_POLLS: Final = 50
FRAME_S: Final = 0.02
SAMPLE_BYTES: Final = 2
DATA_STARTS_AT: Final = 44
"""Bytes of the header that the library writes."""


class Player(pj.AudioMediaPlayer):
    """A WAV file, played once."""

    def __init__(self, audio: Path, when_over: Callable[[], None]) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self._when_over = when_over
        self._listeners: list[pj.AudioMedia] = []
        try:
            self.createPlayer(str(audio), pj.PJMEDIA_FILE_NO_LOOP)
        except pj.Error as error:
            raise MediaError(f"{audio.name}: {error.reason}") from error

    def play_to(self, listener: pj.AudioMedia) -> None:
        self._listeners.append(listener)
        with suppress(pj.Error):  # the stream is gone: the news is on its way
            self.startTransmit(listener)

    def hush(self) -> None:
        for listener in self._listeners:
            with suppress(pj.Error):
                self.stopTransmit(listener)
        self._listeners.clear()

    def forget(self, listener: pj.AudioMedia) -> None:
        """It is about to go, and takes its connections along."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    @override
    def onEof2(self) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(self._when_over)


class Recorder(pj.AudioMediaRecorder):
    """A WAV file at the bridge's rate; its header is right once it is destroyed."""

    def __init__(self, to: Path) -> None:
        super().__init__()
        self.file = to
        try:
            self.createRecorder(str(to))
        except pj.Error as error:
            raise MediaError(f"{to.name}: {error.reason}") from error


class Listener(pj.AudioMediaPort):
    """Gives what is connected to it away on the loop's thread, frame by frame."""

    def __init__(
        self, hear: Callable[[bytes], None], clock_rate_hz: int, frame_s: float
    ) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self._hear: Callable[[bytes], None] | None = hear
        self._silence = bytes(int(clock_rate_hz * frame_s) * SAMPLE_BYTES)
        form = pj.MediaFormatAudio()
        frame_us = int(frame_s * 1_000_000)
        bits = SAMPLE_BYTES * 8
        form.init(pj.PJMEDIA_FORMAT_PCM, clock_rate_hz, 1, frame_us, bits)
        try:
            self.createPort("listener", form)
        except pj.Error as error:
            raise MediaError(f"nobody can listen: {error.reason}") from error

    def deafen(self) -> None:
        """What is on its way to the loop is not delivered any more."""
        self._hear = None

    @override
    def onFrameReceived(self, frame: pj.MediaFrame) -> None:
        # empty when nothing is connected: on hold, or between two streams
        heard = pcm_of(frame) or self._silence
        with suppress(RuntimeError):  # the loop is closed: nobody listens any more
            self._loop.call_soon_threadsafe(self._deliver, heard)

    def _deliver(self, heard: bytes) -> None:
        if self._hear is not None:
            self._hear(heard)


def pcm_of(frame: pj.MediaFrame) -> bytes:
    """A copy of the frame's audio.

    `bytes(frame.buf)` asks the library for each byte, 0.24 ms for a frame. This reads
    the address of the data, the first word of a C++ vector, and copies it at once.
    """
    vector = frame.buf
    if size := vector.size():
        start = ctypes.c_void_p.from_address(int(vector.this)).value
        return ctypes.string_at(start or 0, size)
    return b""


class Bridge:
    """The conference bridge of the process: what all legs of it share."""

    def __init__(
        self,
        endpoint: pj.Endpoint,
        clock_rate_hz: int,
        need_clock: Callable[[], None],
    ) -> None:
        self.clock_rate_hz = clock_rate_hz
        self._need_clock = need_clock
        devices = endpoint.audDevManager()
        self.silence: pj.AudioMedia = devices.getCaptureDevMedia()
        """The null device's microphone. A leg that nothing plays to sends no RTP."""
        self.sink: pj.AudioMedia = devices.getPlaybackDevMedia()
        """The null device's loudspeaker: keeps a player running with no leg to hear."""
        self._players: set[Player] = set()
        self._player_gone = asyncio.Event()
        self._recorders: set[Recorder] = set()
        self._ports: set[pj.AudioMediaPort] = set()
        self._listeners: set[Listener] = set()

    @property
    def in_use(self) -> bool:
        """Whether anything that is not a leg waits for a tick."""
        return bool(self._players or self._recorders or self._ports or self._listeners)

    async def room_for_a_player(self) -> None:
        """Waits while too many are on their way out."""
        while len(self._players) >= PLAYERS_MAX:
            self._player_gone.clear()
            await self._player_gone.wait()

    def player(self, audio: Path, when_over: Callable[[], None]) -> Player:
        """Raises MediaError when the file cannot be played."""
        self._need_clock()
        player = Player(audio, when_over)
        self._players.add(player)
        return player

    def recorders(self, files: Iterable[Path]) -> list[Recorder]:
        """All of them begin at the same tick. Raises MediaError when one cannot."""
        self._need_clock()
        recorders: list[Recorder] = []
        try:
            for file in files:
                recorders.append(Recorder(file))  # noqa: PERF401 - one may fail
        except MediaError:
            for recorder in recorders:
                pj.AudioMediaRecorder.__swig_destroy__(recorder)
            raise
        self._recorders.update(recorders)
        for recorder in recorders:  # keeps their time while a leg is on hold
            self.silence.startTransmit(recorder)
        return recorders

    def listener(
        self, hear: Callable[[bytes], None], frame_s: float = FRAME_S
    ) -> Listener:
        """Raises MediaError when the bridge has no port left.

        Longer frames are gathered by the bridge, in C: each one costs a call of Python.
        """
        self._need_clock()
        listener = Listener(hear, self.clock_rate_hz, frame_s)
        self._listeners.add(listener)
        return listener

    def dismiss(self, listener: Listener) -> None:
        if listener in self._listeners:
            self._listeners.discard(listener)
            listener.deafen()
            pj.AudioMediaPort.__swig_destroy__(listener)

    def retire(self, player: Player) -> None:
        """Silence it now, destroy it when its last report has come."""
        if player in self._players:
            player.hush()
            asyncio.get_running_loop().call_later(LINGER_S, self._destroy, player)

    async def finish(self, recorders: Iterable[Recorder]) -> None:
        """Returns when their files are whole: the bridge lets go at its next tick."""
        for recorder in recorders:
            self._close(recorder)
        for _ in range(CLOSE_POLLS):
            if all(is_whole(recorder.file) for recorder in recorders):
                return
            await asyncio.sleep(CLOSE_POLL_S)

    def keep(self, port: pj.AudioMediaPort) -> None:
        """It lives until it is dropped, or the bridge is closed."""
        self._need_clock()
        self._ports.add(port)

    def drop(self, port: pj.AudioMediaPort) -> None:
        """Destroy it when whoever was connected to it has let go."""
        if port in self._ports:
            asyncio.get_running_loop().call_later(LINGER_S, self._destroy_port, port)

    def close(self) -> None:
        """Destroy all, used or not: after the endpoint it would abort the process."""
        for recorder in list(self._recorders):
            self._close(recorder)
        for port in list(self._ports):
            self._destroy_port(port)
        for listener in list(self._listeners):
            self.dismiss(listener)
        for player in list(self._players):
            player.hush()
            self._destroy(player)

    def _close(self, recorder: Recorder) -> None:
        if recorder in self._recorders:  # it makes no reports: it may go at once
            self._recorders.discard(recorder)
            pj.AudioMediaRecorder.__swig_destroy__(recorder)

    def _destroy_port(self, port: pj.AudioMediaPort) -> None:
        if port in self._ports:
            self._ports.discard(port)
            pj.AudioMediaPort.__swig_destroy__(port)

    def _destroy(self, player: Player) -> None:
        if player in self._players:
            self._players.discard(player)
            pj.AudioMediaPlayer.__swig_destroy__(player)
            self._player_gone.set()


def is_blip(wav: Path) -> bool:
    """Whether a WAV file is shorter than a frame: the library plays no such file."""
    try:
        with wave.open(str(wav), "rb") as file:
            return file.getnframes() < file.getframerate() * FRAME_S
    except (wave.Error, EOFError, OSError):
        return False


def is_whole(wav: Path) -> bool:
    """Whether a WAV file's header says as much audio as the file has."""
    with wav.open("rb") as file:
        header = file.read(DATA_STARTS_AT)
    told = int.from_bytes(header[DATA_STARTS_AT - 4 :], "little")
    return told > 0 and told + DATA_STARTS_AT == wav.stat().st_size
