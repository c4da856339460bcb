"""What the tests of GetInput begin with: a call, what is pressed and said in it."""

from collections.abc import Iterable

from tests.fakes.ears import FakeEars
from tests.fakes.leg import FakeLeg
from tests.xml.scene import Scene
from voiceplat.calls.hearing import (
    Heard,
    SpeechStarted,
    Understood,
)

URL = "https://e.com/input"
TELL = "https://e.com/interim"
NEXT = "<Speak>next</Speak>"
BOTH = 'inputType="dtmf speech"'
SPEECH = 'inputType="speech"'
DTMF = 'inputType="dtmf"'


def saying(text: str, *, at: float, until: float) -> list[tuple[float, Heard]]:
    return [(at, SpeechStarted()), (until, Understood(text, 0.87))]


def a_scene(
    *presses: tuple[float, str],
    says: Iterable[tuple[float, Heard]] = (),
    ears: FakeEars | None = None,
    **script: object,
) -> Scene:
    leg = FakeLeg(answered=True, presses=presses, **script)  # type: ignore[arg-type]
    return Scene(leg, ears=ears or FakeEars(says), pages={URL: "<Hangup/>"})


async def result(
    scene: Scene, attributes: str, inside: str = ""
) -> dict[str, str] | None:
    """The fields that action got; None when it was not asked."""
    await scene.obey(f'<GetInput action="{URL}" {attributes}>{inside}</GetInput>{NEXT}')

    if not scene.documents.asked:
        return None
    (asked,) = scene.documents.asked
    return dict(asked.params)
