"""What all tests share: the clock they run on."""

import asyncio
from collections.abc import Callable, Mapping

import pytest

from tests.virtual_time import loop_factories


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return loop_factories(item)
