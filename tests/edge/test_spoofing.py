"""Headers that the edge and the workers use among themselves, written by strangers."""

from typing import Final

import pytest

from tests.edge.conftest import call_in
from tests.edge.party import Party
from tests.edge.sip import Message
from tests.servers.edge import EdgeServer
from voiceplat.telephony.sip_message import parse_invite

pytestmark = pytest.mark.edge

NAMES: Final = ("Kind", "Who", "Account", "Source", "To", "Target", "Cause", "Route")
DISGUISES: Final = {
    "plain": "X-VP-{}: forged",
    "lower case": "x-vp-{}: forged",
    "blank before the colon": "X-VP-{} : forged",
    "blank before the name": " X-VP-{}: forged",
    "vertical tab before the name": "\x0bX-VP-{}: forged",
    "separator before the name": "\x1cX-VP-{}: forged",
    "next line before the name": "\x85X-VP-{}: forged",
    "wide blank before the name": "\xa0X-VP-{}: forged",
    "line separator before the name": "\u2028X-VP-{}: forged",
    "form feed after the name": "X-VP-{}\x0c: forged",
    "after a bare carriage return": "X-PH-A: a\rX-VP-{}: forged",
    "after a bare line feed": "X-PH-A: a\nX-VP-{}: forged",
    "after a vertical tab": "X-PH-A: a\x0bX-VP-{}: forged",
    "after a NUL": "X-PH-A: a\0X-VP-{}: forged",
    "folded": "X-PH-A: a\r\n X-VP-{}: forged",
    "after two carriage returns": "X-PH-A: a\r\r\nX-VP-{}: forged",
    "escaped": "X%2DVP%2D{}: forged",
}


def disguised(message: Message, disguise: str) -> bytes:
    """The message with our private headers as its first ones."""
    first, _, rest = message.text().partition("\r\n")
    lines = [disguise.format(name) for name in NAMES]
    return "\r\n".join([first, *lines, rest]).encode()


@pytest.mark.parametrize("disguise", DISGUISES.values(), ids=DISGUISES)
async def test_no_disguise_of_a_private_header_reaches_a_worker(
    edge: EdgeServer, carrier: Party, worker: Party, disguise: str
) -> None:
    carrier.send_bytes(disguised(call_in(carrier, edge).made(), disguise))
    call_in(carrier, edge).send()

    await worker.expect("INVITE")
    await worker.silence("nothing else")
    for text in worker.heard:
        assert "\rX-VP" not in text.replace("\r\n", "")
        believed = parse_invite(text).headers.items()
        forged = [name for name, it in believed if it == "forged"]
        assert not [name for name in forged if name.startswith("x-vp-")]
