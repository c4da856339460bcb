"""What every store promises: a folder, an S3 server, each open and sealed."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import pytest

from tests.recordings.kept import a_file, a_recording, some_bytes
from tests.servers.s3 import S3Server
from voiceplat.calls.recording import Recording
from voiceplat.core.errors import NotFound
from voiceplat.core.ids import AuthId, RecordingId
from voiceplat.core.settings import Settings
from voiceplat.recordings.seal import CHUNK
from voiceplat.recordings.store import DamagedFile, KeptFile, Store, open_store

pytestmark = pytest.mark.real_time

KEY = base64.b64encode(b"k" * 32).decode()
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Shelf:
    """A store, and the eyes of somebody who has its disks."""

    store: Store
    on_disk: Callable[[], dict[str, bytes]]
    overwrite: Callable[[str, bytes], object]
    sealed: bool


@pytest.fixture(params=["local", "local-sealed", "s3", "s3-sealed"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Shelf:
    kind, _, sealed = request.param.partition("-")
    recordings: dict[str, object] = {"encryption_keys": [KEY] if sealed else []}
    if kind == "s3":
        server: S3Server = request.getfixturevalue("s3")
        bucket = server.make_bucket(f"b{uuid4().hex}")
        recordings |= s3_settings(server, bucket)
        store = open_store(settings(tmp_path, recordings))
        return Shelf(
            store,
            lambda: {
                key.removeprefix("kept/"): content
                for key, content in server.objects(bucket).items()
            },
            lambda name, content: server.put(bucket, f"kept/{name}", content),
            bool(sealed),
        )
    root = tmp_path / "data" / "recordings"
    return Shelf(
        open_store(settings(tmp_path, recordings)),
        lambda: {
            str(path.relative_to(root)): path.read_bytes()
            for path in root.rglob("*")
            if path.is_file()
        },
        lambda name, content: (root / name).write_bytes(content),
        bool(sealed),
    )


def s3_settings(server: S3Server, bucket: str) -> dict[str, object]:
    return {
        "url": f"s3://{bucket}/kept/",
        "s3_endpoint": server.url,
        "s3_access_key": "access",
        "s3_secret_key": "secret",
    }


def settings(tmp_path: Path, recordings: dict[str, object]) -> Settings:
    return Settings.model_validate(
        {"data": tmp_path / "data", "recordings": recordings}
    )


async def put(shelf: Shelf, tmp_path: Path, content: bytes) -> Recording:
    recording = a_recording(content)
    await shelf.store.put(recording, a_file(tmp_path, content))
    return recording


async def read(
    store: Store, file: KeptFile, first: int = 0, end: int | None = None
) -> bytes:
    return b"".join([piece async for piece in store.read(file, first, end)])


@pytest.mark.parametrize(
    "size", [1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * MEGABYTE, 7 * MEGABYTE + 5]
)
async def test_what_was_put_is_read(shelf: Shelf, tmp_path: Path, size: int) -> None:
    content = some_bytes(size)
    recording = await put(shelf, tmp_path, content)

    assert await read(shelf.store, KeptFile.of(recording)) == content


@pytest.mark.parametrize(
    ("first", "end"),
    [
        (0, 1),
        (5, 9),
        (CHUNK - 1, CHUNK + 1),
        (CHUNK, 2 * CHUNK),
        (MEGABYTE - 3, MEGABYTE + 3),
        (2 * MEGABYTE, 2 * MEGABYTE + 77),
        (2 * MEGABYTE + 76, None),
        (2 * MEGABYTE, 99 * MEGABYTE),
        (7, 7),
    ],
)
async def test_a_part_is_read(
    shelf: Shelf, tmp_path: Path, first: int, end: int | None
) -> None:
    content = some_bytes(2 * MEGABYTE + 77)
    recording = await put(shelf, tmp_path, content)

    assert (
        await read(shelf.store, KeptFile.of(recording), first, end)
        == content[first:end]
    )


async def test_a_large_file_comes_in_pieces(shelf: Shelf, tmp_path: Path) -> None:
    recording = await put(shelf, tmp_path, some_bytes(3 * MEGABYTE))

    sizes = [len(it) async for it in shelf.store.read(KeptFile.of(recording))]

    assert sizes == [MEGABYTE] * 3


async def test_putting_it_again_changes_nothing(shelf: Shelf, tmp_path: Path) -> None:
    content = some_bytes(1000)
    recording = await put(shelf, tmp_path, content)

    await shelf.store.put(recording, a_file(tmp_path, content))

    assert await read(shelf.store, KeptFile.of(recording)) == content
    assert len(shelf.on_disk()) == 1


async def test_a_file_that_is_not_the_recording_s_is_not_kept(
    shelf: Shelf, tmp_path: Path
) -> None:
    with pytest.raises(DamagedFile):
        await shelf.store.put(a_recording(b"right"), a_file(tmp_path, b"wrong"))

    assert shelf.on_disk() == {}


async def test_a_deleted_file_is_gone_and_may_be_deleted_again(
    shelf: Shelf, tmp_path: Path
) -> None:
    file = KeptFile.of(await put(shelf, tmp_path, b"x" * 100))

    await shelf.store.delete(file)
    await shelf.store.delete(file)

    assert shelf.on_disk() == {}
    with pytest.raises(NotFound):
        await read(shelf.store, file)


async def test_what_was_never_put_is_not_found(shelf: Shelf) -> None:
    with pytest.raises(NotFound):
        await read(shelf.store, KeptFile.of(a_recording(b"never")))


async def test_it_lies_open_only_without_a_key(shelf: Shelf, tmp_path: Path) -> None:
    content = b"a secret that was spoken" * 100
    await put(shelf, tmp_path, content)

    (kept,) = shelf.on_disk().values()

    assert (kept == content) != shelf.sealed
    assert (b"secret" in kept) != shelf.sealed


async def test_a_file_that_was_cut_is_damaged(shelf: Shelf, tmp_path: Path) -> None:
    file = KeptFile.of(await put(shelf, tmp_path, some_bytes(3 * CHUNK)))
    kept = shelf.on_disk()[file.name]
    shelf.overwrite(file.name, kept[: len(kept) - CHUNK - 16])

    with pytest.raises(DamagedFile):
        await read(shelf.store, file)


@pytest.mark.parametrize("recording", ["../../etc/passwd", "x", ""])
async def test_a_name_cannot_leave_its_place(shelf: Shelf, recording: str) -> None:
    file = replace(KeptFile.of(a_recording(b"x")), id=RecordingId(recording))

    with pytest.raises(ValueError, match="UUID"):
        await read(shelf.store, file)


async def test_an_account_cannot_leave_its_place(shelf: Shelf) -> None:
    file = replace(KeptFile.of(a_recording(b"x")), account=AuthId(".."))

    with pytest.raises(ValueError, match="account"):
        await shelf.store.delete(file)
