"""Storages that are away, full, or give back something else than they were given."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from typing_extensions import override

from tests.recordings.kept import a_file, a_recording, some_bytes
from tests.recordings.test_store import KEY, read, s3_settings, settings
from tests.servers.free_ports import free_port
from tests.servers.s3 import S3Server
from voiceplat.core.errors import NotFound, Unavailable
from voiceplat.recordings.local_files import LocalFiles
from voiceplat.recordings.object_files import UnknownStorage
from voiceplat.recordings.seal import WrongEncryptionKey
from voiceplat.recordings.store import FileStore, KeptFile, open_store

pytestmark = pytest.mark.real_time


class Forgetful(LocalFiles):
    """A disk that says it wrote what it did not."""

    @override
    def _put(self, name: str, source: Path) -> None:
        short = source.with_suffix(".short")
        short.write_bytes(source.read_bytes()[:-1])
        super()._put(name, short)


async def test_a_server_that_is_away_is_unavailable(tmp_path: Path) -> None:
    away = {
        "url": "s3://bucket",
        "s3_endpoint": f"http://127.0.0.1:{free_port()}",
        "s3_access_key": "a",
        "s3_secret_key": "b",
        "storage_timeout_s": 1,
    }
    store = open_store(settings(tmp_path, away))
    recording = a_recording(b"x")

    with pytest.raises(Unavailable):
        await store.put(recording, a_file(tmp_path, b"x"))
    with pytest.raises(Unavailable):
        await read(store, KeptFile.of(recording))
    with pytest.raises(Unavailable):
        await store.delete(KeptFile.of(recording))


async def test_a_bucket_that_is_not_there_is_unavailable(
    tmp_path: Path, s3: S3Server
) -> None:
    store = open_store(settings(tmp_path, s3_settings(s3, "nobody-made-it")))

    with pytest.raises(Unavailable):
        await store.put(a_recording(b"x"), a_file(tmp_path, b"x"))


async def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "recordings").write_text("a file where a folder belongs")
    store = open_store(settings(tmp_path, {}))

    with pytest.raises(Unavailable):
        await store.put(a_recording(b"x"), a_file(tmp_path, b"x"))


@pytest.mark.parametrize("size", [1, 100_000])
async def test_what_comes_back_wrong_is_not_kept(tmp_path: Path, size: int) -> None:
    store = FileStore(Forgetful(tmp_path / "kept"), None, tmp_path)
    content = some_bytes(size)

    with pytest.raises(Unavailable):
        await store.put(a_recording(content), a_file(tmp_path, content))


async def test_a_put_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    files = LocalFiles(tmp_path / "kept")
    await files.put("a/b.mp3", a_file(tmp_path, b"first"))

    with pytest.raises(Exception, match="directory"):
        await files.put("a/b.mp3", tmp_path)

    assert await files.get("a/b.mp3", 0, 99) == b"first"
    kept = (path for path in (tmp_path / "kept").rglob("*") if path.is_file())
    assert [path.name for path in kept] == ["b.mp3"]


async def test_a_partial_file_of_a_dead_process_goes_after_a_day(
    tmp_path: Path,
) -> None:
    files = LocalFiles(tmp_path / "kept")
    await files.put("a/b.mp3", a_file(tmp_path, b"first"))
    old, new = (tmp_path / f"kept/a/.partial/b.mp3.{token}" for token in (1, 2))
    for partial in (old, new):
        partial.write_bytes(b"")
    os.utime(old, (0, 0))

    await files.put("a/b.mp3", a_file(tmp_path, b"second"))

    assert (old.exists(), new.exists()) == (False, True)


async def test_what_an_account_has_kept_is_not_listed_for_each_new_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = LocalFiles(tmp_path / "kept")
    listed: list[str] = []

    def noted(what: Callable[[str], object]) -> Callable[[str], object]:
        def list_it(path: str) -> object:
            listed.append(Path(path).name)
            return what(path)

        return list_it

    monkeypatch.setattr(os, "scandir", noted(os.scandir))
    monkeypatch.setattr(os, "listdir", noted(os.listdir))

    await files.put("a/b.mp3", a_file(tmp_path, b"first"))

    assert listed == [".partial"]


async def test_keys_are_changed_without_losing_what_older_ones_sealed(
    tmp_path: Path,
) -> None:
    newer = KEY.replace("a", "b")
    open_recording, old_recording = a_recording(b"open"), a_recording(b"old")
    await open_store(settings(tmp_path, {})).put(
        open_recording, a_file(tmp_path, b"open")
    )
    before = open_store(settings(tmp_path, {"encryption_keys": [KEY]}))
    await before.put(old_recording, a_file(tmp_path, b"old"))

    after = open_store(settings(tmp_path, {"encryption_keys": [newer, KEY]}))

    assert await read(after, KeptFile.of(open_recording)) == b"open"
    assert await read(after, KeptFile.of(old_recording)) == b"old"


async def test_a_file_whose_key_is_missing_waits_for_it(tmp_path: Path) -> None:
    recording = a_recording(b"x")
    sealing = open_store(settings(tmp_path, {"encryption_keys": [KEY]}))
    await sealing.put(recording, a_file(tmp_path, b"x"))
    other = open_store(settings(tmp_path, {"encryption_keys": [KEY.replace("a", "b")]}))

    with pytest.raises(Unavailable, match=r"recordings\.encryption_keys"):
        await read(other, KeptFile.of(recording))


def test_a_key_that_is_none_is_said(tmp_path: Path) -> None:
    with pytest.raises(WrongEncryptionKey, match="voiceplat recordings key"):
        open_store(settings(tmp_path, {"encryption_keys": ["too short"]}))


def test_a_storage_that_nothing_speaks_to_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnknownStorage, match="nothing here speaks gopher"):
        open_store(settings(tmp_path, {"url": "gopher://hole"}))


async def test_any_fsspec_driver_will_do(tmp_path: Path) -> None:
    store = open_store(settings(tmp_path, {"url": "memory://kept"}))
    recording = a_recording(b"sound")

    await store.put(recording, a_file(tmp_path, b"sound"))
    kept = await read(store, KeptFile.of(recording), 1, 3)
    await store.delete(KeptFile.of(recording))

    assert kept == b"ou"
    with pytest.raises(NotFound):
        await read(store, KeptFile.of(recording))
