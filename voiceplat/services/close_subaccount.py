"""Deletes a subaccount; what it had goes with it, or to its main account."""

from voiceplat.db.engine import Transaction
from voiceplat.db.models import Account
from voiceplat.db.repositories import (
    AccountRepository,
    ApplicationRepository,
    EndpointRepository,
    NumberRepository,
    TrunkRepository,
)
from voiceplat.services.sync_directory import TRUNKS_CHANGED, Change, changed


async def close_subaccount(
    tx: Transaction, account: Account, *, cascade: bool
) -> tuple[Change, ...]:
    """What the directory must be told; the calls of the subaccount must be over.

    With `cascade` its applications, endpoints, numbers and trunks are deleted; without,
    they become the main account's, and none of them a default of it.
    """
    owner = account.auth_id
    applications = await ApplicationRepository(tx).of_account(owner)
    endpoints = await EndpointRepository(tx).of_account(owner)
    numbers = await NumberRepository(tx).of_account(owner)
    trunks = await TrunkRepository(tx).of_account(owner)
    changes = (
        *changed("account", owner),
        *changed("app", *(row.app_id for row in applications)),
        *changed("user", *(row.username for row in endpoints)),
        *changed("number", *(row.number for row in numbers)),
        *([TRUNKS_CHANGED] if trunks else []),
    )
    if not cascade:
        for application in applications:
            application.account_id = account.main_id
            application.default_number_app = application.default_endpoint_app = False
        for endpoint in endpoints:
            endpoint.account_id = account.main_id
        for number in numbers:
            number.account_id = account.main_id
        for trunk in trunks:
            trunk.account_id = account.main_id
        await tx.flush()
    await AccountRepository(tx).delete(account)
    return changes
