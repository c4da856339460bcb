"""recordings: how long they are kept, and keys, as an operator types them."""

import base64
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.cli.test_operator_commands import Terminal, terminal, unmigrated
from voiceplat.core.errors import Unavailable
from voiceplat.core.recording_settings import RecordingSettings
from voiceplat.core.settings import Settings
from voiceplat.recordings.proof import prove
from voiceplat.recordings.seal import Seal
from voiceplat.recordings.store import open_store

__all__ = ["terminal", "unmigrated"]

pytestmark = pytest.mark.redis


def test_an_account_keeps_its_recordings_as_long_as_it_is_told(
    terminal: Terminal,
) -> None:
    made = terminal.json("account", "create", "acme")

    for days in ("90", "0", "default"):
        terminal.text("recordings", "keep", made["auth_id"], days)


def test_what_is_no_number_of_days_is_said(terminal: Terminal) -> None:
    assert "must be a number" in terminal.failure("recordings", "keep", "MA", "soon")


def test_an_account_that_is_not_there_is_said(terminal: Terminal) -> None:
    said = terminal.failure("recordings", "keep", "MAX", "9")

    assert "no account MAX: voiceplat account list" in said


def test_a_new_key_seals(terminal: Terminal) -> None:
    one, two = [terminal.text("recordings", "key").strip() for _ in range(2)]

    Seal([SecretStr(one)])
    assert one != two
    assert len(base64.b64decode(one)) == 32


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_a_store_that_keeps_is_proven(tmp_path: Path) -> None:
    await prove(open_store(Settings(data=tmp_path)))

    assert files_below(tmp_path) == []


async def test_a_store_that_cannot_keep_is_found_out(tmp_path: Path) -> None:
    settings = RecordingSettings(url=f"file://{tmp_path}/file")
    (tmp_path / "file").write_text("no folder")

    with pytest.raises(Unavailable, match="recordings folder"):
        await prove(open_store(Settings(data=tmp_path, recordings=settings)))
