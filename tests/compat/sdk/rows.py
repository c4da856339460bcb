"""The table: an SDK's method, what it is given, what it must return."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.compat.sdk.shapes import Shape

if TYPE_CHECKING:
    from tests.compat.sdk.scene import Scene


@dataclass(frozen=True, slots=True)
class Given:
    arguments: Sequence[object]
    options: dict[str, object]


def given(*arguments: object, **options: object) -> Given:
    """Options are named as in Python."""
    return Given(arguments, options)


def with_a(_made: object, **options: object) -> Given:
    """What the method does not name, but shall find."""
    return Given((), options)


@dataclass(frozen=True, slots=True)
class Row:
    """Names of one method; each SDK may have none, one, or several for the same."""

    python: str
    node: str
    given: "Callable[[Scene], Given]"
    returns: Shape

    def names(self, sdk: str) -> list[str]:
        return {"python": self.python, "node": self.node}[sdk].split()


def nothing(_: Any) -> Given:  # noqa: ANN401
    return given()
