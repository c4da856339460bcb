"""What accounts have, and what calls take from it."""

from decimal import Decimal

from voiceplat.core.errors import BadRequest, NotFound
from voiceplat.core.ids import AuthId
from voiceplat.core.money import NOTHING, BillingMode
from voiceplat.db.engine import Transaction
from voiceplat.db.models import Account
from voiceplat.db.repositories import AccountRepository
from voiceplat.services.sync_directory import Change, changed


async def debit(
    tx: Transaction, main: AuthId, cost: Decimal, *, first: bool
) -> tuple[Change, ...]:
    """Take what a call cost, in the transaction that writes its record.

    Unless the call is told of for the `first` time, it was taken before. What the
    directory must be told: with its last credit spent, no further call of a prepaid
    account may begin. An account that is gone owes nothing.
    """
    if cost == NOTHING:
        return ()
    account = await AccountRepository(tx).credit(main, -cost if first else NOTHING)
    if account is None or account.can_pay:
        return ()
    return await _family(tx, main)


async def add_credit(
    tx: Transaction, auth_id: str, amount: Decimal
) -> tuple[Account, tuple[Change, ...]]:
    """The account as it is now. Raises NotFound, BadRequest for a subaccount."""
    main = await _main(tx, auth_id)
    found = await AccountRepository(tx).credit(main, amount)
    if found is None:
        raise NotFound(f"account {auth_id} not found")
    return found, await _family(tx, main)


async def set_billing(
    tx: Transaction, auth_id: str, mode: BillingMode
) -> tuple[Account, tuple[Change, ...]]:
    """The account as it is now. Raises NotFound, BadRequest for a subaccount."""
    main = await _main(tx, auth_id)
    await AccountRepository(tx).change(main, {"billing_mode": mode})
    found = await AccountRepository(tx).get(main)
    if found is None:
        raise NotFound(f"account {auth_id} not found")
    await tx.refresh(found)
    return found, await _family(tx, main)


async def _main(tx: Transaction, auth_id: str) -> AuthId:
    found = await AccountRepository(tx).get(auth_id)
    if found is None:
        raise NotFound(f"account {auth_id} not found")
    if found.parent_id is not None:
        raise BadRequest(f"{auth_id} is a subaccount; {found.parent_id} pays for it")
    return found.auth_id


async def _family(tx: Transaction, main: AuthId) -> tuple[Change, ...]:
    return changed("account", *await AccountRepository(tx).family_of(main))
