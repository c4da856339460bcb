"""Digest credentials on their way to another worker: sealed, for they cross the bus."""

from voiceplat.calls.leg import Credentials
from voiceplat.core.sealing import seal, unseal
from voiceplat.core.settings import SecuritySettings

SEPARATOR = "\n"
"""In no user name: it would end the header."""


def seal_credentials(
    credentials: Credentials | None, security: SecuritySettings
) -> str:
    """Empty for none."""
    if credentials is None:
        return ""
    return seal(f"{credentials.username}{SEPARATOR}{credentials.password}", security)


def unseal_credentials(sealed: str, security: SecuritySettings) -> Credentials | None:
    """Raises WrongSecretKey when the other worker has another `security.secret_key`."""
    if not sealed:
        return None
    username, _, password = unseal(sealed, security).partition(SEPARATOR)
    return Credentials(username, password)
