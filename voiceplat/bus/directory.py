"""What the edge and the workers must know of accounts, numbers, endpoints and trunks.

A projection of the database: the API writes it after each commit, `rebuild` fills it
from nothing. Workers and Kamailio read it and never the database.
"""

from pydantic import BaseModel, ConfigDict

from voiceplat.calls.call import Hook
from voiceplat.core.ids import AppId, AuthId


class Entry(BaseModel):
    model_config = ConfigDict(frozen=True)


class AccountEntry(Entry):
    auth_id: AuthId
    main_auth_id: AuthId
    sealed_token: str
    """core.sealing; equal to the main one's for a main account."""
    sealed_main_token: str
    enabled: bool = True
    timezone: str = "UTC"


class AppEntry(Entry):
    app_id: AppId
    account: AuthId
    answer: Hook | None = None
    fallback: Hook | None = None
    hangup: Hook | None = None


class NumberEntry(Entry):
    number: str
    account: AuthId
    app_id: AppId | None = None


class TrunkEntry(Entry):
    id: int
    """Kamailio's dispatcher set; small and positive, never reused."""
    name: str
    host: str
    port: int
    from_ips: tuple[str, ...] = ()
    """CIDR ranges from which its calls come; `host`/32 when none is given."""
    prefixes: tuple[str, ...] = ("",)
    """Digits that the numbers it carries begin with; `""` carries all."""
    priority: int = 10
    """Lower is tried first among trunks of an equally long prefix."""
    account: AuthId | None = None
    """None: any account may call out over it."""
