"""Access tokens as customers' servers sign them (JWT, HS256)."""

import base64
import hashlib
import hmac
import json
import time


def access_token(  # noqa: PLR0913 - its claims
    auth_id: str,
    key: str,
    subject: str,
    *,
    incoming: bool = True,
    outgoing: bool = True,
    begins_in_s: int = 0,
    good_for_s: int = 600,
    **claims: str,
) -> str:
    begins = int(time.time()) + begins_in_s  # noqa: TID251 - what a server would say
    parts = [
        {"alg": "HS256", "typ": "JWT", "cty": "plivo;v=1"},
        {
            "jti": f"{subject}-{begins}",
            "iss": auth_id,
            "sub": subject,
            "nbf": begins,
            "exp": begins + good_for_s,
            "per": {"voice": {"incoming_allow": incoming, "outgoing_allow": outgoing}},
            **claims,
        },
    ]
    signed = b".".join(_encoded(json.dumps(part).encode()) for part in parts)
    signature = hmac.digest(key.encode(), signed, hashlib.sha256)
    return (signed + b"." + _encoded(signature)).decode()


def _encoded(part: bytes) -> bytes:
    return base64.urlsafe_b64encode(part).rstrip(b"=")
