"""Session descriptions in disguise: the audio goes through the relay, or nowhere.

A worker that got one as its sender wrote it would send audio wherever that says.
"""

from typing import Final

import pytest

from tests.edge.conftest import call_in, call_out
from tests.edge.dialog import Caller, Dialog
from tests.edge.party import Party
from tests.edge.sip import media_address, sdp
from tests.servers.edge import PRIVATE_HOST, EdgeServer

pytestmark = pytest.mark.edge

TARGET: Final = "127.0.0.77"
SESSION: Final = sdp(TARGET, 40000)


def parts(*bodies: tuple[str, str]) -> str:
    written = [f"--b\r\nContent-Type: {kind}\r\n\r\n{it}\r\n" for kind, it in bodies]
    return "".join([*written, "--b--\r\n"])


ALONE: Final = parts(("application/sdp", SESSION))
SECOND: Final = parts(("text/plain", "hello"), ("application/sdp", SESSION))
TWICE: Final = parts(("application/sdp", SESSION), ("application/sdp", SESSION))
READ: Final = {
    "alone": ("multipart/mixed;boundary=b", ALONE),
    "quoted": ('multipart/mixed;boundary="b"', ALONE),
    "second": ("multipart/mixed;boundary=b", SECOND),
    "twice": ("multipart/mixed;boundary=b", TWICE),
    "in other case": ("Multipart/Mixed;boundary=b", ALONE),
    "type in other case": ("APPLICATION/SDP", SESSION),
    "with a parameter": ("application/sdp;charset=utf-8", SESSION),
}
REFUSED: Final = {
    "related": ("multipart/related;boundary=b", ALONE),
    "alternative": ("multipart/alternative;boundary=b", ALONE),
    "two types": ("application/sdp, text/plain", SESSION),
    "no session": ("multipart/mixed;boundary=b", parts(("text/plain", "hello"))),
    "no boundary": ("multipart/mixed", ALONE),
    "a text": ("text/plain", SESSION),
}


def calling(edge: EdgeServer, carrier: Party, kind: str, body: str) -> Caller:
    caller = call_in(carrier, edge, Content_Type=kind)
    caller.body = body
    return caller.send()


@pytest.mark.parametrize(("kind", "body"), READ.values(), ids=READ)
async def test_an_offer_is_found_and_goes_through_the_relay(
    edge: EdgeServer, carrier: Party, worker: Party, kind: str, body: str
) -> None:
    calling(edge, carrier, kind, body)

    invite = await worker.expect("INVITE")
    assert media_address(invite.body)[0] == PRIVATE_HOST
    assert invite.get("Content-Type").lower().startswith("application/sdp")
    assert TARGET not in invite.text()


@pytest.mark.parametrize(("kind", "body"), REFUSED.values(), ids=REFUSED)
async def test_what_the_relay_does_not_read_no_worker_does(
    edge: EdgeServer, carrier: Party, worker: Party, kind: str, body: str
) -> None:
    refusal = await calling(edge, carrier, kind, body).refused(415)

    assert refusal.get("Accept") == "application/sdp"
    await worker.silence("INVITE")


@pytest.mark.parametrize(
    ("kind", "body"), (READ | REFUSED).values(), ids=READ | REFUSED
)
async def test_an_answer_goes_through_the_relay_or_is_none(
    edge: EdgeServer, carrier: Party, worker: Party, kind: str, body: str
) -> None:
    call_out(worker, edge, "1555", "3").send()
    invite = await carrier.expect("INVITE")

    carrier.reply(
        invite, 200, tag="c", body=body, Contact=carrier.contact, Content_Type=kind
    )

    answer = await worker.expect(200)
    assert TARGET not in answer.text()
    if (kind, body) in READ.values():
        assert media_address(answer.body)[0] == PRIVATE_HOST


@pytest.mark.parametrize(
    ("kind", "body"), (READ | REFUSED).values(), ids=READ | REFUSED
)
async def test_an_answer_in_a_prack_does_too(
    edge: EdgeServer, carrier: Party, worker: Party, kind: str, body: str
) -> None:
    """The offer came in a reliable response (RFC 3262)."""
    caller = call_in(carrier, edge, Supported="100rel")
    caller.body = ""
    caller.send()
    invite = await worker.expect("INVITE")
    worker.reply(
        invite,
        183,
        tag="w",
        body=sdp(worker.host, 42000),
        Contact=worker.contact,
        Require="100rel",
        RSeq="1",
    )
    early = Dialog.of_caller(caller, await carrier.expect(183))

    early.request("PRACK", body, RAck="1 1 INVITE", Content_Type=kind)

    prack = await worker.expect("PRACK")
    assert TARGET not in prack.text()
