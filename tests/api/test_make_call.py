"""POST Call/: what it takes, what it answers, and what reaches the queue (2.1)."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.conftest import Client, Server
from tests.api.worker import working
from voiceplat.calls.call import Call, Hook
from voiceplat.calls.status import CallStatus, Direction
from voiceplat.core.ids import CallUuid

pytestmark = pytest.mark.redis

ORDER = {
    "from": "+14155550100",
    "to": "+14155550199",
    "answer_url": "https://app.example/answer",
}


async def queued(server: Server, uuid: str) -> Call:
    live = await server.bus.live.get(CallUuid(uuid))
    assert live is not None
    return live.call


async def placed(server: Server, api: Client, **more: object) -> Call:
    answer = await api.post("Call/", json=ORDER | more)
    assert answer.status_code == 201, answer.text
    return await queued(server, answer.json()["request_uuid"])


async def error_of(api: Client, **changed: object) -> str:
    answer = await api.post("Call/", json=ORDER | changed)
    assert answer.status_code == 400, answer.text
    error: str = answer.json()["error"]
    return error


async def test_a_call_is_fired_when_it_may_start_at_once(
    server: Server, api: Client
) -> None:
    async with working(server.bus) as worker:
        answer = await api.post("Call/", json=ORDER)
        begun = await worker.begun()

    assert answer.status_code == 201
    assert answer.json() == {
        "api_id": answer.json()["api_id"],
        "message": "call fired",
        "request_uuid": begun.uuid,
    }


@pytest.mark.checklist(9)
async def test_a_call_over_the_pace_is_queued(server: Server, api: Client) -> None:
    async with working(server.bus):
        first = await api.post("Call/", json=ORDER)
        second = await api.post("Call/", json=ORDER)

    assert first.json()["message"] == "call fired"
    assert second.status_code == 201
    assert second.json()["message"] == "call queued"


async def test_what_is_not_given_has_its_default(server: Server, api: Client) -> None:
    call = await placed(server, api)

    assert call == Call(
        uuid=call.uuid,
        account=server.main.auth_id,
        main_account=server.main.auth_id,
        direction=Direction.OUTBOUND,
        from_="14155550100",
        to="14155550199",
        initiated_at=call.initiated_at,
        answer=Hook(url="https://app.example/answer", method="POST"),
        time_limit=timedelta(hours=4),
        ring_timeout=timedelta(seconds=120),
    )


async def test_everything_that_is_given_reaches_the_worker(
    server: Server, api: Client
) -> None:
    call = await placed(
        server,
        api,
        answer_url="http://localhost:8000/a#ct=500&rp=4xx",
        answer_method="get",
        ring_url="https://app.example/ring",
        ring_method="GET",
        hangup_url="https://app.example/hangup",
        hangup_method="GET",
        fallback_url="https://app.example/fallback",
        fallback_method="GET",
        caller_name="Käthe",
        send_digits="1wW2#@250",
        send_on_preanswer=True,
        time_limit=60,
        hangup_on_ring=7,
        ring_timeout=30,
        sip_headers="a=1,Test=2%20",
    )

    assert call.answer == Hook(
        url="http://localhost:8000/a#ct=500&rp=4xx", method="GET"
    )
    assert call.ring == Hook(url="https://app.example/ring", method="GET")
    assert call.hangup == Hook(url="https://app.example/hangup", method="GET")
    assert call.fallback == Hook(url="https://app.example/fallback", method="GET")
    assert call.caller_name == "Käthe"
    assert call.send_digits == "1wW2#@250"
    assert call.send_on_preanswer
    assert call.time_limit == timedelta(seconds=60)
    assert call.hangup_on_ring == timedelta(seconds=7)
    assert call.ring_timeout == timedelta(seconds=30)
    assert call.sip_headers == {"a": "1", "Test": "2%20"}


async def test_a_subaccounts_call_is_its_own_and_paced_with_its_main_account(
    server: Server,
) -> None:
    async with server.client(server.sub) as sub:
        call = await placed(server, sub)

    assert call.account == server.sub.auth_id
    assert call.main_account == server.main.auth_id
    assert await server.bus.queue.depth(server.main.auth_id) == 1


async def test_a_day_is_the_longest_time_limit(server: Server, api: Client) -> None:
    call = await placed(server, api, time_limit=1_000_000)

    assert call.time_limit == timedelta(days=1)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("14155550199", "14155550199"),
        ("+14155550199", "14155550199"),
        (14155550199, "14155550199"),
        ("sip:alice123@phone.plivo.com", "sip:alice123@phone.plivo.com"),
        ("SIP:bob@voiceplat.local", "sip:bob@voiceplat.local"),
        ("sip:b.o-b@192.0.2.1:5080;transport=tcp",) * 2,
    ],
)
async def test_numbers_and_sip_uris_can_be_called_and_call(
    server: Server, api: Client, given: object, kept: str
) -> None:
    call = await placed(server, api, **{"to": given, "from": given})

    assert (call.to, call.from_) == (kept, kept)


@pytest.mark.parametrize(
    "bad",
    [
        "1",
        "0123456789",
        "+0123456789",
        "1" * 16,
        "+1 415 555 0199",
        "alice",
        "sip:",
        "sip:alice",
        "sip:@host",
        "sips:alice@host",
        "sip:alice@host?Subject=x",
        "sip:alice@ho st",
        "sip:a@b>\r\nX-VP-Route: 1",
        "tel:+14155550199",
    ],
)
async def test_what_cannot_be_called_is_refused(api: Client, bad: str) -> None:
    assert "to parameter is invalid" in await error_of(api, to=bad)
    assert "from parameter is invalid" in await error_of(api, **{"from": bad})


@pytest.mark.parametrize("name", ["from", "to", "answer_url"])
@pytest.mark.parametrize("nothing", [None, [], "", "absent"])
async def test_a_required_parameter_is_missing(
    api: Client, name: str, nothing: object
) -> None:
    order: dict[str, Any] = ORDER | {name: nothing}
    if nothing == "absent":
        del order[name]

    answer = await api.post("Call/", json=order)

    assert answer.status_code == 400
    assert answer.json()["error"] == f"{name} parameter is missing"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("answer_url", "app.example/answer"),
        ("answer_url", "ftp://app.example/answer"),
        ("answer_url", "http://"),
        ("answer_url", "http://app.example:0/"),
        ("answer_url", "http://app.example:99999/"),
        ("answer_url", "http://[::1/"),
        ("answer_url", "http://app.example/a b"),
        ("answer_url", "http://app.example/" + "a" * 2048),
        ("answer_method", "PUT"),
        ("ring_url", "nonsense"),
        ("ring_method", "HEAD"),
        ("hangup_url", "nonsense"),
        ("hangup_method", "DELETE"),
        ("fallback_url", "nonsense"),
        ("fallback_method", "x"),
        ("caller_name", "x" * 51),
        ("caller_name", "Eve\r\nX-VP-Route: 1"),
        ("send_digits", "12E"),
        ("send_digits", "1@x"),
        ("send_on_preanswer", "perhaps"),
        ("time_limit", 0),
        ("time_limit", -1),
        ("time_limit", "soon"),
        ("time_limit", 10**30),
        ("hangup_on_ring", -1),
        ("machine_detection", "maybe"),
        ("machine_detection_time", 1999),
        ("machine_detection_time", 10001),
        ("machine_detection_url", "nonsense"),
        ("machine_detection_method", "x"),
        ("machine_detection_maximum_speech_length", 999),
        ("machine_detection_initial_silence", 10001),
        ("machine_detection_maximum_words", 1),
        ("machine_detection_initial_greeting", 5001),
        ("sip_headers", "novalue"),
        ("sip_headers", "a-b=1"),
        ("sip_headers", "a=1;b"),
        ("ring_timeout", -1),
        ("parent_call_uuid", "x"),
        ("error_if_parent_not_found", "x"),
        ("callback_url", "nonsense"),
        ("callback_method", "PUT"),
    ],
)
async def test_a_parameter_out_of_its_range_is_refused_by_name(
    server: Server, api: Client, name: str, value: object
) -> None:
    assert f"{name} parameter is invalid" in await error_of(api, **{name: value})
    assert await server.bus.queue.depth(server.main.auth_id) == 0


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("caller_name", "x" * 51, "must have at most 50 characters"),
        ("machine_detection", "maybe", "should be 'true', 'hangup' or 'false'"),
    ],
)
async def test_a_refusal_says_what_may_be_given(
    api: Client, name: str, value: object, why: str
) -> None:
    assert await error_of(api, **{name: value}) == f"{name} parameter is invalid: {why}"


@pytest.mark.parametrize("value", [True, False, "True", "HANGUP", "hangup"])
async def test_machine_detection_is_asked_for_in_any_case(
    api: Client, value: object
) -> None:
    answer = await api.post("Call/", json=ORDER | {"machine_detection": value})

    assert answer.status_code == 201


@pytest.mark.parametrize(
    "name", ["PH-x", "Plivo", "PlivoX", "FS-a", "SipAuthUser", "ZT-a", "TwilioX"]
)
async def test_reserved_header_names_are_left_out(
    server: Server, api: Client, name: str
) -> None:
    call = await placed(server, api, sip_headers=f"a=1,{name}=2")

    assert call.sip_headers == {"a": "1"}


@pytest.mark.checklist(6)
async def test_several_destinations_are_several_calls(
    server: Server, api: Client
) -> None:
    answer = await api.post("Call/", json=ORDER | {"to": "14155550101<+14155550102"})

    assert answer.status_code == 201
    assert answer.json()["message"] == "calls fired"
    uuids = answer.json()["request_uuid"]
    calls = [await queued(server, uuid) for uuid in uuids]
    assert [call.to for call in calls] == ["14155550101", "14155550102"]
    assert "invalid_numbers" not in answer.json()


async def test_bad_destinations_of_a_bulk_are_named_and_the_rest_is_called(
    server: Server, api: Client
) -> None:
    answer = await api.post("Call/", json=ORDER | {"to": "14155550101<x<0<y"})

    assert len(answer.json()["request_uuid"]) == 1
    assert answer.json()["invalid_numbers"] == ["x", "0", "y"]


async def test_a_bulk_of_bad_destinations_alone_is_refused(api: Client) -> None:
    assert "to parameter is invalid" in await error_of(api, to="x<y")
    assert "to parameter is invalid" in await error_of(api, to="<")


async def test_a_list_of_destinations_is_as_good_as_a_joined_text(
    server: Server, api: Client
) -> None:
    several = await api.post("Call/", json=ORDER | {"to": ["14155550101", 14155550102]})
    one = await api.post("Call/", json=ORDER | {"to": ["14155550101"]})

    assert len(several.json()["request_uuid"]) == 2
    assert isinstance(one.json()["request_uuid"], str)


async def test_a_destination_that_is_named_twice_is_called_once(api: Client) -> None:
    to = "14155550101<+14155550101<14155550102"

    answer = await api.post("Call/", json=ORDER | {"to": to})

    assert len(answer.json()["request_uuid"]) == 2


async def test_a_thousand_destinations_are_taken_and_one_more_is_not(
    server: Server, api: Client
) -> None:
    numbers = [f"1415{n:07}" for n in range(1001)]

    refused = await error_of(api, to="<".join(numbers))
    taken = await api.post("Call/", json=ORDER | {"to": "<".join(numbers[:1000])})

    assert "more than 1000" in refused
    assert len(set(taken.json()["request_uuid"])) == 1000
    assert await server.bus.queue.depth(server.main.auth_id) == 1000


async def test_a_live_parent_is_kept(server: Server, api: Client) -> None:
    async with working(server.bus) as worker:
        parent = await worker.take_inbound(server.main.auth_id, server.main.auth_id)

        call = await placed(server, api, parent_call_uuid=parent)

    assert call.parent_uuid == parent


async def test_a_parent_that_is_not_live_is_an_error_only_when_asked_for(
    server: Server, api: Client
) -> None:
    gone = "00000000-0000-4000-8000-000000000000"

    call = await placed(server, api, parent_call_uuid=gone)
    refused = await api.post(
        "Call/",
        json=ORDER | {"parent_call_uuid": gone, "error_if_parent_not_found": True},
    )

    assert call.parent_uuid is None
    assert refused.status_code == 404


async def test_a_bulk_has_no_parent(api: Client) -> None:
    gone = "00000000-0000-4000-8000-000000000000"

    error = await error_of(api, to="14155550101<14155550102", parent_call_uuid=gone)

    assert "single destination" in error


@pytest.mark.checklist(6)
async def test_the_request_uuid_is_the_call_uuid(server: Server, api: Client) -> None:
    answer = await api.post("Call/", json=ORDER)
    uuid = answer.json()["request_uuid"]

    live = await server.bus.live.get(CallUuid(uuid))

    assert live is not None
    assert live.status is CallStatus.QUEUED
    assert live.call.uuid == uuid
