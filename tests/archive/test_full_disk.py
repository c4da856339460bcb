"""A disk that takes no more ends the recording; the call goes on, nothing is lost."""

from pathlib import Path

import pytest

from tests.archive.parts import ArchiveParts, archive_parts, until
from tests.calls_e2e.recorded import listened_to
from tests.recordings.kept import an_order
from tests.servers.recording_process import (
    HEARS_HZ,
    SAYS_HZ,
    recording_process,
    write_sounds,
)
from voiceplat.calls.recording import EndReason

pytestmark = [pytest.mark.sip, pytest.mark.fault]

FILE_MAX = 48_000
"""Bytes: three seconds."""


@pytest.fixture
def taken(tmp_path: Path) -> ArchiveParts:
    return archive_parts(tmp_path)


async def test_a_file_that_cannot_grow_ends_the_recording_and_not_the_call(
    taken: ArchiveParts, tmp_path: Path
) -> None:
    write_sounds(tmp_path)
    order = an_order(format="wav")

    async with taken.running():
        with recording_process(tmp_path, order, file_max=FILE_MAX) as process:
            await process.start()
            await process.until_begun()
            (recording,) = await taken.until_announced(1)
            await until(lambda: not taken.spooled)
            assert process.lives

    assert recording.end_reason is EndReason.NO_ROOM
    file = listened_to(taken.kept(order).read_bytes())
    assert 2 < file.seconds <= 3
    assert file.only(0, SAYS_HZ)
    assert file.only(1, HEARS_HZ)
