"""An S3 server as a real process: moto speaks S3's protocol over HTTP, from memory."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from tests.servers.free_ports import free_port

_START_TIMEOUT_S = 60
_SOMEBODY = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/s3/aws4"
}
"""The server wants to know who asks, and believes it."""


@dataclass(frozen=True, slots=True)
class S3Server:
    url: str
    process: subprocess.Popen[bytes]

    def make_bucket(self, name: str) -> str:
        httpx.put(f"{self.url}/{name}").raise_for_status()
        return name

    def objects(self, bucket: str) -> dict[str, bytes]:
        """What lies in a bucket, as whoever reads the disks would find it."""
        listed = httpx.get(f"{self.url}/{bucket}?list-type=2").text
        keys = [part.partition("</Key>")[0] for part in listed.split("<Key>")[1:]]
        return {key: self._get(f"{self.url}/{bucket}/{key}") for key in keys}

    def put(self, bucket: str, key: str, content: bytes) -> None:
        url = f"{self.url}/{bucket}/{key}"
        httpx.put(url, content=content, headers=_SOMEBODY).raise_for_status()

    @staticmethod
    def _get(url: str) -> bytes:
        return httpx.get(url, headers=_SOMEBODY).raise_for_status().content


@contextmanager
def s3_server() -> Iterator[S3Server]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    server = S3Server(f"http://127.0.0.1:{port}", process)
    try:
        _wait_until_ready(server)
        yield server
    finally:
        process.terminate()
        process.wait()


def _wait_until_ready(server: S3Server) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while server.process.poll() is None and time.monotonic() < deadline:
        try:
            httpx.get(f"{server.url}/moto-api/")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the S3 server did not start: python -m moto.server")
