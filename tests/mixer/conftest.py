"""A room and those in it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from tests.mixer.phones import HOST, Phone
from voiceplat.mixer.mix import Mix

Join = Callable[..., Phone]


@pytest.fixture
def floors() -> list[int]:
    """Who took the floor, in order."""
    return []


@pytest.fixture
def mix(floors: list[int]) -> Iterator[Mix]:
    room = Mix(host=HOST, on_floor=floors.append)
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
