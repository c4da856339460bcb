"""Access tokens as customers' servers sign them (JWT, HS256)."""

import time

import jwt


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
    payload = {
        "jti": f"{subject}-{begins}",
        "iss": auth_id,
        "sub": subject,
        "nbf": begins,
        "exp": begins + good_for_s,
        "per": {"voice": {"incoming_allow": incoming, "outgoing_allow": outgoing}},
        **claims,
    }
    headers = {"cty": "plivo;v=1"}
    return jwt.encode(payload, key, algorithm="HS256", headers=headers)
