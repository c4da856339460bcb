"""Processes that record as call workers do, and that tests kill.

    with recording_process(data, order) as process:
        await process.until_begun()
        process.kill()

Each has a conference bridge, no SIP, and one leg that says 500 Hz and hears 900 Hz,
recorded in stereo by the worker's own code. They come from a fork server, as workers
do, so that fifty of them cost little.
"""

import asyncio
import multiprocessing
import resource
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from typing_extensions import override

from tests.fakes.leg import FakeLeg
from voiceplat.calls.leg import Sound
from voiceplat.calls.recording import Recording, RecordingOrder
from voiceplat.media.recording import STEREO, LiveTaking
from voiceplat.recordings.spool import Spool
from voiceplat.telephony.leg_audio import LegAudio
from voiceplat.telephony.listen import write_tone
from voiceplat.telephony.phone_settings import PhoneSettings
from voiceplat.telephony.pj_phone import PjPhone

SAYS_HZ, HEARS_HZ = 500, 900
LONGEST_S = 60
RATE_HZ = 8000
BEGUN_POLL_S = 0.02
HEADER_BYTES = 44

_forkserver = multiprocessing.get_context("forkserver")
_forkserver.set_forkserver_preload(["tests.servers.recording_process"])


class ToneLeg(FakeLeg):
    """Its audio is real: a file says what it says, another one what it hears."""

    def __init__(self, audio: LegAudio) -> None:
        super().__init__(answered=True)
        self._audio = audio

    @override
    async def record(self, tracks: Mapping[Path, Sound]) -> None:
        await self._audio.record(tracks)


class RecordingProcess:
    def __init__(self, data: Path, order: RecordingOrder, file_max: int) -> None:
        self._take = data / "spool" / order.id
        args = (data, order, file_max)
        self._process = _forkserver.Process(target=record, args=args)

    async def start(self) -> None:
        await asyncio.to_thread(self._process.start)

    async def until_begun(self) -> None:
        """There is audio in the spool."""
        while self.written_s == 0:
            assert self.lives
            await asyncio.sleep(BEGUN_POLL_S)

    @property
    def written_s(self) -> float:
        left = self._take / "left.wav"
        size = left.stat().st_size if left.exists() else 0
        return max(0, size - HEADER_BYTES) / 2 / RATE_HZ

    @property
    def lives(self) -> bool:
        return self._process.exitcode is None

    def kill(self) -> None:
        self._process.kill()
        self._process.join()


@contextmanager
def recording_process(
    data: Path, order: RecordingOrder, *, file_max: int = resource.RLIM_INFINITY
) -> Iterator[RecordingProcess]:
    """`file_max`: bytes of a file that its disk takes."""
    made = RecordingProcess(data, order, file_max)
    try:
        yield made
    finally:
        made.kill()


def write_sounds(data: Path) -> None:
    """What the processes play; they do not make it."""
    for hz in (SAYS_HZ, HEARS_HZ):
        write_tone(data / f"{hz}.wav", hz, LONGEST_S)


def record(data: Path, order: RecordingOrder, file_max: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_max, file_max))
    asyncio.run(_record(data, order))


async def _record(data: Path, order: RecordingOrder) -> None:
    async with PjPhone.open(PhoneSettings(rtp_port_min=0)) as phone:
        player = phone._bridge.player(data / f"{SAYS_HZ}.wav", lambda: None)
        audio = LegAudio(phone._bridge, lambda: player)
        taking = LiveTaking(order, ToneLeg(audio), STEREO)
        taking.start()
        await asyncio.gather(
            audio.play(data / f"{HEARS_HZ}.wav"),
            taking.run(Spool(data / "spool", 0), RATE_HZ, _nobody),
        )


def _nobody(_: Recording) -> None:
    """All is archived here."""
