"""What a caller and the record get when the application fails to answer well."""

import pytest

from tests.calls_e2e.conftest import World
from tests.servers.customer import Reply

pytestmark = [pytest.mark.edge, pytest.mark.sip]

HTML = Reply("<html><body>It works!</body></html>", content_type="text/html")


@pytest.mark.statement(2, 5, 6, 7, 25)
@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply("no", status=404), "7011"),
        (Reply("no", status=500), "7011"),
        (HTML, "8011"),
        (Reply(""), "8011"),
        (Reply("<Response><Play>x</Response>"), "8011"),
        (Reply("<Answer/>"), "8011"),
        (Reply('{"a": 1}', content_type="application/json"), "8011"),
    ],
    ids=["404", "500", "html", "empty", "not-well-formed", "wrong-root", "json"],
)
async def test_a_bad_answer_ends_the_call_with_its_code(
    world: World, reply: Reply, code: str
) -> None:
    carrier = await world.carrier()
    answer_url = world.customer.serves("/answer", reply)
    hangup_url = f"{world.customer.url}/hangup"
    await world.application(answer_url=answer_url, hangup_url=hangup_url)

    call = await world.dialled(carrier)
    ended = await call.until_ended()

    over = await world.customer.event("Hangup")
    assert ended.sip_status >= 400
    assert over.fields["HangupCauseCode"] == code
    assert over.fields["HangupSource"] == "Error"
    assert over.fields["CallStatus"] == "failed"


@pytest.mark.statement(26, 27, 28)
async def test_a_slow_answer_url_is_given_up_for_the_fallback(world: World) -> None:
    carrier = await world.carrier()
    slow = world.customer.serves("/slow", Reply(delay_s=5)) + "#rt=300&rc=0"
    fallback = world.customer.document("/fallback", '<Hangup reason="busy"/>')
    await world.application(
        answer_url=slow,
        fallback_answer_url=fallback,
        hangup_url=f"{world.customer.url}/hangup",
    )

    call = await world.dialled(carrier)

    assert (await call.until_ended()).sip_status == 486
    asked = world.customer.requests("/fallback")[0]
    assert asked.method == "POST"
    assert asked.fields == world.customer.requests("/slow")[0].fields


@pytest.mark.statement(263, 265)
async def test_redirect_goes_on_with_another_document(world: World) -> None:
    carrier = await world.carrier()
    second = world.customer.document("/second", '<Hangup reason="rejected"/>')
    answer_url = world.customer.document(
        "/answer", f"<Redirect>{second}</Redirect><Speak>never</Speak>"
    )
    await world.application(answer_url=answer_url)

    call = await world.dialled(carrier)

    assert (await call.until_ended()).sip_status == 603
    assert world.customer.requests("/second")[0].fields["Event"] == "Redirect"
