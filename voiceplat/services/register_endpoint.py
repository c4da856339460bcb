"""Makes SIP users; a password is hashed here and forgotten."""

import hashlib

from voiceplat.core.ids import AppId, AuthId, new_endpoint_id, new_username_suffix
from voiceplat.db.engine import Transaction
from voiceplat.db.models import Endpoint
from voiceplat.db.repositories import ApplicationRepository, EndpointRepository


async def register_endpoint(  # noqa: PLR0913 - what a new endpoint is made of
    tx: Transaction,
    owner: AuthId,
    *,
    name: str,
    password: str,
    alias: str,
    app_id: AppId | None,
    realm: str,
) -> Endpoint:
    """Without an application it gets its account's default one, if there is one."""
    username = name + new_username_suffix()
    if app_id is None:
        default = await ApplicationRepository(tx).default(owner, "default_endpoint_app")
        app_id = default.app_id if default else None
    made = Endpoint(
        endpoint_id=new_endpoint_id(),
        account_id=owner,
        username=username,
        alias=alias,
        ha1=ha1_of(username, realm, password),
        app_id=app_id,
    )
    return await EndpointRepository(tx).add(made)


def ha1_of(username: str, realm: str, password: str) -> str:
    """What digest authentication needs instead of the password (RFC 2617 3.2.2.2)."""
    secret = f"{username}:{realm}:{password}".encode()
    return hashlib.md5(secret, usedforsecurity=False).hexdigest()
