"""Recordings sealed at rest: AES-256-GCM in chunks, so that any part can be opened.

A sealed file is a header (which key, and a salt) and chunks of 64 KiB, each with a tag
of its own. The key of a file is made from the operator's key, the salt and the file's
name, so no two files share one and none opens under another's name. A chunk's nonce is
its number and whether it is the last: chunks cannot be moved, dropped or cut off.
"""

import base64
import binascii
import os
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import SecretStr

from voiceplat.core.errors import VoiceplatError

MAGIC: Final = b"VPSEAL1\n"
CHUNK: Final = 64 * 1024
TAG: Final = 16
HEADER: Final = len(MAGIC) + 8 + 32
_KEY_BYTES: Final = 32


class WrongEncryptionKey(VoiceplatError):
    """A key of `recordings.encryption_keys` is none, or the one needed is missing."""


class BrokenSeal(VoiceplatError):
    """A sealed file was changed, cut, or is another's."""


@dataclass(frozen=True, slots=True)
class Extent:
    """Bytes of the sealed file that hold some of the plain one."""

    first_chunk: int
    first: int
    end: int


class OpenSeal:
    """Opens the chunks of one file of `size` plain bytes."""

    def __init__(self, cipher: AESGCM, header: bytes, size: int) -> None:
        self._cipher = cipher
        self._header = header
        self._size = size
        self._chunks = max(1, -(-size // CHUNK))

    def extent(self, first: int, end: int) -> Extent:
        """What to read of the sealed file for plain bytes `first` up to `end`."""
        chunk, last = first // CHUNK, max(first, end - 1) // CHUNK
        whole = HEADER + self._size + self._chunks * TAG
        return Extent(
            first_chunk=chunk,
            first=HEADER + chunk * (CHUNK + TAG),
            end=min(whole, HEADER + (last + 1) * (CHUNK + TAG)),
        )

    def open(self, sealed: bytes, first_chunk: int) -> bytes:
        """The plain bytes of chunks from that one on. Raises BrokenSeal."""
        step = CHUNK + TAG
        pieces = [sealed[at : at + step] for at in range(0, len(sealed), step)]
        return b"".join(
            self._open(piece, number)
            for number, piece in enumerate(pieces, first_chunk)
        )

    def _open(self, piece: bytes, number: int) -> bytes:
        nonce = _nonce(number, last=number == self._chunks - 1)
        try:
            return self._cipher.decrypt(nonce, piece, self._header)
        except InvalidTag as error:
            raise BrokenSeal(f"chunk {number} is not what was sealed") from error


class Seal:
    def __init__(self, keys: Sequence[SecretStr]) -> None:
        """The first key seals, all open. Raises WrongEncryptionKey."""
        known = [_key(text.get_secret_value()) for text in keys]
        self._keys = {_key_id(key): key for key in known}
        self._newest = known[0]

    def close(self, source: Path, target: Path, name: str) -> None:
        """Write `source` sealed to `target`, to be kept under `name`."""
        header = MAGIC + _key_id(self._newest) + os.urandom(32)
        cipher = _cipher(self._newest, header, name)
        with source.open("rb") as plain, target.open("xb") as sealed:
            sealed.write(header)
            _close_chunks(cipher, header, plain, sealed)

    def opened(self, header: bytes, name: str, size: int) -> OpenSeal:
        """Raises WrongEncryptionKey when no key of ours sealed it."""
        key = self._keys.get(header[len(MAGIC) : len(MAGIC) + 8])
        if key is None:
            raise WrongEncryptionKey(
                f"{name} was sealed with a key that is not in "
                "recordings.encryption_keys: add it there, after the newest"
            )
        return OpenSeal(_cipher(key, header, name), header, size)


def new_key() -> str:
    return base64.b64encode(os.urandom(_KEY_BYTES)).decode()


def is_sealed(beginning: bytes) -> bool:
    """No MP3 or WAV begins so."""
    return beginning.startswith(MAGIC)


def _close_chunks(
    cipher: AESGCM, header: bytes, plain: IO[bytes], sealed: IO[bytes]
) -> None:
    number, chunk = 0, plain.read(CHUNK)
    while True:
        following = plain.read(CHUNK)
        nonce = _nonce(number, last=not following)
        sealed.write(cipher.encrypt(nonce, chunk, header))
        if not following:
            return
        number, chunk = number + 1, following


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _cipher(key: bytes, header: bytes, name: str) -> AESGCM:
    salt = header[len(MAGIC) + 8 :]
    info = b"voiceplat recording\0" + name.encode()
    return AESGCM(HKDF(SHA256(), 32, salt, info).derive(key))


def _key(text: str) -> bytes:
    try:
        key = base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise WrongEncryptionKey(
            "a key of recordings.encryption_keys is not 32 bytes in base64: "
            "make one with `voiceplat recordings key`"
        )
    return key


def _key_id(key: bytes) -> bytes:
    return sha256(b"voiceplat recording key\0" + key).digest()[:8]
