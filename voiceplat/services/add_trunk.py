"""Checks and stores a trunk: a carrier that calls go to and come from."""

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_network
from typing import Any, Final

from voiceplat.core.errors import BadRequest, NotFound
from voiceplat.core.number_format import number_format
from voiceplat.db.engine import Transaction
from voiceplat.db.models import Trunk
from voiceplat.db.repositories import AccountRepository, TrunkRepository

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_LABEL: Final = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST: Final = re.compile(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*")
"""A name or an IPv4 address; the edge reaches carriers over nothing else."""
_PREFIX: Final = re.compile(r"\+?([0-9]{1,15})")
_DIAL_PREFIX: Final = re.compile(r"[0-9*#+]{0,16}")
_PORT_MAX: Final = 65535
_COUNT_MAX: Final = 2**31 - 1


async def add_trunk(tx: Transaction, name: str, values: Mapping[str, Any]) -> Trunk:
    """`values` by the columns of the table; what is not given has its default.

    Raises BadRequest, NotFound; Conflict at the end when the name is taken.
    """
    if not _NAME.fullmatch(name):
        raise BadRequest(f"{name!r} is not a name: use letters, digits, . _ -")
    made = Trunk(name=name, **_USUAL)
    await _set(tx, made, {"from_ips": [], "prefixes": []} | dict(values))
    return await TrunkRepository(tx).add(made)


async def change_trunk(tx: Transaction, name: str, values: Mapping[str, Any]) -> Trunk:
    """Change those columns alone. Raises BadRequest, NotFound."""
    found = await find_trunk(tx, name)
    await _set(tx, found, values)
    return found


async def remove_trunk(tx: Transaction, name: str) -> None:
    """Raises NotFound."""
    await TrunkRepository(tx).delete(await find_trunk(tx, name))


async def find_trunk(tx: Transaction, name: str) -> Trunk:
    """Raises NotFound."""
    found = await TrunkRepository(tx).by_name(name)
    if found is None:
        raise NotFound(f"there is no trunk {name}")
    return found


async def _set(tx: Transaction, trunk: Trunk, values: Mapping[str, Any]) -> None:
    account = values.get("account_id")
    if account and await AccountRepository(tx).get(account) is None:
        raise NotFound(f"account {account} not found")
    for column, value in values.items():
        setattr(trunk, column, _CHECKS[column](value))


def _host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise BadRequest(f"{text!r} is not a host name or IPv4 address")
    return text


def _range(text: str) -> str:
    """As CIDR; a lone address is a range of one."""
    try:
        return str(ip_network(text))
    except ValueError as error:
        raise BadRequest(f"--from-ip {text}: {error}") from error


def _digits(text: str) -> str:
    found = _PREFIX.fullmatch(text)
    if found is None:
        raise BadRequest(f"--prefix {text}: a prefix is digits, such as 49 or 1415")
    return found[1]


def _format(text: str) -> str:
    try:
        number_format(text)
    except ValueError as error:
        raise BadRequest(f"--number-format {text}: {error}") from error
    return text


def _dial_prefix(text: str) -> str:
    if not _DIAL_PREFIX.fullmatch(text):
        raise BadRequest(f"--dial-prefix {text}: use digits, * # +, 16 at most")
    return text


def _within(low: int, high: int) -> Callable[[int], int]:
    def check(value: int) -> int:
        if not low <= value <= high:
            raise BadRequest(f"{value} is not between {low} and {high}")
        return value

    return check


def _limit(value: int | None) -> int | None:
    """0 takes a limit away."""
    return _within(1, _COUNT_MAX)(value) if value else None


_USUAL: Final = {
    "port": 5060,
    "priority": 10,
    "weight": 1,
    "number_format": "e164",
    "dial_prefix": "",
    "trusted": False,
}
_CHECKS: Final[dict[str, Callable[[Any], Any]]] = {
    "host": _host,
    "port": _within(1, _PORT_MAX),
    "from_ips": lambda texts: [_range(text) for text in texts],
    "prefixes": lambda texts: [_digits(text) for text in texts if text] or [""],
    "priority": _within(-_COUNT_MAX, _COUNT_MAX),
    "weight": _within(1, _COUNT_MAX),
    "calls_per_second": _limit,
    "calls_max": _limit,
    "number_format": _format,
    "dial_prefix": _dial_prefix,
    "trusted": bool,
    "account_id": lambda auth_id: auth_id or None,
}
