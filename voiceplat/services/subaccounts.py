"""Whose something becomes when a request names a subaccount, or none."""

from voiceplat.core.errors import BadRequest
from voiceplat.core.ids import AuthId
from voiceplat.db.engine import Transaction
from voiceplat.db.models import Account
from voiceplat.db.repositories import AccountRepository


async def owner_of(tx: Transaction, account: Account, subaccount: str | None) -> AuthId:
    """Raises BadRequest when the subaccount is not one of this account."""
    if not subaccount or subaccount == account.auth_id:
        return account.auth_id
    found = await AccountRepository(tx).get(subaccount)
    if found is None or found.parent_id != account.auth_id:
        raise BadRequest(f"subaccount parameter is invalid: {subaccount} not found")
    return found.auth_id
