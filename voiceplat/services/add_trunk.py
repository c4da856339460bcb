"""Checks and stores a trunk: a carrier that calls go to and come from."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Final

from voiceplat.core.errors import BadRequest, NotFound
from voiceplat.core.ids import AuthId
from voiceplat.db.engine import Transaction
from voiceplat.db.models import Trunk
from voiceplat.db.repositories import AccountRepository, TrunkRepository

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_LABEL: Final = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST: Final = re.compile(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*")
"""A name or an IPv4 address; the edge reaches carriers over nothing else."""
_PREFIX: Final = re.compile(r"\+?([0-9]{1,15})")


@dataclass(frozen=True, slots=True)
class TrunkOrder:
    name: str
    host: str
    port: int = 5060
    from_ips: Sequence[str] = ()
    prefixes: Sequence[str] = ()
    """None: it carries every number."""
    priority: int = 10
    account: AuthId | None = None


async def add_trunk(tx: Transaction, order: TrunkOrder) -> Trunk:
    """Raises BadRequest, NotFound; Conflict at the end when the name is taken."""
    if not _NAME.fullmatch(order.name):
        raise BadRequest(f"{order.name!r} is not a name: use letters, digits, . _ -")
    if not _HOST.fullmatch(order.host):
        raise BadRequest(f"{order.host!r} is not a host name or IPv4 address")
    if order.account and await AccountRepository(tx).get(order.account) is None:
        raise NotFound(f"account {order.account} not found")
    made = Trunk(
        name=order.name,
        host=order.host,
        port=order.port,
        from_ips=[_range(text) for text in order.from_ips],
        prefixes=[_digits(text) for text in order.prefixes] or [""],
        priority=order.priority,
        account_id=order.account,
    )
    return await TrunkRepository(tx).add(made)


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
