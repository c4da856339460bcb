"""The addresses that customers fetch recordings from, and the signatures in them.

A signed link opens one file until it expires; whoever has it needs no password.
"""

import hmac
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Final
from urllib.parse import urlencode

from voiceplat.calls.recording import FileFormat, RecordingOrder
from voiceplat.core.clock import utc_now
from voiceplat.core.ids import AuthId, RecordingId
from voiceplat.core.settings import ApiSettings, Settings

_PURPOSE: Final = b"voiceplat recording links"


def media_url(order: RecordingOrder, settings: Settings) -> str:
    """RecordUrl: where the file is, or will be once it is stored."""
    return file_url(order.account, order.id, order.format, settings)


def file_url(
    account: AuthId, recording: RecordingId, format_: FileFormat, settings: Settings
) -> str:
    path = f"/v1/Account/{account}/Recording/{recording}.{format_}"
    url = _base_url(settings.api) + path
    if settings.recordings.access != "signed":
        return url
    valid = timedelta(seconds=settings.recordings.link_valid_s)
    expires = int((utc_now() + valid).timestamp())
    signature = _signature(account, recording, expires, settings)
    return f"{url}?{urlencode({'expires': expires, 'signature': signature})}"


def _base_url(api: ApiSettings) -> str:
    return api.public_url.rstrip("/") or f"http://{api.host}:{api.port}"


def opens(  # noqa: PLR0913 - what the link says, and what it is held against
    account: str,
    recording: str,
    expires: int,
    signature: str,
    settings: Settings,
    *,
    now: datetime | None = None,
) -> bool:
    """Whether a link with that signature opens that recording now."""
    wanted = _signature(account, recording, expires, settings)
    right = hmac.compare_digest(wanted.encode(), signature.encode())
    return right and (now or utc_now()).timestamp() < expires


def _signature(account: str, recording: str, expires: int, settings: Settings) -> str:
    key = _link_key(settings.security.secret_key.get_secret_value())
    text = f"{account}/{recording}/{expires}"
    return hmac.digest(key, text.encode(), sha256).hex()


@lru_cache(maxsize=4)
def _link_key(secret_key: str) -> bytes:
    """Of its own, so that no signature says anything about sealed tokens."""
    return hmac.digest(secret_key.encode(), _PURPOSE, sha256)
