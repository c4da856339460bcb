"""limit and offset, and the relative URIs of the pages before and after (1.5)."""

from typing import Annotated, Final
from urllib.parse import urlencode

from pydantic import Field
from starlette.requests import Request

from voiceplat.api.wire.params import INT_MAX, Query
from voiceplat.api.wire.replies import Meta
from voiceplat.db.repositories.page import Window

LIMIT_MAX: Final = 20


class Paged(Query):
    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX)] = LIMIT_MAX
    offset: Annotated[int, Field(ge=0, le=INT_MAX)] = 0

    @property
    def window(self) -> Window:
        return Window(self.limit, self.offset)


def meta(request: Request, page: Paged, total: int) -> Meta:
    following, preceding = page.offset + page.limit, page.offset - page.limit
    return Meta(
        limit=page.limit,
        offset=page.offset,
        total_count=total,
        next=_uri(request, page, following) if following < total else None,
        previous=_uri(request, page, max(0, preceding)) if page.offset else None,
    )


def _uri(request: Request, page: Paged, offset: int) -> str:
    """This request again, filters and all, from another offset."""
    filters = [
        (name, value)
        for name, value in request.query_params.multi_items()
        if name not in {"limit", "offset"}
    ]
    query = urlencode([("limit", page.limit), ("offset", offset), *filters])
    return f"{request.url.path}?{query}"
