"""What all tests share: the clock they run on, Redis, and that nothing is left over."""

import asyncio
import inspect
import os
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Mapping

import hypothesis
import pytest

from tests.failed import traces
from tests.servers.redis import PATIENCE, RedisServer, find_binary, redis_server
from tests.virtual_time import loop_factories
from voiceplat.bus.bus import Bus
from voiceplat.core.settings import RedisSettings

# A busy machine is not a slow parser: no example has a deadline.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")


LOOP = pytest.StashKey[asyncio.AbstractEventLoop]()
"""The loop of an async test."""
CHAOS_CALLS = 30


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--chaos-calls", type=int, default=CHAOS_CALLS, help="two-party calls at random"
    )
    parser.addoption(
        "--chaos-rounds", type=int, default=1, help="how often each part is killed"
    )
    parser.addoption("--soak-minutes", type=float, default=5, help="of mixed traffic")
    parser.addoption(
        "--chaos-seed", type=int, default=0, help="of what fails when; 0: any"
    )


LONGEST_FIRST = (
    {"browser", "edge", "fault", "compat"},
    {"sip", "real_time", "postgres"},
    {"redis"},
)
"""Marks of whole platforms, of what takes its time, of what asks a server."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first: a run must not end with one process waiting for the other."""
    items.sort(
        key=lambda it: [marks.isdisjoint(it.keywords) for marks in LONGEST_FIRST]
    )


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return loop_factories(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        report.sections.extend(traces(item.stash.get(LOOP, None)))
    return report


@pytest.fixture(autouse=True)
def no_task_is_left(request: pytest.FixtureRequest) -> None:
    """Fail an async test that leaves a task behind, its fixtures' tasks included."""
    if inspect.iscoroutinefunction(getattr(request.node, "obj", None)):
        request.getfixturevalue("_no_task_is_left")


@pytest.fixture(autouse=True)
def _no_variable_is_left() -> Iterator[None]:
    """Fail a test that leaves this process another environment: settings are in it."""
    before = _environment()
    yield
    assert _environment() == before


def _environment() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()  # noqa: TID251 - a look, no setting
        if name != "PYTEST_CURRENT_TEST"
    }


@pytest.fixture
async def _no_task_is_left(request: pytest.FixtureRequest) -> AsyncIterator[None]:
    request.node.stash[LOOP] = asyncio.get_running_loop()
    before = asyncio.all_tasks()
    yield
    await asyncio.sleep(0)
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    assert not left, f"tasks are left: {[task.get_name() for task in left]}"


@pytest.fixture(scope="session")
def _redis_server() -> Iterator[RedisServer]:
    """One for each process of the test run."""
    if find_binary() is None:
        missing = "redis-server is not installed (apt-get install redis-server)"
        (pytest.fail if os.getenv("CI") else pytest.skip)(missing)
    with redis_server() as server:
        yield server


@pytest.fixture
def redis(_redis_server: RedisServer) -> RedisServer:
    """Running and empty."""
    _redis_server.flush()
    return _redis_server


@pytest.fixture
def redis_url(redis: RedisServer) -> str:
    return redis.url


@pytest.fixture
async def bus(redis_url: str) -> AsyncIterator[Bus]:
    async with Bus.connect(RedisSettings(url=redis_url, **PATIENCE)) as bus:
        yield bus
