"""The disk of the spool gets full under load, and has room again."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.calls_e2e.conftest import Site, set_up
from tests.failures.auditor import Allowed
from tests.failures.conftest import IMPATIENT
from tests.failures.trial import Trial
from tests.servers.postgres import PostgresServer

pytestmark = [
    pytest.mark.edge,
    pytest.mark.sip,
    pytest.mark.fault,
    pytest.mark.postgres,
    pytest.mark.timeout(400),
]

DISK_MB: Final = 8
RESERVE_MB: Final = 2
FULL_FOR_S: Final = 8


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own, where the platform's spool will be."""
    folder = tmp_path / "data" / "spool"
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m,mode=700", "spool"]
    mounted = subprocess.run([*mount, folder], check=False, capture_output=True)
    if mounted.returncode:
        pytest.skip(f"mounting is not permitted: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def site(database: PostgresServer, spool: Path) -> Iterator[Site]:
    room = {"SPOOL__RESERVE_MB": str(RESERVE_MB)}
    with set_up(IMPATIENT | room, spool.parent) as made:
        yield made


async def test_calls_go_on_and_each_recording_is_kept_or_told_of(
    run: Trial, spool: Path
) -> None:
    async def strike() -> None:
        filler = spool / "lost+found"
        with filler.open("wb") as file:
            while True:
                try:
                    file.write(os.urandom(1 << 16))
                    file.flush()
                except OSError:
                    break
        await asyncio.sleep(FULL_FOR_S)
        filler.unlink()

    await run.run(strike)

    assert await run.judge(Allowed()) == []
    told = run.world.customer.requests("/recorded")
    ends = {it.fields.get("RecordingEndReason") for it in told}
    assert any("RecordingError" in it.fields for it in told) or "no-room" in ends
    assert ends & {"hangup", "max-length"}, "those before and after it are whole"
