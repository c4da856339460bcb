"""One speech service for all tests; a client of it for each."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.servers.speech import speech_service
from voiceplat.core.settings import SecuritySettings, Settings, SpeechSettings
from voiceplat.speech.client import SpeechClient


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The settings that reach a running service."""
    folder = tmp_path_factory.mktemp("speech")
    with speech_service(folder) as socket:
        yield client_settings(folder, socket)


@pytest.fixture
async def client(service: Settings) -> AsyncIterator[SpeechClient]:
    async with SpeechClient(service) as connected:
        yield connected


def client_settings(folder: Path, socket: Path) -> Settings:
    return Settings(
        data=folder,
        speech=SpeechSettings(socket=socket, away_max_ms=3000),
        security=SecuritySettings(allow_private_urls=True),
    )
