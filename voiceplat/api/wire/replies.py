"""Envelopes of what we answer (plivo-rest 1.5): each is an object with an api_id."""

from typing import Any, Final, Generic, TypeVar

from pydantic import BaseModel, Field
from starlette.responses import Response

from voiceplat.api.frame import current_api_id

Item = TypeVar("Item", bound=BaseModel)

NO_CONTENT: Final[dict[str, Any]] = {"status_code": 204, "response_class": Response}


class Reply(BaseModel):
    api_id: str = Field(default_factory=current_api_id)


class Created(Reply):
    message: str = "created"


class Changed(Reply):
    message: str = "changed"


class Meta(BaseModel):
    limit: int
    offset: int
    total_count: int
    next: str | None
    previous: str | None


class Listed(Reply, Generic[Item]):
    meta: Meta
    objects: list[Item]
