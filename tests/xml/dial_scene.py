"""What the tests of Dial begin with: an A leg, B legs by script, what came of it."""

from collections.abc import Mapping
from typing import Any

from tests.fakes.dialler import FakeBLeg, FakeDialler
from tests.fakes.leg import FakeLeg
from tests.fakes.session import a_call
from tests.xml.scene import Scene
from voiceplat.calls.call import Call
from voiceplat.calls.outcome import End
from voiceplat.core.errors import FetchError

URL = "https://e.com/dialled"
TELL = "https://e.com/events"
ONE, TWO, THREE = "15551111", "15552222", "15553333"
NEXT = "<Speak>next</Speak>"


def answering(at: float = 2, **script: Any) -> FakeLeg:  # noqa: ANN401 - FakeLeg's own
    """A callee who rings after a second."""
    return FakeLeg(rings_at=1, answers_at=at, **script)


def ringing(**script: Any) -> FakeLeg:  # noqa: ANN401 - FakeLeg's own
    return FakeLeg(rings_at=1, **script)


def refusing(status: int, at: float = 2) -> FakeLeg:
    return FakeLeg(refuses_at=(at, status))


def numbers(*digits: str) -> str:
    return "".join(f"<Number>{it}</Number>" for it in digits)


class DialScene(Scene):
    """An A leg that is not answered, unless another is given."""

    def __init__(
        self,
        callees: Mapping[str, FakeLeg],
        leg: FakeLeg | None = None,
        *,
        call: Call | None = None,
        pages: Mapping[str, str | bytes | FetchError] | None = None,
    ) -> None:
        super().__init__(
            leg,
            call=call or a_call(),
            dialler=FakeDialler(callees),
            pages={URL: "<Hangup/>"} | dict(pages or {}),
        )

    async def dial(
        self, inside: str = numbers(ONE), attributes: str = "", after: str = ""
    ) -> End:
        return await self.obey(
            f'<Dial action="{URL}" callbackUrl="{TELL}" {attributes}>{inside}</Dial>'
            + after
        )

    def b(self, to: str = ONE) -> FakeBLeg:
        return self.dialler.legs[to]

    @property
    def result(self) -> Mapping[str, str]:
        """The fields that action got, asked for or told."""
        asked = [it for it in self.documents.asked if it.url == URL]
        told = [it for it in self.documents.told if it.url == URL]
        (only,) = [*asked, *told]
        return only.params

    @property
    def events(self) -> list[tuple[str, str]]:
        """What callbackUrl was told: the action and the leg."""
        told = [it.params for it in self.documents.told if it.url == TELL]
        return [(it["DialAction"], it["DialBLegUUID"]) for it in told]

    def event(self, action: str) -> Mapping[str, str]:
        """The only one of that kind."""
        told = [it.params for it in self.documents.told if it.url == TELL]
        (only,) = [it for it in told if it["DialAction"] == action]
        return only

    def ends(self) -> dict[str, int]:
        """The cause of each B leg; each has exactly one."""
        ends = {to: leg.ends for to, leg in self.dialler.legs.items()}
        assert all(len(it) == 1 for it in ends.values()), ends
        return {to: it[0].cause.code for to, it in ends.items()}
