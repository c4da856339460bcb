"""A fetcher with a web server to fetch from, in this process; real decoders."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from tests.speech_service.site import Site, site
from voiceplat.core.settings import PlaySettings, SecuritySettings
from voiceplat.speech_service.decoding import Decoders
from voiceplat.speech_service.fetching import Fetcher
from voiceplat.speech_service.shelf import Shelf

MakeFetcher = Callable[..., AbstractAsyncContextManager[Fetcher]]


@pytest.fixture
async def web() -> AsyncIterator[Site]:
    async with site() as running:
        yield running


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = Shelf(tmp_path / "cache", max_bytes=1 << 30)
    shelf.open()
    return shelf


@pytest.fixture
def make_fetcher(shelf: Shelf) -> MakeFetcher:
    """Makes a fetcher; other keywords than these two are settings of `play`."""

    @asynccontextmanager
    async def make(
        *, allow_private: bool = True, allowed: Sequence[str] = (), **play: int
    ) -> AsyncIterator[Fetcher]:
        settings = PlaySettings(**play)
        security = SecuritySettings.model_validate(
            {
                "allow_private_urls": allow_private,
                "allowed_private_networks": allowed,
            }
        )
        async with (
            Decoders(settings, 8000, children=1) as decoders,
            Fetcher(settings, security, decoders, shelf, 8000) as fetcher,
        ):
            yield fetcher

    return make


@pytest.fixture
async def fetcher(make_fetcher: MakeFetcher) -> AsyncIterator[Fetcher]:
    async with make_fetcher() as ready:
        yield ready
