"""What customers write into headers, as it leaves on the wire."""

import re
from typing import Final
from xml.sax.saxutils import quoteattr

import pytest

from tests.calls_e2e.conftest import CARRIER, World
from tests.edge.dialog import answer
from tests.edge.party import Party, udp_party
from tests.edge.sip import Message, sdp

pytestmark = [pytest.mark.edge, pytest.mark.sip]

TEXTS: Final = {
    "line end": "Bob\r\nX-Evil: 1",
    "line feed": "Bob\nX-Evil: 1",
    "carriage return": "Bob\rX-Evil: 1",
    "quote": 'Bob" <sip:evil@e.example>;tag=1, "',
    "backslash": "Bob\\",
    "unicode": "Böb\u2028X-Evil: 1\u202e日本",
    "address": "<sip:evil@e.example>",
    "escaped": "Bob%0d%0aX-Evil: 1",
}
ENTITIES: Final = {"\r": "&#13;", "\n": "&#10;"}
"""As XML says them without making a blank of them."""
_ESCAPED: Final = re.compile(r"\\.")
_CONTROL: Final = re.compile(r"[\r\n]")
"""Refused by the API; XML is where they could come from."""


def assert_whole(invite: Message, carrier: Party) -> None:
    """Every header is ours, on one line, and From is one address."""
    text = next(it for it in carrier.heard if invite.get("Call-ID") in it)
    head, _, _ = text.partition("\r\n\r\n")
    assert "x-evil" not in invite.names()
    assert not {"\r", "\n", "\0"} & set(head.replace("\r\n", ""))
    assert len(invite.all("From")) == 1
    uri = _ESCAPED.sub("", invite.get("From")).rpartition('"')[2]
    assert re.fullmatch(r" ?<sip:[^<>\s\"]*@voiceplat\.local>;tag=\S+", uri)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
async def test_no_text_of_a_customer_becomes_a_header(world: World, text: str) -> None:
    attribute = quoteattr(text, ENTITIES)
    headers = quoteattr(f"a={text},b\r\nX-Evil=1,c:d=2", ENTITIES)
    document = (
        f"<Dial callerName={attribute} callerId={attribute} sipHeaders={headers}>"
        f"<Number>15550112</Number><User sipHeaders={headers}>"
        f"sip:x&#13;&#10;X-Evil: 1@{CARRIER}:{world.site.port}</User></Dial>"
    )
    host, _, port = world.platform.sip.rpartition(":")
    async with udp_party(CARRIER, (host, int(port)), world.site.port) as carrier:
        await world.until_in_service(CARRIER)
        await world.place("15550111", document, caller_name=_CONTROL.sub(" ", text))
        first = await carrier.expect("INVITE", within_s=20)
        leg = answer(carrier, first, sdp(CARRIER, 40000))
        await carrier.expect("ACK", within_s=20)
        second = await carrier.expect("INVITE", within_s=20)
        carrier.reply(second, 486, tag="busy")
        await leg.wait_for_bye(within_s=20)

        for invite in (first, second):
            assert_whole(invite, carrier)
