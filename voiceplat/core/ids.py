"""The identifiers of the wire contract: types, shapes, and how they are made.

Source: docs/spec "identifiers" (plivo-rest 1.1).
"""

import secrets
import string
import uuid
from typing import NewType

AuthId = NewType("AuthId", str)
"""`MA…` for a main account, `SA…` for a subaccount; 20 characters."""

CallUuid = NewType("CallUuid", str)
"""Lower-case UUID text; equals `request_uuid` for calls placed by the API."""

AppId = NewType("AppId", str)
"""Decimal text, 17 digits."""

EndpointId = NewType("EndpointId", str)
"""Decimal text, 14 digits."""

RecordingId = NewType("RecordingId", str)
"""Lower-case UUID text."""

ConferenceUuid = NewType("ConferenceUuid", str)
"""Lower-case UUID text; one instance of a room."""

WorkerAddress = NewType("WorkerAddress", str)
"""`IP:PORT` of a call worker's private SIP socket; its name on the bus."""

NodeId = NewType("NodeId", str)
"""One media supervisor's incarnation; never reused."""

_ID_ALPHABET = string.ascii_uppercase + string.digits


def new_call_uuid() -> CallUuid:
    return CallUuid(str(uuid.uuid4()))


def new_recording_id() -> RecordingId:
    return RecordingId(str(uuid.uuid4()))


def new_conference_uuid() -> ConferenceUuid:
    return ConferenceUuid(str(uuid.uuid4()))


def new_api_id() -> str:
    return str(uuid.uuid4())


def new_node_id(host: str) -> NodeId:
    return NodeId(f"{host}-{secrets.token_hex(4)}")


def new_main_auth_id() -> AuthId:
    return AuthId("MA" + _letters(18))


def new_sub_auth_id() -> AuthId:
    return AuthId("SA" + _letters(18))


def new_auth_token() -> str:
    """40 characters, as the cloud's tokens have."""
    return secrets.token_urlsafe(30)


def new_app_id() -> AppId:
    return AppId(_digits(17))


def new_endpoint_id() -> EndpointId:
    return EndpointId(_digits(14))


def new_username_suffix() -> str:
    """The 12 digits that the server appends to an endpoint's username."""
    return _digits(12)


def _letters(count: int) -> str:
    return "".join(secrets.choice(_ID_ALPHABET) for _ in range(count))


def _digits(count: int) -> str:
    first = secrets.choice(string.digits[1:])
    return first + "".join(secrets.choice(string.digits) for _ in range(count - 1))
