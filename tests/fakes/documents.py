"""A customer's server that answers what the test wrote, and remembers the questions."""

from collections.abc import Mapping
from dataclasses import dataclass

from typing_extensions import override

from voiceplat.calls.outcome import UrlKind
from voiceplat.calls.session import Documents
from voiceplat.core.errors import FetchError


@dataclass(frozen=True, slots=True)
class Asked:
    kind: UrlKind
    url: str
    method: str
    params: Mapping[str, str]


class FakeDocuments(Documents):
    """`pages`: what is inside `<Response>`, whole bodies as bytes, or an error."""

    def __init__(
        self, pages: Mapping[str, str | bytes | FetchError] | None = None
    ) -> None:
        self.asked: list[Asked] = []
        self.told: list[Asked] = []
        """Requests whose answer nobody waited for."""
        self.told_now: list[Asked] = []
        self._pages = dict(pages or {})

    @override
    async def request(
        self, kind: UrlKind, url: str, method: str, params: Mapping[str, str]
    ) -> bytes:
        self.asked.append(Asked(kind, url, method, dict(params)))
        match self._pages.get(url):
            case str(inside):
                return f"<Response>{inside}</Response>".encode()
            case bytes(body):
                return body
            case FetchError() as error:
                raise error
            case None:
                raise FetchError(url, "answered 404", status=404)

    @override
    def tell(
        self, url: str, method: str, params: Mapping[str, str], *, once: str = ""
    ) -> None:
        self.told.append(Asked(UrlKind.ACTION, url, method, dict(params)))

    @override
    async def tell_now(self, url: str, method: str, params: Mapping[str, str]) -> None:
        self.told_now.append(Asked(UrlKind.ACTION, url, method, dict(params)))
