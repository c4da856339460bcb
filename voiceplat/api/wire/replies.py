"""Envelopes of what we answer (plivo-rest 1.5): each is an object with an api_id."""

from typing import Any, Final, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from voiceplat.api.frame import current_api_id

NO_CONTENT: Final[dict[str, Any]] = {"status_code": 204, "response_class": Response}


class Shown(BaseModel):
    """Something that is shown to clients; its docstrings are its descriptions."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class Reply(Shown):
    api_id: str = Field(default_factory=current_api_id)
    """Of this request, in our log too."""


class Failure(Reply):
    error: str
    """What was wrong, in words for the developer."""
    objects: list[None] | None = None
    """Empty, and on lists only: SDKs look for it before they look at the status."""


class Spawned(Reply):
    message: str = "async api spawned"


class Created(Reply):
    message: str = "created"


class Changed(Reply):
    message: str = "changed"


class Meta(Shown):
    limit: int
    offset: int
    total_count: int
    """Of all pages."""
    next: str | None
    """Path and query of the next page."""
    previous: str | None


Item = TypeVar("Item", bound=Shown)


class Listed(Reply, Generic[Item]):
    meta: Meta
    objects: list[Item]
