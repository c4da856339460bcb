"""What the tests of XML begin with: a document, a leg, and what came of them."""

import asyncio
from collections.abc import Mapping

from tests.fakes.conferences import FakeConferences
from tests.fakes.dialler import FakeDialler
from tests.fakes.documents import FakeDocuments
from tests.fakes.ears import FakeEars
from tests.fakes.leg import FakeLeg
from tests.fakes.prompts import FakePrompts
from tests.fakes.session import FakeSession
from voiceplat.calls.call import Call
from voiceplat.calls.outcome import End
from voiceplat.core.errors import FetchError
from voiceplat.core.settings import Settings
from voiceplat.xml.document import Document, parse
from voiceplat.xml.interpreter import run

SETTINGS = Settings()


def now() -> float:
    """Of the loop, which a test may turn by hand."""
    return asyncio.get_running_loop().time()


def document(inside: str) -> Document:
    return parse(f"<Response>{inside}</Response>".encode())


class Scene:
    """One call and its leg; unanswered and inbound unless the leg says otherwise."""

    def __init__(  # noqa: PLR0913 - what a test may have another way
        self,
        leg: FakeLeg | None = None,
        *,
        call: Call | None = None,
        prompts: FakePrompts | None = None,
        pages: Mapping[str, str | bytes | FetchError] | None = None,
        ears: FakeEars | None = None,
        settings: Settings = SETTINGS,
        dialler: FakeDialler | None = None,
        conferences: FakeConferences | None = None,
    ) -> None:
        self.leg = leg or FakeLeg()
        self.prompts = prompts or FakePrompts()
        self.documents = FakeDocuments(pages)
        self.ears = ears or FakeEars()
        self.dialler = dialler or FakeDialler()
        self.session = FakeSession(
            self.leg,
            call=call,
            prompts=self.prompts,
            documents=self.documents,
            ears=self.ears,
            settings=settings,
            dialler=self.dialler,
            conferences=conferences,
        )

    async def obey(self, inside: str, settings: Settings = SETTINGS) -> End:
        return await run(document(inside), self.session, settings)

    @property
    def heard(self) -> list[str]:
        """What was played, in order."""
        return [played.name for played in self.leg.played]
