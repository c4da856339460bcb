"""A room and those in it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.mixer.phones import HOST, Phone
from voiceplat.core.settings import Settings
from voiceplat.mixer.mix import Mix

Join = Callable[..., Phone]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of a mixer: rooms that nobody comes to are soon over."""
    return Settings.model_validate(
        {
            "data": tmp_path,
            "media": {"room_timeout_ms": 1000},
            "spool": {"reserve_mb": 1},
        }
    )


@pytest.fixture
def floors() -> list[int]:
    """Who took the floor, in order."""
    return []


@pytest.fixture
def gaps() -> list[int]:
    """Ticks that were left out, as told."""
    return []


@pytest.fixture
def mix(floors: list[int], gaps: list[int]) -> Iterator[Mix]:
    room = Mix(host=HOST, on_floor=floors.append, on_gap=gaps.append)
    with closing(room._wires):
        yield room


@pytest.fixture
def join(mix: Mix) -> Iterator[Join]:
    """Makes a phone that is in the room: its number, then what a Phone takes."""
    with ExitStack() as stack:

        def joined(member: int, **options: float) -> Phone:
            phone = Phone(mix, member, **options)  # type: ignore[arg-type]
            stack.enter_context(closing(phone.socket))
            return phone

        yield joined
