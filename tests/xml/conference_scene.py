"""A document with a Conference, and a room in which the test says what happens."""

from collections.abc import Mapping

from tests.fakes.conferences import FakeConferences, FakeMembership
from tests.fakes.leg import FakeLeg
from tests.xml.scene import Scene
from voiceplat.calls.conference import Happening, Left, MemberRules, Why
from voiceplat.calls.outcome import End
from voiceplat.core.errors import FetchError

URL, TELL = "https://e.com/left", "https://e.com/events"
OUT = Left(Why.KICKED, last=False)


class ConferenceScene(Scene):
    def __init__(
        self,
        *later: tuple[float, Happening],
        leg: FakeLeg | None = None,
        pages: Mapping[str, str | bytes | FetchError] | None = None,
        conferences: FakeConferences | None = None,
    ) -> None:
        self.rooms = conferences or FakeConferences(later)
        super().__init__(
            leg,
            pages={URL: "<Hangup/>"} | dict(pages or {}),
            conferences=self.rooms,
        )

    async def meet(self, attributes: str = "", after: str = "") -> End:
        return await self.obey(
            f'<Conference callbackUrl="{TELL}" {attributes}>team</Conference>{after}'
        )

    @property
    def membership(self) -> FakeMembership:
        (only,) = self.rooms.entered
        return only

    @property
    def rules(self) -> MemberRules:
        return self.membership.rules

    @property
    def events(self) -> list[Mapping[str, str]]:
        return [it.params for it in self.documents.told if it.url == TELL]

    @property
    def actions(self) -> list[str]:
        return [it["ConferenceAction"] for it in self.events]
