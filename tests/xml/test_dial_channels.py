"""How a Dial reaches its callees, and how it sends them keys."""

import pytest

from tests.xml.dial_scene import ONE, DialScene, answering
from voiceplat.calls.leg import KeysBy


@pytest.mark.parametrize(
    ("attribute", "by"),
    [
        ("", KeysBy.ANY),
        ('sendDigitsMode="rfc2833"', KeysBy.PACKETS),
        ('sendDigitsMode="other"', KeysBy.ANY),
    ],
)
async def test_digits_may_be_sent_by_rfc_4733_alone(attribute: str, by: KeysBy) -> None:
    scene = DialScene({ONE: answering(hangs_up_at=20)})

    await scene.dial(f'<Number sendDigits="1" {attribute}>{ONE}</Number>')

    assert scene.b().fake.sent_by is by


async def test_nobody_is_called_by_a_channel_that_is_not_here() -> None:
    scene = DialScene({ONE: answering()})

    await scene.dial(attributes='callType="whatsapp"')

    assert scene.dialler.targets == []
    assert scene.result["DialStatus"] == "failed"
    assert scene.result["DialHangupCause"] == "NO_ROUTE_DESTINATION"
