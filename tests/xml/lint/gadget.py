"""An element that the server does not have, to see what lint makes of it."""

from typing import Annotated

import pytest
from pydantic import BeforeValidator
from typing_extensions import override

from voiceplat.calls.outcome import Outcome, Proceed
from voiceplat.calls.session import CallSession
from voiceplat.xml.element import NO_EFFECT_YET, Element
from voiceplat.xml.registry import ELEMENTS
from voiceplat.xml.values import Flag, whole_number


class Gadget(Element):
    """An element that lint was never told of."""

    text: Annotated[str, BeforeValidator(lambda value: str(value).strip("!"))] = ""
    length: Annotated[
        int, BeforeValidator(lambda value: min(whole_number(str(value)) or 5, 60))
    ] = 5
    colour: str = "red"
    loud: Flag = False
    method: str = "POST"
    callback_url: str = ""
    callback_method: str = "POST"
    later: Annotated[str, NO_EFFECT_YET] = ""

    @override
    async def execute(self, call: CallSession) -> Outcome:
        return Proceed()


def put_in(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(ELEMENTS, "Gadget", Gadget)
    patch.setattr("voiceplat.xml.document.KNOWN", frozenset({"Gadget", "Response"}))
    patch.setattr("voiceplat.xml.document.ROOT_HOLDS", frozenset({"Gadget"}))
