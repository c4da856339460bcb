"""Any keys at any times: GetDigits does what a few lines of arithmetic say."""

import asyncio
from collections import deque
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.leg import FakeLeg
from tests.virtual_time import VirtualTimeLoop
from tests.xml.scene import Scene

URL = "https://e.com/keys"
REFUSAL = "https://e.com/no.wav"
STEP_S = 0.0731
"""No multiple of it is a whole number of seconds here, so nothing is at once."""

Keys = list[tuple[float, str]]


@dataclass(frozen=True)
class Asked:
    """A GetDigits; lengths and timeouts are whole seconds."""

    finish: str
    most: int
    timeout: int
    gap: int
    rounds: int
    valid: str
    prompt: int
    refusal: int

    @property
    def xml(self) -> str:
        return (
            f'<GetDigits action="{URL}" redirect="false" timeout="{self.timeout}" '
            f'digitTimeout="{self.gap}" finishOnKey="{self.finish or "none"}" '
            f'numDigits="{self.most}" retries="{self.rounds}" '
            f'validDigits="{self.valid}" invalidDigitsSound="{REFUSAL}">'
            "<Speak>menu</Speak></GetDigits>"
        )


def model(asked: Asked, pressed: Keys) -> tuple[str, float]:
    """The digits, empty for none, and when the element was over."""
    keys, now = deque(pressed), 0.0
    at_once = False
    for _ in range(asked.rounds):
        if not at_once:
            until = now + asked.prompt + asked.timeout
            if not keys or keys[0][0] > until:
                now = until
                continue
        at_once = False
        digits = ""
        while True:
            when, key = keys.popleft()
            now = max(now, when)
            if key == asked.finish:
                break
            if key not in asked.valid:
                digits, over = "", now + asked.refusal
                at_once = bool(keys) and keys[0][0] < over
                now = max(now, keys[0][0]) if at_once else over
                break
            digits += key
            until = now + asked.gap
            if len(digits) == asked.most:
                break
            if not keys or keys[0][0] > until:
                now = until
                break
        if digits:
            return digits, now
    return "", now


async def run(asked: Asked, pressed: Keys) -> tuple[str, float]:
    lengths = {"menu": float(asked.prompt), "no.wav": float(asked.refusal)}
    leg = FakeLeg(answered=True, presses=pressed, lengths=lengths)
    scene = Scene(leg)

    await scene.obey(asked.xml)

    told = [it.params["Digits"] for it in scene.documents.told]
    return "".join(told), asyncio.get_running_loop().time()


ASKED = st.builds(
    Asked,
    finish=st.sampled_from(["#", "*", "0", ""]),
    most=st.integers(1, 4),
    timeout=st.integers(1, 4),
    gap=st.integers(1, 3),
    rounds=st.integers(1, 3),
    valid=st.sampled_from(["1234567890*#", "123", "0"]),
    prompt=st.integers(1, 4),
    refusal=st.integers(1, 3),
)
PRESSED = st.dictionaries(
    st.integers(1, 300), st.sampled_from("0123#*"), max_size=12
).map(lambda keys: [(at * STEP_S, keys[at]) for at in sorted(keys)])


@pytest.mark.statement(106, 107, 108, 109, 112)
@settings(max_examples=400, deadline=None)
@given(asked=ASKED, pressed=PRESSED)
def test_any_keys_at_any_times(asked: Asked, pressed: Keys) -> None:
    loop = VirtualTimeLoop()
    try:
        digits, over = loop.run_until_complete(run(asked, pressed))
    finally:
        loop.close()

    expected_digits, expected_end = model(asked, pressed)
    assert digits == expected_digits
    assert over == pytest.approx(expected_end)
