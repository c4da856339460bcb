"""URLs of a customer that lead inside: nobody there is asked."""

from collections.abc import Iterator

import pytest

from tests.calls_e2e.conftest import Site, World, set_up

pytestmark = [pytest.mark.edge, pytest.mark.sip]


@pytest.fixture
def site() -> Iterator[Site]:
    """A platform as its operator has it by default: private addresses are barred."""
    with set_up({"SECURITY__ALLOW_PRIVATE_URLS": "false"}) as made:
        yield made


async def test_no_url_of_an_order_is_asked_inside(world: World) -> None:
    """Not by the worker (answer, fallback) and not by the ledger (ring, hangup)."""
    carrier = await world.carrier_in_service()
    uuid = await world.place(
        "15550111",
        "<Speak>Hello</Speak>",
        fallback_url=world.customer.document("/fallback", "<Speak>Hello</Speak>"),
    )
    call = await carrier.next_call()
    await call.answer()
    await call.until_ended()

    assert (await world.cdr(uuid)).hangup_cause_code == 7011
    assert world.customer.asked == []
