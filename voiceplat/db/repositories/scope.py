"""Whose rows a request may see: an account's own, and its subaccounts' for a main one.

Every query of the API goes through a scope; one without it would leak across accounts.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute
from typing_extensions import override

from voiceplat.core.ids import AuthId
from voiceplat.db.models import Account


@dataclass(frozen=True, slots=True)
class Scope:
    auth_id: AuthId
    with_subaccounts: bool = False

    def owns(self, column: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
        """The condition that the account in `column` lies in this scope."""
        mine: ColumnElement[bool] = column == self.auth_id
        if not self.with_subaccounts:
            return mine
        subs = select(Account.auth_id).where(Account.parent_id == self.auth_id)
        return or_(mine, column.in_(subs))

    def narrowed(self, subaccount: str | None) -> "Scope":
        """Only that subaccount; one that is not ours gives an empty result."""
        if subaccount is None or subaccount == self.auth_id:
            return self
        return SubaccountScope(AuthId(subaccount), parent=self.auth_id)


@dataclass(frozen=True, slots=True)
class SubaccountScope(Scope):
    parent: AuthId = AuthId("")

    @override
    def owns(self, column: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
        subs = select(Account.auth_id).where(
            Account.parent_id == self.parent, Account.auth_id == self.auth_id
        )
        return column.in_(subs)
