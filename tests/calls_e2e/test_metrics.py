"""What calls change in the figures that Prometheus is told."""

from collections.abc import Iterator

import pytest

from tests.calls_e2e.conftest import (
    CARRIER,
    NUMBER,
    TONE,
    Site,
    World,
    set_up,
    uri,
)
from tests.edge.dialog import Caller
from tests.edge.party import udp_party
from tests.edge.rtp import PACKETS, rtp_end
from tests.edge.sip import media_address, sdp
from tests.metrics.promql import expressions, names
from tests.servers.customer import Reply
from tests.servers.scrape import Scrape, readiness, scrape, until

pytestmark = [pytest.mark.edge, pytest.mark.sip]

ENDED = "voiceplat_calls_ended_total"
LOST = frozenset({5, 6, 7, 15})
UNDER_WAY = (
    "voiceplat_live_calls",
    "voiceplat_events_waiting",
    "voiceplat_callbacks_pending",
)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """Of its own: what other tests leave to be told would be counted, too."""
    with set_up({}) as made:
        yield made


async def test_an_answered_call_is_counted_from_queue_to_end(world: World) -> None:
    urls, phone = world.platform.metrics, await world.phone()
    sound = world.customer.serves("/sound.wav", TONE)
    before = await until(urls, lambda seen: not any(map(seen.value, UNDER_WAY)))
    uuid = await world.place(uri(phone), f'<Play>{sound}</Play><Wait length="1"/>')
    call = await phone.next_call()
    await call.answer()
    live = await until(
        urls,
        lambda seen: (
            seen.value("voiceplat_live_calls", status="in-progress") == 1
            and seen.value("voiceplat_relay_calls") >= 1
        ),
    )
    await call.until_ended()
    await world.customer.event("Hangup", call_uuid=uuid)

    def more(seen: Scrape, name: str, **labels: str) -> float:
        return seen.value(name, **labels) - before.value(name, **labels)

    verdict = "voiceplat_callbacks_settled_total"
    after = await until(
        urls,
        lambda seen: (
            more(seen, ENDED) == 1 and more(seen, verdict, verdict="delivered") >= 1
        ),
    )
    free = before.value("voiceplat_slots_free")
    assert live.value("voiceplat_slots_free") == free - 1
    assert live.value("voiceplat_endpoints_registered") >= 1
    labels = {"direction": "outbound", "answered": "yes", "cause": "4010"}
    assert more(after, ENDED, **labels) == 1
    assert more(after, "voiceplat_calls_started_total", direction="outbound") == 1
    assert more(after, "voiceplat_queue_wait_seconds_count") == 1
    assert more(after, "voiceplat_call_setup_seconds_count") == 1
    assert more(after, "voiceplat_webhook_seconds_count", purpose="answer") == 1
    assert more(after, "voiceplat_webhook_seconds_count", purpose="hangup") == 1
    assert more(after, "voiceplat_webhook_failures_total") == 0
    assert more(after, "voiceplat_prompt_seconds_count", source="play") >= 1
    assert more(after, "voiceplat_relay_packets_total") > 0
    assert more(after, "voiceplat_sip_requests_total", method="BYE") >= 1
    counted = "voiceplat_api_requests_total"
    assert more(after, counted, route="/Call/", method="POST", status="201") == 1
    assert not [labels for _, labels in after.samples if uuid in str(labels)]


async def test_a_busy_call_is_counted_as_such(world: World) -> None:
    urls, phone = world.platform.metrics, await world.phone()
    labels = {"direction": "outbound", "answered": "no", "cause_name": "Busy Line"}
    before = (await scrape(urls)).value(ENDED, **labels)
    uuid = await world.place(uri(phone))

    await (await phone.next_call()).refuse(486)

    await world.customer.event("Hangup", call_uuid=uuid)
    await until(urls, lambda seen: seen.value(ENDED, **labels) == before + 1)


async def test_a_webhook_that_fails_is_counted_by_what_was_wrong(world: World) -> None:
    urls, phone = world.platform.metrics, await world.phone()
    labels = {"purpose": "answer", "trouble": "5xx"}
    name = "voiceplat_webhook_failures_total"
    before = (await scrape(urls)).value(name, **labels)
    broken = world.customer.serves("/broken", Reply("", status=503))
    uuid = await world.place(uri(phone), answer_url=broken)

    await (await phone.next_call()).answer()

    await world.customer.event("Hangup", call_uuid=uuid)
    after = await until(urls, lambda seen: seen.value(name, **labels) > before)
    assert after.value(ENDED, cause="7011") >= 1


async def test_lost_packets_of_a_call_are_counted(world: World) -> None:
    urls = world.platform.metrics
    before = await scrape(urls)
    sound = world.customer.serves("/sound.wav", TONE)
    document = f'<Play>{sound}</Play><Wait length="60"/>'
    await world.application(answer_url=world.customer.document("/answer", document))
    host, _, port = world.platform.sip.rpartition(":")
    async with (
        udp_party(CARRIER, (host, int(port)), world.site.port) as party,
        rtp_end(party.host) as voice,
    ):
        caller = Caller(
            party, f"sip:+{NUMBER}@{world.platform.sip}", f"sip:+15550199@{party.host}"
        )
        caller.body = sdp(party.host, voice.port)
        caller.send()
        dialog = await caller.answered(within_s=20)
        await voice.talk(media_address(dialog.answer), lost=LOST)
        dialog.request("BYE")
        await party.expect(200)

        def lost(seen: Scrape) -> float:
            name = "voiceplat_rtp_packets_lost_total"
            return seen.value(name) - before.value(name)

        after = await until(urls, lambda seen: lost(seen) > 0)
    await world.customer.event("Hangup")

    received = "voiceplat_rtp_packets_received_total"
    assert lost(after) == len(LOST)
    assert after.value(received) - before.value(received) == PACKETS - len(LOST)
    over = "voiceplat_call_packet_loss_ratio_bucket"
    small = after.value(over, le="0.1") - before.value(over, le="0.1")
    large = after.value(over, le="0.2") - before.value(over, le="0.2")
    assert (small, large) == (0, 1)


async def test_a_trunk_is_shown_as_up_when_it_answers(world: World) -> None:
    await world.carrier_in_service()

    await until(
        {"edge": world.platform.metrics["edge"]},
        lambda seen: seen.value("voiceplat_trunk_up", trunk="carrier") == 1,
    )


async def test_what_dashboard_and_alerts_ask_for_is_told(world: World) -> None:
    asked = {name for expression in expressions() for name in names(expression)}

    told = (await scrape(world.platform.metrics)).families

    assert {name.removesuffix("_total") for name in asked} <= told


async def test_every_process_says_that_it_is_ready(world: World) -> None:
    told = {name: await readiness(url) for name, url in world.platform.metrics.items()}

    assert told == dict.fromkeys(told, (200, ""))
    assert set(told) == {"api", "media", "ledger", "speech", "archive", "edge"}
