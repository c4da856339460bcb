"""What must not be read on its way or at rest: sealed with Fernet.

Auth tokens, opened where callbacks are signed; passwords, where a leg is dialled.
"""

from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken

from voiceplat.core.errors import VoiceplatError
from voiceplat.core.settings import SecuritySettings


class WrongSecretKey(VoiceplatError):
    """The stored token was sealed with another `security.secret_key`."""


def new_secret_key() -> str:
    return Fernet.generate_key().decode()


def seal(token: str, security: SecuritySettings) -> str:
    return (
        _fernet(security.secret_key.get_secret_value()).encrypt(token.encode()).decode()
    )


def unseal(sealed: str, security: SecuritySettings) -> str:
    """Raises WrongSecretKey when it was sealed with another key."""
    return _unseal(sealed, security.secret_key.get_secret_value())


@lru_cache(maxsize=4096)
def _unseal(sealed: str, key: str) -> str:
    try:
        return _fernet(key).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        message = "auth token cannot be opened: security.secret_key was changed"
        raise WrongSecretKey(message) from error


@lru_cache(maxsize=4)
def _fernet(key: str) -> Fernet:
    if not key:
        message = (
            "security.secret_key is not set: run `voiceplat up`, "
            "or set VOICEPLAT_SECURITY__SECRET_KEY on every process"
        )
        raise WrongSecretKey(message)
    return Fernet(key)
